"""The state machine of a response's events: where each event leads, in order and out of order."""

import json
from dataclasses import replace
from typing import Any

import pytest

from oaicheck.views.responses import (
    ERROR_EVENT,
    PART_EVENTS,
    ResponseObject,
    ResponseStream,
    event_number,
    input_count,
)
from oaicheck.wire.exchange import Ending, Exchange, Located, Request, Segment
from support.views import response

Payload = dict[str, Any]


def test_a_text_is_put_together_from_its_events() -> None:
    stream = streaming(
        added(0, "message"),
        part("added"),
        delta("Hel"),
        delta("lo"),
        {"type": "response.output_text.done", **_PLACE, "text": "Hello"},
        part("done", "Hello"),
        done(0, "message", content=[{"type": "output_text", "text": "Hello"}]),
    )
    (item,) = stream.items
    (text,) = item.shown
    assert text.joined == "Hello"
    assert [whole.value for whole in text.whole] == ["Hello"]
    assert text.within(item.item).value == "Hello"
    assert len(text.opened) == len(text.closed) == len(item.done) == 1
    strays = stream.unannounced + stream.late + stream.unopened + stream.repeated
    assert strays == []


def test_an_event_before_its_item_is_unannounced() -> None:
    stream = streaming(delta("x"), added(0, "message"))
    assert types(stream.unannounced) == ["response.output_text.delta"]
    assert stream.items[0].shown == []


def test_the_events_of_an_item_are_in_order_and_none_of_another_is_among_them() -> None:
    first, second = streaming(
        added(0, "message"), added(1, "message"), delta("a"), done(1, "message"), delta("b")
    ).items
    assert [event["delta"].value for event in first.events[1:]] == ["a", "b"]
    assert types(first.events)[0] == "response.output_item.added"
    assert types(second.events) == ["response.output_item.added", "response.output_item.done"]


def test_an_item_is_what_was_announced_until_it_is_done() -> None:
    announced, finished = added(0, "message"), done(0, "message", status="completed")
    assert streaming(announced).items[0].item.value == announced["item"]
    assert streaming(announced, finished).items[0].item.value == finished["item"]


def test_a_delta_before_its_part_is_unopened_but_counts() -> None:
    stream = streaming(added(0, "message"), delta("x"))
    assert types(stream.unopened) == ["response.output_text.delta"]
    assert stream.items[0].shown[0].joined == "x"


def test_reasoning_needs_no_announced_part() -> None:
    reasoned = {"type": "response.reasoning_text.delta", **_PLACE, "delta": "hm"}
    stream = streaming(added(0, "reasoning"), reasoned)
    assert stream.unopened == []
    assert stream.reasoning[0].shown[0].joined == "hm"


def test_arguments_need_no_announced_part_even_where_they_are_astray() -> None:
    assert streaming(added(0, "message"), argument(0, "{}")).unopened == []


def test_an_event_after_the_end_of_its_item_is_late() -> None:
    stream = streaming(added(0, "message"), done(0, "message"), delta("x"))
    assert types(stream.late) == ["response.output_text.delta"]
    assert stream.items[0].shown == []


def test_an_index_that_is_taken_is_repeated() -> None:
    stream = streaming(added(0, "message"), added(0, "function_call"))
    assert types(stream.repeated) == ["response.output_item.added"]
    assert [item.type.value for item in stream.items] == ["message"]


def test_two_calls_are_kept_apart_by_their_index() -> None:
    stream = streaming(
        added(0, "function_call"),
        added(1, "function_call"),
        argument(0, '{"a":'),
        argument(1, "{}"),
        argument(0, "1}"),
        {
            "type": "response.function_call_arguments.done",
            "output_index": 0,
            "arguments": '{"a":1}',
        },
        done(0, "function_call", arguments='{"a":1}'),
    )
    first, second = stream.calls
    (text,) = first.shown
    assert (text.holder, text.index, text.joined) == ("arguments", 0, '{"a":1}')
    assert [whole.value for whole in text.whole] == ['{"a":1}']
    assert text.within(first.item).value == '{"a":1}'
    assert second.shown[0].joined == "{}"


