"""Tool calls: their arguments, their markup, and whether one was forced."""

from typing import Any

import pytest

from oaicheck.rules.judging import Breach, Inconclusive, NotApplicable
from oaicheck.views.chat import Completion
from oaicheck.views.tool_calls import (
    arguments_in,
    call_markup,
    is_free_text,
    must_be_forced,
    require_a_call,
    texts_in,
)
from oaicheck.wire.exchange import Ending
from support.views import call, calling, chunk, completion, events, response

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}]


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
    assert made.mismatch == "$.city: 1, but the schema requires string"
    assert arguments_in(whole_call("", finish="length"))[0].cut
    assert arguments_in(whole_call({"city": "x"})) == []


@pytest.mark.parametrize("text", ['{"city": "x"}', "{", ""])
def test_what_is_no_json_has_no_schema_to_miss(text: str) -> None:
    (made,) = arguments_in(whole_call(text))
    assert made.mismatch is None
    assert (made.object is None) == (text != '{"city": "x"}')


@pytest.mark.parametrize("text", ["[]", "-5", '"null"', "null", '"\\"$}\\""'])
def test_json_that_is_no_object_shows_that_nothing_held_the_model(text: str) -> None:
    (made,) = arguments_in(whole_call(text))
    assert made.object is None
    assert not made.encoded_twice
    assert made.mismatch is not None
    assert "does not hold the model to the parameters" in made.mismatch


def test_only_an_object_in_a_string_was_encoded_twice() -> None:
    (made,) = arguments_in(whole_call('"{\\"city\\": \\"x\\"}"'))
    assert made.encoded_twice


@pytest.mark.parametrize("name", ["other", None, 7])
def test_a_function_that_was_not_offered_has_no_schema(name: Any) -> None:
    (made,) = arguments_in(whole_call("{}", name))
    assert (made.function, made.schema, made.mismatch) == (
        *("other" if name == "other" else "", None, None),
    )


def streamed_call(*payloads: Any, ending: Ending = Ending.COMPLETE) -> list[Any]:
    return arguments_in(events(*payloads, asked={"tools": TOOLS}, ending=ending))


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
    made = events(chunk({"content": "a"}), chunk({"content": "b"}), chunk({"role": "x"}, 1))
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


@pytest.mark.parametrize(
    ("arguments", "closed"),
    [
        ("{}", True),
        ('{"text": "one"}', True),
        ('{"text": "one two"}', False),
        ('{"text": "other"}', False),
        ('{"text": 5}', False),
        ('{"text": "on', False),
        ("[]", False),
    ],
)
def test_arguments_that_were_closed_early(arguments: str, closed: bool) -> None:
    schema = {"properties": {"text": {"enum": ["one two"]}, "free": {"type": "string"}}}
    tools = [{"type": "function", "function": {"name": "f", "parameters": schema}}]
    made = events(calling(call(0, arguments, name="f")), asked={"tools": tools})
    (found,) = arguments_in(made)
    assert found.closed_early is closed


def test_a_call_that_was_not_forced() -> None:
    for choice in ("required", {"type": "function"}, "none"):
        must_be_forced(completion({}, asked={"tool_choice": choice}))
    with pytest.raises(NotApplicable, match="refuses forced tool calls"):
        must_be_forced(completion({}, asked={"tool_choice": "auto"}))


CALL = {"type": "function_call", "name": "f"}


USED_UP = {"output_tokens": 16}


FREE = "It is always mild in here. " * 10


def saying(text: str) -> dict[str, Any]:
    return {"type": "message", "content": [{"type": "output_text", "text": text}]}


@pytest.mark.parametrize(
    ("text", "free"),
    [
        (FREE, True),
        ("It is always mild in here.", False),
        ("", False),
        (f"<tool_call>{FREE}", False),
        (f'{{"name": "weather", "arguments": {{"city": "{FREE}', False),
        (f"```json\n{FREE}", False),
    ],
)
def test_a_long_text_that_begins_no_call_was_not_forced(text: str, free: bool) -> None:
    assert is_free_text(text) is free


@pytest.mark.parametrize(
    ("body", "raised"),
    [
        ({"output": [CALL]}, None),
        ({"output": [CALL], "status": "incomplete"}, None),
        ({"output": []}, Breach),
        ({"output": [], "status": "incomplete"}, Inconclusive),
        ({"output": [], "status": "completed", "usage": USED_UP}, Inconclusive),
        ({"output": [], "status": "completed", "usage": {"output_tokens": 15}}, Breach),
        ({"output": [saying(FREE)], "status": "incomplete"}, Breach),
        ({"output": [saying("I look it up.")], "status": "incomplete"}, Inconclusive),
    ],
)
def test_a_call_that_was_forced(body: dict[str, Any], raised: type[Exception] | None) -> None:
    asked = {"tool_choice": "required", "max_output_tokens": 16}
    if raised is None:
        require_a_call(response(asked, **body))
    else:
        with pytest.raises(raised):
            require_a_call(response(asked, **body))


def test_a_response_whose_call_was_not_forced() -> None:
    with pytest.raises(NotApplicable, match="refuses forced"):
        require_a_call(response({"tool_choice": "auto"}, output=[]))
