"""Limits: max_tokens, max_completion_tokens, values out of range, and the context window."""

from oaicheck.rules import (
    MUST,
    SHOULD,
    Inconclusive,
    NotApplicable,
    header_line,
    require,
    requirement,
)
from oaicheck.views import (
    Answered,
    Bench,
    ChatStream,
    Completion,
    Conversation,
    Ending,
    Exchange,
    Located,
    Profile,
    Refusal,
    Scenario,
    beyond_limit,
    completion_of,
    error_within,
    reasoning_tokens,
    stream_of,
    streamed_thoughts,
    thoughts,
    token_limit,
    word_count,
)

_NOT_CLAMPED = ("", "0", "false", "no")
_PARAMETER = "max_completion_tokens"
_COMPLETION_LIMIT = ("limits/completion-limit", "limits/completion-limit-streamed")


def _is_within_the_limit(answer: ChatStream | Completion) -> None:
    limit, written = answer.token_limit, answer.completion_tokens
    if limit is None:
        raise Inconclusive("the request set no limit")
    most = limit * (answer.requested("n") or 1)
    beyond = beyond_limit(most, written, answer.words)
    counted = answer.usage["completion_tokens"]
    for place in [counted] if written else [choice.end for choice in Answered(answer).choices]:
        require(
            beyond is None,
            place,
            expected=f"at most {most} token{'' if most == 1 else 's'}, as the request said",
            observed=beyond,
        )
    if not written:
        raise Inconclusive("it cannot be told how many tokens were written")


@requirement(
    "chat.limits.streamed",
    MUST,
    "A stream has no more completion tokens than its token limit allows for all choices.",
    on=(
        "chat/stream/text",
        "chat/stream/length",
        "chat/stream/choices",
        "chat/stream/tool-call",
    ),
    source=(
        "openai:chat/create#max_completion_tokens",
        "seed:opencode#Finish Reason Mapping",
        "github:ollama/ollama#18575",
    ),
    remedy="Stop generating at the limit, reasoning included, also when streaming.",
)
def test_a_stream_stays_within_its_limit(stream: ChatStream) -> None:
    _is_within_the_limit(stream)


@requirement(
    "chat.limits.whole",
    MUST,
    "A completion has no more completion tokens than its token limit allows for all choices.",
    on="chat/whole/*",
    source=(
        "openai:chat/create#max_completion_tokens",
        "seed:opencode#Finish Reason Mapping",
        "github:ollama/ollama#18575",
    ),
    remedy="Stop generating at the limit, reasoning included.",
)
def test_a_completion_stays_within_its_limit(completion: Completion) -> None:
    _is_within_the_limit(completion)


def _something_came(usage: Located, *, anything_came: bool, at: Exchange) -> None:
    hidden = reasoning_tokens(usage)
    if not anything_came and hidden.is_integer and hidden.value > 0:
        raise Inconclusive("the model spent the limit on thinking, which is not shown")
    written = usage["completion_tokens"]
    if not written.is_integer or written.value == 0:
        raise Inconclusive("it cannot be told that anything was written")
    require(
        anything_came,
        at,
        expected="what was written up to the limit",
        observed=f"no text, though {written.value} tokens were counted",
    )


@requirement(
    "chat.limits.cut-streamed",
    SHOULD,
    "What was written before max_tokens cut a stream off is delivered.",
    on="chat/stream/length",
    source="openai:chat/create#max_completion_tokens",
    remedy="Send the deltas up to the limit; do not discard an answer that is not complete.",
)
def test_a_stream_that_was_cut_is_not_empty(stream: ChatStream) -> None:
    came = any(found.content or found.text for found in streamed_thoughts(stream))
    _something_came(stream.usage, anything_came=came, at=stream.exchange)


