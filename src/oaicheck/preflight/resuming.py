"""A run that goes on where another one ended: what its recording has, and whether it fits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from oaicheck.preflight.problem import UsageProblem
from oaicheck.scenarios.fuzz import Fuzzing
from oaicheck.scenarios.scenario import Scenario
from oaicheck.target.target import Target
from oaicheck.wire.exchange import Exchange
from oaicheck.wire.printable import printable
from oaicheck.wire.recording import Recording, load_recording

FACT = "resumed"
"""The name in the facts of a recording: those that it goes on from, the first one first."""

CLIENTS = "clients"

_APART = 1_000_000
"""The embedded endpoint numbers its ids: in each run that goes on, from so much further on."""


@dataclass(frozen=True)
class Resumed:
    """The recording that a run goes on from; `named` is the file or folder as the user gave it."""

    named: str
    recording: Recording

    @classmethod
    def chosen(cls, options: Mapping[str, Any]) -> Resumed | None:
        """What `--resume` names; None without it. Raises UsageProblem, RecordingError, OSError."""
        named = options.get("resume")
        if not named:
            return None
        if options.get("replay"):
            raise UsageProblem("a replay sends nothing: leave out --replay or --resume")
        return cls(str(named), load_recording(Path(named)))

    def fuzzing(self, given: Fuzzing, *, has_seed: bool) -> Fuzzing:
        """The random requests: those of the recording, and more if more are asked for.

        Raises UsageProblem if another seed is given.
        """
        try:
            recorded = Fuzzing.from_facts(self.recording.facts)
        except ValueError as error:
            raise UsageProblem(f"--resume {self.named}: {error}") from error
        if not recorded.count:
            return given
        if has_seed and given.seed != recorded.seed:
            raise UsageProblem(
                f"--resume {self.named}: its random requests have the seed {recorded.seed}: "
                "leave out --fuzz-seed"
            )
        return replace(recorded, count=max(given.count, recorded.count))

    @property
    def has_clients(self) -> bool:
        """Whether real clients took part."""
        return CLIENTS in self.recording.facts

    def refuse_another_profile(self, name: str) -> None:
        """Raise UsageProblem if the run has another profile: it decides what is sent."""
        recorded = self.recording.facts.get("profile", name)
        if recorded != name:
            other = f"by {printable(name)}"
            recorded = printable(str(recorded))
            raise self._mismatch(f"has the profile {recorded}", other, f"--profile {recorded}")

    def refuse_another_target(self, target: Target | None) -> None:
        """Raise UsageProblem if this is not the recorded endpoint or model.

        None is the embedded endpoint.
        """
        recorded = self._target
        if "base_url" not in recorded:
            raise UsageProblem(
                f"--resume {self.named}: its recording does not name the endpoint: leave out "
                "--resume"
            )
        url = printable(str(recorded["base_url"]))
        if target is None:
            if not recorded.get("embedded"):
                raise self._mismatch(f"is of {url}", "the embedded endpoint", f"--endpoint {url}")
            return
        given = target.described()
        if recorded.get("embedded"):
            raise UsageProblem(
                f"--resume {self.named}: its recording is of the embedded endpoint, and this run "
                f"would judge {printable(given['base_url'])}: leave out --resume or the endpoint"
            )
        if recorded.get("base_url") != given["base_url"]:
            other = printable(given["base_url"])
            raise self._mismatch(f"is of {url}", other, f"--endpoint {url}")
        if recorded.get("model") != given["model"]:
            model = printable(str(recorded.get("model")))
            other = f"the model {printable(given['model'])}"
            raise self._mismatch(f"is of the model {model}", other, f"--model {model}")

    def completed(self, target: Target) -> Target:
        """The target with the recorded model, if no model was given."""
        return target if target.model else replace(target, model=str(self._target.get("model", "")))

    def missing(self, scenarios: Iterable[Scenario]) -> list[Scenario]:
        """Those that the recording lacks, or does not have in full."""
        return [scenario for scenario in scenarios if not self._is_complete(scenario)]

    def kept(self, scenarios: Mapping[str, Scenario]) -> Iterator[Exchange]:
        """The exchanges to copy: all but those of a client's task that has to run again.

        A scenario's next attempt counts on; a client's task has only one attempt.
        """
        from oaicheck.engine.completeness import has_one_attempt

        for exchange in self.recording.exchanges:
            known = scenarios.get(exchange.scenario)
            if known is None or not has_one_attempt(known) or self._is_complete(known):
                yield exchange

    def following(self, exchange: Exchange) -> Exchange:
        """An exchange, numbered after the recorded attempts of its scenario."""
        conversation = self.recording.conversation(exchange.scenario)
        if conversation is None:
            return exchange
        return replace(exchange, attempt=conversation.turns[-1].attempt + exchange.attempt)

    def words(self, recorded: int, of: int) -> str:
        """How many of the scenarios need not be sent."""
        return f"{recorded:,} of {of:,} scenarios are recorded in {self.named}"

    @property
    def facts(self) -> Mapping[str, Any]:
        """The facts for the new recording."""
        recorded = self.recording.facts
        own = {name: recorded[name] for name in ("started", "version") if name in recorded}
        return {FACT: [*self._before, {**own, "exchanges": len(self.recording.exchanges)}]}

    @property
    def first_number(self) -> int:
        """The first number for the ids of the embedded endpoint, so that none occurs twice."""
        return 1 + _APART * (1 + len(self._before))

    @property
    def _before(self) -> list[Any]:
        before = self.recording.facts.get(FACT)
        return before if isinstance(before, list) else []

    @property
    def _target(self) -> Mapping[str, Any]:
        target: Mapping[str, Any] = self.recording.facts.get("target", {})
        return target

    @cached_property
    def _complete(self) -> dict[str, bool]:
        return {}

    def _is_complete(self, scenario: Scenario) -> bool:
        from oaicheck.engine.completeness import is_complete

        if scenario.name not in self._complete:
            self._complete[scenario.name] = is_complete(scenario, self.recording)
        return self._complete[scenario.name]

    def _mismatch(self, recorded: str, given: str, option: str) -> UsageProblem:
        return UsageProblem(
            f"--resume {self.named}: its recording {recorded}, and this run would judge {given}: "
            f"give {option}, or leave out --resume"
        )
