"""Legal variations of the Responses API: what servers may add, leave out or not support."""

import copy
from collections.abc import Callable
from dataclasses import replace

from ..deviation import (
    ANSWER,
    ERROR,
    EVENTS,
    FRAMES,
    ITEM,
    OUTPUT,
    REPLY,
    REQUEST,
    RESPONSE,
    RESPONSES_BODY,
    STARTED,
    STATE,
    Object,
    Refusal,
    Situation,
    variation,
)
from ..editing import each_choice, refused
from ..http.frames import DONE
from ..http.problem import ApiError, invalid
from ..http.reply import Request
from ..model.answer import Answer
from ..model.script import thought
from ..model.tokens import tokenize
from ..responses.editing import Events, of_type, place_of, placed, text_parts
from ..responses.items import Item
from ..responses.late_refusals import late_refusal
from ..responses.objects import Output
from ..responses.state import Kept, State

_OPTIONAL = (
    "background", "max_tool_calls", "prompt_cache_key", "safety_identifier",
    "service_tier", "top_logprobs", "user",
)  # fmt: skip
_UNSUPPORTED = (
    "store", "metadata", "parallel_tool_calls", "truncation", "include", "reasoning", "text",
    "user", "top_logprobs", "temperature", "top_p", "tools", "prompt_cache_key",
    "safety_identifier",
)  # fmt: skip


class _Stateless(State):
    """Stores nothing and says so."""

    stores = False

    def keep(self, kept: Kept) -> None:
        """Do not store it."""

    def continued(self, response_id: str) -> tuple[Item, ...]:
        """Refuse every continuation."""
        raise invalid(
            "previous_response_id",
            "Unsupported parameter: 'previous_response_id' is not supported, as no responses are "
            "kept here.",
            "unsupported_parameter",
        )


class _NothingKept(State):
    """Stores nothing, as each response says: every id is unknown."""

    stores = False

    def keep(self, kept: Kept) -> None:
        """Do not store it."""


class _ContinuationNotFound(State):
    def continued(self, response_id: str) -> tuple[Item, ...]:
        try:
            return super().continued(response_id)
        except ApiError as error:
            message = f"Response with id '{response_id}' not found."
            raise ApiError(404, message, param="previous_response_id") from error


@variation(
    "responses-no-state",
    STATE,
    "Responses are not stored; previous_response_id gets a clear 400.",
    "vllm-project/vllm#22137",
)
def _no_state(_: State, __: Situation) -> State:
    return _Stateless()


@variation(
    "responses-nothing-kept",
    STATE,
    "Responses are not stored; previous_response_id gets previous_response_not_found.",
    "digitalocean/gradient-python#96",
)
def _nothing_kept(_: State, __: Situation) -> State:
    return _NothingKept()


@variation("responses-previous-unknown-404", STATE, "An unknown previous_response_id gives a 404.")
def _continuation_404(_: State, __: Situation) -> State:
    return _ContinuationNotFound()


@variation("responses-absent", REQUEST, "There is no Responses API; its paths give a 404.")
def _absent(request: Request, _: Situation) -> Request:
    if "/responses" in request.path:
        message = f"Unknown request URL: {request.method} {request.path}."
        raise ApiError(404, message, code="unknown_url")
    return request


@variation(
    "responses-create-only",
    REQUEST,
    "Responses can be created, but there are no paths to retrieve or delete them.",
)
def _create_only(request: Request, _: Situation) -> Request:
    if b'"background":true' in request.body:
        raise refused(400, "Unsupported parameter: 'background'.", "background")
    if "/responses/" in request.path:
        message = f"Unknown request URL: {request.method} {request.path}."
        raise ApiError(404, message, code="unknown_url")
    return request


@variation(
    "responses-done-sentinel",
    FRAMES,
    "data: [DONE] follows response.completed.",
    "BerriAI/litellm#34095",
)
def _done(frames: list[bytes], situation: Situation) -> list[bytes]:
    return [*frames, DONE] if situation.route == "responses" else frames


@variation("responses-extra-fields", STARTED, "Responses have fields that the API does not define.")
def _extra_fields(response: Object, _: Situation) -> Object:
    return {**response, "provider": "Somebody", "kv_transfer_params": None, "cost": 0.1}


@variation("responses-extra-item-fields", ITEM, "Items have fields that the API does not define.")
def _extra_item_fields(item: Object, _: Situation) -> Object:
    return {**item, "provider_data": {"signature": "c2ln"}}


@variation(
    "responses-extra-event-fields", EVENTS, "Events have fields that the API does not define."
)
def _extra_event_fields(events: Events, _: Situation) -> Events:
    return [{**event, "timings": {"ms": 3}} for event in events]


