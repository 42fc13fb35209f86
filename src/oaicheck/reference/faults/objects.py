"""Faults of the whole answer: identity, choices, message, log probabilities."""

from ..deviation import CHUNKS, COMPLETION, EACH, Object, Situation, fault
from ..editing import Chunks, choices, messages


@fault("object-id-missing", COMPLETION, "A completion has no id.")
def _id_missing(completion: Object, _: Situation) -> Object:
    return _without(completion, "id")


@fault("object-id-empty", COMPLETION, "The id of a completion is empty.")
def _id_empty(completion: Object, _: Situation) -> Object:
    return {**completion, "id": ""}


@fault("object-id-same", EACH, "All completions have the same id.")
def _id_same(value: Object, _: Situation) -> Object:
    return {**value, "id": "chatcmpl-1"}


@fault("object-id-number", COMPLETION, "The id of a completion is a number.")
def _id_number(completion: Object, _: Situation) -> Object:
    return {**completion, "id": 1}


@fault("object-object-wrong", COMPLETION, "object of a completion is text_completion.")
def _object_wrong(completion: Object, _: Situation) -> Object:
    return {**completion, "object": "text_completion"}


@fault("object-object-missing", COMPLETION, "A completion has no object.")
def _object_missing(completion: Object, _: Situation) -> Object:
    return _without(completion, "object")


@fault("object-created-missing", COMPLETION, "A completion has no created.")
def _created_missing(completion: Object, _: Situation) -> Object:
    return _without(completion, "created")


@fault("object-created-milliseconds", COMPLETION, "created of a completion is in milliseconds.")
def _created_milliseconds(completion: Object, _: Situation) -> Object:
    return {**completion, "created": completion["created"] * 1000}


@fault("object-created-float", COMPLETION, "created of a completion is a float.")
def _created_float(completion: Object, _: Situation) -> Object:
    return {**completion, "created": completion["created"] + 0.5}


@fault("object-created-string", COMPLETION, "created of a completion is a string.")
def _created_string(completion: Object, _: Situation) -> Object:
    return {**completion, "created": str(completion["created"])}


@fault("object-model-missing", COMPLETION, "A completion has no model.")
def _model_missing(completion: Object, _: Situation) -> Object:
    return _without(completion, "model")


@fault("object-model-unrelated", EACH, "model names another model than the one asked for.")
def _model_unrelated(value: Object, _: Situation) -> Object:
    return {**value, "model": "gpt-3.5-turbo"}


@fault("object-choices-missing", COMPLETION, "A completion has no choices.")
def _choices_missing(completion: Object, _: Situation) -> Object:
    return _without(completion, "choices")


@fault("object-choices-empty", COMPLETION, "choices of a completion is empty.")
def _choices_empty(completion: Object, _: Situation) -> Object:
    return {**completion, "choices": []}


@fault("object-choices-null", COMPLETION, "choices of a completion is null.")
def _choices_null(completion: Object, _: Situation) -> Object:
    return {**completion, "choices": None}


@fault("object-choice-index-missing", COMPLETION, "The choices of a completion have no index.")
def _index_missing(completion: Object, _: Situation) -> Object:
    for choice in choices(completion):
        del choice["index"]
    return completion


@fault("object-choice-index-from-one", COMPLETION, "The choices of a completion count from 1.")
def _index_from_one(completion: Object, _: Situation) -> Object:
    for choice in choices(completion):
        choice["index"] += 1
    return completion


@fault("object-choices-same-index", COMPLETION, "All choices of a completion have index 0.")
def _same_index(completion: Object, _: Situation) -> Object:
    for choice in choices(completion):
        choice["index"] = 0
    return completion


@fault("object-message-missing", COMPLETION, "A choice has a delta instead of a message.")
def _message_missing(completion: Object, _: Situation) -> Object:
    for choice in choices(completion):
        choice["delta"] = choice.pop("message")
    return completion


@fault("object-text-instead-of-message", COMPLETION, "A choice has text instead of a message.")
def _text(completion: Object, _: Situation) -> Object:
    for choice in choices(completion):
        choice["text"] = choice.pop("message")["content"]
    return completion


