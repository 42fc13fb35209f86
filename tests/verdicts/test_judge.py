"""Which answers a view is made of, and which end a check without a breach."""

import inspect
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from oaicheck.clients.tasks import client_scenarios
from oaicheck.rules.judging import Inconclusive, NoAnswer, NotApplicable
from oaicheck.rules.requirement import requirement_of
from oaicheck.scenarios.scenario import Answer
from oaicheck.verdicts.judge import VIEWS, ViewError, view
from oaicheck.views.answered import Answered
from oaicheck.views.chat import ChatStream, Completion
from oaicheck.views.of_exchange import (
    OF_AN_EXCHANGE,
    calling_of,
    calling_stream_of,
    completion_of,
    final_output_of,
    items_of,
    refusal_of,
    response_of,
    response_stream_of,
    stream_of,
)
from oaicheck.views.responses import ResponseObject, ResponseStream
from oaicheck.wire.exchange import RUN, Ending, Exchange, Request, Segment
from support.answers import answer, bench
from support.inprocess import checks, scenarios

EVENT = b'data: {"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0}]}}]}\n\n'
WHOLE = b'{"choices": [{"message": {"tool_calls": [{}]}}]}'


def of(body: bytes, status: int | None = 200, asked: Any = None) -> Exchange:
    made = answer(status=status, segments=(Segment(0.1, body),))
    return replace(made, request=replace(made.request, body=json.dumps(asked).encode()))


@pytest.mark.parametrize("make", [stream_of, response_stream_of, calling_stream_of])
def test_a_stream_has_events_and_status_200(make: Callable[[Exchange], Any]) -> None:
    assert make(of(EVENT)).exchange.body == EVENT
    for other in (of(EVENT, 201), of(EVENT, 400), of(b""), of(b"{}"), of(b": hi\n\n")):
        with pytest.raises(Inconclusive, match="no stream"):
            make(other)


@pytest.mark.parametrize("make", [completion_of, response_of, calling_of])
def test_an_object_is_a_whole_answer_with_status_200(make: Callable[[Exchange], Any]) -> None:
    assert make(of(WHOLE)).root.value == json.loads(WHOLE)
    for other in (of(WHOLE, 201), of(WHOLE, 400), of(b""), of(b"[]"), of(b"null"), of(EVENT)):
        with pytest.raises(Inconclusive, match=r"no (chat completion|response) to judge"):
            make(other)


def test_the_response_of_a_stream_is_that_of_its_end() -> None:
    end = b'data: {"type": "response.completed", "response": {"id": "a"}}\n\n'
    assert response_of(of(end, asked={"stream": True})).root["id"].value == "a"
    for other in (of(end, asked={"stream": False}), of(EVENT, asked={"stream": True})):
        with pytest.raises(Inconclusive, match="no response"):
            response_of(other)


def test_the_output_is_compared_with_items_that_were_announced() -> None:
    begun = b'data: {"type": "response.output_item.added", "output_index": 0}\n\n'
    end = b'data: {"type": "response.completed", "response": {"output": []}}\n\n'
    whole = response_stream_of(of(begun + end))
    assert [item.index for item in items_of(whole)] == [0]
    assert final_output_of(whole).value == []
    for make in (items_of, final_output_of):
        with pytest.raises(Inconclusive, match="no output item was announced"):
            make(response_stream_of(of(end)))
    with pytest.raises(Inconclusive, match="no output to compare with"):
        final_output_of(response_stream_of(of(begun)))


def test_a_refusal_has_a_status_of_400_or_above() -> None:
    assert refusal_of(of(b"", 400)).status == 400
    assert refusal_of(of(b"", 599)).status == 599
    for other in (of(b"", 200), of(b"", 399), of(b"", None)):
        with pytest.raises(NotApplicable):
            refusal_of(other)


def test_a_model_that_calls_no_tool_shows_nothing() -> None:
    with pytest.raises(Inconclusive, match="called no tool"):
        calling_of(of(b'{"choices": [{"message": {"content": "x"}}]}'))
    with pytest.raises(Inconclusive, match="called no tool"):
        calling_stream_of(of(b'data: {"choices": [{"index": 0, "delta": {}}]}\n\n'))


def asking(check: Callable[..., None], **changes: Any) -> Any:
    found = requirement_of(check)
    assert found is not None
    return replace(found, **changes)


SOME = asking(checks()[0], against=None)


def made(name: str, scenario: str, *exchanges: Exchange, **changes: Any) -> Any:
    return view(name, bench(*exchanges), scenarios()[scenario], replace(SOME, **changes))


@pytest.mark.parametrize(
    ("name", "body", "make"),
    [
        ("answered", WHOLE, Answered),
        ("stream", EVENT, ChatStream),
        ("completion", WHOLE, Completion),
        ("calling", WHOLE, Completion),
        ("calling_stream", EVENT, ChatStream),
        ("response", WHOLE, ResponseObject),
        ("response_stream", EVENT, ResponseStream),
        ("exchange", b"", Exchange),
    ],
)
def test_a_view_is_had_by_its_name(name: str, body: bytes, make: type) -> None:
    assert type(made(name, "chat/whole/text", of(body))) is make


@pytest.mark.parametrize("kind", sorted(set(Answer) - {Answer.MODELS, Answer.ANY}))
def test_what_is_compared_with_has_the_view_that_fits(kind: Answer) -> None:
    names = {
        Answer.STREAM: "stream",
        Answer.COMPLETION: "completion",
        Answer.ERROR: "refusal",
        Answer.RESPONSE: "response",
        Answer.RESPONSE_STREAM: "response_stream",
    }
    scenario = next(
        name
        for name, known in scenarios().items()
        if known.answer is kind and len(known.turns) == 1
    )
    body = EVENT if kind in (Answer.STREAM, Answer.RESPONSE_STREAM) else WHOLE
    status = 400 if kind is Answer.ERROR else 200
    other = replace(of(body, status), scenario=scenario)
    found = made("against", "chat/whole/text", other, against=scenario)
    assert type(found) is type(OF_AN_EXCHANGE[names[kind]](other))
    assert found.exchange is other


def test_a_view_that_is_not_there() -> None:
    with pytest.raises(ViewError, match="needs a scenario to compare with"):
        made("against", "chat/whole/text")
    with pytest.raises(ViewError, match="there is no view named 'other'"):
        made("other", "chat/whole/text")


def test_silence_is_a_reaction_and_ends_a_conversation() -> None:
    silent = answer(status=None, ending=Ending.RESET)
    assert made("reaction", "chat/whole/text", silent).exchange is silent
    with pytest.raises(NoAnswer):
        made("conversation", "chat/whole/text", silent)
    whole = answer()
    assert made("conversation", "chat/whole/text", whole).turns == (whole,)


def test_a_client_run_is_what_a_client_printed_and_exchanged() -> None:
    task = client_scenarios()["clients/curl/says-hello"]
    account = answer(task.name, None, turn=0, request=Request(RUN, "curl 8", (), b""))
    sent = answer(task.name)
    run = view("client_run", bench(account, sent), task, SOME)
    assert (run.account, run.exchanges) == (account, (sent,))


def test_a_conversation_was_kept_only_if_it_began() -> None:
    opened = replace(of(WHOLE), scenario="responses/state")
    assert made("state", "responses/state", opened).first is opened
    with pytest.raises(Inconclusive):
        made("state", "responses/state", replace(of(b"[]"), scenario="responses/state"))


def test_the_checks_ask_for_the_views_that_there_are() -> None:
    asked = {name for check in checks() for name in inspect.signature(check).parameters}
    assert asked - {"scenario"} == set(VIEWS)
