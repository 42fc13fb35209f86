"""The reference endpoint as a function from a request to a reply.

Nothing here waits, reads a socket or knows about the server, so a test can make replies directly.
"""

import hashlib
import itertools
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from . import deviation as at
from .allowance import most_tokens
from .chat.ask import Ask
from .chat.chunks import chunk_objects
from .chat.objects import Stamp, completion_object, model_object
from .chat.validation import validated_ask
from .deviation import Deviation, Refusal, Situation, altered
from .http.decoding import decoded_body
from .http.encoding import encoded
from .http.frames import DONE, frame
from .http.problem import ApiError
from .http.reply import Headers, Reply, Request
from .http.replying import event_stream, json_reply
from .http.routes import Route, authenticate, find_route
from .model.answer import Answer
from .model.generation import generate
from .responses.api import ResponsesApi
from .responses.state import State
from .settings import Settings

_CORS: Headers = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "*"),
)
_OF_RESPONSES = ("responses", "conversations", "input_tokens", "compact")
_MODELS_CREATED = 1_700_000_000


class ReferenceEndpoint:
    """An endpoint without defects, except for the deviations given, by name or as they are.

    Every id in its replies is made from the next of `numbers`.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        faults: Iterable[str | Deviation] = (),
        clock: Callable[[], float] = time.time,
        numbers: Iterator[int] | None = None,
    ) -> None:
        self._deviations = _deviations(tuple(faults))
        self._clock = clock
        self._lock = threading.Lock()
        self._numbers = numbers or itertools.count(1)
        self._memory: dict[str, Any] = {}
        plain = settings or Settings()
        nobody = Situation(Request("", ""), plain, self._memory, 0)
        self.settings = altered(self._deviations, at.SETTINGS, plain, nobody)
        state = altered(self._deviations, at.STATE, State(), nobody)
        self._responses = ResponsesApi(self._deviations, self.settings, clock, self._new_id, state)

    def reply(self, request: Request) -> Reply:
        """The complete reply to one request. Thread-safe."""
        number = self._next()
        situation = Situation(request, self.settings, self._memory, number)
        try:
            request = altered(self._deviations, at.REQUEST, request, situation)
            reply = self._routed(request, situation)
        except ApiError as error:
            situation.error = error
            reply = self._refused(situation, error)
        reply = reply.with_header("X-Request-Id", _digest("req_", number))
        reply = replace(reply, headers=(*reply.headers, *_CORS))
        return encoded(altered(self._deviations, at.REPLY, reply, situation), request)

    def _next(self) -> int:
        with self._lock:
            return next(self._numbers)

    def _new_id(self, prefix: str) -> str:
        return _digest(prefix, self._next())

    def _routed(self, request: Request, situation: Situation) -> Reply:
        path = re.sub("//+", "/", request.path)
        route = find_route(path, self.settings.base_path)
        if request.method == "OPTIONS" and route is not None:
            return _preflight(route)
        if (path + "/").startswith(self.settings.base_path + "/"):
            authenticate(request, self.settings)
        if route is None:
            message = f"Unknown request URL: {request.method} {path}."
            raise ApiError(404, message, code="unknown_url")
        situation.route = route.name
        if route.name == "responses" and (request.header("upgrade") or "").lower() == "websocket":
            message = "WebSockets are not served here: send the request with POST."
            raise ApiError(426, message, code="upgrade_not_supported")
        if request.method not in route.methods:
            raise ApiError(
                405,
                f"Not allowed to {request.method} on {path}.",
                code="method_not_supported",
                headers=(("Allow", route.allow),),
            )
        if route.name == "chat":
            return self._chat(request, situation)
        if route.response or route.name in _OF_RESPONSES:
            return self._responses.reply(route, request, situation)
        return self._models(route, situation)

    def _models(self, route: Route, situation: Situation) -> Reply:
        told = self.settings.told_context_window
        entries = [model_object(name, _MODELS_CREATED, told) for name in self.settings.models]
        value: dict[str, Any] = {"object": "list", "data": entries}
        if route.name == "model":
            found = [entry for entry in entries if entry["id"] == route.model]
            if not found:
                message = f"The model '{route.model}' does not exist."
                raise ApiError(404, message, param="model", code="model_not_found")
            value = found[0]
        return json_reply(200, altered(self._deviations, at.MODELS, value, situation))

    def _chat(self, request: Request, situation: Situation) -> Reply:
        situation.body = decoded_body(request, self.settings.max_body_bytes)
        body = altered(self._deviations, at.BODY, dict(situation.body), situation)
        ask = validated_ask(body, self.settings)
        situation.ask = ask
        most, clamped = most_tokens(ask, self.settings, "messages", "max_tokens")
        answer = generate(ask, most, self._new_id)
        answer = altered(self._deviations, at.ANSWER, answer, situation)
        stamp = Stamp(self._new_id("chatcmpl-"), int(self._clock()), ask.model)
        if ask.stream:
            reply = self._streamed(ask, answer, stamp, situation)
        else:
            value = completion_object(ask, answer, stamp)
            value = altered(self._deviations, at.COMPLETION, value, situation)
            value = altered(self._deviations, at.EACH, value, situation)
            reply = json_reply(200, value)
        return reply.with_header(self.settings.clamp_header, str(most)) if clamped else reply

    def _streamed(self, ask: Ask, answer: Answer, stamp: Stamp, situation: Situation) -> Reply:
        chunks = chunk_objects(ask, answer, stamp)
        chunks = altered(self._deviations, at.CHUNKS, chunks, situation)
        chunks = [altered(self._deviations, at.EACH, chunk, situation) for chunk in chunks]
        frames = [*map(frame, chunks), DONE]
        frames = altered(self._deviations, at.FRAMES, frames, situation)
        return event_stream(frames, answer.completion_tokens, self.settings)

    def _refused(self, situation: Situation, error: ApiError) -> Reply:
        refusal = Refusal(error.status, error.body(), error.headers)
        refusal = altered(self._deviations, at.ERROR, refusal, situation)
        reply = json_reply(refusal.status, refusal.body)
        return replace(reply, headers=(*reply.headers, *refusal.headers))


def _deviations(given: tuple[str | Deviation, ...]) -> tuple[Deviation, ...]:
    if not given:
        return ()
    from .known_deviations import named

    return tuple(each if isinstance(each, Deviation) else named([each])[0] for each in given)


def _preflight(route: Route) -> Reply:
    headers = (
        ("Allow", route.allow),
        ("Access-Control-Allow-Methods", route.allow),
        ("Access-Control-Allow-Headers", "*, Authorization, Content-Type"),
        ("Access-Control-Max-Age", "600"),
    )
    return Reply(204, headers)


def _digest(prefix: str, number: int) -> str:
    """An id that looks random but is derived from a counter."""
    return prefix + hashlib.sha256(f"{prefix}{number}".encode()).hexdigest()[:24]
