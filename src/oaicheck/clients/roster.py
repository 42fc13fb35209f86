"""The known clients: their pinned packages, and the program that drives each."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from oaicheck.resources import locate

Runtime = Literal["node", "python", "curl", "opencode"]


@dataclass(frozen=True, slots=True)
class Client:
    """One client. `speaks` names the APIs that it uses; `program` is a file in `programs()`."""

    name: str
    title: str
    note: str
    runtime: Runtime
    program: str
    packages: Mapping[str, str]
    speaks: tuple[str, ...]

    def folder(self, root: Path) -> Path:
        """Its installation folder below the folder for all clients."""
        return root / self.name

    def command(self, root: Path) -> Sequence[str]:
        """The command that starts its program, once it is installed."""
        here = self.folder(root)
        if self.runtime == "node":
            return ("node", str(here / self.program))
        if self.runtime == "python":
            return (str(here / "bin" / "python"), str(programs() / self.program))
        if self.runtime == "opencode":
            return (str(here / "node_modules" / "opencode-linux-x64" / "bin" / "opencode"),)
        return (sys.executable, str(programs() / self.program))


def programs() -> Path:
    """The folder of the clients' programs and pins."""
    return locate("fixtures") / "clients"


def roster() -> Mapping[str, Client]:
    """All known clients by name."""
    data = json.loads((programs() / "clients.json").read_text("utf-8"))
    return {
        name: Client(name=name, **{**values, "speaks": tuple(values["speaks"])})
        for name, values in data.items()
    }


def default_root() -> Path:
    """The default folder for installed clients."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "oaicheck" / "clients"
