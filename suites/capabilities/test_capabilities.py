"""Capabilities that the profile requires. For all others these checks are off."""

from oaicheck.rules import MUST, Inconclusive, require, requirement, status_line
from oaicheck.views import RATE_LIMITED, Bench, Conversation, refused_capability


@requirement(
    "capability.tools",
    MUST,
    "The endpoint accepts tool calling (`tools` and `tool_choice`).",
    on=("chat/whole/tool-call", "chat/stream/tool-call"),
    source="openai:function-calling",
    remedy="Support `tools` and `tool_choice`; check that the model's chat template supports "
    "tools.",
)
def test_tools(conversation: Conversation, bench: Bench) -> None:
    _require_served("tools", conversation, bench)


@requirement(
    "capability.parallel-tool-calls",
    MUST,
    "The endpoint accepts `parallel_tool_calls`.",
    on="chat/whole/tools/one-at-a-time",
    source="openai:chat/create#parallel_tool_calls",
    remedy="Accept `parallel_tool_calls`.",
)
def test_parallel_tool_calls(conversation: Conversation, bench: Bench) -> None:
    _require_served("parallel-tool-calls", conversation, bench)


@requirement(
    "capability.named-tool-choice",
    MUST,
    "The endpoint accepts a `tool_choice` that names a function.",
    on="chat/stream/tools/named",
    source="openai:chat/create#tool_choice",
    remedy="Accept `tool_choice` as an object that names a function.",
)
def test_named_tool_choice(conversation: Conversation, bench: Bench) -> None:
    _require_served("named-tool-choice", conversation, bench)


@requirement(
    "capability.choices",
    MUST,
    "The endpoint accepts a request for several choices (`n` above 1).",
    on=("chat/whole/choices", "chat/stream/choices"),
    source="openai:chat/create#n",
    remedy="Accept `n` above 1.",
)
def test_choices(conversation: Conversation, bench: Bench) -> None:
    _require_served("choices", conversation, bench)


@requirement(
    "capability.completion-limit",
    MUST,
    "The endpoint accepts `max_completion_tokens`.",
    on="limits/completion-limit",
    source="openai:chat/create#max_completion_tokens",
    remedy="Accept `max_completion_tokens` in addition to `max_tokens`.",
)
def test_completion_limit(conversation: Conversation, bench: Bench) -> None:
    _require_served("completion-limit", conversation, bench)


@requirement(
    "capability.stop",
    MUST,
    "The endpoint accepts stop sequences (`stop`).",
    on=("chat/whole/stop", "chat/stream/stop"),
    source="openai:chat/create#stop",
    remedy="Accept `stop`.",
)
def test_stop(conversation: Conversation, bench: Bench) -> None:
    _require_served("stop", conversation, bench)


@requirement(
    "capability.logprobs",
    MUST,
    "The endpoint accepts a request for log probabilities (`logprobs`).",
    on=("chat/whole/logprobs", "chat/stream/logprobs"),
    source="openai:chat/create#logprobs",
    remedy="Accept `logprobs` and `top_logprobs`.",
)
def test_logprobs(conversation: Conversation, bench: Bench) -> None:
    _require_served("logprobs", conversation, bench)


@requirement(
    "capability.sampling",
    MUST,
    "The endpoint accepts sampling parameters such as `temperature` and `seed`.",
    on="chat/whole/sampling",
    source="openai:chat/create#temperature",
    remedy="Accept `temperature`, `top_p`, `presence_penalty`, `frequency_penalty` and `seed`.",
)
def test_sampling(conversation: Conversation, bench: Bench) -> None:
    _require_served("sampling", conversation, bench)


@requirement(
    "capability.json-object",
    MUST,
    "The endpoint accepts JSON mode (`response_format` of type json_object).",
    on="chat/whole/json-object",
    source="openai:structured-outputs#json-mode",
    remedy="Accept `response_format` of type json_object.",
)
def test_json_object(conversation: Conversation, bench: Bench) -> None:
    _require_served("json-object", conversation, bench)


@requirement(
    "capability.json-schema",
    MUST,
    "The endpoint accepts structured output (`response_format` of type json_schema).",
    on="chat/stream/json-schema",
    source="openai:structured-outputs",
    remedy="Accept `response_format` of type json_schema.",
)
def test_json_schema(conversation: Conversation, bench: Bench) -> None:
    _require_served("json-schema", conversation, bench)


@requirement(
    "capability.responses",
    MUST,
    "The endpoint serves the Responses API at the same base URL.",
    on="responses/stream/text",
    source=("openai:responses/create", "seed:opencode#Responses API Endpoint"),
    remedy="Serve POST /responses in addition to /chat/completions.",
)
def test_responses(conversation: Conversation, bench: Bench) -> None:
    _require_served("responses", conversation, bench)


@requirement(
    "capability.response-tools",
    MUST,
    "The endpoint accepts function tools in the form of the Responses API.",
    on="responses/stream/tool-call",
    source=("openai:responses/create", "github:ggml-org/llama.cpp#22389"),
    remedy='Accept tools in the form `{"type": "function", "name": …, "parameters": …}`.',
)
def test_response_tools(conversation: Conversation, bench: Bench) -> None:
    _require_served("response-tools", conversation, bench)


def _require_served(name: str, conversation: Conversation, bench: Bench) -> None:
    """Require that the capability is not refused; any other refusal is for other requirements."""
    answer = conversation.turns[-1]
    if answer.status in RATE_LIMITED:
        raise Inconclusive(f"rate limited or overloaded: {status_line(answer)}")
    require(
        refused_capability(answer, [name], bench.capabilities) is None,
        answer,
        expected=f"support for {bench.capabilities[name].title}, which the profile requires",
    )
