"""Models: one model."""

from oaicheck.rules import SHOULD, Inconclusive, require, requirement, status_line
from oaicheck.views import Exchange, Located, body_of, listed_entry


@requirement(
    "models.retrieve.status",
    SHOULD,
    "GET /models/{id} is answered with 200 for the model, also where its id holds a slash.",
    on="models/retrieve",
    source="openai:models/retrieve",
    remedy="Serve each model under its id, percent-encoded or not.",
)
def test_a_model_is_served(exchange: Exchange) -> None:
    require(exchange.status == 200, exchange, expected="HTTP 200")


@requirement(
    "models.retrieve.object",
    SHOULD,
    "What is retrieved is a model, with `object` `model`, and not a list.",
    on="models/retrieve",
    source=("openai:models/retrieve", "openai:models/object#object"),
    remedy="Answer with the model's object alone.",
)
def test_object(exchange: Exchange) -> None:
    kind = _model(exchange)["object"]
    require(kind.value == "model", kind, expected='"model"')


@requirement(
    "models.retrieve.id",
    SHOULD,
    "The model that is retrieved has the `id` that was asked for.",
    on="models/retrieve",
    source=("openai:models/retrieve", "openai:models/object#id"),
    remedy="Answer with the model of that id, or with 404.",
)
def test_id(exchange: Exchange) -> None:
    name, asked = _model(exchange)["id"], exchange.variables["model"]
    require(name.value == asked, name, expected=f'"{asked}"')


@requirement(
    "models.retrieve.same-as-listed",
    SHOULD,
    "The model that is retrieved equals its entry in the list.",
    on="models/retrieve",
    against="models/list",
    source=("openai:models/retrieve", "openai:models/list"),
    remedy="Make both from the same object.",
)
def test_the_same_as_listed(exchange: Exchange, against: Exchange) -> None:
    model = _model(exchange)
    entry = listed_entry(against, exchange.variables["model"])
    if entry is None:
        raise Inconclusive("the list does not name the model")
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
    "GET /models/{id} is answered with 404 for a model that does not exist.",
    on="unknown/model-entry",
    source=("openai:models/retrieve", "rfc9110#15.5.5"),
    remedy="Answer 404 with an error whose code is `model_not_found`.",
)
def test_an_unknown_model_is_not_found(exchange: Exchange) -> None:
    require(exchange.status == 404, exchange, expected="HTTP 404")


def _model(exchange: Exchange) -> Located:
    if exchange.status != 200:
        raise Inconclusive(f"there is no model to judge: {status_line(exchange)}")
    return body_of(exchange)
