"""One defect is told once: what follows from it is not applicable, and says from what."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from oaicheck.resources import locate
from oaicheck.rules import told
from oaicheck.rules.judging import Inconclusive, NotApplicable
from oaicheck.rules.verdict import Outcome
from oaicheck.verdicts.following import Follows, Judges
from oaicheck.verdicts.outcomes import result_of
from oaicheck.wire.exchange import Exchange
from support.answers import answer_to, answering
from support.answers import bench as bench_of
from support.inprocess import judges_of, requirements, scenarios, scenarios_of

PACKAGE = Path(told.__file__).parent.parent
REFUSAL = "auth/wrong-key"
STREAM = "chat/stream/text"


def answered(scenario: str, status: int, body: Any) -> Exchange:
    return answering(answer_to(scenario), status, json.dumps(body), "application/json")


def judges(*exchanges: Exchange) -> Judges:
    return judges_of(bench_of(*exchanges))


def told_of(requirement: str, scenario: str, *exchanges: Exchange) -> str | None:
    """What is said of a requirement; None if it is met."""
    raised = judges(*exchanges).judge(requirement, scenarios()[scenario])
    return None if raised is None else f"{type(raised).__name__}: {raised}"


def broken(*exchanges: Exchange) -> set[str]:
    """The ids of the requirements that break."""
    known = judges(*exchanges)
    return {
        id
        for id, each in known.judges.items()  # noqa: A001
        for name in each.scenarios
        if type(known.judge(id, scenarios()[name])).__name__ == "Breach"
    }


@pytest.mark.parametrize("body", [{"error": "Unauthorized"}, {"detail": "Not Found"}])
def test_an_error_that_is_no_object_is_told_once(body: dict[str, str]) -> None:
    """As vLLM answers a wrong key, and FastAPI an unknown path."""
    found = broken(answered(REFUSAL, 401, body))
    assert {id for id in found if id.startswith("errors.body.")} == {"errors.body.error-object"}  # noqa: A001
    for member in ("message", "type", "code"):
        assert (
            told_of(f"errors.body.{member}", REFUSAL, answered(REFUSAL, 401, body))
            == "Follows: follows from errors.body.error-object, which failed here"
        )


def test_a_consequence_breaks_where_its_cause_does_not() -> None:
    found = broken(answered(REFUSAL, 401, {"error": {"type": "a", "code": None}}))
    assert "errors.body.message" in found
    assert "errors.body.error-object" not in found


def test_the_first_cause_is_named() -> None:
    """There is no `error` to judge in a page, and no message in it."""
    page = answering(answer_to(REFUSAL), 401, "<html>", "text/html")
    for consequence in ("errors.body.error-object", "errors.body.message"):
        said = told_of(consequence, REFUSAL, page)
        assert said is not None
        assert said.startswith("Follows: follows from errors.body.is-json, which failed here: ")


def test_a_missing_answer_follows_from_its_status() -> None:
    assert told_of("chat.chunk.id", STREAM, answered(STREAM, 500, {})) == (
        "Follows: follows from chat.framing.status, which failed here: "
        "there is no stream to judge: HTTP 500, application/json, 2 bytes"
    )


def test_a_server_error_that_is_told_elsewhere_is_told_once() -> None:
    scenario = "chat/tools/history/round-trip"
    failed = answered(scenario, 500, {})
    alone = told_of("chat.tool-history.own-id", scenario, failed)
    assert alone is not None
    assert alone.startswith("Unserved: ")
    beside = told_of(
        "chat.tool-history.own-id", scenario, failed, answered("chat/whole/text", 500, {})
    )
    assert beside is not None
    assert beside.startswith(
        "Follows: follows from chat.completion.status, which failed on chat/whole/text: "
    )


def test_a_refusal_elsewhere_excuses_nothing() -> None:
    scenario = "chat/tools/history/round-trip"
    said = told_of(
        "chat.tool-history.own-id",
        scenario,
        answered(scenario, 400, {}),
        answered("chat/whole/text", 400, {}),
    )
    assert said is not None
    assert said.startswith("Unserved: ")


def test_a_defect_that_is_told_of_other_scenarios_alone_is_told_once() -> None:
    """No requirement on the error body looks at `chat/either/image`, but its breach shows there."""
    image = answered("chat/either/image", 400, {"error": "no images"})
    rule = "chat.messages.refusal-explained"
    assert rule in broken(image)
    assert rule not in broken(image, answered(REFUSAL, 401, {"error": "Unauthorized"}))
    whole = answered("chat/either/image", 400, {"error": {"message": ""}})
    assert rule in broken(whole, answered(REFUSAL, 401, {"error": "Unauthorized"}))


def test_a_warning_does_not_excuse_a_broken_must() -> None:
    known = judges(answered(REFUSAL, 401, {"error": "Unauthorized"}))
    cause = known.judges["errors.body.error-object"]
    known.judges[cause.requirement.id] = replace(cause, level=told_level())
    said = known.judge("errors.body.message", scenarios()[REFUSAL])
    assert type(said).__name__ == "Breach"
    said = known.judge("errors.body.type", scenarios()[REFUSAL])
    assert isinstance(said, Follows)
    assert str(said) == "follows from errors.body.error-object, which warned here"


def told_level() -> Any:
    return requirements()["errors.body.type"].level


def test_a_cause_that_the_run_does_not_judge_excuses_nothing() -> None:
    known = judges(answered(REFUSAL, 401, {"error": "Unauthorized"}))
    del known.judges["errors.body.error-object"]
    said = known.judge("errors.body.message", scenarios()[REFUSAL])
    assert type(said).__name__ == "Breach"


def test_what_is_met_does_not_follow() -> None:
    assert (
        told_of("errors.body.type-kind", REFUSAL, answered(REFUSAL, 401, {"error": "Unauthorized"}))
        is None
    )


def test_a_result_names_its_cause() -> None:
    rule = requirements()["errors.body.message"]
    result = result_of(Follows("errors.body.error-object", "why"), rule, rule.level, "s", "n", ())
    assert (result.outcome, result.follows) == (
        Outcome.NOT_APPLICABLE,
        "errors.body.error-object",
    )
    other = result_of(NotApplicable("why"), rule, rule.level, "s", "n", ())
    assert other.follows == ""


def test_every_cause_is_a_requirement_that_is_judged_where_its_consequence_is() -> None:
    for rule in requirements().values():
        for cause in rule.follows:
            assert cause in requirements(), f"{rule.id} follows {cause}"
            shared = {*scenarios_of(rule), rule.against} & {*scenarios_of(requirements()[cause])}
            about_errors = cause.startswith("errors.body.")
            assert shared or about_errors, f"{rule.id} and {cause} share no scenario"


def test_no_requirement_follows_from_itself() -> None:
    def above(id: str, trail: tuple[str, ...]) -> Iterator[str]:  # noqa: A002
        assert id not in trail, " → ".join([*trail, id])
        for cause in requirements()[id].follows:
            yield cause
            yield from above(cause, (*trail, id))

    for rule in requirements():
        assert rule not in set(above(rule, ()))


def test_what_tells_a_reason_is_a_requirement() -> None:
    named = set()
    for path in [*PACKAGE.rglob("*.py"), *locate("suites").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "told_by":
                constants = [n.value for n in ast.walk(node) if isinstance(n, ast.Constant)]
                named |= {value for value in constants if isinstance(value, str)}
    named |= {id for name, ids in vars(told).items() if name.startswith("NO_") for id in ids}  # noqa: A001
    assert len(named) > 50
    assert named <= set(requirements())


def test_a_reason_alone_is_inconclusive() -> None:
    assert Inconclusive("why").told_by == ()


def test_nothing_is_undecided_where_a_server_error_is_told() -> None:
    """On whatever scenario a request ends with one: if a requirement breaks, the rest follows."""
    error = {"error": {"message": "boom", "type": "server_error", "param": None, "code": None}}
    for name, scenario in scenarios().items():
        if len(scenario.turns) > 1 or scenario.overflows:
            continue
        known = judges(answered(name, 500, error))
        raised = {
            id: known.judge(id, scenario)
            for id, each in known.judges.items()  # noqa: A001
            if name in each.scenarios and each.requirement.against is None
        }
        if any(type(each).__name__ == "Breach" for each in raised.values()):
            undecided = {
                id: str(each)
                for id, each in raised.items()  # noqa: A001
                if isinstance(each, Inconclusive)
            }
            assert not undecided, name
