"""Reasoning: what a model thinks before it answers, if the endpoint shows it."""

from oaicheck.rules import (
    MUST,
    SHOULD,
    Inconclusive,
    NotApplicable,
    Unserved,
    require,
    requirement,
)
from oaicheck.views import (
    REASONING_NAMES,
    THINKING_TAGS,
    Answered,
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
"""A passage of this many characters does not appear twice by chance."""


def _with_reasoning(found: list[Thoughts]) -> list[Thoughts]:
    """Those with reasoning; raises NotApplicable if there are none."""
    reasoned = [one for one in found if one.text]
    if not reasoned:
        raise NotApplicable(_NONE)
    return reasoned


@requirement(
    "chat.reasoning.streamed",
    MUST,
    "If the target declares that the model shows its reasoning, the stream contains it.",
    on="chat/stream/text",
    source=("seed:opencode#Reasoning Content", "deepseek:reasoning"),
    remedy="Send the reasoning as `reasoning_content` deltas, or declare that the model shows no "
    "reasoning.",
)
def test_declared_reasoning_is_streamed(stream: ChatStream, promised: frozenset[str]) -> None:
    _require_reasoning(streamed_thoughts(stream), stream.exchange, promised)


@requirement(
    "chat.reasoning.whole",
    MUST,
    "If the target declares that the model shows its reasoning, the completion contains it.",
    on="chat/whole/text",
    source=("seed:opencode#Reasoning Content", "deepseek:reasoning"),
    remedy="Send the reasoning as `message.reasoning_content`, or declare that the model shows no "
    "reasoning.",
)
def test_declared_reasoning_is_in_a_completion(
    completion: Completion, promised: frozenset[str]
) -> None:
    _require_reasoning(thoughts(completion), completion.exchange, promised)


def _require_reasoning(found: list[Thoughts], exchange: Exchange, promised: frozenset[str]) -> None:
    shown = any(one.text for one in found)
    if not shown and "reasoning" not in promised:
        raise NotApplicable(_NONE)
    require(shown, exchange, expected="reasoning_content or reasoning", observed="neither")


@requirement(
    "chat.reasoning.streamed-string",
    MUST,
    "Reasoning in a delta is a string, null or absent.",
    on=("chat/stream/text", "chat/stream/tool-call"),
    source=("deepseek:reasoning", "client:ai-sdk"),
    remedy="Send each piece of reasoning as a string. If there is none, send null or omit the "
    "member.",
)
def test_streamed_reasoning_is_a_string(stream: ChatStream) -> None:
    _require_strings(
        reasoning_members([delta for choice in stream.choices for delta in choice.deltas])
    )


@requirement(
    "chat.reasoning.whole-string",
    MUST,
    "Reasoning in the message of a completion is a string, null or absent.",
    on=("chat/whole/text", "chat/whole/tool-call"),
    source=("deepseek:reasoning", "client:ai-sdk"),
    remedy="Send the reasoning as one string. If there is none, send null or omit the member.",
)
def test_reasoning_is_a_string(completion: Completion) -> None:
    _require_strings(reasoning_members(completion.messages))


def _require_strings(given: list[Located]) -> None:
    if not given:
        raise NotApplicable(_NONE)
    for member in given:
        require(member.is_string, member, expected="a string")


@requirement(
    "chat.reasoning.also-streamed",
    SHOULD,
    "If a completion shows reasoning, the stream for the same prompt shows it too.",
    on="chat/stream/text",
    against="chat/whole/text",
    source=("deepseek:reasoning", "seed:opencode#Reasoning Content"),
    remedy="Send reasoning in deltas as you do in messages.",
)
def test_reasoning_is_streamed_too(stream: ChatStream, against: Completion) -> None:
    _with_reasoning(thoughts(against))
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
    "If a stream shows reasoning, the completion for the same prompt shows it too.",
    on="chat/whole/text",
    against="chat/stream/text",
    source=("deepseek:reasoning", "github:decolua/9router#2774"),
    remedy="Send reasoning in messages as you do in deltas.",
)
def test_reasoning_is_in_a_completion_too(completion: Completion, against: ChatStream) -> None:
    _with_reasoning(streamed_thoughts(against))
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
    "Reasoning has the same member name streamed and not streamed.",
    on="chat/stream/text",
    against="chat/whole/text",
    source=("deepseek:reasoning", "github:vllm-project/vllm#27755"),
    remedy="Choose `reasoning_content` or `reasoning`, and use it in deltas and messages alike.",
)
def test_reasoning_has_one_name_in_both(stream: ChatStream, against: Completion) -> None:
    streamed = _with_reasoning(streamed_thoughts(stream))
    whole = _with_reasoning(thoughts(against))
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
    "A stream sends all its reasoning under one member name, or the same text under both names.",
    on="chat/stream/text",
    source=("deepseek:reasoning", "client:ai-sdk", "github:vllm-project/vllm#27755"),
    remedy="Send every piece under the same name. If you send both names, send the same text "
    "under each.",
)
def test_a_stream_uses_one_name(stream: ChatStream) -> None:
    for one in _with_reasoning(streamed_thoughts(stream)):
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
    "Each piece of streamed reasoning contains only new text; it does not repeat the pieces "
    "before it.",
    on=("chat/stream/text", "chat/stream/tool-call"),
    source=("deepseek:reasoning", "client:ai-sdk", "github:infiniflow/ragflow#15443"),
    remedy="Send only the new text in each delta: clients append it.",
)
def test_reasoning_comes_in_increments(stream: ChatStream) -> None:
    for one in _with_reasoning(streamed_thoughts(stream)):
        before = ""
        for piece in one.pieces:
            repeated = len(before) >= _TELLING and piece.value.startswith(before)
            require(not repeated, piece, expected="only new text")
            before += (
                piece.value if not piece.value.startswith(before) else piece.value[len(before) :]
            )


