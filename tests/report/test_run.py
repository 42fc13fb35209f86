from __future__ import annotations

import dataclasses
from xml.etree import ElementTree

import pytest

from oaicheck.report.html.fragment import fragment
from oaicheck.report.machine.badge import badge
from oaicheck.report.machine.json_report import to_json
from oaicheck.report.machine.junit import junit_xml
from oaicheck.report.machine.sarif import sarif
from oaicheck.report.run import binding, section_of
from oaicheck.report.text.markdown import summary
from oaicheck.report.text.terminal import summary_lines
from oaicheck.report.tokens import Tokens, tokens_of, total_tokens
from oaicheck.report.wording import (
    dearest_words,
    gate_words,
    silence_words,
    tokens_words,
    verdict_words,
)
from oaicheck.rules.requirement import Level
from oaicheck.rules.verdict import Outcome, RunVerdict
from oaicheck.verdicts.gate import exit_code
from oaicheck.wire.exchange import Ending, Request
from oaicheck.wire.recording import Recording
from support.views import of


def test_counts_name_every_outcome(run):
    assert run.counts == {
        Outcome.PASS: 5,
        Outcome.FAIL: 4,
        Outcome.WARN: 1,
        Outcome.NOT_APPLICABLE: 1,
        Outcome.INCONCLUSIVE: 1,
        Outcome.ERROR: 1,
    }
    assert (run.broken_musts, run.broken_shoulds) == (2, 1)


def test_the_section_is_the_folder_and_the_file():
    assert section_of("chat.framing.done-once-and-last") == "chat.framing"
    assert section_of("models.list") == "models"


def test_harm_is_musts_first_then_the_number_of_scenarios(run):
    assert [judged.requirement.id for judged in run.harm] == [
        "chat.framing.done-once-and-last",
        "chat.finish-reason.null-until-end",
        "chat.chunk.created",
    ]


def test_a_requirement_is_as_bad_as_its_worst_result(run):
    outcomes = {judged.requirement.id: judged.outcome for judged in run.judged}
    assert outcomes["chat.framing.done-once-and-last"] is Outcome.FAIL
    assert outcomes["chat.usage.arithmetic"] is Outcome.INCONCLUSIVE


def test_requests_and_tokens_are_counted(run):
    assert run.requests == 4
    assert run.tokens == Tokens(12 + 12, 60 + 30)
    assert run.tokens.total == 72 + 42
    assert list(run.tokens_by_scenario)[:2] == ["stream/text", "chat/text"]


def test_an_answer_without_usage_has_no_tokens(run):
    assert total_tokens(run.exchanges["auth/wrong#1.2"]) is None
    assert total_tokens(run.exchanges["models/list#1"]) is None
    assert tokens_of(run.exchanges["auth/wrong#1.2"]) == Tokens()
    assert tokens_of(run.exchanges["models/list#1"]) == Tokens()


def test_a_stream_counts_its_tokens_whatever_it_is_declared_as(run):
    stream = run.exchanges["stream/text#1"]
    page = dataclasses.replace(stream, headers=(("Content-Type", "text/html"),))
    assert total_tokens(page) == total_tokens(stream) is not None


ASKED = {"messages": [{"role": "user", "content": "a b c"}]}
ANSWERED = {"choices": [{"message": {"content": "a b c d"}}]}
STORED = Request("GET", "http://endpoint.test/v1/responses/1", (), b"")
USED = {"usage": {"input_tokens": 3, "output_tokens": 4}}


@pytest.mark.parametrize(
    ("exchange", "tokens"),
    [
        (of(USED, asked=ASKED), Tokens(3, 4)),
        (of({"usage": {"total_tokens": 7}, **ANSWERED}, asked=ASKED), Tokens(8, 4, 1)),
        (
            of({"usage": {"prompt_tokens": 3, "completion_tokens": "4"}}, asked=ASKED),
            Tokens(8, 0, 1),
        ),
        (
            of({"usage": {"prompt_tokens": 10**12, "completion_tokens": 4}}, asked=ASKED),
            Tokens(8, 0, 1),
        ),
        (
            of({"usage": {"prompt_tokens": 3, "completion_tokens": 10**400}}, asked=ASKED),
            Tokens(8, 0, 1),
        ),
        (of(ANSWERED, asked=ASKED), Tokens(8, 4, 1)),
        (of({"error": {"message": "no"}}, 400, asked=ASKED), Tokens(refused=8)),
        (of({"error": {"message": "no"}}, asked=ASKED), Tokens(refused=8)),
        (of(USED, request=STORED), Tokens()),
    ],
)
def test_what_a_response_does_not_count_is_estimated(exchange, tokens):
    assert tokens_of(exchange) == tokens


