"""Arguments that are no object, and those of calls that share an index."""

import pytest

from oaicheck.rules.verdict import Outcome
from support.answers import answer_to, changed, finding, judged, outcome

WHOLE, STREAMED = "chat/whole/tool-call", "chat/stream/tool-call"


@pytest.mark.parametrize(
    "rule",
    [
        f"chat.tools.streamed-arguments{part}"
        for part in ("", "-empty", "-once", "-early", "-schema")
    ],
)
def test_arguments_that_cannot_be_told_apart_are_not_said_to_be_missing(rule: str) -> None:
    sharing = answer_to("chat/tools/stream/auto", "tools-stream-index-always-zero")
    found = judged(rule, sharing)
    assert found.outcome is Outcome.INCONCLUSIVE
    assert str(found.raised) == "calls share an index, so their arguments cannot be separated"


@pytest.mark.parametrize(
    ("scenario", "rule"), [(WHOLE, "chat.tools."), (STREAMED, "chat.tools.streamed-")]
)
def test_arguments_that_are_no_object_were_not_encoded_twice(scenario: str, rule: str) -> None:
    loose = answer_to(scenario, "tools-args-not-an-object")
    assert outcome(f"{rule}arguments-once", loose) is Outcome.NOT_APPLICABLE
    assert outcome(f"{rule}arguments-schema", loose) is Outcome.WARN
    assert finding(f"{rule}arguments-schema", loose).observed == (
        "-5, which is no object: the endpoint does not hold the model to the parameters"
    )


def test_an_object_in_a_string_was_encoded_twice_and_misses_no_schema() -> None:
    twice = answer_to(WHOLE, "tools-args-double-encoded")
    assert outcome("chat.tools.arguments-once", twice) is Outcome.FAIL
    assert outcome("chat.tools.arguments-schema", twice) is Outcome.NOT_APPLICABLE


def test_a_strict_function_gets_what_it_asks_for() -> None:
    scenario, rule = "chat/whole/tools/strict", "chat.tools.strict"
    assert outcome(rule, answer_to(scenario)) is Outcome.PASS
    assert outcome(rule, answer_to(scenario, "tools-args-not-an-object")) is Outcome.FAIL
    assert outcome(rule, answer_to(scenario, "tools-args-loose")) is Outcome.PASS
    refused = answer_to(scenario, "tools-strict-rejected")
    assert outcome(rule, refused) is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ('{"postcode": "02134", "pieces": 3, "note": null}', Outcome.PASS),
        ('{"postcode": "2134", "pieces": 4.5}', Outcome.PASS),
        ('{"postcode": 2134}', Outcome.WARN),
        ('{"label": true}', Outcome.WARN),
        ('{"label": null}', Outcome.WARN),
        ('{"pieces": "3"}', Outcome.WARN),
        ('{"insured": "true"}', Outcome.WARN),
        ("[]", Outcome.INCONCLUSIVE),
    ],
)
def test_values_have_the_types_of_the_schema(arguments: str, expected: Outcome) -> None:
    """Another value of the right type is judged by the schema, not here."""
    function = {"name": "send_parcel", "arguments": arguments}
    message = {"role": "assistant", "tool_calls": [{"id": "1", "function": function}]}
    called = changed(answer_to("chat/tools/whole/strict"), choices=[{"message": message}])
    assert outcome("chat.tools.typed-values", called) is expected
