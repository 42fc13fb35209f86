"""The catalogue: every requirement, collected from the checks in the suites.

A catalogue has a name such as `2026.1`. A target can pin one, so that an upgrade of oaicheck does
not make its gate fail: `oaicheck.rules.frozen` knows what each published catalogue judges.
"""

from __future__ import annotations

import fnmatch
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from oaicheck import CATALOGUES
from oaicheck.rules.requirement import Requirement, requirement_of


class CatalogueError(ValueError):
    """The suites declare an id twice, or somebody asks for something that does not exist."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A requirement with the file that checks it and that file's heading."""

    requirement: Requirement
    file: str
    heading: str


def load_catalogue(suites: Path) -> dict[str, Entry]:
    """Every requirement below a folder, by id, in file order.

    Raises CatalogueError if two checks declare the same id.
    """
    entries: dict[str, Entry] = {}
    for path in sorted(suites.rglob("test_*.py")):
        module = load_suite(path, suites)
        heading = (inspect.getdoc(module) or path.stem).split("\n")[0]
        for found in filter(None, map(requirement_of, _checks(module))):
            if found.id in entries:
                first = entries[found.id].file
                raise CatalogueError(f"{found.id} is declared twice: in {first} and {path}")
            entries[found.id] = Entry(found, path.relative_to(suites).as_posix(), heading)
    return entries


def checks_in(suites: Path) -> Iterator[Callable[..., None]]:
    """Every check below a folder, in file order."""
    for path in sorted(suites.rglob("test_*.py")):
        yield from _checks(load_suite(path, suites))


def selected(id: str, only: Iterable[str], skip: Iterable[str]) -> bool:  # noqa: A002
    """Whether `--only` and `--skip` select a requirement."""
    only = list(only)
    return (not only or any(fnmatch.fnmatchcase(id, pattern) for pattern in only)) and not any(
        fnmatch.fnmatchcase(id, pattern) for pattern in skip
    )


def known_catalogue(name: str) -> str:
    """The name, if this version knows that catalogue. Raises CatalogueError otherwise."""
    if name not in CATALOGUES:
        raise CatalogueError(
            f"no catalogue is named {name!r}; this version of oaicheck has "
            f"{', '.join(CATALOGUES)}: upgrade oaicheck for newer ones"
        )
    return name


def load_suite(path: Path, suites: Path) -> ModuleType:
    """The module of one file of checks, imported once; raises CatalogueError if it cannot be."""
    name = "oaicheck_suites." + ".".join(path.relative_to(suites).with_suffix("").parts)
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise CatalogueError(f"{path}: cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _checks(module: ModuleType) -> Iterator[Callable[..., None]]:
    for member in vars(module).values():
        if requirement_of(member) is not None and member.__module__ == module.__name__:
            yield member
