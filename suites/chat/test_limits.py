"""Limits: max_tokens, max_completion_tokens, and values out of range."""

from oaicheck.rules import (
    MUST,
    NO_FINISH,
    NO_USAGE,
    SHOULD,
    Inconclusive,
    NotApplicable,
    Unserved,
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


def _require_within_limit(answer: ChatStream | Completion) -> None:
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
            expected=f"at most {most} token{'' if most == 1 else 's'}, the limit in the request",
            observed=beyond,
        )
    if not written:
        raise Inconclusive(
            "usage does not say how many tokens were generated", told_by=NO_USAGE, anywhere=True
        )


@requirement(
    "chat.limits.streamed",
    MUST,
    "The completion tokens of a stream do not exceed the request's token limit times the number "
    "of choices.",
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
    remedy="Stop generating at the limit, also when streaming. Reasoning tokens count towards it.",
)
def test_a_stream_stays_within_its_limit(stream: ChatStream) -> None:
    _require_within_limit(stream)


@requirement(
    "chat.limits.whole",
    MUST,
    "The completion tokens of a completion do not exceed the request's token limit times the "
    "number of choices.",
    on="chat/whole/*",
    source=(
        "openai:chat/create#max_completion_tokens",
        "seed:opencode#Finish Reason Mapping",
        "github:ollama/ollama#18575",
    ),
    remedy="Stop generating at the limit. Reasoning tokens count towards it.",
)
def test_a_completion_stays_within_its_limit(completion: Completion) -> None:
    _require_within_limit(completion)


def _require_output(usage: Located, *, has_output: bool, at: Exchange) -> None:
    hidden = reasoning_tokens(usage)
    if not has_output and hidden.is_integer and hidden.value > 0:
        raise Inconclusive("the model used up the limit for reasoning, which is not shown")
    written = usage["completion_tokens"]
    if not written.is_integer or written.value == 0:
        raise Inconclusive(
            "usage does not show that anything was generated", told_by=NO_USAGE, anywhere=True
        )
    require(
        has_output,
        at,
        expected="the text generated up to the limit",
        observed=f"no text, though {written.value} tokens were counted",
    )


@requirement(
    "chat.limits.cut-streamed",
    SHOULD,
    "A stream that `max_tokens` cuts off contains the text or reasoning that was generated up to "
    "the limit.",
    on="chat/stream/length",
    source="openai:chat/create#max_completion_tokens",
    remedy="Send the deltas up to the limit. Do not discard an incomplete answer.",
)
def test_a_stream_that_was_cut_is_not_empty(stream: ChatStream) -> None:
    has_output = any(found.content or found.text for found in streamed_thoughts(stream))
    _require_output(stream.usage, has_output=has_output, at=stream.exchange)


@requirement(
    "chat.limits.cut-whole",
    SHOULD,
    "A completion that `max_tokens` cuts off contains the text or reasoning that was generated up "
    "to the limit.",
    on="chat/whole/length",
    source="openai:chat/create#max_completion_tokens",
    remedy="Send the text up to the limit. Do not discard an incomplete answer.",
)
def test_a_completion_that_was_cut_is_not_empty(completion: Completion) -> None:
    has_output = any(found.content or found.text for found in thoughts(completion))
    _require_output(completion.usage, has_output=has_output, at=completion.exchange)


@requirement(
    "chat.limits.completion-limit-accepted",
    SHOULD,
    "The endpoint accepts `max_completion_tokens`.",
    on=_COMPLETION_LIMIT,
    source=("openai:chat/create#max_completion_tokens", "github:voideditor/void#128"),
    remedy="Treat `max_completion_tokens` like `max_tokens`, which it replaces.",
)
def test_max_completion_tokens_is_accepted(conversation: Conversation) -> None:
    exchange = conversation.turns[-1]
    if exchange.status != 200 and _PARAMETER not in exchange.text:
        raise Unserved(f"the error does not name {_PARAMETER}", exchange)
    require(exchange.status == 200, exchange, expected="HTTP 200")


@requirement(
    "chat.limits.completion-limit",
    MUST,
    "The completion tokens of an answer do not exceed `max_completion_tokens`.",
    on=_COMPLETION_LIMIT,
    source=("openai:chat/create#max_completion_tokens", "github:abetlen/llama-cpp-python#1907"),
    remedy="Apply `max_completion_tokens` like `max_tokens`, or refuse it. Do not ignore it.",
)
def test_max_completion_tokens_is_respected(answered: Answered) -> None:
    _require_within_limit(answered.answer)


@requirement(
    "chat.limits.completion-limit-finish",
    MUST,
    "An answer that `max_completion_tokens` cuts off ends with finish_reason `length`.",
    on=_COMPLETION_LIMIT,
    source=("openai:chat/object#choices", "openai:chat/streaming#choices"),
    remedy="Send finish_reason `length` no matter which of the two parameters set the limit.",
)
def test_max_completion_tokens_ends_with_length(answered: Answered) -> None:
    if answered.completion_tokens != answered.answer.token_limit:
        raise Inconclusive(
            "usage does not say that the answer ended at the limit", told_by=NO_USAGE, anywhere=True
        )
    reasons = [choice.reason for choice in answered.choices if choice.reason.given]
    if not reasons:
        raise Inconclusive("the answer has no finish_reason", told_by=NO_FINISH)
    for reason in reasons:
        require(reason.value == "length", reason, expected='"length"')


