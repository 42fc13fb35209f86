"""Scenarios: the named requests of a run. Each is a JSON file under `fixtures/scenarios/`.

A scenario's name is its path there without the extension: `chat/stream/text`. It is one request, or
a short conversation, that forces the behaviour it needs to see. `docs/scenarios.md` describes the
members of the file.
"""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

HTTP_1_1 = "1.1"
OVERFLOW = "$overflow"
"""In the place of a number of times: as often as it takes to exceed the context window."""


NOWHERE = (401, 403, 404, 405)
"""The statuses after which it makes no difference what a request asks for."""


class Answer(StrEnum):
    """The kind of response that a conformant endpoint sends, so that checks get the right view."""

    STREAM = "stream"
    COMPLETION = "completion"
    ERROR = "error"
    MODELS = "models"
    RESPONSE = "response"
    RESPONSE_STREAM = "response-stream"
    ANY = "any"


class Credential(StrEnum):
    """Which key a request carries."""

    OWN = "own"
    NONE = "none"
    EMPTY = "empty"
    WRONG = "wrong"
    TRUNCATED = "truncated"
    LONGER = "longer"
    BASIC = "basic"
    LOWERCASE = "lowercase"
    EXPIRED = "expired"
    SCOPELESS = "scopeless"


@dataclass(frozen=True, slots=True)
class Turn:
    """One request of a scenario.

    `path` is relative to the base URL; `{1.id}` in it stands for the member `id` of the first
    turn's response, `{1.data.-1.id}` for that of the last element of its `data`. `body` is a JSON
    value with placeholders: `"$model"` for the model's name, `"$swapped-model"` for that name with
    upper and lower case swapped, `$nonce` inside a string for a word that is new in every attempt,
    `{"$answer": 1, "at": ["choices", 0, "message"]}` for a value from an earlier turn's response
    (with `{"words": 2}` as the last step, for two adjacent words of a text; with `"spread": true`
    inside an array, for the elements of that value), and `{"$repeat": "a ", "times": 1000}` for a
    long string, with `before` and `after` for what stands around it. With `"$overflow"` instead of
    a number of times, it is repeated as often as it takes to exceed the context window.
    `raw` is sent unchanged instead of a body. `padding` is the number of spaces before the body's
    first member; it makes the body large without changing its meaning. `http_version` is what the
    request line says, 1.1 or 1.0. After `hang_up_after_bytes`
    of the response body the client closes the connection, with 0 before the body, and one second
    after the request at the latest. `limit_matters` says that the scenario is about its token
    limit, so that a reasoning model does not get extra tokens.
    """

    method: str
    path: str
    body: Any
    raw: str | None
    headers: Mapping[str, str]
    credential: Credential
    hang_up_after_bytes: int | None = None
    limit_matters: bool = False
    padding: int = 0
    http_version: str = HTTP_1_1


@dataclass(frozen=True, slots=True)
class Scenario:
    """One or more requests with a common purpose.

    `needs` are the capabilities that it needs. `shows` names what the model has to do before there
    is anything to judge (see `oaicheck.scenarios.cooperation`). `rewordings` change members of the
    first body for further attempts. If `alone`, no other request runs at the same time. With
    `timed`, it is alone because its timing is judged, so requests that generate nothing may run.
    `beside` are scenarios that are always sent with this one: their responses decide whether this
    one applies.
    `expected_tokens` is the expected length of the output if the request's own limit is absurd.
    `expected_input` are the expected input tokens if the turns do not contain the requests.
    With `goes_on`, the later turns are sent even after a refused one.
    With `apart`, the first turn asks for several things at once. If it is refused, but not with one
    of NOWHERE, the later turns ask for each of them alone; otherwise they are not sent.
    With `keep_alive`, all turns of an attempt share one connection.
    """

    name: str
    title: str
    answer: Answer
    turns: tuple[Turn, ...]
    needs: tuple[str, ...]
    shows: str | None
    rewordings: tuple[Mapping[str, Any], ...]
    alone: bool
    expected_tokens: int | None = None
    goes_on: bool = False
    apart: bool = False
    beside: tuple[str, ...] = ()
    keep_alive: bool = False
    timed: bool = False
    expected_input: int | None = None

    @property
    def is_light(self) -> bool:
        """Whether the endpoint should answer without generating: a refusal, or a list of models."""
        return self.answer is Answer.ERROR or all(turn.method != "POST" for turn in self.turns)

    @property
    def overflows(self) -> bool:
        """Whether a prompt is to exceed the context window."""
        return any(_overflows(turn.body) for turn in self.turns)

    @property
    def may_go_without_a_call(self) -> bool:
        """Whether it leaves it to the model to call a tool, on purpose."""
        body = self.turns[-1].body
        return isinstance(body, dict) and body.get("tool_choice") == "auto"

    @property
    def attempts(self) -> int:
        """How often it may be sent because of the model: once, and once for each rewording."""
        return 1 + len(self.rewordings)

    @property
    def requests(self) -> int:
        """The requests of one attempt if the endpoint refuses none."""
        return 1 if self.apart else len(self.turns)

    @property
    def output_tokens(self) -> int:
        """The most output tokens that one attempt can cost."""
        if self.expected_tokens is not None:
            return self.expected_tokens
        return sum(_ceiling(turn.body) for turn in self.turns)


