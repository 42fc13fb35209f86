"""The length and the size of headers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oaicheck.rules.verdict import Outcome
from support.answers import answer, judged


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


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("x-litellm-model-api-base", "http://192.168.3.4:8000/v1", Outcome.WARN),
        ("x-upstream", "vllm-0.inference.svc:8000", Outcome.WARN),
        ("Access-Control-Allow-Origin", "http://localhost:3000", Outcome.PASS),
        ("Via", "1.1 gateway", Outcome.PASS),
        ("X-Served-By", "endpoint.test", Outcome.PASS),
    ],
)
def test_headers_name_no_server_behind_the_endpoint(
    name: str, value: str, expected: Outcome
) -> None:
    found = judged("http.headers.no-internal-address", answer(headers=((name, value),)))
    assert found.outcome is expected