@requirement(
    "chat.limits.cut-whole",
    SHOULD,
    "What was written before max_tokens cut a completion off is delivered.",
    on="chat/whole/length",
    source="openai:chat/create#max_completion_tokens",
    remedy="Send the text up to the limit; do not discard an answer that is not complete.",
)
def test_a_completion_that_was_cut_is_not_empty(completion: Completion) -> None:
    came = any(found.content or found.text for found in thoughts(completion))
    _something_came(completion.usage, anything_came=came, at=completion.exchange)


@requirement(
    "chat.limits.completion-limit-accepted",
    SHOULD,
    "max_completion_tokens is accepted.",
    on=_COMPLETION_LIMIT,
    source=("openai:chat/create#max_completion_tokens", "github:voideditor/void#128"),
    remedy="Take max_completion_tokens for another name of max_tokens, which it replaces.",
)
def test_the_new_name_is_accepted(conversation: Conversation) -> None:
    exchange = conversation.turns[-1]
    if exchange.status != 200 and _PARAMETER not in exchange.text:
        raise Inconclusive(f"HTTP {exchange.status}, and {_PARAMETER} is not named as the reason")
    require(exchange.status == 200, exchange, expected="HTTP 200")


@requirement(
    "chat.limits.completion-limit",
    SHOULD,
    "An answer has no more completion tokens than max_completion_tokens.",
    on=_COMPLETION_LIMIT,
    source=("openai:chat/create#max_completion_tokens", "github:abetlen/llama-cpp-python#1907"),
    remedy="Heed max_completion_tokens as max_tokens, or refuse it: do not ignore it.",
)
def test_the_new_name_is_heeded(answered: Answered) -> None:
    _is_within_the_limit(answered.answer)


@requirement(
    "chat.limits.completion-limit-finish",
    SHOULD,
    "An answer that max_completion_tokens cut off ends with `length`.",
    on=_COMPLETION_LIMIT,
    source=("openai:chat/object#choices", "openai:chat/streaming#choices"),
    remedy="Report `length` whichever of its two names the limit was given by.",
)
def test_the_new_name_ends_with_length(answered: Answered) -> None:
    if answered.completion_tokens != answered.answer.token_limit:
        raise Inconclusive("usage does not say that the answer ended at the limit")
    reasons = [choice.reason for choice in answered.choices if choice.reason.given]
    if not reasons:
        raise Inconclusive("there is no finish_reason")
    for reason in reasons:
        require(reason.value == "length", reason, expected='"length"')


def _in_the_end(bench: Bench, scenario: Scenario) -> Exchange:
    """The answer, unless the model is still busy with what an endpoint may well have accepted."""
    last = bench.conversation(scenario).turns[-1]
    if last.ending is Ending.NO_FIRST_BYTE:
        raise Inconclusive(f"{last.id}: the endpoint was still busy with the request")
    return bench.exchange(scenario)


def _refused_or_served(exchange: Exchange) -> None:
    status = exchange.status or 0
    require(status < 500, exchange, expected="an answer, or a 4xx")
    error = error_within(exchange)
    if status < 400 and error is not None:
        require(False, error, expected="an answer, or a 4xx with this error")


@requirement(
    "chat.limits.over-limit",
    MUST,
    "A max_tokens above every limit is clamped or refused with a 4xx, never a server error.",
    on=("limits/over-limit", "limits/over-limit-streamed"),
    source=("openai:chat/create#max_completion_tokens", "github:lm-sys/FastChat#2544"),
    remedy="Clamp max_tokens to what the model can write, or refuse it with 400.",
)
def test_an_absurd_limit_is_no_server_error(bench: Bench, scenario: Scenario) -> None:
    _refused_or_served(_in_the_end(bench, scenario))


