"""The options of a run. pytest takes them with the prefix `--oai-`, the command line without."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class RunOption:
    """An option that says what is judged and where results go; `action` is argparse's."""

    name: str
    help: str
    metavar: str | None = None
    action: str = "store"
    default: str | None = None
    choices: tuple[str, ...] | None = None

    @property
    def argparse(self) -> Mapping[str, Any]:
        """The keyword arguments for argparse, and for pytest's parser."""
        arguments: dict[str, Any] = {"help": self.help, "action": self.action}
        if self.action == "append":
            arguments["default"] = []
        if self.action == "store":
            arguments["default"] = self.default
        if self.action != "store_true":
            arguments["metavar"] = self.metavar
            if self.choices:
                arguments["choices"] = self.choices
        return arguments


RUN_OPTIONS = (
    RunOption("profile", "who is asking: openai (default), opencode, xerotier, or a file", "NAME"),
    RunOption("report-dir", "where the report goes (default: reports/<time>)", "DIR"),
    RunOption(
        "gate",
        "what the exit code depends on: must (default), or should, which counts warnings too",
        "LEVEL",
        default="must",
        choices=("must", "should"),
    ),
    RunOption("baseline", "known failures, which do not miss the gate", "FILE"),
    RunOption("allow-stale", "tolerate a baseline's entries that pass now", action="store_true"),
    RunOption("replay", "judge a recording, or a report's, again, without a network", "FILE"),
    RunOption("plan", "say what would be sent, and send nothing", action="store_true"),
    RunOption("only", "judge requirements of this id only; wildcards", "ID", "append"),
    RunOption("skip", "leave out requirements of this id; wildcards", "ID", "append"),
    RunOption("catalogue", "judge by the catalogue of that name, such as 2026.1", "NAME"),
    RunOption("fuzz", "send as many drawn requests too (default: 0)", "N"),
    RunOption("fuzz-seed", "draw them from this number (default: 1)", "N"),
    RunOption(
        "clients", "have the real clients that are installed try it too", action="store_true"
    ),
    RunOption(
        "clients-dir", "where they are installed (default: ~/.cache/oaicheck/clients)", "DIR"
    ),
    RunOption("fault", "give the embedded endpoint this deliberate defect", "NAME", "append"),
)