@variation("responses-obfuscation", EVENTS, "Deltas have an obfuscation of varying length.")
def _obfuscation(events: Events, _: Situation) -> Events:
    for event in events:
        if "delta" in event:
            event["obfuscation"] = "x" * (16 - len(event["delta"]) % 16)
    return events


@variation(
    "responses-hosted-tool-events",
    EVENTS,
    "There are also events of a type that only hosted tools have.",
)
def _hosted_tools(events: Events, _: Situation) -> Events:
    queued = {"type": "response.queued", "response": copy.deepcopy(events[0]["response"])}
    progress = {"type": "response.provider_metrics.updated", "metrics": {"queue": 1}}
    queued["response"]["status"] = "queued"
    return placed(placed(events, 2, progress), 1, queued)


@variation(
    "responses-keepalive-events", EVENTS, "There are events of type keepalive between the others."
)
def _keepalive(events: Events, _: Situation) -> Events:
    return placed(events, 2, {"type": "keepalive"})


@variation("responses-logprobs-absent", EVENTS, "Text events have no logprobs unless requested.")
def _no_logprobs(events: Events, _: Situation) -> Events:
    for event in of_type(events, "output_text.delta", "output_text.done"):
        if not event["logprobs"]:
            del event["logprobs"]
    return events


@variation(
    "responses-part-logprobs-absent", OUTPUT, "Text parts have no logprobs unless requested."
)
def _no_part_logprobs(output: list[Output], _: Situation) -> list[Output]:
    for made in output:
        for part in text_parts(made.item):
            if not part["logprobs"]:
                del part["logprobs"]
    return output


@variation(
    "responses-usage-in-progress",
    EVENTS,
    "The first events have a usage with zeros instead of null.",
)
def _early_usage(events: Events, _: Situation) -> Events:
    zeros = {
        "input_tokens": 0,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": 0,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 0,
    }
    for event in of_type(events, "created", "in_progress"):
        event["response"]["usage"] = dict(zeros)
    return events


@variation("responses-usage-absent-at-first", EVENTS, "The first events have no usage key.")
def _usage_absent(events: Events, _: Situation) -> Events:
    for event in of_type(events, "created", "in_progress"):
        del event["response"]["usage"]
    return events


@variation(
    "responses-optional-fields-absent", STARTED, "Fields that are new or optional are absent."
)
def _optional_absent(response: Object, _: Situation) -> Object:
    return {key: held for key, held in response.items() if key not in _OPTIONAL}


@variation("responses-cached-tokens", RESPONSE, "Some of the input tokens come from a cache.")
def _cached(response: Object, _: Situation) -> Object:
    usage = response["usage"]
    usage["input_tokens_details"]["cached_tokens"] = usage["input_tokens"] // 2
    return response


@variation("responses-dated-model", STARTED, "model is a dated version of the requested model.")
def _dated(response: Object, _: Situation) -> Object:
    return {**response, "model": f"{response['model']}-2024-01-31"}


@variation("responses-sampling-null", STARTED, "temperature and top_p are null when not given.")
def _sampling_null(response: Object, situation: Situation) -> Object:
    names = ("temperature", "top_p")
    unasked = {name: None for name in names if situation.body.get(name) is None}
    return {**response, **unasked}


@variation(
    "responses-reasoning-null", STARTED, "reasoning is null for a model that does not reason."
)
def _reasoning_null(response: Object, situation: Situation) -> Object:
    return response if situation.body.get("reasoning") else {**response, "reasoning": None}


@variation(
    "responses-no-reasoning-items",
    ANSWER,
    "A reasoning model does not show its thoughts in responses.",
)
def _unseen(answer: Answer, situation: Situation) -> Answer:
    if situation.route != "responses":
        return answer
    choices = tuple(
        replace(choice, reasoning=()) if choice.content or choice.calls else choice
        for choice in answer.choices
    )
    return replace(answer, choices=choices)


@variation("responses-thoughts-hidden", ANSWER, "The model's thoughts are never shown but counted.")
def _hidden(answer: Answer, situation: Situation) -> Answer:
    if situation.route != "responses":
        return answer
    return each_choice(answer, lambda choice: replace(choice, reasoning=()))


@variation("responses-one-call-only", ANSWER, "The model makes one function call at a time.")
def _one_call(answer: Answer, situation: Situation) -> Answer:
    if situation.route != "responses":
        return answer
    return each_choice(answer, lambda choice: replace(choice, calls=choice.calls[:1]))


@variation("responses-reasoning-without-status", ITEM, "Reasoning items have no status.")
def _no_status(item: Object, _: Situation) -> Object:
    if item.get("type") != "reasoning":
        return item
    return {key: held for key, held in item.items() if key != "status"}


