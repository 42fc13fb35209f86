"""Hints at the name that may have been meant where one is unknown."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """A question that names what holds the name in it, or else resembles it; None without any."""
    known = sorted(known)
    close = [each for each in known if name and name in each][:5]
    close = close or difflib.get_close_matches(name, known, n=3, cutoff=0.6)
    return f"did you mean {' or '.join(close)}?" if close else None


def near(name: str, known: Iterable[str]) -> str:
    """A hint at known names that resemble one, or else all of them."""
    known = sorted(known)
    return did_you_mean(name, known) or f"known are {', '.join(known)}"
