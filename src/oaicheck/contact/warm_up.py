"""The warm-up: one small request before all others, which finds what would spoil the run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from oaicheck.contact.first_contact import ask
from oaicheck.contact.models import listed_models, model_list
from oaicheck.contact.said import is_web_page, what_it_said
from oaicheck.contact.unusable import EndpointUnusable, wrong_address
from oaicheck.contact.waiting import Waiting, unheard
from oaicheck.engine.clock import MACHINE, Time
from oaicheck.engine.endurance import TINY_TURN
from oaicheck.engine.transport import tls_context
from oaicheck.target.target import Target
from oaicheck.views.reasoning import THINKING_TAGS, reasoning_members
from oaicheck.views.refusal import ran_out_of_tokens
from oaicheck.wire.exchange import Ending, Exchange, Located
from oaicheck.wire.printable import printable

__all__ = ["WARM_UP", "EndpointUnusable", "warm_up"]

WARM_UP = "warm-up"
"""The name of the warm-up in the recording."""

_NEW_LIMIT = "max_completion_tokens"


async def warm_up(
    target: Target,
    record: Callable[[Exchange], None],
    *,
    waiting: Waiting = unheard,
    time: Time = MACHINE,
) -> Target:
    """Send the warm-up, record its exchanges, and return the target with what it shows.

    It shows whether the model reasons, and whether the endpoint accepts only
    `max_completion_tokens` and refuses `max_tokens`. Any other refusal is left to the checks.
    `waiting` is called with the reason while a wait takes long.
    Raises EndpointUnusable if the endpoint cannot be judged, and TargetError if the TLS settings
    cannot be used.
    """
    context = tls_context(target)
    exchange = await ask(
        target,
        TINY_TURN,
        scenario=WARM_UP,
        ssl_context=context,
        record=record,
        waiting=waiting,
        time=time,
    )
    if _names_no_model(target, exchange):
        names = await listed_models(target, context, record)
        raise _unknown_model(target, exchange, names)
    if exchange.status in (404, 405) or is_web_page(exchange) or _is_empty(exchange):
        raise wrong_address(target, exchange)
    if exchange.status in (400, 422) and "max_tokens" in exchange.text:
        changed = replace(target, token_limit_parameter=_NEW_LIMIT)
        second = await ask(
            changed,
            TINY_TURN,
            scenario=WARM_UP,
            ssl_context=context,
            record=record,
            first_attempt=exchange.attempt + 1,
            waiting=waiting,
            time=time,
        )
        if second.status == 200 or ran_out_of_tokens(second):
            return replace(changed, thinks=_shows_thinking(second))
    return replace(target, thinks=_shows_thinking(exchange))


def _shows_thinking(exchange: Exchange) -> bool:
    """Whether a response contains reasoning, or counts tokens for it.

    It is also taken to reason if a few words did not fit into the token limit, or if the limit was
    used up without any text.
    """
    answer = exchange.json
    if ran_out_of_tokens(exchange):
        return True
    if answer is None or exchange.status != 200:
        return False
    counted = answer["usage"]["completion_tokens_details"]["reasoning_tokens"].value
    if isinstance(counted, int) and counted > 0:
        return True
    return any(_holds_thoughts(choice) for choice in answer["choices"])


def _holds_thoughts(choice: Located) -> bool:
    message = choice["message"]
    if any(thought.is_text for thought in reasoning_members([message])):
        return True
    content = message["content"]
    if not content.is_text:
        return bool(choice["finish_reason"].value == "length")
    return str(content.value).lstrip().startswith(THINKING_TAGS[0])


def _names_no_model(target: Target, exchange: Exchange) -> bool:
    """Whether an error says that the model's name is unknown."""
    answer = exchange.json
    if answer is None or exchange.status not in (400, 404, 422):
        return False
    if answer["error"]["code"].value == "model_not_found":
        return True
    said = what_it_said(exchange)
    return exchange.status == 404 and ("model" in said.lower() or target.model in said)


def _is_empty(exchange: Exchange) -> bool:
    return exchange.ending is Ending.COMPLETE and not exchange.body.strip()


def _unknown_model(target: Target, exchange: Exchange, names: list[str]) -> EndpointUnusable:
    listed = f"it lists:\n{model_list(names)}" if names else "it lists no models"
    return EndpointUnusable(
        f"{target.base_url} does not know the model {printable(target.model)}\n"
        f"  it says: {exchange.status}, {what_it_said(exchange)}\n"
        f"  {listed}\n  name one of its models with --model"
    )
