"""Keys never reach an output, in whatever form they come back, and nothing else disappears."""

import base64
import hashlib
import json
import sys
from collections.abc import Callable
from difflib import SequenceMatcher
from types import FrameType
from urllib.parse import quote

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from oaicheck.wire.secrets import Redactor, echoes, is_placeholder, marker
from support.spellings import CHANGES, CHARSETS, ESCAPES, PACKINGS, Spelling, read, written

KEY = "sk-live/4f9a+Zq81==mXk02 pLw7"
BEFORE, AFTER = b'{"message": "no such key: ', b'"}'

KEYS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=60).filter(
    lambda key: not is_placeholder(key)
)
CHAINS = st.builds(
    lambda change, first, charset, packings, last: (change, *first, charset, *packings, *last),
    st.sampled_from(CHANGES),
    st.lists(st.sampled_from(ESCAPES), max_size=2),
    st.sampled_from(CHARSETS),
    st.lists(st.sampled_from(PACKINGS), max_size=2),
    st.lists(st.sampled_from(ESCAPES), max_size=2),
)
ORDINARY = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40).map(str.encode)


def shared(one: bytes, other: bytes) -> int:
    """The length of the longest part that two texts have in common."""
    return SequenceMatcher(None, one.lower(), other.lower(), autojunk=False).find_longest_match()[2]


def concealed(key: str, form: bytes, before: bytes = BEFORE, after: bytes = AFTER) -> bytes:
    """What is left of a form of the key. Around it, nothing changes."""
    cleaned = Redactor([key]).clean(before + form + after)
    assert len(cleaned) == len(before + form + after)
    assert cleaned.startswith(before)
    assert cleaned.endswith(after)
    assert echoes(cleaned)
    return cleaned[len(before) : len(cleaned) - len(after)]


@pytest.mark.parametrize(
    "form",
    [
        KEY,
        KEY[:20],
        KEY[-16:],
        quote(KEY, safe=""),
        quote(KEY).lower(),
        json.dumps(KEY)[1:-1].replace("/", "\\/"),
        KEY.replace("+", "\\u002B").replace("=", "\\u003d"),
        KEY.replace("+", "&plus;").replace("/", "&#x2F;"),
        KEY.upper(),
        KEY.lower(),
        KEY[::-1],
        KEY.replace(" ", "+"),
        "\n".join(KEY),
        "\0".join(KEY),
        KEY.encode().hex(),
        KEY.encode().hex().upper(),
        base64.b64encode(KEY.encode()).decode(),
        base64.b64encode(KEY.encode()).decode().lower(),
        base64.urlsafe_b64encode(KEY.encode()).decode().upper(),
        base64.b64encode(b"user:" + KEY.encode()).decode(),
        base64.b64encode(b"u:" + KEY.encode()).decode(),
        quote(base64.b64encode(KEY.encode())),
        *(hashlib.new(name, KEY.encode()).hexdigest() for name in ("md5", "sha1", "sha256")),
        hashlib.sha512(KEY.encode()).hexdigest().upper(),
        base64.b64encode(hashlib.sha256(KEY.encode()).digest()).decode(),
    ],
)
def test_every_form_of_a_key_is_removed(form: str) -> None:
    left = concealed(KEY, form.encode())
    assert shared(left, form.encode()) < 9, left
    assert not echoes(BEFORE + form.encode() + AFTER)


@pytest.mark.parametrize("spelling", [*CHANGES, *ESCAPES, *CHARSETS, *PACKINGS], ids=repr)
def test_no_way_of_writing_a_key_gets_through(spelling: Spelling) -> None:
    key = "sk-live/4f9a+Zq81==mXk02&pLw7"
    left = concealed(key, spelling.write(key.encode()))
    assert shared(spelling.read(left), key.encode()) < 4, left


@settings(max_examples=150)
@given(KEYS, CHAINS)
def test_no_combination_of_ways_gets_through(key: str, chain: tuple[Spelling, ...]) -> None:
    form = written(key.encode(), chain)
    assume(len(form) < 20_000)
    left = concealed(key, form)
    assert shared(read(left, chain), key.encode()) < 8, left


