"""A run: everything that a report is made from, and the counts it shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from oaicheck.report.tokens import Tokens, tokens_of
from oaicheck.rules.requirement import Level, Requirement
from oaicheck.rules.verdict import Outcome, Result, RunVerdict
from oaicheck.verdicts.baseline import Compared
from oaicheck.verdicts.exit_codes import ExitCode
from oaicheck.verdicts.impact import severity
from oaicheck.views.refusal import RATE_LIMITED
from oaicheck.wire.exchange import Exchange
from oaicheck.wire.recording import Recording
from oaicheck.wire.silence import is_silent

_WORST_FIRST = (
    Outcome.FAIL,
    Outcome.ERROR,
    Outcome.WARN,
    Outcome.INCONCLUSIVE,
    Outcome.PASS,
    Outcome.NOT_APPLICABLE,
)


def section_of(requirement_id: str) -> str:
    """The section that a requirement belongs to, from the folder and the file of its check.

    It is the first two words of the id, or the first word of an id with two words.
    """
    words = requirement_id.split(".")
    return ".".join(words[:2]) if len(words) > 2 else words[0]


@dataclass(frozen=True, slots=True)
class Judged:
    """One requirement with its results, one for each scenario that it was judged on."""

    requirement: Requirement
    level: Level
    """The level in this run's profile."""
    results: tuple[Result, ...]

    @property
    def section(self) -> str:
        """The section that it belongs to."""
        return section_of(self.requirement.id)

    @property
    def outcome(self) -> Outcome:
        """The worst of its outcomes."""
        return min((result.outcome for result in self.results), key=_WORST_FIRST.index)

    @property
    def broken(self) -> tuple[Result, ...]:
        """The results with the outcome fail or warn."""
        return tuple(r for r in self.results if r.outcome in (Outcome.FAIL, Outcome.WARN))


