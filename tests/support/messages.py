"""The messages that faults bring forth, as a person reads them: one golden text, made to be read.

What the matrix comes across is rendered here with the words of the terminal's report, and chosen so
that it stays reviewable: each fault under the requirement that is most about it, and each
requirement with at least one fault.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from oaicheck.judging import Breach
from oaicheck.printable import printable
from oaicheck.recording import Recording
from oaicheck.reference import catalogue
from oaicheck.report.place import glimpse
from oaicheck.report.wording import sources_of, where_words
from oaicheck.requirement import Requirement, requirement_of
from support.inprocess import checks

GOLDEN = Path(__file__).parent.parent / "matrix" / "messages.txt"
_COLUMNS = 100
_GLIMPSE = 86


@dataclass(frozen=True, slots=True)
class Message:
    """What one check says of one answer: each place in words, and what stands there."""

    scenario: str
    expected: str
    observed: str
    places: tuple[tuple[str, str], ...]


Told = dict[str, Message]
"""What is said of one deviation: the first message of each requirement that it breaks, by id."""


def message_of(breach: Breach, scenario: str, recording: Recording) -> Message:
    """The message of a broken requirement on a scenario of this recording."""
    exchanges = {exchange.id: exchange for exchange in recording.exchanges}
    finding = breach.finding
    return Message(
        scenario,
        finding.expected,
        finding.observed,
        tuple(
            (where_words(evidence), glimpse(exchanges.get(evidence.exchange), evidence, _GLIMPSE))
            for evidence in finding.evidence
        ),
    )


def chosen(told: Mapping[str, Told]) -> dict[str, dict[str, Message]]:
    """By requirement and fault: each fault's most telling message, and one of each requirement.

    The most telling requirement is of the fault's own subject, if one is, and among those the one
    that the fewest faults break. The fault that stands for a requirement otherwise without one is
    the one that breaks the fewest requirements.
    """
    faults = {name: told[name] for name in sorted(told) if catalogue()[name].kind == "fault"}
    breakers = Counter(id for found in faults.values() for id in found)  # noqa: A001
    pairs = {(_telling(name, found, breakers), name) for name, found in faults.items() if found}
    for id in breakers.keys() - {id for id, _ in pairs}:  # noqa: A001
        breaking = [name for name in faults if id in faults[name]]
        pairs.add((id, min(breaking, key=lambda name: len(faults[name]))))
    entries: dict[str, dict[str, Message]] = {}
    for id, name in sorted(pairs):  # noqa: A001
        entries.setdefault(id, {})[name] = faults[name][id]
    return entries


def _telling(fault: str, found: Iterable[str], breakers: Mapping[str, int]) -> str:
    subject = fault.partition("-")[0]
    return min(found, key=lambda id: (subject not in id.split("."), breakers[id]))  # noqa: A006


def text_of(entries: Mapping[str, Mapping[str, Message]]) -> str:
    """The golden text."""
    return "\n".join(line.rstrip() for line in _lines(entries)) + "\n"


def requirements() -> Mapping[str, Requirement]:
    """The project's requirements by id."""
    found = (requirement_of(check) for check in checks())
    return {requirement.id: requirement for requirement in found if requirement is not None}


def _lines(entries: Mapping[str, Mapping[str, Message]]) -> Iterator[str]:
    known = requirements()
    yield "What is said of each fault under the requirement that is most about it, and of each"
    yield "requirement at least once. Made by `python tests/support/matrix.py`, to be read by eye."
    for id, messages in entries.items():  # noqa: A001
        yield ""
        yield f"{id}  {known[id].level}"
        yield from _wrapped("  ", known[id].sentence)
        yield from _wrapped("  remedy    ", known[id].remedy)
        for source in sources_of(known[id]):
            yield f"  source    {source.title}"
        for name, message in messages.items():
            yield ""
            yield from _wrapped(f"  {name}: ", catalogue()[name].sentence)
            yield f"    on        {message.scenario}"
            yield from _wrapped("    expected  ", message.expected)
            yield from _wrapped("    observed  ", message.observed)
            for where, seen in message.places:
                yield f"    where     {where}"
                yield f"              {seen}"


def _wrapped(label: str, text: str) -> list[str]:
    return textwrap.wrap(
        printable(" ".join(text.split())),
        _COLUMNS,
        initial_indent=label,
        subsequent_indent=" " * min(len(label), 14),
        break_on_hyphens=False,
    )
