"""A network delays replies and cuts them up, and changes nothing else about them."""

import itertools

import pytest

from oaicheck.reference import Network, Piece, Reply
from oaicheck.rules.verdict import Outcome
from support.inprocess import record, verdicts

REPLY = Reply(200, pieces=tuple(Piece(b"data: %d\n\n" % n, 0.01) for n in range(50)))


def arrivals(reply: Reply) -> list[float]:
    return list(itertools.accumulate((piece.delay for piece in reply.pieces), initial=reply.delay))


def test_without_one_a_reply_is_left_as_it_is() -> None:
    assert Network().carried(REPLY) == REPLY


def test_latency_is_the_same_for_every_piece() -> None:
    far = Network(latency=0.5).carried(REPLY)
    assert arrivals(far) == pytest.approx([0.5 + at for at in arrivals(REPLY)])


def test_jitter_delays_and_cuts_but_loses_nothing() -> None:
    carried = Network(latency=0.1, jitter=0.2, seed=1).carried(REPLY)
    assert carried.body == REPLY.body
    assert len(carried.pieces) != len(REPLY.pieces)
    assert 0.1 <= carried.delay <= 0.3
    assert arrivals(REPLY)[-1] < arrivals(carried)[-1] <= arrivals(REPLY)[-1] + 0.3
    assert all(piece.delay >= 0 for piece in carried.pieces)


def test_what_is_drawn_follows_from_the_seed() -> None:
    first, same, other = (Network(jitter=0.1, seed=seed) for seed in (1, 1, 2))
    carried = first.carried(REPLY)
    assert carried == same.carried(REPLY) != other.carried(REPLY)
    assert carried != first.carried(REPLY)


@pytest.mark.parametrize("wrong", [{"latency": -1.0}, {"jitter": -0.1}])
def test_it_is_never_faster_than_none(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="latency and jitter"):
        Network(**wrong)


def test_noise_changes_no_verdict() -> None:
    noisy = record(network=Network(latency=0.05, jitter=0.1, seed=1))
    differing = [
        (judged.requirement.id, judged.scenario, judged.outcome.value)
        for judged in verdicts(noisy)
        if judged.outcome not in (Outcome.PASS, Outcome.NOT_APPLICABLE)
    ]
    assert differing == []
