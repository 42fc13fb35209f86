"""Faults in handling tools, tool_choice and the tool history of a request."""

import json
import re
from dataclasses import replace

from ...deviation import ANSWER, BODY, CHUNKS, Object, Situation, fault
from ...editing import Chunks, content_chunks, dropped, each_call, each_choice, refused
from ...model.answer import Answer


@fault(
    "tools-choice-auto-rejected",
    BODY,
    "tools are refused with tool_choice auto or without a tool_choice.",
    "vercel/ai#2503",
)
def _auto_rejected(body: Object, _: Situation) -> Object:
    if body.get("tools") and body.get("tool_choice", "auto") == "auto":
        raise refused(400, "Currently only named tools are supported.", "tool_choice")
    return body


@fault("tools-choice-string-rejected", BODY, "A tool_choice that is a string is refused.")
def _string_rejected(body: Object, _: Situation) -> Object:
    if isinstance(body.get("tool_choice"), str):
        raise refused(400, "Input should be a valid dictionary: tool_choice", "tool_choice")
    return body


@fault(
    "tools-choice-disables-tools",
    BODY,
    "With any tool_choice the tools are no longer passed to the model.",
    "gpustack/gpustack#1381",
)
def _disables(body: Object, _: Situation) -> Object:
    return dropped(body, "tools", "tool_choice") if "tool_choice" in body else body


@fault(
    "tools-choice-forced-501",
    BODY,
    "A tool_choice that forces a call gives a 501 that names it.",
    "vllm-project/vllm#53626",
)
def _forced_is_not_implemented(body: Object, _: Situation) -> Object:
    if body.get("tool_choice") not in (None, "auto", "none"):
        raise refused(501, "tool_choice is not implemented.", "tool_choice", kind="server_error")
    return body


@fault(
    "tools-choice-required-ignored",
    BODY,
    "tool_choice required is answered with text.",
    "am17an/llama.cpp#33",
)
def _required_ignored(body: Object, _: Situation) -> Object:
    return {**body, "tool_choice": "none"} if body.get("tool_choice") == "required" else body


@fault("tools-choice-named-ignored", BODY, "A named tool_choice is answered with text.")
def _named_ignored(body: Object, _: Situation) -> Object:
    return {**body, "tool_choice": "none"} if isinstance(body.get("tool_choice"), dict) else body


@fault("tools-choice-named-other", BODY, "A named tool_choice gives a call of another tool.")
def _named_other(body: Object, _: Situation) -> Object:
    choice, tools = body.get("tool_choice"), body.get("tools")
    if not isinstance(choice, dict) or not isinstance(tools, list) or len(tools) < 2:
        return body
    names = [tool["function"]["name"] for tool in tools]
    other = next((name for name in names if name != choice["function"]["name"]), None)
    return {**body, "tool_choice": {"type": "function", "function": {"name": other}}}


@fault("tools-choice-none-ignored", BODY, "tool_choice none is answered with a call.")
def _none_ignored(body: Object, _: Situation) -> Object:
    if body.get("tools") and body.get("tool_choice") == "none":
        return {**body, "tool_choice": "required"}
    return body


@fault(
    "tools-parallel-false-ignored",
    BODY,
    "There are several calls although parallel_tool_calls is false.",
    "sgl-project/sglang#9696",
)
def _parallel_ignored(body: Object, _: Situation) -> Object:
    return dropped(body, "parallel_tool_calls")


@fault("tools-parallel-rejected", BODY, "parallel_tool_calls is refused as an unknown parameter.")
def _parallel_rejected(body: Object, _: Situation) -> Object:
    if "parallel_tool_calls" in body:
        raise refused(422, "Extra inputs are not permitted.", None)
    return body


@fault(
    "tools-parameters-omitted-rejected",
    BODY,
    "A tool without parameters is refused.",
    "ggml-org/llama.cpp#17667",
)
def _parameters_omitted(body: Object, _: Situation) -> Object:
    for tool in body.get("tools") or ():
        if "parameters" not in tool.get("function", {}):
            raise refused(500, "key 'parameters' not found", kind="server_error")
    return body


@fault(
    "tools-schema-large-set-400",
    BODY,
    "A large set of tools is refused.",
    "ggml-org/llama.cpp#25895",
)
def _large_set(body: Object, _: Situation) -> Object:
    if len(body.get("tools") or ()) > 20:
        raise refused(400, "Failed to initialize samplers: failed to parse grammar")
    return body


