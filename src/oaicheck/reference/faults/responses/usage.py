"""Faults of the usage of a response: wrong names, wrong sums, missing counts."""

from collections.abc import Callable

from ...deviation import EVENTS, RESPONSE, WHOLE_RESPONSE, Object, Situation, fault
from ...responses.editing import Events, changing, final

_COUNTERS = ("input_tokens", "output_tokens", "total_tokens")

fault("responses-usage-null", RESPONSE, "usage of a finished response is null.")(
    changing(usage=None)
)
fault("responses-usage-empty", RESPONSE, "usage is an empty object.")(changing(usage={}))


def _without(*path: str) -> Callable[[Object, Situation], Object]:
    def alter(response: Object, _: Situation) -> Object:
        held = response["usage"]
        for name in path[:-1]:
            held = held[name]
        del held[path[-1]]
        return response

    return alter


for _name in _COUNTERS:
    fault(f"responses-usage-{_name}-missing", RESPONSE, f"usage has no {_name}.")(_without(_name))
fault(
    "responses-usage-cached-tokens-missing", RESPONSE, "input_tokens_details has no cached_tokens."
)(_without("input_tokens_details", "cached_tokens"))
fault(
    "responses-usage-reasoning-tokens-missing",
    RESPONSE,
    "output_tokens_details has no reasoning_tokens.",
)(_without("output_tokens_details", "reasoning_tokens"))


def _counting(change: Callable[[int], object]) -> Callable[[Object, Situation], Object]:
    def alter(response: Object, _: Situation) -> Object:
        for name in _COUNTERS:
            response["usage"][name] = change(response["usage"][name])
        return response

    return alter


fault("responses-usage-zero", RESPONSE, "All counters of usage are 0.")(_counting(lambda _: 0))
fault("responses-usage-strings", RESPONSE, "The counters of usage are strings.")(_counting(str))
fault("responses-usage-floats", RESPONSE, "The counters of usage are not whole numbers.")(
    _counting(lambda count: count + 0.5)
)
fault("responses-usage-negative", RESPONSE, "The counters of usage are negative.")(
    _counting(lambda count: -count)
)
fault("responses-usage-counters-null", RESPONSE, "The counters of usage are null.")(
    _counting(lambda _: None)
)


def _without_details(*, null: bool) -> Callable[[Object, Situation], Object]:
    def alter(response: Object, _: Situation) -> Object:
        for name in ("input_tokens_details", "output_tokens_details"):
            del response["usage"][name]
            if null:
                response["usage"][name] = None
        return response

    return alter


for _form, _sentence in (
    ("absent", "usage has no details."),
    ("null", "The details in usage are null."),
):
    fault(f"responses-usage-details-{_form}", RESPONSE, _sentence, "ggml-org/llama.cpp#22659")(
        _without_details(null=_form == "null")
    )


@fault("responses-usage-chat-names", RESPONSE, "The counters have the names of chat completions.")
def _chat_names(response: Object, _: Situation) -> Object:
    usage = response["usage"]
    usage["prompt_tokens"] = usage.pop("input_tokens")
    usage["completion_tokens"] = usage.pop("output_tokens")
    return response


@fault("responses-usage-total-wrong", RESPONSE, "total_tokens is not the sum of the other two.")
def _total_wrong(response: Object, _: Situation) -> Object:
    response["usage"]["total_tokens"] += 7
    return response


@fault("responses-usage-above-limit", RESPONSE, "output_tokens is larger than max_output_tokens.")
def _above(response: Object, _: Situation) -> Object:
    response["usage"]["output_tokens"] += 5
    response["usage"]["total_tokens"] += 5
    return response


@fault("responses-usage-input-constant", RESPONSE, "input_tokens is the same for every input.")
def _constant(response: Object, _: Situation) -> Object:
    usage = response["usage"]
    usage["input_tokens"], usage["total_tokens"] = 1, 1 + usage["output_tokens"]
    return response


@fault(
    "responses-usage-reasoning-exceeds", RESPONSE, "reasoning_tokens is larger than output_tokens."
)
def _reasoning_exceeds(response: Object, _: Situation) -> Object:
    usage = response["usage"]
    usage["output_tokens_details"]["reasoning_tokens"] = usage["output_tokens"] + 3
    return response


@fault(
    "responses-usage-reasoning-uncounted",
    RESPONSE,
    "reasoning_tokens is 0 although the model reasoned.",
)
def _reasoning_zero(response: Object, _: Situation) -> Object:
    response["usage"]["output_tokens_details"]["reasoning_tokens"] = 0
    return response


@fault("responses-usage-cached-exceeds", RESPONSE, "cached_tokens is larger than input_tokens.")
def _cached_exceeds(response: Object, _: Situation) -> Object:
    usage = response["usage"]
    usage["input_tokens_details"]["cached_tokens"] = usage["input_tokens"] + 1
    return response


@fault(
    "responses-failure-as-incomplete",
    WHOLE_RESPONSE,
    "A response of a failed engine is incomplete with zeros in usage, as if the limit had cut it.",
    "raullenchai/Rapid-MLX#831",
)
def _failure_as_incomplete(response: Object, _: Situation) -> Object:
    counters = dict.fromkeys(_COUNTERS, 0)
    cut = {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
    return {**response, **cut, "output": [], "usage": {**response["usage"], **counters}}


@fault("responses-usage-missing-in-stream", EVENTS, "The last event of a stream has no usage.")
def _missing_in_stream(events: Events, _: Situation) -> Events:
    final(events)["usage"] = None
    return events


@fault(
    "responses-usage-missing-in-whole",
    WHOLE_RESPONSE,
    "usage of a response is missing when not streaming.",
)
def _missing_in_whole(response: Object, _: Situation) -> Object:
    return {**response, "usage": None}


@fault("responses-usage-differs-in-stream", EVENTS, "input_tokens is larger when streaming.")
def _differs(events: Events, _: Situation) -> Events:
    usage = final(events)["usage"]
    usage["input_tokens"] += 50
    usage["total_tokens"] += 50
    return events
