"""Reasoning: what a model thinks before it answers, where the endpoint shows it."""

from oaicheck.rules import MUST, SHOULD, Inconclusive, NotApplicable, require, requirement
from oaicheck.views import (
    REASONING_NAMES,
    THINKING_TAGS,
    Answered,
    Bench,
    ChatStream,
    Completion,
    Conversation,
    Exchange,
    Located,
    Thoughts,
    last_delta,
    reasoning_members,
    reasoning_tokens,
    shown,
    streamed_thoughts,
    thoughts,
)

_NONE = "the model gave no reasoning"
_TELLING = 40
"""A passage of as many characters does not come up twice by chance."""


def _shown(found: list[Thoughts]) -> list[Thoughts]:
    """Those with reasoning; where there are none, nothing is to be judged."""
    shown = [one for one in found if one.text]
    if not shown:
        raise NotApplicable(_NONE)
    return shown


def _is_declared(bench: Bench) -> bool:
    declared = bench.facts.get("target", {}).get("capabilities", {})
    return "reasoning" in bench.profile.requires or declared.get("reasoning") is True


@requirement(
    "chat.reasoning.streamed",
    MUST,
    "A model that is declared to show its reasoning streams it.",
    on="chat/stream/text",
    source=("seed:opencode#Reasoning Content", "deepseek:reasoning"),
    remedy="Relay `reasoning_content` deltas, or declare that the model shows no reasoning.",
)
def test_declared_reasoning_is_streamed(stream: ChatStream, bench: Bench) -> None:
    _is_shown(streamed_thoughts(stream), stream.exchange, bench)


@requirement(
    "chat.reasoning.whole",
    MUST,
    "A model that is declared to show its reasoning has it in a completion.",
    on="chat/whole/text",
    source=("seed:opencode#Reasoning Content", "deepseek:reasoning"),
    remedy="Relay `message.reasoning_content`, or declare that the model shows no reasoning.",
)
def test_declared_reasoning_is_in_a_completion(completion: Completion, bench: Bench) -> None:
    _is_shown(thoughts(completion), completion.exchange, bench)


def _is_shown(found: list[Thoughts], exchange: Exchange, bench: Bench) -> None:
    shown = any(one.text for one in found)
    if not shown and not _is_declared(bench):
        raise NotApplicable(_NONE)
    require(shown, exchange, expected="reasoning_content or reasoning", observed="neither")


@requirement(
    "chat.reasoning.streamed-string",
    MUST,
    "Streamed reasoning is a string wherever it is given.",
    on=("chat/stream/text", "chat/stream/tool-call"),
    source=("deepseek:reasoning", "client:ai-sdk"),
    remedy="Send each piece of reasoning as a string; null or no member where there is none.",
)
def test_streamed_reasoning_is_a_string(stream: ChatStream) -> None:
    _are_strings(reasoning_members([delta for choice in stream.choices for delta in choice.deltas]))


@requirement(
    "chat.reasoning.whole-string",
    MUST,
    "A completion's reasoning is a string where it is given.",
    on=("chat/whole/text", "chat/whole/tool-call"),
    source=("deepseek:reasoning", "client:ai-sdk"),
    remedy="Send the reasoning as one string; null or no member where there is none.",
)
def test_reasoning_is_a_string(completion: Completion) -> None:
    _are_strings(reasoning_members(completion.messages))


def _are_strings(given: list[Located]) -> None:
    if not given:
        raise NotApplicable(_NONE)
    for member in given:
        require(member.is_string, member, expected="a string")


@requirement(
    "chat.reasoning.also-streamed",
    SHOULD,
    "Reasoning that a completion shows is streamed too.",
    on="chat/stream/text",
    against="chat/whole/text",
    source=("deepseek:reasoning", "seed:opencode#Reasoning Content"),
    remedy="Relay reasoning in deltas as in messages.",
)
def test_reasoning_is_streamed_too(stream: ChatStream, against: Completion) -> None:
    _shown(thoughts(against))
    require(
        any(one.text for one in streamed_thoughts(stream)),
        stream.exchange,
        expected="reasoning, as without streaming",
        observed="no reasoning in any delta",
        beside=against.exchange,
    )


@requirement(
    "chat.reasoning.also-whole",
    SHOULD,
    "Reasoning that is streamed is in a completion too.",
    on="chat/whole/text",
    against="chat/stream/text",
    source=("deepseek:reasoning", "github:decolua/9router#2774"),
    remedy="Relay reasoning in messages as in deltas.",
)
def test_reasoning_is_in_a_completion_too(completion: Completion, against: ChatStream) -> None:
    _shown(streamed_thoughts(against))
    require(
        any(one.text for one in thoughts(completion)),
        completion.exchange,
        expected="reasoning, as when streaming",
        observed="no reasoning in any message",
        beside=against.exchange,
    )


