"""What the rules about HTTP say of what looks like a defect and is none, and the reverse."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oaicheck.rules.verdict import Outcome
from oaicheck.wire.exchange import Ending, Exchange
from support.answers import answer, answer_to, judged
from support.inprocess import record

ORIGIN = "https://app.example"
_ALLOWED = "Access-Control-Allow-Origin"


def overloaded(*headers: tuple[str, str], status: int = 429) -> Exchange:
    return answer("chat/stream/text", status, {"error": {"message": "Wait."}}, headers=headers)


@pytest.mark.parametrize(
    ("pause", "expected"),
    [
        ("5", Outcome.PASS),
        ("0", Outcome.PASS),
        ("Fri, 31 Dec 1999 23:59:59 GMT", Outcome.PASS),
        ("-1", Outcome.WARN),
        ("0.5", Outcome.WARN),
        ("5s", Outcome.WARN),
        ("", Outcome.WARN),
    ],
)
def test_retry_after(pause: str, expected: Outcome) -> None:
    found = judged("errors.overload.retry-after", answer(), [overloaded(("Retry-After", pause))])
    assert found.outcome is expected


def test_an_overload_need_not_say_how_long() -> None:
    rule = "errors.overload.retry-after"
    assert judged(rule, answer(), [overloaded(status=503)]).outcome is Outcome.PASS
    assert judged(rule, answer(), [overloaded(status=500)]).outcome is Outcome.NOT_APPLICABLE
    assert judged("errors.overload.message", answer()).outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ((), Outcome.PASS),
        ((("content-length", "5"),), Outcome.PASS),
        ((("Transfer-Encoding", "chunked"),), Outcome.PASS),
        ((("Content-Length", "5, 5"),), Outcome.FAIL),
        ((("Content-Length", "5"), ("content-length", "5")), Outcome.FAIL),
        ((("Content-Length", "5"), ("transfer-encoding", "chunked")), Outcome.FAIL),
    ],
)
def test_one_length(headers: tuple[tuple[str, str], ...], expected: Outcome) -> None:
    found = judged("http.headers.one-length", replace(answer(), headers=headers))
    assert found.outcome is expected


@pytest.mark.parametrize(("size", "expected"), [(16_383, Outcome.PASS), (16_384, Outcome.FAIL)])
def test_sixteen_kib_of_headers(size: int, expected: Outcome) -> None:
    found = judged("http.headers.size", answer(headers=(("X-Trace", "a" * (size - 7)),)))
    assert found.outcome is expected


def second_on(connection: str, **members: object) -> dict[str, Outcome]:
    """What is said of a second answer on a connection, by the end of the rule's name."""
    first, second = record(names=["http/keep-alive-stream"]).exchanges
    changed = replace(second, variables={"connection": connection}, **members)  # type: ignore[arg-type]
    rules = ("http.requests.keep-alive", "http.requests.second-complete")
    return {rule.rpartition(".")[2]: judged(rule, changed, [first]).outcome for rule in rules}


def test_a_server_may_close_a_connection() -> None:
    assert second_on("new") == {
        "keep-alive": Outcome.INCONCLUSIVE,
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
    [
        (("*",), Outcome.PASS),
        ((ORIGIN,), Outcome.PASS),
        ((), Outcome.WARN),
        (("*", "*"), Outcome.WARN),
        (("https://else.example",), Outcome.WARN),
    ],
)
def test_an_answer_allows_the_origin_once(allowed: tuple[str, ...], expected: Outcome) -> None:
    headers = tuple((_ALLOWED, value) for value in allowed)
    stream = replace(answer_to("http/origin-stream"), headers=headers)
    rule, preflight = "http.requests.cross-origin", answer_to("http/preflight")
    assert judged(rule, stream, [preflight]).outcome is expected
    refused = replace(preflight, status=405, headers=())
    assert judged(rule, stream, [refused]).outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("rule", "scenario", "status"),
    [
        ("http.requests.accept-json", "http/sdk-headers", 403),
        ("http.requests.chunked-body", "http/chunked-body", 411),
    ],
)
def test_a_refusal_that_another_rule_or_nobody_minds(rule: str, scenario: str, status: int) -> None:
    against = answer_to("chat/stream/text" if "sdk" in scenario else "chat/whole/text")
    refused = answer(scenario, status, {"error": {"message": "No."}})
    assert judged(rule, refused, [against]).outcome is Outcome.NOT_APPLICABLE
    failed = answer(scenario, 500, {"error": {"message": "No."}})
    assert judged(rule, failed, [against]).outcome in (Outcome.FAIL, Outcome.WARN)
