"""Faults of tool calls that max_tokens cuts off."""

from dataclasses import replace

from ...deviation import ANSWER, CHUNKS, FRAMES, Situation, fault
from ...editing import Chunks, choices, each_choice, finish_chunks, refused
from ...http.frames import frame
from ...model.answer import Answer, Choice, ToolCall
from ...model.tokens import tokenize


def _is_cut(choice: Choice) -> bool:
    return bool(choice.calls) and choice.finish_reason == "length"


def _closed(arguments: str) -> str:
    """What is left of an object with one string, closed as by a lenient parser."""
    return arguments + ('"}' if arguments.count('"') % 2 else "}") if arguments else "{}"


@fault(
    "finish-cut-call-as-tool-calls",
    ANSWER,
    "An answer with a call that max_tokens cut off has finish_reason tool_calls.",
    "vllm-project/vllm#58228",
)
def _as_tool_calls(answer: Answer, _: Situation) -> Answer:
    return each_choice(
        answer,
        lambda choice: replace(choice, finish_reason="tool_calls") if _is_cut(choice) else choice,
    )


@fault(
    "finish-cut-call-as-tool-calls-in-stream",
    CHUNKS,
    "A stream with a call that max_tokens cut off has finish_reason tool_calls.",
    "vllm-project/vllm#46303",
)
def _as_tool_calls_in_stream(chunks: Chunks, situation: Situation) -> Chunks:
    called = situation.ask is not None and situation.ask.choosing in ("required", "named")
    for chunk in finish_chunks(chunks) if called else ():
        for choice in choices(chunk):
            if choice["finish_reason"] == "length":
                choice["finish_reason"] = "tool_calls"
    return chunks


@fault(
    "tools-cut-arguments-closed",
    ANSWER,
    "Arguments that max_tokens cut off are completed to valid JSON.",
    "vllm-project/vllm#47963",
)
def _arguments_closed(answer: Answer, _: Situation) -> Answer:
    def closed(call: ToolCall) -> ToolCall:
        return replace(call, fragments=tokenize(_closed(call.arguments)))

    return each_choice(
        answer,
        lambda choice: (
            replace(choice, calls=tuple(map(closed, choice.calls))) if _is_cut(choice) else choice
        ),
    )


@fault("tools-cut-arguments-emptied", ANSWER, "Arguments that max_tokens cut off become {}.")
def _arguments_emptied(answer: Answer, _: Situation) -> Answer:
    def emptied(call: ToolCall) -> ToolCall:
        return replace(call, fragments=("{}",))

    return each_choice(
        answer,
        lambda choice: (
            replace(choice, calls=tuple(map(emptied, choice.calls))) if _is_cut(choice) else choice
        ),
    )


@fault(
    "tools-cut-call-500",
    ANSWER,
    "A call that max_tokens cut off cannot be parsed, which gives a 500.",
    "exo-explore/exo#2184",
)
def _cut_call_500(answer: Answer, _: Situation) -> Answer:
    if any(_is_cut(choice) for choice in answer.choices):
        raise refused(500, "Failed to parse tool call arguments as JSON", kind="server_error")
    return answer


@fault(
    "tools-cut-call-as-markup",
    ANSWER,
    "A call that max_tokens cut off becomes content: the markup in which the model wrote it.",
)
def _cut_call_as_markup(answer: Answer, _: Situation) -> Answer:
    return each_choice(answer, lambda choice: _as_text(choice, "<tool_call>\n{}"))


@fault(
    "tools-cut-call-as-json",
    ANSWER,
    "A call that max_tokens cut off becomes content: the JSON in which the model wrote it.",
)
def _cut_call_as_json(answer: Answer, _: Situation) -> Answer:
    return each_choice(answer, lambda choice: _as_text(choice, "[{}"))


def _as_text(choice: Choice, form: str) -> Choice:
    if not _is_cut(choice):
        return choice
    call = choice.calls[0]
    raw = '{"name": "' + call.name + '", "arguments": ' + call.arguments
    return replace(choice, calls=(), content=tokenize(form.format(raw)))


@fault(
    "cut-call-stream-dies",
    FRAMES,
    "A streamed call that max_tokens cuts off ends in an error, without finish_reason and [DONE].",
    "experientiallabs/experiential#758",
)
def _stream_dies(frames: list[bytes], situation: Situation) -> list[bytes]:
    called = situation.ask is not None and situation.ask.choosing in ("required", "named")
    ends = [place for place, data in enumerate(frames) if b'"finish_reason":"length"' in data]
    if not called or not ends:
        return frames
    error = {"error": {"message": "The tool call is incomplete.", "code": "upstream_error"}}
    return [*frames[: ends[0]], frame(error)]
