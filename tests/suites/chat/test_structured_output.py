"""Text in place of JSON, schemas that are followed or refused in one form only, and refusals."""

import json

import pytest

from oaicheck.rules.verdict import Outcome
from support.answers import answer_to, answering, finding, outcome, saying, streaming


def test_text_in_place_of_json_is_shown_where_it_begins() -> None:
    said = streaming("chat/stream/json-schema", *saying("Here ", "you ", "are."))
    assert finding("chat.format.json", said).evidence[0].event == 2


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Grammar error: Invalid type: no-such-type", Outcome.PASS),
        ("Grammar error: cannot resolve #/$defs/nowhere", Outcome.PASS),
        ("Grammar error", Outcome.WARN),
    ],
)
def test_a_refusal_that_quotes_the_bad_value_names_it(message: str, expected: Outcome) -> None:
    body = json.dumps({"error": {"message": message}})
    refused = answering(answer_to("chat/either/broken-schema"), 400, body, "application/json")
    assert outcome("chat.format.refusal-named", refused) is expected


def test_a_nested_schema_is_not_judged_where_a_plain_one_is_not_followed() -> None:
    plain = answer_to("chat/whole/json-schema", "format-json-schema-as-json-object")
    nested = answer_to("chat/format/whole/nested", "format-array-of-objects-flattened")
    assert outcome("chat.format.nested", nested, [plain]) is Outcome.NOT_APPLICABLE
    plain = answer_to("chat/whole/json-schema")
    assert outcome("chat.format.nested", nested, [plain]) is Outcome.FAIL


def test_a_refused_form_of_a_schema_that_is_served_is_no_lack_of_a_capability() -> None:
    nested = answer_to("chat/format/whole/nested", "format-nested-rejected")
    plain = answer_to("chat/whole/json-schema")
    assert outcome("chat.format.nested-accepted", nested, [plain]) is Outcome.FAIL
    refused = answering(plain, 400, '{"error": {"message": "json_schema"}}', "application/json")
    assert outcome("chat.format.nested-accepted", nested, [refused]) is Outcome.NOT_APPLICABLE
