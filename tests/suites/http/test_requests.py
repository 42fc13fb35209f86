"""Connections that are kept or closed, and what a preflight allows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oaicheck.rules.verdict import Outcome
from oaicheck.wire.exchange import Ending
from support.answers import answer_to, judged, outcome
from support.inprocess import record, verdicts


def second_on(connection: str, **members: object) -> dict[str, Outcome]:
    """What is said of a second answer on a connection, by the end of the rule's name."""
    first, second = record(names=["http/keep-alive-stream"]).exchanges
    changed = replace(second, variables={"connection": connection}, **members)  # type: ignore[arg-type]
    rules = ("http.requests.keep-alive", "http.requests.second-complete")
    return {rule.rpartition(".")[2]: judged(rule, changed, [first]).outcome for rule in rules}


def test_a_server_may_close_a_connection() -> None:
    assert second_on("new") == {
        "keep-alive": Outcome.NOT_APPLICABLE,
        "second-complete": Outcome.NOT_APPLICABLE,
    }
    nothing = {"status": None, "headers": (), "segments": ()}
    assert second_on("kept", ending=Ending.CUT, **nothing) == {
        "keep-alive": Outcome.WARN,
        "second-complete": Outcome.INCONCLUSIVE,
    }
    assert second_on("kept", ending=Ending.NOT_HTTP, **nothing) == {
        "keep-alive": Outcome.WARN,
        "second-complete": Outcome.FAIL,
    }


@pytest.mark.parametrize(
    ("allowed", "expected"),
    [("*, Authorization", Outcome.PASS), ("*", Outcome.WARN), ("Authorization", Outcome.WARN)],
)
def test_a_wildcard_covers_all_headers_but_the_key(allowed: str, expected: Outcome) -> None:
    preflight = replace(
        answer_to("http/preflight"),
        status=204,
        headers=(
            ("Access-Control-Allow-Origin", "*"),
            ("Access-Control-Allow-Headers", allowed),
        ),
    )
    assert outcome("http.requests.preflight-allows", preflight) is expected


def test_who_grants_no_origin_is_not_judged_by_what_else_a_preflight_allows() -> None:
    silent = replace(answer_to("http/preflight"), status=204, headers=())
    assert outcome("http.requests.preflight-allows", silent) is Outcome.NOT_APPLICABLE
    assert outcome("http.requests.preflight", silent) is Outcome.WARN
    granting = replace(silent, headers=(("Access-Control-Allow-Origin", "*"),))
    assert outcome("http.requests.preflight-allows", granting) is Outcome.WARN
    assert outcome("http.requests.preflight", granting) is Outcome.PASS


@pytest.mark.parametrize(
    ("get", "head", "expected"),
    [
        (200, 200, Outcome.PASS),
        (200, 405, Outcome.WARN),
        (500, 200, Outcome.NOT_APPLICABLE),
        (500, 500, Outcome.NOT_APPLICABLE),
    ],
)
def test_head_is_compared_with_a_get_that_is_served(get: int, head: int, expected: Outcome) -> None:
    listed = replace(answer_to("models/list"), status=get)
    asked = replace(answer_to("http/head"), status=head)
    assert outcome("http.requests.head", asked, [listed]) is expected


def after(*members: dict[str, object]) -> dict[str, Outcome]:
    """What is said of requests after clients that left, by the end of the rule's name."""
    recording = record(names=[])
    turns = record(names=["http/hang-up"]).exchanges
    recording.exchanges.extend(
        replace(turn, **changed)  # type: ignore[arg-type]
        for turn, changed in zip(turns, members, strict=False)
    )
    found = verdicts(recording, only="http.requests.after-*")
    return {each.requirement.id.rpartition(".")[2]: each.outcome for each in found}


FAILED = {"status": 500}
UNANSWERED = {"status": None, "ending": Ending.NO_FIRST_BYTE}


def test_the_request_after_a_client_that_left_is_served() -> None:
    both = ("after-hang-up", "after-impatience")
    assert after({}, {}, {}) == dict.fromkeys(both, Outcome.PASS)
    assert after({"ending": Ending.COMPLETE}, {}, {})["after-impatience"] is Outcome.INCONCLUSIVE
    assert after({}, UNANSWERED) == {
        "after-hang-up": Outcome.NOT_APPLICABLE,
        "after-impatience": Outcome.FAIL,
    }
    assert after({}, {}, FAILED) == {
        "after-hang-up": Outcome.FAIL,
        "after-impatience": Outcome.PASS,
    }
    assert after({}) == dict.fromkeys(both, Outcome.INCONCLUSIVE)
    assert after({}, {"status": 400})["after-impatience"] is Outcome.INCONCLUSIVE
