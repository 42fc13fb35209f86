"""The frame in which one behaviour of the reference endpoint is changed on purpose.

A *fault* breaks a rule of the API; a *variation* stays within it. Both are a named function that
hooks in at one stage of a reply's making and returns the changed value. They are applied in the
order given, so that several can be combined.
"""

import difflib
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
    """What is known about the reply in the making; filled in as it goes through the stages."""

    request: Request
    settings: Settings
    memory: dict[str, Any]
    """Shared by all replies of one endpoint: for faults that mix requests up."""
    number: int
    """How many requests came before this one."""
    route: str = ""
    """The name of a route of ``routes.py``; empty when no route was found."""
    body: Object = field(default_factory=dict)
    """The body as the client sent it; empty until it has been read."""
    ask: Ask | None = None
    error: ApiError | None = None

    @property
    def streams(self) -> bool:
        """Whether the client asked for a stream."""
        return self.body.get("stream") is True


@dataclass(frozen=True)
class Stage(Generic[T]):
    """A point at which deviations hook in, and the type of what they change there."""

    name: str


SETTINGS: Stage[Settings] = Stage("settings")
"""Once, when the endpoint is made."""
REQUEST: Stage[Request] = Stage("request")
"""Before routing and authentication. May raise an ApiError."""
BODY: Stage[Object] = Stage("body")
"""The parsed body before validation. May raise an ApiError."""
ANSWER: Stage[Answer] = Stage("answer")
"""What the model said: changes stream and whole answer alike."""
COMPLETION: Stage[Object] = Stage("completion")
"""The whole ``chat.completion`` object."""
CHUNKS: Stage[list[Object]] = Stage("chunks")
"""All ``chat.completion.chunk`` objects of a stream."""
EACH: Stage[Object] = Stage("each")
"""Every chat object after that: the whole completion, or each chunk."""
RESPONSES_BODY: Stage[Object] = Stage("responses-body")
"""The parsed body of ``POST /responses`` before validation. May raise an ApiError."""
HISTORY: Stage[list[Object]] = Stage("history")
"""The items of earlier turns that ``previous_response_id`` brings back, for the model to read."""
STARTED: Stage[Object] = Stage("started")
"""The response object before anything is written, from which the finished one is made."""
OUTPUT: Stage[list[Output]] = Stage("output")
"""The output items of a response, before anything is made of them."""
ITEM: Stage[Object] = Stage("item")
"""Every output item of a response, in the response object and in the events about it."""
RESPONSE: Stage[Object] = Stage("response")
"""The finished response object, whether sent whole, at the end of a stream, or kept."""
WHOLE_RESPONSE: Stage[Object] = Stage("whole-response")
"""The response object that is sent whole, after it was kept."""
EVENTS: Stage[list[Object]] = Stage("events")
"""All events of a streamed response."""
STATE: Stage[State] = Stage("state")
"""Once, when the endpoint is made: what keeps the responses."""
STORED: Stage[Object] = Stage("stored")
"""What is said about a kept response: retrieved, deleted, or its input items."""
FRAMES: Stage[list[bytes]] = Stage("frames")
"""The events of a stream, as bytes, ``[DONE]`` included."""
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
    """Register a function as a deliberate defect; ``source`` is the thread that reported it."""
    return _registering("fault", name, stage, sentence, source)


def variation(
    name: str, stage: Stage[T], sentence: str, source: str | None = None
) -> Callable[[Callable[[T, Situation], T]], Callable[[T, Situation], T]]:
    """Register a function as a legal variation, which must trip no check."""
    return _registering("variation", name, stage, sentence, source)


def known() -> Mapping[str, Deviation]:
    """All registered deviations by name."""
    return dict(sorted(_KNOWN.items()))


def named(names: Iterable[str]) -> tuple[Deviation, ...]:
    """The deviations with these names, in this order; raises ValueError for an unknown one."""
    found: list[Deviation] = []
    for name in names:
        if name not in _KNOWN:
            near = difflib.get_close_matches(name, _KNOWN, n=5, cutoff=0.4)
            hint = f" Did you mean {', '.join(near)}?" if near else ""
            raise ValueError(f"There is no fault or variation named {name!r}.{hint}")
        found.append(_KNOWN[name])
    return tuple(found)


def altered(deviations: Iterable[Deviation], stage: Stage[T], value: T, situation: Situation) -> T:
    """The value after every deviation of that stage has changed it."""
    for deviation in deviations:
        if deviation.stage != stage.name:
            continue
        try:
            value = deviation.alter(value, situation)
        except (KeyError, TypeError, AttributeError):
            if stage.name not in (BODY.name, RESPONSES_BODY.name):
                raise
            # A malformed body, about which this deviation has nothing to say.
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
