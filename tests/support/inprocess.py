"""Exchanges with the reference endpoint without a socket, and checks run on them without pytest.

That is how hundreds of faults are judged by hundreds of checks in seconds. What a socket adds is
tested over sockets, in tests/engine and tests/matrix.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from email.utils import formatdate
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlsplit

from oaicheck.engine.concealing import Concealer
from oaicheck.engine.from_answers import MissingAnswerError
from oaicheck.engine.overflow import lengths_for, longer
from oaicheck.engine.prepare import PreparedRequest, prepare
from oaicheck.engine.retrying import easier_request, goes_on, is_out_of_reach
from oaicheck.reference import Deviation, Network, ReferenceEndpoint, Reply, Settings
from oaicheck.reference import Request as ReferenceRequest
from oaicheck.resources import locate
from oaicheck.rules.catalogue import checks_in
from oaicheck.rules.requirement import Requirement, requirement_of
from oaicheck.rules.verdict import Outcome
from oaicheck.scenarios import cooperation
from oaicheck.scenarios.capability import Capability, load_capabilities
from oaicheck.scenarios.profile import Profile, load_profile
from oaicheck.scenarios.scenario import Scenario, load_scenarios, matching
from oaicheck.target.target import Target
from oaicheck.verdicts.following import Judge, Judges
from oaicheck.verdicts.outcomes import outcome_of
from oaicheck.views.bench import Bench
from oaicheck.views.refusal import is_rate_limited
from oaicheck.wire.exchange import Ending, Exchange, Request, Segment
from oaicheck.wire.recording import Recording

_BASE = "http://reference.invalid/v1"
_ENDINGS = {
    "complete": Ending.COMPLETE,
    "cut": Ending.CUT,
    "hang": Ending.STALLED,
    "reset": Ending.RESET,
}
_BROKEN_OFF = (Ending.CUT, Ending.RESET)
_DETAILS = {
    "cut": "the server closed the connection while the client waited for the body",
    "hang": "no byte for 60 s, after some bytes of the body",
    "reset": "the connection broke while waiting for the body",
}
"""What the engine says about such an ending."""
_CLOCK = 1_767_225_600.0
"""The Unix time at which the endpoint answers everything."""
_DATE = (b"Date", formatdate(_CLOCK, usegmt=True).encode())
"""The header that a server adds to every reply."""
_WHEN_ALONE = 1e6
"""Seconds after the others, which are all under way at once."""
_PATIENCE = 3
"""So often a request is repeated that is refused for the moment."""
_GENERATION = 0.001
"""Seconds that each piece takes at least, as an engine's tokens do."""
_SETTINGS = Settings()
NUMBERS_OF_ONE = 1000
"""So many numbers are there for the requests and ids of one scenario."""


class _Numbers:
    """Numbers for ids, by scenario: what a fault does to one answer does not show in the next."""

    def __init__(self) -> None:
        self._last = 0

    def start(self, scenario: int) -> None:
        self._last = NUMBERS_OF_ONE * scenario

    def __iter__(self) -> Iterator[int]:
        return self

    def __next__(self) -> int:
        self._last += 1
        return self._last


Check = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Judged:
    """The outcome of one requirement on one scenario."""

    requirement: Requirement
    scenario: str
    outcome: Outcome
    raised: BaseException | None


@cache
def target_of(model: str) -> Target:
    """The target that a model of the reference endpoint is, at an address that is not there."""
    return Target(
        base_url=_BASE,
        model=model,
        key=_SETTINGS.api_key,
        expired_key=_SETTINGS.expired_key,
        scopeless_key=_SETTINGS.scopeless_key,
        embedded=True,
    )


@cache
def scenarios() -> Mapping[str, Scenario]:
    """The project's scenarios."""
    return load_scenarios(locate("fixtures") / "scenarios")


@cache
def capabilities() -> Mapping[str, Capability]:
    """The project's capabilities."""
    return load_capabilities(locate("fixtures"))


@cache
def checks() -> tuple[Check, ...]:
    """The project's checks."""
    return tuple(checks_in(locate("suites")))


@cache
def judges() -> tuple[tuple[Check, Requirement], ...]:
    """The project's checks, each with its requirement."""
    found = ((check, requirement_of(check)) for check in checks())
    return tuple((check, requirement) for check, requirement in found if requirement is not None)


