"""Log probabilities that are missing, and beside which content; that are empty, or too many."""

from typing import Any

import pytest

from oaicheck.rules.verdict import Outcome
from support.answers import answer_to, changed, finding, outcome, saying, streaming


def test_missing_log_probabilities_are_missing_beside_content() -> None:
    said = streaming("chat/stream/logprobs", *saying("", "Simulated ", "text", logprobs=None))
    found = finding("chat.logprobs.present", said)
    assert found.observed == 'choices[0].logprobs is null beside content "Simulated "'
    assert found.evidence[0].event == 3


def test_a_long_content_beside_no_log_probabilities_is_shortened() -> None:
    said = streaming("chat/stream/logprobs", *saying("long " * 40))
    assert finding("chat.logprobs.present", said).observed == (
        f'choices[0].logprobs is absent beside content "{"long " * 8}…"'
    )


@pytest.mark.parametrize("rule", ["join", "counted", "top-own"])
def test_entries_without_a_token_are_a_defect_that_is_told_once(rule: str) -> None:
    for missing in ("logprobs-token-missing", "logprobs-token-number"):
        said = answer_to("chat/stream/logprobs", missing)
        assert outcome(f"chat.logprobs.{rule}", said) is Outcome.NOT_APPLICABLE
        assert outcome("chat.logprobs.token", said) is Outcome.FAIL


def token(text: str, data: list[int] | None = None) -> dict[str, Any]:
    return {"token": text, "logprob": -0.1, "bytes": data, "top_logprobs": []}


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        ([token("", [240, 159]), token("", [166, 156]), token("!")], Outcome.PASS),
        ([token("", []), token("!")], Outcome.WARN),
        ([token(""), token("!")], Outcome.WARN),
        ([token("!"), token("", [])], Outcome.PASS),
    ],
)
def test_no_token_is_empty(tokens: list[dict[str, Any]], expected: Outcome) -> None:
    message = {"role": "assistant", "content": "!"}
    choice = {"index": 0, "message": message, "logprobs": {"content": tokens}}
    answered = changed(answer_to("chat/whole/logprobs"), choices=[choice])
    assert outcome("chat.logprobs.token-not-empty", answered) is expected


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        (["Hello", "!", "<|im_end|>"], Outcome.PASS),
        (["Hm", ".", "Hello", "!"], Outcome.WARN),
    ],
)
def test_tokens_of_a_short_reasoning_are_no_part_of_the_content(
    tokens: list[str], expected: Outcome
) -> None:
    message = {"role": "assistant", "content": "Hello!", "reasoning_content": "Hm."}
    choice = {"index": 0, "message": message, "logprobs": {"content": list(map(token, tokens))}}
    answered = changed(answer_to("chat/whole/logprobs"), choices=[choice])
    assert outcome("chat.logprobs.join", answered) is expected


@pytest.mark.parametrize("member", ["content", "reasoning_content"])
def test_reasoning_may_have_log_probabilities_of_its_own_in_a_stream(member: str) -> None:
    pieces = [(member, "Hm."), ("content", "Hello"), ("content", "!")]
    chunks = [
        {"index": 0, "delta": {name: text}, "logprobs": {"content": [token(text)]}}
        for name, text in pieces
    ]
    stream = streaming("chat/stream/logprobs", *({"choices": [chunk]} for chunk in chunks))
    assert outcome("chat.logprobs.join", stream) is Outcome.PASS


@pytest.mark.parametrize(("reason", "expected"), [("length", Outcome.PASS), ("stop", Outcome.WARN)])
def test_a_character_that_the_limit_cut_is_not_compared(reason: str, expected: Outcome) -> None:
    tokens = [token("Hi"), token("\N{REPLACEMENT CHARACTER}", [240, 159])]
    message = {"role": "assistant", "content": "Hi\N{REPLACEMENT CHARACTER}"}
    choice = {"message": message, "logprobs": {"content": tokens}, "finish_reason": reason}
    answered = changed(answer_to("chat/whole/logprobs"), choices=[choice])
    assert outcome("chat.logprobs.join", answered) is expected
