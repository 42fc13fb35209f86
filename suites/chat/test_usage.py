"""usage: how many tokens a request took."""

from itertools import pairwise

from oaicheck.rules import MUST, SHOULD, Inconclusive, NotApplicable, require, requirement
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


def _counters_are_integers(usage: Located) -> None:
    require(usage.is_object, usage, expected="an object with " + ", ".join(COUNTERS))
    for name in COUNTERS:
        counter = usage[name]
        require(
            counter.is_integer and counter.value >= 0, counter, expected="an integer, 0 or more"
        )


def _total_is_the_sum(usage: Located) -> None:
    prompt, completion, total = (usage[name] for name in COUNTERS)
    if prompt.is_integer and completion.is_integer and total.is_integer:
        require(
            prompt.value + completion.value == total.value,
            total,
            expected=f"{prompt.value} + {completion.value} = {prompt.value + completion.value}",
        )


def _prompt_is_counted(usage: Located) -> None:
    count = usage["prompt_tokens"]
    if not count.is_integer:
        raise Inconclusive("prompt_tokens is not counted")
    require(count.value > 0, count, expected="more than 0: there was a prompt")


def _answer_is_counted(answer: ChatStream | Completion, *, anything_came: bool) -> None:
    count, words = answer.usage["completion_tokens"], answer.words
    if not count.is_integer:
        raise Inconclusive("completion_tokens is not counted")
    if not anything_came:
        raise Inconclusive("the model said nothing that could be counted")
    if isinstance(answer, ChatStream) and any(
        choice.accumulates or choice.repetition is not None for choice in answer.choices
    ):
        raise Inconclusive("the text comes more than once: chat.content judges that")
    require(
        count.value >= max(1, words),
        count,
        expected=f"{words} or more, for as many words"
        if words
        else "more than 0: the model said something",
    )


def _details_are_counters(usage: Located) -> None:
    if not any(usage[name].given for name in DETAILS):
        raise NotApplicable("usage has no details")
    for name, counters in DETAILS.items():
        details = usage[name]
        if not details.given:
            continue
        require(details.is_object, details, expected="an object, null, or no such member")
        for counter in (details[counter] for counter in counters):
            require(
                not counter.given or (counter.is_integer and counter.value >= 0),
                counter,
                expected="an integer, 0 or more",
            )


def _is_part_of(part: Located, whole: Located) -> None:
    if not part.is_integer or not whole.is_integer:
        raise NotApplicable(f"{part.path} is not counted")
    require(
        part.value <= whole.value,
        part,
        expected=f"at most {whole.path}, {whole.shown}",
        beside=whole,
    )


def _two_counts(usage: Located, other: Located) -> tuple[Located, Located]:
    counts = usage["prompt_tokens"], other["prompt_tokens"]
    if not all(count.is_integer for count in counts):
        raise Inconclusive("there are not two counts to compare")
    return counts


@requirement(
    "chat.usage.streamed-counters",
    MUST,
    "Streamed usage has prompt_tokens, completion_tokens and total_tokens, integers from 0 on.",
    on="chat/stream/*",
    source=(
        "openai:chat/streaming#usage",
        "client:ai-sdk",
        "github:PaddlePaddle/FastDeploy#3247",
        "github:earendil-works/pi#2326",
    ),
    remedy="Send all three counters as integers wherever `usage` is not null.",
)
def test_streamed_counters(stream: ChatStream) -> None:
    for usage in stream.usages:
        _counters_are_integers(usage)


@requirement(
    "chat.usage.streamed-total",
    MUST,
    "Streamed total_tokens is the sum of prompt_tokens and completion_tokens.",
    on="chat/stream/*",
    source=("openai:chat/streaming#usage", "github:router-for-me/CLIProxyAPI#5733"),
    remedy="Count reasoning tokens into completion_tokens, and add up the total from both.",
)
def test_streamed_total(stream: ChatStream) -> None:
    for usage in stream.usages:
        _total_is_the_sum(usage)


