"""Deviations: deliberate changes to one behaviour of the reference endpoint.

A *fault* breaks a rule of the API; a *variation* does not. Both are named functions that run at one
stage while a reply is made, and return the changed value. They are applied in the given order, so
that several can be combined.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from .chat.ask import Ask
from .http.problem import ApiError
from .http.reply import Reply, Request
from .model.answer import Answer
from .responses.objects import Output
from .responses.state import State
from .settings import Settings

T = TypeVar("T")
Kind = Literal["fault", "variation"]
Object = dict[str, Any]
"""A JSON object."""


@dataclass
class Situation:
    """What is known about the reply that is being made. Each stage adds to it."""

    request: Request
    settings: Settings
    memory: dict[str, Any]
    """Shared by all replies of an endpoint, for faults that mix up requests."""
    number: int
    """The number of requests before this one."""
    route: str = ""
    """The name of a route in ``routes.py``; empty if no route was found."""
    body: Object = field(default_factory=dict)
    """The body as the client sent it; empty until it has been parsed."""
    ask: Ask | None = None
    error: ApiError | None = None

    @property
    def streams(self) -> bool:
        """Whether the client asked for a stream."""
        return self.body.get("stream") is True


@dataclass(frozen=True)
class Stage(Generic[T]):
    """A point at which deviations run, and the type of the value that they change."""

    name: str


SETTINGS: Stage[Settings] = Stage("settings")
"""Once, when the endpoint is created."""
REQUEST: Stage[Request] = Stage("request")
"""Before routing and authentication. May raise an ApiError."""
BODY: Stage[Object] = Stage("body")
"""The parsed body before validation. May raise an ApiError."""
ANSWER: Stage[Answer] = Stage("answer")
"""The model's answer: changes affect streaming and non-streaming replies alike."""
COMPLETION: Stage[Object] = Stage("completion")
"""The ``chat.completion`` object."""
CHUNKS: Stage[list[Object]] = Stage("chunks")
"""All ``chat.completion.chunk`` objects of a stream."""
EACH: Stage[Object] = Stage("each")
"""Every chat object after that: the completion, or each chunk."""
RESPONSES_BODY: Stage[Object] = Stage("responses-body")
"""The parsed body of ``POST /responses`` before validation. May raise an ApiError."""
HISTORY: Stage[list[Object]] = Stage("history")
"""The items of earlier turns that ``previous_response_id`` brings back for the model."""
STARTED: Stage[Object] = Stage("started")
"""The response object without output, from which the finished one is made."""
OUTPUT: Stage[list[Output]] = Stage("output")
"""The output items of a response, before they become JSON objects and events."""
ITEM: Stage[Object] = Stage("item")
"""Every output item of a response, in the response object and in its events."""
RESPONSE: Stage[Object] = Stage("response")
"""The finished response object: the body, the end of a stream, and what is stored."""
WHOLE_RESPONSE: Stage[Object] = Stage("whole-response")
"""The response object that is sent without streaming, after it was stored."""
EVENTS: Stage[list[Object]] = Stage("events")
"""All events of a streamed response."""
STATE: Stage[State] = Stage("state")
"""Once, when the endpoint is created: the storage for responses."""
STORED: Stage[Object] = Stage("stored")
"""A reply about a stored response: retrieved, deleted, or its input items."""
FRAMES: Stage[list[bytes]] = Stage("frames")
"""The events of a stream as bytes, including ``[DONE]``."""
MODELS: Stage[Object] = Stage("models")
"""The list of models, or one model."""
ERROR: Stage["Refusal"] = Stage("error")
"""An error before it becomes a reply."""
REPLY: Stage[Reply] = Stage("reply")
"""The final reply: status, headers, pieces, timing, ending."""


@dataclass(frozen=True)
class Refusal:
    """Status, body and extra headers of an error reply."""

    status: int
    body: Any
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Deviation:
    """One deliberate change of behaviour."""

    name: str
    kind: Kind
    stage: str
    sentence: str
    source: str | None
    alter: Callable[[Any, Situation], Any]


_KNOWN: dict[str, Deviation] = {}


def fault(
    name: str, stage: Stage[T], sentence: str, source: str | None = None
) -> Callable[[Callable[[T, Situation], T]], Callable[[T, Situation], T]]:
    """Register a function as a deliberate defect. ``source`` is the issue that reported it."""
    return _registering("fault", name, stage, sentence, source)


def variation(
    name: str, stage: Stage[T], sentence: str, source: str | None = None
) -> Callable[[Callable[[T, Situation], T]], Callable[[T, Situation], T]]:
    """Register a function as a legal variation, which must not break any check."""
    return _registering("variation", name, stage, sentence, source)


def registered() -> Mapping[str, Deviation]:
    """The deviations of all modules that are imported, by name."""
    return _KNOWN


def altered(deviations: Iterable[Deviation], stage: Stage[T], value: T, situation: Situation) -> T:
    """The value after all deviations of that stage have changed it."""
    for deviation in deviations:
        if deviation.stage != stage.name:
            continue
        try:
            value = deviation.alter(value, situation)
        except (KeyError, TypeError, AttributeError):
            if stage.name not in (BODY.name, RESPONSES_BODY.name):
                raise
            # The body is malformed, so this deviation does not apply.
    return value


def _registering(
    kind: Kind, name: str, stage: Stage[T], sentence: str, source: str | None
) -> Callable[[Callable[[T, Situation], T]], Callable[[T, Situation], T]]:
    def register(alter: Callable[[T, Situation], T]) -> Callable[[T, Situation], T]:
        if name in _KNOWN:
            raise ValueError(f"{name!r} is registered twice")
        _KNOWN[name] = Deviation(name, kind, stage.name, sentence, source, alter)
        return alter

    return register
