"""Tool calls that are not streamed: a forced call is made, in the documented form."""

import re
from itertools import chain

from oaicheck.rules import (
    MUST,
    NO_CALL,
    SHOULD,
    Inconclusive,
    NotApplicable,
    clipped,
    require,
    requirement,
)
from oaicheck.views import (
    Bench,
    Completion,
    Exchange,
    Located,
    Scenario,
    call_ids,
    call_markup,
    is_free_text,
    must_be_forced,
    offered_tools,
    shown,
    texts_in,
)

_FORCED = ("chat/whole/tool*", "chat/tools/whole/*")
_ANY_CALL = (*_FORCED, "chat/stream/tool*", "chat/tools/stream/*")
_LONGEST_ID = 64
_PLAIN_ID = re.compile("[A-Za-z0-9_-]+")
_REQUIRED = ("chat/whole/tool-call", "chat/whole/tools/one-at-a-time", "chat/tools/whole/*")


@requirement(
    "chat.tools.required",
    MUST,
    "If `tool_choice` is `required`, a completion contains a tool call.",
    on=_REQUIRED,
    follows=("chat.completion.no-error", "chat.tools.not-legacy", "chat.tools.array"),
    source=("openai:chat/create#tool_choice", "github:am17an/llama.cpp#33"),
    remedy="Force the model to call a tool if `tool_choice` is `required`, or refuse "
    "`tool_choice` with a 400 that names it.",
)
def test_a_call_can_be_forced(completion: Completion) -> None:
    must_be_forced(completion)
    calls = completion.tool_calls
    cut = any(choice["finish_reason"].value == "length" for choice in completion.choices)
    if not calls and cut and not any(is_free_text(text) for text, _ in texts_in(completion)):
        raise Inconclusive("max_tokens cut off the answer before a call was made")
    require(
        len(calls) > 0,
        completion.root["choices"],
        expected="a tool call",
        observed="an answer without a tool call",
    )


@requirement(
    "chat.tools.array",
    MUST,
    "The `tool_calls` of a message are an array, null or absent.",
    on=("chat/whole/*", "chat/tools/whole/*"),
    source=("openai:chat/object#choices", "client:ai-sdk"),
    remedy="Send the calls as an array, even if there is only one.",
)
def test_calls_are_an_array(completion: Completion) -> None:
    for message in completion.messages:
        calls = message["tool_calls"]
        require(calls.is_array or not calls.given, calls, expected="an array, null or absent")


@requirement(
    "chat.tools.not-legacy",
    MUST,
    "A call of a function from `tools` is in `tool_calls`, not in the legacy `function_call`.",
    on=_FORCED,
    source="openai:chat/object#choices",
    remedy="Send the call in `tool_calls`. Use `function_call` only for the legacy `functions`.",
)
def test_no_legacy_function_call(completion: Completion) -> None:
    for message in completion.messages:
        legacy = message["function_call"]
        require(not legacy.given, legacy, expected="null or absent")


@requirement(
    "chat.tools.id",
    MUST,
    "Every tool call has an `id`, a non-empty string.",
    on=_FORCED,
    source=("openai:chat/object#choices", "github:Kilo-Org/kilocode#5816"),
    remedy="Give every call its own id: the tool's result refers to it.",
)
def test_id(calling: Completion) -> None:
    for call in calling.tool_calls:
        require(call["id"].is_text, call["id"], expected="a non-empty string")


@requirement(
    "chat.tools.ids-unique",
    MUST,
    "No two tool calls of an answer have the same id.",
    on="chat/tools/history/round-trip",
    source=("openai:function-calling", "github:Kilo-Org/kilocode#5816"),
    remedy="Give every call its own id: the tool's result refers to it.",
)
def test_ids_are_unique(opening: Completion) -> None:
    ids = [call["id"] for call in opening.tool_calls if call["id"].given]
    if len(ids) < 2:
        raise NotApplicable("the answer has fewer than two tool calls with an id")
    for position, later in enumerate(ids):
        for earlier in ids[:position]:
            require(later.value != earlier.value, later, expected="a unique id", beside=earlier)


@requirement(
    "chat.tools.ids-unique-in-run",
    SHOULD,
    "Tool calls in different answers never have the same id.",
    on="chat/whole/tool-call",
    source=(
        "openai:function-calling",
        "github:vllm-project/vllm#50295",
        "github:QwenLM/qwen-code#8382",
    ),
    remedy="Generate random ids, not ids made from the call's name or number: a conversation "
    "contains the calls of many answers, and a result refers to one of them.",
)
def test_ids_are_unique_in_the_run(calling: Completion, bench: Bench) -> None:
    seen: dict[object, Located] = {}
    answers = set()
    for given in chain.from_iterable(map(call_ids, bench.answered)):
        earlier = seen.setdefault(given.value, given)
        answers.add(given.exchange.id)
        require(
            earlier.exchange.id == given.exchange.id,
            given,
            expected="a unique id",
            observed=f"{given.shown}, the id of a call in another answer",
            beside=earlier,
        )
    if len(answers) < 2:
        raise Inconclusive("fewer than two answers have tool calls")


