"""One run from its options to its report: the phases collect, send, judge."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from oaicheck import __version__
from oaicheck.plugin.interruption import PLANNED, Interruption, judging_words
from oaicheck.plugin.progress import Progress
from oaicheck.preflight.choices import left_out
from oaicheck.preflight.chosen import RECORDING, Choices
from oaicheck.preflight.interrupting import run_until_interrupted
from oaicheck.preflight.problem import UsageProblem
from oaicheck.report.folder import append_step_summary, new_folder, write_folder
from oaicheck.report.run import Run
from oaicheck.report.wording import counted
from oaicheck.resources import locate
from oaicheck.rules.requirement import Level, Requirement
from oaicheck.rules.verdict import Outcome, Result, RunVerdict, run_verdict
from oaicheck.scenarios.budget import FACT, Allowance, Need, in_order, limited, with_company
from oaicheck.scenarios.capability import load_capabilities
from oaicheck.scenarios.scenario import Scenario, matching
from oaicheck.target.target import Target
from oaicheck.verdicts.baseline import Compared
from oaicheck.verdicts.exit_codes import ExitCode
from oaicheck.verdicts.gate import exit_code
from oaicheck.verdicts.outcomes import is_internal, result_of
from oaicheck.views.bench import Bench
from oaicheck.views.client_run import is_of_client
from oaicheck.wire.recording import Recording, RecordingWriter, copy_recording

if TYPE_CHECKING:
    from oaicheck.engine.plan import Plan
    from oaicheck.preflight.contact import Contact

# Modules that only sending needs (HTTP, the embedded endpoint, the clients) are imported where they
# are used: a replay needs none of them, and they take long to import.


@dataclass(slots=True)
class Conformance:
    """The state of a run: built from the options, then filled phase by phase."""

    choices: Choices
    scenarios: Mapping[str, Scenario]
    replayed: Recording | None
    allowance: Allowance = field(default_factory=Allowance)
    bench: Bench | None = None
    results: list[Result] = field(default_factory=list)
    requirements: dict[str, Requirement] = field(default_factory=dict)
    folder: Path | None = None
    problem: str | None = None
    interruption: Interruption | None = None
    is_interrupted: bool = False
    internal_errors: int = 0
    failing: int = 0
    selected_checks: int = 0
    curl: dict[str, str] = field(default_factory=dict)
    narrowed: list[str] = field(default_factory=list)
    _shown_by: dict[tuple[str, ...], list[Scenario]] = field(default_factory=dict)

    @classmethod
    def of(cls, choices: Choices) -> Self:
        """The run for these choices."""
        allowance = Allowance(choices.budget)
        return cls(choices, choices.scenarios, choices.replayed, allowance)

    def can_judge(self, requirement: Requirement, scenario: Scenario) -> bool:
        """Whether a requirement can be judged on a scenario: in a replay, only if it was recorded.

        If the recorded target lacks the scenario's capability, it can be judged too: the result
        is "not applicable" again. A run with a budget judges only what it sent with all its
        company, and an interrupted run what it recorded in full.
        """
        bench = self.bench if self.replayed is None else self._replay_bench(self.replayed)
        if bench is None:
            return True
        if self.interruption is not None or FACT in bench.facts:
            need = Need.of(requirement, scenario.name, self.scenarios, binding=False)
            if self.interruption is not None and self.interruption.missing & need.sent:
                return False
            if FACT in bench.facts:
                return bench.sent(scenario.name) is not None and bench.has_company(need.sent)
        return self.replayed is None or bench.has_company([scenario.name])

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
            remedy = self.choices.selection.profile.remedy_of(requirement)
            told = replace(requirement, remedy=remedy, level=result.level)
            self.requirements[requirement.id] = told

    def excuses(self, result: Result) -> bool:
        """Whether a result is a known failure in the baseline."""
        return self.choices.baseline is not None and self.choices.baseline.excuses(result)

    @property
    def compared(self) -> Compared | None:
        """The results so far, compared with the baseline. None without a baseline."""
        if self.choices.baseline is None:
            return None
        allow_stale = bool(self.choices.options.get("allow-stale"))
        return self.choices.baseline.compare(self.results, allow_stale=allow_stale)

    def scenarios_of(self, requirement: Requirement) -> list[Scenario]:
        """The scenarios that a requirement is checked on."""
        if requirement.on not in self._shown_by:
            names = matching(requirement.on, self.scenarios)
            self._shown_by[requirement.on] = [self.scenarios[name] for name in names]
        return self._shown_by[requirement.on]

    def _with_company(self, names: Iterable[str]) -> list[Scenario]:
        """The scenarios with these names, and those that decide whether they apply."""
        wanted = sorted(with_company(names, self.scenarios))
        return [self.scenarios[name] for name in in_order(wanted, self.allowance.costs)]

    def plan(
        self, names: Iterable[str], known: Target | None = None, *, without_recorded: bool = False
    ) -> Plan:
        """What a run over these scenarios would send, to a target that is `known` already.

        `without_recorded` leaves out what the recording has that the run goes on from.
        """
        from oaicheck.engine.plan import plan

        wanted = self._with_company(names)
        with contextlib.nullcontext(known) if known else self.choices.endpoint() as target:
            bench = self._bench(Recording(self._facts(target, wanted)))
        not_sent = {
            scenario.name: reason for scenario in wanted if (reason := bench.lacking(scenario))
        }
        sent = [scenario for scenario in wanted if scenario.name not in not_sent]
        if without_recorded and self.choices.resumed is not None:
            sent = self.choices.resumed.missing(sent)
        return plan(sent, target.limits, not_sent, lists_models=not target.model)

    def send(
        self,
        names: Iterable[str],
        contact: Contact | None,
        say: Callable[[str], None],
        progress: Progress,
    ) -> None:
        """The second phase: send what the selected checks need, or load the recording.

        After a signal, `interruption` has what is missing. Raises KeyboardInterrupt if the signal
        came before anything was recorded.
        """
        wanted = self._with_company(names)
        assert self.folder is not None
        if contact is not None:
            with contextlib.closing(contact):
                try:
                    run_until_interrupted(self._send(contact, wanted, say, progress))
                except KeyboardInterrupt:
                    self._stop_sending(progress, say)
            return
        assert self.replayed is not None
        self._replay_bench(self.replayed)
        copy_recording(Path(str(self.choices.options["replay"])), self.folder / RECORDING)
        say(f"replaying {len(self.replayed.exchanges)} recorded exchanges; nothing is sent")

    def _stop_sending(self, progress: Progress, say: Callable[[str], None]) -> None:
        assert self.folder is not None
        self.is_interrupted = True
        if self.bench is None:
            raise KeyboardInterrupt
        recording = self.bench.recording
        planned = [self.scenarios[name] for name in recording.facts[PLANNED]]
        self.interruption = Interruption.during(planned, recording, progress.unfinished)
        self.problem = self.interruption.advice(self.folder)
        say(f"{self.interruption.words}; judging them (Ctrl-C stops that too)")

    def stop_judging(self, checks: int) -> None:
        """Note that a signal came before all of so many checks were judged."""
        assert self.folder is not None
        self.is_interrupted = True
        stopped = judging_words(len(self.results), checks, self.folder)
        self.problem = f"{self.problem}; {stopped}" if self.problem else stopped

    async def _send(
        self,
        contact: Contact,
        wanted: list[Scenario],
        say: Callable[[str], None],
        progress: Progress,
    ) -> None:
        from oaicheck.engine.prepare import curl_line
        from oaicheck.engine.run import send_all
        from oaicheck.engine.run_ceiling import RunCeiling

        assert self.folder is not None
        target, resumed = contact.target, self.choices.resumed
        self.allowance.begun(contact.requests)
        facts = self._facts(target, wanted)
        lacking = self._bench(Recording(facts)).lacking
        served = [scenario for scenario in wanted if lacking(scenario) is None]
        facts[PLANNED] = [scenario.name for scenario in served]
        self.curl = {s.name: curl_line(target, s.turns[-1]) for s in served if not is_of_client(s)}
        with RecordingWriter(self.folder / RECORDING, facts) as writer:
            for exchange in resumed.kept(self.scenarios) if resumed else ():
                writer.add(exchange)
            copied = len(writer.recording.exchanges)
            for exchange in contact.exchanges:
                writer.add(resumed.following(exchange) if resumed else exchange)
            self.bench = self._bench(writer.recording)
            missing = resumed.missing(served) if resumed else served
            if resumed:
                say(resumed.words(len(served) - len(missing), len(served)))
            sent = [scenario for scenario in missing if not is_of_client(scenario)]
            tried = [scenario for scenario in missing if is_of_client(scenario)]
            say(f"sending {counted(len(sent), 'scenario')} to {_described(target)}")
            if tried:
                say(f"running {len(tried)} tasks with real clients")
            async with progress.watching(scenario.name for scenario in missing):
                ceiling = RunCeiling(target.limits)
                remarks = await send_all(
                    target,
                    sent,
                    writer,
                    watch=progress,
                    allowance=self.allowance,
                    ceiling=ceiling,
                )
                if tried and not ceiling.is_reached(writer.size):
                    from oaicheck.clients.trial import try_clients

                    await try_clients(target, tried, self._clients_root, writer, progress)
            self.bench.stopped = ceiling.reason
            if ceiling.reason:
                unsent = [each for each in served if self.bench.sent(each.name) is None]
                remarks.append(ceiling.remark(len(unsent)))
            for remark in remarks:
                say(remark)
            took = time.time() - self.choices.started
            new = sum(not each.is_account for each in writer.recording.exchanges[copied:])
            asked, judged = counted(new, "request"), counted(self.selected_checks, "check")
            say(f"{asked} in {took:.1f} s, for {judged}")

    def _facts(self, target: Target, wanted: Iterable[Scenario]) -> dict[str, Any]:
        """The facts at the head of a recording: target, clients, profile, catalogue, version."""
        resumed, known = self.choices.resumed, self.scenarios.values()
        missing = resumed.missing(known) if resumed else known
        facts = {
            "target": target.described(),
            "profile": self.choices.selection.profile.name,
            "catalogue": self.choices.selection.catalogue,
            "version": __version__,
            "started": self.choices.started,
            **self.choices.fuzzing.facts,
            "left_out": left_out(self.choices.options, missing),
            **self.allowance.facts,
            **(resumed.facts if resumed else {}),
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

        named = self.choices.options.get("clients-dir")
        return Path(named) if named else default_root()

    def take_up_recording(self) -> Bench:
        """Judge the recording of another process, which writes the report."""
        assert self.replayed is not None
        return self._replay_bench(self.replayed)

    def _replay_bench(self, replayed: Recording) -> Bench:
        if self.bench is None:
            self.bench = self._bench(replayed)
            if self.interruption is None:
                self.interruption = Interruption.found_in(replayed, self.scenarios)
        return self.bench

    def _bench(self, recording: Recording) -> Bench:
        return Bench(
            profile=self.choices.selection.profile,
            scenarios=self.scenarios,
            capabilities=load_capabilities(locate("fixtures")),
            facts=recording.facts,
            recording=recording,
        )

    def make_folder(self) -> None:
        """Make the folder for the report. Raises UsageProblem."""
        try:
            named = self.choices.options.get("report-dir")
            if not named:
                self.folder = new_folder(Path("reports"), self.choices.started)
                return
            folder = Path(named)
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageProblem(f"--report-dir {error.filename}: {error.strerror}") from error
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
        return str(self.choices.options.get("gate") or "must")

    def report(self, exit_code: int) -> Run:
        """The data that all reports are made from."""
        bench = self.bench
        recording = bench.recording if bench else Recording({})
        started, ended = self.choices.started, time.time()
        if self.replayed is not None:
            started, ended = recording.span or (started, ended)
        not_sent = {
            scenario.name: reason
            for scenario in self.scenarios.values()
            if bench is not None and (reason := bench.lacking(scenario))
        }
        return Run(
            verdict=self.verdict(),
            target=recording.facts.get("target", {}),
            profile=self.choices.selection.profile.name,
            catalogue=self.choices.selection.catalogue,
            version=__version__,
            started=started,
            duration=ended - started,
            judged_again=self.choices.started if self.replayed is not None else None,
            selection={
                "only": list(self.choices.selection.only),
                "skip": list(self.choices.selection.skip),
                "pytest": list(self.narrowed),
                "not_sent": not_sent,
                **limited(recording.facts, {each.scenario for each in recording.exchanges}),
                **(self.interruption.counts if self.interruption else {}),
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
