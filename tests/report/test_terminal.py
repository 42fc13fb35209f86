from __future__ import annotations

import dataclasses
import unicodedata

import pytest

from oaicheck.report.text.terminal import summary_lines
from oaicheck.rules.verdict import RunVerdict
from oaicheck.verdicts.baseline import Compared, Entry


def text_of(run):
    return [text for text, _ in summary_lines(run)]


def test_a_broken_requirement_is_one_block(run):
    lines = text_of(run)
    block = lines[lines.index("") + 1 :]
    block = block[: block.index("")]
    assert block[0] == "FAIL  MUST  chat.framing.done-once-and-last"
    assert block[1] == "  A stream ends with `data: [DONE]`, once, and last."
    assert block[2] == "  expected  `data: [DONE]` as the last event"
    assert block[4].startswith("  where     stream/text#1, event 61, bytes ")
    assert "  count     3 checks, on stream/text, stream/long, stream/tools" in block
    assert block[-1].startswith("  repeat    curl -sN http")


def test_the_causes_to_fix_first_open_the_summary(run):
    lines = text_of(run)
    assert lines[: lines.index("")] == [
        "FIX THESE FIRST",
        "  1         MUST  chat.framing.done-once-and-last: 3 checks fail",
        "            Send `data: [DONE]` as the last event, and close the stream after it.",
        "  2         MUST  chat.finish-reason.null-until-end: 1 check fails",
        "            Send `data: [DONE]` as the last event, and close the stream after it.",
        "  3         SHOULD  chat.chunk.created: 1 check warns",
        "            Send `data: [DONE]` as the last event, and close the stream after it.",
    ]


def test_musts_come_before_shoulds(run):
    titles = [line for line in text_of(run) if line.startswith(("FAIL", "WARN"))]
    assert [title.split()[:2] for title in titles] == [
        ["FAIL", "MUST"],
        ["FAIL", "MUST"],
        ["WARN", "SHOULD"],
    ]


def test_what_could_not_be_judged_is_told_with_the_reason(run):
    lines = text_of(run)
    start = lines.index("ERROR  MUST  1 check")
    assert lines[start + 1] == "  reason    no answer: the connection was reset"
    assert lines[start + 2] == "  checks    errors.authentication.wrong-key [auth/wrong]"


def test_the_verdict_comes_last(run):
    *_, counts, tokens, dearest, gate, checks, verdict = text_of(run)
    assert gate == (
        "  gate      (must) failed: 4 checks failed, 2 MUST checks could not be judged; exit code 1"
    )
    assert checks == (
        "  checks    4 fail · 1 warn · 1 error · 1 inconclusive · 5 passed · 1 not applicable"
    )
    assert counts == "13 checks of 8 requirements from 4 requests (114 tokens, 7.3 s)"
    assert tokens == "  tokens    24 input + 90 output"
    assert dearest == "  most for  stream/text 72, chat/text 42"
    assert verdict == (
        "NON-CONFORMANT  2 MUST requirements broken, 1 SHOULD requirement broken · "
        "http://127.0.0.1:8080/v1 model=smollm2-135m-instruct profile=openai"
    )


def test_a_clean_run_on_the_embedded_endpoint_says_so(run):
    passed = tuple(result for result in run.results if result.outcome == "pass")
    clean = dataclasses.replace(
        run,
        results=passed,
        verdict=RunVerdict.CONFORMANT,
        target={**run.target, "embedded": True},
        exit_code=0,
    )
    lines = text_of(clean)
    assert len(lines) == 5
    assert lines[-2] == "  checks    5 passed"
    assert lines[-1].startswith("CONFORMANT  nothing broken · the embedded reference")


def test_nothing_that_a_terminal_obeys_gets_through(hostile_run, hostile):
    """Nor of a bidi control, in whatever a baseline holds of an earlier answer's text too."""
    known = {
        (r.requirement, r.scenario): Entry(r.requirement, r.scenario, hostile)
        for r in hostile_run.results[:2]
    }
    stale = (Entry("chat.completion.id", "chat/text", hostile),)
    compared = Compared(f"known{hostile}.json", known, stale)
    for run in (hostile_run, dataclasses.replace(hostile_run, baseline=compared)):
        lines = text_of(run)
        assert any("\\x1b[31m" in line for line in lines)
        assert any("\\u202e" in line for line in lines)
        for line in lines:
            hidden = ("Cc", "Cf", "Cs", "Zl", "Zp")
            assert not [c for c in line if unicodedata.category(c) in hidden]


@pytest.mark.parametrize("columns", [72, 100])
def test_lines_fit_the_columns(hostile_run, columns):
    lines = [line for line, _ in summary_lines(hostile_run, columns)]
    wide = [line for line in lines if len(line) > columns]
    assert all(line.startswith(("  repeat ", "  stopped ", "NON-CONFORMANT")) for line in wide)


def test_names_are_not_cut(run):
    undecided = [result for result in run.results if result.outcome == "error"]
    long = dataclasses.replace(undecided[0], scenario="a/very/long/name" * 9)
    lines = text_of(dataclasses.replace(run, results=(*run.results, long, long, long)))
    told = "".join(line.strip() for line in lines)
    assert told.count("a/very/long/name" * 9) == 3


def test_a_run_that_judged_nothing_does_not_sound_clean(run):
    empty = dataclasses.replace(run, results=(), verdict=None, problem="refused", exit_code=4)
    stopped, counts, *_, gate, verdict = text_of(empty)
    assert gate == "  gate      (must) failed; exit code 4"
    assert stopped == "  stopped   refused"
    assert counts.startswith("0 checks of 0 requirements")
    assert verdict.startswith("NOTHING JUDGED  http://")
