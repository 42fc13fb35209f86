"""Keys never reach an output, in whatever form they come back."""

import base64
import hashlib
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oaicheck.wire.secrets import Redactor, echoes, marker

KEY = "sk-live/4f9a+Zq81==mXk02 pLw7"


@pytest.mark.parametrize(
    "form",
    [
        KEY,
        KEY[:20],
        KEY[-16:],
        quote(KEY, safe=""),
        json.dumps(KEY)[1:-1],
        base64.b64encode(KEY.encode()).decode(),
        base64.urlsafe_b64encode(KEY.encode()).decode(),
        base64.b64encode(b"user:" + KEY.encode()).decode(),
        base64.b64encode(b"u:" + KEY.encode()).decode(),
        hashlib.sha256(KEY.encode()).hexdigest(),
    ],
)
def test_every_form_of_a_key_is_removed(form: str) -> None:
    body = f'{{"message": "no such key: {form}."}}'.encode()
    cleaned = Redactor([KEY]).clean(body)
    assert len(cleaned) == len(body)
    assert echoes(cleaned)
    assert not echoes(body)
    longest = max(len(part) for part in _common_parts(cleaned, form.encode()))
    assert longest < 9, cleaned


def _common_parts(text: bytes, form: bytes) -> list[bytes]:
    return [b""] + [
        form[start:end]
        for start in range(len(form))
        for end in range(start + 1, len(form) + 1)
        if form[start:end] in text
    ]


def test_ordinary_text_stays() -> None:
    body = b'{"error": {"message": "Invalid key. Keys begin with sk-live."}}'
    assert Redactor([KEY]).clean(body) == body


def test_placeholder_keys_do_not_spoil_the_body() -> None:
    body = b'{"finish_reason": "stop", "none": null}'
    assert Redactor(["stop", "none", "EMPTY"]).clean(body) == body


def test_a_key_of_many_bytes_is_no_trouble() -> None:
    key = "eyJhbGciOi" + "x9" * 2000
    assert KEY not in Redactor([key, KEY]).clean_text(f"{key} and {KEY}")
    assert Redactor([key]).clean(key.encode()) == marker(len(key))


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_the_length_never_changes(before: bytes, after: bytes) -> None:
    body = before + KEY.encode() + after
    cleaned = Redactor([KEY]).clean(body)
    assert len(cleaned) == len(body)
    assert KEY.encode() not in cleaned