@requirement(
    "chat.limits.over-limit-clamped",
    MUST,
    "A max_tokens above the limit is clamped and the request served, where the profile says so.",
    on=("limits/over-limit", "limits/over-limit-streamed"),
    source=("seed:opencode#max_tokens Auto-Clamping", "github:lm-sys/FastChat#2544"),
    remedy="Clamp max_tokens to what the model can write instead of refusing it.",
)
def test_an_absurd_limit_is_clamped(bench: Bench, scenario: Scenario) -> None:
    if bench.profile.facts.get("over_limit") != "clamp":
        raise NotApplicable(f"the profile {bench.profile.name} does not demand clamping")
    exchange = _in_the_end(bench, scenario)
    require(exchange.status == 200, exchange, expected="HTTP 200")


@requirement(
    "chat.limits.over-limit-finish",
    MUST,
    "With max_tokens far above it, a complete answer does not end with `length`.",
    on="limits/over-limit",
    against="chat/whole/text",
    source=("openai:chat/object#choices", "github:lm-sys/FastChat#2544"),
    remedy="Report `length` when a limit ended the answer, not when one was clamped.",
)
def test_a_clamped_completion_says_why_it_ended(
    bench: Bench, scenario: Scenario, against: Completion
) -> None:
    completion = completion_of(_served(bench, scenario))
    usual = [choice["finish_reason"] for choice in against.choices]
    reasons = [choice["finish_reason"] for choice in completion.choices]
    _ends_as_usual(completion, reasons, against, usual)


@requirement(
    "chat.limits.over-limit-finish-streamed",
    MUST,
    "With max_tokens far above it, a complete stream does not end with `length`.",
    on="limits/over-limit-streamed",
    against="chat/stream/text",
    source=("openai:chat/streaming#choices", "github:lm-sys/FastChat#2544"),
    remedy="Report `length` when a limit ended the answer, not when one was clamped.",
)
def test_a_clamped_stream_says_why_it_ended(
    bench: Bench, scenario: Scenario, against: ChatStream
) -> None:
    stream = stream_of(_served(bench, scenario))
    usual = [finish for choice in against.choices for finish in choice.finishes]
    reasons = [finish for choice in stream.choices for finish in choice.finishes]
    _ends_as_usual(stream, reasons, against, usual)


def _served(bench: Bench, scenario: Scenario) -> Exchange:
    exchange = _in_the_end(bench, scenario)
    if exchange.status is not None and 400 <= exchange.status < 500:
        raise NotApplicable("the endpoint refuses a max_tokens above its limit")
    return exchange


def _ends_as_usual(
    answer: ChatStream | Completion,
    reasons: list[Located],
    against: ChatStream | Completion,
    usual: list[Located],
) -> None:
    """Only an answer no longer than one that ended by itself is known to be complete."""
    written, before = answer.completion_tokens, against.completion_tokens
    for reason in reasons:
        if reason.value == "length":
            if written is None or before is None or written > before:
                raise Inconclusive("the answer may have been cut off")
            if any(other.value != "stop" for other in usual):
                raise Inconclusive("the same question was not answered completely before")
            require(
                False,
                reason,
                expected=f'"stop", as for the same question answered in {before} tokens',
                beside=usual[0] if usual else None,
            )


def _clamp_header(profile: Profile) -> str:
    if "clamp_header" not in profile.facts:
        raise NotApplicable(f"the profile {profile.name} names no header that tells of clamping")
    return profile.facts["clamp_header"]


def _says_clamped(exchange: Exchange, header: str) -> bool:
    value = exchange.header(header)
    return value is not None and value.strip().lower() not in _NOT_CLAMPED


@requirement(
    "chat.limits.clamp-header",
    MUST,
    "Where max_tokens was clamped, the response header that the profile names says so.",
    on=("limits/over-limit", "limits/over-limit-streamed"),
    source=("seed:opencode#max_tokens Auto-Clamping", "github:modular/modular#6673"),
    remedy="Send the clamp header with every answer, streamed or not, whose limit was clamped.",
)
def test_clamping_is_told(bench: Bench, scenario: Scenario) -> None:
    header = _clamp_header(bench.profile)
    exchange = _served(bench, scenario)
    if exchange.status != 200:
        raise Inconclusive(f"the request was not served: HTTP {exchange.status}")
    require(
        _says_clamped(exchange, header),
        exchange,
        expected=f"a header {header}: no model writes {token_limit(exchange)} tokens",
        observed=header_line(exchange, header),
    )


