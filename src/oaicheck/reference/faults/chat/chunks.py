"""Faults of stream chunks: their identity, their choices and their text."""

from ...deviation import ANSWER, CHUNKS, Situation, fault
from ...editing import Chunks, choices, content_chunks, deltas, finish_chunks, like
from ...model.answer import Answer


@fault(
    "chunk-choice-index-is-token-counter",
    CHUNKS,
    "choices[0].index grows with every token.",
    "huggingface/text-generation-inference#1648",
)
def _index_counts_tokens(chunks: Chunks, _: Situation) -> Chunks:
    for place, chunk in enumerate(chunks):
        for choice in choices(chunk):
            choice["index"] = place
    return chunks


@fault(
    "chunk-choice-index-nonzero-single",
    CHUNKS,
    "The only choice of a stream has index 1.",
    "spring-projects/spring-ai#6221",
)
def _index_one(chunks: Chunks, _: Situation) -> Chunks:
    for chunk in chunks:
        for choice in choices(chunk):
            choice["index"] += 1
    return chunks


@fault("chunk-choice-index-missing", CHUNKS, "Choices of a stream have no index.")
def _index_missing(chunks: Chunks, _: Situation) -> Chunks:
    for chunk in chunks:
        for choice in choices(chunk):
            del choice["index"]
    return chunks


@fault("chunk-choice-index-always-zero", CHUNKS, "With n=2 every chunk has index 0.")
def _index_zero(chunks: Chunks, _: Situation) -> Chunks:
    for chunk in chunks:
        for choice in choices(chunk):
            choice["index"] = 0
    return chunks


@fault("chunk-created-float", CHUNKS, "created is a float.", "siyuan-note/siyuan#14787")
def _created_float(chunks: Chunks, _: Situation) -> Chunks:
    return _all(chunks, created=chunks[0]["created"] + 0.492141)


@fault("chunk-created-milliseconds", CHUNKS, "created is in milliseconds.", "vercel/ai#7417")
def _created_milliseconds(chunks: Chunks, _: Situation) -> Chunks:
    return _all(chunks, created=chunks[0]["created"] * 1000)


@fault("chunk-created-string", CHUNKS, "created is a string.", "sashabaranov/go-openai#1003")
def _created_string(chunks: Chunks, _: Situation) -> Chunks:
    return _all(chunks, created=str(chunks[0]["created"]))


@fault("chunk-created-missing", CHUNKS, "Chunks have no created.")
def _created_missing(chunks: Chunks, _: Situation) -> Chunks:
    return _none_has(chunks, "created")


@fault("chunk-created-changes", CHUNKS, "created differs between the chunks of a stream.")
def _created_changes(chunks: Chunks, _: Situation) -> Chunks:
    for place, chunk in enumerate(chunks):
        chunk["created"] += place
    return chunks


@fault("chunk-id-number", CHUNKS, "The id of a chunk is a number.")
def _id_number(chunks: Chunks, _: Situation) -> Chunks:
    return _all(chunks, id=chunks[0]["created"])


@fault("chunk-model-number", CHUNKS, "The model of a chunk is a number.")
def _model_number(chunks: Chunks, _: Situation) -> Chunks:
    return _all(chunks, model=4)


@fault("chunk-id-missing", CHUNKS, "Chunks have no id.")
def _id_missing(chunks: Chunks, _: Situation) -> Chunks:
    return _none_has(chunks, "id")


@fault("chunk-id-changes", CHUNKS, "Every chunk of a stream has a different id.")
def _id_changes(chunks: Chunks, _: Situation) -> Chunks:
    for place, chunk in enumerate(chunks):
        chunk["id"] += f"-{place}"
    return chunks


@fault(
    "chunk-id-empty-object-text-completion",
    CHUNKS,
    "Chunks have an empty id and the object text_completion.",
    "huggingface/text-generation-inference#1648",
)
def _empty_id(chunks: Chunks, _: Situation) -> Chunks:
    return _all(chunks, id="", object="text_completion")


