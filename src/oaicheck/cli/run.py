"""`oaicheck run`: a thin layer over pytest."""

from __future__ import annotations

import argparse
import gc
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oaicheck import __version__
from oaicheck.cli.command_line import Parser, refuse
from oaicheck.preflight.interrupting import handling, interrupt
from oaicheck.preflight.problem import UsageProblem
from oaicheck.preflight.run_options import RUN_OPTIONS
from oaicheck.resources import locate
from oaicheck.target.target_options import OPTIONS as TARGET_OPTIONS

if TYPE_CHECKING:
    from oaicheck.preflight.chosen import Choices

# What a wrong flag does not need is imported where it is used: it takes longer than to read all
# flags.

_EPILOG = """\
commands (`oaicheck COMMAND --help` prints the options of each):
  run                        judge an endpoint (the default command)
  list, explain ID           print all requirements, or one in full
  schema NAME                print a JSON Schema that responses are compared with
  curl SCENARIO              print a request as a curl command
  baseline REPORT            write the failures of a report as known failures
  compare REPORT REPORT…     show the differences between reports
  merge FOLDER FOLDER…       join the reports of a sharded run
  outputs REPORT             print verdict, counts and paths as NAME=VALUE
  serve                      run the embedded endpoint as a server
  clients install|list|run   install real clients, list them, or run them against an endpoint
  opencode init|lint         write an opencode.json, or check one
  new-rule ID                write the skeleton of a new requirement

Any other option goes to pytest, such as -x, -v, -k or -q.

exit codes:
  0  conformant, or all failures are known failures
  1  non-conformant, incomplete, or the gate failed
  2  interrupted
  3  internal error
  4  wrong usage or configuration, endpoint unreachable, or key refused
  5  nothing was judged
"""

_DEBUGGING = re.compile("--(pdb|trace)")
_VERBOSITY = re.compile(r"-(v+|q+|-verbosity\b.*|-verbose|-quiet)$")


def _run_parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="oaicheck run",
        description="Judge an OpenAI-compatible endpoint. Without --endpoint, judge the embedded "
        "reference endpoint.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"oaicheck {__version__}")
    judged = parser.add_argument_group("the run")
    for option in RUN_OPTIONS:
        judged.add_argument(f"--{option.name}", **option.argparse)
    endpoint = parser.add_argument_group("the endpoint")
    for target_option in TARGET_OPTIONS:
        endpoint.add_argument(f"--{target_option.name}", **target_option.argparse)
    return parser


def run_command(arguments: list[str]) -> int:
    """Judge an endpoint and return the exit code."""
    with handling(interrupt):
        return _run(arguments)


def _run(arguments: list[str]) -> int:
    parsed, rest = _run_parser().parse_known_args(arguments)
    names = [option.name for option in (*RUN_OPTIONS, *TARGET_OPTIONS)]
    options = {name: getattr(parsed, name.replace("-", "_")) for name in names}
    choices: Choices | None = None
    try:
        # pytest alone knows its long options and those of its plugins, and one that nobody knows
        # is the mistake to report first. Without any, there is no need to wait for pytest.
        if not any(word.startswith("--") for word in rest):
            from oaicheck.preflight.chosen import Choices

            choices = Choices.from_options(options)
            choices.look()
        from oaicheck.cli.handed_on import hand_on

        # A run makes many objects and hardly a cycle: searching for cycles less often saves CPU
        # time.
        gc.set_threshold(50_000, 20, 20)
        return hand_on(_for_pytest(options, rest), choices)
    except UsageProblem as problem:
        return refuse(problem)


def _for_pytest(options: Mapping[str, Any], rest: list[str]) -> list[str]:
    """The command line for pytest. `rest` are the words that are not options of oaicheck."""
    suites = locate("suites")
    handed_on: list[str] = []
    for name, value in options.items():
        for each in value if isinstance(value, list) else [value]:
            if each is True:
                handed_on.append(f"--oai-{name}")
            elif each is not None and each is not False:
                handed_on.append(f"--oai-{name}={each}")
    # Importing Python's debugger takes longer than judging a stream.
    without = ["no:debugging"] if not any(_DEBUGGING.match(word) for word in rest) else []
    # pytest's list of suite files means nothing to a user.
    quiet = [] if any(_VERBOSITY.match(word) for word in rest) else ["-q"]
    return [
        str(suites),
        f"--rootdir={suites}",
        f"--confcutdir={suites}",
        "-c",
        str(Path(__file__).parent / "run.ini"),
        "-p",
        "oaicheck.preflight.hooks",
        "-p",
        "no:cacheprovider",
        *(word for plugin in without for word in ("-p", plugin)),
        # Checks use `require` and no Hypothesis; leaving it out halves the start-up time.
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
    ]
