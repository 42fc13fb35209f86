"""What the views of chat answers say, of answers that are in order and of odd ones."""

import json
from typing import Any

import pytest

from oaicheck.views.asked import prompt_words, stop_strings
from oaicheck.views.chat import ChatStream, Completion, requested, token_limit
from oaicheck.views.tool_calls import arguments_in, call_markup, texts_in
from oaicheck.wire.exchange import Ending, Exchange, Request, Segment

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}]


def exchange(body: bytes = b"", asked: Any = None, ending: Ending = Ending.COMPLETE) -> Exchange:
    request = Request("POST", "", (), json.dumps({} if asked is None else asked).encode())
    return Exchange("s", 1, 1, request, 200, "", (), (Segment(0.0, body),), ending)


def stream(*payloads: Any, asked: Any = None, ending: Ending = Ending.COMPLETE) -> ChatStream:
    lines = [each if isinstance(each, str) else json.dumps(each) for each in payloads]
    return ChatStream(exchange("".join(f"data: {n}\n\n" for n in lines).encode(), asked, ending))


def completion(answer: Any, asked: Any = None) -> Completion:
    made = exchange(json.dumps(answer).encode(), asked)
    assert made.json is not None
    return Completion(made, made.json)


def chunk(delta: Any = None, index: Any = 0, finish: Any = None) -> dict[str, Any]:
    return {"choices": [{"index": index, "delta": delta or {}, "finish_reason": finish}]}


def calling(*calls: Any, finish: Any = None) -> dict[str, Any]:
    return chunk({"tool_calls": list(calls)}, finish=finish)


def call(index: Any, arguments: Any = None, **members: Any) -> dict[str, Any]:
    function = {"name": members.pop("name", None), "arguments": arguments}
    given = {name: value for name, value in function.items() if value is not None}
    return {"index": index, "function": given, **members}


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
    assert stream(asked=asked).token_limit == limit
    assert completion({}, asked).token_limit == limit


def test_the_words_that_were_asked() -> None:
    parts = [{"type": "text", "text": "d e"}, {"type": "image_url", "text": "no"}]
    messages = [{"content": "a b1c"}, {"content": parts}]
    assert prompt_words(exchange(asked={"messages": messages})) == 5
    assert prompt_words(exchange()) == 0
    assert stop_strings(exchange()) == []
    assert stop_strings(exchange(asked={"stop": "ab"})) == ["ab"]
    assert stop_strings(exchange(asked={"stop": ["a", "b"]})) == ["a", "b"]


def test_what_is_no_chunk_is_told_apart() -> None:
    odd = stream({"choices": []}, "x", {"error": {}}, [1], "null", {"error": None}, "[DONE]")
    assert [payload.value for payload in odd.payloads] == [
        *({"choices": []}, {"error": {}}, [1], None, {"error": None}),
    ]
    assert [event.number for event in odd.malformed] == [2]
    assert [error.event.number for error in odd.errors if error.event] == [3]
    assert [each.event.number for each in odd.chunks if each.event] == [1, 6]
    assert [event.number for event in odd.sentinels] == [7]
    assert odd.generation_chunks == []


