"""Views of the list of models and of one model."""

from __future__ import annotations

from oaicheck.wire.exchange import Exchange, Located
from oaicheck.wire.json_text import ABSENT


def body_of(exchange: Exchange) -> Located:
    """The body of a response as JSON; absent if it is not JSON."""
    found = exchange.json
    return Located(ABSENT, (), exchange) if found is None else found


def listed_models(exchange: Exchange) -> list[Located]:
    """The entries of a list of models; none if the response is not such a list."""
    return list(body_of(exchange)["data"]) if exchange.status == 200 else []


def listed_ids(exchange: Exchange) -> list[str]:
    """The ids of the entries that have one."""
    return [entry["id"].value for entry in listed_models(exchange) if entry["id"].is_string]


def listed_entry(exchange: Exchange, name: str) -> Located | None:
    """The entry with that id, or None."""
    return next((entry for entry in listed_models(exchange) if entry["id"].value == name), None)
