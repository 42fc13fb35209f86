"""usage: how many tokens a request used."""

from itertools import pairwise

from oaicheck.rules import (
    MUST,
    NO_USAGE,
    SHOULD,
    Inconclusive,
    NotApplicable,
    require,
    requirement,
)
from oaicheck.views import (
    ChatStream,
    Completion,
    Located,
    reasoning_tokens,
    streamed_thoughts,
    thoughts,
)

COUNTERS = ("prompt_tokens", "completion_tokens", "total_tokens")
DETAILS = {
    "prompt_tokens_details": ("cached_tokens", "audio_tokens"),
    "completion_tokens_details": (
        "reasoning_tokens",
        "audio_tokens",
        "accepted_prediction_tokens",
        "rejected_prediction_tokens",
    ),
}


def _require_counters(usage: Located) -> None:
    require(usage.is_object, usage, expected="an object with " + ", ".join(COUNTERS))
    for name in COUNTERS:
        counter = usage[name]
        require(
            counter.is_integer and counter.value >= 0, counter, expected="an integer, 0 or more"
        )


def _require_sum(usage: Located) -> None:
    prompt, completion, total = (usage[name] for name in COUNTERS)
    if prompt.is_integer and completion.is_integer and total.is_integer:
        require(
            prompt.value + completion.value == total.value,
            total,
            expected=f"{prompt.value} + {completion.value} = {prompt.value + completion.value}",
        )


def _require_prompt_counted(usage: Located) -> None:
    count = usage["prompt_tokens"]
    if not count.is_integer:
        raise Inconclusive(
            "prompt_tokens is missing or not an integer", told_by=NO_USAGE, anywhere=True
        )
    require(count.value > 0, count, expected="more than 0: the request has a prompt")


def _require_answer_counted(answer: ChatStream | Completion, *, has_output: bool) -> None:
    count, words = answer.usage["completion_tokens"], answer.words
    if not count.is_integer:
        raise Inconclusive(
            "completion_tokens is missing or not an integer", told_by=NO_USAGE, anywhere=True
        )
    if not has_output:
        raise Inconclusive("the model wrote nothing to count")
    if isinstance(answer, ChatStream) and any(
        choice.accumulates or choice.repetition is not None for choice in answer.choices
    ):
        raise Inconclusive(
            "the text is sent more than once (see chat.content.*)",
            told_by=(
                "chat.content.increments",
                "chat.content.no-repeat-at-end",
                "chat.content.no-doubled-delta",
            ),
        )
    require(
        count.value >= max(1, words),
        count,
        expected=f"at least {words}: the answer has {words} words"
        if words
        else "more than 0: the model wrote something",
    )


def _require_details(usage: Located) -> None:
    if not any(usage[name].given for name in DETAILS):
        raise NotApplicable("usage has no details")
    for name, counters in DETAILS.items():
        details = usage[name]
        if not details.given:
            continue
        require(details.is_object, details, expected="an object, null or absent")
        for counter in (details[counter] for counter in counters):
            require(
                not counter.given or (counter.is_integer and counter.value >= 0),
                counter,
                expected="an integer, 0 or more",
            )


def _require_part(part: Located, whole: Located) -> None:
    if not part.is_integer or not whole.is_integer:
        raise NotApplicable(f"{part.path} or {whole.path} is missing or not an integer")
    require(
        part.value <= whole.value,
        part,
        expected=f"at most {whole.shown}, the value of {whole.path}",
        beside=whole,
    )


def _two_counts(usage: Located, other: Located) -> tuple[Located, Located]:
    counts = usage["prompt_tokens"], other["prompt_tokens"]
    if not all(count.is_integer for count in counts):
        raise Inconclusive(
            "prompt_tokens is missing in one of the two responses", told_by=NO_USAGE, anywhere=True
        )
    return counts