def test_two_parts_are_kept_apart_by_their_index() -> None:
    stream = streaming(
        added(0, "message"), delta("a"), delta("b", content_index=1), delta("c"), part("done")
    )
    first, second = stream.items[0].shown
    assert (first.index, first.joined, len(first.closed)) == (0, "ac", 1)
    assert (second.index, second.joined, len(second.closed)) == (1, "b", 0)


def test_two_parts_of_a_summary_are_kept_apart_by_their_index() -> None:
    summary = {"type": "response.reasoning_summary_text.delta", "output_index": 0}
    stream = streaming(
        added(0, "reasoning"),
        {**summary, "summary_index": 0, "content_index": 5, "delta": "a"},
        {**summary, "summary_index": 1, "content_index": 5, "delta": "b"},
    )
    assert [(text.index, text.joined) for text in stream.items[0].shown] == [(0, "a"), (1, "b")]


@pytest.mark.parametrize("index", [None, "0", 0.0, True])
def test_a_delta_without_an_integer_index_belongs_to_no_part(index: Any) -> None:
    stream = streaming(added(0, "message"), part("added"), delta("x", content_index=index))
    assert [text.joined for text in stream.items[0].shown] == [""]
    assert stream.unopened == []


def test_a_delta_that_is_no_string_adds_nothing() -> None:
    (text,) = streaming(added(0, "message"), delta("a"), delta(5), delta("b")).items[0].shown
    assert [piece.value for piece in text.pieces] == ["a", 5, "b"]
    assert text.joined == "ab"


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_a_text_is_found_at_its_announcement_or_else_at_what_came_of_it(count: int) -> None:
    ended = {"type": "response.output_text.done", **_PLACE, "text": "x"}
    events = [part("added"), delta("x"), ended, part("done", "x")][-count:]
    (text,) = streaming(added(0, "message"), *events).items[0].shown
    assert text.first.value == events[0]


def test_an_event_without_an_index_belongs_to_nothing() -> None:
    lost = {"type": "response.output_text.delta", "item_id": "a", "delta": "x"}
    stream = streaming(added(0, "message"), lost)
    assert stream.items[0].shown == []
    assert stream.unannounced == []


def test_an_event_of_another_type_belongs_to_nothing_whatever_its_index() -> None:
    noted = {"type": "response.output_text.annotation.added", **_PLACE}
    stream = streaming(noted, added(0, "message"), noted)
    assert types(stream.items[0].events) == ["response.output_item.added"]
    assert (stream.unannounced, stream.unopened) == ([], [])


def test_a_summary_and_a_content_are_two_texts() -> None:
    summary = {"type": "response.reasoning_summary_text.delta", "output_index": 0}
    stream = streaming(
        added(0, "reasoning"),
        {**summary, "summary_index": 0, "delta": "short"},
        {"type": "response.reasoning_text.delta", **_PLACE, "delta": "long"},
    )
    assert [(text.holder, text.joined) for text in stream.items[0].shown] == [
        ("summary", "short"),
        ("content", "long"),
    ]


@pytest.mark.parametrize(
    ("kind", "part", "text", "member"),
    [
        ("message", "content_part", "output_text", "text"),
        ("message", "content_part", "refusal", "refusal"),
        ("reasoning", "reasoning_part", "reasoning_text", "text"),
    ],
)
def test_every_kind_of_text_is_put_together(kind: str, part: str, text: str, member: str) -> None:
    stream = streaming(
        added(0, kind),
        {"type": f"response.{part}.added", **_PLACE},
        {"type": f"response.{text}.delta", **_PLACE, "delta": "a"},
        {"type": f"response.{text}.done", **_PLACE, member: "ab"},
        {"type": f"response.{part}.done", **_PLACE},
        done(0, kind, content=[{"type": text, member: "ab"}]),
    )
    (made,) = stream.items[0].shown
    assert (made.holder, made.joined) == ("content", "a")
    assert [whole.value for whole in made.whole] == ["ab"]
    assert made.within(stream.items[0].item).value == "ab"
    assert (len(made.opened), len(made.closed), stream.unopened) == (1, 1, [])


