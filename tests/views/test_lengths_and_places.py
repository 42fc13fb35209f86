"""Views of how much was said, where it stands, how long it took, and of what kind a refusal is."""

import json
from dataclasses import replace
from typing import Any

import pytest

from oaicheck.rules.excerpts import index_range, text_around
from oaicheck.rules.judging import Inconclusive, NotApplicable, evidence_of
from oaicheck.views.answered import Answered, AnsweredChoice
from oaicheck.views.answers import error_within
from oaicheck.views.chat import ChatStream, Completion, ToolCallDeltas
from oaicheck.views.delivery import delivery_of
from oaicheck.views.of_exchange import client_error_of, decided_of, error_body_of
from oaicheck.views.responses import ResponseObject
from oaicheck.views.texts.words import beyond_limit, word_count
from oaicheck.wire.exchange import Exchange, Located, Request, Segment
from support.answers import answer, bench


def stream(*deltas: dict[str, Any], asked: Any = None) -> ChatStream:
    pieces = [
        b"data: %s\n\n" % json.dumps({"choices": [{"index": 0, "delta": delta}]}).encode()
        for delta in deltas
    ]
    segments = tuple(Segment(float(at), piece) for at, piece in enumerate(pieces, start=1))
    request = Request("POST", "", (), json.dumps(asked).encode())
    return ChatStream(answer(segments=segments, request=request))


def completion(*contents: Any) -> Completion:
    made = answer(body={"choices": [{"message": {"content": each}} for each in contents]})
    assert made.json is not None
    return Completion(made, made.json)


@pytest.mark.parametrize(
    ("text", "words"),
    [("", 0), (" \n ", 0), ("don't", 1), ("1 2,3\n4", 3), ("你好世界", 1), (" a  b ", 2)],
)
def test_words_are_what_white_space_parts(text: str, words: int) -> None:
    assert word_count(text) == words


def test_the_words_of_an_answer_are_those_of_all_its_choices() -> None:
    whole = completion("a b", None, 5, "c")
    assert (whole.words, Answered(whole).words) == (3, 3)
    streamed = stream({"content": "a b"}, {"content": "c d"})
    assert (streamed.words, Answered(streamed).words) == (3, 3)


def response(limit: Any, tokens: Any, text: str = "") -> ResponseObject:
    asked = json.dumps({"max_output_tokens": limit}).encode()
    part = {"type": "output_text", "text": text}
    body = {
        "output": [{"type": "message", "content": [part]}],
        "usage": {"output_tokens": tokens},
    }
    return ResponseObject(Located(body, (), answer(request=Request("POST", "", (), asked))))


@pytest.mark.parametrize(
    ("limit", "tokens", "text", "reason"),
    [
        (2, 2, "1 2 3", None),
        (2, 2, "a b c", "the model may have ended by itself, just at the limit"),
        (2, 3, "a", "the limit of 2 was not heeded: 3 tokens were counted"),
        (2, None, "a b c d e", "the limit of 2 was not heeded: 5 words came"),
        (2, 0, "a b c d e", "the limit of 2 was not heeded: 5 words came"),
        (2, None, "a b c d", "it is not known that the limit ended the response"),
        (2, None, "a b", "it is not known that the limit ended the response"),
        (2, 1, "a b c d e", "it is not known that the limit ended the response"),
        (None, 2, "a b c", "it is not known that the limit ended the response"),
        (None, None, "a b c", "it is not known that the limit ended the response"),
    ],
)
def test_why_a_response_was_not_cut(limit: Any, tokens: Any, text: str, reason: str | None) -> None:
    assert response(limit, tokens, text).why_not_cut == reason


@pytest.mark.parametrize(
    ("limit", "tokens", "words", "beyond"),
    [
        (5, 6, 0, "6 tokens were counted"),
        (5, 5, 99, None),
        (5, None, 11, "11 words came"),
        (5, 0, 11, "11 words came"),
        (5, None, 10, None),
        (None, 6, 99, None),
    ],
)
def test_what_was_written_beyond_a_limit(
    limit: int | None, tokens: int | None, words: int, beyond: str | None
) -> None:
    assert beyond_limit(limit, tokens, words) == beyond


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
    (choice,) = stream(*({"content": piece} for piece in pieces.split())).choices
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
    (choice,) = stream(*({"content": piece} for piece in pieces.split())).choices
    assert choice.repetition is (None if place is None else choice.contents[place])


def test_a_client_error_is_a_4xx() -> None:
    assert client_error_of(answer(status=400)).status == 400
    assert client_error_of(answer(status=499)).status == 499
    with pytest.raises(Inconclusive, match="a server error is no refusal"):
        client_error_of(answer(status=500))
    with pytest.raises(NotApplicable):
        client_error_of(answer(status=399))