@fault(
    "params-tools-unsupported-500",
    BODY,
    "A request with tools is answered with a 500.",
    "ggml-org/llama.cpp#10920",
)
def _unsupported(body: Object, _: Situation) -> Object:
    if body.get("tools"):
        raise refused(500, "Unsupported param: tools", kind="server_error")
    return body


@fault("tools-ignored", BODY, "tools are accepted but never used.")
def _ignored(body: Object, _: Situation) -> Object:
    return dropped(body, "tools", "tool_choice", "parallel_tool_calls")


@fault(
    "params-assistant-null-content-dropped",
    BODY,
    "An assistant message with null content is dropped together with its calls.",
    "cubist38/mlx-openai-server#205",
)
def _null_content_dropped(body: Object, _: Situation) -> Object:
    messages = body.get("messages")
    if not isinstance(messages, list):
        return body
    kept = [m for m in messages if m.get("role") != "assistant" or m.get("content") is not None]
    return {**body, "messages": kept}


@fault(
    "params-tool-call-id-format-9-chars",
    BODY,
    "Tool call ids in the history must be nine letters or digits.",
    "anomalyco/opencode#1680",
)
def _nine_characters(body: Object, _: Situation) -> Object:
    for message in body.get("messages") or ():
        name = message.get("tool_call_id")
        if isinstance(name, str) and not re.fullmatch("[A-Za-z0-9]{9}", name):
            raise refused(
                400, f"Tool call id was {name} but must be a-z, A-Z, 0-9, with a length of 9."
            )
    return body


@fault("tools-result-ignored", BODY, "The model does not see tool results in the history.")
def _result_ignored(body: Object, _: Situation) -> Object:
    messages = body.get("messages")
    if not isinstance(messages, list):
        return body
    blank = [{**m, "content": "null"} if m.get("role") == "tool" else m for m in messages]
    return {**body, "messages": blank}


@fault("tools-second-turn-rejected", BODY, "A history with tool calls is refused.")
def _second_turn_rejected(body: Object, _: Situation) -> Object:
    if any(message.get("tool_calls") for message in body.get("messages") or ()):
        raise refused(400, "messages.1.content: Input should be a valid string")
    return body


@fault(
    "tools-extra-content-must-be-echoed",
    BODY,
    "A second turn is refused unless its calls repeat the signature from the first turn.",
    "open-webui/computer#224",
)
def _signature_wanted(body: Object, _: Situation) -> Object:
    for message in body.get("messages") or ():
        for call in message.get("tool_calls") or ():
            if "extra_content" not in call:
                raise refused(400, "Function call is missing a thought_signature.")
    return body


@fault(
    "tools-history-without-tools-rejected",
    BODY,
    "A history with tool calls is refused when no tools are offered.",
    "anomalyco/opencode#8246",
)
def _without_tools_rejected(body: Object, _: Situation) -> Object:
    if not body.get("tools") and any(m.get("tool_calls") for m in body.get("messages") or ()):
        raise refused(400, "Tool calling is not supported without the `tools=` param.")
    return body


@fault(
    "tools-result-parts-rejected",
    BODY,
    "A tool result that is an array of text parts is refused.",
    "Neroued/ninfer#56",
)
def _parts_rejected(body: Object, _: Situation) -> Object:
    for message in body.get("messages") or ():
        if message.get("role") == "tool" and isinstance(message.get("content"), list):
            raise refused(400, "tool messages must contain string content")
    return body


@fault(
    "tools-result-parts-dropped",
    BODY,
    "A tool result that is an array of text parts does not reach the model.",
    "raullenchai/Rapid-MLX#731",
)
def _parts_dropped(body: Object, _: Situation) -> Object:
    messages = body.get("messages")
    if not isinstance(messages, list):
        return body
    return {
        **body,
        "messages": [
            {**m, "content": ""}
            if m.get("role") == "tool" and isinstance(m.get("content"), list)
            else m
            for m in messages
        ],
    }


@fault(
    "tools-schema-ref-rejected",
    BODY,
    "A tool whose parameters have a $ref is refused.",
    "off-grid-ai/OGAM#442",
)
def _reference_rejected(body: Object, _: Situation) -> Object:
    if "$ref" in str(body.get("tools")):
        raise refused(400, "Failed to initialize samplers: failed to parse grammar")
    return body


@fault(
    "tools-choice-none-leaves-markup",
    ANSWER,
    "With tool_choice none the text begins with a call in the model's raw markup.",
    "sgl-project/sglang#30925",
)
def _markup_left(answer: Answer, situation: Situation) -> Answer:
    if situation.body.get("tool_choice") != "none":
        return answer
    return each_choice(
        answer, lambda choice: replace(choice, content=("<tool_call>", *choice.content))
    )


