"""Exchanges made by hand, a bench with them on it, and what is judged of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from oaicheck.rules.judging import Breach
from oaicheck.rules.verdict import Finding, Outcome
from oaicheck.scenarios.profile import Profile
from oaicheck.views.bench import Bench
from oaicheck.wire.exchange import Ending, Exchange, Request, Segment
from oaicheck.wire.recording import Recording
from support.inprocess import Judged, capabilities, record, scenarios, verdicts

PLAIN = "chat/whole/text"
SERVED = {"choices": [{"message": {"content": "Hi"}}]}
PROMPTS = ("chat/whole/text", "chat/whole/non-ascii")
"""Two prompts, of which the second one has more tokens."""
LIMITED = ("responses/whole/length", "responses/stream/length")
"""Requests for a response that is longer than its token limit."""


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


def answer_to(scenario: str, *faults: str) -> Exchange:
    """What the reference endpoint answers to a scenario."""
    return record(faults, names=[scenario]).exchanges[-1]


def answering(exchange: Exchange, status: int, text: str, media_type: str) -> Exchange:
    """The exchange with another answer."""
    return replace(
        exchange,
        status=status,
        headers=(("Content-Type", media_type),),
        segments=(Segment(0.1, text.encode()),),
    )


def streaming(scenario: str, *events: dict[str, Any]) -> Exchange:
    """A scenario that is answered with these events, each with choices or else with usage."""
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "reference-1"}
    payloads = [json.dumps({**chunk, "choices": [], **event}) for event in events]
    text = "".join(f"data: {data}\n\n" for data in (*payloads, "[DONE]"))
    return answering(answer_to(scenario), 200, text, "text/event-stream")


def changed(exchange: Exchange, **members: Any) -> Exchange:
    """The exchange with other members in the JSON object of its answer."""
    body = {**json.loads(exchange.body), **members}
    return replace(exchange, segments=(Segment(0.1, json.dumps(body).encode()),))


def judged(requirement: str, answered: Exchange, others: Iterable[Exchange] = ()) -> Judged:
    """What a requirement says of an answer, to which no others came but these."""
    recording = record(names=())
    recording.exchanges.extend((*others, answered))
    (found,) = [
        each for each in verdicts(recording, only=requirement) if each.scenario == answered.scenario
    ]
    return found


def outcome(requirement: str, answered: Exchange, others: Iterable[Exchange] = ()) -> Outcome:
    """What becomes of a requirement on an answer."""
    return judged(requirement, answered, others).outcome


def finding(requirement: str, answered: Exchange, others: Iterable[Exchange] = ()) -> Finding:
    """What is said of an answer that breaks a requirement, to which no others came but these."""
    raised = judged(requirement, answered, others).raised
    assert isinstance(raised, Breach)
    return raised.finding


def outcomes(found: Iterable[Judged]) -> set[Outcome]:
    """All outcomes among several."""
    return {each.outcome for each in found}


def broken(recording: Recording, only: str, asking: Profile) -> set[str]:
    """The ids of the requirements that a recording breaks."""
    return {
        each.requirement.id
        for each in verdicts(recording, asking, only)
        if each.outcome in (Outcome.FAIL, Outcome.WARN)
    }


def turns(scenario: str, *faults: str) -> list[Exchange]:
    """What the reference endpoint answers to every turn of a scenario."""
    return record(faults, [scenario]).exchanges


def saying(*pieces: str, **members: Any) -> list[dict[str, Any]]:
    """The events of a stream that names the role, says these pieces and ends."""
    deltas = [{"role": "assistant"}, *({"content": piece} for piece in pieces)]
    return [
        *({"choices": [{"index": 0, "delta": delta, **members}]} for delta in deltas),
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
    ]
