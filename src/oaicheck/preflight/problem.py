"""What keeps a run from starting."""

from __future__ import annotations


class UsageProblem(Exception):
    """The options or files cannot be used, or the endpoint cannot be judged.

    The message says what to change.
    """
