"""Finds a closed port before anything that takes long is imported."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from oaicheck.engine.transport import port_of, proxy_of
from oaicheck.preflight.problem import UsageProblem
from oaicheck.target.target import Target, TargetError

_LINT = "`oaicheck opencode lint` checks the opencode.json without sending requests"
_PATIENCE = 1.0


def refuse_a_closed_port(target: Target) -> None:
    """Raise UsageProblem if nothing listens at the target, or its name cannot be resolved.

    The first request would find that too, but the HTTP client takes long to import. All else is
    left to that request. Behind a proxy, nothing is done: the proxy resolves the name.
    """
    address = urlsplit(target.base_url).hostname, port_of(target.base_url)
    try:
        if proxy_of(target) is not None:
            return
        patience = min(_PATIENCE, target.limits.connect)
        with socket.create_connection(address, patience, all_errors=True):
            return
    except TargetError as error:
        raise UsageProblem(str(error)) from error
    except socket.gaierror as error:
        raise _no_connection(target, error) from error
    except OSError:
        return
    except ExceptionGroup as errors:
        if errors.split(ConnectionRefusedError)[1] is None:
            raise _no_connection(target, errors) from errors


def problem_of(target: Target, error: Exception) -> UsageProblem:
    """The problem for an endpoint that cannot be judged."""
    lint = f"\n  {_LINT}" if target.opencode is not None else ""
    return UsageProblem(f"{error}{lint}")


def _no_connection(target: Target, error: Exception) -> UsageProblem:
    from oaicheck.contact.unusable import not_connected

    return problem_of(target, not_connected(target, error))
