"""Models: the model that a response names."""

from oaicheck.rules import (
    NO_CHOICES,
    SHOULD,
    Inconclusive,
    require,
    requirement,
)
from oaicheck.views import (
    ChatStream,
    Completion,
    Exchange,
    Located,
    listed_ids,
)


@requirement(
    "models.answering.whole",
    SHOULD,
    "The `model` of a completion is the requested model, a version of it, or another model in the "
    "list.",
    on="chat/whole/text",
    against="models/list",
    source="openai:chat/object#model",
    remedy="Send the id of the model that answered, as clients can request it.",
)
def test_a_completion_names_the_model(completion: Completion, against: Exchange) -> None:
    _require_requested_or_listed(completion.root["model"], against)


@requirement(
    "models.answering.streamed",
    SHOULD,
    "The `model` of a chunk is the requested model, a version of it, or another model in the list.",
    on="chat/stream/text",
    against="models/list",
    source="openai:chat/streaming#model",
    remedy="Send the id of the model that answered, as clients can request it.",
)
def test_a_stream_names_the_model(stream: ChatStream, against: Exchange) -> None:
    if not stream.generation_chunks:
        raise Inconclusive("there is no chunk with a choice", told_by=NO_CHOICES)
    for chunk in stream.generation_chunks:
        _require_requested_or_listed(chunk["model"], against)


def _require_requested_or_listed(name: Located, models: Exchange) -> None:
    """`gpt-4o` may answer as `gpt-4o-2024-08-06`, `vendor/name` as `name`."""
    asked = name.exchange.variables["model"]
    if not name.is_text:
        raise Inconclusive(
            "the response names no model", told_by=("chat.completion.model", "chat.chunk.model")
        )
    require(
        name.value.startswith(asked)
        or asked.endswith(f"/{name.value}")
        or name.value.endswith(f"/{asked}")
        or name.value in listed_ids(models),
        name,
        expected=f'"{asked}"',
    )
