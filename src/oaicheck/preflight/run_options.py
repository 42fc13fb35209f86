"""The options of a run. In pytest they have the prefix `--oai-`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class RunOption:
    """An option of the run, such as what to judge or where to report; `action` is argparse's."""

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
    RunOption(
        "profile",
        "profile to judge by: openai (default), opencode, xerotier, or a file",
        "NAME",
    ),
    RunOption("report-dir", "folder for the report (default: reports/<time>)", "DIR"),
    RunOption(
        "gate",
        "fail on broken MUSTs (must, the default), or on broken SHOULDs too (should)",
        "LEVEL",
        default="must",
        choices=("must", "should"),
    ),
    RunOption("baseline", "file of known failures, which do not fail the run", "FILE"),
    RunOption("allow-stale", "accept baseline entries that pass now", action="store_true"),
    RunOption("replay", "judge a recording or a report again, and send nothing", "FILE"),
    RunOption(
        "resume", "send only what the recording in this report folder lacks, then judge all", "DIR"
    ),
    RunOption("plan", "print what would be sent, and send nothing", action="store_true"),
    RunOption("quick", "send only the 20 most revealing requests", action="store_true"),
    RunOption(
        "max-requests", "send at most N requests, retries included; the most revealing first", "N"
    ),
    RunOption("max-tokens", "send at most N tokens, as --plan counts them", "N"),
    RunOption("only", "judge only this requirement; wildcards allowed; repeatable", "ID", "append"),
    RunOption("skip", "leave out this requirement; wildcards allowed; repeatable", "ID", "append"),
    RunOption("no-overflow", "send no prompt longer than the context window", action="store_true"),
    RunOption(
        "catalogue", "catalogue of requirements, such as 2026.1 (default: the newest)", "NAME"
    ),
    RunOption("fuzz", "also send N random requests (default: 0)", "N"),
    RunOption("fuzz-seed", "random seed for --fuzz (default: 1)", "N"),
    RunOption("clients", "also run the installed real clients", action="store_true"),
    RunOption("clients-dir", "folder of the clients (default: ~/.cache/oaicheck/clients)", "DIR"),
    RunOption("fault", "give the embedded endpoint this defect; repeatable", "NAME", "append"),
)
