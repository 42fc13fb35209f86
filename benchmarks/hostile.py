"""Runs oaicheck against endpoints that behave badly on purpose, each in a run of its own.

    python benchmarks/hostile.py [--only PATTERN] [--at-once N] [--write docs/hostile.md]

It prints a line for each run: what the endpoint did, exit code, seconds, peak memory, and what went
wrong, if anything. A run is wrong if it takes longer or more memory than its ceiling, ends with an
exit code that does not fit, prints words of a library, a traceback or control characters, leaves a
report that cannot be read, or lets the key or a script through. The exit code is 1 if any run is
wrong. `tests/support/hostile` has the behaviours.
"""

from __future__ import annotations

import argparse
import fnmatch
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from support.hostile import families
from support.hostile.behaviour import ALL, Behaviour
from support.hostile.running import LIMITS, Outcome, run

assert families.__all__

_MESSAGE = 110


def main() -> int:
    """Run all of them. Returns 1 if something went wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="*", metavar="PATTERN", help="names; wildcards allowed")
    parser.add_argument("--where", choices=("first", "later"), help="only these runs")
    parser.add_argument("--at-once", type=int, default=2, metavar="N", help="runs at once (2)")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the table as Markdown")
    options = parser.parse_args()
    wanted = [
        (behaviour, where)
        for name, behaviour in ALL.items()
        if fnmatch.fnmatchcase(name, options.only)
        for where in _places(behaviour)
        if options.where in (None, where)
    ]
    outcomes = []
    with ThreadPoolExecutor(options.at_once) as pool:
        for outcome in pool.map(_run, wanted):
            outcomes.append(outcome)
            print(_line(outcome), flush=True)
    wrong = [outcome for outcome in outcomes if outcome.flaws]
    print(f"{len(outcomes)} runs, {len(wrong)} of them wrong")
    if options.write:
        options.write.write_text(_document(outcomes), "utf-8")
    return 1 if wrong else 0


def _places(behaviour: Behaviour) -> Iterator[str]:
    if behaviour.first is not None:
        yield "first"
    if behaviour.later is not None:
        yield "later"


def _run(wanted: tuple[Behaviour, str]) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        return run(*wanted, Path(folder))


def _line(outcome: Outcome) -> str:
    figures = (
        f"{outcome.name:42} {outcome.where:5}  exit {outcome.code}  {outcome.seconds:5.1f} s  "
        f"{outcome.cpu:4.1f} CPU  {outcome.megabytes:4.0f} MB"
    )
    return "\n    ! ".join([f"{figures}  {outcome.last_line[:_MESSAGE]}", *outcome.flaws])


_PAGE = """\
# Hostile endpoints

{names} ways in which an endpoint can behave badly, each over real sockets, and what `oaicheck run`
made of it. {runs} runs, {wrong} of them wrong. No run took more than {seconds:.0f} s or
{megabytes:.0f} MB.

    python benchmarks/hostile.py --write docs/hostile.md

writes this page. `--only 'heads/*'` runs some of them. The gate runs a few, and sends a few
requests to all of them.

A run is wrong if it takes longer or more memory than its ceiling, or ends with an exit code that
does not fit. It is wrong if it prints words of a library, a traceback or control characters. It is
wrong if a file of the report is missing or cannot be read, or if the key, a script or an escape
sequence gets through.

`first`: already the first request meets the behaviour. `later`: the first request is answered well,
all others are not. Exit code 1: judged, and not conformant or incomplete. 4: refused, with a
message. 5: nothing could be judged.

The runs had the options `{options}`. So a request ends after 6 s, and a run after seven requests.
The times are from a slow machine with two cores and much other work on it. Most of a run is the
time in which Python starts and writes the report.
"""


def _document(outcomes: Sequence[Outcome]) -> str:
    """docs/hostile.md."""
    page = _PAGE.format(
        names=len({outcome.name for outcome in outcomes}),
        runs=len(outcomes),
        wrong=sum(bool(outcome.flaws) for outcome in outcomes),
        seconds=max(outcome.seconds for outcome in outcomes),
        megabytes=max(outcome.megabytes for outcome in outcomes),
        options=" ".join(LIMITS),
    )
    families_met = dict.fromkeys(ALL[outcome.name].family for outcome in outcomes)
    lines = [page.rstrip()]
    for family in families_met:
        lines += ["", f"## {family.capitalize()}", ""]
        lines += ["| the endpoint | from | exit | s | MB | oaicheck says |"]
        lines += ["|---|---|--:|--:|--:|---|"]
        lines += [_row(each) for each in outcomes if ALL[each.name].family == family]
    return "\n".join([*lines, ""])


def _row(outcome: Outcome) -> str:
    says = ALL[outcome.name].says.rstrip(".").replace("|", "\\|")
    message = outcome.last_line.replace("|", "/").replace("`", "'")[:_MESSAGE]
    wrong = "".join(f" **wrong: {flaw}**" for flaw in outcome.flaws)
    figures = f"{outcome.code} | {outcome.seconds:.1f} | {outcome.megabytes:.0f}"
    return f"| {says} | {outcome.where} | {figures} | `{message}`{wrong} |"


if __name__ == "__main__":
    raise SystemExit(main())