@fault("object-role-missing", COMPLETION, "The message of a completion has no role.")
def _role_missing(completion: Object, _: Situation) -> Object:
    for message in messages(completion):
        del message["role"]
    return completion


@fault("object-role-wrong", COMPLETION, "The message of a completion has the role model.")
def _role_wrong(completion: Object, _: Situation) -> Object:
    for message in messages(completion):
        message["role"] = "model"
    return completion


@fault("object-content-missing", COMPLETION, "The message of a completion has no content key.")
def _content_missing(completion: Object, _: Situation) -> Object:
    for message in messages(completion):
        del message["content"]
    return completion


@fault("object-content-empty", COMPLETION, "The content of a text answer is empty.")
def _content_empty(completion: Object, _: Situation) -> Object:
    for message in messages(completion):
        message["content"] = message["content"] and ""
    return completion


@fault("object-content-array", COMPLETION, "The content of an answer is an array of parts.")
def _content_array(completion: Object, _: Situation) -> Object:
    for message in messages(completion):
        if message["content"]:
            message["content"] = [{"type": "text", "text": message["content"]}]
    return completion


@fault("object-content-mojibake", COMPLETION, "Non-ASCII text is decoded as Latin-1 on the way.")
def _mojibake(completion: Object, _: Situation) -> Object:
    for message in messages(completion):
        if message["content"]:
            message["content"] = message["content"].encode().decode("latin-1")
    return completion


@fault("object-content-trimmed", COMPLETION, "White space around lines of an answer is lost.")
def _trimmed(completion: Object, _: Situation) -> Object:
    for message in messages(completion):
        if message["content"]:
            message["content"] = " ".join(message["content"].split())
    return completion


@fault("object-differs-from-stream", COMPLETION, "A whole answer says more than the stream.")
def _differs(completion: Object, _: Situation) -> Object:
    for message in messages(completion):
        if message["content"]:
            message["content"] += " Also, this."
    return completion


@fault("object-special-token-leaked", COMPLETION, "The end-of-text token is part of the answer.")
def _special_token(completion: Object, _: Situation) -> Object:
    for message in messages(completion):
        if message["content"]:
            message["content"] += "<|im_end|>"
    return completion


@fault("logprobs-missing-in-whole", COMPLETION, "logprobs is null though it was asked for.")
def _logprobs_missing(completion: Object, _: Situation) -> Object:
    for choice in choices(completion):
        choice["logprobs"] = None
    return completion


@fault("logprobs-missing-in-stream", CHUNKS, "logprobs are not streamed though asked for.")
def _logprobs_not_streamed(chunks: Chunks, _: Situation) -> Chunks:
    for chunk in chunks:
        for choice in choices(chunk):
            choice["logprobs"] = None
    return chunks


@fault("logprobs-legacy-shape", EACH, "logprobs have the shape of legacy completions.")
def _legacy_logprobs(value: Object, _: Situation) -> Object:
    for choice in choices(value):
        if choice.get("logprobs"):
            entries = choice["logprobs"]["content"]
            choice["logprobs"] = {
                "tokens": [entry["token"] for entry in entries],
                "token_logprobs": [entry["logprob"] for entry in entries],
            }
    return value


@fault("logprobs-positive", EACH, "Log probabilities are positive.")
def _positive(value: Object, _: Situation) -> Object:
    for entry in _logprobs(value):
        entry["logprob"] = 0.99
    return value


@fault("logprobs-top-count-wrong", EACH, "Fewer alternatives come than top_logprobs asks for.")
def _top_count(value: Object, _: Situation) -> Object:
    for entry in _logprobs(value):
        entry["top_logprobs"] = entry["top_logprobs"][:-1]
    return value


@fault("logprobs-tokens-differ", EACH, "The tokens of the log probabilities are not the text.")
def _tokens_differ(value: Object, _: Situation) -> Object:
    for entry in _logprobs(value):
        entry["token"] = "?"
    return value


def _without(value: Object, key: str) -> Object:
    return {name: item for name, item in value.items() if name != key}


def _logprobs(value: Object) -> list[Object]:
    return [
        entry
        for choice in choices(value)
        for entry in (choice.get("logprobs") or {}).get("content", ())
    ]