@settings(max_examples=50)
@given(KEYS.filter(lambda key: len(key) > 30), st.booleans(), st.sampled_from(ESCAPES))
def test_most_of_a_key_is_a_key(key: str, is_end: bool, spelling: Spelling) -> None:
    part = key[-len(key) * 2 // 3 :] if is_end else key[: len(key) * 2 // 3]
    left = concealed(key, spelling.write(part.encode()))
    assert shared(spelling.read(left), part.encode()) < 8, left


@pytest.mark.parametrize(
    "secret", ["Schlüssel-für-München", "пароль-секрет", "clef-🔑-secrète-été"]
)
def test_a_secret_beyond_ascii(secret: str) -> None:
    utf16 = [secret.encode("utf-16-le"), secret.encode("utf-16-be")]
    for form in (
        *(secret.encode(), secret.upper().encode(), secret[::-1].encode(), *utf16),
        *(
            json.dumps(secret)[1:-1].encode(),
            quote(secret).encode(),
            secret.encode().hex().encode(),
        ),
        "".join(f"&#{ord(each)};" for each in secret).encode(),
    ):
        assert shared(concealed(secret, form), form) < 9
    assert (
        Redactor([secret]).clean_text(f"'{secret}'") == f"'{marker(len(secret.encode())).decode()}'"
    )


@given(ORDINARY, ORDINARY)
def test_what_is_around_a_key_stays(before: bytes, after: bytes) -> None:
    body = before + b" [" + KEY.encode() + b"] " + after
    cleaned = Redactor([KEY]).clean(body)
    assert cleaned == before + b" [" + marker(len(KEY)) + b"] " + after


@given(st.binary(max_size=200))
def test_data_without_a_key_stays(data: bytes) -> None:
    assert Redactor([KEY, "another-key-0815"]).clean(data) == data


@given(
    st.lists(
        st.sampled_from([b"%2", b"%25", b"5", b"\\", b"\\u00", b"2B", b"&", b"&#", b"43;", b"\0"])
        | st.sampled_from([KEY[:11].encode(), KEY[-11:].encode(), b"c2stbGl2ZS80Zjlh", b"736b2d"]),
        max_size=30,
    )
)
def test_halves_of_escapes_and_short_parts_of_a_key_stay(pieces: list[bytes]) -> None:
    data = b" ".join(pieces)
    assert Redactor([KEY]).clean(data) == data


def test_ordinary_text_stays() -> None:
    body = b'{"error": {"message": "Invalid key. Keys begin with sk-live."}}'
    assert Redactor([KEY]).clean(body) == body


def test_placeholder_keys_do_not_spoil_the_body() -> None:
    body = b'{"finish_reason": "stop", "none": null, "owned_by": "lm-studio", "role": "assistant"}'
    keys = ["stop", "none", "EMPTY", "password", "Assistant", "lm-studio", "12345678"]
    assert all(is_placeholder(key) for key in keys)
    assert Redactor(keys).clean(body) == body
    assert not is_placeholder(KEY)


def test_a_key_of_many_bytes_is_no_trouble() -> None:
    key = "eyJhbGciOi" + "x9" * 2000
    assert KEY not in Redactor([key, KEY]).clean_text(f"{key} and {KEY}")
    assert Redactor([key]).clean(key.encode()) == marker(len(key))


def test_a_part_that_ends_within_a_character_leaves_text() -> None:
    secret = "é" * 25
    assert "é" not in Redactor([secret]).clean_text("é" * 13)


@pytest.mark.parametrize("spelling", [CHANGES[0], ESCAPES[2], PACKINGS[2]], ids=repr)
def test_a_key_anywhere_in_a_long_body_is_removed(spelling: Spelling) -> None:
    form = spelling.write(KEY.encode())
    redactor = Redactor([KEY])
    filler = b"one, two and three. " * 50_000
    for place in range(256 * 1024 - len(form), 256 * 1024 + 2048, 97):
        cleaned = redactor.clean(filler[:place] + form + filler[place:])
        left = cleaned[place : place + len(form)]
        assert cleaned == filler[:place] + left + filler[place:]
        assert shared(spelling.read(left), KEY.encode()) < 4, place


@pytest.mark.parametrize("size", [1, 5, 11])
@pytest.mark.parametrize("spelling", [CHANGES[0], ESCAPES[2], ESCAPES[6], PACKINGS[2]], ids=repr)
def test_a_key_that_is_streamed_in_pieces_is_removed(size: int, spelling: Spelling) -> None:
    form = spelling.write(f"The key is {KEY} !".encode()).decode()
    pieces = [form[start : start + size] for start in range(0, len(form), size)]
    events = [
        {"id": "chatcmpl-1", "choices": [{"delta": {"content": piece, "role": "assistant"}}]}
        for piece in pieces
    ]
    body = "".join(f"data: {json.dumps(event)}\n\n" for event in events).encode()
    cleaned = Redactor([KEY]).clean(body)
    assert len(cleaned) == len(body)
    left = [json.loads(line[6:]) for line in cleaned.split(b"\n\n")[:-1]]
    said = "".join(event["choices"][0]["delta"].pop("content") for event in left).encode()
    assert shared(spelling.read(said), KEY.encode()) < 5, said
    for event in events:
        del event["choices"][0]["delta"]["content"]  # type: ignore[index]
    assert left == events


def calls(work: Callable[[], object]) -> int:
    """How many functions are called, of Python's and of ours."""
    count = 0

    def called(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(called)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    "unit",
    [
        *(KEY.encode(), KEY[:15].encode(), quote(KEY).encode(), KEY.encode("utf-16-le")),
        *(b"%2525252541", b"%25", b"\\", b"\\u0041", b"&#65;", b"&amp;", b"&", b"&#0", b"0"),
        *(b'data: {"a":"b"}\n', b'data: "', b'data: "a":"\\"'),
        *(b"QUJD" * 9 + b" ", b"41" * 20 + b" ", base64.b64encode(KEY.encode()) + b" ", b"A"),
    ],
)
def test_the_work_grows_no_faster_than_the_body(unit: bytes) -> None:
    redactor = Redactor([KEY])

    def work(size: int) -> int:
        return calls(lambda: redactor.clean(unit * (size // len(unit))))

    work(100)
    assert work(60_000) < 2.5 * work(30_000) + 1000
