"""What an endpoint tells of its context window, in its list of models or in a refusal."""

from dataclasses import replace
from typing import Any

import pytest

from oaicheck.views.context_window import (
    has_read_everything,
    least_prompt_tokens,
    tells_an_overflow,
    told_context_length,
)
from oaicheck.wire.exchange import Ending, Exchange
from support.views import events, exchange, of

OF_LLAMA = {"code": 400, "message": "no", "n_prompt_tokens": 9000, "n_ctx": 4096}


def listing(*entries: Any) -> Exchange:
    return of({"data": list(entries)}, scenario="models/list")


def refusing(error: Any, status: int = 400) -> Exchange:
    refusal = of({"error": error}, status, scenario="limits/over-limit")
    url = "http://endpoint.test/v1/chat/completions?version=1"
    return replace(refusal, request=replace(refusal.request, url=url))


@pytest.mark.parametrize(
    ("members", "length"),
    [
        ({"max_model_len": 8192}, 8192),
        ({"context_length": 131072, "top_provider": {"context_length": 32768}}, 32768),
        ({"context_window": 131072, "max_completion_tokens": 8192}, 131072),
        ({"max_context_length": 32768, "loaded_context_length": 4096}, 4096),
        ({"meta": {"n_ctx_train": 131072, "n_ctx": 2048}}, 2048),
        ({"model_info": {"max_input_tokens": 200000}}, 200000),
        ({"max_model_len": None, "context_length": True, "n_ctx": 0, "context_window": "8k"}, None),
        ({"max_model_len": -1, "meta": "n_ctx"}, None),
        ({}, None),
    ],
)
def test_a_model_tells_its_context_length(members: Any, length: int | None) -> None:
    other = {"id": "other", "max_model_len": 7}
    entry = {"id": "m", **members}
    assert told_context_length([listing(entry, other)], "m") == length
    assert told_context_length([of(entry, scenario="models/retrieve")], "m") == length


def test_the_only_model_counts_under_another_name_too() -> None:
    one, two = {"id": "a", "max_model_len": 9}, {"id": "b", "max_model_len": 8}
    assert told_context_length([listing(one)], "m") == 9
    assert told_context_length([listing(one, two)], "m") is None
    assert told_context_length([replace(listing(one), status=404)], "m") is None
    assert told_context_length([replace(listing(one), scenario="chat/whole/text")], "m") is None


@pytest.mark.parametrize(
    ("error", "length"),
    [
        ({"message": "This model's maximum context length is 8,192 tokens. You used 9."}, 8192),
        ({"message": "Requested tokens (2065) exceed context window of 1800"}, 1800),
        ({"message": "Prompt contains 40000 tokens, but 32768 maximum context length"}, 32768),
        ({"message": "it exceeds the available context size (4096 tokens)"}, 4096),
        (OF_LLAMA, 4096),
        ({"message": "max_tokens is too large: 10000000"}, None),
        ({"message": "try a larger context size, the prompt has 14429"}, None),
        ({"message": f"context length is {'9' * 6000}"}, 9_999_999_999_999),
    ],
)
def test_a_refusal_tells_it_too(error: Any, length: int | None) -> None:
    assert told_context_length([refusing(error)], "m") == length
    assert told_context_length([refusing(error, 429)], "m") is None


def test_the_smallest_counts_if_several_are_told() -> None:
    listed = listing({"id": "m", "meta": {"n_ctx_train": 131072}})
    assert told_context_length([listed, refusing(OF_LLAMA)], "m") == 4096
    assert told_context_length([], "m") is None


def test_an_overflow_is_told_whatever_the_status() -> None:
    error = {"message": "no", "code": "context_length_exceeded"}
    for status in (200, 400, 500):
        assert tells_an_overflow(of({"error": error}, status))
    assert tells_an_overflow(of({"message": "no"}, 413))
    assert tells_an_overflow(events({"error": error}).exchange)
    assert not tells_an_overflow(events({"error": {"message": "no"}}).exchange)
    assert not tells_an_overflow(of({"error": {"message": "no"}}, 400))
    assert not tells_an_overflow(of({"choices": []}))
    assert not tells_an_overflow(exchange(status=None, ending=Ending.NO_FIRST_BYTE))


def test_a_prompt_is_read_as_a_whole_if_usage_counts_enough_of_it() -> None:
    asked = "a " * 8000
    least = least_prompt_tokens(of({}, asked=asked))
    assert least == 1000
    whole = {"usage": {"prompt_tokens": least}}
    assert has_read_everything(of(whole, asked=asked))
    assert not has_read_everything(of(whole, 400, asked=asked))
    assert not has_read_everything(of({"usage": {"prompt_tokens": least - 1}}, asked=asked))
    assert not has_read_everything(of({}, asked=asked))
