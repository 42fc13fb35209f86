"""The command line: a thin front on pytest, and a few commands that print."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from oaicheck import CATALOGUE, __version__
from oaicheck.catalogue import CatalogueError, Entry, load_catalogue
from oaicheck.command_line import Parser, refuse
from oaicheck.fuzz import scenario_named
from oaicheck.gate import ExitCode
from oaicheck.handed_on import HandedOn
from oaicheck.near import did_you_mean
from oaicheck.opencode_command import opencode_command
from oaicheck.report.commands import (
    baseline_command,
    compare_command,
    merge_command,
    outputs_command,
)
from oaicheck.resources import locate
from oaicheck.run_options import RUN_OPTIONS
from oaicheck.scenario import load_scenarios
from oaicheck.sources import resolve as resolve_source
from oaicheck.target import Target
from oaicheck.target_options import read_settings
from oaicheck.target_source import OPTIONS as TARGET_OPTIONS
from oaicheck.target_source import TargetError, resolve

_ANY_KEY: Final = "any"
"""A key where nobody reads which one."""

_EPILOG = """\
Commands: run (the default), list, explain ID, curl SCENARIO, serve, baseline REPORT,
          compare REPORT REPORT…, merge FOLDER FOLDER…, outputs REPORT,
          clients install|list|run, opencode init|lint.
Any further option is handed to pytest, such as -x, -v, -k or -q.

exit codes: 0 conformant; 1 non-conformant, incomplete, or the gate missed; 2 interrupted;
            3 internal error; 4 usage, configuration, endpoint unusable; 5 nothing judged
"""


_VERBOSITY = re.compile(r"-(v+|q+|-verbosity\b.*|-verbose|-quiet)$")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code. It ends quietly where nobody reads its output on."""
    try:
        try:
            return _main(argv)
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        # Else Python flushes the rest at its own end, and breaks once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(ExitCode.INTERRUPTED)


def _main(argv: Sequence[str] | None) -> int:
    arguments = list(sys.argv[1:] if argv is None else argv)
    commands: dict[str, Callable[[list[str]], int]] = {
        "run": _run,
        "list": _list,
        "explain": _explain,
        "curl": _curl,
        "serve": _serve,
        "clients": _clients,
        "opencode": opencode_command,
        "baseline": baseline_command,
        "compare": compare_command,
        "merge": merge_command,
        "outputs": outputs_command,
    }
    if arguments and arguments[0] in commands:
        return commands[arguments[0]](arguments[1:])
    if arguments and not arguments[0].startswith("-"):
        return refuse(f"no command {arguments[0]!r}; there are {', '.join(commands)}")
    return _run(arguments)


def _run_parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="oaicheck run",
        description="Judge an OpenAI-compatible endpoint; without --endpoint, the embedded one.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"oaicheck {__version__}")
    judged = parser.add_argument_group("what is judged")
    for option in RUN_OPTIONS:
        judged.add_argument(f"--{option.name}", **option.argparse)
    endpoint = parser.add_argument_group("the endpoint")
    for target_option in TARGET_OPTIONS:
        endpoint.add_argument(f"--{target_option.name}", **target_option.argparse)
    return parser


def _run(arguments: list[str]) -> int:
    options, rest = _run_parser().parse_known_args(arguments)
    suites = locate("suites")
    handed_on: list[str] = []
    for option in (*RUN_OPTIONS, *TARGET_OPTIONS):
        value = getattr(options, option.name.replace("-", "_"))
        for each in value if isinstance(value, list) else [value]:
            if each is True:
                handed_on.append(f"--oai-{option.name}")
            elif each is not None and each is not False:
                handed_on.append(f"--oai-{option.name}={each}")
    # Where the suites lie, file by file, tells a user nothing.
    quiet = [] if any(_VERBOSITY.match(word) for word in rest) else ["-q"]
    return int(
        pytest.main(
            [
                str(suites),
                f"--rootdir={suites}",
                f"--confcutdir={suites}",
                "-c",
                str(Path(__file__).parent / "run.ini"),
                "-p",
                "oaicheck.plugin",
                "-p",
                "no:cacheprovider",
                # Checks assert by `require` and use no Hypothesis: half of the start-up saved.
                "-p",
                "no:hypothesispytest",
                "--assert=plain",
                "--no-header",
                *quiet,
                *handed_on,
                *rest,
            ],
            plugins=[HandedOn()],
        )
    )