@requirement(
    "chat.limits.no-clamp-header",
    MUST,
    "Where max_tokens was not clamped, no response header says that it was.",
    on=("chat/whole/length", "chat/stream/length"),
    source="seed:opencode#max_tokens Auto-Clamping",
    remedy="Send the clamp header only when the limit was lowered.",
)
def test_no_clamping_is_told_of_a_small_limit(exchange: Exchange, profile: Profile) -> None:
    header = _clamp_header(profile)
    require(
        not _says_clamped(exchange, header),
        exchange,
        expected=f"no header {header}: {token_limit(exchange)} tokens are within every limit",
        observed=header_line(exchange, header),
    )


@requirement(
    "chat.limits.out-of-range",
    MUST,
    "A max_tokens of 0 or below 0 is no server error.",
    on=("limits/zero", "limits/negative"),
    source=("openai:errors", "github:BerriAI/litellm#18690"),
    remedy="Validate max_tokens before the request goes to the engine, and refuse it with 400.",
)
def test_a_limit_out_of_range_is_no_server_error(bench: Bench, scenario: Scenario) -> None:
    _refused_or_served(_in_the_end(bench, scenario))


def _is_refused(exchange: Exchange) -> None:
    require(400 <= (exchange.status or 0) < 500, exchange, expected="a 4xx")


@requirement(
    "chat.limits.zero",
    SHOULD,
    "A max_tokens of 0 is refused with a 4xx.",
    on="limits/zero",
    source="openai:chat/create#max_completion_tokens",
    remedy="Refuse a max_tokens below 1 with 400: an answer without tokens helps nobody.",
)
def test_zero_is_refused(bench: Bench, scenario: Scenario) -> None:
    _is_refused(_in_the_end(bench, scenario))


@requirement(
    "chat.limits.negative",
    SHOULD,
    "A negative max_tokens is refused with a 4xx.",
    on="limits/negative",
    source=("openai:chat/create#max_completion_tokens", "github:BerriAI/litellm#18690"),
    remedy="Refuse a max_tokens below 1 with 400, streamed or not.",
)
def test_a_negative_limit_is_refused(bench: Bench, scenario: Scenario) -> None:
    _is_refused(_in_the_end(bench, scenario))


@requirement(
    "chat.limits.overflow",
    MUST,
    "A prompt longer than the context window is no server error.",
    on=("limits/overflow", "limits/overflow-streamed"),
    source=("openai:errors", "github:lm-sys/FastChat#2741"),
    remedy="Count the prompt before generating and refuse it with 400: a 5xx makes clients retry.",
)
def test_an_overflow_is_no_server_error(bench: Bench, scenario: Scenario) -> None:
    exchange = _in_the_end(bench, scenario)
    require((exchange.status or 0) < 500, exchange, expected="a 4xx")


@requirement(
    "chat.limits.overflow-status",
    MUST,
    "A prompt longer than the context window is refused by the status, not inside a 200.",
    on=("limits/overflow", "limits/overflow-streamed"),
    source=("openai:errors", "client:opencode", "github:ggml-org/llama.cpp#14566"),
    remedy="Count the prompt before the headers are sent, and answer 400 also when streaming.",
)
def test_an_overflow_is_told_by_the_status(bench: Bench, scenario: Scenario) -> None:
    exchange = _in_the_end(bench, scenario)
    error = error_within(exchange)
    if (exchange.status or 0) < 400 and error is not None:
        require(False, error, expected="a 4xx with this error")