@requirement(
    "chat.usage.streamed-counters",
    MUST,
    "Streamed usage has `prompt_tokens`, `completion_tokens` and `total_tokens`, integers of 0 or "
    "more.",
    on="chat/stream/*",
    source=(
        "openai:chat/streaming#usage",
        "client:ai-sdk",
        "github:PaddlePaddle/FastDeploy#3247",
        "github:earendil-works/pi#2326",
    ),
    remedy="Send all three counters as integers in every `usage` that is not null.",
)
def test_streamed_counters(stream: ChatStream) -> None:
    for usage in stream.usages:
        _require_counters(usage)


@requirement(
    "chat.usage.streamed-total",
    MUST,
    "In streamed usage, `total_tokens` is the sum of `prompt_tokens` and `completion_tokens`.",
    on="chat/stream/*",
    follows=("chat.usage.streamed-counters",),
    source=("openai:chat/streaming#usage", "github:router-for-me/CLIProxyAPI#5733"),
    remedy="Include reasoning tokens in `completion_tokens`, and send the sum of the two counts "
    "as `total_tokens`.",
)
def test_streamed_total(stream: ChatStream) -> None:
    for usage in stream.usages:
        _require_sum(usage)


@requirement(
    "chat.usage.streamed-never-decreases",
    SHOULD,
    "If several chunks have usage, its counters never decrease.",
    on="chat/stream/text",
    follows=("chat.usage.streamed-counters",),
    source=("openai:chat/streaming#usage", "github:open-webui/open-webui#29064"),
    remedy="Send running totals, not the counts of single chunks: clients keep the last usage.",
)
def test_usage_never_decreases(stream: ChatStream) -> None:
    if len(stream.usages) < 2:
        raise NotApplicable("at most one chunk has usage")
    for earlier, later in pairwise(stream.usages):
        for name in COUNTERS:
            if earlier[name].is_integer and later[name].is_integer:
                require(
                    earlier[name].value <= later[name].value,
                    later[name],
                    expected=f"at least {earlier[name].shown}, the earlier count",
                    beside=earlier[name],
                )


@requirement(
    "chat.usage.streamed-prompt",
    MUST,
    "In streamed usage, `prompt_tokens` is more than 0.",
    on="chat/stream/text",
    follows=("chat.usage.streamed-counters",),
    source=("openai:chat/streaming#usage", "github:earendil-works/pi#2326"),
    remedy="Count the prompt's tokens: clients use `prompt_tokens` to decide when to compact a "
    "conversation.",
)
def test_the_prompt_is_counted_when_streamed(stream: ChatStream) -> None:
    _require_prompt_counted(stream.usage)


@requirement(
    "chat.usage.streamed-answer",
    SHOULD,
    "In streamed usage, `completion_tokens` counts everything the model wrote: more than 0, and "
    "at least one token per word.",
    on=("chat/stream/text", "chat/stream/long", "chat/stream/tool-call"),
    source="openai:chat/streaming#usage",
    remedy="Count everything that the model wrote: text, tool calls and reasoning.",
)
def test_the_answer_is_counted_when_streamed(stream: ChatStream) -> None:
    said = any(choice.content or choice.tool_call_deltas for choice in stream.choices)
    thought = any(found.text for found in streamed_thoughts(stream))
    _require_answer_counted(stream, has_output=said or thought)


@requirement(
    "chat.usage.streamed-details",
    MUST,
    "In streamed usage, every `*_details` member is an object, null or absent, and its counters "
    "are integers of 0 or more, null or absent.",
    on=("chat/stream/text", "chat/stream/tool-call"),
    source=("openai:chat/streaming#usage", "client:ai-sdk"),
    remedy="Send `*_details` as objects with integers, or omit them.",
)
def test_streamed_details(stream: ChatStream) -> None:
    _require_details(stream.usage)


