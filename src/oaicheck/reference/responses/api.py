"""The routes of the Responses API, and of the conversations beside it."""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import parse_qs

from .. import deviation as at
from ..allowance import most_tokens
from ..deviation import Deviation, Situation, altered
from ..http.decoding import decoded_body
from ..http.frames import named_frame
from ..http.problem import invalid
from ..http.reply import Reply, Request
from ..http.replying import event_stream, json_reply
from ..http.routes import Route
from ..model.answer import Answer
from ..model.generation import generate
from ..model.tokens import prompt_tokens
from ..settings import Settings
from .asked import ResponseAsk, validated_response_ask
from .events import event_objects
from .items import InputReader, Item
from .objects import Output, finished_response, outputs, started_response
from .state import Kept, State

_MOST_LISTED = 100


@dataclass
class ResponsesApi:
    """The part of the endpoint below ``/responses``."""

    deviations: Sequence[Deviation]
    settings: Settings
    clock: Callable[[], float]
    new_id: Callable[[str], str]
    state: State

    def reply(self, route: Route, request: Request, situation: Situation) -> Reply:
        """The reply to a request that was routed here."""
        if route.name == "responses":
            return self._create(request, situation)
        query = {name: values[-1] for name, values in parse_qs(request.query).items()}
        if route.name == "response" and query.get("stream") == "true":
            return self._resumed(route.response, query.get("starting_after", "-1"))
        value: dict[str, Any]
        if request.method == "DELETE":
            self.state.forget(route.response)
            value = {"id": route.response, "object": "response", "deleted": True}
        elif route.name == "cancel":
            value = self.state.cancel(route.response)
        elif route.name == "conversations":
            value = self._conversation(request, situation)
        elif route.name == "input_tokens":
            asked = self._asked(request, situation)
            value = {"object": "response.input_tokens", "input_tokens": _input_tokens(asked)}
        elif route.name == "compact":
            value = self._compacted(self._asked(request, situation))
        elif route.name == "conversation_items":
            value = _page(self.state.conversation(route.response), query)
        elif route.name == "input_items":
            value = _page(self.state.find(route.response).input_items, query)
        else:
            value = self.state.find(route.response).response
        return json_reply(200, altered(self.deviations, at.STORED, value, situation))

    def _conversation(self, request: Request, situation: Situation) -> dict[str, Any]:
        situation.body = decoded_body(request, self.settings.max_body_bytes)
        items = InputReader(self.state, self.new_id, ()).read(situation.body.get("items"))
        name = self.new_id("conv_")
        self.state.keep_conversation(name, items)
        metadata = situation.body.get("metadata") or {}
        created = {"created_at": int(self.clock()), "metadata": metadata}
        return {"id": name, "object": "conversation", **created}

    def _asked(self, request: Request, situation: Situation) -> ResponseAsk:
        """The request for a response that only has to be counted, or to become shorter."""
        situation.body = decoded_body(request, self.settings.max_body_bytes)
        body = copy.deepcopy(situation.body)
        return validated_response_ask(body, self.settings, self.state, self.new_id, list)

    def _compacted(self, asked: ResponseAsk) -> dict[str, Any]:
        """What the user said, and everything else as one item that only this endpoint can read."""
        items = (*asked.earlier, *asked.items)
        said = [item for item in items if item.get("role") == "user"]
        rest = repr([item for item in items if item.get("role") != "user"]).encode().hex()
        item = {"id": self.new_id("cmp_"), "type": "compaction", "encrypted_content": rest}
        count = _input_tokens(asked)
        return {
            "id": self.new_id("resp_"),
            "object": "response.compaction",
            "created_at": int(self.clock()),
            "output": [*said, item],
            "usage": {
                "input_tokens": count,
                "input_tokens_details": {"cached_tokens": 0},
                "output_tokens": 1,
                "output_tokens_details": {"reasoning_tokens": 0},
                "total_tokens": count + 1,
            },
        }

    def _resumed(self, response_id: str, after: str) -> Reply:
        """The events of a stored response after the one with that number."""
        if not after.lstrip("-").isdecimal():
            raise invalid("starting_after", "Invalid 'starting_after': expected a number.")
        left = [
            event
            for event in self.state.events(response_id)
            if event["sequence_number"] > int(after)
        ]
        return event_stream([named_frame(event) for event in left], len(left), self.settings)

    def _create(self, request: Request, situation: Situation) -> Reply:
        situation.body = decoded_body(request, self.settings.max_body_bytes)
        body = copy.deepcopy(situation.body)
        body = altered(self.deviations, at.RESPONSES_BODY, body, situation)
        created_at = int(self.clock())

        def remember(items: list[Item]) -> list[Item]:
            return altered(self.deviations, at.HISTORY, items, situation)

        asked = validated_response_ask(body, self.settings, self.state, self.new_id, remember)
        if asked.given.get("truncation") == "auto":
            asked = _truncated(asked, self.settings.context_window)
        situation.ask = asked.ask
        most, clamped = most_tokens(asked.ask, self.settings, "input", "max_output_tokens")
        answer = generate(asked.ask, most, self.new_id)
        answer = altered(self.deviations, at.ANSWER, answer, situation)
        made = outputs(asked, answer, self.new_id)
        made = altered(self.deviations, at.OUTPUT, made, situation)
        response_id = self.new_id("resp_")
        started = started_response(asked, response_id, created_at)
        started["store"] = asked.store and self.state.stores
        started = altered(self.deviations, at.STARTED, started, situation)
        finished = self._finished(started, answer, made, situation)
        said = tuple(output.item for output in made)
        kept = Kept(
            {**finished, "id": response_id},
            asked.items,
            (*asked.earlier, *asked.items, *said),
            asked.store,
            asked.background,
        )
        self.state.keep(kept)
        cut = answer.choices[0].finish_reason == "length"
        ending = "incomplete" if cut and finished.get("status") != "completed" else "completed"
        events = partial(event_objects, asked, started, made, finished, ending)
        self.state.keep_events(response_id, events)
        if asked.ask.stream:
            reply = self._streamed(asked, events(), situation)
        elif asked.background:
            reply = json_reply(200, {**started, "status": "queued"})
        else:
            value = altered(self.deviations, at.WHOLE_RESPONSE, finished, situation)
            reply = json_reply(200, value)
        return reply.with_header(self.settings.clamp_header, str(most)) if clamped else reply

    def _finished(
        self,
        started: dict[str, Any],
        answer: Answer,
        made: Sequence[Output],
        situation: Situation,
    ) -> dict[str, Any]:
        items = [
            altered(self.deviations, at.ITEM, copy.deepcopy(output.item), situation)
            for output in made
        ]
        finished = finished_response(started, answer, items, int(self.clock()))
        return altered(self.deviations, at.RESPONSE, finished, situation)

    def _streamed(
        self, asked: ResponseAsk, events: list[dict[str, Any]], situation: Situation
    ) -> Reply:
        for event in events:
            if "item" in event:
                event["item"] = altered(self.deviations, at.ITEM, event["item"], situation)
        events = altered(self.deviations, at.EVENTS, events, situation)
        frames = [named_frame(event) for event in events]
        frames = altered(self.deviations, at.FRAMES, frames, situation)
        return event_stream(frames, len(events), self.settings)


