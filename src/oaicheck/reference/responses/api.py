"""The routes of the Responses API: create, retrieve, delete, and list input items."""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
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
from .items import Item
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
        value: dict[str, Any]
        if request.method == "DELETE":
            self.state.forget(route.response)
            value = {"id": route.response, "object": "response", "deleted": True}
        else:
            kept = self.state.find(route.response)
            listed = route.name == "input_items"
            value = _page(kept.input_items, request.query) if listed else kept.response
        return json_reply(200, altered(self.deviations, at.STORED, value, situation))

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
        )
        self.state.keep(kept)
        if asked.ask.stream:
            cut = answer.choices[0].finish_reason == "length"
            ending = "incomplete" if cut and finished.get("status") != "completed" else "completed"
            events = event_objects(asked, started, made, finished, ending)
            reply = self._streamed(asked, events, situation)
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


def _truncated(asked: ResponseAsk, window: int) -> ResponseAsk:
    """The same request without its oldest messages, so that the rest fits."""
    ask = asked.ask
    messages = list(ask.messages)
    while len(messages) > 1 and prompt_tokens(messages, ask.tools) >= window:
        del messages[1 if messages[0]["role"] == "system" and len(messages) > 2 else 0]
    return replace(asked, ask=replace(ask, messages=tuple(messages)))


def _page(items: Sequence[Item], query: str) -> dict[str, Any]:
    """The part of a list that a query asks for, newest item first by default."""
    asked = {name: values[-1] for name, values in parse_qs(query).items()}
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
