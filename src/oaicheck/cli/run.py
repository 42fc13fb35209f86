"""`oaicheck run`: a thin front on pytest."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest

from oaicheck import __version__
from oaicheck.cli.command_line import Parser
from oaicheck.cli.handed_on import HandedOn
from oaicheck.plugin.run_options import RUN_OPTIONS
from oaicheck.resources import locate
from oaicheck.target.target_source import OPTIONS as TARGET_OPTIONS

_EPILOG = """\
Commands: run (the default), list, explain ID, curl SCENARIO, serve, baseline REPORT,
          compare REPORT REPORT…, merge FOLDER FOLDER…, outputs REPORT,
          clients install|list|run, opencode init|lint.
Any further option is handed to pytest, such as -x, -v, -k or -q.

exit codes: 0 conformant; 1 non-conformant, incomplete, or the gate missed; 2 interrupted;
            3 internal error; 4 usage, configuration, endpoint unusable; 5 nothing judged
"""

_VERBOSITY = re.compile(r"-(v+|q+|-verbosity\b.*|-verbose|-quiet)$")


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


def run_command(arguments: list[str]) -> int:
    """Judge an endpoint; the exit code."""
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
                # Checks start no task and no thread; watching for them collects garbage twice.
                "-p",
                "no:asyncio",
                "-p",
                "no:anyio",
                "-p",
                "no:unraisableexception",
                "-p",
                "no:threadexception",
                "--assert=plain",
                "--no-header",
                *quiet,
                *handed_on,
                *rest,
            ],
            plugins=[HandedOn()],
        )
    )
