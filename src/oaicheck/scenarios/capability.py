"""Capabilities: what honest servers may lack, and how a clean refusal shows that they do.

They are data in `fixtures/capabilities.json`: a title, and the request parameters that belong to
each. A target may declare them; otherwise they are found out by asking.
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
"""What of a target each kind of key stands on, by the name under which scenarios need it.

They stand among the capabilities, but are given and not declared.
"""


@dataclass(frozen=True, slots=True)
class Capability:
    """Something that an endpoint may honestly lack.

    Where a scenario of `decided_by` was served, the endpoint has it, and what it refuses in other
    scenarios is something else, even if the refusal names one of the parameters. `routes` are
    requests such as `POST responses`: an endpoint that does not know them lacks it.
    """

    name: str
    title: str
    parameters: tuple[str, ...]
    decided_by: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()


def load_capabilities(folder: Path) -> dict[str, Capability]:
    """The capabilities in a fixtures folder, by name."""
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
    """The capability that an answer refuses in the clean way.

    That is a 4xx that names its parameter, or a 404, 405 or 501 for its route.
    """
    if exchange.status not in (400, 404, 405, 415, 422, 501):
        return None
    for name in needs:
        if any(_lacks(exchange, route) for route in capabilities[name].routes):
            return capabilities[name]
        for parameter in capabilities[name].parameters:
            if re.search(rf"(?<!\w){re.escape(parameter)}(?!\w)", exchange.text):
                return capabilities[name]
    return None


def _lacks(exchange: Exchange, route: str) -> bool:
    """Whether an answer says that there is no such route as `POST responses`."""
    method, path = route.split(" ")
    asked = urlsplit(exchange.request.url).path
    return (
        exchange.status in (404, 405, 501)
        and exchange.request.method == method
        and asked.endswith(f"/{path}")
    )
