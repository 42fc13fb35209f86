"""No text from an endpoint can act on a terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oaicheck.wire.printable import printable, without_commands


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain \u00fcml\u00e4ut \u4e16\u754c \U0001f469\u200d\U0001f680", None),
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("a\rb\nc\td\0", "a\\rb\\nc\\td\\x00"),
        ("\x9b2J\x7f", "\\x9b2J\\x7f"),
        ("\u202eevil\u2066", "\\u202eevil\\u2066"),
        ("\u2028\ufeff\U000e0041", "\\u2028\\ufeff\\U000e0041"),
        ("\ud83d", "\\ud83d"),
    ],
)
def test_escapes(text: str, shown: str | None) -> None:
    assert printable(text) == (text if shown is None else shown)


def test_line_ends_may_stay() -> None:
    assert printable("a\n\tb\r\n", keep_newlines=True) == "a\n\\tb\\r\n"


@given(st.text(st.characters(codec=None)))
def test_always_one_line_that_can_be_encoded(text: str) -> None:
    assert len(printable(text).splitlines()) <= 1
    printable(text).encode("utf-8")


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("  ::error::no", "  \\x3a:error::no"),
        ("  ##vso[task.complete]", "  \\x23#vso[task.complete]"),
        ("it says ##[group]", "it says \\x23#[group]"),
        ("## A title", "## A title"),
        ("tests/test_a.py::test_b", "tests/test_a.py::test_b"),
    ],
)
def test_no_line_is_a_command_to_a_pipeline(line: str, shown: str) -> None:
    assert without_commands(line) == shown
