"""Histories with calls: which of several refusals is the cause."""

import pytest

from oaicheck.rules.judging import Breach
from oaicheck.rules.verdict import Outcome
from support.answers import answer_to, finding
from support.inprocess import record, verdicts

FOLDER = "chat/tools/history"
TWO, FOREIGN = "chat.tool-history.two-calls", "chat.tool-history.foreign-ids"


@pytest.mark.parametrize(
    ("fault", "two", "foreign"),
    [
        ("tools-parallel-results-refused", Outcome.FAIL, Outcome.NOT_APPLICABLE),
        ("tools-foreign-ids-refused", Outcome.PASS, Outcome.FAIL),
        ("tools-second-turn-rejected", Outcome.NOT_APPLICABLE, Outcome.NOT_APPLICABLE),
    ],
)
def test_two_calls_and_foreign_ids_are_told_apart(
    fault: str, two: Outcome, foreign: Outcome
) -> None:
    names = ("two-calls", "foreign-ids", "empty-content", "broken-arguments")
    sent = ["chat/whole/tool-call", *(f"{FOLDER}/{name}" for name in names)]
    found = {each.requirement.id: each.outcome for each in verdicts(record([fault], sent))}
    assert (found[TWO], found[FOREIGN]) == (two, foreign)


def test_a_refused_history_is_told_in_the_words_of_the_server() -> None:
    sent = ["chat/whole/tool-call", f"{FOLDER}/no-tools"]
    refused = record(["tools-extra-content-must-be-echoed"], sent)
    (found,) = verdicts(refused, only="chat.tool-history.no-tools")
    assert isinstance(found.raised, Breach)
    observed = "HTTP 400: Function call is missing a thought_signature."
    assert found.raised.finding.observed == observed


def test_a_page_instead_of_an_error_is_told_by_its_size() -> None:
    page = answer_to("chat/either/unknown-format", "errors-html-body", "errors-validation-500")
    observed = finding("chat.format.no-server-error", page).observed
    assert observed.startswith("HTTP 500, text/html")