@requirement(
    "chat.reasoning.before-content",
    SHOULD,
    "In a stream of text, the reasoning comes before the content.",
    on="chat/stream/text",
    source=("deepseek:reasoning", "client:ai-sdk"),
    remedy="Stream the reasoning as the model writes it, before the answer.",
)
def test_reasoning_comes_before_content(stream: ChatStream) -> None:
    for one in _with_reasoning(streamed_thoughts(stream)):
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
    "An answer with reasoning that ends with finish_reason `stop` also has content or a refusal.",
    on=("chat/stream/text", "chat/whole/text"),
    source=(
        "deepseek:reasoning",
        "github:vllm-project/vllm#40816",
        "github:xorbitsai/inference#3673",
    ),
    remedy="End the reasoning where the model ends it, even if its closing tag is missing or "
    "different. Send the text after it as content.",
)
def test_an_answer_is_not_only_reasoning(answered: Answered) -> None:
    for choice in answered.choices:
        thought = [place for place in choice.thoughts if place.is_text]
        if not thought:
            raise NotApplicable(_NONE)
        if choice.reason.value != "stop":
            raise Inconclusive("the answer did not end with `stop`")
        require(
            choice.content.strip() != "" or choice.refused,
            choice.start,
            expected="content",
            observed=f"no content, and reasoning that ends with {shown(thought[-1].value[-40:])}",
            beside=thought[-1],
        )


@requirement(
    "chat.reasoning.not-repeated",
    MUST,
    "A stream does not repeat its reasoning in the content.",
    on="chat/stream/text",
    source=("deepseek:reasoning", "seed:opencode#Reasoning Content"),
    remedy="Send the reasoning only in its own member, and leave it out of the content.",
)
def test_streamed_reasoning_is_not_repeated(stream: ChatStream) -> None:
    _require_no_repetition(_with_reasoning(streamed_thoughts(stream)))


@requirement(
    "chat.reasoning.not-repeated-whole",
    MUST,
    "A completion does not repeat its reasoning in the content.",
    on="chat/whole/text",
    source=("deepseek:reasoning", "seed:opencode#Reasoning Content"),
    remedy="Send the reasoning only in its own member, and leave it out of the content.",
)
def test_reasoning_is_not_repeated(completion: Completion) -> None:
    _require_no_repetition(_with_reasoning(thoughts(completion)))


def _require_no_repetition(found: list[Thoughts]) -> None:
    for one in found:
        thought = one.text.strip()
        if len(thought) < _TELLING or not one.content:
            raise NotApplicable("there is too little reasoning or content to compare")
        require(
            thought not in one.content,
            one.contents[0],
            expected="content without the reasoning",
            observed=f"content that begins with {shown(one.content)}",
            beside=one.pieces[0],
        )


@requirement(
    "chat.reasoning.tags",
    SHOULD,
    "The content of a stream contains no thinking tags such as `<think>` or `</think>`.",
    on=("chat/stream/text", "chat/stream/tool-call"),
    source=("deepseek:reasoning", "seed:opencode#Reasoning Content"),
    remedy="Parse the model's thinking tags, and send the text between them as "
    "`reasoning_content`.",
)
def test_no_tags_in_streamed_content(stream: ChatStream) -> None:
    _require_no_tags(streamed_thoughts(stream))