@fault(
    "tools-parallel-false-ignored-in-stream",
    BODY,
    "Several calls are streamed although parallel_tool_calls is false.",
    "vllm-project/vllm#26233",
)
def _parallel_ignored_in_stream(body: Object, situation: Situation) -> Object:
    return dropped(body, "parallel_tool_calls") if situation.streams else body


def _names_another(body: Object) -> bool:
    """Whether tool_choice names a function that is not one of the tools."""
    choice, tools = body.get("tool_choice"), body.get("tools")
    if not isinstance(choice, dict) or not tools:
        return False
    return choice["function"]["name"] not in {tool["function"]["name"] for tool in tools}


@fault(
    "tools-choice-named-ignored-in-whole",
    BODY,
    "A named tool_choice is answered with text when not streaming.",
    "ggml-org/llama.cpp#26849",
)
def _named_ignored_in_whole(body: Object, situation: Situation) -> Object:
    kept = situation.streams or _names_another(body)
    return body if kept else _named_ignored(body, situation)


@fault(
    "tools-choice-unoffered-500",
    BODY,
    "A tool_choice that names a function that is not offered gives a 500.",
    "sgl-project/sglang#28862",
)
def _unoffered_500(body: Object, _: Situation) -> Object:
    if _names_another(body):
        raise refused(500, "issubclass() arg 1 must be a class", kind="server_error")
    return body


@fault(
    "tools-choice-unoffered-ignored",
    BODY,
    "A tool_choice that names a function that is not offered is answered with text.",
)
def _unoffered_ignored(body: Object, _: Situation) -> Object:
    return {**body, "tool_choice": "none"} if _names_another(body) else body


@fault(
    "tools-offered-text-lost",
    CHUNKS,
    "If tools are offered, streamed text is held back for the tool call parser and lost.",
    "sgl-project/sglang#9657",
)
def _offered_text_lost(chunks: Chunks, situation: Situation) -> Chunks:
    if situation.ask is None or situation.ask.choosing != "auto":
        return chunks
    lost = content_chunks(chunks)
    return [chunk for chunk in chunks if chunk not in lost]


@fault(
    "tools-long-name-rejected",
    BODY,
    "A function name of 64 characters is refused.",
    "RooCodeInc/Roo-Code#10642",
)
def _long_name_rejected(body: Object, _: Situation) -> Object:
    for tool in body.get("tools") or ():
        if len(tool["function"]["name"]) > 63:
            raise refused(400, "Function name must have at most 63 characters.", "tools")
    return body


@fault("tools-name-hyphens-replaced", ANSWER, "Hyphens in a function's name become underscores.")
def _hyphens_replaced(answer: Answer, _: Situation) -> Answer:
    return each_call(answer, lambda call: replace(call, name=call.name.replace("-", "_")))


@fault(
    "tools-schema-pattern-500",
    BODY,
    "A pattern in a function's parameters gives a 500.",
    "ggml-org/llama.cpp#25895",
)
def _pattern_500(body: Object, _: Situation) -> Object:
    if '"pattern"' in json.dumps(body.get("tools")):
        raise refused(500, "Failed to initialize samplers: failed to parse grammar")
    return body


@fault(
    "tools-schema-keywords-rejected",
    BODY,
    "strict, and $schema in a function's parameters, are refused.",
    "NousResearch/hermes-agent#18530",
)
def _keywords_rejected(body: Object, _: Situation) -> Object:
    for tool in body.get("tools") or ():
        if "strict" in tool["function"] or "$schema" in tool["function"].get("parameters", {}):
            raise refused(400, "Extra inputs are not permitted")
    return body


@fault(
    "tools-history-content-key-500",
    BODY,
    "An assistant message with calls but without a content key gives a 500.",
    "InternLM/lmdeploy#4035",
)
def _content_key_500(body: Object, _: Situation) -> Object:
    if any(m.get("role") == "assistant" and "content" not in m for m in body["messages"]):
        raise refused(500, "KeyError: 'content'", kind="server_error")
    return body


@fault(
    "tools-history-empty-arguments-rejected",
    BODY,
    "A call in the history with arguments that are not JSON is refused.",
    "vllm-project/vllm#48922",
)
def _empty_arguments_rejected(body: Object, _: Situation) -> Object:
    for message in body.get("messages") or ():
        for call in message.get("tool_calls") or ():
            if not call["function"]["arguments"]:
                raise refused(400, "Expecting value: line 1 column 1 (char 0)")
    return body
