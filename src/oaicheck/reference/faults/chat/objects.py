"""Faults of the completion object: identity, choices, message, log probabilities."""

from dataclasses import replace

from ...deviation import ANSWER, CHUNKS, COMPLETION, EACH, Object, Situation, fault
from ...editing import Chunks, choices, each_choice, messages
from ...model.answer import Answer


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


@fault("object-model-unrelated", EACH, "model is not the requested model.")
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


@fault(
    "object-content-replaced",
    COMPLETION,
    "Each byte of a non-ASCII character arrives as U+FFFD when not streaming.",
)
def _replaced(completion: Object, _: Situation) -> Object:
    for message in messages(completion):
        if message["content"]:
            message["content"] = message["content"].encode().decode("ascii", "replace")
    return completion


@fault("object-content-mojibake", COMPLETION, "Non-ASCII text is decoded as Latin-1 on the way.")
def _mojibake(completion: Object, _: Situation) -> Object:
    for message in messages(completion):
        if message["content"]:
            message["content"] = message["content"].encode().decode("latin-1")
    return completion


@fault(
    "object-differs-from-stream",
    COMPLETION,
    "A non-streamed answer has more text than the same answer streamed.",
)
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


@fault("logprobs-missing-in-whole", COMPLETION, "logprobs is null although requested.")
def _logprobs_missing(completion: Object, _: Situation) -> Object:
    for choice in choices(completion):
        choice["logprobs"] = None
    return completion


@fault("logprobs-missing-in-stream", CHUNKS, "logprobs are missing in a stream although requested.")
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


@fault("logprobs-top-count-wrong", EACH, "There are fewer alternatives than top_logprobs asks for.")
def _top_count(value: Object, _: Situation) -> Object:
    for entry in _logprobs(value):
        entry["top_logprobs"] = entry["top_logprobs"][:-1]
    return value


@fault("logprobs-tokens-differ", EACH, "The tokens of the log probabilities do not match the text.")
def _tokens_differ(value: Object, _: Situation) -> Object:
    for entry in _logprobs(value):
        entry["token"] = "?"
    return value


@fault(
    "object-choices-reversed", COMPLETION, "The choices of a completion are in descending order."
)
def _choices_reversed(completion: Object, _: Situation) -> Object:
    completion["choices"].reverse()
    return completion


@fault("object-choices-second-empty", ANSWER, "Only the first of several choices has content.")
def _second_empty(answer: Answer, _: Situation) -> Answer:
    return each_choice(
        answer,
        lambda choice: (
            replace(choice, content=(), finish_reason="stop") if choice.index else choice
        ),
    )


@fault(
    "object-finish-missing-for-second-choice",
    COMPLETION,
    "Only the first choice of a completion has a finish reason.",
)
def _finish_missing_for_second(completion: Object, _: Situation) -> Object:
    for choice in choices(completion)[1:]:
        choice["finish_reason"] = None
    return completion


@fault("object-fingerprint-number", EACH, "system_fingerprint is a number.")
def _fingerprint_number(value: Object, _: Situation) -> Object:
    return {**value, "system_fingerprint": 7}


@fault("object-service-tier-object", EACH, "service_tier is an object.")
def _tier_object(value: Object, _: Situation) -> Object:
    return {**value, "service_tier": {"name": "default"}}


@fault("logprobs-token-number", EACH, "The tokens of the log probabilities are numbers.")
def _token_number(value: Object, _: Situation) -> Object:
    for entry in _logprobs(value):
        entry["token"] = 1234
    return value


@fault("logprobs-token-missing", EACH, "The entries of the log probabilities have no token.")
def _token_missing(value: Object, _: Situation) -> Object:
    for entry in _logprobs(value):
        del entry["token"]
    return value


@fault("logprobs-value-string", EACH, "Log probabilities are strings.")
def _value_string(value: Object, _: Situation) -> Object:
    for entry in _logprobs(value):
        entry["logprob"] = str(entry["logprob"])
    return value


@fault("logprobs-bytes-string", EACH, "The bytes of a token are a string.")
def _bytes_string(value: Object, _: Situation) -> Object:
    for entry in _logprobs(value):
        entry["bytes"] = entry["token"]
    return value


@fault("logprobs-top-too-many", EACH, "There are more alternatives than top_logprobs asks for.")
def _too_many(value: Object, situation: Situation) -> Object:
    for entry in _logprobs(value):
        if situation.ask is not None and situation.ask.top_logprobs:
            entry["top_logprobs"].append({"token": " more", "logprob": -9.0, "bytes": None})
    return value


@fault("logprobs-top-unasked", EACH, "There are alternatives although none were requested.")
def _top_unasked(value: Object, _: Situation) -> Object:
    for entry in _logprobs(value):
        if not entry["top_logprobs"]:
            entry["top_logprobs"] = [{name: entry[name] for name in ("token", "logprob", "bytes")}]
    return value


@fault("logprobs-top-mapping", EACH, "The alternatives are an object from token to number.")
def _top_mapping(value: Object, _: Situation) -> Object:
    for entry in _logprobs(value):
        entry["top_logprobs"] = {top["token"]: top["logprob"] for top in entry["top_logprobs"]}
    return value


@fault("logprobs-top-unsorted", EACH, "The least likely alternative comes first.")
def _top_unsorted(value: Object, _: Situation) -> Object:
    for entry in _logprobs(value):
        entry["top_logprobs"].reverse()
    return value


@fault(
    "logprobs-top-of-first-token",
    CHUNKS,
    "Every streamed token has the alternatives of the first one.",
    "sgl-project/sglang#30188",
)
def _top_of_first(chunks: Chunks, _: Situation) -> Chunks:
    entries = [entry for chunk in chunks for entry in _logprobs(chunk)]
    for entry in entries[1:]:
        entry["top_logprobs"] = entries[0]["top_logprobs"]
    return chunks


def _without(value: Object, key: str) -> Object:
    return {name: item for name, item in value.items() if name != key}


def _logprobs(value: Object) -> list[Object]:
    return [
        entry
        for choice in choices(value)
        for entry in (choice.get("logprobs") or {}).get("content", ())
    ]


@fault(
    "object-enveloped",
    COMPLETION,
    "A completion is wrapped in a vendor-specific object.",
    "smallmain/vscode-unify-chat-provider#71",
)
def _enveloped(completion: Object, _: Situation) -> Object:
    return {"code": 0, "message": "success", "data": completion}


@fault(
    "logprobs-cumulative",
    CHUNKS,
    "The log probabilities of each chunk are those of all text so far.",
    "sgl-project/sglang#25055",
)
def _cumulative_logprobs(chunks: Chunks, _: Situation) -> Chunks:
    so_far: list[Object] = []
    for chunk in chunks:
        for choice in choices(chunk):
            if choice.get("logprobs"):
                so_far += choice["logprobs"]["content"]
                choice["logprobs"] = {"content": [*so_far]}
    return chunks


@fault(
    "logprobs-token-empty",
    EACH,
    "A token that is a part of a character is listed without text and without bytes.",
)
def _empty_token(value: Object, _: Situation) -> Object:
    for choice in choices(value):
        if choice.get("logprobs"):
            entries = choice["logprobs"]["content"]
            part = {"token": "", "logprob": -0.01, "bytes": [], "top_logprobs": []}
            starts = [place for place, entry in enumerate(entries) if entry["token"] == "Hello"]
            entries[:0] = [part for _ in starts]
    return value