def test_what_is_served_or_refused_is_decided_and_a_server_error_is_not() -> None:
    for status in (200, 404, 499, None):
        exchange = answer(status=status)
        assert decided_of(exchange) is exchange
    with pytest.raises(Inconclusive, match="a server error is no refusal: HTTP 500"):
        decided_of(answer(status=500))


def test_an_error_body_is_an_object() -> None:
    assert error_body_of(answer(status=500, body={"error": 5})).error.value == 5
    for other in ([], "error", None):
        with pytest.raises(Inconclusive, match=r"errors\.body\.is-json"):
            error_body_of(answer(status=400, body=other))
    with pytest.raises(NotApplicable):
        error_body_of(answer(status=200))


def of(text: str) -> Exchange:
    return answer(segments=(Segment(0.1, text.encode()),))


@pytest.mark.parametrize(
    ("text", "event", "path"),
    [
        ('{"error": {"message": "m"}}', None, "error"),
        ('data: {}\n\ndata: {"error": "m"}\n\n', 2, "error"),
        ('data: {"type": "x"}\n\ndata: {"type": "error"}\n\n', 2, "the event"),
        ("event: x\ndata: m\n\nevent: error\ndata: m\n\n", 2, None),
    ],
)
def test_an_error_is_found_within_an_answer(text: str, event: int | None, path: str | None) -> None:
    found = error_within(of(text))
    assert found is not None
    evidence = evidence_of(found)
    assert (evidence.event, evidence.path) == (event, path)


@pytest.mark.parametrize("text", ['{"error": null}', "{}", "[]", "no", 'data: {"error": null}\n\n'])
def test_no_error_is_found_where_none_is(text: str) -> None:
    assert error_within(of(text)) is None


def choice(*contents: str) -> AnsweredChoice:
    (found,) = Answered(stream(*({"content": content} for content in contents))).choices
    return found


def test_a_choice_speaks_from_its_first_content_on() -> None:
    said = choice("", "ab", "cde")
    assert (said.start.value, said.end.value) == ("ab", "cde")
    assert said.speaking["delta"]["content"].value == "ab"
    assert [said.piece_at(place).value for place in (0, 1, 2, 4, 5)] == ["ab", "ab", *["cde"] * 3]


def test_a_choice_that_says_nothing_would_have_said_it_at_once() -> None:
    silent = choice("", "")
    assert silent.speaking is silent.entries[0]
    assert evidence_of(silent.start).event == 1
    assert silent.piece_at(0).value == ""


@pytest.mark.parametrize(
    ("times", "longest"), [((1, 2, 3), 1), ((5, 6, 8), 5), ((1, 2, 5), 3), ((1, 4, 5), 3)]
)
def test_the_longest_wait_may_be_the_first(times: tuple[int, ...], longest: int) -> None:
    exchange = stream({"content": "a"}, {"content": "b"}, {"content": "c"}).exchange
    timed = [replace(piece, at=at) for piece, at in zip(exchange.segments, times, strict=True)]
    delivery = delivery_of(ChatStream(replace(exchange, segments=tuple(timed))))
    assert delivery.longest_wait == longest


def test_calls_begin_with_the_first_delta_and_with_those_of_another() -> None:
    deltas = [
        {"id": "a", "function": {"name": "f"}},
        {"id": "a", "function": {"arguments": "{}"}},
        {"id": "b", "function": {"name": "f"}},
    ]
    located = tuple(Located(delta, (), answer()) for delta in deltas)
    found = ToolCallDeltas(0, located).beginnings
    assert [delta["id"].value for delta in found] == ["a", "b"]


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


def test_an_exchange_precedes_another_that_began_after_its_end() -> None:
    first = replace(answer(), started=10.0, ended_at=2.0)
    assert first.precedes(replace(answer(), started=12.1))
    assert not first.precedes(replace(answer(), started=12.0))
    assert not first.precedes(first)


SHORT, LONGER = "chat/whole/text", "chat/whole/non-ascii"


def counting(scenario: str, tokens: Any) -> Exchange:
    return answer(scenario, body={"usage": {"prompt_tokens": tokens}})


def test_prompts_are_not_counted_that_count_alike() -> None:
    with pytest.raises(Inconclusive, match=r"chat\.usage\.longer-prompt"):
        bench(counting(SHORT, 10), counting(LONGER, 10)).require_counted_prompts()


@pytest.mark.parametrize(
    "sent",
    [
        [counting(SHORT, 10), counting(LONGER, 11)],
        [counting(SHORT, 10)],
        [counting(LONGER, 10)],
        [counting(SHORT, None), counting(LONGER, None)],
        [counting(SHORT, "10"), counting(LONGER, "10")],
        [counting(SHORT, 10), counting(LONGER, 10.0)],
        [counting(SHORT, 10), answer(LONGER, segments=(Segment(0.1, b"no"),))],
        [],
    ],
)
def test_else_counts_may_tell_what_was_read(sent: list[Exchange]) -> None:
    bench(*sent).require_counted_prompts()
