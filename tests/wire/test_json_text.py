"""JSON texts: what counts as JSON, numbers of any size, and how values are written again."""

import json
import pickle
from typing import Any

import jsonschema
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from oaicheck.wire.exchange import Ending, Exchange, Located, Request
from oaicheck.wire.huge_number import HugeNumber
from oaicheck.wire.json_text import (
    DEEPEST,
    Parsed,
    json_text,
    nests_too_deeply,
    parse_json,
    shown,
    value_at,
)

LONG = "9" * 10_000
NOT_A_NUMBER = float("nan")
"""What arithmetic with infinities may give; no JSON text is one."""
DIGITS = st.integers(301, 700).flatmap(lambda count: st.integers(10**count, 10 ** (count + 1)))
HUGE = st.one_of(DIGITS, DIGITS.map(lambda number: -number))


def parsed(text: str) -> Any:
    found = parse_json(text)
    assert found is not None
    return found.value


def located(text: str) -> Located:
    request = Request("GET", "http://server.example/v1", (), b"")
    exchange = Exchange("a", 1, 1, request, 200, "", (), (), Ending.COMPLETE)
    return Located(parsed(text), (), exchange)


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", "-Infinity", '{"a": NaN}', "\ufeff1", "01"])
def test_what_python_reads_beyond_the_grammar_is_not_json(text: str) -> None:
    assert parse_json(text) is None
    assert parse_json(text.encode()) is None


def test_bytes_have_to_be_utf_8() -> None:
    assert parse_json(b'"\xff"') is None
    assert parse_json(b'"\xc3\xa9"') == Parsed("é")


@pytest.mark.parametrize("text", ["9" * 300, "-" + "9" * 299, "1e308", "-0", "1E-400", "0e999999"])
def test_an_ordinary_number_is_a_python_number(text: str) -> None:
    assert parsed(text) == json.loads(text)
    assert type(parsed(text)) in (int, float)


@pytest.mark.parametrize(
    ("text", "integer"),
    [
        ("9" * 301, True),
        ("-" + LONG, True),
        ("1e400", False),
        ("-1E+400", False),
        ("1" * 400 + ".5", False),
        ("1e" + LONG, False),
    ],
)
def test_a_number_that_python_cannot_hold_keeps_its_text(text: str, integer: bool) -> None:
    for whole in (text, f'{{"a":[{text}]}}', f'["{"x" * 500}", {text}]'):
        assert json_text(parsed(whole), (",", ":")) == whole.replace(", ", ",")
    number = located(text)
    assert number.is_number
    assert number.is_integer is integer
    assert isinstance(number.value, HugeNumber)
    assert (number.value > 0) is not text.startswith("-")
    assert pickle.loads(pickle.dumps(number.value)).text == text


def test_a_huge_number_is_shown_shortened() -> None:
    assert shown(parsed(LONG)) == "9" * 40 + "… (10000 characters)"
    assert shown(parsed("1e400")) == "1e400"
    assert shown(parsed('{"a": 1e400}')) == '{"a": 1e400}'
    assert shown(parsed(f"[{LONG}]")) == "[" + "9" * 159 + "… (10002 characters)"
    assert f"{parsed(LONG)}" == shown(parsed(LONG))
    assert f"{parsed('1e400'):.1f}" == "inf"


@given(HUGE, HUGE)
def test_integers_are_compared_added_and_subtracted_exactly(one: int, other: int) -> None:
    left, right = parsed(str(one)), parsed(str(other))
    for value, wanted in ((right, other), (7, 7), (-1.5, -1.5), (10**299, 10**299)):
        assert (left < value, left <= value) == (one < wanted, one <= wanted)
        assert (left > value, left >= value) == (one > wanted, one >= wanted)
        assert (left == value, left != value) == (one == wanted, one != wanted)
    assert left == parsed(str(one))
    assert hash(left) == hash(one)
    for result, wanted in (
        (left + right, one + other),
        (left - right, one - other),
        (left + 5, one + 5),
        (5 + left, 5 + one),
        (left - 5, one - 5),
        (5 - left, 5 - one),
    ):
        assert json_text(result) == str(wanted)


@pytest.mark.parametrize("text", ["1e400", "-1e400", LONG, "1e" + LONG, "-1e" + LONG])
def test_arithmetic_with_a_huge_number_never_raises(text: str) -> None:
    number = parsed(text)
    for other in (0, 1, -2.5, float("inf"), NOT_A_NUMBER, True, number, parsed("1e401")):
        for result in (number + other, other - number, number * other, abs(number), -number):
            assert isinstance(result, int | float)
        assert (number < other) in (True, False)
        assert (other == number) in (True, False)
    assert number != "text"
    assert not number < NOT_A_NUMBER
    assert number != NOT_A_NUMBER
    assert max([1, number, 2]) in (number, 2)
    assert {number: 1}[parsed(text)] == 1


def test_a_schema_takes_it_for_the_number_that_it_is() -> None:
    whole = jsonschema.Draft202012Validator({"type": "integer", "minimum": 0, "multipleOf": 1})
    assert not list(whole.iter_errors(10**200))
    limits = jsonschema.Draft202012Validator({"type": "integer", "minimum": 0})
    assert not list(limits.iter_errors(parsed(LONG)))
    most = jsonschema.Draft202012Validator({"maximum": 10})
    assert [error.validator for error in most.iter_errors(parsed(LONG))] == ["maximum"]


def test_the_last_of_two_members_counts() -> None:
    assert parsed('{"a": 1, "a": 2}') == {"a": 2}


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}"), ('[{"]":', "}]")])
def test_depth_has_one_limit_everywhere(opening: str, closing: str) -> None:
    each = opening.count("[") + opening.count("{")
    for depth in (DEEPEST // each, DEEPEST // each + 1, 100_000):
        text = opening * depth + "1" + closing * depth
        assert nests_too_deeply(text) is (each * depth > DEEPEST)
        assert (parse_json(text) is None) is (each * depth > DEEPEST)


def test_brackets_in_strings_are_no_depth() -> None:
    brackets = json.dumps({'[{"': "[{\\" * 5_000})
    assert parsed(brackets) == json.loads(brackets)


def test_the_deepest_value_can_be_written_and_compared() -> None:
    text = "[" * DEEPEST + "1e400" + "]" * DEEPEST
    assert json_text(parsed(text)) == text
    assert parsed(text) == parsed(text)
    assert shown(parsed(text)) == "[" * 160 + f"… ({len(text)} characters)"


def test_half_a_character_is_escaped() -> None:
    assert json_text(["\ud83d", "😀"]) == '["\\ud83d", "😀"]'
    assert shown("\udc00" * 200).encode("utf-8").endswith(b" (200 characters)")
    assert json.loads(json_text({"\ud800": "\ud800"})) == {"\ud800": "\ud800"}


def test_a_value_within_a_text() -> None:
    assert value_at(f"a {LONG} b", 2) == (parsed(LONG), 2 + len(LONG))
    with pytest.raises(ValueError, match="Expecting value"):
        value_at("a", 0)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
@example(["Infinity", -(10**299), {"Infinity": [1.5, None]}])
def test_ordinary_json_is_read_and_written_as_by_python(value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False)
    assert parse_json(text.encode("utf-8", "surrogatepass")) == Parsed(value)
    assert json_text(value) == text
