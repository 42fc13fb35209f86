"""`oaicheck opencode`: write an opencode.json for an endpoint, or check an existing one."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from oaicheck.cli.command_line import Parser, refuse
from oaicheck.cli.opencode_init import (
    Endpoint,
    endpoint_in_report,
    endpoint_of_target,
    reasons,
    written,
)
from oaicheck.contact.models import only_model
from oaicheck.contact.unusable import EndpointUnusable
from oaicheck.report.reading import Report, ReportError, read_report
from oaicheck.report.wording import counted
from oaicheck.resources import locate
from oaicheck.rules.catalogue import checks_in
from oaicheck.rules.judging import Breach
from oaicheck.rules.requirement import Requirement, requirement_of
from oaicheck.rules.verdict import Outcome
from oaicheck.scenarios.capability import load_capabilities
from oaicheck.scenarios.profile import Profile, ProfileError, load_profile
from oaicheck.scenarios.scenario import load_scenarios, matching
from oaicheck.target.opencode.source import OPENCODE_OPTIONS, asked_for
from oaicheck.target.target import TargetError
from oaicheck.target.target_options import DEFAULT_PLACES, Setting, read_settings
from oaicheck.target.target_options import OPTIONS as TARGET_OPTIONS
from oaicheck.target.target_source import resolve
from oaicheck.verdicts.exit_codes import ExitCode
from oaicheck.verdicts.judge import judge
from oaicheck.verdicts.outcomes import outcome_of
from oaicheck.views.bench import Bench
from oaicheck.wire.printable import printable
from oaicheck.wire.recording import Recording

_PROFILE: Final = "opencode"
_SECTION: Final = "opencode.config."


def opencode_command(arguments: list[str]) -> int:
    """Carry out `opencode init` or `opencode lint`, and return the exit code."""
    parser = Parser(
        prog="oaicheck opencode",
        description="Write an opencode.json for an endpoint, or check one without any requests.",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="do", required=True, metavar="init|lint")
    init = commands.add_parser(
        "init",
        help="write an opencode.json",
        description="Write an opencode.json for an endpoint.",
        allow_abbrev=False,
    )
    init.add_argument(
        "--report", metavar="REPORT.json", type=Path, help="report of a run on this endpoint"
    )
    init.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        type=Path,
        default=Path("opencode.json"),
        help="file to write (default: opencode.json)",
    )
    init.add_argument(
        "--force",
        action="store_true",
        help="write even if the endpoint did not pass, and overwrite the file",
    )
    init.add_argument(
        "--provider", metavar="NAME", help="name of the provider (default: from the host name)"
    )
    init.add_argument(
        "--model-alias", metavar="NAME", help="key of the model (default: the model's own name)"
    )
    lint = commands.add_parser(
        "lint",
        help="check an opencode.json",
        description="Check an opencode.json without sending requests.",
        allow_abbrev=False,
    )
    lint.add_argument(
        "--profile",
        metavar="NAME",
        default=_PROFILE,
        help="profile that sets the levels (default: opencode)",
    )
    for command in (init, lint):
        endpoint = command.add_argument_group("the endpoint")
        for option in TARGET_OPTIONS:
            if command is lint or option.name not in OPENCODE_OPTIONS:
                endpoint.add_argument(f"--{option.name}", **option.argparse)
    options = parser.parse_args(arguments)
    try:
        return _init(options) if options.do == "init" else _lint(options)
    except (EndpointUnusable, ProfileError, ReportError, TargetError) as error:
        return refuse(error)
    except OSError as error:
        return refuse(f"{error.filename}: {error.strerror}")


def _init(options: argparse.Namespace) -> int:
    endpoint = _endpoint(options)
    if options.output.exists() and not options.force:
        return refuse(
            f"{options.output} already exists: name another file with -o, or overwrite with --force"
        )
    config = written(endpoint, options.provider, options.model_alias)
    options.output.write_text(json.dumps(config, indent=2, ensure_ascii=False) + "\n", "utf-8")
    print(f"{options.output}: model {printable(config['model'])}")
    for variable in endpoint.variables:
        print(f"set {variable} before you start OpenCode")
    if options.report is None:
        print("not tested yet: run `oaicheck --opencode-config --profile opencode`")
    return int(ExitCode.PASSED)


def _endpoint(options: argparse.Namespace) -> Endpoint:
    """The endpoint that the options or the report name. Raises TargetError if it did not pass."""
    given = _by_name(options)
    environ = dict(os.environ)
    for option in TARGET_OPTIONS:
        if option.name in OPENCODE_OPTIONS:
            given.pop(option.name, None)
            environ.pop(option.variable, None)
    report = read_report(options.report) if options.report else None
    if report is not None and not options.force:
        _refuse_unless_passed(report)
    named = report is not None and not given.get("endpoint")
    target = None if named else resolve(given, environ, Path.cwd())
    if target is None:
        if report is None:
            raise TargetError("no endpoint given: give --endpoint URL, or --report REPORT.json")
        if report.data["target"].get("embedded", True):
            raise TargetError(f"{report.path} is about the embedded endpoint: give --endpoint URL")
        return endpoint_in_report(report.data)
    if not target.model and report is not None:
        target = replace(target, model=report.data["target"]["model"])
    if not target.model:
        target = replace(target, model=asyncio.run(only_model(target)))
    endpoint = endpoint_of_target(target)
    if report is None:
        return endpoint
    judged = report.data["target"]
    for name, one in (("base_url", endpoint.base_url), ("model", endpoint.model)):
        if judged[name] != one and not options.force:
            raise TargetError(
                f"{report.path} is about another endpoint: its {name} is {judged[name]}, not {one}"
            )
    return replace(endpoint, reasoning=endpoint.reasoning or reasons(report.data))


def _refuse_unless_passed(report: Report) -> None:
    data = report.data
    if data["profile"] != _PROFILE:
        raise TargetError(
            f"{report.path} uses the profile {data['profile']}: run again with --profile "
            f"{_PROFILE}, or give --force"
        )
    if data["verdict"] != "conformant":
        raise TargetError(
            f"{report.path}: the endpoint is {data['verdict'] or 'not judged'}: fix what "
            "breaks OpenCode, or give --force"
        )
    selection = data["selection"]
    if selection.get("only") or selection.get("skip") or selection.get("budget"):
        options = selection["budget"]["options"] if "budget" in selection else "--only and --skip"
        raise TargetError(f"{report.path} is a partial run: run without {options}, or give --force")


def _lint(options: argparse.Namespace) -> int:
    here = Path.cwd()
    settings = read_settings(_by_name(options), os.environ, here)
    default = Setting((DEFAULT_PLACES,), "opencode lint", 0, here)
    opencode = asked_for({"opencode-config": default, **settings}, os.environ, here)
    assert opencode is not None
    outcomes = []
    for outcome, requirement, raised in _judged(opencode.described(), options.profile):
        outcomes.append(outcome)
        if isinstance(raised, Breach):
            finding = raised.finding
            print(f"{outcome.upper()}  {requirement.id}  {finding.evidence[0].exchange}")
            print(f"  {requirement.sentence}")
            print(f"  expected {finding.expected}; {printable(finding.observed)}")
            print(f"  {requirement.remedy}\n")
    broken = [outcome for outcome in outcomes if outcome in (Outcome.FAIL, Outcome.WARN)]
    asking = outcomes.count(Outcome.ERROR)
    print(
        f"{', '.join(opencode.files)}: {counted(len(outcomes), 'requirement')}, "
        f"{len(broken)} broken, {asking} not checked because they need requests to the endpoint"
    )
    return int(ExitCode.MISSED if Outcome.FAIL in broken else ExitCode.PASSED)


def _judged(
    described: Mapping[str, Any], profile_name: str
) -> Iterator[tuple[Outcome, Requirement, BaseException | None]]:
    fixtures = locate("fixtures")
    facts = {"opencode": described}
    profile: Profile = load_profile(profile_name, fixtures / "profiles")
    scenarios = load_scenarios(fixtures / "scenarios")
    bench = Bench(profile, scenarios, load_capabilities(fixtures), facts, Recording(facts))
    for check in checks_in(locate("suites")):
        requirement = requirement_of(check)
        if requirement is None or not requirement.id.startswith(_SECTION):
            continue
        level = profile.level_of(requirement)
        if level is not None:
            name = matching(requirement.on, scenarios)[0]
            raised = judge(check, bench, scenarios[name], requirement)
            requirement = replace(requirement, remedy=profile.remedy_of(requirement))
            yield outcome_of(raised, level), requirement, raised


def _by_name(options: argparse.Namespace) -> dict[str, Any]:
    return {name.replace("_", "-"): value for name, value in vars(options).items()}
