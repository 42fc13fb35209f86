"""Whole chat answers and streams, in order and odd."""

from typing import Any

import pytest

from oaicheck.views.chat import ToolCallDeltas, requested, token_limit
from oaicheck.wire.exchange import Located
from support.answers import answer
from support.views import call, calling, chunk, completion, events, exchange, speaking


def test_what_a_request_asked_for() -> None:
    asked = exchange(asked={"n": 2, "stop": None})
    assert requested(asked, "n", 1) == 2
    assert requested(asked, "stop", []) is None
    assert requested(asked, "stream", False) is False
    assert requested(exchange(asked=["n"]), "n", 1) == 1


@pytest.mark.parametrize(
    ("asked", "limit"),
    [
        ({}, None),
        ({"max_tokens": 5}, 5),
        ({"max_completion_tokens": 6}, 6),
        ({"max_tokens": 5, "max_completion_tokens": 6}, 6),
        ({"max_tokens": 5, "max_completion_tokens": "many"}, 5),
        ({"max_tokens": "many"}, None),
    ],
)
def test_the_limit_that_was_asked_for(asked: Any, limit: int | None) -> None:
    assert token_limit(exchange(asked=asked)) == limit
    assert events(asked=asked).token_limit == limit
    assert completion({}, asked).token_limit == limit


def test_what_is_no_chunk_is_told_apart() -> None:
    odd = events({"choices": []}, "x", {"error": {}}, [1], "null", {"error": None}, "[DONE]")
    assert [payload.value for payload in odd.payloads] == [
        *({"choices": []}, {"error": {}}, [1], None, {"error": None}),
    ]
    assert [event.number for event in odd.malformed] == [2]
    assert [error.event.number for error in odd.errors if error.event] == [3]
    assert [each.event.number for each in odd.chunks if each.event] == [1, 6]
    assert [event.number for event in odd.sentinels] == [7]
    assert odd.generation_chunks == []


def test_choices_are_put_together_by_their_index() -> None:
    made = events(
        chunk({"content": "A"}, 1),
        chunk({"content": "b"}, 0),
        chunk({"content": ""}, 1),
        chunk({"content": "lost"}, None),
        chunk({"content": "lost"}, True),
        chunk({"content": "B"}, 1, "stop"),
        chunk({"content": "late"}, 1, "length"),
    )
    first, second = made.choices
    assert (first.index, first.content, second.index, second.content) == (1, "ABlate", 0, "b")
    assert [piece.value for piece in first.contents] == ["A", "B", "late"]
    assert [finish.value for finish in first.finishes] == ["stop", "length"]
    assert [entry["delta"]["content"].value for entry in first.after_finish()] == ["late"]
    assert second.after_finish() == []
    assert len(made.generation_chunks) == 7


def test_calls_are_put_together_by_their_index() -> None:
    made = events(
        calling(call(0, "{", id="a", name="f"), call(1, "{}", id="b", name="g")),
        calling(call(0, "}"), call(None, "lost"), call(True, "lost")),
        calling(call(0, 5, id=None), call(1), {"index": 0, "function": {"arguments": None}}),
    )
    first, second = made.tool_calls
    assert (first.index, second.index) == (0, 1)
    assert [each.value for each in first.ids + second.ids] == ["a", "b"]
    assert [each.value for each in first.names + second.names] == ["f", "g"]
    assert [each.value for each in first.fragments] == ["{", "}", 5]
    assert (first.arguments, second.arguments) == ("{}", "{}")
    assert len(made.tool_call_deltas) == 8


@pytest.mark.parametrize(
    ("later", "another"),
    [
        (call(0, "}"), False),
        (call(0, "}", id="b", name="g"), True),
        (call(0, "}", id="a", name="f"), False),
        (call(0, "}", id="b"), False),
        (call(0, "}", id="", name="g"), False),
        (call(0, "}", id="b", name=""), False),
        (call(0, "}", id=7, name="g"), False),
    ],
)
def test_a_delta_with_an_id_of_its_own_and_a_name_begins_another_call(
    later: Any, another: bool
) -> None:
    (made,) = events(calling(call(0, "{}", id="a", name="f")), calling(later)).tool_calls
    assert len(made.others) == another
    assert len(made.continuations) == (not another)


