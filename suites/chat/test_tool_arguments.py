"""The arguments of tool calls, whole and streamed: one JSON object, as text, that fits."""

from oaicheck.rules import MUST, SHOULD, Inconclusive, clipped, require, requirement
from oaicheck.views import Arguments, ChatStream, Completion, arguments_in, parse_json, texts_in

_WHOLE = ("chat/whole/tool*", "chat/tools/whole/*")
_STREAMED = ("chat/stream/tool*", "chat/stream/long-call", "chat/tools/stream/auto")
_ALL_STREAMED = ("chat/stream/tool*", "chat/tools/stream/*")


def _complete(answer: Completion | ChatStream) -> list[Arguments]:
    """The arguments that are text and that the token limit did not cut off."""
    complete = [arguments for arguments in arguments_in(answer) if not arguments.cut]
    if not complete:
        _must_be_told_apart(answer)
        raise Inconclusive("no call has arguments that are text and came to their end")
    return complete


def _must_be_told_apart(answer: Completion | ChatStream) -> None:
    if isinstance(answer, ChatStream) and any(call.others for call in answer.tool_calls):
        raise Inconclusive("calls share an index, so their arguments cannot be told apart")


def _written(answer: Completion | ChatStream) -> list[Arguments]:
    """Of these, the ones with something in them."""
    written = [arguments for arguments in _complete(answer) if arguments.text.strip()]
    if not written:
        raise Inconclusive("the arguments are empty")
    return written


def _are_not_empty(answer: Completion | ChatStream) -> None:
    for arguments in _complete(answer):
        require(arguments.text.strip() != "", arguments.place, expected='"{}" at least')


def _are_json(answer: Completion | ChatStream) -> None:
    for arguments in _written(answer):
        require(
            arguments.json is not None,
            arguments.place,
            expected="JSON",
            observed=clipped(arguments.text),
        )


def _are_objects(answer: Completion | ChatStream) -> None:
    parsed = [arguments for arguments in _written(answer) if arguments.json is not None]
    if not parsed:
        raise Inconclusive("the arguments are not JSON")
    for arguments in parsed:
        require(
            arguments.object is not None,
            arguments.place,
            expected="a JSON object, encoded once",
            observed=clipped(arguments.text),
        )


def _fit_the_schema(answer: Completion | ChatStream) -> None:
    judged = [
        arguments
        for arguments in _written(answer)
        if arguments.object is not None and arguments.schema is not None
    ]
    if not judged:
        raise Inconclusive("there is no object, or no schema was offered for it")
    for arguments in judged:
        require(
            arguments.mismatch is None,
            arguments.place,
            expected=f"an object that the parameters of {arguments.function} allow",
            observed=arguments.mismatch,
        )


def _are_not_repeated_as_text(answer: Completion | ChatStream) -> None:
    called = ["".join(arguments.text.split()) for arguments in arguments_in(answer)]
    for text, place in texts_in(answer):
        for arguments in called:
            require(
                len(arguments) <= 2 or arguments not in "".join(text.split()),
                place,
                expected="text that does not repeat the arguments",
            )


@requirement(
    "chat.tools.arguments-text",
    MUST,
    "The arguments of a tool call are a string.",
    on=_WHOLE,
    source=("openai:chat/object#choices", "client:ai-sdk"),
    remedy="Send the arguments as JSON text, not as an object.",
)
def test_arguments_are_text(calling: Completion) -> None:
    for call in calling.tool_calls:
        arguments = call["function"]["arguments"]
        require(arguments.is_string, arguments, expected="a string")


@requirement(
    "chat.tools.arguments-empty",
    MUST,
    "A call without arguments has the arguments `{}`, not an empty string.",
    on=_WHOLE,
    source=("openai:function-calling", "github:openai/openai-agents-js#664"),
    remedy='Send "{}" for a function without parameters: clients parse the arguments as JSON.',
)
def test_arguments_are_not_empty(calling: Completion) -> None:
    _are_not_empty(calling)


@requirement(
    "chat.tools.arguments",
    MUST,
    "The arguments of a tool call are JSON.",
    on=_WHOLE,
    source=("openai:function-calling", "seed:opencode#Tool Calling"),
    remedy="Send the arguments as JSON text, whole and with double quotes.",
)
def test_arguments_are_json(calling: Completion) -> None:
    _are_json(calling)


@requirement(
    "chat.tools.arguments-once",
    MUST,
    "The arguments of a tool call are a JSON object, encoded once.",
    on=_WHOLE,
    source=("openai:function-calling", "github:FoundationAgents/OpenManus#989"),
    remedy="Do not encode the arguments again where the model already wrote them as JSON.",
)
def test_arguments_are_an_object(calling: Completion) -> None:
    _are_objects(calling)


@requirement(
    "chat.tools.arguments-schema",
    SHOULD,
    "The arguments of a tool call are valid under the JSON Schema that was offered.",
    on=("chat/whole/tool*", "chat/tools/whole/many"),
    source="openai:function-calling",
    remedy="Constrain generation by the function's parameters.",
)
def test_arguments_are_valid(calling: Completion) -> None:
    _fit_the_schema(calling)