def _input_tokens(asked: ResponseAsk) -> int:
    return prompt_tokens(asked.ask.messages, asked.ask.tools)


def _truncated(asked: ResponseAsk, window: int) -> ResponseAsk:
    """The same request without its oldest messages, so that the rest fits."""
    ask = asked.ask
    messages = list(ask.messages)
    while len(messages) > 1 and prompt_tokens(messages, ask.tools) >= window:
        del messages[1 if messages[0]["role"] == "system" and len(messages) > 2 else 0]
    return replace(asked, ask=replace(ask, messages=tuple(messages)))


def _page(items: Sequence[Item], asked: Mapping[str, str]) -> dict[str, Any]:
    """The part of a list that a query asks for, newest item first by default."""
    order = asked.get("order", "desc")
    if order not in ("asc", "desc"):
        raise invalid(
            "order",
            f"Invalid value: '{order}'. Supported values are: 'asc', 'desc'.",
            "invalid_value",
        )
    given = asked.get("limit", "20")
    limit = int(given) if given.isdecimal() else 0
    if not 1 <= limit <= _MOST_LISTED:
        raise invalid(
            "limit",
            f"Invalid 'limit': expected a number from 1 to {_MOST_LISTED}.",
            "invalid_value",
        )
    ordered = list(items if order == "asc" else reversed(items))
    places = [place for place, item in enumerate(ordered) if item["id"] == asked.get("after")]
    rest = ordered[places[0] + 1 :] if places else ordered
    data = rest[:limit]
    return {
        "object": "list",
        "data": data,
        "first_id": data[0]["id"] if data else None,
        "last_id": data[-1]["id"] if data else None,
        "has_more": len(rest) > limit,
    }
