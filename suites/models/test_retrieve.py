"""Models: a single model."""

from oaicheck.rules import (
    SHOULD,
    Inconclusive,
    Unserved,
    require,
    requirement,
)
from oaicheck.views import Exchange, Located, body_of, listed_entry


@requirement(
    "models.retrieve.status",
    SHOULD,
    "The endpoint answers GET /models/{id} with 200, even if the id contains a slash.",
    on="models/retrieve",
    source="openai:models/retrieve",
    remedy="Serve each model under its id, whether or not the id is percent-encoded.",
)
def test_a_model_is_served(exchange: Exchange) -> None:
    require(exchange.status == 200, exchange, expected="HTTP 200")


@requirement(
    "models.retrieve.object",
    SHOULD,
    "GET /models/{id} returns a single model with `object` `model`, not a list.",
    on="models/retrieve",
    source=("openai:models/retrieve", "openai:models/object#object"),
    remedy="Answer with the object of this one model.",
)
def test_object(exchange: Exchange) -> None:
    kind = _model(exchange)["object"]
    require(kind.value == "model", kind, expected='"model"')


@requirement(
    "models.retrieve.id",
    SHOULD,
    "GET /models/{id} returns a model with the requested `id`.",
    on="models/retrieve",
    follows=("models.retrieve.object",),
    source=("openai:models/retrieve", "openai:models/object#id"),
    remedy="Answer with the model of that id, or with 404.",
)
def test_id(exchange: Exchange) -> None:
    name, asked = _model(exchange)["id"], exchange.variables["model"]
    require(name.value == asked, name, expected=f'"{asked}"')


@requirement(
    "models.retrieve.same-as-listed",
    SHOULD,
    "GET /models/{id} returns the same `id`, `object`, `created` and `owned_by` as the list.",
    on="models/retrieve",
    against="models/list",
    follows=("models.retrieve.object", "models.retrieve.id"),
    source=("openai:models/retrieve", "openai:models/list"),
    remedy="Build the model and its entry in the list from the same object.",
)
def test_the_same_as_listed(exchange: Exchange, against: Exchange) -> None:
    model = _model(exchange)
    entry = listed_entry(against, exchange.variables["model"])
    if entry is None:
        raise Inconclusive(
            "the list does not contain the model", told_by=("models.list.serves-the-model",)
        )
    for name in ("id", "object", "created", "owned_by"):
        require(
            model[name].value == entry[name].value,
            model[name],
            expected=f"{entry[name].shown}, as in the list",
            beside=entry[name],
        )


@requirement(
    "models.retrieve.unknown",
    SHOULD,
    "The endpoint answers GET /models/{id} with 404 if the model does not exist.",
    on="unknown/model-entry",
    follows=("errors.refused.not-in-a-success", "errors.unknown.model-is-no-server-error"),
    source=("openai:models/retrieve", "rfc9110#15.5.5"),
    remedy="Answer 404 with `model_not_found` as `error.code`.",
)
def test_an_unknown_model_is_not_found(exchange: Exchange) -> None:
    require(exchange.status == 404, exchange, expected="HTTP 404")


def _model(exchange: Exchange) -> Located:
    if exchange.status != 200:
        raise Unserved("there is no model to judge", exchange)
    return body_of(exchange)