@requirement(
    "chat.usage.streamed-cached",
    SHOULD,
    "In streamed usage, `cached_tokens` is at most `prompt_tokens`.",
    on=("chat/stream/text", "chat/stream/tool-call"),
    source="openai:chat/streaming#usage",
    remedy="Include cached tokens in `prompt_tokens`.",
)
def test_streamed_cached_tokens(stream: ChatStream) -> None:
    usage = stream.usage
    _require_part(usage["prompt_tokens_details"]["cached_tokens"], usage["prompt_tokens"])


@requirement(
    "chat.usage.streamed-reasoning",
    MUST,
    "In streamed usage, `reasoning_tokens` is at most `completion_tokens`.",
    on=("chat/stream/text", "chat/stream/tool-call"),
    source=("openai:reasoning", "client:ai-sdk", "github:router-for-me/CLIProxyAPI#5733"),
    remedy="Include reasoning tokens in `completion_tokens`: clients subtract them to get the "
    "count of the visible text.",
)
def test_streamed_reasoning_tokens(stream: ChatStream) -> None:
    _require_part(reasoning_tokens(stream.usage), stream.usage["completion_tokens"])


@requirement(
    "chat.usage.same-details",
    SHOULD,
    "Streamed usage has every `*_details` counter that the usage of a completion has.",
    on="chat/stream/text",
    against="chat/whole/text",
    source=("openai:chat/streaming#usage", "github:diegosouzapw/OmniRoute#5131"),
    remedy="Build the usage of streams and completions in the same code.",
)
def test_the_details_are_the_same(stream: ChatStream, against: Completion) -> None:
    if not stream.usages:
        raise Inconclusive("the stream has no usage", told_by=NO_USAGE, anywhere=True)
    counted = [name for name in DETAILS if len(against.usage[name]) > 0]
    if not counted:
        raise NotApplicable("usage has no details")
    for name in counted:
        for counter, whole in against.usage[name].members():
            require(
                stream.usage[name][counter].given or not whole.given,
                stream.usage[name][counter],
                expected="a count, as without streaming",
                beside=whole,
            )


@requirement(
    "chat.usage.whole",
    MUST,
    "A completion has `usage` with `prompt_tokens`, `completion_tokens` and `total_tokens`, "
    "integers of 0 or more.",
    on="chat/whole/*",
    follows=("chat.completion.no-error",),
    source=("openai:chat/object#usage", "github:earendil-works/pi#2326"),
    remedy="Send `prompt_tokens`, `completion_tokens` and `total_tokens` in the usage of every "
    "completion.",
)
def test_counters(completion: Completion) -> None:
    _require_counters(completion.usage)


@requirement(
    "chat.usage.whole-total",
    MUST,
    "In a completion's usage, `total_tokens` is the sum of `prompt_tokens` and "
    "`completion_tokens`.",
    on="chat/whole/*",
    follows=("chat.usage.whole",),
    source=("openai:chat/object#usage", "github:router-for-me/CLIProxyAPI#5733"),
    remedy="Include reasoning tokens in `completion_tokens`, and send the sum of the two counts "
    "as `total_tokens`.",
)
def test_total(completion: Completion) -> None:
    _require_sum(completion.usage)


@requirement(
    "chat.usage.same-prompt",
    SHOULD,
    "The same prompt has the same `prompt_tokens` streamed and not streamed.",
    on="chat/stream/text",
    against="chat/whole/text",
    follows=("chat.usage.streamed-counters", "chat.usage.whole"),
    source="openai:chat/streaming#usage",
    remedy="Count the prompt in code that streams and completions share.",
)
def test_the_prompt_counts_the_same(stream: ChatStream, against: Completion) -> None:
    streamed, whole = _two_counts(stream.usage, against.usage)
    require(
        streamed.value == whole.value,
        streamed,
        expected=f"{whole.shown}, as without streaming",
        beside=whole,
    )