def test_costs_are_told_everywhere(run):
    made = [of(ANSWERED, asked=ASKED), of({}, 400, asked=ASKED, scenario="long")]
    costly = dataclasses.replace(run, recording=Recording({}, [*run.recording.exchanges, *made]))
    words = "32 input + 94 output (estimated for 1 response without usage); about 8 more in "
    assert tokens_words(costly) == words + "refused requests, usually not billed"
    assert dearest_words(costly) == "stream/text 72, chat/text 42, s 12"
    assert "32 input + 94 output (estimated" in fragment(costly)
    assert "Most for stream/text 72, chat/text 42, s 12." in summary(costly)
    assert to_json(costly)["tokens"] == 126
    assert to_json(costly)["costs"] == {
        "input_tokens": 32,
        "output_tokens": 94,
        "estimated_responses": 1,
        "refused_input_tokens": 8,
        "scenarios": {
            "stream/text": {"input_tokens": 12, "output_tokens": 60},
            "chat/text": {"input_tokens": 12, "output_tokens": 30},
            "s": {"input_tokens": 8, "output_tokens": 4},
        },
    }


def test_a_recording_that_is_judged_again_keeps_its_times(run):
    again = dataclasses.replace(run, judged_again=run.started + 86_400)
    counts = next(text for text, _ in summary_lines(again) if text.startswith("13 checks"))
    assert counts.endswith("from 4 requests (114 tokens, 7.3 s, judged again)")
    page = fragment(again)
    assert "25 Feb 2026, 06:13 UTC" in page
    assert "judged again on " in page
    assert "26 Feb 2026, 06:13 UTC" in page
    assert to_json(again)["judged_again"] == "2026-02-26T06:13:20.250+00:00"
    assert "judged again" not in fragment(run)


def test_what_is_binding_and_undecided_comes_before_the_rest(run):
    open_ = next(result for result in run.results if result.outcome is Outcome.INCONCLUSIVE)
    minor = dataclasses.replace(open_, level=Level.SHOULD, message="the model was silent")
    both = dataclasses.replace(run, results=(minor, *run.results))
    assert [(outcome, binding(found)) for (outcome, _), found in both.undecided.items()] == [
        (Outcome.ERROR, True),
        (Outcome.INCONCLUSIVE, True),
        (Outcome.INCONCLUSIVE, False),
    ]
    assert "INCONCLUSIVE  SHOULD  1 check" in [line for line, _ in summary_lines(both)]


def test_one_reason_on_many_scenarios_is_told_once(run):
    """And what helps against load is said with it."""
    open_ = next(result for result in run.results if result.outcome is Outcome.INCONCLUSIVE)
    refused = dataclasses.replace(run.recording.exchanges[0], status=429)
    exchanges = [dataclasses.replace(refused, scenario=f"load/{n}", attempt=3) for n in range(7)]
    results = [
        dataclasses.replace(
            open_,
            scenario=each.scenario,
            exchanges=("other#1", each.id),
            message=f"{each.id}: rate limited or overloaded: HTTP 429",
        )
        for each in exchanges
    ]
    recording = Recording({}, [*exchanges, dataclasses.replace(refused, scenario="load/0")])
    loaded = dataclasses.replace(run, results=tuple(results), recording=recording)
    assert list(loaded.undecided) == [
        (Outcome.INCONCLUSIVE, "rate limited or overloaded: HTTP 429")
    ]
    told = " ".join(line.strip() for line, _ in summary_lines(loaded))
    assert "INCONCLUSIVE  MUST  7 checks" in told
    assert told.count("remedy    the endpoint answered 8 requests with HTTP 429, even after") == 1
    assert "--concurrency 1, or with --rpm N" in told

    served = dataclasses.replace(run, results=tuple(results), recording=Recording({}, []))
    assert not any("--rpm" in line for line, _ in summary_lines(served))


