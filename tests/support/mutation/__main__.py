"""Runs the tests and the judgements against every mutant, each in a process of its own.

    PYTHONPATH=tests python -m support.mutation [FILE ...]

FILE is a path below src/oaicheck such as `wire/sse.py`; all judges if none is named. Exits with 1
if a mutant survives that is not in the listing, or if the listing holds one that does not survive.
"""

from __future__ import annotations

import ast
import gc
import hashlib
import os
import pickle
import resource
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol

from oaicheck.resources import locate
from support.mutation.installing import (
    constants_of,
    forget,
    install,
    instrument,
    module_of,
    numbered,
    readers,
)
from support.mutation.judgements import Answers, Judgement, judgements, recorded, spread
from support.mutation.listing import FILES, Key, Listing, load_listing
from support.mutation.operators import Mutant, mutants_of

ROOT = Path(__file__).parent.parent.parent.parent
SOURCES = ROOT / "src" / "oaicheck"
ANSWERS = ROOT / ".mutation" / "answers.pickle"
TESTS = (
    *("tests/wire/test_sse.py", "tests/wire/test_exchange.py", "tests/wire/test_coding.py"),
    *("tests/views", "tests/verdicts/test_judge.py", "tests/verdicts/test_outcomes.py"),
    *("tests/rules/test_judging.py", "tests/scenarios/test_capability.py"),
    "tests/scenarios/test_cooperation.py",
)
"""Tests that run in this very process, and so can run a mutant."""

_SLOW = 0.2
"""Seconds that a test may take to be run before the judgements."""
_SECONDS, _TIMES = 1.0, 10
"""Of processor time, with so many times what a test takes: then it is taken to run for ever."""
_MEMORY = 2 * 1024**3
"""Bytes that a mutant may take more than its parent has."""
KILLED, SURVIVED, TIMEOUT = "killed", "survived", "timeout"


@dataclass
class Trace:
    """Which statements each test and each judgement runs, and what was judged."""

    tests: list[frozenset[int]] = field(default_factory=list)
    slowness: list[float] = field(default_factory=list)
    judgements: list[frozenset[int]] = field(default_factory=list)
    expected: list[tuple[str, str, str]] = field(default_factory=list)


class Mutation:
    """A pytest plugin that runs the tests once for each mutant, in place of once."""

    def __init__(self, files: Iterable[str]) -> None:
        self.files = list(files)
        self.status = 1

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Take the place of pytest's own loop."""
        started = time.monotonic()
        if session.testsfailed:
            raise session.Failed("the tests cannot be collected")
        made = list(judgements(_answers()))
        say(f"{len(session.items)} tests, {len(made)} judgements")
        say(f"processor time {time.process_time():.0f} s")
        driver = Driver(self.files, session.items, made)
        found = driver.outcomes()
        self.status = report(found, load_listing(), self.files)
        say(f"{time.monotonic() - started:.0f} s, of processor time {time.process_time():.0f} s")
        return True


