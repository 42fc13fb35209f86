"""`oaicheck new-rule`: write the skeleton of a requirement, of a fault that breaks it, and a test.

It needs a checkout. The tests fail until all three are filled in.
"""

from __future__ import annotations

import ast
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from oaicheck import CATALOGUE
from oaicheck.cli.command_line import Parser, refuse
from oaicheck.reference import catalogue as deviations
from oaicheck.resources import locate
from oaicheck.rules.catalogue import Entry, load_catalogue
from oaicheck.rules.requirement import is_requirement_id
from oaicheck.scenarios.scenario import Answer, load_scenarios, matching

FILL_IN = "FILL IN:"
"""Marks a text that the author still has to write. A test fails while one is left."""

_FAULTS = Path("src/oaicheck/reference/faults")
_MATRIX = Path("src/oaicheck/reference/kill-matrix.json")
_FOLDERS = {"chat": "chat", "responses": "responses"}
"""The folder of faults for the first word of an id. All other ids use `http`."""
_PAGE = "openai:errors"


@dataclass(frozen=True)
class _Shape:
    """What the check reads and what the fault changes, for one kind of answer."""

    argument: str
    view: str
    stage: str
    value: str
    type: str


_SHAPES: Mapping[Answer, _Shape] = {
    Answer.STREAM: _Shape("stream", "ChatStream", "CHUNKS", "chunks", "list[Object]"),
    Answer.COMPLETION: _Shape("completion", "Completion", "COMPLETION", "completion", "Object"),
    Answer.ERROR: _Shape("refusal", "Refusal", "ERROR", "refusal", "Refusal"),
    Answer.MODELS: _Shape("exchange", "Exchange", "MODELS", "models", "Object"),
    Answer.RESPONSE: _Shape("response", "ResponseObject", "RESPONSE", "response", "Object"),
    Answer.RESPONSE_STREAM: _Shape(
        "response_stream", "ResponseStream", "EVENTS", "events", "list[Object]"
    ),
}
_ANY = _Shape("exchange", "Exchange", "REPLY", "reply", "Reply")


def new_rule_command(arguments: list[str]) -> int:
    """Write the skeleton, print what to do next, and return the exit code."""
    parser = Parser(
        prog="oaicheck new-rule",
        description="Write the skeleton of a requirement, of a fault that breaks it, and their "
        "line in the kill matrix. It needs a checkout of oaicheck.",
        allow_abbrev=False,
    )
    parser.add_argument("id", metavar="ID", help="id of the requirement, such as chat.chunk.object")
    parser.add_argument(
        "--level",
        choices=("MUST", "SHOULD"),
        default="MUST",
        help="level of the requirement (default: MUST)",
    )
    parser.add_argument(
        "--on",
        metavar="SCENARIO",
        help="scenarios to check, such as 'chat/stream/*' (default: what most requirements of the "
        "section use)",
    )
    parser.add_argument(
        "--checkout",
        type=Path,
        default=locate("suites").parent,
        metavar="DIR",
        help="folder of the checkout (default: the checkout that oaicheck is installed from)",
    )
    options = parser.parse_args(arguments)
    checkout: Path = options.checkout
    if not (checkout / _FAULTS).is_dir():
        return refuse(f"new-rule needs a checkout of oaicheck; {checkout} is not one")
    if not is_requirement_id(options.id):
        return refuse(
            f"{options.id!r} is not a valid id: use lower-case words joined by '-' and '.'"
        )
    entries = load_catalogue(checkout / "suites")
    if options.id in entries:
        return refuse(f"{options.id} already exists, in suites/{entries[options.id].file}")
    neighbours = _neighbours(options.id, entries)
    on = options.on or _usual(neighbours)
    if on is None:
        return refuse("this section has no other requirement to take the scenarios from: give --on")
    scenarios = load_scenarios(checkout / "fixtures" / "scenarios")
    shown_by = matching([on], scenarios)
    if not shown_by:
        return refuse(f"--on {on}: unknown scenario; `oaicheck run --plan` lists them")
    shape = _SHAPES.get(scenarios[shown_by[0]].answer, _ANY)
    fault = options.id.split(".", 1)[1].replace(".", "-") + "-broken"
    matrix = json.loads((checkout / _MATRIX).read_text("utf-8"))
    suite = _suite_of(options.id, neighbours, checkout)
    module = _module_of(options.id, matrix, checkout)
    _write_check(suite, options.id, options.level, on, _usual_source(neighbours), shape)
    _write_fault(module, fault, shape)
    outcome = "fail" if options.level == "MUST" else "warn"
    matrix[fault] = {outcome: [options.id]}
    text = json.dumps(dict(sorted(matrix.items())), indent=1)
    (checkout / _MATRIX).write_text(text + "\n", "utf-8")
    print(f"requirement  {suite.relative_to(checkout)}")
    print(f"fault        {module.relative_to(checkout)}: {fault}")
    print(f"kill matrix  {_MATRIX}: {fault} breaks {options.id}")
    print(f"\nFill in every {FILL_IN!r} and replace both NotImplementedErrors. Then run:")
    print(f"  oaicheck --only {options.id}")
    print(f"  oaicheck --only {options.id} --fault {fault}")
    print(f"The first has to pass. The second has to show the outcome {outcome!r}.")
    print("docs/adding-a-rule.md has the remaining steps.")
    return 0


def _neighbours(id: str, entries: Mapping[str, Entry]) -> list[Entry]:  # noqa: A002
    """The requirements of the same section: their ids differ only in the last word."""
    section = id.rsplit(".", 1)[0] + "."
    return [entry for name, entry in entries.items() if name.startswith(section)]


