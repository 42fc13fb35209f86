"""`oaicheck serve`: the reference endpoint by itself, with defects on request."""

from __future__ import annotations

import sys

from oaicheck.cli.command_line import Parser, refuse
from oaicheck.reference import catalogue
from oaicheck.reference.endpoint import ReferenceEndpoint
from oaicheck.reference.network import Network
from oaicheck.reference.server import serve
from oaicheck.reference.settings import Settings


def serve_command(arguments: list[str]) -> int:
    """Serve until interrupted; the exit code. An unknown fault or a taken port is an error."""
    defaults = Settings()
    parser = Parser(
        prog="oaicheck serve",
        description="Serve the embedded reference endpoint, correct or with deliberate defects.",
        allow_abbrev=False,
    )
    parser.add_argument("--host", default="127.0.0.1", help="where to listen (127.0.0.1)")
    parser.add_argument("--port", type=int, default=0, metavar="N", help="0 picks a free one")
    parser.add_argument("--no-auth", action="store_true", help="ask for no key")
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME",
        help="a defect, or a legal variation, to play; repeatable",
    )
    parser.add_argument(
        "--latency",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="how long every answer, and every piece of it, is on its way",
    )
    parser.add_argument(
        "--jitter",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="how much longer at most, at random; pieces are cut and joined at random too",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="what random starts from")
    parser.add_argument(
        "--list-faults", action="store_true", help="print the defects and variations, and stop"
    )
    options = parser.parse_args(arguments)
    if options.list_faults:
        for name, known in sorted(catalogue().items()):
            print(f"{name:<44} {known.sentence}")
        return 0
    try:
        settings = Settings(api_key=None) if options.no_auth else defaults
        endpoint = ReferenceEndpoint(settings, options.fault)
        key = "none" if options.no_auth else defaults.api_key
        print(f"key {key}; models {', '.join(defaults.models)}; Ctrl-C stops it", file=sys.stderr)
        network = Network(options.latency, options.jitter, options.seed)
        serve(endpoint, options.host, options.port, network)
    except OSError as error:
        reason = error.strerror or error
        return refuse(f"{options.host}:{options.port}: {reason}; --port 0 picks a free port")
    except ValueError as error:
        return refuse(error)
    return 0