def _require_no_failure(exchange: Exchange) -> None:
    status = exchange.status or 0
    require(status < 500, exchange, expected="an answer, or a 4xx")
    error = error_within(exchange)
    if status < 400 and error is not None:
        require(False, error, expected="an answer without an error, or a 4xx with this error")


@requirement(
    "chat.limits.over-limit",
    MUST,
    "If `max_tokens` is far too large, the endpoint clamps it or refuses it with a 4xx, without a "
    "server error (5xx) or an error inside a 200.",
    on=("limits/over-limit", "limits/over-limit-streamed"),
    source=("openai:chat/create#max_completion_tokens", "github:lm-sys/FastChat#2544"),
    remedy="Clamp `max_tokens` to the model's maximum, or refuse it with 400.",
)
def test_a_huge_limit_causes_no_server_error(bench: Bench, scenario: Scenario) -> None:
    _require_no_failure(bench.last_answer(scenario))


@requirement(
    "chat.limits.over-limit-clamped",
    MUST,
    "If the profile requires clamping, the endpoint clamps a `max_tokens` above its limit and "
    "returns HTTP 200.",
    on=("limits/over-limit", "limits/over-limit-streamed"),
    source=("seed:opencode#max_tokens Auto-Clamping", "github:lm-sys/FastChat#2544"),
    remedy="Clamp `max_tokens` to the model's maximum instead of refusing it.",
)
def test_a_huge_limit_is_clamped(bench: Bench, scenario: Scenario) -> None:
    if bench.profile.facts.get("over_limit") != "clamp":
        raise NotApplicable(f"the profile {bench.profile.name} does not require clamping")
    exchange = bench.last_answer(scenario)
    require(exchange.status == 200, exchange, expected="HTTP 200")


@requirement(
    "chat.limits.over-limit-finish",
    MUST,
    "If `max_tokens` is far above the limit, a completion that ended on its own does not end with "
    "finish_reason `length`.",
    on="limits/over-limit",
    against="chat/whole/text",
    source=("openai:chat/object#choices", "github:lm-sys/FastChat#2544"),
    remedy="Send finish_reason `length` only if a limit ended the answer, not because "
    "`max_tokens` was clamped.",
)
def test_a_clamped_completion_does_not_end_with_length(
    bench: Bench, scenario: Scenario, against: Completion
) -> None:
    completion = completion_of(_served_exchange(bench, scenario))
    usual = [choice["finish_reason"] for choice in against.choices]
    reasons = [choice["finish_reason"] for choice in completion.choices]
    _require_no_length(completion, reasons, against, usual)


@requirement(
    "chat.limits.over-limit-finish-streamed",
    MUST,
    "If `max_tokens` is far above the limit, a stream that ended on its own does not end with "
    "finish_reason `length`.",
    on="limits/over-limit-streamed",
    against="chat/stream/text",
    source=("openai:chat/streaming#choices", "github:lm-sys/FastChat#2544"),
    remedy="Send finish_reason `length` only if a limit ended the answer, not because "
    "`max_tokens` was clamped.",
)
def test_a_clamped_stream_does_not_end_with_length(
    bench: Bench, scenario: Scenario, against: ChatStream
) -> None:
    stream = stream_of(_served_exchange(bench, scenario))
    usual = [finish for choice in against.choices for finish in choice.finishes]
    reasons = [finish for choice in stream.choices for finish in choice.finishes]
    _require_no_length(stream, reasons, against, usual)


def _served_exchange(bench: Bench, scenario: Scenario) -> Exchange:
    exchange = bench.last_answer(scenario)
    if exchange.status is not None and 400 <= exchange.status < 500:
        raise NotApplicable("the endpoint refuses a max_tokens above its limit")
    return exchange


def _require_no_length(
    answer: ChatStream | Completion,
    reasons: list[Located],
    against: ChatStream | Completion,
    usual: list[Located],
) -> None:
    """Require that a complete answer does not end with `length`.

    An answer is known to be complete only if it is no longer than one that ended on its own.
    """
    written, before = answer.completion_tokens, against.completion_tokens
    for reason in reasons:
        if reason.value == "length":
            if written is None or before is None or written > before:
                raise Inconclusive("a limit may really have cut off the answer")
            if any(other.value != "stop" for other in usual):
                raise Inconclusive("the earlier answer to the same question was not complete")
            require(
                False,
                reason,
                expected=f'"stop", as in the answer to the same question with {before} tokens',
                beside=usual[0] if usual else None,
            )


def _clamp_header(profile: Profile) -> str:
    if "clamp_header" not in profile.facts:
        raise NotApplicable(f"the profile {profile.name} names no clamp header")
    return profile.facts["clamp_header"]


