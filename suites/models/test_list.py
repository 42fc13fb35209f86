"""Models: the list."""

from oaicheck.judging import Inconclusive, require
from oaicheck.requirement import MUST, SHOULD, requirement
from oaicheck.wire.exchange import Exchange
from oaicheck.wire.located import Located


def _body(exchange: Exchange) -> Located:
    if exchange.status != 200 or exchange.json is None:
        raise Inconclusive(f"there is no list to judge: HTTP {exchange.status}")
    return exchange.json


@requirement(
    "models.list.status",
    MUST,
    "GET /models is answered with 200.",
    on="models/list",
    source="openai:models/list",
    remedy="Serve the list of models: clients ask it to find out what there is.",
)
def test_the_list_is_served(exchange: Exchange) -> None:
    require(exchange.status == 200, exchange, expected="HTTP 200")


@requirement(
    "models.list.data",
    MUST,
    "The list of models is an object with `data`, an array.",
    on="models/list",
    source="openai:models/list",
    remedy='Answer `{"object": "list", "data": [{"id": "…"}]}`.',
)
def test_data(exchange: Exchange) -> None:
    data = _body(exchange)["data"]
    require(data.is_array, data, expected="an array")


@requirement(
    "models.list.ids",
    MUST,
    "Every model in the list has an `id`, a string that is not empty.",
    on="models/list",
    source="openai:models/object#id",
    remedy="Name each model by the id that requests have to use.",
)
def test_ids(exchange: Exchange) -> None:
    for model in _body(exchange)["data"]:
        require(model["id"].is_text, model["id"], expected="a string that is not empty")


@requirement(
    "models.list.object",
    SHOULD,
    "The list of models has `object` `list`.",
    on="models/list",
    source=("openai:models/list", "github:mostlygeek/llama-swap#154"),
    remedy='Send `"object": "list"` beside `data`.',
)
def test_object(exchange: Exchange) -> None:
    kind = _body(exchange)["object"]
    require(kind.value == "list", kind, expected='"list"')


@requirement(
    "models.list.not-empty",
    SHOULD,
    "The list names at least one model.",
    on="models/list",
    source=("openai:models/list", "github:madroidmaq/mlx-omni-server#130"),
    remedy="List the models that can be asked for, loaded or not.",
)
def test_not_empty(exchange: Exchange) -> None:
    data = _body(exchange)["data"]
    require(len(data) > 0, data, expected="at least one model")


@requirement(
    "models.list.serves-the-model",
    SHOULD,
    "The list names the model that answers.",
    on="models/list",
    source=("openai:models/list", "seed:opencode#Model Not Found"),
    remedy="List every model under the id by which it is served.",
)
def test_the_model_is_listed(exchange: Exchange) -> None:
    ids = [model["id"].value for model in _body(exchange)["data"]]
    asked = exchange.variables.get("model")
    require(asked in ids, exchange, expected=f"{asked!r} in the list", observed=f"{ids[:10]}")