@requirement(
    "chat.usage.streamed-never-decreases",
    SHOULD,
    "Where usage comes on several chunks, its counters never decrease.",
    on="chat/stream/text",
    source=("openai:chat/streaming#usage", "github:open-webui/open-webui#29064"),
    remedy="Send running totals, not the counts of single chunks: clients keep the last usage.",
)
def test_usage_never_decreases(stream: ChatStream) -> None:
    if len(stream.usages) < 2:
        raise NotApplicable("usage came on one chunk at most")
    for earlier, later in pairwise(stream.usages):
        for name in COUNTERS:
            if earlier[name].is_integer and later[name].is_integer:
                require(
                    earlier[name].value <= later[name].value,
                    later[name],
                    expected=f"at least {earlier[name].shown}, as before",
                    beside=earlier[name],
                )


@requirement(
    "chat.usage.streamed-prompt",
    SHOULD,
    "Streamed prompt_tokens is more than 0.",
    on="chat/stream/text",
    source=("openai:chat/streaming#usage", "github:earendil-works/pi#2326"),
    remedy="Count the prompt: clients decide by prompt_tokens when to compact a conversation.",
)
def test_the_prompt_is_counted_when_streamed(stream: ChatStream) -> None:
    _prompt_is_counted(stream.usage)


@requirement(
    "chat.usage.streamed-answer",
    SHOULD,
    "Streamed completion_tokens count all that the model said: they are no fewer than words.",
    on=("chat/stream/text", "chat/stream/long", "chat/stream/tool-call"),
    source="openai:chat/streaming#usage",
    remedy="Count what the model wrote, text, calls and reasoning alike.",
)
def test_the_answer_is_counted_when_streamed(stream: ChatStream) -> None:
    said = any(choice.content or choice.tool_call_deltas for choice in stream.choices)
    thought = any(found.text for found in streamed_thoughts(stream))
    _answer_is_counted(stream, anything_came=said or thought)


@requirement(
    "chat.usage.streamed-details",
    MUST,
    "Details in streamed usage are objects whose counters are integers from 0 on, or null.",
    on=("chat/stream/text", "chat/stream/tool-call"),
    source=("openai:chat/streaming#usage", "client:ai-sdk"),
    remedy="Send `*_details` as objects with integers, or leave them out.",
)
def test_streamed_details(stream: ChatStream) -> None:
    _details_are_counters(stream.usage)


@requirement(
    "chat.usage.streamed-cached",
    SHOULD,
    "Streamed cached_tokens are part of prompt_tokens.",
    on=("chat/stream/text", "chat/stream/tool-call"),
    source="openai:chat/streaming#usage",
    remedy="Count cached tokens into prompt_tokens too.",
)
def test_streamed_cached_tokens(stream: ChatStream) -> None:
    usage = stream.usage
    _is_part_of(usage["prompt_tokens_details"]["cached_tokens"], usage["prompt_tokens"])


@requirement(
    "chat.usage.streamed-reasoning",
    MUST,
    "Streamed reasoning_tokens are part of completion_tokens.",
    on=("chat/stream/text", "chat/stream/tool-call"),
    source=("openai:reasoning", "client:ai-sdk", "github:router-for-me/CLIProxyAPI#5733"),
    remedy="Count reasoning into completion_tokens: clients subtract it to get the visible text.",
)
def test_streamed_reasoning_tokens(stream: ChatStream) -> None:
    _is_part_of(reasoning_tokens(stream.usage), stream.usage["completion_tokens"])


@requirement(
    "chat.usage.same-details",
    SHOULD,
    "The details that usage has in a completion, it has in a stream.",
    on="chat/stream/text",
    against="chat/whole/text",
    source=("openai:chat/streaming#usage", "github:diegosouzapw/OmniRoute#5131"),
    remedy="Make the usage of a stream and that of a completion from one object.",
)
def test_the_details_are_the_same(stream: ChatStream, against: Completion) -> None:
    if not stream.usages:
        raise Inconclusive("no usage was streamed")
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
    "A completion has `usage` with its three counters, integers from 0 on.",
    on="chat/whole/*",
    source=("openai:chat/object#usage", "github:earendil-works/pi#2326"),
    remedy="Send prompt_tokens, completion_tokens and total_tokens with every completion.",
)
def test_counters(completion: Completion) -> None:
    _counters_are_integers(completion.usage)


