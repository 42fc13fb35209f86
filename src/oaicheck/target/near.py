"""Suggests known names if the user gives an unknown one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """`did you mean A or B?`, or None if no known name is similar.

    Names that contain the given one come first; without any, names that resemble it.
    """
    known = sorted(known)
    close = [each for each in known if name and name in each][:5]
    close = close or difflib.get_close_matches(name, known, n=3, cutoff=0.6)
    return f"did you mean {' or '.join(close)}?" if close else None


def near(name: str, known: Iterable[str]) -> str:
    """A suggestion of similar names, or the list of all known names."""
    known = sorted(known)
    return did_you_mean(name, known) or f"known names: {', '.join(known)}"