@requirement(
    "chat.tools.id-length",
    SHOULD,
    "The id of a tool call has at most 64 characters.",
    on=_ANY_CALL,
    source=(
        "openai:chat/create#messages",
        "github:agentgateway/agentgateway#3342",
        "github:sierra-research/tau2-bench#559",
    ),
    remedy="Send a short id of your own, and keep what belongs to it, such as a signature, in a "
    "member beside it: OpenAI and Azure refuse a history with a longer id.",
    since="2026.2",
)
def test_an_id_is_short(exchange: Exchange, scenario: Scenario) -> None:
    for given in _ids_in(exchange, scenario):
        require(
            len(given.value) <= _LONGEST_ID,
            given,
            expected=f"at most {_LONGEST_ID} characters",
            observed=clipped(given.value),
        )


@requirement(
    "chat.tools.id-characters",
    SHOULD,
    "The id of a tool call consists of letters, digits, `_` and `-`.",
    on=_ANY_CALL,
    source=("openai:function-calling", "github:agentgateway/agentgateway#3342"),
    remedy="Make ids of letters, digits, `_` and `-`: a conversation may move to another server, "
    "and some, such as Anthropic's, refuse a history with other characters in an id.",
    since="2026.2",
)
def test_an_id_has_plain_characters(exchange: Exchange, scenario: Scenario) -> None:
    for given in _ids_in(exchange, scenario):
        require(
            _PLAIN_ID.fullmatch(given.value) is not None,
            given,
            expected="letters, digits, _ and -",
            observed=clipped(given.value),
        )


def _ids_in(exchange: Exchange, scenario: Scenario) -> list[Located]:
    given = call_ids(exchange)
    if not given and scenario.may_go_without_a_call:
        raise NotApplicable("the model chose to call no tool")
    if not given:
        raise Inconclusive(
            "there is no tool call with an id",
            told_by=(*NO_CALL, "chat.tools.id", "chat.tools.streamed-id"),
        )
    return given


@requirement(
    "chat.tools.type",
    MUST,
    "Every tool call has the type `function`.",
    on=_FORCED,
    source=("openai:chat/object#choices", "github:vllm-project/vllm#16340"),
    remedy='Send `"type": "function"` with every call.',
)
def test_type(calling: Completion) -> None:
    for call in calling.tool_calls:
        require(call["type"].value == "function", call["type"], expected='"function"')


@requirement(
    "chat.tools.name",
    MUST,
    "A tool call names one of the functions in the request's `tools`.",
    on=_FORCED,
    source=("openai:function-calling", "client:ai-sdk"),
    remedy="Constrain the function's name to the names in `tools`.",
)
def test_name(calling: Completion) -> None:
    offered = offered_tools(calling.exchange)
    for call in calling.tool_calls:
        name = call["function"]["name"]
        require(name.is_one_of(offered), name, expected=f"one of {shown(sorted(offered))}")


@requirement(
    "chat.tools.markup",
    MUST,
    "If a call is forced, the content contains none of the model's own call markup, such as "
    "`<tool_call>`.",
    on=_FORCED,
    source=("openai:function-calling", "github:jundot/omlx#3153"),
    remedy="Parse the call out of the model's text, and leave none of its markup in `content`.",
)
def test_no_markup_in_the_content(completion: Completion) -> None:
    must_be_forced(completion)
    if any(choice["finish_reason"].value == "length" for choice in completion.choices):
        raise Inconclusive("max_tokens cut off the answer, perhaps in the middle of a call")
    for text, place in texts_in(completion):
        markup = call_markup(text)
        require(
            markup is None,
            place,
            expected="text without call markup",
            observed=f"text with {markup}",
        )


@requirement(
    "chat.tools.finish",
    SHOULD,
    "A completion with a forced tool call ends with finish_reason `tool_calls`.",
    on=_REQUIRED,
    follows=("chat.tools.required",),
    source=(
        "openai:chat/object#choices",
        "github:BerriAI/litellm#12862",
        "github:vllm-project/vllm#25054",
    ),
    remedy="Send finish_reason `tool_calls` whenever the answer contains calls: agent loops "
    "branch on it.",
)
def test_finish_reason(calling: Completion) -> None:
    for choice in calling.choices:
        reason = choice["finish_reason"]
        if reason.value == "length":
            raise Inconclusive("max_tokens cut off the answer")
        require(reason.value == "tool_calls", reason, expected='"tool_calls"')
