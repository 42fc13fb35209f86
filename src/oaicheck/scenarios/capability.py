"""Capabilities: features that a conformant server may lack, and the clean refusals that show it.

They are data in `fixtures/capabilities.json`: each has a title and its request parameters. A target
may declare them; otherwise oaicheck finds out by sending requests.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from oaicheck.wire.exchange import Exchange

KEYS = {
    "key": ("authenticated", "a key"),
    "expired-key": ("expired_key", "an expired key"),
    "scopeless-key": ("scopeless_key", "a key without scope"),
}
"""The kinds of keys, by the name in a scenario's `needs`: the target's fact, and words for it.

They are listed among the capabilities, but the user gives them and does not declare them.
"""

_REFUSED = (400, 404, 405, 415, 422)
"""The statuses with which an endpoint says that it does not support a parameter."""


@dataclass(frozen=True, slots=True)
class Capability:
    """A feature that a conformant endpoint may lack.

    If the endpoint served a scenario of `decided_by`, it has the capability: a refusal elsewhere
    then has another cause, even if it names one of the parameters. `routes` are requests such as
    `POST responses`: an endpoint that does not know them lacks the capability.
    """

    name: str
    title: str
    parameters: tuple[str, ...]
    decided_by: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()


def load_capabilities(folder: Path) -> dict[str, Capability]:
    """Load the capabilities from a fixtures folder, by name."""
    data: Mapping[str, Mapping[str, list[str] | str]] = json.loads(
        (folder / "capabilities.json").read_text("utf-8")
    )
    return {
        name: Capability(
            name,
            str(member["title"]),
            tuple(member["parameters"]),
            tuple(member.get("decided_by", ())),
            tuple(member.get("routes", ())),
        )
        for name, member in data.items()
    }


def refused_capability(
    exchange: Exchange, needs: Iterable[str], capabilities: Mapping[str, Capability]
) -> Capability | None:
    """The capability that a response cleanly refuses, or None.

    A clean refusal is a 4xx that names one of its parameters, or a 404, 405 or 501 for its route.
    A 501 for a parameter is none: clients repeat the request, as after any server error.
    """
    for name in needs:
        if any(_lacks(exchange, route) for route in capabilities[name].routes):
            return capabilities[name]
        if exchange.status in _REFUSED and named_parameter(exchange, capabilities[name]):
            return capabilities[name]
    return None


def named_parameter(exchange: Exchange, capability: Capability) -> str:
    """The longest parameter of a capability that a response names, or an empty text."""
    named = (
        parameter
        for parameter in capability.parameters
        if re.search(rf"(?<!\w){re.escape(parameter)}(?!\w)", exchange.text)
    )
    return max(named, key=len, default="")


def _lacks(exchange: Exchange, route: str) -> bool:
    """Whether a response says that a route such as `POST responses` does not exist."""
    method, path = route.split(" ")
    asked = urlsplit(exchange.request.url).path
    # A 501 that names a parameter is about that.
    root = exchange.json if exchange.status == 501 else None
    if root is not None and root["error"]["param"].given:
        return False
    return (
        exchange.status in (404, 405, 501)
        and exchange.request.method == method
        and asked.endswith(f"/{path}")
    )
