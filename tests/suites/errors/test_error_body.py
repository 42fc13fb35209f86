"""Members of an error body that is not a JSON object."""

import pytest

from oaicheck.rules.verdict import Outcome
from support.answers import answer_to, answering, judged


@pytest.mark.parametrize(
    ("rule", "scenario"),
    [
        ("errors.body.error-object", "unknown/path"),
        ("errors.body.message", "unknown/path"),
        ("errors.body.message-is-plain", "unknown/path"),
        ("errors.body.type", "unknown/path"),
        ("errors.body.type-kind", "unknown/path"),
        ("errors.body.code", "unknown/path"),
        ("errors.body.code-kind", "unknown/path"),
        ("errors.body.code-fits-the-status", "unknown/path"),
        ("errors.body.param", "refused/no-messages"),
        ("errors.unknown.model-code", "unknown/model"),
        ("responses.errors.names-input", "responses/refused/no-input"),
        ("responses.errors.names-previous", "responses/refused/unknown-previous"),
    ],
)
@pytest.mark.parametrize("text", ["Not Found", "", '["Not Found"]'])
def test_what_is_no_object_is_not_searched_for_members(rule: str, scenario: str, text: str) -> None:
    refused = answer_to(scenario)
    found = judged(rule, answering(refused, refused.status or 0, text, "text/plain"))
    assert found.outcome is Outcome.INCONCLUSIVE
    assert "errors.body.is-json" in str(found.raised)
