"""Bytes are read as programs read them, and every character is found where it came from."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oaicheck.wire.readings import Digits, Reading, unescaped
from support.spellings import ESCAPES, Spelling


def readings(data: bytes, *, ascii_only: bool = True) -> list[bytes]:
    return [reading.text for reading in unescaped(data, ascii_only=ascii_only)]


@pytest.mark.parametrize(
    ("data", "last"),
    [
        (b"plain", b"plain"),
        (b"one\r\nline", b"oneline"),
        (b"a\0b\0", b"ab"),
        (rb"\/ \" \\ \n \u002B \U002b \U0000002b \u{2B} \x2b", b'/ " \\  + + + + +'),
        (b"%2B %2b %u002b %", b"+ + + %"),
        (b"&plus; &PLUS; &#43; &#043; &#43 &#x2b; &#X2B &amp;", b"+ + + + + + + &"),
        (b"%5Cu002B &amp;plus; %25%32%42 \\u0026#43; %26%2343;", b"+ + + + +"),
        (b"&nosuch; &; &#; \\q \\u12 %4", b"&nosuch; &; &#; \\q \\u12 %4"),
        (b"\\u00e9 %C3%A9 &#233;", b"\\u00e9 %C3%A9 &#233;"),
    ],
)
def test_escapes_are_undone(data: bytes, last: bytes) -> None:
    assert readings(data)[-1] == last


def test_escapes_beyond_ascii_are_undone_on_demand() -> None:
    written = b"\\u00e9 %C3%A9 &#233; &#xe9;"
    assert readings(written, ascii_only=False)[-1] == "é é é é".encode()


def test_each_reading_has_one_layer_less() -> None:
    assert readings(rb"\\u0025%32B") == [
        rb"\\u0025%32B",
        rb"\u0025%32B",
        rb"\u00252B",
        b"%2B",
        b"+",
    ]


def test_there_is_a_last_layer() -> None:
    assert len(readings(b"%" + b"25" * 100)) < 12


@given(
    st.lists(
        st.tuples(st.characters(min_codepoint=33, max_codepoint=126), st.sampled_from(ESCAPES)),
        min_size=1,
        max_size=20,
    )
)
def test_every_character_knows_its_place(written: list[tuple[str, Spelling]]) -> None:
    pieces = [spelling.write(character.encode()) for character, spelling in written]
    data = b"\n".join(pieces)
    for reading in unescaped(data, ascii_only=True):
        places = [place for at in range(len(reading.text)) for place in reading.places(at, at + 1)]
        assert len(places) == len(reading.text)
        assert places == sorted(places)
        for at, (start, end) in enumerate(places):
            # What is at this place reads like this character, perhaps after some more layers.
            assert reading.text[at : at + 1] in readings(data[start:end])


def inside(reading: Reading, data: bytes, part: bytes) -> set[bytes]:
    start = reading.text.find(part)
    return {data[a:b] for a, b in reading.places(start, start + len(part))} if start >= 0 else set()


@pytest.mark.parametrize("before", [b"", b"x", b"xy", b"xyz"])
def test_digits_are_decoded_at_each_alignment(before: bytes) -> None:
    secret = b"a secret of some length"
    for written in (base64.b64encode(secret), secret.hex().encode(), secret.hex().upper().encode()):
        data = b"short " + before + written + b" and again " + before + written + b" end"
        assert inside(Digits(data, len(secret)).decoded(), data, secret) == {written.rstrip(b"=")}


def test_each_run_of_digits_is_read_once() -> None:
    data = b"0123456789abcdef0123 " * 3 + b"0123456789 fedcba9876543210fedc"
    digits = Digits(data, 8)
    assert digits.runs == [b"0123456789abcdef0123", b"fedcba9876543210fedc"]
    assert list(digits.written.places(0, 20)) == [(0, 20), (21, 41), (42, 62)]
    assert Digits(data, 8, known={digits.runs[0]}).runs == digits.runs[1:]
    assert Digits(b"none of them", 8).runs == []
