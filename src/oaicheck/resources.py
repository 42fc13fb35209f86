"""Finds the suites and fixtures: inside an installed package, or at the top of a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def locate(name: str) -> Path:
    """The folder `suites` or `fixtures`; FileNotFoundError where the installation lacks it."""
    for parent in (_PACKAGE, _PACKAGE.parent.parent):
        folder = parent / name
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"oaicheck was installed without its folder {name!r}: reinstall it")