def test_the_events_of_a_content_part_are_those_that_tell_which() -> None:
    pieces = [f"{text}.{what}" for text in _TEXTS for what in ("delta", "done")]
    parts = [f"{holder}.{what}" for holder in _PARTS for what in ("added", "done")]
    others = ["output_item.added", "function_call_arguments.delta", "reasoning_summary_part.done"]
    stream = streaming(*({"type": f"response.{name}"} for name in (*pieces, *parts, *others)))
    told = [f"response.{name}" for name in (*pieces, *parts)]
    assert types(stream.of_type(*PART_EVENTS)) == told


@pytest.mark.parametrize("end", ["completed", "incomplete", "failed"])
def test_a_response_begins_and_ends(end: str) -> None:
    names = ["created", "queued", "in_progress", end]
    events = [{"type": f"response.{name}", "response": {"id": name}} for name in names]
    stream = streaming(*events, {"type": "error", "response": {"id": "no"}})
    assert types(stream.of_type(ERROR_EVENT)) == ["error"]
    assert [event["response"]["id"].value for event in stream.lifecycle] == names
    assert [response["id"].value for response in stream.beginnings] == names[:3]
    assert types(stream.terminals) == [f"response.{end}"]
    assert stream.final.root["id"].value == end


def test_the_texts_of_a_response_are_those_of_its_messages() -> None:
    parts = [
        {"type": "output_text", "text": "a"},
        {"type": "refusal", "text": "no", "refusal": "no"},
        {"type": "output_text", "text": 5},
        {"type": "output_text", "text": "b"},
    ]
    items = [{"type": "message", "content": parts}, {"type": "reasoning", "content": parts}]
    response = ResponseObject(Located({"output": items}, (), answering("")))
    assert [text.value for text in response.texts] == ["a", 5, "b"]
    assert (response.text, response.refused) == ("ab", True)
    answered = Located({"output": [{"type": "message", "content": parts[:1]}]}, (), answering(""))
    assert not ResponseObject(answered).refused


@pytest.mark.parametrize(
    ("limit", "written", "reached"),
    [(5, 4, False), (5, 5, True), (5, 6, True), (5, None, None), (None, 5, None), ("5", 5, None)],
)
def test_whether_a_response_reached_its_limit(limit: Any, written: Any, reached: Any) -> None:
    asked = json.dumps({"max_output_tokens": limit}).encode()
    exchange = replace(answering(""), request=Request("POST", "", (), asked))
    root = Located({"usage": {"output_tokens": written}}, (), exchange)
    assert ResponseObject(root).reached_limit is reached


def test_the_sentinel_is_no_payload() -> None:
    stream = ResponseStream(answering("data: [DONE]\n\ndata: {}\n\ndata: x\n\n"))
    assert [payload.value for payload in stream.payloads] == [{}]
    assert [event.data for event in stream.malformed] == ["x"]


def test_a_stream_without_an_end_has_no_final_response() -> None:
    final = streaming(added(0, "message")).final.root
    assert (final.absent, final.path) == (True, "response")


def test_a_payload_has_the_number_of_its_event_and_a_body_comes_before_all() -> None:
    first, second = streaming(delta("a"), delta("b")).payloads
    assert event_number(second) - event_number(first) == 1
    assert event_number(Located({}, (), answering("{}"))) == -1


def test_tokens_out_of_a_cache_are_added_only_where_they_are_counted_apart() -> None:
    assert input_count(usage(100, 60)) == 100
    assert input_count(usage(100, 100)) == 100
    assert input_count(usage(10, 90)) == 100
    assert input_count(usage("10", 90)) is None
    assert input_count(Located({"input_tokens": 10}, (), answering(""))) == 10