@pytest.mark.parametrize(
    ("message", "remedy"),
    [
        ("not sent: the endpoint had stopped answering", "check the server and its log"),
        (
            "still/1#1: no-first-byte: no response headers within 120 s",
            "check the server and its log; if it is only slow, give it more time: --concurrency 1 "
            "--first-byte-timeout 600 --gap-timeout 600",
        ),
        ("still/2#1: complete: nothing to judge", ""),
    ],
)
def test_what_helps_against_silence_is_told(run, message, remedy):
    open_ = next(result for result in run.results if result.outcome is Outcome.ERROR)
    silent = dataclasses.replace(
        run.recording.exchanges[0], scenario="still/1", ending=Ending.NO_FIRST_BYTE, attempt=1
    )
    others = dataclasses.replace(silent, scenario="still/2", ending=Ending.COMPLETE)
    result = dataclasses.replace(open_, message=message, exchanges=(silent.id, others.id))
    told = dataclasses.replace(run, results=(result,), recording=Recording({}, [silent, others]))
    assert silence_words(told, [result]) == remedy


def test_a_part_is_not_announced_as_the_whole(run):
    """Neither by the verdict, nor by the badge's colour."""
    clean = tuple(result for result in run.results if result.outcome is Outcome.PASS)
    whole = dataclasses.replace(run, results=clean, verdict=RunVerdict.CONFORMANT, exit_code=0)
    chosen = {**run.selection, "skip": ["chat.*"], "pytest": ["-k text"]}
    part = dataclasses.replace(whole, selection=chosen)
    lines = [line for line, _ in summary_lines(part)]
    assert "  selected  --skip chat.* -k text" in lines
    assert lines[-1].startswith("CONFORMANT (partial run)  nothing broken")
    assert "Partial run: </strong><code>--skip chat.* -k text" in fragment(part)
    assert "## oaicheck: CONFORMANT (partial run)" in summary(part)
    assert badge(part) | {"message": "", "color": ""} == badge(whole) | {"message": "", "color": ""}
    assert (badge(part)["message"], badge(part)["color"]) == (
        *("conformant, partial run (openai)", "yellowgreen"),
    )
    assert "artial run" not in fragment(whole)


def test_a_run_with_a_budget_says_how_far_its_verdict_goes(run):
    clean = tuple(result for result in run.results if result.outcome is Outcome.PASS)
    chosen = {"only": [], "skip": [], "budget": {"options": "--quick", "of": 1630}}
    quick = dataclasses.replace(
        run, results=clean, verdict=RunVerdict.CONFORMANT, exit_code=0, selection=chosen
    )
    lines = [line for line, _ in summary_lines(quick)]
    rest = "the same command without --quick judges the rest: it sends 1,630 requests"
    assert "  selected  --quick" in lines
    assert f"  rest      {rest}" in lines
    words = "CONFORMANT as far as 4 of 1,630 requests show"
    assert lines[-1].startswith(f"{words}  nothing broken")
    assert f"## oaicheck: {words}" in summary(quick)
    assert f"Partial run: `--quick`; {rest.replace('--', '--')}" in summary(quick)
    assert f"<code>--quick</code>; {rest}" in fragment(quick)
    assert words.capitalize() in fragment(quick)
    assert badge(quick)["message"] == "conformant, 4 of 1,630 requests (openai)"
    assert badge(quick)["color"] == "yellowgreen"
    assert to_json(quick)["selection"]["budget"] == {"options": "--quick", "of": 1630}

    broken = dataclasses.replace(quick, verdict=RunVerdict.NON_CONFORMANT)
    assert verdict_words(broken) == "NON-CONFORMANT (4 of 1,630 requests)"
    selected = {**chosen, "only": ["chat.*"]}
    assert verdict_words(dataclasses.replace(broken, selection=selected)) == (
        "NON-CONFORMANT (4 of 1,630 requests, partial run)"
    )
    assert verdict_words(dataclasses.replace(quick, selection=selected)) == (
        f"{words} (partial run)"
    )
    assert verdict_words(dataclasses.replace(quick, verdict=None)) == "NOTHING JUDGED"


