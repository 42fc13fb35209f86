from __future__ import annotations

import dataclasses
import json
import re
from html.parser import HTMLParser

import pytest

from oaicheck.report.html.fragment import fragment
from oaicheck.rules.verdict import Outcome, RunVerdict
from oaicheck.wire.recording import Recording

ELEMENTS = re.compile(
    "main|meta|style|a|header|p|h[1-5]|d[ltd]|div|code|strong|time|section|[ou]l|li|span|bdi|pre|"
    "table|thead|tbody|t[rhd]|form|fieldset|legend|label|input|select|option|output|button|"
    "details|summary|script|template"
)
ATTRIBUTES = re.compile(
    "id|lang|class|name|content|href|role|type|value|checked|scope|style|tabindex|datetime|rel|"
    "aria-(hidden|label|labelledby|live)|"
    "data-(title|section|outcomes|level|broken|exchange|marks)"
)


class Page(HTMLParser):
    """What a browser would find in the fragment."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements, self.attributes, self.links, self.ids = set(), set(), [], []
        self.text, self.raw, self._open = "", {}, []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.add(tag)
        self.attributes.update(name for name, _ in attrs)
        found = dict(attrs)
        self.links += [found["href"]] if "href" in found else []
        self.ids += [found["id"]] if "id" in found else []
        self._open.append((tag, found.get("id", "")))
        if tag in ("input", "meta"):
            self._open.pop()

    def handle_endtag(self, tag):
        opened, _ = self._open.pop()
        assert opened == tag

    def handle_data(self, data):
        tag, id_ = self._open[-1] if self._open else ("", "")
        if tag in ("script", "style"):
            self.raw.setdefault(f"{tag}#{id_}", []).append(data)
        else:
            self.text += data

    @property
    def exchanges(self):
        return json.loads("".join(self.raw["script#oaicheck-data"]))


def test_hostile_text_stays_text(hostile_run):
    text = fragment(hostile_run)
    page = Page(text)
    assert not [name for name in page.elements if not ELEMENTS.fullmatch(name)]
    assert not [name for name in page.attributes if not ATTRIBUTES.fullmatch(name)]
    assert all(link.startswith(("#", "https://")) for link in page.links)
    assert len(page.ids) == len(set(page.ids))
    assert text.count("<script") == text.count("</script") == 3
    assert text.count("<style") == text.count("</style") == 1
    assert "<script>window.pwned=1</script>" in page.text


def test_the_data_cannot_end_its_element(hostile_run):
    page = Page(fragment(hostile_run))
    data = "".join(page.raw["script#oaicheck-data"])
    assert not set(data) & set("<>&\u2028\u2029")
    assert "</script><script>" in page.exchanges["stream/text#1"]["requestBody"]


def test_what_hides_is_made_visible(hostile_run):
    text = fragment(hostile_run)
    for hidden in "\x00\x1b\x07\u202e\u2066\u2028\ud800":
        assert hidden not in text
    text.encode("utf-8")
    assert "\\u202e" in Page(text).text


def test_the_first_screen_says_who_was_judged_and_how_it_went(run):
    text = Page(fragment(run)).text
    start = text[: text.index("Requirements")]
    parts = ("Non-conformant", "Fix these first", "What is broken", "Sections")
    assert [start.index(part) for part in parts] == sorted(start.index(part) for part in parts)
    assert (
        "2 MUST requirements broken, 1 SHOULD requirement broken, of 8 requirements judged."
    ) in start
    assert "Checks: 4 fail · 1 warn · 1 error · 1 inconclusive · 5 passed" in start
    for fact in ("http://127.0.0.1:8080/v1", "smollm2-135m-instruct", "openai", "7.3 s", "114"):
        assert fact in start
    assert "25 Feb 2026, 06:13 UTC" in start
    assert "on 3 scenarios: stream/text, stream/long, stream/tools" in start


def test_the_first_screen_says_what_could_not_be_judged(run):
    text = Page(fragment(run)).text
    start = text[: text.index("Sections")]
    assert "error MUST no answer: the connection was reset" in start
    assert "1 check: errors.authentication.wrong-key" in start


def test_every_requirement_can_be_linked_to(run):
    page = Page(fragment(run))
    assert {judged.requirement.id for judged in run.judged} <= set(page.ids)
    assert "#chat.framing.done-once-and-last" in page.links
    inner = [link[1:].replace("%23", "#") for link in page.links if link.startswith("#")]
    assert set(inner) <= set(page.ids)


def test_a_requirement_is_told_with_its_source_its_remedy_and_its_request(run):
    page = Page(fragment(run))
    assert "https://www.rfc-editor.org/rfc/rfc9110#section-15.5" in page.links
    assert "Send data: [DONE] as the last event" in page.text
    assert "the stream ends with event 61, which is not [DONE]" in page.text
    assert """-H 'Authorization: Bearer '"$OAICHECK_API_KEY" --data""" in page.text


def test_each_exchange_is_stored_once(run):
    text = fragment(run)
    assert set(Page(text).exchanges) == set(run.exchanges)
    assert text.count("word 31") == 1


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (RunVerdict.CONFORMANT, "Nothing that was judged is broken."),
        (RunVerdict.INCOMPLETE, "2 MUST requirements could not be judged. Nothing broken"),
    ],
)
def test_a_run_without_a_breach_says_so(run, verdict, words):
    whole = tuple(r for r in run.results if r.outcome not in (Outcome.FAIL, Outcome.WARN))
    page = Page(fragment(dataclasses.replace(run, results=whole, verdict=verdict)))
    assert words in page.text


def test_a_run_that_judged_nothing_has_a_page(run):
    empty = dataclasses.replace(
        run, results=(), verdict=None, recording=Recording({}), problem="connection refused"
    )
    page = Page(fragment(empty))
    assert "Nothing judged" in page.text
    assert "connection refused" in page.text
    assert "Nothing was judged." in page.text


def test_a_thousand_results_stay_small(build):
    run = build(many=1000)
    assert len(fragment(run).encode()) < 1_500_000
    worst = run.results[0]
    broken = tuple(
        dataclasses.replace(worst, requirement=r.requirement, scenario=r.scenario)
        for r in run.results
    )
    curl = {result.scenario: "curl " + "x" * 600 for result in broken}
    page = fragment(dataclasses.replace(run, results=broken, curl=curl))
    assert len(page.encode()) < 3_000_000
