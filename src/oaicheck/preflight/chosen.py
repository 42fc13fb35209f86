"""What the options of a run choose: what to judge, how, and which endpoint."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from oaicheck import CATALOGUE
from oaicheck.preflight.choices import (
    all_client_scenarios,
    chosen_budget,
    chosen_fuzzing,
    refuse_a_target,
    with_clients,
)
from oaicheck.preflight.connection import refuse_a_closed_port
from oaicheck.preflight.problem import UsageProblem
from oaicheck.preflight.resuming import Resumed
from oaicheck.resources import locate
from oaicheck.rules.catalogue import CatalogueError, known_catalogue
from oaicheck.rules.frozen import load_frozen
from oaicheck.scenarios.budget import Budget
from oaicheck.scenarios.fuzz import Fuzzing
from oaicheck.scenarios.profile import ProfileError, load_profile
from oaicheck.scenarios.scenario import Scenario, ScenarioError, load_scenarios
from oaicheck.target.target import Target, TargetError
from oaicheck.target.target_source import resolve, resolve_limits
from oaicheck.verdicts.baseline import Baseline, BaselineError, load_baseline
from oaicheck.verdicts.selection import Selection
from oaicheck.wire.recording import Recording, RecordingError, load_recording

if TYPE_CHECKING:
    from oaicheck.reference import ReferenceEndpoint

RECORDING = "exchanges.jsonl"
"""The name of the recording in a report folder."""


@dataclass
class Choices:
    """What the options of a run choose. `options` has their values by name, without a prefix."""

    options: Mapping[str, Any]
    selection: Selection
    scenarios: Mapping[str, Scenario]
    replayed: Recording | None = None
    resumed: Resumed | None = None
    fuzzing: Fuzzing = field(default_factory=Fuzzing)
    baseline: Baseline | None = None
    budget: Budget = field(default_factory=Budget)
    started: float = field(default_factory=time.time)
    _looked: bool = False

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> Self:
        """Read the options and their files, except those of the target. Raises UsageProblem."""
        try:
            fixtures, resumed = locate("fixtures"), Resumed.chosen(options)
            budget = chosen_budget(options, resumed)
            profile = load_profile(options.get("profile") or "openai", fixtures / "profiles")
            catalogue = known_catalogue(options.get("catalogue") or CATALOGUE)
            selection = Selection(
                tuple(options.get("only") or ()),
                tuple(options.get("skip") or ()),
                catalogue,
                profile,
                load_frozen(catalogue),
            )
            if resumed is not None:
                resumed.refuse_another_profile(profile.name)
            replay, baseline = options.get("replay"), options.get("baseline")
            if options.get("allow-stale") and not baseline:
                raise UsageProblem("--allow-stale needs --baseline: give that as well")
            if replay:
                refuse_a_target(options)
                if options.get("plan"):
                    raise UsageProblem("a replay sends nothing: leave out --plan")
            replayed = load_recording(Path(replay)) if replay else None
            fuzzing = chosen_fuzzing(options, replayed, resumed)
            clients = all_client_scenarios() if with_clients(options, replayed, resumed) else {}
            return cls(
                options=options,
                selection=selection,
                scenarios={
                    **load_scenarios(fixtures / "scenarios"),
                    **fuzzing.scenarios(),
                    **clients,
                },
                replayed=replayed,
                resumed=resumed,
                fuzzing=fuzzing,
                baseline=load_baseline(Path(baseline)) if baseline else None,
                budget=budget,
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

    @cached_property
    def target(self) -> Target | None:
        """The endpoint that the user named; None for the embedded one. Raises UsageProblem."""
        try:
            target = resolve(self.options, os.environ, Path.cwd())
        except TargetError as error:
            raise UsageProblem(str(error)) from error
        if target is None or self.resumed is None:
            return target
        return self.resumed.completed(target)

    @cached_property
    def _embedded(self) -> tuple[ReferenceEndpoint, Target]:
        """The embedded endpoint, which does not run yet, and what is known of it already."""
        from oaicheck.reference import ReferenceEndpoint, Settings

        settings = Settings()
        try:
            target = Target(
                base_url="",
                model=settings.models[0],
                key=settings.api_key,
                expired_key=settings.expired_key,
                scopeless_key=settings.scopeless_key,
                limits=resolve_limits(self.options, os.environ, Path.cwd()),
                embedded=True,
            )
            faults = tuple(self.options.get("fault") or ())
            numbers = itertools.count(self.resumed.first_number) if self.resumed else None
            return ReferenceEndpoint(settings, faults, numbers=numbers), target
        except ValueError as error:
            raise UsageProblem(str(error)) from error

    @contextmanager
    def endpoint(self) -> Iterator[Target]:
        """The endpoint to judge. The embedded one runs while the block does."""
        if self.target is not None:
            yield self.target
            return
        from oaicheck.reference import running

        endpoint, target = self._embedded
        with running(endpoint) as base_url:
            yield replace(target, base_url=base_url)

    def look(self) -> None:
        """Raise UsageProblem if the target or the folder for the report cannot be used.

        It looks only once, sends no request and writes nothing.
        """
        if self._looked:
            return
        planned = bool(self.options.get("plan"))
        if self.replayed is None:
            self._refuse_a_bad_target()
        if not planned:
            _refuse_a_folder(self.options.get("report-dir"))
        if self.replayed is None and self.target is not None and not planned:
            refuse_a_closed_port(self.target)
        self._looked = True

    def _refuse_a_bad_target(self) -> None:
        if self.target is None:
            _ = self._embedded
        elif self.options.get("fault"):
            raise UsageProblem(
                "--fault only works with the embedded endpoint: leave out --endpoint"
            )
        if self.resumed is not None:
            self.resumed.refuse_another_target(self.target)


def _refuse_a_folder(named: str | None) -> None:
    """Raise UsageProblem if a folder already has a report, or cannot be made or written to."""
    folder = Path(named or "reports")
    if named and (folder / RECORDING).exists():
        raise UsageProblem(
            f"{folder} already contains a report, and oaicheck never overwrites one: "
            "name another --report-dir"
        )
    existing = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    if not existing.is_dir():
        raise UsageProblem(f"{existing} is not a folder: name another --report-dir")
    if not os.access(existing, os.W_OK):
        raise UsageProblem(f"{existing} cannot be written to: name another --report-dir")