_TEXTS = ("output_text", "refusal", "reasoning_text")
_PARTS = ("content_part", "reasoning_part")
_PLACE: Payload = {"output_index": 0, "content_index": 0, "item_id": "item_0"}


def added(index: int, kind: str) -> Payload:
    item = {"id": f"item_{index}", "type": kind}
    return {"type": "response.output_item.added", "output_index": index, "item": item}


def done(index: int, kind: str, **members: Any) -> Payload:
    item = {"id": f"item_{index}", "type": kind, **members}
    return {"type": "response.output_item.done", "output_index": index, "item": item}


def part(what: str, text: str = "") -> Payload:
    return {
        "type": f"response.content_part.{what}",
        **_PLACE,
        "part": {"type": "output_text", "text": text},
    }


def delta(text: Any, **members: Any) -> Payload:
    return {"type": "response.output_text.delta", **_PLACE, "delta": text, **members}


def argument(index: int, text: str) -> Payload:
    kind = "response.function_call_arguments.delta"
    return {"type": kind, "output_index": index, "item_id": f"item_{index}", "delta": text}


def streaming(*payloads: Payload) -> ResponseStream:
    return ResponseStream(answering("".join(f"data: {json.dumps(p)}\n\n" for p in payloads)))


def usage(read: Any, cached: int) -> Located:
    value = {"input_tokens": read, "input_tokens_details": {"cached_tokens": cached}}
    return Located(value, (), answering(""))


def types(events: list[Located]) -> list[Any]:
    return [event["type"].value for event in events]


def answering(body: str) -> Exchange:
    return Exchange(
        scenario="responses/stream/text",
        turn=1,
        attempt=1,
        request=Request("POST", "http://endpoint.invalid/v1/responses", (), b"{}"),
        status=200,
        reason="OK",
        headers=(("Content-Type", "text/event-stream"),),
        segments=(Segment(0.1, body.encode()),),
        ending=Ending.COMPLETE,
    )


@pytest.mark.parametrize(
    ("status", "reason", "output", "cut"),
    [
        ("incomplete", "max_output_tokens", [], True),
        ("incomplete", "content_filter", [], False),
        ("completed", "max_output_tokens", [], False),
        ("incomplete", "max_output_tokens", [{"type": "message"}], False),
    ],
)
def test_a_response_that_was_cut_before_a_message(
    status: str, reason: str, output: list[Any], cut: bool
) -> None:
    made = response(status=status, incomplete_details={"reason": reason}, output=output)
    assert made.cut_before_message is cut


def limited(limit: Any, tokens: Any, text: str) -> ResponseObject:
    part = {"type": "output_text", "text": text}
    message = {"type": "message", "content": [part]}
    asked = {"max_output_tokens": limit}
    return response(asked, output=[message], usage={"output_tokens": tokens})


@pytest.mark.parametrize(
    ("limit", "tokens", "text", "reason"),
    [
        (2, 2, "1 2 3", None),
        (2, 2, "a b c", "the model may have stopped by itself, exactly at the limit"),
        (2, 3, "a", "the limit of 2 was not applied: 3 tokens in usage"),
        (2, None, "a b c d e", "the limit of 2 was not applied: 5 words in the text"),
        (2, 0, "a b c d e", "the limit of 2 was not applied: 5 words in the text"),
        (2, None, "a b c d", "it is unknown whether the limit ended the response"),
        (2, None, "a b", "it is unknown whether the limit ended the response"),
        (2, 1, "a b c d e", "it is unknown whether the limit ended the response"),
        (None, 2, "a b c", "it is unknown whether the limit ended the response"),
        (None, None, "a b c", "it is unknown whether the limit ended the response"),
    ],
)
def test_why_a_response_was_not_cut(limit: Any, tokens: Any, text: str, reason: str | None) -> None:
    assert limited(limit, tokens, text).why_not_cut == reason
