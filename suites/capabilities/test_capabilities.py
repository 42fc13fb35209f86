"""Capabilities: what a profile requires is there. Where it does not, these rules are off."""

from oaicheck.rules import MUST, Inconclusive, require, requirement, status_line
from oaicheck.views import RATE_LIMITED, Bench, Conversation, refused_capability


@requirement(
    "capability.tools",
    MUST,
    "Tool calling is served, not refused.",
    on=("chat/whole/tool-call", "chat/stream/tool-call"),
    source="openai:function-calling",
    remedy="Serve `tools` and `tool_choice`; see whether the chat template knows tools.",
)
def test_tools(conversation: Conversation, bench: Bench) -> None:
    _require_served("tools", conversation, bench)


@requirement(
    "capability.parallel-tool-calls",
    MUST,
    "`parallel_tool_calls` is served, not refused.",
    on="chat/whole/tools/one-at-a-time",
    source="openai:chat/create#parallel_tool_calls",
    remedy="Accept `parallel_tool_calls`.",
)
def test_parallel_tool_calls(conversation: Conversation, bench: Bench) -> None:
    _require_served("parallel-tool-calls", conversation, bench)


@requirement(
    "capability.named-tool-choice",
    MUST,
    "A `tool_choice` that names a function is served, not refused.",
    on="chat/stream/tools/named",
    source="openai:chat/create#tool_choice",
    remedy="Accept `tool_choice` as an object that names a function.",
)
def test_named_tool_choice(conversation: Conversation, bench: Bench) -> None:
    _require_served("named-tool-choice", conversation, bench)


@requirement(
    "capability.choices",
    MUST,
    "Several choices are served, not refused.",
    on=("chat/whole/choices", "chat/stream/choices"),
    source="openai:chat/create#n",
    remedy="Accept `n` above 1.",
)
def test_choices(conversation: Conversation, bench: Bench) -> None:
    _require_served("choices", conversation, bench)


@requirement(
    "capability.completion-limit",
    MUST,
    "`max_completion_tokens` is served, not refused.",
    on="limits/completion-limit",
    source="openai:chat/create#max_completion_tokens",
    remedy="Accept `max_completion_tokens` beside `max_tokens`.",
)
def test_completion_limit(conversation: Conversation, bench: Bench) -> None:
    _require_served("completion-limit", conversation, bench)


@requirement(
    "capability.stop",
    MUST,
    "Stop sequences are served, not refused.",
    on=("chat/whole/stop", "chat/stream/stop"),
    source="openai:chat/create#stop",
    remedy="Accept `stop`.",
)
def test_stop(conversation: Conversation, bench: Bench) -> None:
    _require_served("stop", conversation, bench)


@requirement(
    "capability.logprobs",
    MUST,
    "Log probabilities are served, not refused.",
    on=("chat/whole/logprobs", "chat/stream/logprobs"),
    source="openai:chat/create#logprobs",
    remedy="Accept `logprobs` and `top_logprobs`.",
)
def test_logprobs(conversation: Conversation, bench: Bench) -> None:
    _require_served("logprobs", conversation, bench)


@requirement(
    "capability.sampling",
    MUST,
    "Sampling parameters are served, not refused.",
    on="chat/whole/sampling",
    source="openai:chat/create#temperature",
    remedy="Accept `temperature`, `top_p`, the penalties and `seed`.",
)
def test_sampling(conversation: Conversation, bench: Bench) -> None:
    _require_served("sampling", conversation, bench)


@requirement(
    "capability.json-object",
    MUST,
    "JSON mode is served, not refused.",
    on="chat/whole/json-object",
    source="openai:structured-outputs#json-mode",
    remedy="Accept `response_format` of type json_object.",
)
def test_json_object(conversation: Conversation, bench: Bench) -> None:
    _require_served("json-object", conversation, bench)


@requirement(
    "capability.json-schema",
    MUST,
    "Structured output is served, not refused.",
    on="chat/stream/json-schema",
    source="openai:structured-outputs",
    remedy="Accept `response_format` of type json_schema.",
)
def test_json_schema(conversation: Conversation, bench: Bench) -> None:
    _require_served("json-schema", conversation, bench)


@requirement(
    "capability.responses",
    MUST,
    "The Responses API is served at the same base URL.",
    on="responses/stream/text",
    source=("openai:responses/create", "seed:opencode#Responses API Endpoint"),
    remedy="Serve POST /responses beside /chat/completions.",
)
def test_responses(conversation: Conversation, bench: Bench) -> None:
    _require_served("responses", conversation, bench)


@requirement(
    "capability.response-tools",
    MUST,
    "Function tools in the form of the Responses API are served, not refused.",
    on="responses/stream/tool-call",
    source=("openai:responses/create", "github:ggml-org/llama.cpp#22389"),
    remedy='Accept tools as `{"type": "function", "name": …, "parameters": …}`.',
)
def test_response_tools(conversation: Conversation, bench: Bench) -> None:
    _require_served("response-tools", conversation, bench)


def _require_served(name: str, conversation: Conversation, bench: Bench) -> None:
    """Any other refusal than that of the capability is for the scenario's own rules."""
    answer = conversation.turns[-1]
    if answer.status in RATE_LIMITED:
        raise Inconclusive(f"rate limited or overloaded: {status_line(answer)}")
    require(
        refused_capability(answer, [name], bench.capabilities) is None,
        answer,
        expected=f"{bench.capabilities[name].title}, which the profile requires",
    )