@requirement(
    "chat.reasoning.same-name",
    SHOULD,
    "Reasoning has the same name streamed and not.",
    on="chat/stream/text",
    against="chat/whole/text",
    source=("deepseek:reasoning", "github:vllm-project/vllm#27755"),
    remedy="Choose one of reasoning_content and reasoning, for deltas and messages alike.",
)
def test_reasoning_has_one_name_in_both(stream: ChatStream, against: Completion) -> None:
    streamed = _shown(streamed_thoughts(stream))
    whole = _shown(thoughts(against))
    names = {name for one in streamed for name in one.names}
    require(
        any(name in names for one in whole for name in one.names),
        streamed[0].pieces[0],
        expected=f"the name {' or '.join(whole[0].names)}, as without streaming",
        beside=whole[0].pieces[0],
    )


@requirement(
    "chat.reasoning.one-name",
    SHOULD,
    "One name carries all the reasoning of a stream.",
    on="chat/stream/text",
    source=("deepseek:reasoning", "client:ai-sdk", "github:vllm-project/vllm#27755"),
    remedy="Send every piece under the same name; if under both, the same text under each.",
)
def test_one_name_carries_all(stream: ChatStream) -> None:
    for one in _shown(streamed_thoughts(stream)):
        if len(one.names) > 1:
            first, second = (one.called(name) for name in REASONING_NAMES)
            require(
                first == second,
                one.pieces[0],
                expected=f"the same text as {REASONING_NAMES[0]} and as {REASONING_NAMES[1]}",
                observed=f"{shown(first)} and {shown(second)}",
            )


@requirement(
    "chat.reasoning.increments",
    MUST,
    "Each piece of streamed reasoning adds to those before it and does not repeat them.",
    on=("chat/stream/text", "chat/stream/tool-call"),
    source=("deepseek:reasoning", "client:ai-sdk", "github:infiniflow/ragflow#15443"),
    remedy="Send only what is new in each delta: clients append it.",
)
def test_reasoning_comes_in_increments(stream: ChatStream) -> None:
    for one in _shown(streamed_thoughts(stream)):
        before = ""
        for piece in one.pieces:
            repeated = len(before) >= _TELLING and piece.value.startswith(before)
            require(not repeated, piece, expected="only what is new")
            before += (
                piece.value if not piece.value.startswith(before) else piece.value[len(before) :]
            )


@requirement(
    "chat.reasoning.before-content",
    SHOULD,
    "In a stream of text, the reasoning comes before the content.",
    on="chat/stream/text",
    source=("deepseek:reasoning", "client:ai-sdk"),
    remedy="Stream the reasoning as the model writes it, ahead of the answer.",
)
def test_reasoning_comes_before_content(stream: ChatStream) -> None:
    for one in _shown(streamed_thoughts(stream)):
        spoken = [piece for piece in one.contents if piece.value.strip()]
        for thought in one.pieces:
            if spoken and spoken[0].event and thought.event:
                require(
                    thought.event.number <= spoken[0].event.number,
                    thought,
                    expected="no reasoning after content",
                    beside=spoken[0],
                )


@requirement(
    "chat.reasoning.answered",
    SHOULD,
    "An answer that ended by itself has content, and not reasoning alone.",
    on=("chat/stream/text", "chat/whole/text"),
    source=(
        "deepseek:reasoning",
        "github:vllm-project/vllm#40816",
        "github:xorbitsai/inference#3673",
    ),
    remedy="End the reasoning where the model ends it, also where its closing tag is missing or "
    "another: what follows is the content.",
)
def test_the_answer_stands_beside_the_reasoning(answered: Answered) -> None:
    for choice in answered.choices:
        thought = [place for place in choice.thoughts if place.is_text]
        if not thought:
            raise NotApplicable(_NONE)
        if choice.reason.value != "stop":
            raise Inconclusive("the answer did not end by itself")
        require(
            choice.content.strip() != "" or choice.refused,
            choice.start,
            expected="content",
            observed=f"none, and reasoning that ends {shown(thought[-1].value[-40:])}",
            beside=thought[-1],
        )


@requirement(
    "chat.reasoning.not-repeated",
    MUST,
    "Streamed reasoning is not repeated in the content.",
    on="chat/stream/text",
    source=("deepseek:reasoning", "seed:opencode#Reasoning Content"),
    remedy="Send reasoning in its own member only, and content without it.",
)
def test_streamed_reasoning_is_not_repeated(stream: ChatStream) -> None:
    _is_not_repeated(_shown(streamed_thoughts(stream)))


@requirement(
    "chat.reasoning.not-repeated-whole",
    MUST,
    "A completion's reasoning is not repeated in its content.",
    on="chat/whole/text",
    source=("deepseek:reasoning", "seed:opencode#Reasoning Content"),
    remedy="Send reasoning in its own member only, and content without it.",
)
def test_reasoning_is_not_repeated(completion: Completion) -> None:
    _is_not_repeated(_shown(thoughts(completion)))


def _is_not_repeated(found: list[Thoughts]) -> None:
    for one in found:
        thought = one.text.strip()
        if len(thought) < _TELLING or not one.content:
            raise NotApplicable("there is too little reasoning or content to compare")
        require(
            thought not in one.content,
            one.contents[0],
            expected="content without the reasoning",
            observed=f"content that begins {shown(one.content)}",
            beside=one.pieces[0],
        )


