"""`oaicheck curl`: print a scenario's request as a curl command."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from oaicheck.cli.command_line import Parser, refuse
from oaicheck.engine.prepare import curl_line
from oaicheck.resources import locate
from oaicheck.scenarios.fuzz import scenario_named
from oaicheck.scenarios.scenario import load_scenarios
from oaicheck.target.near import did_you_mean
from oaicheck.target.target import Target
from oaicheck.target.target_options import read_settings
from oaicheck.target.target_source import OPTIONS as TARGET_OPTIONS
from oaicheck.target.target_source import TargetError, resolve

_ANY_KEY: Final = "any"
"""Stands for a key: the curl command names a variable instead, so the value does not matter."""


def curl_command(arguments: list[str]) -> int:
    """Print the curl command and return the exit code."""
    parser = Parser(
        prog="oaicheck curl",
        description="Print a scenario's request as a curl command. The command reads the key from "
        "$OAICHECK_API_KEY.",
    )
    parser.add_argument(
        "scenario", metavar="SCENARIO", help="the scenario, such as chat/stream/text"
    )
    for option in TARGET_OPTIONS:
        parser.add_argument(f"--{option.name}", **option.argparse)
    options = vars(parser.parse_args(arguments))
    name = options.pop("scenario")
    scenarios = load_scenarios(locate("fixtures") / "scenarios")
    drawn = scenario_named(name)
    if drawn is not None:
        scenarios[name] = drawn
    if name not in scenarios:
        hint = did_you_mean(name, scenarios) or "`oaicheck run --plan` lists them"
        return refuse(f"unknown scenario {name!r}; {hint}")
    try:
        target = _to_paste({key.replace("_", "-"): value for key, value in options.items()})
    except TargetError as error:
        return refuse(error)
    for turn in scenarios[name].turns:
        print(curl_line(target, turn))
    return 0


def _to_paste(options: Mapping[str, Any]) -> Target:
    """The target for the curl command. The default is that of `oaicheck serve --port 8000`.

    The command contains variables instead of keys, so no key has to be set to print it.
    """
    environ = {name: value for name, value in os.environ.items() if name != "OAICHECK_API_KEY"}
    target = resolve(options, environ, Path.cwd())
    if target is None:
        target = Target("http://127.0.0.1:8000/v1", "reference-1")
    target = replace(target, model=target.model or "MODEL")
    no_auth = read_settings(options, environ, Path.cwd()).get("no-auth")
    if no_auth is not None and no_auth.values:
        return target
    own = any(name.lower() == target.auth_header.lower() for name in target.headers)
    return replace(
        target,
        key=target.key or (None if own else _ANY_KEY),
        expired_key=target.expired_key or _ANY_KEY,
        scopeless_key=target.scopeless_key or _ANY_KEY,
    )
