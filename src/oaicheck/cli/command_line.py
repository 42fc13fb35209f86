"""What the commands have in common: one way to refuse what cannot be carried out."""

from __future__ import annotations

import argparse
import sys

from oaicheck.verdicts.gate import ExitCode

USAGE = int(ExitCode.USAGE)
"""The exit code for a command that cannot be carried out as it was given."""


class Parser(argparse.ArgumentParser):
    """Exits with the project's own code for a usage error."""

    def error(self, message: str) -> None:  # type: ignore[override]
        """Exit with it."""
        self.exit(USAGE, f"oaicheck: {message}\nTry '{self.prog} --help'.\n")


def refuse(message: object) -> int:
    """Say why a command cannot be carried out; its exit code."""
    print(f"oaicheck: {message}", file=sys.stderr)
    return USAGE
