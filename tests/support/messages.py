"""The messages that faults bring forth, as a person reads them: one golden text, made to be read.

What the matrix comes across is rendered here with the words of the terminal's report, and chosen so
that it stays reviewable: each fault under the requirement that is most about it, and each
requirement with at least one fault.
"""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from oaicheck.reference import catalogue
from oaicheck.report.place import glimpse
from oaicheck.report.wording import sources_of, where_words
from oaicheck.rules.judging import Breach
from oaicheck.rules.requirement import MUST
from oaicheck.rules.verdict import Evidence
from oaicheck.wire.exchange import Exchange
from oaicheck.wire.printable import printable
from oaicheck.wire.recording import Recording
from support.inprocess import requirements

_ID = re.compile(r"(?<=[-_])[0-9a-f]{24,}")
_CUT_ID = re.compile(r"^…[0-9a-f]+(?=[-\"])|(?<=[-_])[0-9a-f]+…$")
_ID_CUT_OFF = re.compile(r"(?<=[-_])[0-9a-f]{8,23}$")
_REQUESTS = re.compile(r"\b1700000(?!000\b)\d{3}\b")
"""A time by which one fault counts the requests before."""

GOLDEN = Path(__file__).parent.parent / "matrix" / "messages.txt"
LONGEST = 300
"""How many characters the report shows of what was expected or observed."""

PYTHON = re.compile(
    r"<[\w. ]+ object|\b(?:None|True|False|Absence|Ending|Level|Outcome|Located)\b"
    r"|[\[{(,] ?'|'[\]})]|(?<!\w)b['\"]"
)
"""What a value looks like that was printed as Python does."""

_COLUMNS = 100
_GZIP = b"\x1f\x8b"
_GLIMPSE = 86


class Place(NamedTuple):
    """Where something was seen, in words, and what stands there."""

    where: str
    seen: str


@dataclass(frozen=True, slots=True)
class Message:
    """What one check says of one answer."""

    scenario: str
    expected: str
    observed: str
    places: tuple[Place, ...]


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
            Place(where_words(evidence), _seen(exchanges.get(evidence.exchange), evidence))
            for evidence in finding.evidence
        ),
    )


def _seen(exchange: Exchange | None, evidence: Evidence) -> str:
    """What stands there; no bytes of a compressed body, in which no two machines need agree."""
    if exchange and exchange.body.startswith(_GZIP):
        return "(gzip)"
    return glimpse(exchange, evidence, _GLIMPSE)


def chosen(told: Mapping[str, Told]) -> dict[str, dict[str, Message]]:
    """By requirement and fault: each fault's most telling message, and one of each requirement.

    The fault that stands for a requirement otherwise without one is the one that breaks the fewest
    requirements.
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


def _telling(fault: str, broken: Iterable[str], breakers: Mapping[str, int]) -> str:
    """Of what a fault breaks, the requirement that is most about it.

    Its id has the most words of the fault's name; then it is a MUST, and few others break it.
    """
    known, words = requirements(), set(fault.split("-"))

    def distance(id: str) -> tuple[int, bool, int]:  # noqa: A002
        shared = words.intersection(id.replace(".", "-").split("-"))
        return -len(shared), known[id].level is not MUST, breakers[id]

    return min(broken, key=distance)


def text_of(entries: Mapping[str, Mapping[str, Message]]) -> str:
    """The golden text of messages by requirement, and by the fault or what else is wrong."""
    return "\n".join(line.rstrip() for line in _lines(entries)) + "\n"


def _lines(entries: Mapping[str, Mapping[str, Message]]) -> Iterator[str]:
    known = requirements()
    yield "What is said of faults, by the requirements that they break: made to be read by eye, by"
    yield "`PYTHONPATH=tests python -m support.matrix` or, for what the matrix does not judge,"
    yield "`PYTHONPATH=tests python -m support.outside_the_matrix`."
    for id, messages in entries.items():  # noqa: A001
        yield ""
        yield f"{id}  {known[id].level}"
        yield from _wrapped("  ", known[id].sentence)
        yield from _wrapped("  remedy    ", known[id].remedy)
        for source in sources_of(known[id]):
            yield f"  source    {source.title}"
        for name, message in messages.items():
            yield ""
            told = f"{name}: {catalogue()[name].sentence}" if name in catalogue() else name
            yield from _wrapped("  ", told)
            yield from _numbered(_told(message))


def _told(message: Message) -> Iterator[str]:
    yield f"    on        {message.scenario}"
    yield from _wrapped("    expected  ", message.expected)
    yield from _wrapped("    observed  ", message.observed)
    for where, seen in message.places:
        yield f"    where     {where}"
        yield f"              {_CUT_ID.sub('…', seen)}"


def _numbered(lines: Iterable[str]) -> Iterator[str]:
    """The lines without what depends on the requests before: ids of the endpoint are numbered.

    Ids that differ keep differing.
    """
    numbers: dict[str, str] = {}
    for line in (_ID_CUT_OFF.sub("…", _REQUESTS.sub("1700000…", line)) for line in lines):
        yield _ID.sub(lambda found: numbers.setdefault(found[0], f"<{len(numbers) + 1}>"), line)


def _wrapped(label: str, text: str) -> list[str]:
    return textwrap.wrap(
        printable(" ".join(text.split())),
        _COLUMNS,
        initial_indent=label,
        subsequent_indent=" " * min(len(label), 14),
        break_on_hyphens=False,
    )
