"""Refusals: their words, and which of them ask for a pause or name an overflow."""

from typing import Any

import pytest

from oaicheck.views.refusal import Refusal, is_a_refusal, is_rate_limited, ran_out_of_tokens
from support.views import exchange, of


def refused(error: Any, status: int = 400, **other: Any) -> Refusal:
    return Refusal(of({"error": error}, status, **other))


@pytest.mark.parametrize(
    "words",
    [
        *("maximum context length is 5", "Context Window", "context size", "context\nlimit"),
        *("please reduce the length of", "maximum prompt length", "the token limit"),
        *("prompt is too long", "Input is\ntoo large", "message too long", "request is too large"),
        *("too many tokens", "too many input tokens", "too many prompt tokens"),
        *("token count of 9 exceeds it", "exceeds the maximum of 9 tokens"),
        *("exceeds the limit of 9 tokens", "Entity too large"),
    ],
)
def test_clients_know_an_overflow_by_its_words(words: str) -> None:
    assert refused({"message": f"Sorry: {words}."}).is_context_overflow
    assert not refused({"message": "no", "param": words}).is_context_overflow


def test_clients_know_an_overflow_by_status_and_code() -> None:
    assert refused({"message": "no"}, 413).is_context_overflow
    assert refused({"code": "context_length_exceeded"}).is_context_overflow
    assert not refused({"code": "no", "message": ["too many tokens"]}).is_context_overflow
    assert not refused({"message": "context"}).is_context_overflow


def test_the_parts_of_a_refusal() -> None:
    answer = refused({"message": "m", "param": "top_p"}, 422)
    assert (answer.status, answer.message.value, answer.error["param"].value) == (422, "m", "top_p")
    assert answer.names("temperature", "top_p")
    assert not answer.names("top", "temperature", "op_p")
    text = Refusal(exchange(b"no JSON", status=500))
    assert text.body.absent
    assert text.words == "no JSON"


def test_the_words_of_a_refusal_are_those_of_every_string_but_the_model() -> None:
    answer = refused(
        {"message": "a/m is odd", "more": [1, "x", {"y": None}]}, variables={"model": "a/m"}
    )
    assert answer.words == "error\nmessage\n is odd\nmore\nx\ny"
    assert refused("a/m").words == "error\na/m"


@pytest.mark.parametrize(
    ("status", "refuses", "limits"),
    [
        (None, False, False),
        (200, False, False),
        (399, False, False),
        (400, True, False),
        (429, False, True),
        (499, True, False),
        (500, False, False),
        (503, False, True),
    ],
)
def test_what_refuses_and_what_asks_for_a_pause(
    status: int | None, refuses: bool, limits: bool
) -> None:
    assert is_a_refusal(of({}, status=status)) is refuses
    assert is_rate_limited(of({}, status=status)) is limits
    assert not is_rate_limited(of({"message": "request TOO large"}, status=status))


@pytest.mark.parametrize(
    ("said_so", "status", "ran_out"),
    [
        ("could not finish the message", 400, True),
        ("the model output limit was reached", 400, True),
        ("max_tokens is not supported", 400, False),
        ("could not finish the message", 500, False),
    ],
)
def test_a_limit_that_left_nothing(said_so: str, status: int, ran_out: bool) -> None:
    assert ran_out_of_tokens(of({"error": {"message": said_so}}, status=status)) is ran_out
