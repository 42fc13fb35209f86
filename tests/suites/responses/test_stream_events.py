"""Events that two documents describe in two ways: both are right."""

from __future__ import annotations

import json
from typing import Any

import pytest

from oaicheck.rules.verdict import Outcome
from oaicheck.wire.exchange import Exchange
from support.answers import answer_to, answering, changed, outcome

TEXT = "responses/stream/text"
PROBLEM = {"type": "server_error", "code": None, "message": "It broke.", "param": None}


def ending_in(event: dict[str, Any]) -> Exchange:
    """A stream that ends in an error event instead of a terminal one."""
    began = answer_to(TEXT)
    data = json.dumps({"type": "error", "sequence_number": 2, **event})
    first = began.text.split("\n\n")[:2]
    text = "\n\n".join([*first, f"event: error\ndata: {data}", ""])
    return answering(began, 200, text, "text/event-stream")


@pytest.mark.parametrize(
    "event",
    [
        {"error": PROBLEM},
        {"error": {"message": "It broke."}},
        {"message": "It broke.", "code": None, "param": None},
        {"message": "It broke.", "error": PROBLEM},
    ],
)
def test_an_error_event_is_nested_or_flat(event: dict[str, Any]) -> None:
    assert outcome("responses.events.schema", ending_in(event)) is Outcome.PASS
    assert outcome("responses.stream.known-type", ending_in(event)) is Outcome.PASS
    assert outcome("responses.stream.no-error", ending_in(event)) is Outcome.FAIL


@pytest.mark.parametrize("event", [{}, {"error": "It broke."}, {"error": {}}])
def test_an_error_event_without_a_message_is_neither(event: dict[str, Any]) -> None:
    assert outcome("responses.events.schema", ending_in(event)) is Outcome.WARN


@pytest.mark.parametrize(
    ("status", "expected"),
    [("acme:paused", Outcome.PASS), ("succeeded", Outcome.FAIL), ({}, Outcome.FAIL)],
)
def test_a_vendor_may_have_a_status_of_its_own(status: object, expected: Outcome) -> None:
    whole = changed(answer_to("responses/whole/messages"), status=status)
    assert outcome("responses.object.status", whole) is expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("acme:card", Outcome.PASS), ("text", Outcome.FAIL), ([], Outcome.FAIL)],
)
def test_a_vendor_may_have_parts_of_its_own(kind: object, expected: Outcome) -> None:
    whole = answer_to("responses/whole/messages")
    (message,) = json.loads(whole.body)["output"]
    message["content"].append({"type": kind})
    assert outcome("responses.items.part-type", changed(whole, output=[message])) is expected
