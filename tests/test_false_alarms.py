"""What was once held against real endpoints, and wrongly."""

import dataclasses
import json
from collections.abc import Iterable

import pytest

from oaicheck.verdict import Outcome
from oaicheck.wire.exchange import Exchange, Segment
from support.inprocess import record, scenarios, verdicts


def outcome(requirement: str, answer: Exchange, others: Iterable[Exchange] = ()) -> Outcome:
    recording = record(names=())
    recording.exchanges.extend((*others, answer))
    (judged,) = [v for v in verdicts(recording, only=requirement) if v.scenario == answer.scenario]
    return judged.outcome


def answer_to(scenario: str) -> Exchange:
    return record(names=[scenario]).exchanges[-1]


def answering(exchange: Exchange, status: int, text: str, media_type: str) -> Exchange:
    return dataclasses.replace(
        exchange,
        status=status,
        headers=(("Content-Type", media_type),),
        segments=(Segment(0.1, text.encode()),),
    )


@pytest.mark.parametrize("status", [408, 504])
def test_a_gateway_that_timed_out_has_refused_nothing(status: int) -> None:
    whole = answer_to("chat/whole/tool-call")
    late = answering(answer_to("chat/tools/whole/many"), status, "{}", "application/json")
    assert outcome("chat.tool-schemas.many", late, [whole]) is Outcome.ERROR


def test_a_crash_is_no_refusal_without_a_message() -> None:
    crash = answering(answer_to("chat/either/odd-characters"), 500, "Oops", "text/plain")
    assert outcome("chat.messages.refusal-explained", crash) is Outcome.INCONCLUSIVE
    assert outcome("chat.messages.characters-no-server-error", crash) is Outcome.FAIL


def test_a_stream_that_broke_off_has_not_ignored_a_tool_choice() -> None:
    text = f"data: {json.dumps({'error': {'message': 'late'}})}\n\n"
    broken = answering(answer_to("chat/stream/tools/named"), 200, text, "text/event-stream")
    assert outcome("chat.tool-choice.named", broken) is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("1 2 3 4", Outcome.PASS),
        ("1 2 3 4 5 ", Outcome.WARN),
        ("1,2,3,4,5,6\n\nThe numbers are 1 through 20, with no more digits.", Outcome.INCONCLUSIVE),
        ("1,2,3,4,5,6,7", Outcome.INCONCLUSIVE),
    ],
)
def test_another_way_to_count_leaks_no_beginning_of_a_stop(written: str, expected: Outcome) -> None:
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "reference-1"}
    choices = (
        {"index": 0, "delta": {"role": "assistant", "content": written}, "finish_reason": None},
        {"index": 0, "delta": {}, "finish_reason": "stop"},
    )
    events = [json.dumps({**chunk, "choices": [choice]}) for choice in choices]
    text = "".join(f"data: {data}\n\n" for data in (*events, "[DONE]"))
    counted = answering(answer_to("chat/stream/stop"), 200, text, "text/event-stream")
    assert outcome("chat.stop.no-beginning", counted) is expected


def test_a_request_that_was_served_was_not_refused_in_a_stream() -> None:
    served = answer_to("responses/stream/text")
    taken = dataclasses.replace(served, scenario="responses/refused/no-input")
    assert outcome("responses.errors.not-a-stream", taken) is Outcome.NOT_APPLICABLE
    assert outcome("responses.errors.no-input", taken) is Outcome.FAIL


@pytest.mark.parametrize(
    ("allowed", "expected"),
    [("*, Authorization", Outcome.PASS), ("*", Outcome.WARN), ("Authorization", Outcome.WARN)],
)
def test_a_wildcard_covers_all_headers_but_the_key(allowed: str, expected: Outcome) -> None:
    preflight = dataclasses.replace(
        answer_to("http/preflight"),
        status=204,
        headers=(
            ("Access-Control-Allow-Origin", "*"),
            ("Access-Control-Allow-Headers", allowed),
        ),
    )
    assert outcome("http.requests.preflight-allows", preflight) is expected


def test_what_is_asked_wrongly_has_no_meaning_of_its_own() -> None:
    """GET on chat completions lists the stored ones, and -1 is some servers' word for no limit."""
    (wrong_method,) = scenarios()["method/put-chat"].turns
    assert wrong_method.method not in ("GET", "POST", "DELETE", "HEAD", "OPTIONS")
    (below_zero,) = scenarios()["limits/negative"].turns
    assert below_zero.body["max_tokens"] < -1