def test_choices_are_put_together_by_their_index() -> None:
    made = stream(
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
    made = stream(
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
    (made,) = stream(calling(call(0, "{}", id="a", name="f")), calling(later)).tool_calls
    assert len(made.others) == another
    assert len(made.continuations) == (not another)


def test_before_its_arguments_are_whole_a_call_goes_on_under_any_id() -> None:
    fresh = [
        calling(call(0, text, id=id_, name="f")) for id_, text in zip("abc", "{}{", strict=True)
    ]
    (made,) = stream(*fresh).tool_calls
    assert [other["id"].value for other in made.others] == ["c"]
    assert [later["id"].value for later in made.continuations] == ["b"]


def test_several_calls_may_share_an_index() -> None:
    (made,) = stream(*[calling(call(0, "{}", id=id_, name="f")) for id_ in "abc"]).tool_calls
    assert [other["id"].value for other in made.others] == ["b", "c"]


def test_the_last_usage_counts() -> None:
    made = stream({"usage": {"completion_tokens": 1}}, {"usage": {"completion_tokens": 2}})
    assert (len(made.usages), made.completion_tokens) == (2, 2)
    none = stream({"usage": None})
    assert none.usages == []
    assert none.usage.absent
    assert none.usage.path == "usage"
    assert none.completion_tokens is None
    assert completion({"usage": {"completion_tokens": 3}}).completion_tokens == 3
    assert completion({"usage": {"completion_tokens": "3"}}).completion_tokens is None


def whole_call(arguments: Any, name: Any = "weather", finish: str = "tool_calls") -> Completion:
    function = {"name": name, "arguments": arguments}
    choice = {"message": {"tool_calls": [{"function": function}]}, "finish_reason": finish}
    return completion({"choices": [choice]}, {"tools": TOOLS})


def test_the_arguments_of_a_whole_call() -> None:
    (made,) = arguments_in(whole_call('{"city": 1}'))
    assert (made.function, made.text, made.schema, made.cut) == (
        *("weather", '{"city": 1}', SCHEMA, False),
    )
    assert made.place.path == "choices[0].message.tool_calls[0].function.arguments"
    assert made.json == ({"city": 1},)
    assert made.object == {"city": 1}
    assert made.mismatch == "$.city: 1, where the schema has string"
    assert arguments_in(whole_call("", finish="length"))[0].cut
    assert arguments_in(whole_call({"city": "x"})) == []


@pytest.mark.parametrize("text", ['{"city": "x"}', "{", "[]", ""])
def test_only_an_object_can_miss_its_schema(text: str) -> None:
    (made,) = arguments_in(whole_call(text))
    assert made.mismatch is None
    assert (made.object is None) == (text != '{"city": "x"}')


@pytest.mark.parametrize("name", ["other", None, 7])
def test_a_function_that_was_not_offered_has_no_schema(name: Any) -> None:
    (made,) = arguments_in(whole_call("{}", name))
    assert (made.function, made.schema, made.mismatch) == (
        *("other" if name == "other" else "", None, None),
    )


def streamed_call(*payloads: Any, ending: Ending = Ending.COMPLETE) -> list[Any]:
    return arguments_in(stream(*payloads, asked={"tools": TOOLS}, ending=ending))


BEGIN = calling(call(0, '{"city":', id="a", name="weather"))
END = calling(call(0, '"x"}'), finish="tool_calls")


def test_the_arguments_of_a_streamed_call() -> None:
    (made,) = streamed_call(BEGIN, END)
    assert (made.function, made.text, made.schema, made.cut) == (
        *("weather", '{"city":"x"}', SCHEMA, False),
    )
    assert made.place.event.number == 2
    assert made.place.value == '"x"}'


@pytest.mark.parametrize("ending", [Ending.CUT, Ending.STALLED, Ending.HUNG_UP])
def test_a_damaged_stream_may_have_cut_its_calls(ending: Ending) -> None:
    assert streamed_call(BEGIN, END, ending=ending)[0].cut
    assert streamed_call(BEGIN, END, {"error": {}})[0].cut
    assert streamed_call(BEGIN, END, "x")[0].cut
    assert streamed_call(BEGIN, END, chunk(finish="length"))[0].cut


def test_calls_that_cannot_be_told_apart_have_no_arguments() -> None:
    shared = call(0, "{}", id="b", name="weather")
    assert streamed_call(BEGIN, END, calling(shared)) == []
    assert streamed_call(BEGIN, calling(call(0, {}))) == []
    after = call(1, "{}", id="c", name="weather")
    assert [made.text for made in streamed_call(BEGIN, calling(call(0, {}), after))] == ["{}"]


def test_the_texts_of_an_answer_have_a_place() -> None:
    whole = completion(
        {"choices": [{"message": {"content": text}} for text in ("a", "", None, "b")]}
    )
    assert [(text, place.path) for text, place in texts_in(whole)] == [
        ("a", "choices[0].message.content"),
        ("b", "choices[3].message.content"),
    ]
    made = stream(chunk({"content": "a"}), chunk({"content": "b"}), chunk({"role": "x"}, 1))
    ((text, place),) = texts_in(made)
    assert (text, place.value) == ("ab", "a")


@pytest.mark.parametrize(
    "markup",
    [
        *("<tool_call>", "</tool_calls>", "<|tool_call|>", "<ns:tool_call>", "<function=f>"),
        *("<function_call>", "<invoke name", "<parameter=", "[TOOL_CALLS]", "<|python_tag|>"),
        *("<|tool_calls_begin|>", "<|tool_call_begin|>", "<|tool_calls_section_begin|>"),
        *("<｜tool▁calls▁begin｜>", "<|tool▁call▁begin|>", "<|channel|>", "functools["),
    ],
)
def test_a_models_own_call_syntax_is_found(markup: str) -> None:
    found = call_markup(f"Well: {markup} and more")
    assert found is not None
    assert markup.startswith(found)


@pytest.mark.parametrize(
    "text", ["", "a tool call", "a <functional> one", "x < tool_call", "channel", "<parameter>"]
)
def test_prose_is_no_call_syntax(text: str) -> None:
    assert call_markup(text) is None


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
    made = stream({"choices": choices})
    assert len(made.chunks) == 1
    assert bool(made.generation_chunks) is generated
    assert stream({"choices": [], "usage": {}}).generation_chunks == []
