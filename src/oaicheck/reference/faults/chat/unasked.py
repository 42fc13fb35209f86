"""Faults in how parameters are read that clients send unasked, or beyond their range."""

from collections.abc import Callable

from ...deviation import BODY, Object, Situation, fault
from ...editing import dropped, refused

_UNASKED = ("prompt_cache_key", "safety_identifier", "verbosity", "reasoning_effort", "store")
_CLOSED = ("prompt_cache_key", "safety_identifier")


def _crashing_on(name: str) -> Callable[[Object, Situation], Object]:
    def alter(body: Object, _: Situation) -> Object:
        if name in body:
            raise refused(500, f"Unexpected keyword argument: {name}", kind="server_error")
        return body

    return alter


for _name in _UNASKED:
    fault(f"params-{_name}-500", BODY, f"A request with {_name} is answered with a 500.")(
        _crashing_on(_name)
    )


@fault("params-unasked-rejected", BODY, "Parameters that only some clients send are refused.")
def _rejected(body: Object, _: Situation) -> Object:
    for name in _CLOSED:
        if name in body:
            raise refused(400, f"Unrecognized request argument supplied: {name}", name)
    return body


@fault(
    "params-verbosity-rejected-without-name",
    BODY,
    "A request with verbosity is refused, and the error does not say why.",
)
def _rejected_without_name(body: Object, _: Situation) -> Object:
    if "verbosity" in body:
        raise refused(400, "Invalid request.")
    return body


@fault(
    "params-n-zero-accepted",
    BODY,
    "An n of 0 is served as 1.",
    "raullenchai/Rapid-MLX#747",
)
def _no_choices(body: Object, _: Situation) -> Object:
    return dropped(body, "n") if body.get("n") == 0 else body


@fault("params-n-zero-500", BODY, "An n of 0 is answered with a 500.")
def _no_choices_500(body: Object, _: Situation) -> Object:
    if body.get("n") == 0:
        raise refused(500, "list index out of range", kind="server_error")
    return body


@fault(
    "params-top_logprobs-clamped",
    BODY,
    "A top_logprobs above 20 is served as 20.",
)
def _many_alternatives(body: Object, _: Situation) -> Object:
    return {**body, "top_logprobs": 20} if (body.get("top_logprobs") or 0) > 20 else body


@fault(
    "params-empty-model-accepted",
    BODY,
    "An empty string as the model is served by the default model.",
    "raullenchai/Rapid-MLX#415",
)
def _empty_model(body: Object, situation: Situation) -> Object:
    return {**body, "model": situation.settings.models[0]} if body.get("model") == "" else body


@fault("params-no-model-accepted", BODY, "A request without a model is served by a default model.")
def _no_model(body: Object, situation: Situation) -> Object:
    return body if "model" in body else {**body, "model": situation.settings.models[0]}


@fault("params-no-model-500", BODY, "A request without a model is answered with a 500.")
def _no_model_500(body: Object, _: Situation) -> Object:
    if not body.get("model"):
        raise refused(500, "KeyError: 'model'", kind="server_error")
    return body


@fault("params-cold-choices-rejected", BODY, "Several choices at temperature 0 are refused.")
def _cold_choices(body: Object, _: Situation) -> Object:
    if (body.get("n") or 1) > 1 and body.get("temperature") == 0:
        raise refused(400, "n must be 1 when using greedy sampling, got 2.", "n")
    return body
