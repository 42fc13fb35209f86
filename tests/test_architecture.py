"""The directions of imports, which keep judges and judged apart and each room about one thing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from oaicheck.resources import locate

PACKAGE = Path(__file__).parent.parent / "src" / "oaicheck"
SUITES = locate("suites")

FORBIDDEN = {
    "wire": ["oaicheck."],
    "reference": ["oaicheck."],
    "report": ["oaicheck.engine", "oaicheck.plugin", "oaicheck.cli", "oaicheck.reference"],
    "engine": ["oaicheck.plugin", "oaicheck.report", "oaicheck.cli", "oaicheck.reference"],
}
"""What each room may not import; its own modules it may."""


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


@pytest.mark.parametrize("room", FORBIDDEN)
def test_rooms_keep_apart(room: str) -> None:
    for path in sorted((PACKAGE / room).rglob("*.py")):
        for module, _ in imports(path):
            for forbidden in FORBIDDEN[room]:
                outside = not f"{module}.".startswith(f"oaicheck.{room}.")
                assert not (module.startswith(forbidden) and outside), f"{path.name}: {module}"


def test_suites_read_views_and_exchanges_only() -> None:
    above = {"oaicheck.engine", "oaicheck.plugin", "oaicheck.report", "oaicheck.reference"}
    for path in sorted(SUITES.rglob("*.py")):
        for module, _ in imports(path):
            assert not any(module.startswith(room) for room in above), f"{path}: {module}"


def test_nobody_reaches_into_private_names() -> None:
    for path in [*PACKAGE.rglob("*.py"), *SUITES.rglob("*.py")]:
        for module, name in imports(path):
            private = name.startswith("_") and not name.startswith("__")
            assert not (module.startswith("oaicheck") and private), f"{path.name}: {module}.{name}"


def test_no_circles() -> None:
    modules = {
        "oaicheck." + ".".join(path.relative_to(PACKAGE).with_suffix("").parts): path
        for path in PACKAGE.rglob("*.py")
    }
    names = {name.removesuffix(".__init__"): path for name, path in modules.items()}
    graph = {name: top_level(path, names) - {name} for name, path in names.items()}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " → ".join([*trail[trail.index(name) :], name])
        if name not in done:
            for other in sorted(graph[name]):
                visit(other, (*trail, name))
            done.add(name)

    for name in graph:
        visit(name, ())


def top_level(path: Path, names: dict[str, Path]) -> set[str]:
    """The project's modules that a file imports when it is itself imported."""
    tree = ast.parse(path.read_text("utf-8"))
    guarded = {
        id(child)
        for node in ast.walk(tree)
        if isinstance(node, ast.If | ast.FunctionDef | ast.AsyncFunctionDef)
        for child in ast.walk(node)
    }
    package = ["oaicheck", *path.relative_to(PACKAGE).parent.parts]
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and id(node) not in guarded:
            above = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*above, *(node.module or "").split(".")]).strip(".")
            for alias in node.names:
                full = f"{module}.{alias.name}"
                found.add(full if full in names else module)
    return found & set(names)
