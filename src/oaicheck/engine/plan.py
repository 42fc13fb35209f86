"""The plan of a run: counts requests and tokens before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from oaicheck.engine.first_contact import most_requests
from oaicheck.engine.retrying import forces_a_call
from oaicheck.engine.warm_up import WARM_UP_TOKENS
from oaicheck.scenarios.scenario import Scenario
from oaicheck.target.target import Limits

_BROKEN_ONCE = 1
_BROKEN_BESIDE_OTHERS = 1


@dataclass(frozen=True, slots=True)
class PlannedScenario:
    """The requests and output tokens of one scenario: without retries, and at most."""

    name: str
    requests: int
    most_requests: int
    output_tokens: int
    most_output_tokens: int
    alone: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would send. The first entry is the warm-up.

    `not_sent` has the scenarios that it would leave out, each with the reason.
    """

    scenarios: tuple[PlannedScenario, ...]
    not_sent: Mapping[str, str] = field(default_factory=dict)

    @property
    def requests(self) -> int:
        """The number of requests if every first attempt shows what it should."""
        return sum(planned.requests for planned in self.scenarios)

    @property
    def most_requests(self) -> int:
        """The most requests, with all retries and rewordings."""
        return sum(planned.most_requests for planned in self.scenarios)

    @property
    def output_tokens(self) -> int:
        """The most output tokens of the first attempts."""
        return sum(planned.output_tokens for planned in self.scenarios)

    @property
    def most_output_tokens(self) -> int:
        """The most output tokens, with all retries and rewordings."""
        return sum(planned.most_output_tokens for planned in self.scenarios)

    def table(self) -> str:
        """The plan as plain text: a line for each scenario, the sums, and what is left out.

        It does not include the extra tokens for a reasoning model, which only the warm-up detects.
        """
        head = ("scenario", "requests", "at most", "output tokens", "at most")
        sums = PlannedScenario(
            f"{len(self.scenarios) - 1} scenarios and the warm-up",
            self.requests,
            self.most_requests,
            self.output_tokens,
            self.most_output_tokens,
            alone=False,
        )
        rows = [head, *(_row(planned) for planned in (*self.scenarios, sums))]
        widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
        lines = [
            "  ".join(
                cell.ljust(width) if column == 0 else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            for row in rows
        ]
        rule = "-" * len(lines[0])
        left_out = [f"not sent: {name}: {reason}" for name, reason in self.not_sent.items()]
        return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1], *left_out])


def plan(
    scenarios: Iterable[Scenario],
    limits: Limits | None = None,
    not_sent: Mapping[str, str] | None = None,
) -> Plan:
    """Make the plan of a run over these scenarios within these limits."""
    limits = limits or Limits()
    warm_up = PlannedScenario(
        "warm-up", 1, most_requests(limits) + 2, WARM_UP_TOKENS, 3 * WARM_UP_TOKENS, alone=True
    )
    planned = (_planned(scenario, limits) for scenario in scenarios)
    return Plan((warm_up, *planned), not_sent or {})


def _planned(scenario: Scenario, limits: Limits) -> PlannedScenario:
    """Plan one scenario. Each attempt repeats the whole conversation, at the full token cost."""
    attempts = scenario.attempts + _BROKEN_ONCE + (0 if scenario.alone else _BROKEN_BESIDE_OTHERS)
    attempts += scenario.shows is not None and forces_a_call(scenario.turns[0].body)
    return PlannedScenario(
        name=scenario.name,
        requests=len(scenario.turns),
        most_requests=len(scenario.turns) * (attempts + limits.retries),
        output_tokens=scenario.output_tokens,
        most_output_tokens=scenario.output_tokens * (attempts + limits.retries),
        alone=scenario.alone,
    )


def _row(planned: PlannedScenario) -> tuple[str, ...]:
    return (
        planned.name + (" (alone)" if planned.alone else ""),
        str(planned.requests),
        str(planned.most_requests),
        str(planned.output_tokens),
        str(planned.most_output_tokens),
    )
