"""One run from its options to its report: the phases collect, send, judge."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oaicheck import CATALOGUE, __version__
from oaicheck.plugin.choices import (
    UsageProblem,
    all_client_scenarios,
    chosen_fuzzing,
    left_out,
    refuse_a_target,
    with_clients,
)
from oaicheck.plugin.progress import Progress
from oaicheck.report.folder import append_step_summary, new_folder, write_folder
from oaicheck.report.run import Run
from oaicheck.resources import locate
from oaicheck.rules.catalogue import CatalogueError, known_catalogue
from oaicheck.rules.frozen import load_frozen
from oaicheck.rules.requirement import Level, Requirement
from oaicheck.rules.verdict import Outcome, Result, RunVerdict, run_verdict
from oaicheck.scenarios.capability import load_capabilities
from oaicheck.scenarios.fuzz import Fuzzing
from oaicheck.scenarios.profile import ProfileError, load_profile
from oaicheck.scenarios.scenario import Scenario, ScenarioError, load_scenarios, matching
from oaicheck.target.target import Target
from oaicheck.target.target_source import TargetError, resolve, resolve_limits
from oaicheck.verdicts.baseline import Baseline, BaselineError, Compared, load_baseline
from oaicheck.verdicts.gate import ExitCode, exit_code
from oaicheck.verdicts.outcomes import is_internal, result_of
from oaicheck.verdicts.selection import Selection
from oaicheck.views.bench import Bench
from oaicheck.views.client_run import is_of_client
from oaicheck.wire.recording import (
    Recording,
    RecordingError,
    RecordingWriter,
    copy_recording,
    load_recording,
)

if TYPE_CHECKING:
    from oaicheck.engine.plan import Plan

# Modules that only sending needs (HTTP, the embedded endpoint, the clients) are imported where they
# are used: a replay or a refused option needs none of them, and they take long to import.

RECORDING = "exchanges.jsonl"
_LINT = "`oaicheck opencode lint` checks the opencode.json without sending requests"


@dataclass(slots=True)
class Conformance:
    """The state of a run: built from the options, then filled phase by phase."""

    options: Mapping[str, Any]
    selection: Selection
    scenarios: Mapping[str, Scenario]
    replayed: Recording | None
    fuzzing: Fuzzing = field(default_factory=Fuzzing)
    baseline: Baseline | None = None
    started: float = field(default_factory=time.time)
    bench: Bench | None = None
    results: list[Result] = field(default_factory=list)
    requirements: dict[str, Requirement] = field(default_factory=dict)
    folder: Path | None = None
    problem: str | None = None
    internal_errors: int = 0
    failing: int = 0
    selected_checks: int = 0
    curl: dict[str, str] = field(default_factory=dict)
    _shown_by: dict[tuple[str, ...], list[Scenario]] = field(default_factory=dict)

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> Conformance:
        """The run that the options describe. Raises UsageProblem."""
        try:
            fixtures = locate("fixtures")
            profile = load_profile(options.get("profile") or "openai", fixtures / "profiles")
            catalogue = known_catalogue(options.get("catalogue") or CATALOGUE)
            selection = Selection(
                tuple(options.get("only") or ()),
                tuple(options.get("skip") or ()),
                catalogue,
                profile,
                load_frozen(catalogue),
            )
            replay, baseline = options.get("replay"), options.get("baseline")
            if options.get("allow-stale") and not baseline:
                raise UsageProblem("--allow-stale needs --baseline: give that as well")
            if replay:
                refuse_a_target(options)
            replayed = load_recording(Path(replay)) if replay else None
            fuzzing = chosen_fuzzing(options, replayed)
            clients = all_client_scenarios() if with_clients(options, replayed) else {}
            return cls(
                options=options,
                selection=selection,
                scenarios={
                    **load_scenarios(fixtures / "scenarios"),
                    **fuzzing.scenarios(),
                    **clients,
                },
                replayed=replayed,
                fuzzing=fuzzing,
                baseline=load_baseline(Path(baseline)) if baseline else None,
            )
        except (
            BaselineError,
            CatalogueError,
            ProfileError,
            RecordingError,
            ScenarioError,
        ) as error:
            raise UsageProblem(str(error)) from error
        except OSError as error:
            raise UsageProblem(f"{error.filename}: {error.strerror}") from error

    def can_judge(self, scenario: Scenario) -> bool:
        """Whether a scenario can be judged: in a replay, only if it was recorded.

        If the recorded target lacks the scenario's capability, it can be judged too: the result
        is "not applicable" again.
        """
        if self.replayed is None:
            return True
        bench = self._replay_bench(self.replayed)
        return bench.sent(scenario.name) is not None or bench.lacking(scenario) is not None

    def judged(
        self,
        requirement: Requirement,
        level: Level,
        scenario: Scenario,
        nodeid: str,
        raised: BaseException | None,
    ) -> Result:
        """Turn what a check raised into a result, and record it."""
        names = [scenario.name] + ([requirement.against] if requirement.against else [])
        assert self.bench is not None
        conversations = map(self.bench.sent, names)
        exchanges = tuple(
            exchange.id for found in conversations if found for exchange in found.turns
        )
        result = result_of(raised, requirement, level, scenario.name, nodeid, exchanges)
        self.take(requirement, result, internal=is_internal(raised))
        return result

    def take(self, requirement: Requirement, result: Result, *, internal: bool) -> None:
        """Record a result. `internal` marks an error in the check itself."""
        self.results.append(result)
        failed = result.outcome in (Outcome.FAIL, Outcome.ERROR)
        self.failing += failed and not self.excuses(result)
        self.internal_errors += internal
        if requirement.id not in self.requirements:
            remedy = self.selection.profile.remedy_of(requirement)
            told = replace(requirement, remedy=remedy, level=result.level)
            self.requirements[requirement.id] = told

    def excuses(self, result: Result) -> bool:
        """Whether a result is a known failure in the baseline."""
        return self.baseline is not None and self.baseline.excuses(result)

    @property
    def compared(self) -> Compared | None:
        """The results so far, compared with the baseline. None without a baseline."""
        if self.baseline is None:
            return None
        allow_stale = bool(self.options.get("allow-stale"))
        return self.baseline.compare(self.results, allow_stale=allow_stale)

    def scenarios_of(self, requirement: Requirement) -> list[Scenario]:
        """The scenarios that a requirement is checked on."""
        if requirement.on not in self._shown_by:
            names = matching(requirement.on, self.scenarios)
            self._shown_by[requirement.on] = [self.scenarios[name] for name in names]
        return self._shown_by[requirement.on]

    def _with_company(self, names: Iterable[str]) -> list[Scenario]:
        """The scenarios with these names, and those that decide whether they apply."""
        wanted = set(names)
        wanted |= {other for name in wanted for other in self.scenarios[name].beside}
        return [self.scenarios[name] for name in sorted(wanted)]

    def plan(self, names: Iterable[str]) -> Plan:
        """What a run over these scenarios would send. Raises UsageProblem."""
        from oaicheck.engine.plan import plan

        if self.replayed is not None:
            raise UsageProblem("a replay sends nothing: leave out --plan")
        wanted = self._with_company(names)
        try:
            with self._target() as target:
                bench = self._bench(Recording(self._facts(target, wanted)))
        except TargetError as error:
            raise UsageProblem(str(error)) from error
        not_sent = {
            scenario.name: reason for scenario in wanted if (reason := bench.lacking(scenario))
        }
        sent = [scenario for scenario in wanted if scenario.name not in not_sent]
        return plan(sent, target.limits, not_sent)

    def send(self, names: Iterable[str], say: Callable[[str], None], progress: Progress) -> None:
        """The second phase: send what the selected checks need, or load the recording.

        Raises UsageProblem if the endpoint cannot be judged. Its message says what to do.
        """
        wanted = self._with_company(names)
        assert self.folder is not None
        if self.replayed is not None:
            self._replay_bench(self.replayed)
            copy_recording(Path(str(self.options["replay"])), self.folder / RECORDING)
            say(f"replaying {len(self.replayed.exchanges)} recorded exchanges; nothing is sent")
            return
        from oaicheck.engine.unusable import EndpointUnusable

        try:
            with self._target() as target:
                asyncio.run(self._send(target, wanted, say, progress))
        except (TargetError, EndpointUnusable) as error:
            self.problem = str(error)
            if isinstance(error, EndpointUnusable) and target.opencode is not None:
                self.problem += f"\n  {_LINT}"
            raise UsageProblem(self.problem) from error

    async def _send(
        self,
        target: Target,
        wanted: list[Scenario],
        say: Callable[[str], None],
        progress: Progress,
    ) -> None:
        from oaicheck.engine.models import only_model
        from oaicheck.engine.prepare import curl_line
        from oaicheck.engine.run import send_all
        from oaicheck.engine.warm_up import warm_up

        assert self.folder is not None
        if not target.model:
            with progress.awaiting(say) as waiting:
                target = replace(target, model=await only_model(target, waiting=waiting))
        with RecordingWriter(self.folder / RECORDING, self._facts(target, wanted)) as writer:
            self.bench = self._bench(writer.recording)
            with progress.awaiting(say) as waiting:
                target = await warm_up(target, writer, waiting=waiting)
            bench = self.bench
            served = [scenario for scenario in wanted if bench.lacking(scenario) is None]
            sent = [scenario for scenario in served if not is_of_client(scenario)]
            tried = [scenario for scenario in served if is_of_client(scenario)]
            self.curl = {s.name: curl_line(target, s.turns[-1]) for s in sent}
            say(f"sending {len(sent)} scenarios to {_described(target)}")
            if tried:
                say(f"running {len(tried)} tasks with real clients")
            async with progress.watching(scenario.name for scenario in served):
                await send_all(target, sent, writer, watch=progress)
                if tried:
                    from oaicheck.clients.trial import try_clients

                    await try_clients(target, tried, self._clients_root, writer, progress)
            took = time.time() - self.started
            say(
                f"{sum(not each.is_account for each in writer.recording.exchanges)} requests "
                f"in {took:.1f} s, "
                f"for {self.selected_checks} checks"
            )

    def _facts(self, target: Target, wanted: Iterable[Scenario]) -> dict[str, Any]:
        """The facts at the head of a recording: target, clients, profile, catalogue, version."""
        facts = {
            "target": target.described(),
            "profile": self.selection.profile.name,
            "catalogue": self.selection.catalogue,
            "version": __version__,
            "started": self.started,
            **self.fuzzing.facts,
            "left_out": left_out(self.options, self.scenarios.values()),
        }
        if of_clients := [scenario for scenario in wanted if is_of_client(scenario)]:
            from oaicheck.clients.tasks import client_facts

            facts["clients"] = client_facts(self._clients_root, of_clients)
        if target.opencode is not None:
            from oaicheck.engine.concealing import Concealer

            facts["opencode"] = Concealer(target).value(target.opencode)
        return facts

    @property
    def _clients_root(self) -> Path:
        """Where the clients are installed."""
        from oaicheck.clients.roster import default_root

        named = self.options.get("clients-dir")
        return Path(named) if named else default_root()

    def take_up_recording(self) -> Bench:
        """Judge the recording of another process, which writes the report."""
        assert self.replayed is not None
        return self._replay_bench(self.replayed)

    def _replay_bench(self, replayed: Recording) -> Bench:
        if self.bench is None:
            self.bench = self._bench(replayed)
        return self.bench

    def _bench(self, recording: Recording) -> Bench:
        return Bench(
            profile=self.selection.profile,
            scenarios=self.scenarios,
            capabilities=load_capabilities(locate("fixtures")),
            facts=recording.facts,
            recording=recording,
        )

    @contextlib.contextmanager
    def _target(self) -> Iterator[Target]:
        target = resolve(self.options, os.environ, Path.cwd())
        faults = tuple(self.options.get("fault") or ())
        if target is not None:
            if faults:
                raise TargetError(
                    "--fault only works with the embedded endpoint: leave out --endpoint"
                )
            yield target
            return
        from oaicheck.reference import ReferenceEndpoint, Settings, running

        settings = Settings()
        limits = resolve_limits(self.options, os.environ, Path.cwd())
        try:
            endpoint = ReferenceEndpoint(settings, faults)
        except ValueError as error:
            raise TargetError(str(error)) from error
        with running(endpoint) as base_url:
            yield Target(
                base_url=base_url,
                model=settings.models[0],
                key=settings.api_key,
                expired_key=settings.expired_key,
                scopeless_key=settings.scopeless_key,
                limits=limits,
                embedded=True,
            )

    def refuse_a_bad_target(self) -> None:
        """Raise UsageProblem if the settings of the target contradict each other or are invalid."""
        if self.replayed is None:
            try:
                resolve(self.options, os.environ, Path.cwd())
            except TargetError as error:
                raise UsageProblem(str(error)) from error

    def make_folder(self) -> None:
        """Make the folder for the report. Raises UsageProblem if it already contains one."""
        try:
            named = self.options.get("report-dir")
            if not named:
                self.folder = new_folder(Path("reports"), self.started)
                return
            folder = Path(named)
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageProblem(f"--report-dir {error.filename}: {error.strerror}") from error
        if (folder / RECORDING).exists():
            raise UsageProblem(
                f"{folder} already contains a report, and oaicheck never overwrites one: "
                "name another --report-dir"
            )
        self.folder = folder

    def verdict(self) -> RunVerdict | None:
        """The verdict so far."""
        return run_verdict(self.results)

    def exit_code(self) -> int:
        """The exit code for the results so far: 0, 1, 3 or 5."""
        if self.internal_errors:
            return ExitCode.INTERNAL_ERROR
        return exit_code(self.results, self.gate, self.compared)

    @property
    def gate(self) -> str:
        """The level that fails the run: `must` or `should`."""
        return str(self.options.get("gate") or "must")

    def report(self, exit_code: int) -> Run:
        """The data that all reports are made from."""
        bench = self.bench
        recording = bench.recording if bench else Recording({})
        started, ended = self.started, time.time()
        if self.replayed is not None:
            started, ended = recording.span or (started, ended)
        not_sent = {}
        if bench is not None:
            not_sent = {
                scenario.name: reason
                for scenario in self.scenarios.values()
                if (reason := bench.lacking(scenario))
            }
        return Run(
            verdict=self.verdict(),
            target=recording.facts.get("target", {}),
            profile=self.selection.profile.name,
            catalogue=self.selection.catalogue,
            version=__version__,
            started=started,
            duration=ended - started,
            judged_again=self.started if self.replayed is not None else None,
            selection={
                "only": list(self.selection.only),
                "skip": list(self.selection.skip),
                "pytest": list(self.options.get("pytest") or ()),
                "not_sent": not_sent,
            },
            requirements=self.requirements,
            results=tuple(self.results),
            recording=recording,
            curl=self.curl,
            gate=self.gate,
            exit_code=exit_code,
            problem=self.problem,
            baseline=self.compared,
        )

    def write(self, run: Run, say: Callable[[str], None]) -> None:
        """Write all files of the report except its HTML page. Raises OSError."""
        assert self.folder is not None
        write_folder(run, self.folder)
        try:
            append_step_summary(run, os.environ)
        except OSError as error:
            say(f"GITHUB_STEP_SUMMARY: {error.filename}: {error.strerror}")


def _described(target: Target) -> str:
    return "the embedded reference endpoint" if target.embedded else target.base_url
