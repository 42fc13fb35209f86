"""Views of the list of models, and of one model."""

from __future__ import annotations

from oaicheck.wire.exchange import Exchange, Located
from oaicheck.wire.json_text import ABSENT


def body_of(exchange: Exchange) -> Located:
    """The body of an answer as JSON; absent where it is none."""
    found = exchange.json
    return Located(ABSENT, (), exchange) if found is None else found


def listed_models(exchange: Exchange) -> list[Located]:
    """The entries of a list of models; none where the answer is no such list."""
    return list(body_of(exchange)["data"]) if exchange.status == 200 else []


def listed_ids(exchange: Exchange) -> list[str]:
    """The ids of the entries that have one."""
    return [entry["id"].value for entry in listed_models(exchange) if entry["id"].is_string]


def listed_entry(exchange: Exchange, name: str) -> Located | None:
    """The entry of that id, or None where there is none."""
    return next((entry for entry in listed_models(exchange) if entry["id"].value == name), None)
