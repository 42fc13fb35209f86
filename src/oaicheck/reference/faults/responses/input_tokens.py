"""Faults in counting the input tokens of a request."""

from dataclasses import replace

from ...deviation import REPLY, STORED, Object, Situation, fault
from ...http.reply import Reply


@fault("responses-input-tokens-500", REPLY, "Counting input tokens gives a 500.")
def _count_500(reply: Reply, situation: Situation) -> Reply:
    return replace(reply, status=500) if situation.route == "input_tokens" else reply


@fault("responses-input-tokens-text", STORED, "The count of input tokens is a string.")
def _count_text(value: Object, situation: Situation) -> Object:
    return _with(value, situation, input_tokens="23")


@fault("responses-input-tokens-zero", STORED, "The count of input tokens is 0.")
def _count_zero(value: Object, situation: Situation) -> Object:
    return _with(value, situation, input_tokens=0)


@fault(
    "responses-input-tokens-renamed", STORED, "The count of input tokens is called prompt_tokens."
)
def _count_renamed(value: Object, situation: Situation) -> Object:
    if situation.route != "input_tokens":
        return value
    return {"object": value["object"], "prompt_tokens": value["input_tokens"]}


@fault(
    "responses-input-tokens-without-template",
    STORED,
    "The count leaves out the tokens of the chat template.",
)
def _count_without_template(value: Object, situation: Situation) -> Object:
    counted = value.get("input_tokens", 0)
    return _with(value, situation, input_tokens=max(1, counted - 8))


@fault("responses-input-tokens-object", STORED, "The object of the count has another name.")
def _count_object(value: Object, situation: Situation) -> Object:
    return _with(value, situation, object="token_count")


def _with(value: Object, situation: Situation, **members: object) -> Object:
    return {**value, **members} if situation.route == "input_tokens" else value
