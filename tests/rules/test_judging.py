"""What a finding says about the place where it was seen."""

import json

import pytest

from oaicheck.rules.judging import (
    Breach,
    NoAnswer,
    at_span,
    evidence_of,
    excerpt,
    header_line,
    require,
    status_line,
)
from oaicheck.rules.verdict import Evidence
from oaicheck.wire.exchange import Ending, Exchange, Located, Request, Segment
from oaicheck.wire.sse import Span

STREAM = b'data: {"a": 1}\n\n: hi\n\ndata: {"a": [2]}\n\nodd: 1\ndata: x\n\n'


def exchange(body: bytes = STREAM, status: int | None = 200, **members: object) -> Exchange:
    parts = {"headers": (("Content-Type", "a/b; c=d"),), "ending": Ending.COMPLETE, **members}
    return Exchange(
        "s",
        1,
        1,
        Request("POST", "", (), b""),
        status,
        "",
        segments=(Segment(0.0, body),),
        **parts,  # type: ignore[arg-type]
    )


def within(answer: Exchange, number: int, *steps: str | int) -> Located:
    event = answer.events[number - 1]
    place = Located(json.loads(event.data), (), answer, event)
    for step in steps:
        place = place[step]
    return place


def test_a_value_in_an_event_names_event_path_and_bytes() -> None:
    second = b'data: {"a": [2]}'
    start = STREAM.index(second)
    assert evidence_of(within(exchange(), 2, "a", 0)) == Evidence(
        "s#1", 2, "a[0]", (start, start + len(second)), second.decode()
    )


def test_a_value_in_a_body_names_its_path() -> None:
    root = exchange(b'{"a": 1}').json
    assert root is not None
    assert evidence_of(root["a"]) == Evidence("s#1", None, "a", None, '{"a": 1}')


def test_an_exchange_and_its_parts_are_places() -> None:
    answer = exchange()
    assert evidence_of(answer) == Evidence("s#1", excerpt=STREAM.decode())
    for part, number, text in (
        (answer.events[1], 2, 'data: {"a": [2]}'),
        (answer.comments[0], None, ": hi"),
        (answer.diagnostics[0], None, "odd: 1"),
    ):
        start = STREAM.index(text.encode())
        span = (start, start + len(text))
        assert evidence_of(at_span(answer, part)) == Evidence("s#1", number, None, span, text)


def test_what_holds_is_passed_over_and_what_does_not_is_a_breach() -> None:
    first, second = within(exchange(), 1, "a"), within(exchange(), 2, "a")
    require(True, first, expected="2")
    with pytest.raises(Breach, match=r"^expected 2; observed a is 1$") as alone:
        require(False, first, expected="2")
    assert alone.value.finding.evidence == (evidence_of(first),)
    with pytest.raises(Breach, match=r"^expected 2; observed both$") as both:
        require(False, first, expected="2", observed="both", beside=second)
    assert both.value.finding.evidence == (evidence_of(first), evidence_of(second))


def test_what_is_observed_is_read_off_the_place() -> None:
    answer = exchange()
    for place, words in (
        (answer, f"HTTP 200, a/b, {len(STREAM)} bytes"),
        (within(answer, 1), 'the event is {"a": 1}'),
        (at_span(answer, answer.events[0]), 'data: {"a": 1}'),
    ):
        with pytest.raises(Breach) as raised:
            require(False, place, expected="")
        assert raised.value.finding.observed == words


def test_an_excerpt_is_bounded() -> None:
    assert excerpt(exchange(b"x" * 400)) == "x" * 400
    assert excerpt(exchange(b"x" * 401)) == "x" * 400 + "…"
    assert excerpt(exchange("😀".encode() * 401)) == "😀" * 400
    assert excerpt(exchange(b"ab\xffcd"), Span(1, 4)) == "b\N{REPLACEMENT CHARACTER}c"


def test_an_answer_in_words() -> None:
    cut = exchange(b"", None, ending=Ending.RESET, detail="gone")
    assert status_line(cut) == "no response (reset: gone)"
    assert str(NoAnswer.to(cut)) == "s#1: reset: gone"
    assert status_line(exchange(b"", 204, headers=())) == "HTTP 204, no Content-Type, 0 bytes"


def test_a_body_limit_of_a_proxy_is_not_the_endpoints() -> None:
    assert status_line(exchange(b"<html>", 413)).endswith(
        " 6 bytes: a proxy limits the body size (nginx: `client_max_body_size`)"
    )
    assert "client_max_body_size" not in status_line(exchange(b"{}", 413))


def test_a_header_in_words() -> None:
    assert header_line(exchange(), "content-type") == "content-type: a/b; c=d"
    assert header_line(exchange(), "Retry-After") == "no Retry-After header"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"error": {"message": "No tools."}}', "HTTP 400: No tools."),
        (b'{"error": "Unauthorized"}', "HTTP 400: Unauthorized"),
        (b'{"error": {"code": 7}}', 'HTTP 400: {"code": 7}'),
        (b'{"detail": [{"loc": ["body", "n"]}]}', 'HTTP 400: [{"loc": ["body", "n"]}]'),
        (b'{"detail": null}', "HTTP 400, a/b, 16 bytes"),
        (b"[]", "HTTP 400, a/b, 2 bytes"),
        (b"No", "HTTP 400, a/b, 2 bytes"),
    ],
)
def test_a_refusal_is_told_in_the_words_of_the_server(body: bytes, said: str) -> None:
    with pytest.raises(Breach) as breach:
        require(False, exchange(body, 400), expected="HTTP 200")
    assert breach.value.finding.observed == said


def test_an_answer_is_told_by_its_status() -> None:
    with pytest.raises(Breach) as breach:
        require(False, exchange(b'{"detail": "x"}', 200), expected="a 4xx")
    assert breach.value.finding.observed == "HTTP 200, a/b, 15 bytes"
