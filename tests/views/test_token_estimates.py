"""Tokens that nobody has counted are estimated by words and bytes."""

from typing import Any

import pytest

from oaicheck.views.token_estimates import input_tokens, output_tokens, text_tokens
from support.views import events, exchange, of

USER = {"role": "user", "content": "a b c d e f g h"}
TOOL = {"type": "function", "function": {"name": "f", "parameters": {}}}
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 9000}}


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        ("abcd", 1),
        ("abcde", 2),
        ("a b c", 3),
        ("a " * 1000, 1000),
        (" " * 100, 25),
        ("日本語", 3),
        ("\ud800", 1),
    ],
)
def test_four_bytes_are_a_token_and_a_word_is_at_least_one(text: str, tokens: int) -> None:
    assert text_tokens(text) == tokens


@pytest.mark.parametrize(
    ("body", "tokens"),
    [
        ({"messages": [USER]}, 4 + 1 + 8),
        ({"messages": [USER, USER]}, 2 * 13),
        ({"input": "a b"}, 2),
        ({"input": [USER], "instructions": "a b"}, 13 + 2),
        ({"messages": [USER], "tools": [TOOL]}, 13 + 17),
        ({"messages": [{"role": "user", "content": [IMAGE]}]}, 4 + 1 + 500),
        ({"messages": [USER], "tools": [], "max_tokens": 10**9, "model": "a b c"}, 13),
        ({"messages": 5}, 0),
        (["messages"], 0),
        (None, 0),
    ],
)
def test_what_a_model_reads_of_a_request(body: Any, tokens: int) -> None:
    assert input_tokens(body) == tokens


def test_what_a_response_has() -> None:
    chunks = [{"choices": [{"delta": {"content": word}}]} for word in "abc"]
    assert output_tokens(events(*chunks, {"choices": []}, "[DONE]").exchange) == 3
    message = {"role": "assistant", "content": "a b c d e f"}
    assert output_tokens(of({"id": "x", "choices": [{"message": message}]})) == 3 + 6
    assert output_tokens(exchange(b"no JSON")) == 0
    assert output_tokens(of(["choices"])) == 0
