"""Finds the model to use if the user named none."""

from __future__ import annotations

import ssl
from collections.abc import Callable

from oaicheck.contact.first_contact import ask
from oaicheck.contact.said import is_web_page, shown, what_it_said
from oaicheck.contact.unusable import EndpointUnusable, wrong_address
from oaicheck.contact.waiting import Waiting, unheard
from oaicheck.engine.transport import tls_context
from oaicheck.scenarios.scenario import Credential, Turn
from oaicheck.target.target import Target
from oaicheck.wire.exchange import Exchange

_SHOWN_MODELS = 20
_LIST = Turn("GET", "models", None, None, {}, Credential.OWN)


async def only_model(target: Target, *, waiting: Waiting = unheard) -> str:
    """The only model that the endpoint lists. `waiting` is called while a wait takes long.

    Raises EndpointUnusable if it lists none or several, which the message names, and if it cannot
    be reached. Raises TargetError if the TLS settings cannot be used.
    """
    exchange = await _listed(target, tls_context(target), _unrecorded, waiting)
    if is_web_page(exchange):
        raise wrong_address(target, exchange)
    names = _names(exchange)
    if len(names) == 1:
        return names[0]
    if names:
        problem = f"it lists {len(names)} models:\n{model_list(names)}"
    else:
        problem = f"{exchange.request.url} lists no model: {exchange.status}, " + (
            what_it_said(exchange) or "an empty body"
        )
    raise EndpointUnusable(
        f"{target.base_url}: give a model, because the endpoint does not list exactly one\n"
        f"  {problem}\n  name one with --model; if the endpoint has no list, check the base URL "
        "(most end in /v1)"
    )


async def listed_models(
    target: Target, ssl_context: ssl.SSLContext, record: Callable[[Exchange], None]
) -> list[str]:
    """The models that the endpoint lists. Empty if it has no usable list."""
    try:
        return _names(await _listed(target, ssl_context, record))
    except EndpointUnusable:
        return []


def model_list(names: list[str]) -> str:
    """Names of models, safe to print, one on each line. Only the first few of many."""
    lines = [f"    {shown(name)}" for name in names[:_SHOWN_MODELS]]
    if len(names) > _SHOWN_MODELS:
        lines.append(f"    … and {len(names) - _SHOWN_MODELS} more")
    return "\n".join(lines)


async def _listed(
    target: Target,
    ssl_context: ssl.SSLContext,
    record: Callable[[Exchange], None],
    waiting: Waiting = unheard,
) -> Exchange:
    return await ask(
        target,
        _LIST,
        scenario="warm-up/models",
        ssl_context=ssl_context,
        record=record,
        waiting=waiting,
    )


def _names(exchange: Exchange) -> list[str]:
    answer = exchange.json
    if exchange.status != 200 or answer is None:
        return []
    return [str(entry["id"].value) for entry in answer["data"] if entry["id"].is_text]


def _unrecorded(exchange: Exchange) -> None:
    """Drop the exchange: the recording begins when the model is known."""
