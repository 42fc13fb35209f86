"""Chooses the length of a prompt that has to exceed the context window.

A prompt that is served costs its tokens, and one that is refused costs its upload. So the first
prompt is just longer than the context window, if the endpoint has told how long that is. If it has
told nothing, or something wrong, few and far longer prompts follow, as long as they are served.
Only a response that clearly tells an overflow ends the search before the longest prompt, so that
every other endpoint is judged by the longest one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from oaicheck.scenarios.scenario import Scenario
from oaicheck.views.context_window import (
    has_read_everything,
    tells_an_overflow,
    told_context_length,
)
from oaicheck.views.refusal import ran_out_of_tokens
from oaicheck.wire.exchange import Exchange

LENGTHS = (10_000, 280_000)
"""The lengths in tokens to try if nothing is known, the last one in any case."""

LONGEST = LENGTHS[-1]

OF_PROMPT = "overflow"
"""The variable of an exchange that has the length of its prompt."""

_FAR_LONGER = 2
_FEW = 3
"""A request keeps so many tools."""
_TENTH = 10
_ROOM = 100
"""A margin above the told length: a tenth and these tokens, in case some words share a token."""


def lengths_for(scenario: Scenario, recorded: Sequence[Exchange], model: str) -> tuple[int, ...]:
    """The lengths of its prompt to try one after the other; none if it needs no long prompt.

    If another scenario has sent such a prompt, this one begins with the length that was decisive.
    If the longest prompt was read as a whole, no prompt overflows, and a short one shows the same.
    """
    if not scenario.overflows:
        return ()
    others = [
        exchange
        for exchange in recorded
        if OF_PROMPT in exchange.variables and exchange.scenario != scenario.name
    ]
    if others:
        if has_read_everything(others[-1]):
            return LENGTHS[:1]
        return _from(int(others[-1].variables[OF_PROMPT]))
    told = told_context_length(recorded, model)
    if told is None:
        return LENGTHS
    told = min(told, LONGEST)
    return _from(told + told // _TENTH + _ROOM)


def longer(lengths: Sequence[int], last: Exchange) -> tuple[int, ...]:
    """The lengths that are still to try after this response to the first of them.

    None if the response tells an overflow. All if the prompt was served, even if the model had no
    tokens left to answer. The longest one if the response says neither.
    """
    if tells_an_overflow(last):
        return ()
    served = last.status == 200 or ran_out_of_tokens(last)
    return tuple(lengths[1:] if served else lengths[1:][-1:])


def fewer_tools(refused: Exchange) -> Mapping[str, Any] | None:
    """The change to a request whose tools exceed the context window: half of them, the first ones.

    None if the response tells no overflow, or the request has few tools. A page of a proxy, which
    limits the bytes of a request, tells nothing of the context window.
    """
    body = refused.request.json
    tools = body.get("tools") if isinstance(body, dict) else None
    if not isinstance(tools, list) or len(tools) < 2 * _FEW or refused.status == 200:
        return None
    told = refused.json is not None and tells_an_overflow(refused)
    return {"tools": tools[: len(tools) // 2]} if told else None


def _from(first: int) -> tuple[int, ...]:
    """This length, and those beyond it that are far longer; the longest one in any case."""
    if first >= LONGEST:
        return (LONGEST,)
    beyond = [each for each in LENGTHS if each >= _FAR_LONGER * first]
    return (first, *beyond) if LONGEST in beyond else (first, *beyond, LONGEST)
