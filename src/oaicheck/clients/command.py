"""`oaicheck clients`: which clients there are, installing them, trying them on an endpoint."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from oaicheck.clients.harm import Harm
from oaicheck.clients.installing import InstallError, install, missing
from oaicheck.clients.roster import Client, default_root, roster
from oaicheck.clients.trial import asking, trial
from oaicheck.clients.worker import WorkerError
from oaicheck.command_line import USAGE, Parser, refuse
from oaicheck.printable import printable
from oaicheck.target import Target, TargetError
from oaicheck.target_source import OPTIONS as TARGET_OPTIONS
from oaicheck.target_source import resolve


def clients_command(arguments: list[str]) -> int:
    """Carry out `clients install`, `clients list` or `clients run`; the exit code."""
    parser = Parser(
        prog="oaicheck clients",
        description="Install the pinned clients that judge an endpoint, list them, or try them.",
        allow_abbrev=False,
    )
    parser.add_argument("do", choices=("install", "list", "run"))
    parser.add_argument("names", nargs="*", metavar="NAME", help="these only (default: all)")
    parser.add_argument("--to", type=Path, default=default_root(), metavar="DIR", help="where")
    endpoint = parser.add_argument_group("the endpoint of `run`")
    for option in TARGET_OPTIONS:
        endpoint.add_argument(f"--{option.name}", **option.argparse)
    options = parser.parse_args(arguments)
    known = roster()
    for name in options.names:
        if name not in known:
            return refuse(f"no client {name!r}; there are {', '.join(known)}")
    clients = [known[name] for name in options.names or known]
    if options.do == "install":
        return _install(clients, options.to)
    if options.do == "run":
        return _run(clients, options)
    for client in clients:
        print(missing(client, options.to) or f"{client.title}: installed")
    return 0


def _install(clients: Iterable[Client], root: Path) -> int:
    failed = False
    for client in clients:
        try:
            install(client, root)
        except InstallError as error:
            print(f"oaicheck: {error}", file=sys.stderr)
            failed = True
        else:
            print(missing(client, root) or f"{client.title}: installed")
    return int(failed)


def _run(clients: Iterable[Client], options: argparse.Namespace) -> int:
    """0 when no client breaks or hangs, 1 when one does, 5 when none could be tried."""
    try:
        target = _target(options)
    except TargetError as error:
        return refuse(error)
    if target is None or not target.model:
        return refuse("say which endpoint and which model: --endpoint URL --model NAME")
    ask = asking(target.base_url, target.key or "none", target.model)
    tried, harmed = 0, 0
    for client in clients:
        if reason := missing(client, options.to):
            print(f"not applicable  {reason}")
            continue
        try:
            found = trial(client, options.to, ask)
        except WorkerError as error:
            print(f"oaicheck: {error}", file=sys.stderr)
            return USAGE
        tried += 1
        harmed += found.outcome in (Harm.BREAKS, Harm.HANGS)
        symptom = f": {printable(found.symptom)}" if found.symptom else ""
        print(f"{found.outcome:<15} {client.title}{symptom}", flush=True)
    return 1 if harmed else 0 if tried else 5


def _target(options: argparse.Namespace) -> Target | None:
    named = {name.replace("_", "-"): value for name, value in vars(options).items()}
    return resolve(named, os.environ, Path.cwd())
