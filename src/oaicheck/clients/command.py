"""`oaicheck clients`: which clients there are, and installing them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from oaicheck.clients.installing import InstallError, install, missing
from oaicheck.clients.roster import default_root, roster
from oaicheck.command_line import USAGE, Parser


def clients_command(arguments: list[str]) -> int:
    """Carry out `clients install` or `clients list`; the exit code."""
    parser = Parser(
        prog="oaicheck clients",
        description="Install the pinned clients that judge an endpoint, or list them.",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("do", choices=("install", "list"))
    parser.add_argument("names", nargs="*", metavar="NAME", help="these only (default: all)")
    parser.add_argument("--to", type=Path, default=default_root(), metavar="DIR", help="where")
    options = parser.parse_args(arguments)
    known = roster()
    unknown = [name for name in options.names if name not in known]
    if unknown:
        print(f"oaicheck: no client {unknown[0]!r}; there are {', '.join(known)}", file=sys.stderr)
        return USAGE
    failed = False
    for client in (known[name] for name in options.names or known):
        if options.do == "install":
            try:
                install(client, options.to)
            except InstallError as error:
                print(f"oaicheck: {error}", file=sys.stderr)
                failed = True
                continue
        print(missing(client, options.to) or f"{client.title}: installed")
    return 1 if failed else 0
