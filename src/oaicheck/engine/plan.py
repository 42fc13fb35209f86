"""The plan of a run: counts requests and tokens before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from oaicheck.engine.endurance import TINY_TURN, TINY_TURN_TOKENS
from oaicheck.engine.overflow import LENGTHS
from oaicheck.engine.prepare import planned_body
from oaicheck.engine.retrying import forces_a_call, patient_retries
from oaicheck.scenarios.scenario import Scenario
from oaicheck.target.target import Limits
from oaicheck.views.token_estimates import input_tokens

_BROKEN_ONCE = 1
_BROKEN_BESIDE_OTHERS = 1
_WRONGLY_TOLD = 1
"""One more prompt, if the endpoint tells a context length that is too small."""
_DEAREST = 5

_HEAD = ("scenario", "requests", "at most", "input", "at most", "output", "at most")


@dataclass(frozen=True, slots=True)
class PlannedScenario:
    """The requests and tokens of one scenario: without retries, and at most.

    Input tokens are estimated (see `oaicheck.views.token_estimates`), output tokens are the limits
    in the requests. A prompt that has to exceed the context window counts with its first length;
    `longer_prompts` are the input tokens of the others, which follow if the endpoint serves it.
    """

    name: str
    requests: int
    most_requests: int
    input_tokens: int
    most_input_tokens: int
    output_tokens: int
    most_output_tokens: int
    alone: bool
    longer_prompts: int = 0

    @property
    def tokens(self) -> int:
        """The input and output tokens without retries, with all the longer prompts: for a cap."""
        return self.input_tokens + self.longer_prompts + self.output_tokens


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
    def input_tokens(self) -> int:
        """The estimated input tokens of the first attempts."""
        return sum(planned.input_tokens for planned in self.scenarios)

    @property
    def most_input_tokens(self) -> int:
        """The most input tokens, with all retries, rewordings and longer prompts."""
        return sum(planned.most_input_tokens for planned in self.scenarios)

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
        sums = PlannedScenario(
            f"{len(self.scenarios) - 1} scenarios and the warm-up",
            self.requests,
            self.most_requests,
            self.input_tokens,
            self.most_input_tokens,
            self.output_tokens,
            self.most_output_tokens,
            alone=False,
        )
        rows = [_HEAD, *(_row(planned) for planned in (*self.scenarios, sums))]
        widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
        lines = [
            "  ".join(
                cell.ljust(width) if column == 0 else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            for row in rows
        ]
        rule = "-" * len(lines[0])
        left_out = [f"not sent: {name}: {reason}" for name, reason in self.not_sent.items()]
        return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1], *self._costs(), *left_out])

    def _costs(self) -> Iterator[str]:
        """The sums of all tokens, what costs most, and what may cost more than that."""
        once = self.input_tokens, self.output_tokens
        most = self.most_input_tokens, self.most_output_tokens
        yield f"tokens without retries: {_summed(*once)}; input is an estimate"
        yield f"tokens with all retries: at most {_summed(*most)}"
        dearest = sorted(self.scenarios, key=lambda planned: -sum(_first_tokens(planned)))
        for planned in dearest[:_DEAREST]:
            yield f"costs most: {planned.name}: {_summed(*_first_tokens(planned))}"
        searching = [planned for planned in self.scenarios if planned.longer_prompts]
        for planned in searching:
            more = f"{planned.longer_prompts:,} input tokens more"
            fits = "if the first prompt fits into the context window"
            yield f"may cost more: {planned.name}: up to {more}, {fits}"
        if searching:
            yield "a refused prompt is usually not billed; --no-overflow leaves these scenarios out"


def plan(
    scenarios: Iterable[Scenario],
    limits: Limits | None = None,
    not_sent: Mapping[str, str] | None = None,
    *,
    lists_models: bool = False,
) -> Plan:
    """Make the plan of a run over these scenarios within these limits.

    With `lists_models`, the first request finds the model, because the user named none.
    """
    limits = limits or Limits()
    most = 1 + patient_retries(limits) + 2
    asked = input_tokens(TINY_TURN.body)
    warm_up = PlannedScenario(
        "warm-up",
        1 + lists_models,
        most,
        asked,
        most * asked,
        TINY_TURN_TOKENS,
        3 * TINY_TURN_TOKENS,
        alone=True,
    )
    planned = (_planned(scenario, limits) for scenario in scenarios)
    return Plan((warm_up, *planned), not_sent or {})


def _planned(scenario: Scenario, limits: Limits) -> PlannedScenario:
    """Plan one scenario. Each attempt repeats the whole conversation, at the full token cost."""
    attempts = scenario.attempts + _BROKEN_ONCE + (0 if scenario.alone else _BROKEN_BESIDE_OTHERS)
    attempts += scenario.shows is not None and forces_a_call(scenario.turns[0].body)
    attempts += limits.retries
    lengths = LENGTHS if scenario.overflows else LENGTHS[:1]
    first, *longer = (_input_tokens(scenario, length) for length in lengths)
    further = len(longer) + _WRONGLY_TOLD if longer else 0
    longest = max([first, *longer])
    return PlannedScenario(
        name=scenario.name,
        requests=scenario.requests,
        most_requests=len(scenario.turns) * (attempts + further),
        input_tokens=first,
        # Together, the shorter prompts have no more tokens than the longest one.
        most_input_tokens=longest * (attempts + bool(longer)),
        output_tokens=scenario.output_tokens,
        most_output_tokens=scenario.output_tokens * (attempts + further),
        alone=scenario.alone,
        longer_prompts=sum(longer),
    )


def _input_tokens(scenario: Scenario, overflow: int) -> int:
    """The input tokens of one attempt, with a prompt of this length if it has to overflow."""
    if scenario.expected_input is not None:
        return scenario.expected_input
    return sum(input_tokens(planned_body(turn, overflow)) for turn in scenario.turns)


def _row(planned: PlannedScenario) -> tuple[str, ...]:
    counts = (
        planned.requests,
        planned.most_requests,
        planned.input_tokens,
        planned.most_input_tokens,
        planned.output_tokens,
        planned.most_output_tokens,
    )
    return planned.name + (" (alone)" if planned.alone else ""), *(f"{n:,}" for n in counts)


def _first_tokens(planned: PlannedScenario) -> tuple[int, int]:
    return planned.input_tokens, planned.output_tokens


def _summed(given: int, written: int) -> str:
    return f"{given:,} input + {written:,} output = {given + written:,}"