@requirement(
    "chat.usage.whole-total",
    MUST,
    "A completion's total_tokens is the sum of prompt_tokens and completion_tokens.",
    on="chat/whole/*",
    source=("openai:chat/object#usage", "github:router-for-me/CLIProxyAPI#5733"),
    remedy="Count reasoning tokens into completion_tokens, and add up the total from both.",
)
def test_total(completion: Completion) -> None:
    _total_is_the_sum(completion.usage)


@requirement(
    "chat.usage.same-prompt",
    SHOULD,
    "The same prompt counts as many tokens streamed as not streamed.",
    on="chat/stream/text",
    against="chat/whole/text",
    source="openai:chat/streaming#usage",
    remedy="Count the prompt once, before it is decided how the answer travels.",
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
    SHOULD,
    "A completion's prompt_tokens is more than 0.",
    on="chat/whole/text",
    source=("openai:chat/object#usage", "github:earendil-works/pi#2326"),
    remedy="Count the prompt: clients decide by prompt_tokens when to compact a conversation.",
)
def test_the_prompt_is_counted(completion: Completion) -> None:
    _prompt_is_counted(completion.usage)


@requirement(
    "chat.usage.whole-answer",
    SHOULD,
    "A completion's completion_tokens count all that the model said: they are no fewer than words.",
    on=("chat/whole/text", "chat/whole/length"),
    source="openai:chat/object#usage",
    remedy="Count what the model wrote, text, calls and reasoning alike.",
)
def test_the_answer_is_counted(completion: Completion) -> None:
    said = completion.tool_calls or any(
        found.content or found.text for found in thoughts(completion)
    )
    _answer_is_counted(completion, anything_came=bool(said))


@requirement(
    "chat.usage.whole-details",
    MUST,
    "Details in a completion's usage are objects whose counters are integers from 0 on, or null.",
    on=("chat/whole/text", "chat/whole/tool-call"),
    source=("openai:chat/object#usage", "client:ai-sdk"),
    remedy="Send `*_details` as objects with integers, or leave them out.",
)
def test_details(completion: Completion) -> None:
    _details_are_counters(completion.usage)


@requirement(
    "chat.usage.whole-cached",
    SHOULD,
    "A completion's cached_tokens are part of prompt_tokens.",
    on=("chat/whole/text", "chat/whole/tool-call"),
    source="openai:chat/object#usage",
    remedy="Count cached tokens into prompt_tokens too.",
)
def test_cached_tokens(completion: Completion) -> None:
    usage = completion.usage
    _is_part_of(usage["prompt_tokens_details"]["cached_tokens"], usage["prompt_tokens"])


@requirement(
    "chat.usage.whole-reasoning",
    MUST,
    "A completion's reasoning_tokens are part of completion_tokens.",
    on=("chat/whole/text", "chat/whole/tool-call"),
    source=("openai:reasoning", "client:ai-sdk", "github:router-for-me/CLIProxyAPI#5733"),
    remedy="Count reasoning into completion_tokens: clients subtract it to get the visible text.",
)
def test_reasoning_tokens(completion: Completion) -> None:
    _is_part_of(reasoning_tokens(completion.usage), completion.usage["completion_tokens"])


@requirement(
    "chat.usage.one-prompt",
    SHOULD,
    "The prompt of several choices is counted once.",
    on="chat/whole/choices",
    against="chat/whole/text",
    source="openai:chat/create#n",
    remedy="Count the prompt once a request: all choices answer the same one.",
)
def test_the_prompt_of_several_choices_counts_once(
    completion: Completion, against: Completion
) -> None:
    if completion.requested("messages") != against.requested("messages"):
        raise Inconclusive("the prompts differ")
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
    "A longer prompt counts as more tokens than a short one.",
    on="chat/whole/non-ascii",
    against="chat/whole/text",
    source=("openai:chat/object#usage", "github:earendil-works/pi#2326"),
    remedy="Count the tokens of each request's own prompt.",
)
def test_a_longer_prompt_counts_more(completion: Completion, against: Completion) -> None:
    long, short = _two_counts(completion.usage, against.usage)
    require(
        long.value > short.value,
        long,
        expected=f"more than {short.shown}, which a prompt of six words took",
        beside=short,
    )
