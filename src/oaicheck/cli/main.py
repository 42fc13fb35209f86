"""The command line: one entry point, which imports the module of the command."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from types import MappingProxyType

from oaicheck.cli.command_line import refuse
from oaicheck.verdicts.exit_codes import ExitCode

_COMMANDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "run": ("oaicheck.cli.run", "run_command"),
        "list": ("oaicheck.cli.catalogue", "list_command"),
        "explain": ("oaicheck.cli.catalogue", "explain_command"),
        "schema": ("oaicheck.cli.catalogue", "schema_command"),
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
"""The module and the function of each command. Only the module of that command is imported."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code.

    If the reader of its output goes away, as `head` does, it ends without an error message. After
    Ctrl-C it ends with one.
    """
    try:
        try:
            return _main(list(sys.argv[1:] if argv is None else argv))
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        print("oaicheck: interrupted", file=sys.stderr)
        return int(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        # Otherwise Python flushes the rest when it exits, and fails once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(ExitCode.INTERRUPTED)


def _main(arguments: list[str]) -> int:
    name = "run"
    if arguments and not arguments[0].startswith("-"):
        name = arguments.pop(0)
    if name not in _COMMANDS:
        return refuse(f"unknown command {name!r}; known commands: {', '.join(_COMMANDS)}")
    module, function = _COMMANDS[name]
    code: int = getattr(import_module(module), function)(arguments)
    return code
