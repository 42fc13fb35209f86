"""Where a run shows how far it is: in one line of a terminal, or now and then in a log."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

import pytest

from oaicheck.contact.waiting import Waiting
from oaicheck.report.wording import seconds_words
from oaicheck.wire.printable import printable

_OFTEN = 0.2
_SELDOM = 30.0


class Display(Protocol):
    """Where progress is shown."""

    interval: float

    @property
    def is_live(self) -> bool:
        """Whether a new text replaces the one before."""

    def show(self, text: str) -> None:
        """Show the progress."""

    def close(self) -> None:
        """Remove what is shown, if the display is live."""


class LiveLine:
    """One line of a terminal, overwritten again and again."""

    interval = _OFTEN

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._width = 0

    @property
    def is_live(self) -> bool:
        """A new text replaces the one before."""
        return True

    def show(self, text: str) -> None:
        """Overwrite the line, cut to the width of the terminal."""
        text = text[: shutil.get_terminal_size().columns - 1]
        self._write(f"\r{text.ljust(self._width)}")
        self._width = len(text)

    def close(self) -> None:
        """Clear the line and put the cursor at its start."""
        if self._width:
            self._write(f"\r{' ' * self._width}\r")
        self._width = 0


class PlainLines:
    """A new line now and then, for a log. A short run writes none."""

    interval = _SELDOM

    def __init__(self, say: Callable[[str], None]) -> None:
        self.show = say

    @property
    def is_live(self) -> bool:
        """Earlier lines stay."""
        return False

    def close(self) -> None:
        """Do nothing: earlier lines stay."""


def display_for(
    config: pytest.Config, environ: Mapping[str, str], say: Callable[[str], None]
) -> Display | None:
    """The display for progress, or None if pytest prints nothing."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return None
    in_ci = environ.get("CI", "").lower() not in ("", "0", "false")
    if reporter.isatty and not in_ci and environ.get("TERM") != "dumb":
        return LiveLine(lambda text: reporter.write(text, flush=True))
    return PlainLines(say)


@contextmanager
def awaiting(display: Display | None, say: Callable[[str], None]) -> Iterator[Waiting]:
    """Show what the first requests wait for while the block runs.

    A live line is updated again and again. Otherwise `say` prints each reason once, because
    nothing else is printed before the first response.
    """
    told: set[str] = set()

    def tell(reason: str, seconds: float) -> None:
        text = f"waiting: {reason}; about {seconds_words(seconds)} more"
        if display is not None and display.is_live:
            display.show(printable(text))
        elif reason not in told:
            told.add(reason)
            say(text)

    try:
        yield tell
    finally:
        if display is not None:
            display.close()
