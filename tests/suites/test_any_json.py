"""Any JSON is judged: no check raises anything but its verdicts, and every report can be written.

The gate tries few examples, always the same. This tries many, and others each time:

    python -m pytest tests/suites/test_any_json.py --hypothesis-profile thorough
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import tempfile
import traceback
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from random import Random
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from oaicheck.clients.tasks import client_scenarios
from oaicheck.contact.models import only_model
from oaicheck.contact.said import what_it_said
from oaicheck.contact.warm_up import EndpointUnusable, warm_up
from oaicheck.engine.from_answers import MissingAnswerError
from oaicheck.engine.overflow import lengths_for, longer
from oaicheck.engine.prepare import prepare
from oaicheck.report.folder import write_folder
from oaicheck.report.html.fragment import document
from oaicheck.report.run import Run
from oaicheck.report.text.terminal import summary_lines
from oaicheck.report.tokens import tokens_of
from oaicheck.rules.verdict import Result, run_verdict
from oaicheck.scenarios.cooperation import SHOWS, cooperated
from oaicheck.scenarios.fuzz import Fuzzing
from oaicheck.scenarios.scenario import Scenario
from oaicheck.target.target import TargetError
from oaicheck.verdicts.outcomes import is_internal, result_of
from oaicheck.wire.printable import printable
from oaicheck.wire.recording import Recording, RecordingWriter, load_recording
from support import opencode
from support.any_json import JSON_TEXTS, NAMES, spoiled, spoiled_text, without
from support.clients import RECORDED, WHOLE
from support.inprocess import (
    Judged,
    capabilities,
    profile,
    record,
    requirements,
    scenarios,
    target_of,
    verdicts,
)
from support.loopback import LIMITS, Call, listening

RUNS = settings(
    max_examples=max(1, settings().max_examples // 50), phases=[Phase.explicit, Phase.generate]
)
"""Few, because each example is a whole run. None is simplified: what is said of a failure names the
answer that caused it."""
FEWER_RUNS = settings(RUNS, max_examples=max(1, settings().max_examples // 100))
"""For what writes as well."""
TEXTS = st.lists(JSON_TEXTS, min_size=5, max_size=30)
SEEDS = st.integers(0, 2**32)
LONGEST_MESSAGE = 2_500
MODEL = "reference-1"
INTERNAL = re.compile(r"Absence|ABSENT|HugeNumber|Located|Parsed\(| object at 0x|\bNone\b")
"""Names of the code, which mean nothing to who reads a message."""


@cache
def known() -> dict[str, Scenario]:
    """Every scenario: the project's, those of real clients, and random ones."""
    return {**scenarios(), **client_scenarios(), **Fuzzing(6).scenarios()}


@cache
def whole() -> Recording:
    """What the reference endpoint answers to all of them, and what real clients got from it."""
    of_clients = load_recording(RECORDED / f"{WHOLE}.jsonl")
    accounts = [each for each in of_clients.exchanges if each.scenario in client_scenarios()]
    sent = record(names=sorted(known().keys() - client_scenarios().keys()), known=known())
    return Recording({**of_clients.facts, **sent.facts}, [*sent.exchanges, *accounts])


@pytest.fixture(scope="module", autouse=True)
def recorded() -> None:
    """Record before the first example, because random scenarios are drawn with Hypothesis too."""
    whole()


def spoiled_run(texts: Sequence[str], seed: int) -> Recording:
    """The same with arbitrary JSON in every answer."""
    random = Random(seed)
    changed = [spoiled(each, texts, random) for each in whole().exchanges]
    return Recording(whole().facts, changed)


def judged(recording: Recording) -> list[Judged]:
    """The outcome of every check; no refusal excuses the endpoint from a capability."""
    asking = replace(profile(), requires=(*capabilities(), "key"))
    return list(verdicts(recording, asking, known=known()))


def told(broken: Judged, recording: Recording) -> str:
    """What went wrong in a check, and the answers that it looked at."""
    assert broken.raised is not None
    where = "".join(traceback.format_tb(broken.raised.__traceback__)[-3:])
    bodies = [each.text[:300] for each in recording.exchanges if each.scenario == broken.scenario]
    head = f"{broken.requirement.id} on {broken.scenario}: {broken.raised!r:.300}"
    return "\n".join([head, where, *bodies])


@RUNS
@given(TEXTS, SEEDS)
def test_no_check_raises_anything_but_its_verdicts(texts: list[str], seed: int) -> None:
    recording = spoiled_run(texts, seed)
    found = judged(recording)
    broken = [told(each, recording) for each in found if is_internal(each.raised)]
    assert not broken, "\n\n".join(broken[:5])
    for each in found:
        assert len(str(each.raised)) < LONGEST_MESSAGE, each.requirement.id
    assert {each.requirement.id for each in found} == set(requirements())


@RUNS
@given(st.sets(st.sampled_from(NAMES), min_size=1, max_size=4), st.booleans())
@example({"token", "bytes"}, False)
def test_no_message_shows_a_name_from_the_code(names: set[str], null: bool) -> None:
    changed = [without(each, names, null=null) for each in whole().exchanges]
    for each in judged(Recording(whole().facts, changed)):
        assert not INTERNAL.search(str(each.raised or "")), (each.requirement.id, each.raised)


