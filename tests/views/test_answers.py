"""Views of answers of any kind: reasoning, refusals, deliveries, lists, reactions."""

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from oaicheck.rules.judging import Breach, NotApplicable
from oaicheck.scenarios.capability import Capability, load_capabilities, refused_capability
from oaicheck.views.answered import Answered
from oaicheck.views.answers import answer_text, call_ids, completion_id
from oaicheck.views.chat import ChatStream, Completion
from oaicheck.views.delivery import arguments_of, delivery_of
from oaicheck.views.models import body_of, listed_entry, listed_ids, listed_models
from oaicheck.views.reaction import (
    Reaction,
    require_a_form,
    require_an_end,
    require_no_server_error,
)
from oaicheck.views.reasoning import (
    last_delta,
    reasoning_members,
    reasoning_tokens,
    streamed_thoughts,
    thoughts,
)
from oaicheck.views.refusal import Refusal, is_a_refusal, is_rate_limited, ran_out_of_tokens
from oaicheck.views.tool_calls import must_be_forced
from oaicheck.wire.exchange import Ending, Exchange, Request, Segment


def exchange(*pieces: bytes, status: int | None = 200, asked: Any = None, **other: Any) -> Exchange:
    made = Exchange(
        "s",
        1,
        1,
        Request("POST", "http://endpoint.test/v1/responses", (), json.dumps(asked).encode()),
        status,
        "",
        (),
        tuple(Segment(float(at), piece) for at, piece in enumerate(pieces)),
        Ending.COMPLETE,
    )
    return replace(made, **other)


def of(body: Any, status: int | None = 200, **other: Any) -> Exchange:
    return exchange(json.dumps(body).encode(), status=status, **other)


def completion(body: Any, asked: Any = None) -> Completion:
    made = of(body, asked=asked)
    assert made.json is not None
    return Completion(made, made.json)


def stream(*entries: list[Any], asked: Any = None, **other: Any) -> ChatStream:
    pieces = [
        b"data: %s\n\n" % json.dumps({"choices": found, **other}).encode() for found in entries
    ]
    return ChatStream(exchange(*pieces, asked=asked))


def entry(index: int = 0, finish: Any = None, **delta: Any) -> dict[str, Any]:
    return {"index": index, "delta": delta, "finish_reason": finish}


def test_reasoning_under_either_name() -> None:
    first, second = streamed_thoughts(
        stream(
            [entry(reasoning_content="a", content="x"), entry(1, reasoning="c")],
            [entry(reasoning_content="b", reasoning="b", content="y"), entry(1, reasoning="")],
            [entry(reasoning_content=5, content=None)],
        )
    )
    assert (first.text, first.content, second.text, second.content) == ("ab", "xy", "c", "")
    assert (first.names, second.names) == (["reasoning_content", "reasoning"], ["reasoning"])
    assert [piece.value for piece in first.pieces] == ["a", "b"]
    assert [piece.value for piece in second.pieces] == ["c"]
    assert (first.called("reasoning"), second.called("reasoning_content")) == ("b", "")


def test_reasoning_of_a_whole_answer() -> None:
    answer = completion(
        {
            "choices": [{"message": {"reasoning": "a", "content": "b"}}, {"message": None}],
            "usage": {"completion_tokens_details": {"reasoning_tokens": 7}},
        }
    )
    first, second = thoughts(answer)
    assert (first.text, first.content, second.text, second.names) == ("a", "b", "", [])
    assert reasoning_tokens(answer.usage).value == 7
    assert [found.path for found in reasoning_members(answer.messages)] == [
        "choices[0].message.reasoning"
    ]


def test_the_delta_beside_the_finish_reason() -> None:
    first, second = stream(
        [entry(content="a"), entry(1)], [entry(content="b", finish="stop")], [entry(content="c")]
    ).choices
    delta = last_delta(first)
    assert delta is not None
    assert delta["content"].value == "b"
    assert last_delta(second) is None