def judges_of(bench: Bench, only: str = "*") -> Judges:
    """The checks that the bench's profile judges, each on the scenarios that were recorded."""
    recorded = {exchange.scenario for exchange in bench.recording.exchanges}
    return Judges.of(
        bench,
        (
            Judge(check, requirement, level, recorded.intersection(found))
            for check, requirement in judges()
            if (level := bench.profile.level_of(requirement)) is not None
            and fnmatch.fnmatchcase(requirement.id, only)
            and (found := _shown_by(requirement, bench.scenarios))
        ),
    )


def _shown_by(requirement: Requirement, known: Mapping[str, Scenario]) -> Iterable[str]:
    if known is scenarios():
        return scenarios_of(requirement)
    return matching(requirement.on, known)


@cache
def requirements() -> Mapping[str, Requirement]:
    """The project's requirements by id, in the order of their checks."""
    return {requirement.id: requirement for _, requirement in judges()}


@cache
def scenarios_of(requirement: Requirement) -> tuple[str, ...]:
    """The names of the project's scenarios that a requirement is judged on."""
    return tuple(matching(requirement.on, scenarios()))


def profile(name: str = "openai") -> Profile:
    """A profile that the project ships."""
    return load_profile(name, locate("fixtures") / "profiles")


def record(
    faults: Iterable[str | Deviation] = (),
    names: Iterable[str] | None = None,
    model: str = "reference-1",
    known: Mapping[str, Scenario] | None = None,
    network: Network | None = None,
) -> Recording:
    """What the reference endpoint answers to scenarios, all of them if none are named."""
    known = known or scenarios()
    numbers = _Numbers()
    endpoint = ReferenceEndpoint(_SETTINGS, faults, lambda: _CLOCK, numbers)
    network = network or Network()
    recording = Recording({"target": target_of(model).described()})
    for name in sorted(known if names is None else names, key=lambda name: _turn_of(known[name])):
        numbers.start(list(known).index(name))
        later = _WHEN_ALONE * (1 + len(recording.exchanges))
        lengths = lengths_for(known[name], recording.exchanges, model)
        sent = _conversation(endpoint, network, target_of(model), known[name], later, lengths)
        recording.exchanges.extend(sent)
    return recording


def _turn_of(scenario: Scenario) -> tuple[bool, str]:
    """The order of sending: the long prompts last, because the list of models may tell how long
    they have to be, and by name, because the first of them decides about the second.
    """
    return scenario.overflows, scenario.name if scenario.overflows else ""


def verdicts(
    recording: Recording,
    asking: Profile | None = None,
    only: str = "*",
    known: Mapping[str, Scenario] | None = None,
) -> Iterator[Judged]:
    """The outcome of every check on every scenario that the recording holds."""
    asking, known = asking or profile(), known or scenarios()
    bench = Bench(asking, known, capabilities(), recording.facts, recording)
    recorded = {exchange.scenario for exchange in recording.exchanges}
    judging = judges_of(bench, only)
    for id, each in judging.judges.items():  # noqa: A001
        for name in matching(each.requirement.on, known):
            if name in recorded and (each.requirement.against in (None, *recorded)):
                raised = judging.judge(id, known[name])
                yield Judged(each.requirement, name, outcome_of(raised, each.level), raised)


def _conversation(
    endpoint: ReferenceEndpoint,
    network: Network,
    target: Target,
    scenario: Scenario,
    later: float,
    lengths: tuple[int, ...],
) -> list[Exchange]:
    """The last attempt, and before it those that were refused for the moment, those whose prompt
    was too short, and the one that broke beside others and was repeated `later`.
    """

    def attempted(attempt: int, rewording: Mapping[str, Any] | None) -> list[Exchange]:
        length = lengths[0] if lengths else None
        return _attempt(endpoint, network, target, scenario, attempt, rewording, length)

    turns, limited, too_short = attempted(1, None), [], []
    while (is_rate_limited(turns[-1]) or is_out_of_reach(turns[-1])) and len(limited) < _PATIENCE:
        limited += turns
        turns = attempted(turns[-1].attempt + 1, None)
    while lengths and (lengths := longer(lengths, turns[-1])):
        too_short += turns
        turns = attempted(turns[-1].attempt + 1, None)
    broken_off = turns if _may_be_disturbed(turns[-1]) and not scenario.alone else []
    if broken_off:
        turns = [replace(turn, started=later) for turn in attempted(turns[-1].attempt + 1, None)]
    easier = (easier_request(turns[0]) if scenario.shows else None) or {}
    if easier:
        turns = attempted(turns[-1].attempt + 1, easier)
    for rewording in scenario.rewordings:
        refused = any(not 200 <= (turn.status or 0) < 300 for turn in turns)
        if scenario.shows is None or refused or cooperation.cooperated(scenario.shows, turns):
            break
        turns = attempted(turns[-1].attempt + 1, {**rewording, **easier})
    return [*limited, *too_short, *broken_off, *turns]