@requirement(
    "chat.reasoning.tags-whole",
    SHOULD,
    "The content of a completion contains no thinking tags such as `<think>` or `</think>`.",
    on=("chat/whole/text", "chat/whole/tool-call"),
    source=("deepseek:reasoning", "seed:opencode#Reasoning Content"),
    remedy="Parse the model's thinking tags, and send the text between them as "
    "`reasoning_content`.",
)
def test_no_tags_in_content(completion: Completion) -> None:
    _require_no_tags(thoughts(completion))


def _require_no_tags(found: list[Thoughts]) -> None:
    """Require content without thinking tags; raises NotApplicable if there is no reasoning.

    The tags are looked for first: the content itself may contain all the reasoning.
    """
    for one in found:
        for tag in THINKING_TAGS:
            if tag in one.content:
                require(
                    False,
                    one.contents[0],
                    expected=f"content without {tag}",
                    observed=f"content that begins with {shown(one.content)}",
                )
    _with_reasoning(found)


@requirement(
    "chat.reasoning.not-flushed",
    MUST,
    "In a stream with tool calls, the chunk with the `finish_reason` does not send leftover "
    "reasoning as content.",
    on="chat/stream/tool-call",
    source=("deepseek:reasoning", "github:vllm-project/vllm#32997"),
    remedy="If the reasoning parser holds text back, send that text as reasoning at the end, "
    "never as content.",
)
def test_left_over_reasoning_is_not_content(calling_stream: ChatStream) -> None:
    _with_reasoning(streamed_thoughts(calling_stream))
    for choice, one in zip(calling_stream.choices, streamed_thoughts(calling_stream), strict=True):
        last = last_delta(choice)
        if last is not None and last["content"].is_text and last["content"].value.strip():
            require(
                not one.text.rstrip().endswith(last["content"].value.rstrip()),
                last["content"],
                expected="no content, or content that is not reasoning",
            )


@requirement(
    "chat.reasoning.counted",
    SHOULD,
    "If a stream shows reasoning and its usage has `reasoning_tokens`, the count is more than 0.",
    on=("chat/stream/text", "chat/stream/tool-call"),
    source=("openai:reasoning", "github:diegosouzapw/OmniRoute#5131"),
    remedy="Count the reasoning in `completion_tokens_details.reasoning_tokens`, or omit that "
    "member.",
)
def test_streamed_reasoning_is_counted(stream: ChatStream) -> None:
    _with_reasoning(streamed_thoughts(stream))
    _require_counted(stream.usage)


@requirement(
    "chat.reasoning.counted-whole",
    SHOULD,
    "If a completion shows reasoning and its usage has `reasoning_tokens`, the count is more than "
    "0.",
    on=("chat/whole/text", "chat/whole/tool-call"),
    source=("openai:reasoning", "github:diegosouzapw/OmniRoute#5131"),
    remedy="Count the reasoning in `completion_tokens_details.reasoning_tokens`, or omit that "
    "member.",
)
def test_reasoning_is_counted(completion: Completion) -> None:
    _with_reasoning(thoughts(completion))
    _require_counted(completion.usage)


def _require_counted(usage: Located) -> None:
    count = reasoning_tokens(usage)
    if not count.is_integer:
        raise NotApplicable("usage has no reasoning_tokens")
    require(count.value > 0, count, expected="more than 0: reasoning was shown")


@requirement(
    "chat.reasoning.history-accepted",
    SHOULD,
    "The endpoint accepts `reasoning_content` in the assistant messages of a history.",
    on="chat/stream/empty-options",
    source=("deepseek:reasoning", "github:anomalyco/opencode#30477"),
    remedy="Use the `reasoning_content` of earlier turns or ignore it: clients send it back "
    "unchanged.",
)
def test_reasoning_may_be_sent_back(conversation: Conversation) -> None:
    exchange = conversation.turns[-1]
    if exchange.status != 200 and "reasoning" not in exchange.text:
        raise Unserved("the error does not mention reasoning", exchange)
    require(exchange.status == 200, exchange, expected="HTTP 200")


@requirement(
    "chat.reasoning.history-not-required",
    MUST,
    "The endpoint accepts a history whose assistant messages have no `reasoning_content`.",
    on="chat/stream/usage-not-asked",
    source=("openai:chat/create#messages", "github:earendil-works/pi#3636"),
    remedy="Accept assistant messages as the API documents them, without `reasoning_content`.",
)
def test_reasoning_need_not_be_sent_back(exchange: Exchange) -> None:
    if exchange.status != 200 and "reasoning" not in exchange.text:
        raise Unserved("the error does not mention reasoning", exchange)
    require(exchange.status == 200, exchange, expected="HTTP 200")
