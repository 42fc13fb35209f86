"""When the pieces of a long stream come, and what that shows."""

from dataclasses import replace

import pytest

from oaicheck.rules.verdict import Outcome
from oaicheck.wire.exchange import Exchange, Segment
from support.answers import answer_to, judged, outcome

DELIVERED = "chat.delivery.as-generated"


def late(answer: Exchange, held: float, end: float) -> Exchange:
    """The stream with nothing before `held` seconds, and then one event after another."""
    events = answer.body.split(b"\n\n")[:-1]
    step = (end - held) / (len(events) - 1)
    pieces = (Segment(held + n * step, event + b"\n\n") for n, event in enumerate(events))
    return replace(answer, segments=tuple(pieces), ended_at=end)


@pytest.mark.parametrize(
    ("held", "end", "expected"),
    [
        (0.01, 4.0, Outcome.PASS),
        (1.9, 4.0, Outcome.PASS),
        (2.1, 4.0, Outcome.INCONCLUSIVE),
        (3.9, 4.0, Outcome.INCONCLUSIVE),
        (0.01, 0.2, Outcome.INCONCLUSIVE),
    ],
)
def test_a_stream_shows_by_itself_that_it_was_not_held_back(
    held: float, end: float, expected: Outcome
) -> None:
    """Where the answer of one token was as long as any, only the stream's own times tell."""
    endless = late(answer_to("chat/first-token", "limits-max-tokens-ignored"), held, end)
    long = answer_to("chat/stream/long", "limits-max-tokens-ignored")
    found = judged(DELIVERED, late(long, held, end), [endless])
    assert found.outcome is expected
    if expected is Outcome.INCONCLUSIVE:
        assert str(found.raised).startswith("chat/first-token#1 asked for one token and got ")


def test_a_stream_that_is_held_back_is_found_by_the_time_of_one_token() -> None:
    short = late(answer_to("chat/first-token"), 0.1, 0.2)
    held = late(answer_to("chat/stream/long"), 3.9, 4.0)
    assert outcome(DELIVERED, held, [short]) is Outcome.FAIL


def test_one_early_piece_does_not_spread_a_stream() -> None:
    long = late(answer_to("chat/stream/long"), 3.9, 4.0)
    role, first, *rest = long.segments
    early = (role._replace(at=0.1), first._replace(at=0.1), *rest)
    endless = answer_to("chat/first-token", "limits-max-tokens-ignored")
    assert outcome(DELIVERED, replace(long, segments=early), [endless]) is Outcome.INCONCLUSIVE
