"""The house: which room may import which, and that nothing lies outside a room."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from oaicheck.resources import locate

PACKAGE = Path(__file__).parent.parent / "src" / "oaicheck"
SUITES = locate("suites")

LOOSE = {"__init__", "__main__", "resources"}
"""The modules that lie in no room. Every room may import the first and the last."""

ROOMS: dict[str, set[str]] = {
    "wire": set(),
    "rules": {"wire"},
    "scenarios": {"wire", "rules"},
    "target": {"wire", "rules", "scenarios"},
    "views": {"wire", "rules", "scenarios", "target"},
    "verdicts": {"wire", "rules", "scenarios", "target", "views"},
    "engine": {"wire", "scenarios", "target", "views"},
    "contact": {"wire", "scenarios", "target", "views", "engine"},
    "report": {"wire", "rules", "views", "verdicts"},
    "reference": set(),
    "clients": {
        *("wire", "rules", "scenarios", "target", "views", "verdicts", "engine"),
        "reference",
    },
    "preflight": {
        *("wire", "rules", "scenarios", "target", "verdicts", "engine", "contact", "report"),
        *("clients", "reference"),
    },
    "plugin": {
        *("wire", "rules", "scenarios", "target", "views", "verdicts", "engine", "report"),
        *("clients", "preflight"),
    },
    "cli": {
        *("wire", "rules", "scenarios", "target", "views", "verdicts", "engine", "contact"),
        *("report", "clients", "reference", "preflight"),
    },
}
"""What each room may import beside itself, from the ground up: a row names rows above it only."""

APART = {"reference"}
"""Rooms that share no code with the judges, not even what every other room may import."""

FOR_SUITES = {"oaicheck.rules", "oaicheck.views"}
"""What a rule may import."""

MODULES_IN_A_ROOM = 20
LINES_IN_A_MODULE = 450


def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name."""
    return {
        ".".join(["oaicheck", *path.relative_to(PACKAGE).with_suffix("").parts]).removesuffix(
            ".__init__"
        ): path
        for path in sorted(PACKAGE.rglob("*.py"))
    }


MODULES = modules()


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """The module and the name of every import in a file, relative ones made absolute."""
    package = (
        ["oaicheck", *path.relative_to(PACKAGE).parent.parts] if PACKAGE in path.parents else []
    )
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*above, *(node.module or "").split(".")]).strip(".")
            yield from ((module, alias.name) for alias in node.names)


def imported(path: Path) -> set[str]:
    """The project's modules that a file imports, at its top or within a function."""
    found = set()
    for module, name in imports(path):
        full = f"{module}.{name}"
        found.add(full if full in MODULES else module)
    return found & set(MODULES)


def room_of(module: str) -> str | None:
    """The room of a module; None for one that lies loose."""
    inside = module.split(".")[1:]
    return None if not inside or inside[0] in LOOSE else inside[0]


def test_every_module_lies_in_a_room() -> None:
    loose = {path.stem for path in PACKAGE.glob("*.py")}
    assert loose == LOOSE
    assert {room for room in map(room_of, MODULES) if room} == set(ROOMS)


def test_a_room_may_import_only_rooms_below_it() -> None:
    names = list(ROOMS)
    for number, room in enumerate(names):
        assert ROOMS[room] <= set(names[:number]), room


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_what_the_table_allows(room: str) -> None:
    for module, path in MODULES.items():
        if room_of(module) != room:
            continue
        for other in imported(path):
            allowed = {room, *ROOMS[room]} | (set() if room in APART else {None})
            assert room_of(other) in allowed, f"{module} imports {other}"


def test_the_table_allows_nothing_that_no_room_needs() -> None:
    taken: dict[str, set[str]] = {room: set() for room in ROOMS}
    for module, path in MODULES.items():
        room = room_of(module)
        if room is not None:
            taken[room].update(other for each in imported(path) if (other := room_of(each)))
    for room, allowed in ROOMS.items():
        assert taken[room] - {room} == allowed, room


def test_a_rule_imports_the_rules_and_the_views() -> None:
    for path in sorted(SUITES.rglob("*.py")):
        ours = {module for module, _ in imports(path) if module.split(".")[0] == "oaicheck"}
        assert ours <= FOR_SUITES, path


def test_a_room_is_small_enough_to_know() -> None:
    for folder in {path.parent for path in MODULES.values()}:
        found = [path for path in folder.glob("*.py") if path.stem != "__init__"]
        assert len(found) <= MODULES_IN_A_ROOM, folder


def test_a_module_is_short_enough_to_read() -> None:
    for module, path in MODULES.items():
        assert len(path.read_text("utf-8").splitlines()) <= LINES_IN_A_MODULE, module


def test_nobody_reaches_into_private_names() -> None:
    for path in [*MODULES.values(), *SUITES.rglob("*.py")]:
        for module, name in imports(path):
            private = name.startswith("_") and not name.startswith("__")
            assert not (module.startswith("oaicheck") and private), f"{path.name}: {module}.{name}"


def test_no_circles() -> None:
    graph = {module: imported(path) - {module} for module, path in MODULES.items()}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " → ".join([*trail[trail.index(name) :], name])
        if name not in done:
            for other in sorted(graph[name]):
                visit(other, (*trail, name))
            done.add(name)

    for name in graph:
        visit(name, ())
