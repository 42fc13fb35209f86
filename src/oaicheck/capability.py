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

from oaicheck.wire.exchange import Exchange


@dataclass(frozen=True, slots=True)
class Capability:
    """Something that an endpoint may honestly lack."""

    name: str
    title: str
    parameters: tuple[str, ...]


def load_capabilities(folder: Path) -> dict[str, Capability]:
    """The capabilities in a fixtures folder, by name."""
    data: Mapping[str, Mapping[str, list[str] | str]] = json.loads(
        (folder / "capabilities.json").read_text("utf-8")
    )
    return {
        name: Capability(name, str(member["title"]), tuple(member["parameters"]))
        for name, member in data.items()
    }


def refused_capability(
    exchange: Exchange, needs: Iterable[str], capabilities: Mapping[str, Capability]
) -> Capability | None:
    """The capability that an answer refuses in the clean way: a 4xx that names its parameter."""
    if exchange.status not in (400, 404, 405, 415, 422, 501):
        return None
    for name in needs:
        for parameter in capabilities[name].parameters:
            if re.search(rf"(?<!\w){re.escape(parameter)}(?!\w)", exchange.text):
                return capabilities[name]
    return None