@variation("responses-opaque-ids", OUTPUT, "The ids of items have an unusual form.")
def _opaque(output: list[Output], _: Situation) -> list[Output]:
    return [replace(made, item={**made.item, "id": _renamed(made.item["id"])}) for made in output]


def _renamed(name: str) -> str:
    digits = name.partition("_")[2].ljust(32, "0")
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:]}"


@variation(
    "responses-arguments-done-only",
    OUTPUT,
    "Arguments arrive only in the done event, without deltas.",
    "BerriAI/litellm#27144",
)
def _done_only(output: list[Output], _: Situation) -> list[Output]:
    calls = [made for made in output if made.item["type"] == "function_call"]
    return [replace(made, fragments=()) if made in calls else made for made in output]


@variation("responses-one-delta", OUTPUT, "Text and arguments arrive in a single delta.")
def _one_delta(output: list[Output], situation: Situation) -> list[Output]:
    if situation.ask is None or situation.ask.logprobs:
        return output
    return [replace(made, fragments=("".join(made.fragments),)) for made in output]


@variation("responses-empty-deltas", EVENTS, "Some deltas are empty.")
def _empty_deltas(events: Events, _: Situation) -> Events:
    for event in of_type(events, "output_text.delta", "function_call_arguments.delta")[:1]:
        empty = {**event, "delta": ""}
        events = placed(events, place_of(events, event), empty)
    return events


@variation(
    "responses-reasoning-text",
    OUTPUT,
    "Thoughts are sent as reasoning_text, not as a summary, as with open models.",
)
def _reasoning_text(output: list[Output], _: Situation) -> list[Output]:
    return [_as_thought(made) if made.item["type"] == "reasoning" else made for made in output]


def _as_thought(made: Output) -> Output:
    whole = made.item["status"] == "completed"
    shown = [part["text"] for part in made.item["summary"]] or [thought() if whole else ""]
    text = shown[0]
    part = {"type": "reasoning_text", "text": text}
    item = {**made.item, "summary": [], "content": [part]}
    return Output(item, tokenize(text))


@variation("responses-empty-message-before-call", OUTPUT, "An empty message precedes a call.")
def _empty_message(output: list[Output], _: Situation) -> list[Output]:
    places = [place for place, made in enumerate(output) if made.item["type"] == "function_call"]
    if not places:
        return output
    name = output[places[0]].item["id"].replace("fc_", "msg_")
    part = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
    message = {"id": name, "type": "message", "status": "completed", "role": "assistant"}
    empty = Output({**message, "content": [part]}, ())
    return [*output[: places[0]], empty, *output[places[0] :]]


def _refusing(name: str) -> Callable[[Object, Situation], Object]:
    def alter(body: Object, _: Situation) -> Object:
        if body.get(name) is not None:
            message = f"Unsupported parameter: '{name}' is not supported with this model."
            raise refused(400, message, name, code="unsupported_parameter")
        return body

    return alter


for _name in _UNSUPPORTED:
    variation(
        f"responses-refuses-{_name}",
        RESPONSES_BODY,
        f"{_name} in a request for a response is refused with a 400 that names it.",
    )(_refusing(_name))


@variation(
    "responses-refuses-custom-tools",
    RESPONSES_BODY,
    "A tool of type custom is refused with a 400 that names it.",
)
def _no_custom_tools(body: Object, _: Situation) -> Object:
    for place, tool in enumerate(body.get("tools") or ()):
        if tool.get("type") != "function":
            message = f"Invalid value: '{tool.get('type')}'. Supported values are: 'function'."
            raise refused(400, message, f"tools[{place}].type", code="invalid_value")
    return body


@variation(
    "responses-least-limit-16",
    RESPONSES_BODY,
    "A max_output_tokens below 16 is refused, as OpenAI does.",
)
def _least(body: Object, _: Situation) -> Object:
    limit = body.get("max_output_tokens")
    if type(limit) is int and 0 < limit < 16:
        message = (
            "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, "
            f"but got {limit} instead."
        )
        raise refused(400, message, "max_output_tokens", code="integer_below_min_value")
    return body


@variation("responses-errors-422", ERROR, "An invalid request for a response gives a 422.")
def _status_422(refusal: Refusal, situation: Situation) -> Refusal:
    about = situation.route == "responses" and refusal.status == 400
    return replace(refusal, status=422) if about else refusal


variation(
    "responses-overflow-fails-in-stream",
    REPLY,
    "A prompt beyond the context window is told in response.failed, with its code.",
)(late_refusal("context", "failed"))


@variation(
    "responses-neither-counted-nor-compacted",
    REQUEST,
    "Input tokens are not counted, and conversations are not compacted: 404.",
)
def _only_responses(request: Request, _: Situation) -> Request:
    if request.path.endswith(("/responses/input_tokens", "/responses/compact")):
        raise ApiError(404, "Not found.")
    return request