def _list(arguments: list[str]) -> int:
    parser = Parser(prog="oaicheck list", description="Print the catalogue of requirements.")
    parser.add_argument("--format", choices=("text", "markdown", "json"), default="text")
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
    """The catalogue as a page in Markdown."""
    lines = [
        f"# The catalogue of requirements, {CATALOGUE}",
        "",
        f"{len(entries)} requirements. This page is made by `oaicheck list --format markdown`.",
    ]
    heading = None
    for entry in entries.values():
        if entry.heading != heading:
            heading = entry.heading
            lines += ["", f"## {heading}", "", f"`suites/{entry.file}`", ""]
            lines += ["| requirement | level | rule | source |", "|---|---|---|---|"]
        requirement = entry.requirement
        sources = "; ".join(
            f"[{source.title}]({source.url})" if source.url else source.title
            for source in map(resolve_source, requirement.sources)
        )
        sentence = requirement.sentence.replace("|", "\\|")
        lines.append(f"| `{requirement.id}` | {requirement.level} | {sentence} | {sources} |")
    return "\n".join(lines) + "\n"


def _explain(arguments: list[str]) -> int:
    parser = Parser(prog="oaicheck explain", description="Say all about one requirement.")
    parser.add_argument("id", metavar="ID")
    wanted = parser.parse_args(arguments).id
    entries = _catalogue()
    if wanted not in entries:
        hint = did_you_mean(wanted, entries) or "see `oaicheck list`"
        return refuse(f"no requirement {wanted!r}; {hint}")
    entry = entries[wanted]
    requirement = entry.requirement
    print(f"{requirement.id}  {requirement.level}  since {requirement.since}\n")
    print(f"  {requirement.sentence}\n")
    print(f"Remedy: {requirement.remedy}\n")
    print("Written in:")
    for source in map(resolve_source, requirement.sources):
        print(f"  {source.title}" + (f"\n    {source.url}" if source.url else ""))
    print(f"\nJudged on: {', '.join(requirement.on)}")
    if requirement.against:
        print(f"Compared with: {requirement.against}")
    print(f"Checked in: suites/{entry.file}")
    return 0


def _curl(arguments: list[str]) -> int:
    from oaicheck.engine.prepare import curl_line

    parser = Parser(
        prog="oaicheck curl", description="Print a scenario's request as a line to paste."
    )
    parser.add_argument("scenario", metavar="SCENARIO")
    for option in TARGET_OPTIONS:
        parser.add_argument(f"--{option.name}", **option.argparse)
    options = vars(parser.parse_args(arguments))
    name = options.pop("scenario")
    scenarios = load_scenarios(locate("fixtures") / "scenarios")
    drawn = scenario_named(name)
    if drawn is not None:
        scenarios[name] = drawn
    if name not in scenarios:
        hint = did_you_mean(name, scenarios) or "`oaicheck run --plan` names them"
        return refuse(f"no scenario {name!r}; {hint}")
    try:
        target = _to_paste({key.replace("_", "-"): value for key, value in options.items()})
    except TargetError as error:
        return refuse(error)
    for turn in scenarios[name].turns:
        print(curl_line(target, turn))
    return 0


def _to_paste(options: Mapping[str, Any]) -> Target:
    """The target of a line to paste; without any, what `oaicheck serve --port 8000` would be.

    Variables stand in the line for the keys, so that none has to be set before it is pasted.
    """
    environ = {name: value for name, value in os.environ.items() if name != "OAICHECK_API_KEY"}
    target = resolve(options, environ, Path.cwd())
    if target is None:
        target = Target("http://127.0.0.1:8000/v1", "reference-1")
    target = replace(target, model=target.model or "MODEL")
    no_auth = read_settings(options, environ, Path.cwd()).get("no-auth")
    if no_auth is not None and no_auth.values:
        return target
    own = any(name.lower() == target.auth_header.lower() for name in target.headers)
    return replace(
        target,
        key=target.key or (None if own else _ANY_KEY),
        expired_key=target.expired_key or _ANY_KEY,
        scopeless_key=target.scopeless_key or _ANY_KEY,
    )


def _clients(arguments: list[str]) -> int:
    from oaicheck.clients.command import clients_command

    return clients_command(arguments)


def _serve(arguments: list[str]) -> int:
    from oaicheck.reference.command import serve_command

    return serve_command(arguments)


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
        "sources": [
            {"key": source.key, "title": source.title, "url": source.url}
            for source in map(resolve_source, requirement.sources)
        ],
        "remedy": requirement.remedy,
        "since": requirement.since,
        "file": entry.file,
    }
