"""Tells a slow endpoint from one that hangs, and gives the slow one more time."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum
from itertools import pairwise

from oaicheck.scenarios.scenario import Answer, Credential, Scenario, Turn
from oaicheck.target.target import Limits
from oaicheck.wire.exchange import Exchange
from oaicheck.wire.silence import STILL_THERE, is_silent

__all__ = ["STILL_THERE", "TINY_TURN", "TINY_TURN_TOKENS", "Endurance", "Kind", "kind_of"]

TINY_TURN_TOKENS = 16
"""The most output tokens of a tiny request."""

TINY_TURN = Turn(
    method="POST",
    path="chat/completions",
    body={
        "model": "$model",
        "messages": [{"role": "user", "content": "Say hello."}],
        "max_tokens": TINY_TURN_TOKENS,
    },
    raw=None,
    headers={},
    credential=Credential.OWN,
)
"""The request that shows whether an endpoint answers at all."""

_IN_A_ROW = 4
"""After so many silent scenarios of a kind, a tiny request has to show if the endpoint lives."""
_ONCE_MORE = 2
"""After so many that were silent again, with more time and nothing beside them, it is no use."""
_STRETCH = 3
"""An answer may take so many times as long as the slowest one before."""
_MORE = 5
"""The silent scenarios are sent again with limits so many times as long."""
_MOST = 10
"""No limit is stretched to more than so many times its length."""
_LARGE = 2000
"""Request bodies of so many bytes show how the time grows with the prompt."""
_SLOW = 0.25
"""An endpoint is slow if it uses more than this part of a limit."""


class Kind(StrEnum):
    """What an endpoint has to do for a scenario: it may hang with one kind and not with others."""

    REFUSAL = "requests that need no model"
    STREAM = "streamed answers"
    WHOLE = "whole answers"


def kind_of(scenario: Scenario) -> Kind:
    """The kind of a scenario, by what its requests ask for."""
    if scenario.is_light:
        return Kind.REFUSAL
    if scenario.answer in (Answer.STREAM, Answer.RESPONSE_STREAM):
        return Kind.STREAM
    return Kind.WHOLE


class Endurance:
    """Learns how long the endpoint takes, and decides how long to wait, and whether to go on.

    After some silent scenarios of a kind in a row it holds that kind back, and a tiny request has
    to show whether the endpoint still lives. If it does, what was silent or held back is sent at
    the end, one at a time and with more patience. If it does not, nothing more is sent.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._patience = 1
        self._enough = _IN_A_ROW
        self._row: Counter[Kind] = Counter()
        self._held: set[Kind] = set()
        self._given_up: set[Kind] = set()
        self._asked: Exchange | None = None
        self._doubtful = False
        self._quickest = float("inf")
        self._slowest = 0.0
        self._per_byte = 0.0
        self._longest = 0.0
        self._gap = 0.0

    @property
    def is_dead(self) -> bool:
        """Whether not even a tiny request got an answer."""
        return self._asked is not None and is_silent(self._asked)

    @property
    def is_slow(self) -> bool:
        """Whether the endpoint uses so much of the limits that silence may be slowness."""
        first_byte, gap = self._limits.first_byte, self._limits.gap
        return self._slowest > _SLOW * first_byte or self._gap > _SLOW * gap

    def limits_for(self, size: int) -> Limits:
        """The limits for a request with a body of so many bytes."""
        limits, usual = self._limits, self._slowest + self._per_byte * size
        return replace(
            limits,
            first_byte=self._stretched(limits.first_byte, usual),
            gap=self._stretched(limits.gap, self._gap),
            total=self._stretched(limits.total, self._longest + usual),
        )

    def _stretched(self, limit: float, usual: float) -> float:
        # A whole number of times, so that not each scenario waits for another time.
        times = max(self._patience, math.ceil(_STRETCH * usual / limit))
        return limit * min(times, _MOST)

    def learn(self, kind: Kind, exchange: Exchange) -> None:
        """Note how an exchange of a kind ended, and how long it took."""
        if is_silent(exchange):
            self._row[kind] += 1
            if self._row[kind] >= self._enough:
                self._held.add(kind)
            # In the last round, every silence takes so long that one is enough to ask.
            alone = self._patience > 1 and self._row[kind] == 1
            self._doubtful |= alone or self._row[kind] == self._enough
            return
        self._row[kind] = 0
        if exchange.headers_at is None:
            return
        first, size = exchange.headers_at, len(exchange.request.body)
        self._quickest = min(self._quickest, first)
        if size < _LARGE:
            self._slowest = max(self._slowest, first)
        else:
            self._per_byte = max(self._per_byte, (first - self._quickest) / size)
        self._longest = max(self._longest, exchange.ended_at)
        moments = [first, *(at for at, _ in exchange.arrivals())]
        gaps = (after - before for before, after in pairwise(moments))
        self._gap = max(self._gap, *gaps, 0.0)

    @property
    def doubtful(self) -> bool:
        """Whether a tiny request has to show now if the endpoint lives."""
        return self._doubtful

    def asked(self, exchange: Exchange) -> None:
        """Note the answer to the tiny request, or that there was none."""
        self._asked, self._doubtful = exchange, False
        if not is_silent(exchange) and exchange.headers_at is not None:
            self._slowest = max(self._slowest, exchange.headers_at)

    @property
    def limits_of_the_question(self) -> Limits:
        """The limits for the tiny request."""
        return self._times(_STRETCH)

    def _times(self, factor: int) -> Limits:
        limits = self._limits
        return replace(
            limits,
            first_byte=limits.first_byte * factor,
            gap=limits.gap * factor,
            total=limits.total * factor,
        )

    def holds(self, kind: Kind) -> bool:
        """Whether scenarios of a kind are held back: for a while, or for good."""
        return self.is_dead or kind in self._held or kind in self._given_up

    def wants_again(self, kind: Kind) -> bool:
        """Whether silent scenarios of a kind are worth another try: they may have been slow."""
        return self.is_slow or self.holds(kind)

    def begin_last_round(self) -> None:
        """Let go what was held back, with more patience, but not many times in vain."""
        self._patience, self._enough = _MORE, _ONCE_MORE
        self._held.clear()
        self._row.clear()

    def end_last_round(self) -> None:
        """Note the end of the run: what is still held back is given up."""
        self._given_up |= self._held

    def remarks(self, not_sent: Counter[Kind]) -> Iterator[str]:
        """Sentences for the user about a slow or a hanging endpoint."""
        if self.is_dead:
            within = self.limits_of_the_question.first_byte
            yield (
                f"the endpoint stopped answering: not even a tiny request got an answer within "
                f"{within:g} s; {not_sent.total()} scenarios not sent"
            )
            return
        for kind in sorted(each for each in self._given_up if not_sent[each]):
            yield (
                f"no answer to {kind}, even one at a time and with {_MORE} times the time limits, "
                f"although a tiny request got one; {not_sent[kind]} scenarios not sent"
            )
        if self.is_slow and not self._given_up:
            took = max(self._slowest, self._gap)
            enough = max(10, 10 * round(_STRETCH * took / 10))
            yield (
                f"the endpoint is slow: {took:.0f} s without a byte; it got more time where it "
                "needed that. To tell oaicheck at once: --concurrency 1 "
                f"--first-byte-timeout {enough} --gap-timeout {enough}"
            )
