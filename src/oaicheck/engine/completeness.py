"""Tells from a recording alone how far the sender had come with a scenario.

That is what a run needs to know when it was interrupted, and one that resumes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from oaicheck.engine.overflow import LONGEST, OF_PROMPT
from oaicheck.engine.prepare import can_follow
from oaicheck.engine.retrying import (
    easier_request,
    goes_on,
    is_broken,
    is_empty,
    is_out_of_reach,
    is_void,
    may_be_disturbed,
    worth_rewording,
)
from oaicheck.scenarios.scenario import Scenario
from oaicheck.views.client_run import is_of_client
from oaicheck.views.context_window import has_read_everything, tells_an_overflow
from oaicheck.views.refusal import is_rate_limited
from oaicheck.wire.exchange import Ending, Exchange
from oaicheck.wire.recording import Recording
from oaicheck.wire.silence import is_silent

Turns = Sequence[Exchange]


def has_one_attempt(scenario: Scenario) -> bool:
    """Whether a scenario is never sent again within a recording: a real client's task."""
    return is_of_client(scenario)


def is_cut(scenario: Scenario, turns: Turns) -> bool:
    """Whether an attempt lacks a turn that the sender would have sent next.

    A real client's task is cut if what the client printed is not recorded.
    """
    if is_of_client(scenario):
        return not turns[0].is_account
    if [turn.turn for turn in turns] != list(range(1, len(turns) + 1)):
        return True
    if len(turns) >= len(scenario.turns) or not goes_on(scenario, turns[-1]):
        return False
    return can_follow(scenario.turns[len(turns)], turns)


def is_complete(scenario: Scenario, recording: Recording) -> bool:
    """Whether a scenario was sent, and sending it again would show nothing new.

    It would if the endpoint did not answer, or was busy, or if another attempt would have followed.
    A break in the middle of a response is a finding. In doubt a scenario is not complete: a pause
    of the whole run, for example, can end its retries early.
    """
    conversation = recording.conversation(scenario.name)
    if conversation is None or is_cut(scenario, conversation.turns):
        return False
    turns, last = conversation.turns, conversation.turns[-1]
    if any(map(is_rate_limited, turns)) or is_out_of_reach(last) or is_silent(last):
        return False
    if is_of_client(scenario):
        return turns[0].ending is not Ending.NOT_CONNECTED
    tried = [each for each in conversation.attempts if not is_cut(scenario, each)]
    if _is_lost(last):
        return sum(_is_lost(each[-1]) for each in tried) > 1
    if may_be_disturbed(last) and _accompanied(last, recording.exchanges):
        return sum(may_be_disturbed(each[-1]) for each in tried) > 1
    if scenario.overflows and not _was_long_enough(last, recording.exchanges):
        return False
    if scenario.shows and easier_request(turns[0]):
        return False
    if worth_rewording(scenario, turns):
        return sum(worth_rewording(scenario, each) for each in tried) >= scenario.attempts
    return True


def _is_lost(exchange: Exchange) -> bool:
    """Whether no byte of a body arrived because the connection broke, or ended too early."""
    return is_void(exchange) or (is_broken(exchange) and is_empty(exchange))


def _accompanied(exchange: Exchange, exchanges: Iterable[Exchange]) -> bool:
    return any(
        other.scenario != exchange.scenario and exchange.overlaps(other) for other in exchanges
    )


def _was_long_enough(last: Exchange, exchanges: Iterable[Exchange]) -> bool:
    """Whether no longer prompt would have followed (see `oaicheck.engine.overflow`)."""
    if tells_an_overflow(last) or int(last.variables.get(OF_PROMPT, 0)) >= LONGEST:
        return True
    return any(
        has_read_everything(other)
        for other in exchanges
        if OF_PROMPT in other.variables and other.scenario != last.scenario
    )