def test_an_answer_of_either_kind_says_the_same() -> None:
    whole = Answered(
        completion(
            {
                "choices": [
                    {
                        "index": 0,
                        "message": {"content": "ab", "refusal": None},
                        "finish_reason": "stop",
                        "logprobs": {"content": [1, 2]},
                    }
                ],
                "usage": {"completion_tokens": 2},
            }
        )
    )
    streamed = Answered(
        stream(
            [{**entry(content="a"), "logprobs": {"content": [1]}}],
            [{**entry(content="b", finish="stop"), "logprobs": {"content": [2]}}],
            [{**entry(content=""), "logprobs": None}],
            usage={"completion_tokens": 2},
        )
    )
    for answer in (whole, streamed):
        (choice,) = answer.choices
        assert (choice.content, choice.reason.value, choice.index.value) == ("ab", "stop", 0)
        assert not choice.refused
        assert [token.value for token in answer.token_logprobs()] == [1, 2]
        assert (answer.completion_tokens, answer.usage["completion_tokens"].value) == (2, 2)
    assert [found.value for found in whole.objects] == [whole.exchange.json.value]  # type: ignore[union-attr]
    assert len(streamed.objects) == 3
    assert streamed.choices[0].end.value == "b"
    assert len(streamed.choices[0].logprobs) == 2


def test_where_a_choice_says_nothing_its_places_are_those_where_it_should() -> None:
    entries = [entry(role="x")], [entry(refusal="no")], [entry()]
    (choice,) = Answered(stream(*entries)).choices
    assert choice.end.absent
    assert choice.end.path == "choices[0].delta.content"
    assert choice.end.event is not None
    assert choice.end.event.number == 3
    assert choice.reason.null
    assert choice.refused
    assert Answered(stream([entry()])).usage.path == "usage"
    assert Answered(stream([entry()])).usage.absent


@pytest.mark.parametrize(
    ("limit", "written", "cut"),
    [(None, 9, False), (5, None, True), (5, 4, False), (5, 5, True), (5, 6, True)],
)
def test_whether_the_limit_may_have_cut_it(
    limit: int | None, written: int | None, cut: bool
) -> None:
    body = {"choices": [], "usage": {"completion_tokens": written}}
    assert Answered(completion(body, {"max_tokens": limit})).cut is cut


def test_either_kind_tells_what_was_asked() -> None:
    for answer in (completion({}, {"n": 2}), stream(asked={"n": 2})):
        assert Answered(answer).requested("n") == 2
        assert Answered(answer).requested("stop", []) == []


def test_what_was_said() -> None:
    streamed = stream([entry(content="a"), entry(1, content="c")], [entry(content="b")]).exchange
    assert answer_text(streamed) == "ab\nc"
    assert answer_text(exchange(b"plain")) == "plain"
    packed = exchange(gzip.compress(streamed.body), headers=(("Content-Encoding", "gzip"),))
    assert answer_text(packed) == "ab\nc"


def test_the_id_of_a_completion() -> None:
    streamed = exchange(
        b'data: {"id": "no", "choices": []}\n\n', b'data: {"id": "a", "choices": [{}]}\n\n'
    )
    assert completion_id(streamed).value == "a"
    assert completion_id(of({"id": "b", "choices": []})).value == "b"
    for other in (of({"id": "c"}), of({"id": "c", "choices": {}}), exchange(b"x")):
        assert completion_id(other).absent
        assert completion_id(other).path == "id"


def test_the_pieces_of_a_delivery() -> None:
    def call(text: Any) -> dict[str, Any]:
        return {"function": {"arguments": text}}

    made = stream(
        [entry(role="assistant")],
        [entry(content="ab", reasoning="c"), entry(1, reasoning_content="d")],
        [entry(content="")],
        [entry(tool_calls=[call("efg"), call(None)])],
        [entry(content=5)],
    )
    delivery = delivery_of(made)
    assert [event.number for event in delivery.events] == [2, 4]
    assert (delivery.characters, delivery.first, delivery.last) == (7, 1.0, 3.0)
    assert (delivery.span, delivery.interval, delivery.arrivals) == (2.0, 2.0, 2)
    assert [text.value for text in arguments_of(made).texts] == ["efg"]


def test_events_that_come_together_arrive_once() -> None:
    event = b'data: {"choices": [{"index": 0, "delta": {"content": "x"}}]}\n\n'
    delivery = delivery_of(ChatStream(exchange(event * 3, b"", event, event * 2)))
    assert (len(delivery.events), delivery.arrivals, delivery.interval) == (6, 3, 3 / 5)
    alone = delivery_of(ChatStream(exchange(event)))
    assert (alone.span, alone.interval) == (0.0, 0.0)


def refused(error: Any, status: int = 400, **other: Any) -> Refusal:
    return Refusal(of({"error": error}, status, **other))


