"""Faults of the list of models."""

from dataclasses import replace

from ...deviation import ERROR, MODELS, REPLY, REQUEST, Object, Refusal, Situation, fault
from ...http.problem import ApiError
from ...http.reply import Reply, Request


@fault(
    "models-empty-list", MODELS, "The list of models is empty.", "madroidmaq/mlx-omni-server#130"
)
def _empty(value: Object, _: Situation) -> Object:
    return {**value, "data": []} if "data" in value else value


@fault(
    "models-entry-created-missing",
    MODELS,
    "Entries have no created.",
    "lmstudio-ai/lmstudio-bug-tracker#1988",
)
def _created_missing(value: Object, _: Situation) -> Object:
    return _each(value, created=None)


@fault(
    "models-object-list-missing",
    MODELS,
    "The list of models has no object list.",
    "mostlygeek/llama-swap#154",
)
def _object_missing(value: Object, _: Situation) -> Object:
    return {"data": value["data"]} if "data" in value else value


@fault("models-bare-array", REPLY, "The list is a bare JSON array.")
def _bare_array(reply: Reply, situation: Situation) -> Reply:
    if situation.route != "models" or reply.status != 200:
        return reply
    body = reply.body
    return reply.with_body(body[body.index(b"[") : body.rindex(b"]") + 1])


@fault("models-key-models", MODELS, "The list is in models instead of data.")
def _other_key(value: Object, _: Situation) -> Object:
    return {"object": "list", "models": value["data"]} if "data" in value else value


@fault("models-entry-id-missing", MODELS, "Entries have a name instead of an id.")
def _id_missing(value: Object, _: Situation) -> Object:
    for entry in value.get("data", ()):
        entry["name"] = entry.pop("id")
    return value


@fault("models-entries-strings", MODELS, "Entries are plain strings.")
def _strings(value: Object, _: Situation) -> Object:
    if "data" not in value:
        return value
    return {**value, "data": [entry["id"] for entry in value["data"]]}


@fault("models-entry-created-string", MODELS, "created of a model is a string.")
def _created_string(value: Object, _: Situation) -> Object:
    return _each(value, created="2024-01-31T12:00:00Z")


@fault("models-entry-created-milliseconds", MODELS, "created of a model is in milliseconds.")
def _created_milliseconds(value: Object, _: Situation) -> Object:
    return _each(value, created=1_752_978_879_176)


@fault("models-entry-owner-missing", MODELS, "Entries have no owned_by.")
def _owner_missing(value: Object, _: Situation) -> Object:
    return _each(value, owned_by=None)


@fault("models-entry-object-wrong", MODELS, "object of a model is not model.")
def _object_wrong(value: Object, _: Situation) -> Object:
    return _each(value, object="engine")


@fault("models-id-repeated", MODELS, "A model is listed twice.")
def _repeated(value: Object, _: Situation) -> Object:
    return {**value, "data": [*value["data"], value["data"][0]]} if "data" in value else value


@fault(
    "models-served-model-not-listed",
    MODELS,
    "The list of models has different names than the models served.",
)
def _not_listed(value: Object, _: Situation) -> Object:
    for entry in value.get("data", ()):
        entry["id"] = f"models/{entry['id']}"
    return value


@fault("models-retrieve-404", REQUEST, "A listed model cannot be retrieved by its id.")
def _retrieve_404(request: Request, _: Situation) -> Request:
    if "/models/" in request.path:
        raise ApiError(404, "Not found.", code="unknown_url")
    return request


@fault("models-retrieve-list", REPLY, "Retrieving one model gives the whole list.")
def _retrieve_list(reply: Reply, situation: Situation) -> Reply:
    if situation.route != "model" or reply.status != 200:
        return reply
    return reply.with_body(b'{"object":"list","data":[' + reply.body + b"]}")


@fault("models-retrieve-other", MODELS, "Retrieving a model gives a different model.")
def _retrieve_other(value: Object, _: Situation) -> Object:
    return value if "data" in value else {**value, "id": "another-model"}


@fault("models-retrieve-created-now", MODELS, "created of a retrieved model is the current time.")
def _retrieve_now(value: Object, situation: Situation) -> Object:
    return value if "data" in value else {**value, "created": 1_700_000_000 + situation.number}


@fault("models-unknown-200", ERROR, "Retrieving an unknown model gives a 200.")
def _unknown_200(refusal: Refusal, situation: Situation) -> Refusal:
    return replace(refusal, status=200) if situation.route == "model" else refusal


@fault("models-unknown-400", ERROR, "Retrieving an unknown model gives a 400.")
def _unknown_400(refusal: Refusal, situation: Situation) -> Refusal:
    return replace(refusal, status=400) if situation.route == "model" else refusal


@fault("models-list-404", REQUEST, "The list of models gives a 404.")
def _list_404(request: Request, _: Situation) -> Request:
    if request.path.rstrip("/").endswith("/models"):
        raise ApiError(404, "Not found.", code="unknown_url")
    return request


@fault("models-list-500", REQUEST, "The list of models gives a 500.")
def _list_500(request: Request, _: Situation) -> Request:
    if request.path.rstrip("/").endswith("/models"):
        raise ApiError(500, "Internal server error.", kind="server_error")
    return request


def _each(value: Object, **fields: object) -> Object:
    """Every entry with some fields set, or removed if their value is None."""
    for entry in value.get("data", [value]):
        for key, wanted in fields.items():
            if wanted is None:
                del entry[key]
            else:
                entry[key] = wanted
    return value
