"""When the pieces of a stream came, and whether they were held back."""

import json
from dataclasses import replace
from typing import Any

import pytest

from oaicheck.rules.judging import Breach, Inconclusive, NotApplicable
from oaicheck.views.chat import ChatStream
from oaicheck.views.delivery import (
    LONG_ANSWER,
    arguments_of,
    delivery_of,
    require_as_generated,
    response_delivery_of,
    written_tokens,
)
from oaicheck.views.responses import ResponseStream
from oaicheck.wire.exchange import Segment
from support.answers import answer, answer_to
from support.views import entry, exchange, speaking, stream


def test_the_pieces_of_a_delivery() -> None:
    def call(text: Any) -> dict[str, Any]:
        return {"function": {"arguments": text}}

    made = stream(
        [entry(role="assistant")],
        [entry(content="ab", reasoning="c"), entry(1, reasoning_content="d")],
        [entry(content="")],
        [entry(tool_calls=[call("efg"), call(None)])],
        [entry(content=5)],
    )
    delivery = delivery_of(made)
    assert [event.number for event in delivery.events] == [2, 4]
    assert (delivery.characters, delivery.first, delivery.last) == (7, 1.0, 3.0)
    assert (delivery.span, delivery.interval, delivery.arrivals) == (2.0, 2.0, 2)
    assert [text.value for text in arguments_of(made).texts] == ["efg"]


def test_events_that_come_together_arrive_once() -> None:
    event = b'data: {"choices": [{"index": 0, "delta": {"content": "x"}}]}\n\n'
    delivery = delivery_of(ChatStream(exchange(event * 3, b"", event, event * 2)))
    assert (len(delivery.events), delivery.arrivals, delivery.interval) == (6, 3, 3 / 5)
    alone = delivery_of(ChatStream(exchange(event)))
    assert (alone.span, alone.interval) == (0.0, 0.0)


def test_the_pieces_of_a_responses_delivery() -> None:
    stream = ResponseStream(answer_to("responses/stream/text"))
    delivery = response_delivery_of(stream)
    assert delivery.characters == len(stream.final.text)
    assert len(delivery.events) == stream.final.output_tokens


@pytest.mark.parametrize(
    ("times", "longest"), [((1, 2, 3), 1), ((5, 6, 8), 5), ((1, 2, 5), 3), ((1, 4, 5), 3)]
)
def test_the_longest_wait_may_be_the_first(times: tuple[int, ...], longest: int) -> None:
    exchange = speaking("a", "b", "c").exchange
    timed = [piece._replace(at=at) for piece, at in zip(exchange.segments, times, strict=True)]
    delivery = delivery_of(ChatStream(replace(exchange, segments=tuple(timed))))
    assert delivery.longest_wait == longest


def came(*times: float, counted: int | None = None, ended: float = 0.0) -> ChatStream:
    """A stream of which three characters came at each of these times."""
    chunks: list[dict[str, Any]] = [
        {"choices": [{"index": 0, "delta": {"content": "abc"}}]} for _ in times
    ]
    if counted is not None:
        chunks[-1]["usage"] = {"completion_tokens": counted}
    pieces = [b"data: %s\n\n" % json.dumps(chunk).encode() for chunk in chunks]
    segments = tuple(Segment(at, piece) for at, piece in zip(times, pieces, strict=True))
    return ChatStream(answer(segments=segments, ended_at=ended))


@pytest.mark.parametrize(("counted", "tokens"), [(None, 2), (1, 2), (2, 2), (5, 5)])
def test_what_was_written_at_least(counted: int | None, tokens: int) -> None:
    assert written_tokens(came(1.0, 2.0, counted=counted)) == tokens


@pytest.mark.parametrize(
    ("times", "first_token", "raised"),
    [
        ((0.1, 0.2, 0.3, 0.4), 0.1, None),
        ((1.0, 1.0, 1.0, 1.0), 0.1, Breach),
        ((1.0, 1.0, 1.0, 1.2), 0.1, Breach),
        ((1.0, 1.0, 1.0, 1.4), 0.1, None),
        ((1.0, 1.0, 1.0, 1.0), 0.9, NotApplicable),
        ((0.2, 0.2, 0.2, 0.2), 0.1, NotApplicable),
        ((0.5, 0.5, 0.5, 0.9), 0.1, None),
    ],
)
def test_an_answer_that_was_held_back(
    times: tuple[float, ...], first_token: float, raised: type[Exception] | None
) -> None:
    beginning = came(first_token, ended=first_token)
    if raised is None:
        require_as_generated(delivery_of(came(*times)), 12, beginning)
    else:
        with pytest.raises(raised):
            require_as_generated(delivery_of(came(*times)), 12, beginning)


@pytest.mark.parametrize(
    ("times", "spread"),
    [
        ((0.1, 0.2, 0.3), True),
        ((0.15, 0.3), True),
        ((0.16, 0.3), False),
        ((0.1, 0.2, 0.29), False),
        ((0.3, 0.3), False),
    ],
)
def test_pieces_that_came_all_the_time(times: tuple[float, ...], spread: bool) -> None:
    assert delivery_of(came(*times)).is_spread is spread


def test_the_bounds_of_what_was_held_back() -> None:
    beginning = came(0.1)
    require_as_generated(delivery_of(came(0.75, 1.0)), 6, beginning)
    for times in ((0.79, 1.0), (0.3, 0.3)):
        with pytest.raises(Breach):
            require_as_generated(delivery_of(came(*times)), 6, beginning)
    require_as_generated(delivery_of(came(0.1, 0.2, 0.3)), 9, came(0.1, counted=5))
    assert written_tokens(came()) == 0


def test_what_tells_nothing_about_the_delivery() -> None:
    late, beginning = delivery_of(came(1.0, 1.0, 1.0, 1.0)), came(0.1, ended=0.1)
    with pytest.raises(Inconclusive, match="may have been thinking"):
        require_as_generated(late, 13, beginning)
    with pytest.raises(Inconclusive, match="got 5: the generation time is unknown"):
        require_as_generated(late, 12, came(0.1, counted=5, ended=0.1))
    with pytest.raises(
        Breach, match=r"all 4 pieces within 0\.00 s; a one-token answer takes 0\.10 s"
    ):
        require_as_generated(late, 12, came(0.1, counted=4, ended=0.1))


def test_the_least_that_is_seen_growing() -> None:
    """Fifty tokens of two characters and more, as the rules about deliveries say."""
    assert LONG_ANSWER == 50
