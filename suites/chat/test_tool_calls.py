"""Tool calls that are not streamed: that a forced call comes, and in the documented form."""

from itertools import chain

from oaicheck.rules import MUST, SHOULD, Inconclusive, NotApplicable, require, requirement
from oaicheck.views import (
    Bench,
    Completion,
    Located,
    call_ids,
    call_markup,
    must_be_forced,
    offered_tools,
    shown,
    texts_in,
)

_FORCED = ("chat/whole/tool*", "chat/tools/whole/*")
_REQUIRED = ("chat/whole/tool-call", "chat/whole/tools/one-at-a-time", "chat/tools/whole/*")


@requirement(
    "chat.tools.required",
    MUST,
    "Not streamed: tool_choice `required` is answered with a tool call.",
    on=_REQUIRED,
    source=("openai:chat/create#tool_choice", "github:am17an/llama.cpp#33"),
    remedy="Constrain the model to a call when tool_choice says so, or refuse the parameter with a "
    "400 that names it.",
)
def test_a_call_can_be_forced(completion: Completion) -> None:
    must_be_forced(completion)
    calls = completion.tool_calls
    if not calls and any(
        choice["finish_reason"].value == "length" for choice in completion.choices
    ):
        raise Inconclusive("max_tokens cut the answer before a call was made")
    require(
        len(calls) > 0,
        completion.root["choices"],
        expected="a tool call",
        observed="an answer without one",
    )


@requirement(
    "chat.tools.array",
    MUST,
    "A message's `tool_calls` is an array, null or left out.",
    on=("chat/whole/*", "chat/tools/whole/*"),
    source=("openai:chat/object#choices", "client:ai-sdk"),
    remedy="Send the calls as an array, even if there is only one.",
)
def test_calls_are_an_array(completion: Completion) -> None:
    for message in completion.messages:
        calls = message["tool_calls"]
        require(calls.is_array or not calls.given, calls, expected="an array, null or nothing")


@requirement(
    "chat.tools.not-legacy",
    MUST,
    "A call of a function that `tools` offered does not stand in `function_call`.",
    on=_FORCED,
    source="openai:chat/object#choices",
    remedy="Send the call in `tool_calls`; `function_call` answers the old `functions` only.",
)
def test_no_legacy_function_call(completion: Completion) -> None:
    for message in completion.messages:
        legacy = message["function_call"]
        require(not legacy.given, legacy, expected="null or nothing")


@requirement(
    "chat.tools.id",
    MUST,
    "Every tool call has an `id`, a string that is not empty.",
    on=_FORCED,
    source=("openai:chat/object#choices", "github:Kilo-Org/kilocode#5816"),
    remedy="Give every call an id of its own: the tool's result refers to it.",
)
def test_id(calling: Completion) -> None:
    for call in calling.tool_calls:
        require(call["id"].is_text, call["id"], expected="a string that is not empty")


@requirement(
    "chat.tools.ids-unique",
    MUST,
    "No two tool calls of an answer have the same id.",
    on="chat/tools/history/round-trip",
    source=("openai:function-calling", "github:Kilo-Org/kilocode#5816"),
    remedy="Give every call an id of its own: the tool's result refers to it.",
)
def test_ids_are_unique(opening: Completion) -> None:
    ids = [call["id"] for call in opening.tool_calls if call["id"].given]
    if len(ids) < 2:
        raise NotApplicable("the model makes one call at a time")
    for position, later in enumerate(ids):
        for earlier in ids[:position]:
            require(
                later.value != earlier.value, later, expected="an id of its own", beside=earlier
            )


@requirement(
    "chat.tools.ids-unique-in-run",
    SHOULD,
    "No two answers of a run give their tool calls the same id.",
    on="chat/whole/tool-call",
    source=(
        "openai:function-calling",
        "github:vllm-project/vllm#50295",
        "github:QwenLM/qwen-code#8382",
    ),
    remedy="Make ids at random, not from the call's name or its number: a conversation holds the "
    "calls of many answers, and a result refers to one of them.",
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
            expected="an id of its own",
            observed=f"{given.shown}, as for another answer's call",
            beside=earlier,
        )
    if len(answers) < 2:
        raise Inconclusive("there are no calls of two answers to compare")


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
    "A tool call names one of the functions that were offered.",
    on=_FORCED,
    source=("openai:function-calling", "client:ai-sdk"),
    remedy="Constrain the function's name to the names in `tools`.",
)
def test_name(calling: Completion) -> None:
    offered = offered_tools(calling.exchange)
    for call in calling.tool_calls:
        name = call["function"]["name"]
        require(name.value in offered, name, expected=f"one of {shown(sorted(offered))}")


@requirement(
    "chat.tools.markup",
    MUST,
    "Where a call is forced, the content holds none of the markup in which models write calls.",
    on=_FORCED,
    source=("openai:function-calling", "github:jundot/omlx#3153"),
    remedy="Parse the call out of the model's text, and leave nothing of its markup in `content`.",
)
def test_no_markup_in_the_content(completion: Completion) -> None:
    must_be_forced(completion)
    if any(choice["finish_reason"].value == "length" for choice in completion.choices):
        raise Inconclusive("max_tokens cut the answer, perhaps in the middle of a call")
    for text, place in texts_in(completion):
        markup = call_markup(text)
        require(
            markup is None, place, expected="text without call markup", observed=f"it has {markup}"
        )


@requirement(
    "chat.tools.finish",
    SHOULD,
    "A completion that was forced to call a tool ends with `tool_calls`.",
    on=_REQUIRED,
    source=(
        "openai:chat/object#choices",
        "github:BerriAI/litellm#12862",
        "github:vllm-project/vllm#25054",
    ),
    remedy="Report `tool_calls` whenever the answer holds calls; agent loops branch on it.",
)
def test_finish_reason(calling: Completion) -> None:
    for choice in calling.choices:
        reason = choice["finish_reason"]
        if reason.value == "length":
            raise Inconclusive("max_tokens cut the answer")
        require(reason.value == "tool_calls", reason, expected='"tool_calls"')
