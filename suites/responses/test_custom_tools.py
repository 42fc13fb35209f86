"""Tools of type custom: their input is plain text. An endpoint may refuse them, with a 4xx."""

from oaicheck.rules import (
    MUST,
    SHOULD,
    Inconclusive,
    NotApplicable,
    require,
    require_text,
    requirement,
    status_line,
)
from oaicheck.views import (
    Exchange,
    Located,
    ResponseObject,
    StreamedItem,
    offered_functions,
    require_no_server_error,
    response_of,
    shown,
)
from oaicheck.views import ResponseStream as Stream

CUSTOM = "responses/calls/custom"
_CALL = "custom_tool_call"
_SOURCE = ("openai:responses/function-calling", "client:codex", "github:antirez/ds4#745")


@requirement(
    "responses.custom-tools.no-server-error",
    MUST,
    "The endpoint serves a tool of type `custom`, or refuses it with a 4xx.",
    on=CUSTOM,
    source=("openai:responses/create#tools", "rfc9110#15.5"),
    remedy="Answer 400 and name `tools` if you do not support tools of type custom.",
    since="2026.2",
)
def test_a_custom_tool_causes_no_server_error(exchange: Exchange) -> None:
    require_no_server_error(exchange)


@requirement(
    "responses.custom-tools.called",
    MUST,
    "The call of a tool of type `custom` is a custom_tool_call item, never a function_call, and "
    "the tool is not left out.",
    on=CUSTOM,
    source=_SOURCE,
    remedy="Send the call as `custom_tool_call` with the plain text in `input`, or refuse the tool "
    "with a 400: Codex aborts a patch that comes as a function_call.",
    since="2026.2",
)
def test_a_custom_tool_is_called_as_one(exchange: Exchange) -> None:
    response = _response(exchange)
    for call in response.function_calls:
        require(False, call["type"], expected=f'"{_CALL}", because the tool has the type custom')
    if response.of_type(_CALL):
        return
    if response.status.value == "incomplete" or response.reached_limit:
        raise Inconclusive("the token limit cut off the response")
    require(
        False,
        response.root["output"],
        expected=f"a {_CALL} item, which tool_choice forces",
        observed="a response without one",
    )


@requirement(
    "responses.custom-tools.item",
    MUST,
    "A custom_tool_call has a `call_id`, the `name` of the tool, and a string `input`.",
    on=CUSTOM,
    source=_SOURCE,
    remedy="Send what the model wrote for the tool as text in `input`, not as JSON arguments.",
    since="2026.2",
)
def test_a_custom_call_is_whole(exchange: Exchange) -> None:
    offered = offered_functions(exchange)
    for call in _calls(_response(exchange)):
        require(call["call_id"].is_text, call["call_id"], expected="a non-empty string")
        name = call["name"]
        require(name.is_one_of(offered), name, expected=f"one of {shown(sorted(offered))}")
        require(call["input"].is_string, call["input"], expected="a string")


@requirement(
    "responses.custom-tools.streamed",
    SHOULD,
    "The input of a streamed custom_tool_call comes in response.custom_tool_call_input.delta, and "
    "one .done has all of it.",
    on=CUSTOM,
    source=("openai:responses/streaming", "client:codex"),
    remedy="Send the events of custom tools, not those of function calls.",
    since="2026.2",
)
def test_the_input_is_streamed(exchange: Exchange) -> None:
    _calls(_response(exchange))
    for item in _streamed(exchange):
        inputs = [text for text in item.shown if text.holder == "input"]
        ends = [whole for text in inputs for whole in text.whole]
        require(
            len(ends) == 1,
            item.added,
            expected="one response.custom_tool_call_input.done for the call",
            observed=f"{len(ends)} of them",
        )
        for text in inputs:
            if text.deltas:
                source = f"the {len(text.deltas)} deltas joined"
                beside = text.deltas[-1]["delta"]
                require_text(ends[0], text.joined, source=source, beside=beside)
        told = item.item["input"]
        require(told.value == ends[0].value, told, expected=ends[0].shown, beside=ends[0])


def _response(exchange: Exchange) -> ResponseObject:
    """The response at the end of the stream. Raises NotApplicable if the tool was refused."""
    if 400 <= (exchange.status or 0) < 500:
        raise NotApplicable(f"the endpoint refuses the tool: {status_line(exchange)}")
    return response_of(exchange)


def _calls(response: ResponseObject) -> list[Located]:
    found = response.of_type(_CALL)
    if not found:
        raise NotApplicable(f"there is no {_CALL}: responses.custom-tools.called judges that")
    return found


def _streamed(exchange: Exchange) -> list[StreamedItem]:
    found = [item for item in exchange.derived(Stream).items if item.type.value == _CALL]
    if not found:
        raise Inconclusive(f"the stream announces no {_CALL}")
    return found