@pytest.mark.parametrize(
    "words",
    [
        *("maximum context length is 5", "Context Window", "context size", "context\nlimit"),
        *("please reduce the length of", "maximum prompt length", "the token limit"),
        *("prompt is too long", "Input is\ntoo large", "message too long", "request is too large"),
        *("too many tokens", "too many input tokens", "too many prompt tokens"),
        *("token count of 9 exceeds it", "exceeds the maximum of 9 tokens"),
        *("exceeds the limit of 9 tokens", "Entity too large"),
    ],
)
def test_clients_know_an_overflow_by_its_words(words: str) -> None:
    assert refused({"message": f"Sorry: {words}."}).is_context_overflow
    assert not refused({"message": "no", "param": words}).is_context_overflow


def test_clients_know_an_overflow_by_status_and_code() -> None:
    assert refused({"message": "no"}, 413).is_context_overflow
    assert refused({"code": "context_length_exceeded"}).is_context_overflow
    assert not refused({"code": "no", "message": ["too many tokens"]}).is_context_overflow
    assert not refused({"message": "context"}).is_context_overflow


def test_the_parts_of_a_refusal() -> None:
    answer = refused({"message": "m", "param": "top_p"}, 422)
    assert (answer.status, answer.message.value, answer.error["param"].value) == (422, "m", "top_p")
    assert answer.names("temperature", "top_p")
    assert not answer.names("top", "temperature", "op_p")
    text = Refusal(exchange(b"no JSON", status=500))
    assert text.body.absent
    assert text.words == "no JSON"


def test_the_words_of_a_refusal_are_those_of_every_string_but_the_model() -> None:
    answer = refused(
        {"message": "a/m is odd", "more": [1, "x", {"y": None}]}, variables={"model": "a/m"}
    )
    assert answer.words == "error\nmessage\n is odd\nmore\nx\ny"
    assert refused("a/m").words == "error\na/m"


def test_a_list_of_models() -> None:
    answer = of({"data": [{"id": "a"}, {"id": 5}, {}, {"id": "b"}]})
    assert len(listed_models(answer)) == 4
    assert listed_ids(answer) == ["a", "b"]
    found = listed_entry(answer, "b")
    assert found is not None
    assert found.path == "data[3]"
    assert listed_entry(answer, "c") is None
    assert listed_models(replace(answer, status=404)) == []
    assert listed_models(exchange(b"x")) == []
    assert body_of(exchange(b"x")).absent
    assert body_of(answer)["data"].is_array


FORM_OF_ERROR = {"error": {"message": "no"}}


@pytest.mark.parametrize(
    ("answer", "at"),
    [
        (of({}), None),
        (of(FORM_OF_ERROR, 400), None),
        (exchange(b"data: {}\n\n"), None),
        (exchange(b"data: {}\n\n", b"data: [DONE]\n\n"), None),
        (of([]), "the body"),
        (exchange(b"x"), ""),
        (exchange(b"data: {}\n\n", b"data: x\n\n"), "event 2"),
        (of(FORM_OF_ERROR), "error"),
        (of({"error": None}), None),
        (exchange(b"data: {}\n\n", b'data: {"error": 1}\n\n'), "error"),
        (of({"error": {"message": ""}}, 400), "error.message"),
        (exchange(b"x", status=400), "error.message"),
        (of({}, 399), None),
    ],
)
def test_the_form_of_a_reaction(answer: Exchange, at: str | None) -> None:
    if at is None:
        require_a_form(Reaction(answer))
        return
    with pytest.raises(Breach) as raised:
        require_a_form(Reaction(answer))
    (evidence,) = raised.value.finding.evidence
    assert at == (evidence.path or (f"event {evidence.event}" if evidence.event else ""))


def test_the_status_and_the_end_of_a_reaction() -> None:
    silent = exchange(status=None, ending=Ending.RESET)
    assert not Reaction(silent).refused
    for fine in (silent, of({}), of({}, 499)):
        require_no_server_error(fine)
    with pytest.raises(Breach):
        require_no_server_error(of({}, 500))
    require_an_end(Reaction(of({})))
    with pytest.raises(Breach):
        require_an_end(Reaction(silent))


KNOWN = {
    "tools": Capability("tools", "tools", ("tools", "tool_choice")),
    "responses": Capability("responses", "responses", (), routes=("POST responses",)),
}


