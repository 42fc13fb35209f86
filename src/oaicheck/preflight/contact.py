"""The first requests of a run: they name the model, and show whether the endpoint can be judged."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace

from oaicheck.contact.models import only_model
from oaicheck.contact.unusable import EndpointUnusable
from oaicheck.contact.waiting import Waiting
from oaicheck.contact.warm_up import warm_up
from oaicheck.preflight.chosen import Choices
from oaicheck.preflight.connection import problem_of
from oaicheck.preflight.interrupting import run_until_interrupted
from oaicheck.preflight.problem import UsageProblem
from oaicheck.target.target import Target, TargetError
from oaicheck.wire.exchange import Exchange


@dataclass(frozen=True, slots=True)
class Contact:
    """An endpoint that can be judged, and the exchanges that showed it.

    `requests` is how many it took, with those that found the model and are not recorded.
    The embedded endpoint runs until `close` is called, which may happen more than once.
    """

    target: Target
    exchanges: tuple[Exchange, ...]
    requests: int
    close: Callable[[], None]


def make_contact(choices: Choices, waiting: Waiting) -> Contact:
    """Send the first requests. `waiting` is called while a wait takes long.

    Raises UsageProblem if the endpoint cannot be judged, and KeyboardInterrupt after a signal.
    """
    exchanges: list[Exchange] = []
    with ExitStack() as stack:
        target = stack.enter_context(choices.endpoint())
        try:
            ready = run_until_interrupted(_first_requests(target, exchanges.append, waiting))
        except EndpointUnusable as error:
            raise problem_of(target, error) from error
        except TargetError as error:
            raise UsageProblem(str(error)) from error
        requests = len(exchanges) + (not target.model)
        return Contact(ready, tuple(exchanges), requests, stack.pop_all().close)


async def _first_requests(
    target: Target, record: Callable[[Exchange], None], waiting: Waiting
) -> Target:
    if not target.model:
        target = replace(target, model=await only_model(target, waiting=waiting))
    return await warm_up(target, record, waiting=waiting)
