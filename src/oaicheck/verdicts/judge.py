"""Runs a check with the views that its parameters name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from oaicheck.rules.judging import NoAnswer, NotApplicable
from oaicheck.rules.requirement import Requirement
from oaicheck.scenarios.scenario import Answer, Scenario
from oaicheck.target.opencode.setup import setup_in
from oaicheck.views.bench import Bench
from oaicheck.views.kept_state import kept_state
from oaicheck.views.of_exchange import OF_AN_EXCHANGE, NoCallError, calling_of, response_of
from oaicheck.wire.recording import Conversation


class ViewError(TypeError):
    """A check asks for a view that does not exist."""


_OF_AN_ANSWER: Mapping[Answer, str] = {
    Answer.STREAM: "stream",
    Answer.COMPLETION: "completion",
    Answer.ERROR: "refusal",
    Answer.RESPONSE: "response",
    Answer.RESPONSE_STREAM: "response_stream",
}

_MODELS_CHOICE = "the model chose to call no tool; calls are also judged where they are forced"


def view(name: str, bench: Bench, scenario: Scenario, requirement: Requirement) -> Any:
    """The view of that name for a check. Raises Undecided if there is nothing to judge.

    `conversation` is the scenario with all its turns and attempts; `opening` the response to its
    first turn, a completion with at least one tool call; `first_response` the same as a Responses
    API response. `reaction` is the exchange even if no response came. `state` is the conversation
    that the endpoint was asked to store. `against` is the response that the requirement compares
    with, in the fitting view. `disturbed` are exchanges that failed while others were running.
    `promised` has the capabilities that the target declares or the profile requires.
    `opencode_config` is the file that defines the target, `client_run` the result of a real client.
    """
    if name in OF_AN_EXCHANGE:
        return _of_the_exchange(name, bench, scenario)
    if name == "against":
        if requirement.against is None:
            raise ViewError(f"{requirement.id}: `against` needs a scenario to compare with")
        other = bench.scenarios[requirement.against]
        fitting = _OF_AN_ANSWER.get(other.answer, "exchange")
        return bench.exchange(other).derived(OF_AN_EXCHANGE[fitting])
    if name == "conversation":
        return _answered(bench.conversation(scenario))
    if name == "disturbed":
        return bench.disturbed(scenario)
    if name == "reaction":
        return bench.reaction(scenario)
    if name == "client_run":
        return bench.client_run(scenario)
    if name == "opening":
        return calling_of(bench.opening(scenario))
    if name == "first_response":
        return response_of(bench.opening(scenario))
    if name == "state":
        response_of(bench.opening(scenario))
        return kept_state(_answered(bench.conversation(scenario)))
    if name == "opencode_config":
        return setup_in(bench.facts)
    if name in ("bench", "profile", "promised", "scenario"):
        own = {"bench": bench, "scenario": scenario}
        return own[name] if name in own else getattr(bench, name)
    raise ViewError(f"{requirement.id}: there is no view named {name!r}")


def _of_the_exchange(name: str, bench: Bench, scenario: Scenario) -> Any:
    """The view of the exchange to judge; a call that the model may leave out does not apply."""
    try:
        return bench.exchange(scenario).derived(OF_AN_EXCHANGE[name])
    except NoCallError:
        if scenario.may_go_without_a_call:
            raise NotApplicable(_MODELS_CHOICE) from None
        raise


VIEWS = (
    *OF_AN_EXCHANGE,
    "against",
    "conversation",
    "opening",
    "disturbed",
    "reaction",
    "client_run",
    "first_response",
    "state",
    "opencode_config",
    "promised",
    "bench",
    "profile",
)
"""Every name that `view` accepts, except `scenario`."""


@cache
def views_of(check: Callable[..., None]) -> tuple[str, ...]:
    """The names of the views that a check asks for."""
    return tuple(inspect.signature(check).parameters)


def judge(
    check: Callable[..., None], bench: Bench, scenario: Scenario, requirement: Requirement
) -> BaseException | None:
    """Run a check outside pytest. Returns what it raised, or None if the requirement is met."""
    try:
        check(**{name: view(name, bench, scenario, requirement) for name in views_of(check)})
    except Exception as raised:
        return raised
    return None


def _answered(conversation: Conversation) -> Conversation:
    for exchange in conversation.turns:
        if not exchange.answered:
            raise NoAnswer.to(exchange)
    return conversation