@requirement(
    "chat.reasoning.tags",
    SHOULD,
    "Streamed content holds no `<think>` or `</think>`.",
    on=("chat/stream/text", "chat/stream/tool-call"),
    source=("deepseek:reasoning", "seed:opencode#Reasoning Content"),
    remedy="Parse the model's thinking tags, and send what is between them as reasoning_content.",
)
def test_no_tags_in_streamed_content(stream: ChatStream) -> None:
    _has_no_tags(streamed_thoughts(stream))


@requirement(
    "chat.reasoning.tags-whole",
    SHOULD,
    "A completion's content holds no `<think>` or `</think>`.",
    on=("chat/whole/text", "chat/whole/tool-call"),
    source=("deepseek:reasoning", "seed:opencode#Reasoning Content"),
    remedy="Parse the model's thinking tags, and send what is between them as reasoning_content.",
)
def test_no_tags_in_content(completion: Completion) -> None:
    _has_no_tags(thoughts(completion))


def _has_no_tags(found: list[Thoughts]) -> None:
    """Judged also where there is no reasoning: with its tags it may all stand in the content."""
    for one in found:
        for tag in THINKING_TAGS:
            if tag in one.content:
                require(
                    False,
                    one.contents[0],
                    expected=f"content without {tag}",
                    observed=f"content that begins {shown(one.content)}",
                )
    _shown(found)


@requirement(
    "chat.reasoning.not-flushed",
    MUST,
    "The last chunk of a stream with tool calls brings no left-over reasoning as content.",
    on="chat/stream/tool-call",
    source=("deepseek:reasoning", "github:vllm-project/vllm#32997"),
    remedy="Flush what the reasoning parser holds back as reasoning, never as content.",
)
def test_left_over_reasoning_is_not_content(calling_stream: ChatStream) -> None:
    _shown(streamed_thoughts(calling_stream))
    for choice, one in zip(calling_stream.choices, streamed_thoughts(calling_stream), strict=True):
        last = last_delta(choice)
        if last is not None and last["content"].is_text and last["content"].value.strip():
            require(
                not one.text.rstrip().endswith(last["content"].value.rstrip()),
                last["content"],
                expected="no content, or content that is no reasoning",
            )


@requirement(
    "chat.reasoning.counted",
    SHOULD,
    "Where streamed usage has reasoning_tokens, reasoning that was shown counts there.",
    on=("chat/stream/text", "chat/stream/tool-call"),
    source=("openai:reasoning", "github:diegosouzapw/OmniRoute#5131"),
    remedy="Count reasoning in completion_tokens_details.reasoning_tokens, or leave that out.",
)
def test_streamed_reasoning_is_counted(stream: ChatStream) -> None:
    _shown(streamed_thoughts(stream))
    _is_counted(stream.usage)


@requirement(
    "chat.reasoning.counted-whole",
    SHOULD,
    "Where a completion's usage has reasoning_tokens, reasoning that was shown counts there.",
    on=("chat/whole/text", "chat/whole/tool-call"),
    source=("openai:reasoning", "github:diegosouzapw/OmniRoute#5131"),
    remedy="Count reasoning in completion_tokens_details.reasoning_tokens, or leave that out.",
)
def test_reasoning_is_counted(completion: Completion) -> None:
    _shown(thoughts(completion))
    _is_counted(completion.usage)


def _is_counted(usage: Located) -> None:
    count = reasoning_tokens(usage)
    if not count.is_integer:
        raise NotApplicable("usage has no reasoning_tokens")
    require(count.value > 0, count, expected="more than 0: reasoning was shown")


@requirement(
    "chat.reasoning.history-accepted",
    SHOULD,
    "reasoning_content in the assistant messages of a history is accepted.",
    on="chat/stream/empty-options",
    source=("deepseek:reasoning", "github:anomalyco/opencode#30477"),
    remedy="Use reasoning_content of earlier turns or ignore it: clients send it back as it came.",
)
def test_reasoning_may_be_sent_back(conversation: Conversation) -> None:
    exchange = conversation.turns[-1]
    if exchange.status != 200 and "reasoning" not in exchange.text:
        raise Inconclusive(f"HTTP {exchange.status}, and reasoning is not named as the reason")
    require(exchange.status == 200, exchange, expected="HTTP 200")


@requirement(
    "chat.reasoning.history-not-required",
    MUST,
    "A history whose assistant messages have no reasoning_content is accepted.",
    on="chat/stream/usage-not-asked",
    source=("openai:chat/create#messages", "github:earendil-works/pi#3636"),
    remedy="Accept assistant messages as the API documents them, without reasoning_content.",
)
def test_reasoning_need_not_be_sent_back(exchange: Exchange) -> None:
    if exchange.status != 200 and "reasoning" not in exchange.text:
        raise Inconclusive(f"HTTP {exchange.status}, and reasoning is not named as the reason")
    require(exchange.status == 200, exchange, expected="HTTP 200")
