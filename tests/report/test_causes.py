"""What is broken, by cause: observations with their counts, what else breaks, and what follows."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from oaicheck.report.causes import causes, observations, to_fix_first
from oaicheck.report.html.fragment import fragment
from oaicheck.report.machine.json_report import to_json
from oaicheck.report.machine.sarif import sarif
from oaicheck.report.run import Run
from oaicheck.report.text.markdown import summary
from oaicheck.report.text.terminal import summary_lines
from oaicheck.rules.requirement import Level
from oaicheck.rules.verdict import Evidence, Finding, Outcome, Result, run_verdict
from oaicheck.verdicts.baseline import Compared, Entry
from oaicheck.verdicts.outcomes import result_of
from support.answers import answer_to, answering
from support.answers import bench as bench_of
from support.inprocess import judges_of, scenarios
from support.sample_run import build_run, rule

UNAUTHORIZED = '{"error":"Unauthorized"}'
NOT_FOUND = '{"detail":"Not Found"}'
ERROR_OBJECT = "errors.body.error-object"


def breach(
    id: str,  # noqa: A002
    scenario: str,
    observed: str,
    *,
    outcome: Outcome = Outcome.FAIL,
    exchange: str = "",
) -> Result:
    place = Evidence(exchange or f"{scenario}#1")
    level = Level.MUST if outcome is Outcome.FAIL else Level.SHOULD
    finding = Finding("this", observed, (place,))
    return Result(id, level, outcome, scenario, f"{id}[{scenario}]", observed, finding)


def run_of(*results: Result, follows: dict[str, tuple[str, ...]] | None = None) -> Run:
    known = {
        result.requirement: replace(
            rule(result.requirement, "It is so.", result.level),
            follows=(follows or {}).get(result.requirement, ()),
        )
        for result in results
    }
    return replace(
        build_run(), results=results, requirements=known, verdict=run_verdict(results), curl={}
    )


def heads(run: Run) -> list[str]:
    return [cause.judged.requirement.id for cause in causes(run)]


def told(run: Run) -> list[tuple[int, str]]:
    """Each observation of the first cause with its count."""
    return [(len(each.results), each.text) for each in causes(run)[0].observations]


def test_each_distinct_observation_is_there_once_with_its_count() -> None:
    run = run_of(
        breach("a.b", "s/1", "error is absent"),
        *(breach("a.b", f"t/{n}", 'error is "No"') for n in range(3)),
    )
    assert told(run) == [(3, 'error is "No"'), (1, "error is absent")]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("HTTP 400, text/html, 12 bytes", "HTTP 400, text/html, 1,300 bytes", True),
        ("HTTP 400, text/html, 12 bytes", "HTTP 404, text/html, 12 bytes", False),
        ("choices[0].delta is null", "choices[1].delta is null", True),
        ("the stream ends with event 61", "the stream ends with event 7", True),
        ("none among 12 events", "none among 3 events", True),
        ("created is 1", "created is 2", False),
        ('error.code is "400"', 'error.code is "404"', False),
    ],
)
def test_sizes_and_indexes_do_not_tell_observations_apart(
    one: str, other: str, alike: bool
) -> None:
    run = run_of(breach("a.b", "s/1", one), breach("a.b", "s/2", other))
    assert (len(told(run)) == 1) is alike


def test_what_two_requirements_observe_in_one_response_is_one_cause() -> None:
    run = run_of(
        breach("a.b", "s/1", "id is 5"),
        breach("a.b", "s/2", "id is 5"),
        breach("a.c", "s/1", "id is 5", outcome=Outcome.WARN),
        breach("a.d", "s/9", "id is 5", outcome=Outcome.WARN),
    )
    first, other = causes(run)
    assert [each.requirement.id for each in first.others] == ["a.c"]
    assert (first.checks, other.judged.requirement.id) == (3, "a.d")


def test_a_requirement_that_observes_something_else_too_stands_alone() -> None:
    run = run_of(
        breach("a.b", "s/1", "id is 5"),
        breach("a.b", "s/2", "id is 5"),
        breach("a.c", "s/1", "id is 5"),
        breach("a.c", "s/2", "id is null"),
    )
    assert len(causes(run)) == 2


def test_server_errors_are_one_cause_wherever_they_come() -> None:
    run = run_of(
        breach("a.b", "s/1", "HTTP 500, text/html, 5 bytes"),
        breach("a.b", "s/2", "HTTP 500, text/html, 5 bytes"),
        breach("a.c", "t/1", "HTTP 500, text/html, 7 bytes"),
        breach("a.d", "t/2", "HTTP 404, text/html, 7 bytes"),
    )
    assert heads(run) == ["a.b", "a.d"]


def test_a_must_comes_first_then_what_breaks_most_clients_then_most_checks() -> None:
    run = run_of(
        breach("z.warned", "s/1", "a", outcome=Outcome.WARN),
        breach("a.once", "s/1", "b"),
        breach("b.twice", "s/1", "c"),
        breach("b.twice", "s/2", "c"),
        breach("chat.chunk.choices", "s/1", "d"),
    )
    assert causes(run)[0].clients
    assert heads(run) == ["chat.chunk.choices", "b.twice", "a.once", "z.warned"]


def test_a_consequence_comes_after_its_cause() -> None:
    several = [breach("a.consequence", f"s/{n}", "b") for n in range(5)]
    run = run_of(
        *several,
        breach("b.cause", "s/1", "a", outcome=Outcome.WARN),
        breach("c.other", "s/1", "c"),
        follows={"a.consequence": ("b.cause",)},
    )
    assert heads(run) == ["b.cause", "a.consequence", "c.other"]


def test_what_follows_is_counted_with_its_cause() -> None:
    follower = Result(
        "a.c", Level.MUST, Outcome.NOT_APPLICABLE, "s/1", "n", "follows from a.b", follows="a.b"
    )
    run = run_of(breach("a.b", "s/1", "x"), breach("a.d", "s/1", "y"), follower)
    cause = causes(run)[0]
    assert (cause.following, cause.consequences) == ((follower,), ("a.c",))
    lines = [text for text, _ in summary_lines(run)]
    assert "  1         MUST  a.b: 1 check fails; 1 more check follows" in lines
    assert "  follows   1 check is not applicable: a.c" in lines
    assert "1 check is not applicable: a.c" in summary(run)
    assert "1 check is not applicable: a.c" in fragment(run)
    assert to_json(run)["results"][2]["follows"] == "a.b"


def test_at_most_five_causes_are_to_be_fixed_first_and_one_alone_is_no_list() -> None:
    many = run_of(*(breach(f"a.b{n}", "s/1", f"x{n}") for n in range(7)))
    assert len(to_fix_first(many)) == 5
    assert not to_fix_first(run_of(breach("a.b", "s/1", "x")))
    known = {("a.b0", "s/1"): Entry("a.b0", "s/1")}
    excused = replace(many, baseline=Compared("known.json", known, ()))
    assert "a.b0" not in [cause.judged.requirement.id for cause in to_fix_first(excused)]
    assert heads(excused)[-1] == "a.b0"


def test_what_is_known_is_not_counted_with_what_is_new() -> None:
    run = run_of(breach("a.b", "s/1", "x"), breach("a.b", "s/2", "x"))
    known = {("a.b", "s/1"): Entry("a.b", "s/1")}
    excused = replace(run, baseline=Compared("known.json", known, ()))
    found = observations(excused, excused.results)
    assert [[each.scenario for each in one.results] for one in found] == [["s/2"], ["s/1"]]


def like_vllm() -> Run:
    """Of an endpoint that answers wrong keys as vLLM does, and unknown paths as FastAPI does."""
    bodies = {
        **dict.fromkeys(
            ("auth/missing-key", "auth/wrong-key", "auth/truncated-key"), (401, UNAUTHORIZED)
        ),
        **dict.fromkeys(("unknown/path", "unknown/path-get"), (404, NOT_FOUND)),
    }
    exchanges = [
        answering(answer_to(name), status, body, "application/json")
        for name, (status, body) in bodies.items()
    ]
    judges = judges_of(bench_of(*exchanges), "errors.body.*")
    results = tuple(
        result_of(
            judges.judge(each.requirement.id, scenarios()[name]),
            each.requirement,
            each.level,
            name,
            f"{each.requirement.id}[{name}]",
            (f"{name}#1",),
        )
        for each in judges.judges.values()
        for name in sorted(each.scenarios)
    )
    return replace(
        build_run(),
        results=results,
        requirements={id: each.requirement for id, each in judges.judges.items()},  # noqa: A001
        verdict=run_verdict(results),
        curl={},
    )


def test_errors_like_those_of_vllm_are_one_cause_with_both_bodies() -> None:
    run = like_vllm()
    assert heads(run) == [ERROR_OBJECT]
    assert told(run) == [
        (3, 'error is "Unauthorized"'),
        (2, 'error is absent; the body has "detail"'),
    ]
    assert {"errors.body.message", "errors.body.type", "errors.body.code"} <= set(
        causes(run)[0].consequences
    )
    lines = "\n".join(text for text, _ in summary_lines(run))
    assert lines.count("FAIL  MUST") == 1
    for text in (lines, summary(run)):
        assert 'error is "Unauthorized"' in text
        assert 'error is absent; the body has "detail"' in text
    results = sarif(run)["runs"][0]["results"]
    assert [(each["ruleId"], each["occurrenceCount"]) for each in results] == [
        (ERROR_OBJECT, 3),
        (ERROR_OBJECT, 2),
    ]
    assert "error is &quot;Unauthorized&quot;" in fragment(run)
    assert json.dumps(to_json(run)).count('"outcome": "fail"') == 6