class ScenarioError(ValueError):
    """A scenario file is invalid."""


def load_scenarios(folder: Path) -> dict[str, Scenario]:
    """Load all scenarios below a folder, by name. Raises ScenarioError with the file's path."""
    scenarios = {}
    for path in sorted(folder.rglob("*.json")):
        name = path.relative_to(folder).with_suffix("").as_posix()
        try:
            scenarios[name] = parse_scenario(name, json.loads(path.read_text("utf-8")))
        except (KeyError, TypeError, ValueError) as error:
            raise ScenarioError(f"{path}: {error}") from error
    return scenarios


def parse_scenario(name: str, data: Mapping[str, Any]) -> Scenario:
    """Make a scenario from a file's content. Raises KeyError, TypeError or ValueError."""
    unknown = set(data) - {*_OF_SCENARIO, *_OF_TURN, "turns"}
    if unknown:
        raise ValueError(f"unknown members: {', '.join(sorted(unknown))}")
    turns = data.get("turns") or [{key: data[key] for key in _OF_TURN if key in data}]
    return Scenario(
        name=name,
        title=data["title"],
        answer=Answer(data["answer"]),
        turns=tuple(
            _parse_turn(turn, limit_matters=bool(data.get("limit_matters", False)))
            for turn in turns
        ),
        needs=tuple(data.get("needs", ())),
        shows=data.get("shows"),
        rewordings=tuple(data.get("rewordings", ())),
        alone=bool(data.get("alone", False)),
        beside=tuple(data.get("beside", ())),
        expected_tokens=data.get("expected_tokens"),
        goes_on=bool(data.get("goes_on", False)),
        apart=bool(data.get("apart", False)),
        keep_alive=bool(data.get("keep_alive", False)),
        timed=bool(data.get("timed", False)),
    )


def matching(patterns: Iterable[str], names: Iterable[str]) -> list[str]:
    """The names that match any of the patterns, in the order of the names."""
    matches, plain = _matcher(tuple(patterns))
    return [name for name in names if name in plain or matches(name)]


@cache
def _matcher(patterns: tuple[str, ...]) -> tuple[Callable[[str], object], frozenset[str]]:
    """What matches the patterns with wildcards, and the patterns without any."""
    wild = [pattern for pattern in patterns if any(character in pattern for character in "*?[")]
    plain = frozenset(patterns).difference(wild)
    if not wild:
        return _matches_nothing, plain
    return re.compile("|".join(map(fnmatch.translate, wild))).match, plain


def _matches_nothing(_: str) -> None:
    return None


_OF_SCENARIO = (
    "title",
    "answer",
    "needs",
    "shows",
    "rewordings",
    "alone",
    "expected_tokens",
    "goes_on",
    "apart",
    "keep_alive",
    "timed",
    "limit_matters",
    "beside",
)
_OF_TURN = (
    "method",
    "path",
    "body",
    "raw",
    "headers",
    "credential",
    "hang_up_after_bytes",
    "padding",
    "http_version",
)


def _parse_turn(data: Mapping[str, Any], *, limit_matters: bool) -> Turn:
    unknown = set(data) - set(_OF_TURN)
    if unknown:
        raise ValueError(f"unknown members in a turn: {', '.join(sorted(unknown))}")
    return Turn(
        method=data.get("method", "POST"),
        path=data["path"],
        body=data.get("body"),
        raw=data.get("raw"),
        headers=dict(data.get("headers", {})),
        credential=Credential(data.get("credential", "own")),
        hang_up_after_bytes=data.get("hang_up_after_bytes"),
        limit_matters=limit_matters,
        padding=data.get("padding", 0),
        http_version=data.get("http_version", HTTP_1_1),
    )


def _overflows(body: Any) -> bool:
    if isinstance(body, dict):
        return body.get("times") == OVERFLOW or any(map(_overflows, body.values()))
    return isinstance(body, list) and any(map(_overflows, body))


def _ceiling(body: Any) -> int:
    if not isinstance(body, dict):
        return 0
    limits = [
        limit
        for name in ("max_tokens", "max_completion_tokens", "max_output_tokens")
        if isinstance(limit := body.get(name), int) and limit > 0
    ]
    choices = body.get("n")
    return max(limits, default=0) * (choices if isinstance(choices, int) and choices > 0 else 1)
