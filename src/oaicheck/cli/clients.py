"""`oaicheck clients`: list the real clients, install them, and run them against an endpoint."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from oaicheck.cli.command_line import Parser, refuse
from oaicheck.cli.run import run_command
from oaicheck.clients.installing import InstallError, install, missing
from oaicheck.clients.roster import Client, default_root, roster
from oaicheck.clients.tasks import client_scenarios
from oaicheck.preflight.run_options import RUN_OPTIONS
from oaicheck.resources import locate
from oaicheck.rules.catalogue import load_catalogue
from oaicheck.scenarios.scenario import matching
from oaicheck.target.target_source import OPTIONS as TARGET_OPTIONS
from oaicheck.views.client_run import PREFIX

_OF_RUN = ("profile", "report-dir", "baseline", "plan", "fault")


def clients_command(arguments: list[str]) -> int:
    """Carry out `clients install`, `clients list` or `clients run`, and return the exit code."""
    parser = Parser(
        prog="oaicheck clients",
        description="Install the pinned real clients, list them, or run them against an endpoint.",
        allow_abbrev=False,
    )
    commands = ("install", "list", "run")
    parser.add_argument("do", choices=commands, metavar="|".join(commands), help="what to do")
    parser.add_argument(
        "names", nargs="*", default=[], metavar="NAME", help="only these clients (default: all)"
    )
    parser.add_argument(
        "--to",
        type=Path,
        default=default_root(),
        metavar="DIR",
        help="folder for the clients (default: ~/.cache/oaicheck/clients)",
    )
    judged = parser.add_argument_group("options of `clients run`")
    for run_option in RUN_OPTIONS:
        if run_option.name in _OF_RUN:
            judged.add_argument(f"--{run_option.name}", **run_option.argparse)
    endpoint = parser.add_argument_group(
        "the endpoint for `clients run` (default: the embedded one)"
    )
    for option in TARGET_OPTIONS:
        endpoint.add_argument(f"--{option.name}", **option.argparse)
    options = parser.parse_args(arguments)
    known = roster()
    for name in options.names:
        if name not in known:
            return refuse(f"unknown client {name!r}; known clients: {', '.join(known)}")
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
    """Run `oaicheck run --clients` with only the requirements that these clients check.

    The gate fails if a client breaks, whether the requirement is a MUST or a SHOULD.
    """
    tasks = matching([f"{PREFIX}{client.name}/*" for client in clients], client_scenarios())
    arguments = ["--clients", "--clients-dir", str(options.to), "--gate", "should"]
    for entry in load_catalogue(locate("suites")).values():
        if matching(entry.requirement.on, tasks):
            arguments += ["--only", entry.requirement.id]
    for name in (*_OF_RUN, *(option.name for option in TARGET_OPTIONS)):
        value = getattr(options, name.replace("-", "_"))
        for each in value if isinstance(value, list) else [value]:
            if each is True:
                arguments.append(f"--{name}")
            elif each is not None and each is not False:
                arguments.append(f"--{name}={each}")
    return run_command(arguments)
