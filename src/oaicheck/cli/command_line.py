"""What all commands share: the argument parser, and how a command reports a usage error."""

from __future__ import annotations

import argparse
import sys

from oaicheck.verdicts.exit_codes import ExitCode

USAGE = int(ExitCode.USAGE)
"""The exit code for a usage error."""


class Parser(argparse.ArgumentParser):
    """An argument parser that exits with the project's own code for a usage error."""

    def error(self, message: str) -> None:  # type: ignore[override]
        """Print the message and exit."""
        self.exit(USAGE, f"oaicheck: {message}; `{self.prog} --help` prints all options\n")


def refuse(message: object) -> int:
    """Print why a command cannot be carried out, and return the exit code."""
    print(f"oaicheck: {message}", file=sys.stderr)
    return USAGE
