"""The command line: one entry point, and a module for each command."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from types import MappingProxyType

from oaicheck.cli.command_line import refuse
from oaicheck.verdicts.gate import ExitCode

_COMMANDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "run": ("oaicheck.cli.run", "run_command"),
        "list": ("oaicheck.cli.catalogue", "list_command"),
        "explain": ("oaicheck.cli.catalogue", "explain_command"),
        "curl": ("oaicheck.cli.curl", "curl_command"),
        "serve": ("oaicheck.cli.serve", "serve_command"),
        "clients": ("oaicheck.cli.clients", "clients_command"),
        "opencode": ("oaicheck.cli.opencode", "opencode_command"),
        "baseline": ("oaicheck.cli.reports", "baseline_command"),
        "compare": ("oaicheck.cli.reports", "compare_command"),
        "merge": ("oaicheck.cli.reports", "merge_command"),
        "outputs": ("oaicheck.cli.reports", "outputs_command"),
        "new-rule": ("oaicheck.cli.new_rule", "new_rule_command"),
    }
)
"""The module and the function of each command; a command imports only what it needs."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code. It ends quietly where nobody reads its output on."""
    try:
        try:
            return _main(list(sys.argv[1:] if argv is None else argv))
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        # Else Python flushes the rest at its own end, and breaks once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(ExitCode.INTERRUPTED)


def _main(arguments: list[str]) -> int:
    name = "run"
    if arguments and not arguments[0].startswith("-"):
        name = arguments.pop(0)
    if name not in _COMMANDS:
        return refuse(f"no command {name!r}; there are {', '.join(_COMMANDS)}")
    module, function = _COMMANDS[name]
    code: int = getattr(import_module(module), function)(arguments)
    return code
