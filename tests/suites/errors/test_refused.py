"""Requests that are refused, served, or crash the server."""

import pytest

from oaicheck.rules.verdict import Outcome
from support.answers import answer, answer_to, answering, outcome
from support.inprocess import record, verdicts


@pytest.mark.parametrize(
    ("rule", "scenario"),
    [
        ("errors.refused.status-400", "refused/bad-json"),
        ("errors.refused.names-the-parameter", "refused/no-messages"),
        ("responses.errors.no-input-status", "responses/refused/no-input"),
        ("chat.messages.image-named", "chat/either/image"),
    ],
)
def test_a_crash_is_held_against_an_endpoint_once(rule: str, scenario: str) -> None:
    crash = answering(answer_to(scenario), 500, '{"detail": "Oops"}', "application/json")
    assert outcome(rule, crash) is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    "rule", ["errors.refused.status-400", "errors.refused.names-the-parameter"]
)
def test_what_was_not_refused_is_not_judged_as_a_refusal(rule: str) -> None:
    served = answer_to("refused/no-messages", "params-missing-messages-accepted")
    assert outcome(rule, served) is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("status", "expected"),
    [(500, Outcome.NOT_APPLICABLE), (404, Outcome.NOT_APPLICABLE), (200, Outcome.NOT_APPLICABLE)],
)
def test_a_page_that_failed_hides_no_error_in_a_success(status: int, expected: Outcome) -> None:
    page = answering(answer_to("unknown/path"), status, "<h1>No</h1>", "text/html")
    assert outcome("errors.refused.not-in-a-success", page) is expected


def test_where_any_name_is_served_its_case_tells_nothing() -> None:
    asked = ("unknown/model-case", "unknown/model", "models/list")
    for fault, names, expected in (
        ("params-unknown-model-accepted", asked, Outcome.INCONCLUSIVE),
        ("params-unknown-model-accepted", (asked[0], asked[2]), Outcome.WARN),
        ("params-model-case-ignored", asked, Outcome.WARN),
    ):
        (found,) = verdicts(record([fault], names), only="errors.unknown.model-case")
        assert found.outcome is expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("errors.method.client-error", Outcome.PASS),
        ("errors.method.status", Outcome.PASS),
        ("errors.method.allow", Outcome.NOT_APPLICABLE),
    ],
)
def test_a_server_may_know_a_method_nowhere(rule: str, expected: Outcome) -> None:
    assert outcome(rule, answer_to("method/put-chat", "method-501")) is expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"detail": "No."}, Outcome.FAIL),
        ({"object": "error", "message": "No.", "code": 40001}, Outcome.FAIL),
        ({"code": 400, "msg": "No."}, Outcome.FAIL),
        ({"error": "No."}, Outcome.FAIL),
        ({"detail": None}, Outcome.PASS),
        ({"choices": [], "detail": "a note"}, Outcome.PASS),
    ],
)
def test_a_success_holds_no_refusal_of_any_form(body: dict[str, object], expected: Outcome) -> None:
    found = answer("chat/whole/text", 200, body)
    assert outcome("chat.completion.no-error", found) is expected
    refused = answer("chat/either/defaults", 200, body)
    assert outcome("errors.refused.not-in-a-success", refused) is expected


def test_a_refusal_under_200_is_told_once() -> None:
    refused = answer("chat/whole/text", 200, {"detail": "No."})
    assert outcome("chat.completion.id", refused) is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("status", "code", "kind", "expected"),
    [
        (404, "404", None, Outcome.PASS),
        (400, "model_not_found", "invalid_request_error", Outcome.PASS),
        (400, 400, "NotFoundError", Outcome.PASS),
        (400, "400", "invalid_request_error", Outcome.WARN),
        (400, 400, "BadRequestError", Outcome.WARN),
        (400, None, "None", Outcome.WARN),
    ],
)
def test_an_unknown_model_can_be_told(
    status: int, code: object, kind: str | None, expected: Outcome
) -> None:
    error = {"message": "No such model.", "type": kind, "code": code}
    refused = answer("unknown/model", status, {"error": error})
    assert outcome("errors.unknown.model-told", refused) is expected