def test_capabilities_are_read_from_their_file(tmp_path: Path) -> None:
    members = {
        "title": "T",
        "parameters": ["p", "q"],
        "decided_by": ["s"],
        "routes": ["GET r"],
    }
    bare = {"title": "B", "parameters": []}
    (tmp_path / "capabilities.json").write_text(json.dumps({"a": members, "b": bare}), "utf-8")
    assert load_capabilities(tmp_path) == {
        "a": Capability("a", "T", ("p", "q"), ("s",), ("GET r",)),
        "b": Capability("b", "B", ()),
    }


@pytest.mark.parametrize(
    ("status", "text", "needs", "found"),
    [
        (400, "tool_choice: no", ("tools",), "tools"),
        (415, "tools", ("tools",), "tools"),
        (422, "tools", ("responses", "tools"), "tools"),
        (400, "my_tools", ("tools",), None),
        (400, "toolset", ("tools",), None),
        (200, "tools", ("tools",), None),
        (500, "tools", ("tools",), None),
        (404, "", ("responses",), "responses"),
        (405, "", ("responses",), "responses"),
        (501, "", ("responses",), "responses"),
        (400, "", ("responses",), None),
        (404, "tools", ("tools",), "tools"),
        (400, "tools", (), None),
    ],
)
def test_a_capability_is_refused_by_its_parameter_or_its_route(
    status: int, text: str, needs: tuple[str, ...], found: str | None
) -> None:
    refusing = refused_capability(exchange(text.encode(), status=status), needs, KNOWN)
    assert (refusing.name if refusing else None) == found


@pytest.mark.parametrize(
    ("method", "url"), [("GET", "http://h/v1/responses"), ("POST", "http://h/v1/chat/completions")]
)
def test_another_route_is_no_refusal(method: str, url: str) -> None:
    answer = exchange(status=404, request=Request(method, url, (), b""))
    assert refused_capability(answer, ("responses",), KNOWN) is None


def test_each_call_has_one_id() -> None:
    def delta(**call: Any) -> dict[str, Any]:
        return {"index": 0, "delta": {"tool_calls": [call]}}

    streamed = stream(
        [delta(index=0, id="a")], [delta(index=0, id="again")], [delta(index=1, id="b")]
    )
    assert [given.value for given in call_ids(streamed.exchange)] == ["a", "b"]
    calls = [{"id": "a"}, {"id": ""}, {"id": None}, {}, {"id": "b"}]
    whole = of({"choices": [{"message": {"tool_calls": calls}}, {"message": None}]})
    assert [given.value for given in call_ids(whole)] == ["a", "b"]
    assert call_ids(exchange(b"no JSON")) == call_ids(of({"choices": 5})) == []
    assert call_ids(stream([delta(index=0)]).exchange) == []


@pytest.mark.parametrize(
    ("status", "refuses", "limits"),
    [
        (None, False, False),
        (200, False, False),
        (399, False, False),
        (400, True, False),
        (429, False, True),
        (499, True, False),
        (500, False, False),
        (503, False, True),
    ],
)
def test_what_refuses_and_what_asks_for_a_pause(
    status: int | None, refuses: bool, limits: bool
) -> None:
    assert is_a_refusal(of({}, status=status)) is refuses
    assert is_rate_limited(of({}, status=status)) is limits
    assert not is_rate_limited(of({"message": "request TOO large"}, status=status))


@pytest.mark.parametrize(
    ("said_so", "status", "ran_out"),
    [
        ("could not finish the message", 400, True),
        ("the model output limit was reached", 400, True),
        ("max_tokens is not supported", 400, False),
        ("could not finish the message", 500, False),
    ],
)
def test_a_limit_that_left_nothing(said_so: str, status: int, ran_out: bool) -> None:
    assert ran_out_of_tokens(of({"error": {"message": said_so}}, status=status)) is ran_out


def test_a_call_that_was_not_forced() -> None:
    for choice in ("required", {"type": "function"}, "none"):
        must_be_forced(completion({}, asked={"tool_choice": choice}))
    with pytest.raises(NotApplicable, match="refuses to force a call"):
        must_be_forced(completion({}, asked={"tool_choice": "auto"}))


def test_thoughts_of_both_modes() -> None:
    message = {"reasoning": "a", "reasoning_content": None}
    whole = completion({"choices": [{"message": message}]})
    assert [place.value for place in Answered(whole).choices[0].thoughts] == ["a"]
    streamed = stream(*([{"index": 0, "delta": {"reasoning_content": each}}] for each in "ab"))
    assert [place.value for place in Answered(streamed).choices[0].thoughts] == ["a", "b"]
