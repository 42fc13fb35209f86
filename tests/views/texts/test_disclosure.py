"""What counts as given away in an error, and what does not."""

from __future__ import annotations

import pytest

from oaicheck.views.texts.disclosure import (
    file_path,
    html_page,
    internal_address,
    key_store,
    stack_trace,
)

URL = "http://127.0.0.1:8000/v1/chat/completions"


@pytest.mark.parametrize(
    "text",
    [
        "Traceback (most recent call last):",
        'boom\n  File "/x.py", line 3, in f',
        "Error\n    at Server.handle (/x/server.js:10:5)",
        "Error\n    at com.example.Api.create(Api.java:42)",
        "goroutine 7 [running]:",
        "thread 'main' panicked at src/main.rs:2",
    ],
)
def test_stack_traces(text: str) -> None:
    assert stack_trace(text)


@pytest.mark.parametrize(
    "text", ["/usr/lib/python3/x.py", "in /app/server.js", "site-packages/vllm", "C:\\srv\\a.dll"]
)
def test_paths_of_files(text: str) -> None:
    assert file_path(text)


@pytest.mark.parametrize(
    "text",
    [
        "upstream 10.0.3.7:8000 refused",
        "192.168.1.4",
        "connect to localhost:9000",
        "http://127.0.0.1:9000/generate",
        "HTTPConnectionPool(host='vllm-7', port=8000)",
        "vllm.models.svc.cluster.local",
    ],
)
def test_internal_addresses(text: str) -> None:
    assert internal_address(text, URL)


@pytest.mark.parametrize("text", ["Key Hash (Token) =d748", "UserKeyTable", 'relation "keys"'])
def test_words_about_the_key_store(text: str) -> None:
    assert key_store(text)


@pytest.mark.parametrize("text", ["<!DOCTYPE html>", "said: <html><body>", "<body class='x'>"])
def test_html_pages(text: str) -> None:
    assert html_page(text)


@pytest.mark.parametrize(
    "text",
    [
        "The model 'x' does not exist.",
        "Invalid type for 'messages[0].content': expected a string, got 3 at line 1, column 12",
        "Unknown request URL: POST /v1/oaicheck/no-such-path.",
        "You are at https://example.com/home/docs/errors#code; see /v1/models.",
        "Nothing at http://127.0.0.1:8000/v1/x",
        "Value must be <= 2.0, at most 10.5, and/or 1.2.3",
        "Incorrect API key provided. You can find your API key in the dashboard.",
        "tool_choice: expected one of auto, none, required",
        "The reason is <unknown>: look at the table of parameters.",
    ],
)
def test_ordinary_messages(text: str) -> None:
    assert not any(find(text) for find in (stack_trace, file_path, key_store, html_page))
    assert internal_address(text, URL) is None


def test_a_hash_is_a_word_about_the_key_store() -> None:
    assert key_store("no row with hash = 9f86d081884c") == "hash = 9f86d081884c"
    assert key_store("a hash of tags") is None


def test_what_is_found_is_shown_without_the_space_around_it() -> None:
    text = "Error: no\n    at run (/srv/app.js:10:5)\n"
    assert stack_trace(text) == "at run (/srv/app.js:10:5)"


def test_the_address_that_was_asked_is_no_secret_with_or_without_its_port() -> None:
    for text in ("at 10.0.0.1 and 10.0.0.1:80", "10.0.0.1"):
        assert internal_address(text, "http://10.0.0.1:80/v1") is None
    assert internal_address("at 10.0.0.1:81", "http://10.0.0.1:80/v1") == "10.0.0.1:81"