@dataclass(frozen=True)
class Run:
    """The data of a report.

    `target` is `Target.described()`. `selection` has `only` and `skip` and may have `pytest` (lists
    of strings), `not_sent` (the scenarios that were left out, each with the reason), `budget`
    (the `options` that limited what was sent, and `of` how many requests) and `recorded` (how many
    `scenarios` were recorded `of` how many, if an interruption left some out). `started` is a Unix
    timestamp, `duration` is in seconds. `requirements` has every requirement that
    `results` mention. `curl` maps a scenario to the curl command that repeats it. `problem` says
    why the run stopped early. `baseline` is set if the results were compared with one.
    `judged_again` (a Unix timestamp) is set if a recording was replayed; then `started` and
    `duration` are those of the recording.
    """

    verdict: RunVerdict | None
    target: Mapping[str, Any]
    profile: str
    catalogue: str
    version: str
    started: float
    duration: float
    selection: Mapping[str, Any]
    requirements: Mapping[str, Requirement]
    results: tuple[Result, ...]
    recording: Recording
    curl: Mapping[str, str]
    gate: str
    exit_code: int
    problem: str | None = None
    baseline: Compared | None = None
    judged_again: float | None = None

    @property
    def chosen(self) -> str:
        """The options that selected a part of the checks; empty if everything was judged."""
        return " ".join((*self._selecting, *([self.budget["options"]] if self.budget else [])))

    @property
    def is_selected(self) -> bool:
        """Whether options other than a budget selected a part of the checks."""
        return bool(self._selecting)

    @property
    def _selecting(self) -> list[str]:
        words = [
            f"--{option} {value}" for option in ("only", "skip") for value in self.selection[option]
        ]
        return [*words, *self.selection.get("pytest", ())]

    @property
    def budget(self) -> Mapping[str, Any] | None:
        """The options that limited what was sent, and `of` how many requests; None without."""
        budget: Mapping[str, Any] | None = self.selection.get("budget")
        return budget

    @property
    def recorded(self) -> Mapping[str, int] | None:
        """How many `scenarios` were recorded, and `of` how many; None if none was left out."""
        recorded: Mapping[str, int] | None = self.selection.get("recorded")
        return recorded

    @property
    def is_interrupted(self) -> bool:
        """Whether the run was interrupted."""
        return self.exit_code == ExitCode.INTERRUPTED

    @property
    def is_partial(self) -> bool:
        """Whether options or an interruption left something out."""
        return bool(self.chosen) or self.recorded is not None or self.is_interrupted

    @cached_property
    def judged(self) -> tuple[Judged, ...]:
        """The requirements that were judged, in the order of their first result."""
        results: dict[str, list[Result]] = {}
        for result in self.results:
            results.setdefault(result.requirement, []).append(result)
        return tuple(
            Judged(self.requirements[id_], found[0].level, tuple(found))
            for id_, found in results.items()
        )

    @cached_property
    def harm(self) -> tuple[Judged, ...]:
        """The broken requirements: new before known, MUST before SHOULD, then by harm.

        Harm is the number of real clients that break, then of those that are degraded, then the
        number of scenarios that show it.
        """
        broken = [judged for judged in self.judged if judged.broken]
        return tuple(sorted(broken, key=self._urgency))

    def _urgency(self, judged: Judged) -> tuple[bool, bool, int, int, int, str]:
        broken, degraded = severity(judged.requirement.id)
        return (
            self.is_known(judged),
            judged.outcome is not Outcome.FAIL,
            -broken,
            -degraded,
            -len(judged.broken),
            judged.requirement.id,
        )

    @cached_property
    def known(self) -> tuple[Result, ...]:
        """The results that the baseline lists."""
        return tuple(filter(self.knows, self.results))

    def knows(self, result: Result) -> bool:
        """Whether the baseline lists a result."""
        return self.baseline is not None and self.baseline.knows(result)

    def is_known(self, judged: Judged) -> bool:
        """Whether the baseline lists every broken result of a requirement."""
        return all(map(self.knows, judged.broken))

    @cached_property
    def undecided(self) -> Mapping[tuple[Outcome, str], tuple[Result, ...]]:
        """The checks without a verdict that the baseline does not list, by outcome and reason.

        An exchange id at the start of a reason does not count as part of it. Errors come first, and
        within each outcome the reasons that affect a MUST.
        """
        reasons: dict[tuple[Outcome, str], list[Result]] = {}
        for outcome in (Outcome.ERROR, Outcome.INCONCLUSIVE):
            for result in self.results:
                if result.outcome is outcome and not self.knows(result):
                    _, reason = reason_of(result)
                    reasons.setdefault((outcome, reason), []).append(result)
        binding_first = sorted(
            reasons.items(),
            key=lambda item: (item[0][0] is not Outcome.ERROR, not binding(item[1])),
        )
        return {key: tuple(results) for key, results in binding_first}

    @property
    def broken_musts(self) -> int:
        """How many MUST requirements are broken."""
        return sum(judged.outcome is Outcome.FAIL for judged in self.harm)

    @property
    def broken_shoulds(self) -> int:
        """How many SHOULD requirements are broken."""
        return len(self.harm) - self.broken_musts

    @cached_property
    def counts(self) -> Mapping[Outcome, int]:
        """How many checks had each outcome, zeros included."""
        return _counted(self.results)

    @cached_property
    def sections(self) -> Mapping[str, tuple[Judged, ...]]:
        """The judged requirements by section, sorted by the section's name."""
        sections: dict[str, list[Judged]] = {}
        for judged in self.judged:
            sections.setdefault(judged.section, []).append(judged)
        return {name: tuple(sections[name]) for name in sorted(sections)}

    def counts_in(self, section: str) -> Mapping[Outcome, int]:
        """How many checks of a section had each outcome, zeros included."""
        return _counted([r for judged in self.sections[section] for r in judged.results])

    @cached_property
    def exchanges(self) -> Mapping[str, Exchange]:
        """The exchanges by their ids."""
        return {exchange.id: exchange for exchange in self.recording.exchanges}

    def refused_for_load(self, results: Iterable[Result]) -> Counter[int]:
        """How many requests were answered with 429 or 503, if that is why these have no verdict.

        It is if the message of each result names such an exchange. All attempts of the run count.
        """
        named = [self.exchanges.get(reason_of(result)[0]) for result in results]
        statuses = {exchange.status if exchange else None for exchange in named}
        if not statuses.issubset(RATE_LIMITED):
            return Counter()
        answered = (exchange.status for exchange in self.recording.exchanges)
        return Counter(status for status in answered if status is not None and status in statuses)

    def fell_silent(self, results: Iterable[Result]) -> bool:
        """Whether the endpoint fell silent in the exchange that each result's message names."""
        named = [self.exchanges.get(reason_of(result)[0]) for result in results]
        return all(exchange is not None and is_silent(exchange) for exchange in named)

    @property
    def requests(self) -> int:
        """How many requests were sent."""
        return sum(not exchange.is_account for exchange in self.recording.exchanges)

    @cached_property
    def tokens_by_scenario(self) -> Mapping[str, Tokens]:
        """How many tokens each scenario used, with all its attempts, the dearest first."""
        used: dict[str, Tokens] = {}
        for exchange in self.recording.exchanges:
            used[exchange.scenario] = used.get(exchange.scenario, Tokens()) + tokens_of(exchange)
        return dict(sorted(used.items(), key=lambda item: -item[1].total))

    @cached_property
    def tokens(self) -> Tokens:
        """How many tokens were used."""
        return sum(self.tokens_by_scenario.values(), Tokens())


def binding(results: Iterable[Result]) -> bool:
    """Whether any of the results belongs to a MUST."""
    return any(result.level is Level.MUST for result in results)


def reason_of(result: Result) -> tuple[str, str]:
    """Why there is no verdict: the exchange id that the message begins with or "", and the rest."""
    reason = result.message.partition("\n")[0] or "no reason given"
    for exchange in result.exchanges:
        if reason.startswith(f"{exchange}: "):
            return exchange, reason.removeprefix(f"{exchange}: ")
    return "", reason


def _counted(results: list[Result] | tuple[Result, ...]) -> Mapping[Outcome, int]:
    counted = Counter(result.outcome for result in results)
    return {outcome: counted[outcome] for outcome in Outcome}
