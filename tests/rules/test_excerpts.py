"""What of texts and values a message shows: the place that matters, in the words of JSON."""

from typing import Any

import jsonschema
import pytest

from oaicheck.rules.excerpts import (
    clipped,
    contrasted,
    first_difference,
    index_range,
    json_flaw,
    text_around,
)
from oaicheck.rules.judging import Inconclusive
from oaicheck.views.schema_errors import described, in_one_line
from oaicheck.wire.exchange import Ending, Exchange, Located, Request
from oaicheck.wire.json_text import shown

LONG = "A sentence that is long enough. " * 8


def located(value: Any) -> Located:
    request = Request("GET", "http://server.example/v1", (), b"")
    return Located(value, (), Exchange("a", 1, 1, request, 200, "", (), (), Ending.COMPLETE))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "null"),
        (True, "true"),
        ("it's", '"it\'s"'),
        (["a", None], '["a", null]'),
        ("x" * 200, f'"{"x" * 160}…" (200 characters)'),
    ],
)
def test_a_value_is_shown_as_json(value: Any, words: str) -> None:
    assert shown(value) == words


def test_a_text_is_clipped() -> None:
    assert clipped('{"a": 1}') == '{"a": 1}'
    assert clipped("") == "an empty text"
    assert clipped("x" * 161) == "x" * 160 + "… (161 characters)"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[done]", "[done]"),
        ("", "an empty text"),
        ("[1]", "[1]"),
        ("null", "null"),
        ('\ufeff{"a": 1}', 'a byte order mark before {"a": 1}'),
    ],
)
def test_a_short_text_shows_itself(text: str, words: str) -> None:
    assert json_flaw(text) == words


def test_of_a_long_text_the_place_is_shown_where_it_errs() -> None:
    found = json_flaw(f'{{"text": "{LONG}", "last": nul}}')
    at = len(f'{{"text": "{LONG}", "last": ')
    assert found.startswith(f"invalid JSON at character {at} (Expecting value): ")
    assert found.endswith('", "last":  ⟨here⟩ nul}')
    assert json_flaw(f'{{"text": "{LONG}"}} and more').endswith('long enough. "}  ⟨here⟩ and more')
    deep = json_flaw("[" * 200_000)
    assert deep.startswith("JSON nested deeper than 500 levels, which parsers refuse: [[[")
    assert json_flaw("[NaN, " + "1" * 5_000 + "]").startswith("[NaN, 111")
    assert json_flaw(f'{{"text": "{LONG}", "last": NaN}}').endswith("characters)")


def test_two_long_texts_are_shown_where_they_part() -> None:
    one, other = contrasted(LONG + "One end.", LONG + "Another.")
    assert one.startswith('"…')
    assert one.endswith('enough. One end."')
    assert other.endswith('enough. Another."')
    assert contrasted("a", "b") == ('"a"', '"b"')
    assert contrasted(LONG + "One", None) == (shown(LONG + "One"), "null")
    assert contrasted(LONG, LONG + "More")[1].endswith('enough. More"')
    assert contrasted("b" + LONG, LONG) == (shown("b" + LONG), shown(LONG))


@pytest.mark.parametrize(
    ("one", "other", "path"),
    [
        ({"a": [{"b": 1}, {"b": 2}]}, {"a": [{"b": 1}, {"b": 3}]}, "a[1].b"),
        ({"a": 1}, {"a": 1, "b": None}, "b"),
        ({"a": [1]}, {"a": [1, 2]}, "a"),
        ({"a": 1}, [1], "the body"),
        ({"a": 1}, {"a": 1}, "the body"),
    ],
)
def test_the_first_places_that_differ(one: Any, other: Any, path: str) -> None:
    first, second = first_difference(located(one), located(other))
    assert first.path == second.path == path


SCHEMA = {
    "type": "object",
    "required": ["id", "kind"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": ["string", "null"], "minLength": 1},
        "kind": {"enum": ["a", None]},
        "object": {"const": "thing"},
        "size": {"anyOf": [{"type": "integer"}, {"type": "object", "required": ["unit"]}]},
    },
}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({}, ["$: `id`, `kind` missing"]),
        ({"id": 1, "kind": "a"}, ["$.id: 1, but the schema requires string or null"]),
        ({"id": "", "kind": "a"}, ['$.id: "" violates minLength 1']),
        ({"id": None, "kind": True}, ['$.kind: true, which is not one of "a", null']),
        ({"id": "x", "kind": "a", "object": {}}, ['$.object: {}, but the schema requires "thing"']),
        ({"id": "x", "kind": "a", "more": 1}, ["$: `more` not allowed"]),
        ({"id": "x", "kind": "a", "size": {}}, ["$.size: `unit` missing"]),
        ([], ["$: [], but the schema requires object"]),
    ],
)
def test_schema_errors_are_in_the_words_of_json(value: Any, words: list[str]) -> None:
    assert described(jsonschema.Draft202012Validator(SCHEMA).iter_errors(value)) == words


def test_names_and_paths_of_any_length_are_shortened() -> None:
    validator = jsonschema.Draft202012Validator(SCHEMA)
    fine = {"id": "x", "kind": "a"}
    (many,) = described(validator.iter_errors({**fine, **{f"m{n}": n for n in range(99)}}))
    assert many.endswith("`m8`, `m9` and 89 more not allowed")
    (long,) = described(validator.iter_errors({**fine, "\ud800" + "x" * 9_999: 1}))
    assert long.startswith("$: `\\ud800xxx")
    assert long.endswith("x… (10000 characters)` not allowed")
    texts = jsonschema.Draft202012Validator({"additionalProperties": {"type": "string"}})
    (deep,) = described(texts.iter_errors({"y" * 9_999: 1}))
    assert deep.endswith("… (10001 characters): 1, but the schema requires string")


def test_a_recursive_schema_is_not_followed_to_any_depth() -> None:
    schema = {"items": {"$ref": "#"}, "type": "array"}
    value: Any = []
    for _ in range(400):
        value = [value]
    with pytest.raises(Inconclusive, match="nested too deeply"):
        described(jsonschema.Draft202012Validator(schema).iter_errors(value))


def test_many_errors_are_counted() -> None:
    assert in_one_line(["a", "b", "c"]) == "a; b; c"
    assert in_one_line(["a", "b", "c", "d", "e"]) == "a; b; c; and 2 more"


@pytest.mark.parametrize(
    ("text", "place", "shown"),
    [
        ("abc", 1, "abc"),
        ("a" * 41 + "b", 41, "…" + "a" * 40 + "b"),
        ("a" + "b" * 41, 1, "a" + "b" * 40 + "…"),
        ("a" + "b" * 40, 1, "a" + "b" * 40),
    ],
)
def test_what_stands_around_a_place(text: str, place: int, shown: str) -> None:
    assert text_around(text, place) == shown


def test_one_thing_has_the_number_0() -> None:
    assert [index_range(count) for count in (1, 2, 3)] == [
        "0",
        "an integer from 0 to 1",
        "an integer from 0 to 2",
    ]