@FEWER_RUNS
@given(TEXTS, SEEDS)
def test_every_report_can_be_written(texts: list[str], seed: int) -> None:
    recording = spoiled_run(texts, seed)
    run = run_of(recording, judged(recording))
    with tempfile.TemporaryDirectory() as folder:
        write_folder(run, Path(folder))
        report = json.loads((Path(folder) / "report.json").read_text("utf-8"))
        json.loads((Path(folder) / "oaicheck.sarif").read_text("utf-8"))
        ET.parse(Path(folder) / "junit.xml")
        (Path(folder) / "summary.md").read_text("utf-8")
    assert len(report["results"]) == len(run.results)
    Page(document(run).encode("utf-8").decode("utf-8"))
    for line, _ in summary_lines(run):
        line.encode("utf-8")
        assert line == printable(line)


@FEWER_RUNS
@given(TEXTS, SEEDS)
def test_a_recording_is_read_as_it_was_written(texts: list[str], seed: int) -> None:
    recording = spoiled_run(texts, seed)
    with tempfile.TemporaryDirectory() as folder:
        with RecordingWriter(Path(folder) / "exchanges.jsonl", recording.facts) as writer:
            for exchange in recording.exchanges:
                writer.add(exchange)
        read = load_recording(Path(folder))
    assert read.exchanges == recording.exchanges


@RUNS
@given(TEXTS, SEEDS)
def test_the_engine_goes_on_with_any_answer(texts: list[str], seed: int) -> None:
    recording, random = spoiled_run(texts, seed), Random(seed)
    for exchange in recording.exchanges:
        assert len(what_it_said(exchange)) <= 301
        assert tokens_of(exchange).total >= 0
        longer((1, 2), exchange)
        cooperated(random.choice(list(SHOWS)), [exchange])
    for scenario in known().values():
        lengths = lengths_for(scenario, recording.exchanges, MODEL)
        assert list(lengths) == sorted(lengths)
        prepare_all(scenario, recording)


def prepare_all(scenario: Scenario, recording: Recording) -> None:
    """Make the requests that contain values of earlier answers."""
    answers = [each for each in recording.exchanges if each.scenario == scenario.name]
    for number, turn in enumerate(scenario.turns):
        try:
            request = prepare(
                target_of(MODEL), turn, scenario=scenario.name, answers=answers[:number], overflow=9
            )
        except MissingAnswerError:
            assert number
        else:
            assert len(request.url) < 10_000
            request.url.encode("ascii")


@settings(max_examples=settings().max_examples // 4, phases=[Phase.generate])
@given(st.lists(JSON_TEXTS, min_size=4, max_size=4), st.sampled_from((200, 400, 404, 422)))
def test_the_first_requests_take_any_answer(texts: list[str], status: int) -> None:
    asyncio.run(first_requests(texts, status))


async def first_requests(texts: list[str], status: int) -> None:
    """The warm-up, and the search for the only model: both end as they should, or are refused."""
    answers = iter([*texts, *texts])

    async def handler(call: Call) -> None:
        await call.answer(next(answers, "{}").encode("utf-8", "backslashreplace"), status)

    async with listening(handler) as server:
        target = server.target(limits=replace(LIMITS, retries=0))
        for first in (warm_up(target, lambda _: None), only_model(target)):
            with contextlib.suppress(EndpointUnusable):
                await first


@given(JSON_TEXTS, SEEDS)
def test_a_configuration_with_any_json_is_judged(text: str, seed: int) -> None:
    config = spoiled_text(opencode.EXAMPLE, [text], Random(seed))
    config = config.encode("utf-8", "backslashreplace").decode("utf-8")
    with tempfile.TemporaryDirectory() as folder:
        try:
            recording = opencode.recording(Path(folder), config)
        except TargetError:
            return
    json.dumps(recording.facts).encode("utf-8")
    for each in verdicts(recording, profile("opencode"), "opencode.*"):
        assert not is_internal(each.raised), told(each, recording)


def run_of(recording: Recording, found: Sequence[Judged]) -> Run:
    """The run that a report is made from."""
    results: list[Result] = [
        result_of(
            each.raised,
            each.requirement,
            each.requirement.level,
            each.scenario,
            f"suites/{each.requirement.id}.py::test[{each.scenario}]",
            tuple(one.id for one in recording.exchanges if one.scenario == each.scenario),
        )
        for each in found
    ]
    return Run(
        verdict=run_verdict(results),
        target=recording.facts["target"],
        profile="openai",
        catalogue="2026.2",
        version="0",
        started=1_772_000_000.0,
        duration=1.0,
        selection={"only": [], "skip": [], "not_sent": {}},
        requirements=dict(requirements()),
        results=tuple(results),
        recording=recording,
        curl={},
        gate="must",
        exit_code=1,
    )


class Page(HTMLParser):
    """A page whose data can be read and whose elements are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._open: list[str] = []
        self._data: dict[str, list[str]] = {}
        self._script = ""
        self.feed(text)
        self.close()
        assert not self._open
        assert json.loads("".join(self._data["oaicheck-data"]))

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in ("input", "meta"):
            self._open.append(tag)
        self._script = dict(attrs).get("id", "") if tag == "script" else ""

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._script:
            self._data.setdefault(self._script, []).append(data)