def _may_be_disturbed(exchange: Exchange) -> bool:
    return exchange.ending in _BROKEN_OFF and (
        not exchange.segments or "event-stream" in (exchange.header("content-type") or "")
    )


def _attempt(
    endpoint: ReferenceEndpoint,
    network: Network,
    target: Target,
    scenario: Scenario,
    attempt: int,
    rewording: Mapping[str, Any] | None,
    length: int | None,
) -> list[Exchange]:
    turns: list[Exchange] = []
    surplus = b""
    for turn in scenario.turns:
        try:
            request = prepare(
                target,
                turn,
                scenario=scenario.name,
                attempt=attempt,
                rewording=rewording if not turns else None,
                answers=turns,
                nonce=f"nonce{attempt}",
                overflow=length,
            )
        except MissingAnswerError:
            break
        connection = f"{scenario.name}.{attempt}" if scenario.keep_alive else ""
        reply = _reply(endpoint, network, request, connection)
        exchange = _recorded(target.model, request, reply)
        turns.append(_spoiled(exchange, surplus) if surplus else exchange)
        surplus = reply.surplus if scenario.keep_alive else b""
        if not goes_on(scenario, turns[-1]):
            break
    return turns


def _reply(
    endpoint: ReferenceEndpoint, network: Network, request: PreparedRequest, connection: str
) -> Reply:
    url = urlsplit(request.url)
    reply = endpoint.reply(
        ReferenceRequest(
            request.method,
            url.path,
            url.query,
            tuple(request.headers),
            request.body or b"",
            connection,
            request.http_version,
        )
    )
    return network.carried(reply)


def _spoiled(exchange: Exchange, surplus: bytes) -> Exchange:
    """What the engine makes of an answer that begins with what the one before it left over."""
    line = surplus.partition(b"\r\n")[0].decode("latin-1")
    begins = f"the line {line}" if line else "an empty line"
    return replace(
        exchange,
        status=None,
        reason="",
        headers=(),
        segments=(),
        ending=Ending.NOT_HTTP,
        detail=f"the answer is not HTTP: it begins with {begins}",
        headers_at=None,
    )


@lru_cache(maxsize=512)
def _recorded(model: str, request: PreparedRequest, reply: Reply) -> Exchange:
    """The exchange; the same object for the same bytes, with all views of it worked out once."""
    concealer = _concealer(model)
    at, segments = reply.delay, []
    for piece in reply.pieces:
        at += piece.delay + _GENERATION
        segments.append(Segment(at, piece.data))
    ending, detail = _ENDINGS[reply.ending], ""
    total = sum(len(segment.data) for segment in segments)
    if request.hang_up_after_bytes is not None and total > request.hang_up_after_bytes:
        ending, detail = Ending.HUNG_UP, "the client hung up"
        segments = _first(segments, request.hang_up_after_bytes)
    clean, _ = concealer.segments(segments, "", total)
    return Exchange(
        scenario=request.scenario,
        turn=request.turn,
        attempt=request.attempt,
        request=Request(
            request.method,
            concealer.text(request.url),
            concealer.sent_headers(
                [(name.encode(), value.encode()) for name, value in request.headers]
            ),
            concealer.data(request.body or b""),
        ),
        status=reply.status,
        reason="",
        headers=concealer.received_headers(
            [
                *(
                    (name.encode(), value.encode("latin-1", "replace"))
                    for name, value in reply.headers
                ),
                _DATE,
            ]
        ),
        segments=clean,
        ending=ending,
        detail=detail or _DETAILS.get(reply.ending, ""),
        headers_at=reply.delay + _GENERATION,
        ended_at=at + _GENERATION,
        variables=request.variables,
    )


@cache
def _concealer(model: str) -> Concealer:
    return Concealer(target_of(model))


def _first(segments: list[Segment], count: int) -> list[Segment]:
    kept = []
    for segment in segments:
        if count > 0:
            kept.append(Segment(segment.at, segment.data[:count]))
        count -= len(segment.data)
    return kept