@requirement(
    "chat.tools.arguments-leak",
    SHOULD,
    "The content beside a tool call does not repeat its arguments.",
    on=_WHOLE,
    source=("openai:chat/object#choices", "github:youssofal/MTPLX#249"),
    remedy="Take the call out of the text that becomes `content`.",
)
def test_arguments_do_not_leak(calling: Completion) -> None:
    _are_not_repeated_as_text(calling)


@requirement(
    "chat.tools.streamed-arguments-text",
    MUST,
    "The argument fragments of a streamed tool call are strings, null or left out.",
    on=_ALL_STREAMED,
    source=("openai:chat/streaming#choices", "client:ai-sdk"),
    remedy="Send pieces of JSON text, not objects.",
)
def test_fragments_are_text(calling_stream: ChatStream) -> None:
    for delta in calling_stream.tool_call_deltas:
        fragment = delta["function"]["arguments"]
        require(fragment.is_string or not fragment.given, fragment, expected="a string")


@requirement(
    "chat.tools.streamed-arguments-empty",
    MUST,
    "A streamed call without arguments brings the arguments `{}`, not nothing.",
    on=_ALL_STREAMED,
    source=(
        "openai:chat/streaming#choices",
        "github:vllm-project/vllm#28806",
        "github:openai/openai-agents-js#664",
    ),
    remedy='Send a delta with the arguments "{}" for a function without parameters.',
)
def test_fragments_are_not_empty(calling_stream: ChatStream) -> None:
    _are_not_empty(calling_stream)


@requirement(
    "chat.tools.streamed-arguments",
    MUST,
    "The argument fragments of a streamed tool call join to JSON.",
    on=_STREAMED,
    source=(
        "openai:chat/streaming#choices",
        "seed:opencode#Tool Calling",
        "github:vllm-project/vllm#32152",
        "github:BerriAI/litellm#4537",
    ),
    remedy="Send every piece of the arguments once, the closing brace included.",
)
def test_fragments_join_to_json(calling_stream: ChatStream) -> None:
    _are_json(calling_stream)


@requirement(
    "chat.tools.streamed-arguments-once",
    MUST,
    "The argument fragments of a streamed tool call join to a JSON object, encoded once.",
    on=_ALL_STREAMED,
    source=("openai:chat/streaming#choices", "github:FoundationAgents/OpenManus#989"),
    remedy="Do not encode the arguments again where the model already wrote them as JSON.",
)
def test_fragments_join_to_an_object(calling_stream: ChatStream) -> None:
    _are_objects(calling_stream)


@requirement(
    "chat.tools.streamed-arguments-early",
    MUST,
    "The fragments of a streamed tool call are no complete JSON before the last of them.",
    on=_ALL_STREAMED,
    source=("client:ai-sdk", "github:BerriAI/litellm#4537"),
    remedy="Begin with empty arguments, not with `{}`: clients run a call as soon as its "
    "arguments parse.",
)
def test_fragments_are_complete_at_the_end(calling_stream: ChatStream) -> None:
    if not arguments_in(calling_stream):
        _must_be_told_apart(calling_stream)
        raise Inconclusive("no call has arguments that are text")
    for call in calling_stream.tool_calls:
        if call.others:
            continue
        fragments = [part for part in call.fragments if part.is_string and part.value.strip()]
        for position, fragment in enumerate(fragments[:-1], start=1):
            so_far = "".join(part.value for part in fragments[:position])
            require(
                parse_json(so_far) is None,
                fragment,
                expected="the beginning of an object",
                observed=f"{clipped(so_far)}, which is complete, though more follows",
                beside=fragments[position],
            )


@requirement(
    "chat.tools.streamed-arguments-new",
    SHOULD,
    "A delta that continues a tool call brings more of its arguments.",
    on=_ALL_STREAMED,
    source=("openai:chat/streaming#choices", "github:maximhq/bifrost#3443"),
    remedy="Leave out deltas that bring nothing: some clients take one for a call of its own.",
)
def test_continuations_bring_something(calling_stream: ChatStream) -> None:
    if not calling_stream.tool_calls:
        raise Inconclusive("no delta has an index by which it belongs to a call")
    for call in calling_stream.tool_calls:
        for later in call.continuations:
            fragment = later["function"]["arguments"]
            require(fragment.value != "", fragment, expected="a piece that is not empty")


@requirement(
    "chat.tools.streamed-arguments-schema",
    SHOULD,
    "Streamed arguments are valid under the JSON Schema that was offered.",
    on=_ALL_STREAMED,
    source="openai:function-calling",
    remedy="Constrain generation by the function's parameters.",
)
def test_joined_arguments_are_valid(calling_stream: ChatStream) -> None:
    _fit_the_schema(calling_stream)


@requirement(
    "chat.tools.streamed-arguments-leak",
    SHOULD,
    "The streamed content beside a tool call does not repeat its arguments.",
    on=_ALL_STREAMED,
    source=("openai:chat/streaming#choices", "github:youssofal/MTPLX#249"),
    remedy="Take the call out of the text that becomes `content`.",
)
def test_streamed_arguments_do_not_leak(calling_stream: ChatStream) -> None:
    _are_not_repeated_as_text(calling_stream)
