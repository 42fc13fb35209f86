"""What an interruption left out: what can be judged all the same, and how to go on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from oaicheck.report.wording import counted
from oaicheck.scenarios.scenario import Scenario
from oaicheck.wire.recording import Recording
from oaicheck.wire.silence import why_not_sent

PLANNED = "scenarios"
"""The name in the facts of a recording: the scenarios that the run was to send."""


@dataclass(frozen=True, slots=True)
class Interruption:
    """The scenarios that are `missing` or not recorded in full, and how many are, `of` how many."""

    missing: frozenset[str]
    recorded: int
    of: int

    @classmethod
    def during(
        cls, planned: Sequence[Scenario], recording: Recording, unfinished: Iterable[str]
    ) -> Self:
        """The interruption of a run that was to record the `planned` scenarios.

        The `unfinished` were not sent, or might have been sent again.
        """
        from oaicheck.engine.completeness import is_complete

        missing = {each.name for each in planned if not is_complete(each, recording)}
        missing.update(unfinished)
        return cls(frozenset(missing), len(planned) - len(missing), len(planned))

    @classmethod
    def found_in(cls, recording: Recording, known: Mapping[str, Scenario]) -> Self | None:
        """The interruption that a recording shows; None if the run sent all that it was to send.

        A scenario that was not sent again, although that might have helped, is recorded in full.
        If the endpoint fell silent, the run ended for that reason.
        """
        from oaicheck.engine.completeness import is_cut

        if why_not_sent(recording.exchanges):
            return None
        said = recording.facts.get(PLANNED)
        planned = [name for name in said if name in known] if isinstance(said, list) else []
        conversations = {name: recording.conversation(name) for name in planned}
        missing = frozenset(
            name
            for name, found in conversations.items()
            if found is None or is_cut(known[name], found.turns)
        )
        if not missing:
            return None
        return cls(missing, len(planned) - len(missing), len(planned))

    @property
    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """What a report says of it; empty if all was recorded."""
        if self.recorded == self.of:
            return {}
        return {"recorded": {"scenarios": self.recorded, "of": self.of}}

    @property
    def words(self) -> str:
        """How much is recorded: `interrupted: 40 of 152 scenarios are recorded`."""
        return f"interrupted: {self.recorded:,} of {counted(self.of, 'scenario')} are recorded"

    def advice(self, folder: Path) -> str:
        """How much is recorded in this folder, and how to go on."""
        if self.recorded == self.of:
            return self.words
        return f"{self.words}; the rest: oaicheck run --resume {folder} … (with the same options)"


def judging_words(judged: int, checks: int, folder: Path) -> str:
    """How much was judged until a second signal, and how to go on."""
    return (
        f"interrupted: {judged:,} of {counted(checks, 'check')} judged; "
        f"all of them: oaicheck run --replay {folder}"
    )
