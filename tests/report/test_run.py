from __future__ import annotations

import dataclasses

from oaicheck.report.html import fragment
from oaicheck.report.json_report import to_json
from oaicheck.report.run import section_of
from oaicheck.report.terminal import summary_lines
from oaicheck.report.tokens import total_tokens
from oaicheck.verdict import Outcome


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
    assert run.tokens == 72 + 42


def test_an_answer_without_usage_has_no_tokens(run):
    assert total_tokens(run.exchanges["auth/wrong#1.2"]) is None
    assert total_tokens(run.exchanges["models/list#1"]) is None


def test_a_recording_that_is_judged_again_keeps_its_times(run):
    again = dataclasses.replace(run, judged_again=run.started + 86_400)
    *_, (counts, _), _ = summary_lines(again)
    assert counts.endswith("from 4 requests (114 tokens, 7.3 s, judged again)")
    page = fragment(again)
    assert "25 Feb 2026, 06:13 UTC" in page
    assert "judged again on " in page
    assert "26 Feb 2026, 06:13 UTC" in page
    assert to_json(again)["judged_again"] == "2026-02-26T06:13:20.250+00:00"
    assert "judged again" not in fragment(run)
