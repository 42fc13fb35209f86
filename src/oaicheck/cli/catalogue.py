"""`oaicheck list`, `explain` and `schema`: print the catalogue, and the schemas it uses."""

from __future__ import annotations

import json

from oaicheck import CATALOGUE
from oaicheck.cli.command_line import Parser, refuse
from oaicheck.resources import locate
from oaicheck.rules.catalogue import CatalogueError, Entry, load_catalogue
from oaicheck.rules.sources import resolve as resolve_source
from oaicheck.target.near import did_you_mean
from oaicheck.views.schemas import schema, schema_names


def list_command(arguments: list[str]) -> int:
    """Print all requirements and return the exit code."""
    parser = Parser(prog="oaicheck list", description="Print all requirements.")
    parser.add_argument(
        "--format",
        choices=("text", "markdown", "json"),
        default="text",
        help="output format (default: text)",
    )
    options = parser.parse_args(arguments)
    entries = _catalogue()
    if options.format == "json":
        print(json.dumps([_as_data(entry) for entry in entries.values()], indent=2))
    elif options.format == "markdown":
        print(catalogue_page(entries), end="")
    else:
        for entry in entries.values():
            requirement = entry.requirement
            print(f"{requirement.id:<44} {requirement.level:<6} {requirement.sentence}")
    return 0


def catalogue_page(entries: dict[str, Entry]) -> str:
    """The catalogue as a Markdown page."""
    lines = [
        f"# The catalogue of requirements, {CATALOGUE}",
        "",
        f"{len(entries)} requirements. `oaicheck list --format markdown` writes this page.",
        "",
        "Where a requirement is broken, those that follow from it are not applicable, so that one "
        "defect is told once.",
    ]
    heading = None
    for entry in entries.values():
        if entry.heading != heading:
            heading = entry.heading
            lines += ["", f"## {heading}", "", f"`suites/{entry.file}`", ""]
            lines += ["| requirement | level | rule | source | follows from |"]
            lines += ["|---|---|---|---|---|"]
        requirement = entry.requirement
        sources = "; ".join(
            f"[{source.title}]({source.url})" if source.url else source.title
            for source in map(resolve_source, requirement.sources)
        )
        sentence = requirement.sentence.replace("|", "\\|")
        follows = ", ".join(f"`{cause}`" for cause in requirement.follows)
        lines.append(
            f"| `{requirement.id}` | {requirement.level} | {sentence} | {sources} | {follows} |"
        )
    return "\n".join(lines) + "\n"


def explain_command(arguments: list[str]) -> int:
    """Print one requirement with its sources and its remedy, and return the exit code."""
    parser = Parser(
        prog="oaicheck explain",
        description="Print one requirement: what it says, how to fix a failure, its sources, and "
        "the scenarios that check it.",
    )
    parser.add_argument("id", metavar="ID", help="the requirement, such as chat.chunk.object")
    wanted = parser.parse_args(arguments).id
    entries = _catalogue()
    if wanted not in entries:
        hint = did_you_mean(wanted, entries) or "`oaicheck list` prints them all"
        return refuse(f"unknown requirement {wanted!r}; {hint}")
    entry = entries[wanted]
    requirement = entry.requirement
    print(f"{requirement.id}  {requirement.level}  since {requirement.since}\n")
    print(f"  {requirement.sentence}\n")
    print(f"Remedy: {requirement.remedy}\n")
    print("Sources:")
    for source in map(resolve_source, requirement.sources):
        print(f"  {source.title}" + (f"\n    {source.url}" if source.url else ""))
    print(f"\nScenarios: {', '.join(requirement.on)}")
    if requirement.follows:
        print(f"Follows from: {', '.join(requirement.follows)} (not applicable where broken)")
    consequences = [each for each, other in entries.items() if wanted in other.requirement.follows]
    if consequences:
        print(f"Followed by: {', '.join(consequences)}")
    if requirement.against:
        print(f"Compared with: {requirement.against}")
    print(f"Code: suites/{entry.file}")
    return 0


def schema_command(arguments: list[str]) -> int:
    """Print a JSON Schema, or the names of all, and return the exit code."""
    parser = Parser(
        prog="oaicheck schema",
        description="Print a JSON Schema that responses are compared with.",
    )
    parser.add_argument(
        "name",
        metavar="NAME",
        nargs="?",
        help="the schema, such as responses/response; without it, print all names",
    )
    wanted = parser.parse_args(arguments).name
    names = schema_names()
    if wanted is None:
        print("\n".join(names))
    elif wanted in names:
        print(json.dumps(schema(wanted), indent=2))
    else:
        hint = did_you_mean(wanted, names) or "`oaicheck schema` prints all names"
        return refuse(f"unknown schema {wanted!r}; {hint}")
    return 0


def _catalogue() -> dict[str, Entry]:
    try:
        return load_catalogue(locate("suites"))
    except CatalogueError as error:
        raise SystemExit(f"oaicheck: {error}") from error


def _as_data(entry: Entry) -> dict[str, object]:
    requirement = entry.requirement
    return {
        "id": requirement.id,
        "level": requirement.level,
        "sentence": requirement.sentence,
        "on": requirement.on,
        "against": requirement.against,
        "follows": requirement.follows,
        "sources": [
            {"key": source.key, "title": source.title, "url": source.url}
            for source in map(resolve_source, requirement.sources)
        ],
        "remedy": requirement.remedy,
        "since": requirement.since,
        "file": entry.file,
    }
