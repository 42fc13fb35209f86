"""The exit codes of the oaicheck command."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the exit code says of a run."""

    PASSED = 0
    MISSED = 1
    INTERRUPTED = 2
    INTERNAL_ERROR = 3
    USAGE = 4
    NOTHING_JUDGED = 5
