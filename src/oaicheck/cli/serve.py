"""`oaicheck serve`: run the embedded reference endpoint as a server, with defects on request."""

from __future__ import annotations

import sys

from oaicheck.cli.command_line import Parser, refuse
from oaicheck.reference import catalogue
from oaicheck.reference.endpoint import ReferenceEndpoint
from oaicheck.reference.network import Network
from oaicheck.reference.server import serve
from oaicheck.reference.settings import Settings


def serve_command(arguments: list[str]) -> int:
    """Serve until interrupted, and return the exit code.

    An unknown fault and a port in use are usage errors.
    """
    defaults = Settings()
    parser = Parser(
        prog="oaicheck serve",
        description="Run the embedded reference endpoint as a server. It is correct, unless "
        "--fault gives it a defect.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)"
    )
    parser.add_argument(
        "--port", type=int, default=0, metavar="N", help="port (default: 0, which picks a free one)"
    )
    parser.add_argument("--no-auth", action="store_true", help="accept requests without a key")
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME",
        help="add this defect or legal variation; repeatable",
    )
    parser.add_argument(
        "--latency",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="delay every response, and every piece of it, by this much",
    )
    parser.add_argument(
        "--jitter",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="add up to this much random delay, and split and join pieces at random",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="random seed for --jitter")
    parser.add_argument(
        "--list-faults", action="store_true", help="print all defects and variations, and exit"
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
        print(
            f"key {key}; models {', '.join(defaults.models)}; press Ctrl-C to stop", file=sys.stderr
        )
        network = Network(options.latency, options.jitter, options.seed)
        serve(endpoint, options.host, options.port, network)
    except OSError as error:
        reason = error.strerror or error
        return refuse(f"{options.host}:{options.port}: {reason}; --port 0 picks a free port")
    except ValueError as error:
        return refuse(error)
    return 0
