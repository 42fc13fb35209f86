"""Numbers that no double holds, and names that occur twice: where they are found, and where not."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from oaicheck.rules.judging import Breach
from oaicheck.rules.verdict import Outcome
from oaicheck.wire.exchange import Exchange, Segment
from support.answers import PLAIN, answer_to, finding, judged, outcome, streaming

NUMBERS, NAMES = "http.json.numbers", "http.json.names-unique"
STREAM = "chat/stream/text"


def with_member(text: str) -> Exchange:
    """A completion with one more member, as JSON text."""
    exchange = answer_to(PLAIN)
    body = f"{{{text}, {exchange.text.removeprefix('{')}"
    return replace(exchange, segments=(Segment(0.1, body.encode()),))


@pytest.mark.parametrize(
    ("number", "wanted"),
    [
        ("0", Outcome.PASS),
        ("1.7976931348623157e308", Outcome.PASS),
        ("-1.7976931348623157E+308", Outcome.PASS),
        ("9" * 308, Outcome.PASS),
        ("0." + "9" * 5_000, Outcome.PASS),
        ("1e-400", Outcome.PASS),
        ("1e309", Outcome.WARN),
        ("-1e309", Outcome.WARN),
        ("1" + "0" * 290 + "e99", Outcome.WARN),
        ("9" * 309, Outcome.WARN),
        ("-" + "9" * 10_000, Outcome.WARN),
    ],
)
def test_the_largest_double_is_the_limit(number: str, wanted: Outcome) -> None:
    for member in (f'"a": {number}', f'"a": {{"b": [null, {number}]}}'):
        assert outcome(NUMBERS, with_member(member)) is wanted
    assert outcome(NUMBERS, with_member(f'"a": {json.dumps(number)}')) is Outcome.PASS


def test_the_number_is_shown_with_its_place() -> None:
    found = finding(NUMBERS, with_member('"a": {"b": [null, 1e400]}'))
    assert found.observed == "a.b[1] is 1e400"
    long = finding(NUMBERS, with_member(f'"a": {"9" * 10_000}'))
    assert long.observed == f"a is {'9' * 40}… (10000 characters)"


@pytest.mark.parametrize(
    ("member", "wanted"),
    [
        ('"a": 1, "b": 1', Outcome.PASS),
        ('"a": [{"b": 1}, {"b": 1}]', Outcome.PASS),
        ('"a": {"a": {"a": 1}}', Outcome.PASS),
        ('"a": "{\\"b\\": 1, \\"b\\": 1}"', Outcome.PASS),
        ('"a": 1, "a": 1', Outcome.WARN),
        ('"a": 1, "\\u0061": 2', Outcome.WARN),
        ('"a": [{"b": 1, "c": 2, "b": 1}]', Outcome.WARN),
        (f'"a": {"9" * 5_000}, "a": 1', Outcome.WARN),
    ],
)
def test_a_name_occurs_once_in_an_object(member: str, wanted: Outcome) -> None:
    assert outcome(NAMES, with_member(member)) is wanted


def test_the_event_of_a_stream_is_named() -> None:
    streamed = streaming(STREAM, {"choices": []}, {"choices": [], "mark": 0})
    for mark, rule, told in (
        (b"1e400", NUMBERS, "mark is 1e400"),
        (b'1, "mark": 2', NAMES, 'an object with two members named "mark"'),
    ):
        changed = streamed.body.replace(b'"mark": 0', b'"mark": ' + mark)
        spoiled = replace(streamed, segments=(Segment(0.1, changed),))
        raised = judged(rule, answer_to(PLAIN), [spoiled]).raised
        assert isinstance(raised, Breach)
        assert raised.finding.observed == told
        assert raised.finding.evidence[0].event == 2


def test_what_is_no_json_has_no_numbers_and_no_names() -> None:
    for text in ("[" * 100_000, '"a": 1e400, "a": 1', "1e400 and more"):
        exchange = replace(answer_to(PLAIN), segments=(Segment(0.1, text.encode()),))
        assert outcome(NUMBERS, exchange) is Outcome.PASS
        assert outcome(NAMES, exchange) is Outcome.PASS