@requirement(
    "chat.usage.whole-prompt",
    MUST,
    "In a completion's usage, `prompt_tokens` is more than 0.",
    on="chat/whole/text",
    follows=("chat.usage.whole",),
    source=("openai:chat/object#usage", "github:earendil-works/pi#2326"),
    remedy="Count the prompt's tokens: clients use `prompt_tokens` to decide when to compact a "
    "conversation.",
)
def test_the_prompt_is_counted(completion: Completion) -> None:
    _require_prompt_counted(completion.usage)


@requirement(
    "chat.usage.whole-answer",
    SHOULD,
    "In a completion's usage, `completion_tokens` counts everything the model wrote: more than 0, "
    "and at least one token per word.",
    on=("chat/whole/text", "chat/whole/length"),
    source="openai:chat/object#usage",
    remedy="Count everything that the model wrote: text, tool calls and reasoning.",
)
def test_the_answer_is_counted(completion: Completion) -> None:
    said = completion.tool_calls or any(
        found.content or found.text for found in thoughts(completion)
    )
    _require_answer_counted(completion, has_output=bool(said))


@requirement(
    "chat.usage.whole-details",
    MUST,
    "In a completion's usage, every `*_details` member is an object, null or absent, and its "
    "counters are integers of 0 or more, null or absent.",
    on=("chat/whole/text", "chat/whole/tool-call"),
    source=("openai:chat/object#usage", "client:ai-sdk"),
    remedy="Send `*_details` as objects with integers, or omit them.",
)
def test_details(completion: Completion) -> None:
    _require_details(completion.usage)


@requirement(
    "chat.usage.whole-cached",
    SHOULD,
    "In a completion's usage, `cached_tokens` is at most `prompt_tokens`.",
    on=("chat/whole/text", "chat/whole/tool-call"),
    source="openai:chat/object#usage",
    remedy="Include cached tokens in `prompt_tokens`.",
)
def test_cached_tokens(completion: Completion) -> None:
    usage = completion.usage
    _require_part(usage["prompt_tokens_details"]["cached_tokens"], usage["prompt_tokens"])


@requirement(
    "chat.usage.whole-reasoning",
    MUST,
    "In a completion's usage, `reasoning_tokens` is at most `completion_tokens`.",
    on=("chat/whole/text", "chat/whole/tool-call"),
    source=("openai:reasoning", "client:ai-sdk", "github:router-for-me/CLIProxyAPI#5733"),
    remedy="Include reasoning tokens in `completion_tokens`: clients subtract them to get the "
    "count of the visible text.",
)
def test_reasoning_tokens(completion: Completion) -> None:
    _require_part(reasoning_tokens(completion.usage), completion.usage["completion_tokens"])


@requirement(
    "chat.usage.one-prompt",
    SHOULD,
    "If a completion has several choices, `prompt_tokens` counts the prompt only once.",
    on="chat/whole/choices",
    against="chat/whole/text",
    source="openai:chat/create#n",
    remedy="Count the prompt once per request: all choices share it.",
)
def test_the_prompt_of_several_choices_counts_once(
    completion: Completion, against: Completion
) -> None:
    if completion.requested("messages") != against.requested("messages"):
        raise Inconclusive("the two prompts differ")
    several, one = _two_counts(completion.usage, against.usage)
    require(
        several.value == one.value,
        several,
        expected=f"{one.shown}, as for one choice",
        beside=one,
    )


@requirement(
    "chat.usage.longer-prompt",
    SHOULD,
    "A longer prompt has more `prompt_tokens` than a short one.",
    on="chat/whole/non-ascii",
    against="chat/whole/text",
    source=("openai:chat/object#usage", "github:earendil-works/pi#2326"),
    remedy="For each request, count the tokens of its own prompt.",
)
def test_a_longer_prompt_counts_more(completion: Completion, against: Completion) -> None:
    long, short = _two_counts(completion.usage, against.usage)
    require(
        long.value > short.value,
        long,
        expected=f"more than {short.shown}, the count for a prompt of six words",
        beside=short,
    )
