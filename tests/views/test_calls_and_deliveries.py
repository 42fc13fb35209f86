"""Views of kept state, forced and cut calls, and of how a long answer was delivered."""

import json
from typing import Any

import pytest

from oaicheck.rules.judging import Breach, Inconclusive, NotApplicable
from oaicheck.views.chat import ChatStream
from oaicheck.views.delivery import LONG_ANSWER, delivery_of, require_as_generated, written_tokens
from oaicheck.views.kept_state import KeptState, continuation_in
from oaicheck.views.of_exchange import lacking
from oaicheck.views.responses import ResponseObject
from oaicheck.views.tool_calls import arguments_in, require_a_call
from oaicheck.wire.exchange import Exchange, Request, Segment
from support.answers import answer


def asking(body: Any) -> Request:
    return Request("POST", "http://endpoint.test/v1/x", (), json.dumps(body).encode())


@pytest.mark.parametrize(
    ("status", "raised"),
    [
        (None, None),
        (200, None),
        (399, None),
        (400, NotApplicable),
        (404, NotApplicable),
        (499, NotApplicable),
        (500, None),
        (429, Inconclusive),
        (503, Inconclusive),
    ],
)
def test_a_continuation(status: int | None, raised: type[Exception] | None) -> None:
    continued = answer(turn=2, status=status)
    if raised is None:
        assert continuation_in(KeptState({2: continued})) is continued
    else:
        with pytest.raises(raised):
            continuation_in(KeptState({2: continued}))


def response(asked: Any = None, **body: Any) -> ResponseObject:
    made: Exchange = answer(request=asking(asked or {}), body=body)
    assert made.json is not None
    return ResponseObject(made.json)


CALL = {"type": "function_call", "name": "f"}
USED_UP = {"output_tokens": 16}


@pytest.mark.parametrize(
    ("body", "raised"),
    [
        ({"output": [CALL]}, None),
        ({"output": [CALL], "status": "incomplete"}, None),
        ({"output": []}, Breach),
        ({"output": [], "status": "incomplete"}, Inconclusive),
        ({"output": [], "status": "completed", "usage": USED_UP}, Inconclusive),
        ({"output": [], "status": "completed", "usage": {"output_tokens": 15}}, Breach),
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
    with pytest.raises(NotApplicable, match="refuses to force"):
        require_a_call(response({"tool_choice": "auto"}, output=[]))


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
    delta = {"tool_calls": [{"index": 0, "function": {"name": "f", "arguments": arguments}}]}
    chunk = json.dumps({"choices": [{"index": 0, "delta": delta}]}).encode()
    made = answer(request=asking({"tools": tools}), segments=(Segment(1, b"data: %s\n\n" % chunk),))
    (found,) = arguments_in(ChatStream(made))
    assert found.closed_early is closed


def came(*times: float, counted: int | None = None, ended: float = 0.0) -> ChatStream:
    """A stream of which three characters came at each of these times."""
    chunks: list[dict[str, Any]] = [
        {"choices": [{"index": 0, "delta": {"content": "abc"}}]} for _ in times
    ]
    if counted is not None:
        chunks[-1]["usage"] = {"completion_tokens": counted}
    pieces = [b"data: %s\n\n" % json.dumps(chunk).encode() for chunk in chunks]
    segments = tuple(Segment(at, piece) for at, piece in zip(times, pieces, strict=True))
    return ChatStream(answer(segments=segments, ended_at=ended))


@pytest.mark.parametrize(("counted", "tokens"), [(None, 2), (1, 2), (2, 2), (5, 5)])
def test_what_was_written_at_least(counted: int | None, tokens: int) -> None:
    assert written_tokens(came(1.0, 2.0, counted=counted)) == tokens


@pytest.mark.parametrize(
    ("times", "first_token", "raised"),
    [
        ((0.1, 0.2, 0.3, 0.4), 0.1, None),
        ((1.0, 1.0, 1.0, 1.0), 0.1, Breach),
        ((1.0, 1.0, 1.0, 1.2), 0.1, Breach),
        ((1.0, 1.0, 1.0, 1.4), 0.1, None),
        ((1.0, 1.0, 1.0, 1.0), 0.9, NotApplicable),
        ((0.2, 0.2, 0.2, 0.2), 0.1, NotApplicable),
        ((0.5, 0.5, 0.5, 0.9), 0.1, None),
    ],
)
def test_an_answer_that_was_held_back(
    times: tuple[float, ...], first_token: float, raised: type[Exception] | None
) -> None:
    beginning = came(first_token, ended=first_token)
    if raised is None:
        require_as_generated(delivery_of(came(*times)), 12, beginning)
    else:
        with pytest.raises(raised):
            require_as_generated(delivery_of(came(*times)), 12, beginning)


@pytest.mark.parametrize(
    ("times", "spread"),
    [
        ((0.1, 0.2, 0.3), True),
        ((0.15, 0.3), True),
        ((0.16, 0.3), False),
        ((0.1, 0.2, 0.29), False),
        ((0.3, 0.3), False),
    ],
)
def test_pieces_that_came_all_the_time(times: tuple[float, ...], spread: bool) -> None:
    assert delivery_of(came(*times)).is_spread is spread


def test_the_bounds_of_what_was_held_back() -> None:
    beginning = came(0.1)
    require_as_generated(delivery_of(came(0.75, 1.0)), 6, beginning)
    for times in ((0.79, 1.0), (0.3, 0.3)):
        with pytest.raises(Breach):
            require_as_generated(delivery_of(came(*times)), 6, beginning)
    require_as_generated(delivery_of(came(0.1, 0.2, 0.3)), 9, came(0.1, counted=5))
    assert written_tokens(came()) == 0


def test_what_tells_nothing_about_the_delivery() -> None:
    late, beginning = delivery_of(came(1.0, 1.0, 1.0, 1.0)), came(0.1, ended=0.1)
    with pytest.raises(Inconclusive, match="may have thought first"):
        require_as_generated(late, 13, beginning)
    with pytest.raises(Inconclusive, match="wrote 5: it cannot be told how long"):
        require_as_generated(late, 12, came(0.1, counted=5, ended=0.1))
    with pytest.raises(Breach, match=r"all 4 pieces within 0\.00 s; one token takes 0\.10 s"):
        require_as_generated(late, 12, came(0.1, counted=4, ended=0.1))


def test_the_least_that_is_seen_growing() -> None:
    """Fifty tokens of two characters and more, as the rules about deliveries say."""
    assert LONG_ANSWER == 50


def test_what_is_said_of_a_response_that_was_cut_before_a_message() -> None:
    cut = response(status="incomplete", incomplete_details={"reason": "max_output_tokens"})
    assert str(lacking(cut, "no text")) == (
        "the token limit ended the response before a message: no text"
    )
    assert isinstance(lacking(response(status="completed"), "no text"), Inconclusive)