@pytest.mark.parametrize(
    ("outcomes", "gate", "words"),
    [
        ([Outcome.PASS], "must", "(must) passed"),
        ([Outcome.WARN], "must", "(must) passed"),
        (
            [Outcome.WARN],
            "should",
            "(should) failed: 1 check gave a warning; exit code 1",
        ),
        (
            [Outcome.FAIL, Outcome.FAIL],
            "must",
            "(must) failed: 2 checks failed; exit code 1",
        ),
        (
            [Outcome.ERROR, Outcome.PASS],
            "must",
            "(must) failed: 1 MUST check could not be judged; exit code 1",
        ),
    ],
)
def test_the_gate_says_what_missed_it(run, outcomes, gate, words):
    some = run.results[0]
    results = tuple(dataclasses.replace(some, outcome=outcome) for outcome in outcomes)
    code = exit_code(results, gate)
    judged = dataclasses.replace(run, results=results, gate=gate, exit_code=int(code))
    assert gate_words(judged) == words
    assert f"Gate {words}." in fragment(judged)


def test_a_run_that_stopped_early_is_no_clean_one_for_anybody(run):
    stopped = dataclasses.replace(
        run, results=(), verdict=None, problem="refused\n  check the host", exit_code=4
    )
    root = ElementTree.fromstring(junit_xml(stopped))
    assert (root.get("tests"), root.get("errors")) == ("1", "1")
    assert root.find("testsuite/testcase/error").get("message") == "refused"
    assert "refused\n  check the host" in fragment(stopped)
    (told,) = sarif(stopped)["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert told["message"]["text"] == "refused check the host"


def test_an_interrupted_run_says_how_far_its_verdict_goes(run):
    clean = tuple(result for result in run.results if result.outcome is Outcome.PASS)
    told = "interrupted: 40 of 152 scenarios are recorded; the rest: oaicheck run --resume r …"
    recorded = {"only": [], "skip": [], "recorded": {"scenarios": 40, "of": 152}}
    stopped = dataclasses.replace(
        run,
        results=clean,
        verdict=RunVerdict.CONFORMANT,
        exit_code=2,
        problem=told,
        selection=recorded,
    )
    words = "CONFORMANT as far as 40 of 152 scenarios show (interrupted)"
    lines = [line for line, _ in summary_lines(stopped, 72)]
    assert lines[-1].startswith(f"{words}  nothing broken")
    assert f"  stopped   {told}" in lines
    assert f"## oaicheck: {words}" in summary(stopped)
    assert words.capitalize() in fragment(stopped)
    assert gate_words(stopped) == "(must) open: the run was interrupted; exit code 2"
    assert badge(stopped)["message"] == "conformant, 40 of 152 scenarios (openai)"
    assert badge(stopped)["color"] == "yellowgreen"
    assert to_json(stopped)["selection"]["recorded"] == {"scenarios": 40, "of": 152}

    broken = dataclasses.replace(stopped, verdict=RunVerdict.NON_CONFORMANT)
    assert verdict_words(broken) == "NON-CONFORMANT (40 of 152 scenarios, interrupted)"
    nothing = dataclasses.replace(stopped, verdict=None)
    assert verdict_words(nothing) == "NOTHING JUDGED (interrupted)"
    # All was recorded, but not all was judged.
    judging = dataclasses.replace(stopped, selection={"only": [], "skip": []})
    assert verdict_words(judging) == "CONFORMANT (interrupted)"
    assert badge(judging)["message"] == "conformant, interrupted (openai)"
    assert badge(judging)["color"] == "yellowgreen"
    replayed = dataclasses.replace(stopped, exit_code=0, problem=None)
    assert verdict_words(replayed) == "CONFORMANT as far as 40 of 152 scenarios show"
    assert gate_words(replayed) == "(must) passed"