@fault("chunk-object-empty", CHUNKS, "object is an empty string.", "langgenius/dify#3506")
def _object_empty(chunks: Chunks, _: Situation) -> Chunks:
    return _all(chunks, object="")


@fault(
    "chunk-object-text-completion-chunk",
    CHUNKS,
    "The object of chunks is text_completion.chunk.",
    "sgl-project/mini-sglang#51",
)
def _object_text_completion(chunks: Chunks, _: Situation) -> Chunks:
    return _all(chunks, object="text_completion.chunk", id="cmpl-1")


@fault(
    "chunk-object-typo",
    CHUNKS,
    "The object of chunks is chat.completions.chunk.",
    "ml-explore/mlx-examples#913",
)
def _object_typo(chunks: Chunks, _: Situation) -> Chunks:
    return _all(chunks, object="chat.completions.chunk")


@fault("chunk-object-of-whole", CHUNKS, "The object of chunks is chat.completion.")
def _object_of_whole(chunks: Chunks, _: Situation) -> Chunks:
    return _all(chunks, object="chat.completion")


@fault("chunk-object-missing", CHUNKS, "Chunks have no object.")
def _object_missing(chunks: Chunks, _: Situation) -> Chunks:
    return _none_has(chunks, "object")


@fault("chunk-model-missing", CHUNKS, "Chunks have no model.")
def _model_missing(chunks: Chunks, _: Situation) -> Chunks:
    return _none_has(chunks, "model")


