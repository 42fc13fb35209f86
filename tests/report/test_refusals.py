"""What an endpoint refuses is listed, with the share of the checks that it left unjudged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oaicheck.report.html.fragment import document
from oaicheck.report.refusals import refusals, refused_name, unjudged_words
from oaicheck.report.run import Run
from oaicheck.report.text.markdown import summary
from oaicheck.report.text.terminal import summary_lines
from oaicheck.rules.requirement import Level
from oaicheck.rules.verdict import Outcome, Result
from oaicheck.views.refusal import refusing, what_is_refused
from support.answers import answer_to, judged
from support.sample_run import build_run


def unjudged(run: Run, *reasons: str, exchange: str = "chat/text#1") -> Run:
    """The run with one check more for each of these reasons."""
    rule = next(iter(run.requirements))
    more = [
        Result(
            rule,
            Level.MUST,
            Outcome.NOT_APPLICABLE,
            f"refused/{number}",
            "",
            f"{exchange}: {reason}",
            None,
            (exchange,),
        )
        for number, reason in enumerate(reasons)
    ]
    return replace(run, results=(*run.results, *more))


@pytest.fixture
def refusing_run() -> Run:
    tools = refusing("tool calling", "tool_choice"), refusing("tool calling", "tools")
    return unjudged(build_run(), refusing("the Responses API"), *tools, "it is legal")


def test_refusals_are_counted_by_what_is_refused(refusing_run: Run) -> None:
    first, second = refusals(refusing_run)
    assert (first.what, first.parameters) == ("tool calling", ("tool_choice", "tools"))
    assert (refused_name(first), len(first.results)) == ("tool_choice, tools", 2)
    assert (refused_name(second), len(second.results)) == ("the Responses API", 1)
    assert unjudged_words(first, refusing_run.results) == "2 of 17 checks (12 %) not applicable"
    many = refusing_run.results * 20
    assert unjudged_words(second, many) == "1 of 340 checks (under 1 %) not applicable"


def test_every_summary_lists_them(refusing_run: Run) -> None:
    lines = [text for text, _ in summary_lines(refusing_run)]
    assert "  refused   tool_choice, tools → 2 of 17 checks (12 %) not applicable" in lines
    assert "            the Responses API → 1 of 17 checks (6 %) not applicable" in lines
    table = "| `tool_choice, tools` | tool calling | 2 of 17 checks (12 %) not applicable |"
    assert table in summary(refusing_run)
    assert "2 of 17 checks (12 %) not applicable" in document(refusing_run)
    assert "What is refused" not in document(build_run()) + summary(build_run())


@pytest.mark.parametrize("named", ["n", ""])
def test_a_title_may_have_brackets(named: str) -> None:
    title = "several choices (n above 1)"
    assert what_is_refused(refusing(title, named)) == (title, named)


def test_what_is_legal_was_not_refused() -> None:
    assert what_is_refused("the endpoint does not require a key") is None


def test_a_refusal_is_told_with_the_parameter_that_its_error_names() -> None:
    found = judged("chat.choices.finish", answer_to("chat/whole/choices", "refuses-n"))
    assert str(found.raised).endswith(
        "the endpoint refuses several choices (n above 1) (the error names n)"
    )
