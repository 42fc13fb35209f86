"""A simulated network that delays a reply, unevenly, and splits its bytes differently."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random

from .http.reply import Piece, Reply


@dataclass(frozen=True)
class Network:
    """The network between the endpoint and its client. By default it does not change replies.

    Every piece takes ``latency`` seconds plus a random time up to ``jitter`` seconds. Pieces never
    overtake each other, so they queue up behind a slow one and then arrive together. With jitter
    the network also splits pieces at random places and joins pieces that arrive together. The
    random numbers depend on ``seed`` and on the number of replies so far.
    """

    latency: float = 0.0
    jitter: float = 0.0
    seed: int = 0
    _replies: Iterator[int] = field(default_factory=itertools.count, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.latency < 0 or self.jitter < 0:
            raise ValueError("latency and jitter must not be negative")

    def carried(self, reply: Reply) -> Reply:
        """The reply as it arrives."""
        if not self.latency and not self.jitter:
            return reply
        chance = Random(f"{self.seed}.{next(self._replies)}")
        began = arrived = self.latency + chance.uniform(0, self.jitter)
        sent, pieces = 0.0, list[Piece]()
        for piece in reply.pieces:
            sent += piece.delay
            for data in self._cut(piece.data, chance):
                at = max(arrived, sent + self.latency + chance.uniform(0, self.jitter))
                pieces.append(Piece(data, at - arrived))
                arrived = at
        if self.jitter:
            pieces = list(_joined(pieces, chance))
        return replace(reply, delay=reply.delay + began, pieces=tuple(pieces))

    def _cut(self, data: bytes, chance: Random) -> tuple[bytes, ...]:
        if not self.jitter or len(data) < 2 or chance.random() < 0.5:
            return (data,)
        place = chance.randrange(1, len(data))
        return data[:place], data[place:]


def _joined(pieces: list[Piece], chance: Random) -> Iterator[Piece]:
    """The pieces, some of them joined with pieces that arrive at the same time."""
    held: Piece | None = None
    for piece in pieces:
        if held is not None and piece.delay == 0 and chance.random() < 0.5:
            held = replace(held, data=held.data + piece.data)
            continue
        if held is not None:
            yield held
        held = piece
    if held is not None:
        yield held