def test_before_its_arguments_are_whole_a_call_goes_on_under_any_id() -> None:
    fresh = [
        calling(call(0, text, id=id_, name="f")) for id_, text in zip("abc", "{}{", strict=True)
    ]
    (made,) = events(*fresh).tool_calls
    assert [other["id"].value for other in made.others] == ["c"]
    assert [later["id"].value for later in made.continuations] == ["b"]


def test_several_calls_may_share_an_index() -> None:
    (made,) = events(*[calling(call(0, "{}", id=id_, name="f")) for id_ in "abc"]).tool_calls
    assert [other["id"].value for other in made.others] == ["b", "c"]


def test_calls_begin_with_the_first_delta_and_with_those_of_another() -> None:
    deltas = [
        {"id": "a", "function": {"name": "f"}},
        {"id": "a", "function": {"arguments": "{}"}},
        {"id": "b", "function": {"name": "f"}},
    ]
    located = tuple(Located(delta, (), answer()) for delta in deltas)
    found = ToolCallDeltas(0, located).beginnings
    assert [delta["id"].value for delta in found] == ["a", "b"]


def test_the_last_usage_counts() -> None:
    made = events({"usage": {"completion_tokens": 1}}, {"usage": {"completion_tokens": 2}})
    assert (len(made.usages), made.completion_tokens) == (2, 2)
    none = events({"usage": None})
    assert none.usages == []
    assert none.usage.absent
    assert none.usage.path == "usage"
    assert none.completion_tokens is None
    assert completion({"usage": {"completion_tokens": 3}}).completion_tokens == 3
    assert completion({"usage": {"completion_tokens": "3"}}).completion_tokens is None


NOTE = {"index": 0, "finish_reason": None, "content_filter_results": {}}


@pytest.mark.parametrize(
    ("choices", "generated"),
    [
        ([NOTE], False),
        ([NOTE, NOTE], False),
        ([NOTE, {"index": 1, "delta": {}}], True),
        ([{**NOTE, "delta": {}}], True),
        ([{**NOTE, "delta": None}], True),
        ([{**NOTE, "finish_reason": "stop"}], True),
        ([{"index": 0, "finish_reason": None}], True),
    ],
)
def test_the_notes_of_a_filter_are_not_generated(choices: list[Any], generated: bool) -> None:
    made = events({"choices": choices})
    assert len(made.chunks) == 1
    assert bool(made.generation_chunks) is generated
    assert events({"choices": [], "usage": {}}).generation_chunks == []


@pytest.mark.parametrize(
    ("pieces", "accumulates"),
    [
        ("a ab abc abcd", True),
        ("a ab abc", False),
        ("a ab ac acd", False),
        ("a ab ab abc", False),
        ("a bb ccc dddd", False),
    ],
)
def test_a_stream_that_sends_all_text_so_far_accumulates(pieces: str, accumulates: bool) -> None:
    (choice,) = speaking(*pieces.split()).choices
    assert choice.accumulates is accumulates


@pytest.mark.parametrize(
    ("pieces", "place"),
    [
        ("one. two. three. one.two.three. end", 3),
        ("one. two. three. four.", None),
        ("one. two.three. one.two.three. end", None),
        ("ha ha ha hahaha", None),
        ("1234 1234 1234 123412341234", 3),
    ],
)
def test_a_piece_that_is_all_the_text_before_it_is_a_repetition(
    pieces: str, place: int | None
) -> None:
    (choice,) = speaking(*pieces.split()).choices
    assert choice.repetition is (None if place is None else choice.contents[place])