@requirement(
    "chat.limits.overflow-not-cut",
    SHOULD,
    "A prompt longer than the context window is not shortened silently.",
    on="limits/overflow",
    source=("openai:errors", "client:opencode"),
    remedy="Refuse a prompt that does not fit: a client can shorten it with more understanding.",
)
def test_an_overflow_is_not_cut(bench: Bench, scenario: Scenario) -> None:
    exchange = _in_the_end(bench, scenario)
    if exchange.status != 200:
        return
    completion = completion_of(exchange)
    read = completion.usage["prompt_tokens"]
    if not read.is_integer or read.value == 0:
        raise Inconclusive("it cannot be told how much of the prompt was read")
    bench.require_counted_prompts()
    least = len(exchange.request.body) // _BYTES_PER_TOKEN
    if read.value >= least:
        raise Inconclusive(f"the context window holds all {read.value} tokens of the prompt")
    require(
        False,
        read,
        expected=f"a 4xx, or {least} tokens and more that were read",
        observed=f"HTTP 200 after {read.value} tokens",
    )


_BYTES_PER_TOKEN = 16
"""Far more than any tokenizer gets into one token of the prompt, which repeats two bytes."""


@requirement(
    "chat.limits.overflow-recognised",
    SHOULD,
    "A context overflow can be told from other errors by HTTP 413, its code or its message.",
    on=("limits/overflow", "limits/overflow-streamed"),
    source=("openai:errors", "client:opencode"),
    remedy='Send `"code": "context_length_exceeded"` and name the maximum context length in the '
    "message: agents then compact the conversation instead of giving up.",
)
def test_an_overflow_is_recognisable(bench: Bench, scenario: Scenario) -> None:
    exchange = _in_the_end(bench, scenario)
    if not 400 <= (exchange.status or 0) < 500:
        raise Inconclusive(f"the prompt was not refused: HTTP {exchange.status}")
    refusal = Refusal(exchange)
    require(
        refusal.is_context_overflow,
        refusal.error if refusal.error.given else exchange,
        expected="HTTP 413, the code context_length_exceeded, or a message about the context",
    )


@requirement(
    "chat.limits.overflow-alike",
    SHOULD,
    "A prompt longer than the context window has the same status streamed and not.",
    on="limits/overflow-streamed",
    against="limits/overflow",
    source=("openai:errors", "github:BerriAI/litellm#18690"),
    remedy="Validate a request before it is decided how the answer travels.",
)
def test_an_overflow_is_refused_alike(bench: Bench, scenario: Scenario) -> None:
    streamed = _in_the_end(bench, scenario)
    whole = _in_the_end(bench, bench.scenarios["limits/overflow"])
    require(
        streamed.status == whole.status,
        streamed,
        expected=f"HTTP {whole.status}, as without streaming",
        beside=whole,
    )


_FEW_TOKENS = 200
"""More than the limits that servers set by themselves and clients stumble over, of 16 to 128."""


@requirement(
    "chat.limits.no-limit",
    SHOULD,
    "Without a token limit an answer is not cut off after a few tokens.",
    on="limits/no-limit",
    source=(
        "openai:chat/create#max_completion_tokens",
        "github:huggingface/text-generation-inference#2421",
        "github:abetlen/llama-cpp-python#542",
        "github:microsoft/foundry-local#243",
    ),
    remedy="Where no limit is given, let the model write as much as the context window holds.",
)
def test_no_limit_is_no_small_limit(stream: ChatStream) -> None:
    if stream.exchange.ending is Ending.HUNG_UP:
        return
    thought = sum(word_count(found.text) for found in streamed_thoughts(stream))
    written = stream.completion_tokens or stream.words + thought
    reasons = [finish for choice in stream.choices for finish in choice.finishes]
    if all(reason.value != "length" for reason in reasons) and written < _FEW_TOKENS:
        raise Inconclusive(f"no limit ended the answer, which has {written} tokens or words")
    for reason in reasons:
        require(
            reason.value != "length" or written >= _FEW_TOKENS,
            reason,
            expected="an answer of any length: the request set no limit",
            observed=f'"length" after {written} tokens',
        )
