"""Text in place of JSON, and refusals of a format."""

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