class Driver:
    """Knows which tests and judgements can notice a mutant, and lets them try."""

    def __init__(self, files: list[str], tests: list[pytest.Item], made: list[Judgement]) -> None:
        self.files, self.tests, self.made = files, tests, made
        self.numbers: dict[tuple[str, int, str], list[int]] = defaultdict(list)
        self.reading: dict[str, set[int]] = defaultdict(set)
        self.of_file: dict[str, set[int]] = defaultdict(set)
        self.trace: Trace = _in_a_fork(self._trace)
        self._number()

    def outcomes(self) -> dict[Mutant, str]:
        """What became of each mutant."""
        say(f"traced, {time.process_time():.0f} s")
        gc.collect()
        gc.freeze()
        found: dict[Mutant, str] = {}
        for file in self.files:
            tree, mutants = mutants_of((SOURCES / file).read_text("utf-8"), file)
            say(f"{file}: {len(mutants)} mutants")
            before = time.monotonic()
            for mutant in mutants:
                found[mutant] = self._outcome(mutant, tree)
            counted = Counter(found[mutant] for mutant in mutants)
            say(f"{file}: {dict(counted)} in {time.monotonic() - before:.0f} s")
        return found

    def _outcome(self, mutant: Mutant, tree: ast.Module) -> str:
        tests, made = self._able(mutant, tree)
        child = os.fork()
        if child == 0:
            _limit()
            os._exit(self._notices(mutant, tree, tests, made))
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGPROF:
            return TIMEOUT
        return SURVIVED if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0 else KILLED

    def _able(self, mutant: Mutant, tree: ast.Module) -> tuple[list[int], list[int]]:
        """The tests and the judgements that run the mutated statement, the telling ones first."""
        concerned = self._statements(mutant, tree)
        checks = set()
        if mutant.function == "<module>":
            module = module_of(mutant.file)
            for name in constants_of(mutant, tree):
                checks |= readers(name, module)
            tests = sorted(
                {
                    *_running(self.trace.tests, self.of_file[mutant.file] | concerned),
                    *self._reading(constants_of(mutant, tree), vars(module)),
                }
            )
        else:
            tests = _running(self.trace.tests, concerned)
        made = _running(self.trace.judgements, concerned)
        if checks:
            known = set(made)
            made += [
                number
                for number, judgement in enumerate(self.made)
                if judgement.check.__module__ in checks and number not in known
            ]
        tests.sort(key=self.trace.slowness.__getitem__)
        return tests, spread(made, self._shows)

    def _shows(self, number: int) -> tuple[str, str]:
        """What a judgement shows: of one requirement something else with another outcome."""
        outcome, *_ = self.trace.expected[number]
        return self.made[number].requirement.id, outcome

    def _reading(self, names: set[str], known: dict[str, object]) -> list[int]:
        """The tests in modules that imported one of these constants."""
        return [
            number
            for number, item in enumerate(self.tests)
            if isinstance(item, pytest.Function)
            and any(vars(item.module).get(name) is known[name] for name in names)
        ]

    def _statements(self, mutant: Mutant, tree: ast.Module) -> set[int]:
        if mutant.function != "<module>":
            return set(self.numbers[mutant.file, mutant.line, _kind(mutant.statement)])
        found: set[int] = set()
        for name in constants_of(mutant, tree):
            found |= self.reading[name]
        return found

    def _notices(self, mutant: Mutant, tree: ast.Module, tests: list[int], made: list[int]) -> int:
        _give(_SECONDS)
        try:
            install(mutant, tree)
        except BaseException:
            return 1
        slow = [number for number in tests if self.trace.slowness[number] > _SLOW]
        if not all(self._test(number) for number in tests if number not in slow):
            return 1
        for number in made:
            _give(_SECONDS)
            try:
                if self.made[number].made() != self.trace.expected[number]:
                    return 1
            except BaseException:
                return 1
        return 0 if all(map(self._test, slow)) else 1

    def _test(self, number: int) -> bool:
        _give(_SECONDS + _TIMES * self.trace.slowness[number])
        return _passes(self.tests[number])

    def _number(self) -> None:
        """Number the statements of all files, in the order in which `_trace` does."""
        first = 0
        for file in FILES:
            tree = ast.parse((SOURCES / file).read_text("utf-8"))
            statements = numbered(tree, first)
            for number, statement in enumerate(statements, start=first):
                self.numbers[file, statement.lineno, _kind(statement)].append(number)
                self.of_file[file].add(number)
                for node in ast.walk(statement):
                    if isinstance(node, ast.Name):
                        self.reading[node.id].add(number)
            first += len(statements)

    def _trace(self) -> Trace:
        hits: set[int] = set()
        first = 0
        for file in FILES:
            tree = ast.parse((SOURCES / file).read_text("utf-8"))
            first += instrument(file, tree, hits.add, first)
        trace = Trace()
        # A cached function is run by everyone who calls it, not only by the first one.
        for item in self.tests:
            forget(FILES)
            hits.clear()
            before = time.process_time()
            if not _passes(item):
                raise SystemExit(f"{item.nodeid} fails without a mutant")
            trace.tests.append(frozenset(hits))
            trace.slowness.append(time.process_time() - before)
        for judgement in self.made:
            forget(FILES)
            hits.clear()
            judgement.world.forget()
            trace.expected.append(judgement.made())
            trace.judgements.append(frozenset(hits))
            judgement.world.forget()
        return trace