def _says_clamped(exchange: Exchange, header: str) -> bool:
    value = exchange.header(header)
    return value is not None and value.strip().lower() not in _NOT_CLAMPED


@requirement(
    "chat.limits.clamp-header",
    MUST,
    "If the endpoint clamps `max_tokens`, it says so in the response header that the profile "
    "names.",
    on=("limits/over-limit", "limits/over-limit-streamed"),
    source=("seed:opencode#max_tokens Auto-Clamping", "github:modular/modular#6673"),
    remedy="Send the clamp header with every response whose `max_tokens` was clamped, streamed or "
    "not.",
)
def test_clamping_is_reported(bench: Bench, scenario: Scenario) -> None:
    header = _clamp_header(bench.profile)
    exchange = _served_exchange(bench, scenario)
    if exchange.status != 200:
        raise Unserved("the request was not served", exchange)
    require(
        _says_clamped(exchange, header),
        exchange,
        expected=f"a {header} header: no model can write {token_limit(exchange)} tokens",
        observed=header_line(exchange, header),
    )


@requirement(
    "chat.limits.no-clamp-header",
    MUST,
    "If the endpoint does not clamp `max_tokens`, the response header that the profile names does "
    "not claim that it did.",
    on=("chat/whole/length", "chat/stream/length"),
    source="seed:opencode#max_tokens Auto-Clamping",
    remedy="Send the clamp header only if `max_tokens` was lowered.",
)
def test_no_clamping_is_reported_for_a_small_limit(exchange: Exchange, profile: Profile) -> None:
    header = _clamp_header(profile)
    require(
        not _says_clamped(exchange, header),
        exchange,
        expected=f"no {header} header: {token_limit(exchange)} tokens are within every limit",
        observed=header_line(exchange, header),
    )


@requirement(
    "chat.limits.out-of-range",
    MUST,
    "A `max_tokens` of 0 or less does not cause a server error (5xx) or an error inside a 200.",
    on=("limits/zero", "limits/negative"),
    source=("openai:errors", "github:BerriAI/litellm#18690"),
    remedy="Validate `max_tokens` before the request reaches the engine, and return 400.",
)
def test_a_limit_out_of_range_causes_no_server_error(bench: Bench, scenario: Scenario) -> None:
    _require_no_failure(bench.last_answer(scenario))


def _require_refusal(exchange: Exchange) -> None:
    require(400 <= (exchange.status or 0) < 500, exchange, expected="a 4xx")


@requirement(
    "chat.limits.zero",
    SHOULD,
    "The endpoint refuses a `max_tokens` of 0 with a 4xx.",
    on="limits/zero",
    follows=("chat.limits.out-of-range",),
    source="openai:chat/create#max_completion_tokens",
    remedy="Return 400 for a `max_tokens` below 1: an answer without tokens is of no use to "
    "clients.",
)
def test_zero_is_refused(bench: Bench, scenario: Scenario) -> None:
    _require_refusal(bench.last_answer(scenario))


@requirement(
    "chat.limits.negative",
    SHOULD,
    "The endpoint refuses a negative `max_tokens` with a 4xx.",
    on="limits/negative",
    follows=("chat.limits.out-of-range",),
    source=("openai:chat/create#max_completion_tokens", "github:BerriAI/litellm#18690"),
    remedy="Return 400 for a `max_tokens` below 1, streamed or not.",
)
def test_a_negative_limit_is_refused(bench: Bench, scenario: Scenario) -> None:
    _require_refusal(bench.last_answer(scenario))


_FEW_TOKENS = 200
"""More than the default limits of some servers, 16 to 128 tokens, which break clients."""


@requirement(
    "chat.limits.no-limit",
    SHOULD,
    "If the request sets no token limit, the answer is not cut off before 200 tokens.",
    on="limits/no-limit",
    source=(
        "openai:chat/create#max_completion_tokens",
        "github:huggingface/text-generation-inference#2421",
        "github:abetlen/llama-cpp-python#542",
        "github:microsoft/foundry-local#243",
    ),
    remedy="If the request sets no limit, let the model write until it stops or the context "
    "window is full.",
)
def test_an_answer_without_a_limit_is_not_cut_early(stream: ChatStream) -> None:
    if stream.exchange.ending is Ending.HUNG_UP:
        return
    thought = sum(word_count(found.text) for found in streamed_thoughts(stream))
    written = stream.completion_tokens or stream.words + thought
    reasons = [finish for choice in stream.choices for finish in choice.finishes]
    if all(reason.value != "length" for reason in reasons) and written < _FEW_TOKENS:
        raise Inconclusive(f"the answer did not end with `length`, after {written} tokens or words")
    for reason in reasons:
        require(
            reason.value != "length" or written >= _FEW_TOKENS,
            reason,
            expected=f'"length" only after {_FEW_TOKENS} tokens: the request set no limit',
            observed=f'"length" after {written} tokens',
        )