def _usual(neighbours: Iterable[Entry]) -> str | None:
    return _most_common(pattern for entry in neighbours for pattern in entry.requirement.on)


def _usual_source(neighbours: Iterable[Entry]) -> str:
    """The page of the API's documentation that the section's requirements name most often."""
    keys = (key for entry in neighbours for key in entry.requirement.sources)
    return _most_common(key.split("#")[0] for key in keys if key.startswith("openai:")) or _PAGE


def _most_common(names: Iterable[str]) -> str | None:
    found = Counter(names).most_common(1)
    return found[0][0] if found else None


def _suite_of(id: str, neighbours: Iterable[Entry], checkout: Path) -> Path:  # noqa: A002
    surface, section = id.split(".")[:2]
    usual = _most_common(entry.file for entry in neighbours)
    return checkout / "suites" / (usual or f"{surface}/test_{_word(section)}.py")


def _module_of(id: str, matrix: Mapping[str, Mapping[str, list[str]]], checkout: Path) -> Path:  # noqa: A002
    """The module with most of the faults that break this section. If there is none, a new one."""
    surface, section = id.split(".")[:2]
    known = deviations()
    tripping = (
        known[name].alter.__module__
        for name, found in matrix.items()
        if name in known
        and known[name].kind == "fault"
        and any(each.startswith(f"{surface}.{section}.") for each in found.get("fail", ()))
    )
    usual = _most_common(module for module in tripping if ".faults." in module)
    if usual is not None:
        inside = usual.split(".faults.")[1].replace(".", "/")
        return checkout / _FAULTS / f"{inside}.py"
    return checkout / _FAULTS / _FOLDERS.get(surface, "http") / f"{_word(section)}.py"


def _word(text: str) -> str:
    return text.replace("-", "_")


def _write_check(
    path: Path,
    id: str,  # noqa: A002
    level: str,
    on: str,
    source: str,
    shape: _Shape,
) -> None:
    name = _word(id.split(".", 2)[-1].replace(".", "_"))
    text = _with_import(
        _text_of(path, f'"""{FILL_IN} what this section is about."""\n'),
        "oaicheck.rules",
        [level, "requirement"],
    )
    text = _with_import(text, "oaicheck.views", [shape.view])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f"""{text.rstrip()}


@requirement(
    "{id}",
    {level},
    "{FILL_IN} what every conformant endpoint does, in one sentence.",
    on="{on}",
    source="{source}#{FILL_IN} the section, or github:owner/name#123",
    remedy="{FILL_IN} what the server's author should do.",
    since="{CATALOGUE}",
)
def test_{name}({shape.argument}: {shape.view}) -> None:
    raise NotImplementedError("state the rule: require(holds, place, expected=...)")
""",
        "utf-8",
    )


def _write_fault(path: Path, fault: str, shape: _Shape) -> None:
    new = not path.exists()
    names = [shape.stage, "Situation", "fault"]
    if shape.type != "Reply":
        names += ["Object" if "Object" in shape.type else shape.type]
    text = _text_of(path, f'"""{FILL_IN} what these faults break."""\n')
    text = _with_import(text, "...deviation", names)
    if shape.type == "Reply":
        text = _with_import(text, "...http.reply", ["Reply"])
    signature = f"{shape.value}: {shape.type}, _: Situation"
    path.write_text(
        f"""{text.rstrip()}


@fault("{fault}", {shape.stage}, "{FILL_IN} what this fault does.")
def _{_word(fault)}({signature}) -> {shape.type}:
    raise NotImplementedError("change {shape.value} so that only this rule breaks")
""",
        "utf-8",
    )
    if new:
        face = path.parent / "__init__.py"
        listed = sorted(each.stem for each in path.parent.glob("*.py") if each != face)
        docstring = ast.get_docstring(ast.parse(face.read_text("utf-8")))
        lines = "".join(f"    {name},\n" for name in listed)
        quoted = "".join(f'    "{name}",\n' for name in listed)
        face.write_text(
            f'"""{docstring}"""\n\nfrom . import (\n{lines})\n\n__all__ = [\n{quoted}]\n', "utf-8"
        )


def _text_of(path: Path, otherwise: str) -> str:
    return path.read_text("utf-8") if path.exists() else otherwise


def _with_import(text: str, module: str, names: Iterable[str]) -> str:
    """The text of a file, with these names added to its imports from a module."""
    tree = ast.parse(text)
    lines = text.splitlines()
    dots = len(module) - len(module.lstrip("."))
    for node in tree.body:
        if (
            isinstance(node, ast.ImportFrom)
            and node.level == dots
            and node.module == module[dots:]
            and node.end_lineno is not None
        ):
            found = {alias.name for alias in node.names} | set(names)
            lines[node.lineno - 1 : node.end_lineno] = _statement(module, found)
            return "\n".join(lines) + "\n"
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    after = imports[-1].end_lineno if imports else tree.body[0].end_lineno
    statement = _statement(module, set(names))
    lines[after:after] = statement if imports else ["", *statement]
    return "\n".join(lines) + "\n"


def _statement(module: str, names: set[str]) -> list[str]:
    """An import statement in the formatter's order: constants, classes, then functions."""
    ordered = sorted(names, key=lambda name: (not name.isupper(), name[0].islower(), name))
    line = f"from {module} import {', '.join(ordered)}"
    if len(line) <= 100:
        return [line]
    return [f"from {module} import (", *(f"    {name}," for name in ordered), ")"]
