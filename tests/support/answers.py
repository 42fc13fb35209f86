"""Exchanges made by hand, and a bench with them on it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from oaicheck.bench import Bench
from oaicheck.profile import Profile
from oaicheck.recording import Recording
from oaicheck.wire.exchange import Ending, Exchange, Request, Segment
from support.inprocess import capabilities, scenarios

PLAIN = "chat/whole/text"
SERVED = {"choices": [{"message": {"content": "Hi"}}]}


def answer(
    scenario: str = PLAIN, status: int | None = 200, body: Any = SERVED, **members: Any
) -> Exchange:
    """The answer to a scenario's first turn; `members` replace those of the exchange."""
    made = Exchange(
        scenario,
        1,
        1,
        Request("POST", "http://endpoint.test/v1/chat/completions", (), b"{}"),
        status,
        "",
        (),
        (Segment(0.1, json.dumps(body).encode()),),
        Ending.COMPLETE,
    )
    return replace(made, **members)


def bench(*exchanges: Exchange, requires: tuple[str, ...] = (), **target: Any) -> Bench:
    """A bench with these exchanges, on a target with these facts."""
    facts = {"target": target}
    asking = Profile("p", "P", requires=requires)
    return Bench(asking, scenarios(), capabilities(), facts, Recording(facts, list(exchanges)))