@fault("chunk-model-changes", CHUNKS, "The model changes in the middle of a stream.")
def _model_changes(chunks: Chunks, _: Situation) -> Chunks:
    for chunk in chunks[len(chunks) // 2 :]:
        chunk["model"] = "another-model"
    return chunks


@fault("chunk-choices-missing", CHUNKS, "The first chunk has no choices key.")
def _choices_missing(chunks: Chunks, _: Situation) -> Chunks:
    return [{k: v for k, v in chunks[0].items() if k != "choices"}, *chunks[1:]]


@fault("chunk-choices-null", CHUNKS, "choices is null on the first chunk.")
def _choices_null(chunks: Chunks, _: Situation) -> Chunks:
    return [{**chunks[0], "choices": None}, *chunks[1:]]


@fault("chunk-choices-object", CHUNKS, "choices is one object instead of an array.")
def _choices_object(chunks: Chunks, _: Situation) -> Chunks:
    for chunk in chunks:
        if choices(chunk):
            chunk["choices"] = chunk["choices"][0]
    return chunks


@fault(
    "chunk-delta-null",
    CHUNKS,
    "delta is null on the chunk with the finish reason.",
    "AstrBotDevs/AstrBot#8244",
)
def _delta_null(chunks: Chunks, _: Situation) -> Chunks:
    for chunk in finish_chunks(chunks):
        for choice in choices(chunk):
            choice["delta"] = None
    return chunks


@fault("chunk-message-instead-of-delta", CHUNKS, "Chunks have a message instead of a delta.")
def _message(chunks: Chunks, _: Situation) -> Chunks:
    for chunk in chunks:
        for choice in choices(chunk):
            choice["message"] = choice.pop("delta")
    return chunks


@fault(
    "chunk-text-instead-of-delta",
    CHUNKS,
    "Chunks have text instead of a delta, as in legacy completions.",
)
def _text(chunks: Chunks, _: Situation) -> Chunks:
    for chunk in chunks:
        for choice in choices(chunk):
            choice["text"] = choice.pop("delta").get("content") or ""
    return chunks


@fault("chunk-role-missing", CHUNKS, "No chunk of a stream has a role.")
def _role_missing(chunks: Chunks, _: Situation) -> Chunks:
    for delta in deltas(chunks):
        delta.pop("role", None)
    return chunks


@fault("chunk-role-late", CHUNKS, "The role arrives only with the finish reason.")
def _role_late(chunks: Chunks, _: Situation) -> Chunks:
    for delta in deltas(chunks):
        delta.pop("role", None)
    for delta in deltas(finish_chunks(chunks)):
        delta["role"] = "assistant"
    return chunks


@fault("chunk-role-wrong", CHUNKS, "The role of a stream is model instead of assistant.")
def _role_wrong(chunks: Chunks, _: Situation) -> Chunks:
    for delta in deltas(chunks):
        if "role" in delta:
            delta["role"] = "model"
    return chunks


@fault("chunk-role-empty", CHUNKS, "Later chunks have an empty role.")
def _role_empty(chunks: Chunks, _: Situation) -> Chunks:
    for delta in deltas(chunks):
        delta.setdefault("role", "")
    return chunks


@fault("chunk-content-array", CHUNKS, "delta.content is an array of parts.")
def _content_array(chunks: Chunks, _: Situation) -> Chunks:
    for delta in deltas(chunks):
        if delta.get("content"):
            delta["content"] = [{"type": "text", "text": delta["content"]}]
    return chunks


@fault("chunk-content-cumulative", CHUNKS, "Every delta repeats all the text so far.")
def _cumulative(chunks: Chunks, _: Situation) -> Chunks:
    so_far = ""
    for delta in deltas(chunks):
        if delta.get("content"):
            so_far += delta["content"]
            delta["content"] = so_far
    return chunks


@fault(
    "chunk-final-repeats-whole-answer",
    CHUNKS,
    "The last delta repeats the whole answer.",
    "infiniflow/ragflow#15443",
)
def _final_repeats(chunks: Chunks, _: Situation) -> Chunks:
    whole = "".join(delta.get("content") or "" for delta in deltas(chunks))
    for delta in deltas(finish_chunks(chunks)):
        if whole:
            delta["content"] = whole
    return chunks


@fault("chunk-content-trimmed", CHUNKS, "The white space around every token is lost.")
def _trimmed(chunks: Chunks, _: Situation) -> Chunks:
    for delta in deltas(chunks):
        if delta.get("content"):
            delta["content"] = delta["content"].strip()
    return chunks


@fault("chunk-content-missing", CHUNKS, "A stream has no text at all.")
def _content_missing(chunks: Chunks, _: Situation) -> Chunks:
    texts = content_chunks(chunks)
    return [chunk for chunk in chunks if chunk not in texts]


@fault("chunk-special-token-leaked", CHUNKS, "The model's end-of-text token is sent as text.")
def _special_token(chunks: Chunks, _: Situation) -> Chunks:
    texts = content_chunks(chunks)
    if texts:
        chunks.insert(chunks.index(texts[-1]) + 1, like(texts[-1], {"content": "<|im_end|>"}))
    return chunks


@fault(
    "chunk-finish-reason-key-absent",
    CHUNKS,
    "Chunks before the last have no finish_reason key.",
    "alfredapp/openai-workflow#38",
)
def _finish_key_absent(chunks: Chunks, _: Situation) -> Chunks:
    for chunk in chunks:
        for choice in choices(chunk):
            if choice.get("finish_reason") is None:
                choice.pop("finish_reason", None)
    return chunks


@fault("chunk-second-choice-lost", ANSWER, "With n=2 only one choice arrives.")
def _second_choice_lost(answer: Answer, _: Situation) -> Answer:
    return Answer(
        answer.choices[:1],
        answer.prompt_tokens,
        answer.completion_tokens,
        answer.reasoning_tokens,
    )


def _all(chunks: Chunks, **fields: object) -> Chunks:
    return [{**chunk, **fields} for chunk in chunks]


def _none_has(chunks: Chunks, key: str) -> Chunks:
    return [{k: v for k, v in chunk.items() if k != key} for chunk in chunks]


@fault(
    "chunk-enveloped",
    CHUNKS,
    "Chunks are wrapped in a vendor-specific object.",
    "smallmain/vscode-unify-chat-provider#71",
)
def _enveloped(chunks: Chunks, _: Situation) -> Chunks:
    return [{"code": 0, "message": "success", "data": chunk} for chunk in chunks]