def report(found: dict[Mutant, str], listing: Listing, files: list[str]) -> int:
    """Print what became of the mutants; the exit status."""
    survivors = [mutant for mutant, outcome in found.items() if outcome == SURVIVED]
    keys = {mutant.key for mutant in survivors}
    unlisted = [mutant for mutant in survivors if mutant.key not in listing]
    stale = [key for key in listing if key[0] in files and key not in keys]
    for mutant in unlisted:
        show("survived", mutant.key, mutant.line)
    for key in stale:
        show("listed, but it does not survive", key)
    print(f"\n{'file':24}{'mutants':>9}{'killed':>9}{'timeout':>9}{'listed':>9}{'alive':>9}")
    for file in [*files, "all"]:
        rows = [mutant for mutant in found if file in (mutant.file, "all")]
        counted = Counter(found[mutant] for mutant in rows)
        alive = sum(mutant in unlisted for mutant in rows)
        print(
            f"{file:24}{len(rows):9}{counted[KILLED]:9}{counted[TIMEOUT]:9}"
            f"{counted[SURVIVED] - alive:9}{alive:9}"
        )
    return 1 if unlisted or stale else 0


def show(what: str, key: Key, line: int | None = None) -> None:
    """Print a mutant."""
    file, function, was, becomes, number = key
    print(f"\n{what}: {file}{f':{line}' if line else ''} {function} #{number}")
    for sign, text in (("-", was), ("+", becomes)):
        print("\n".join(f"  {sign} {each}" for each in text.splitlines()), flush=True)


def say(text: str) -> None:
    """Tell the one who waits."""
    print(text, file=sys.stderr, flush=True)


def _answers() -> dict[str, Answers]:
    """The recorded answers; made anew where the endpoint, the scenarios or the choice changed."""
    digest = hashlib.sha256(Path(__file__).with_name("judgements.py").read_bytes())
    for folder in (SOURCES / "reference", locate("fixtures") / "scenarios"):
        for path in sorted(folder.rglob("*.*")):
            if path.suffix in (".py", ".json"):
                digest.update(path.read_bytes())
    if ANSWERS.exists():
        known, answers = pickle.loads(ANSWERS.read_bytes())
        if known == digest.digest():
            return answers
    answers = recorded(say)
    ANSWERS.parent.mkdir(exist_ok=True)
    ANSWERS.write_bytes(pickle.dumps((digest.digest(), answers)))
    return answers


def _running(hits: list[frozenset[int]], statements: set[int]) -> list[int]:
    return [number for number, hit in enumerate(hits) if not hit.isdisjoint(statements)]


def _passes(item: pytest.Item) -> bool:
    reports = runtestprotocol(item, log=False, nextitem=None)
    return not any(each.failed for each in reports)


def _kind(statement: ast.stmt) -> str:
    return type(statement).__name__


def _limit() -> None:
    gc.disable()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    most = pages * resource.getpagesize() + _MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)


def _give(seconds: float) -> None:
    """End this process after so much processor time."""
    signal.setitimer(signal.ITIMER_PROF, seconds)


def _in_a_fork(work: Callable[[], Trace]) -> Trace:
    """What a function returns that leaves its process unfit for anything else."""
    with tempfile.NamedTemporaryFile() as file:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                Path(file.name).write_bytes(pickle.dumps(work()))
                status = 0
            finally:
                os._exit(status)
        _, status = os.waitpid(child, 0)
        if status:
            raise RuntimeError("the tests do not pass without a mutant")
        trace = pickle.loads(Path(file.name).read_bytes())
    assert isinstance(trace, Trace)
    return trace


def main(arguments: list[str]) -> int:
    """Run it; the exit status."""
    unknown = set(arguments) - set(FILES)
    if unknown:
        say(f"no judges: {', '.join(sorted(unknown))}; there are {', '.join(FILES)}")
        return 2
    os.chdir(ROOT)
    plugin = Mutation(arguments or FILES)
    pytest.main(["-q", "-s", "--tb=line", "-p", "no:cacheprovider", *TESTS], plugins=[plugin])
    return plugin.status


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
