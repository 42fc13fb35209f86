"""Models: the list of models."""

from oaicheck.rules import (
    MUST,
    SHOULD,
    NotApplicable,
    Unserved,
    header_line,
    require,
    requirement,
)
from oaicheck.views import Exchange, Located, body_of, listed_ids, listed_models, shown

_YEAR_5138 = 100_000_000_000
"""As a Unix time in seconds; the present time in milliseconds is greater."""


@requirement(
    "models.list.status",
    MUST,
    "The endpoint answers GET /models with 200.",
    on="models/list",
    source="openai:models/list",
    remedy="Serve the list of models: clients use it to find out which models there are.",
)
def test_the_list_is_served(exchange: Exchange) -> None:
    require(exchange.status == 200, exchange, expected="HTTP 200")


@requirement(
    "models.list.content-type",
    SHOULD,
    "The media type of the list of models is application/json.",
    on="models/list",
    follows=("models.list.data",),
    source=("openai:models/list", "rfc8259#11"),
    remedy="Send `Content-Type: application/json` with the list.",
)
def test_media_type(exchange: Exchange) -> None:
    _list(exchange)
    require(
        exchange.media_type == "application/json",
        exchange,
        expected="Content-Type: application/json",
        observed=header_line(exchange, "Content-Type"),
    )


@requirement(
    "models.list.data",
    MUST,
    "The list of models is an object with `data`, an array.",
    on="models/list",
    source="openai:models/list",
    remedy='Answer `{"object": "list", "data": [{"id": "…"}]}`.',
)
def test_data(exchange: Exchange) -> None:
    data = _list(exchange)["data"]
    require(data.is_array, data, expected="an array")


@requirement(
    "models.list.object",
    SHOULD,
    "The list of models has `object` `list`.",
    on="models/list",
    follows=("models.list.data",),
    source=("openai:models/list", "github:mostlygeek/llama-swap#154"),
    remedy='Send `"object": "list"` beside `data`.',
)
def test_object(exchange: Exchange) -> None:
    kind = _list(exchange)["object"]
    require(kind.value == "list", kind, expected='"list"')


@requirement(
    "models.list.not-empty",
    SHOULD,
    "The list contains at least one model.",
    on="models/list",
    follows=("models.list.data",),
    source=("openai:models/list", "github:madroidmaq/mlx-omni-server#130"),
    remedy="List every model that can be requested, loaded or not.",
)
def test_not_empty(exchange: Exchange) -> None:
    data = _list(exchange)["data"]
    require(len(data) > 0, data, expected="at least one model")


@requirement(
    "models.list.serves-the-model",
    SHOULD,
    "The list contains the model that oaicheck requests.",
    on="models/list",
    follows=("models.list.data", "models.list.not-empty", "models.list.ids"),
    source=("openai:models/list", "seed:opencode#Model Not Found"),
    remedy="List every model under the id that requests use.",
)
def test_the_model_is_listed(exchange: Exchange) -> None:
    data = _list(exchange)["data"]
    ids, asked = listed_ids(exchange), exchange.variables.get("model")
    require(asked in ids, data, expected=f"{shown(asked)} in the list", observed=shown(ids))


@requirement(
    "models.list.ids",
    MUST,
    "Every model in the list has an `id`, a non-empty string.",
    on="models/list",
    source="openai:models/object#id",
    remedy="Name each model by the id that requests use.",
)
def test_ids(exchange: Exchange) -> None:
    for model in _entries(exchange):
        require(model["id"].is_text, model["id"], expected="a non-empty string")


@requirement(
    "models.list.ids-unique",
    SHOULD,
    "No two models in the list have the same `id`.",
    on="models/list",
    source="openai:models/object#id",
    remedy="List each model once, however many machines serve it.",
)
def test_ids_are_unique(exchange: Exchange) -> None:
    seen: dict[str, Located] = {}
    for model in _entries(exchange):
        name = model["id"]
        if name.is_string:
            first = seen.setdefault(name.value, name)
            require(first.path == name.path, name, expected="a unique id", beside=first)


@requirement(
    "models.list.entry-object",
    SHOULD,
    "Every model in the list has `object` `model`.",
    on="models/list",
    source=("openai:models/object#object", "github:jamesrochabrun/SwiftOpenAI#162"),
    remedy='Send `"object": "model"` with every model.',
)
def test_entry_object(exchange: Exchange) -> None:
    for model in _entries(exchange):
        require(model["object"].value == "model", model["object"], expected='"model"')


@requirement(
    "models.list.created",
    SHOULD,
    "Every model in the list has `created`, an integer.",
    on="models/list",
    source=("openai:models/object#created", "github:lmstudio-ai/lmstudio-bug-tracker#1988"),
    remedy="Send `created` as a Unix time, or 0 if it is not known.",
)
def test_created(exchange: Exchange) -> None:
    for model in _entries(exchange):
        require(model["created"].is_integer, model["created"], expected="an integer")


@requirement(
    "models.list.created-in-seconds",
    SHOULD,
    "If a model's `created` is a number, it is a Unix time in seconds.",
    on="models/list",
    source=("openai:models/object#created", "github:vercel/ai#7417"),
    remedy="Send seconds since 1970, not milliseconds.",
)
def test_created_in_seconds(exchange: Exchange) -> None:
    numbers = [model["created"] for model in _entries(exchange) if model["created"].is_number]
    if not numbers:
        raise NotApplicable("no model in the list has a number as `created`")
    for created in numbers:
        require(0 <= created.value < _YEAR_5138, created, expected="seconds since 1970")


@requirement(
    "models.list.owned-by",
    SHOULD,
    "Every model in the list has `owned_by`, a string.",
    on="models/list",
    source=("openai:models/object#owned_by", "github:jamesrochabrun/SwiftOpenAI#162"),
    remedy="Say who owns the model; any string is fine.",
)
def test_owned_by(exchange: Exchange) -> None:
    for model in _entries(exchange):
        require(model["owned_by"].is_string, model["owned_by"], expected="a string")


def _list(exchange: Exchange) -> Located:
    """The body, which should be a list; raises Inconclusive unless the status is 200."""
    if exchange.status != 200:
        raise Unserved("there is no list to judge", exchange)
    return body_of(exchange)


def _entries(exchange: Exchange) -> list[Located]:
    entries = listed_models(exchange)
    if not entries:
        raise Unserved(
            "the list has no model", exchange, told_by=("models.list.data", "models.list.not-empty")
        )
    return entries
