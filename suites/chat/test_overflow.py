"""A prompt that is longer than the context window."""

from oaicheck.rules import (
    MUST,
    NO_USAGE,
    SHOULD,
    Inconclusive,
    NotApplicable,
    Unserved,
    require,
    requirement,
    status_line,
)
from oaicheck.views import (
    Bench,
    Refusal,
    Scenario,
    completion_of,
    error_within,
    least_prompt_tokens,
    told_context_length,
)


@requirement(
    "chat.limits.overflow",
    MUST,
    "A prompt longer than the context window does not cause a server error (5xx).",
    on=("limits/overflow", "limits/overflow-streamed"),
    source=("openai:errors", "github:lm-sys/FastChat#2741"),
    remedy="Count the prompt's tokens before generating, and return 400 if they do not fit: a 5xx "
    "makes clients retry.",
)
def test_an_overflow_causes_no_server_error(bench: Bench, scenario: Scenario) -> None:
    exchange = bench.last_answer(scenario)
    require((exchange.status or 0) < 500, exchange, expected="a 4xx")


@requirement(
    "chat.limits.overflow-status",
    MUST,
    "If a prompt is longer than the context window, the endpoint refuses it with a 4xx status, "
    "not with an error inside a 200.",
    on=("limits/overflow", "limits/overflow-streamed"),
    source=("openai:errors", "client:opencode", "github:ggml-org/llama.cpp#14566"),
    remedy="Count the prompt's tokens before sending the headers, and return 400, also when "
    "streaming.",
)
def test_an_overflow_is_refused_by_the_status(bench: Bench, scenario: Scenario) -> None:
    exchange = bench.last_answer(scenario)
    error = error_within(exchange)
    if (exchange.status or 0) < 400 and error is not None:
        require(False, error, expected="a 4xx with this error")


@requirement(
    "chat.limits.overflow-not-cut",
    SHOULD,
    "The endpoint does not silently shorten a prompt that is longer than the context window.",
    on="limits/overflow",
    source=("openai:errors", "client:opencode"),
    remedy="Return 400 for a prompt that does not fit: the client knows better what to leave out.",
)
def test_an_overflow_is_not_cut(bench: Bench, scenario: Scenario) -> None:
    exchange = bench.last_answer(scenario)
    if exchange.status != 200:
        return
    completion = completion_of(exchange)
    read = completion.usage["prompt_tokens"]
    if not read.is_integer or read.value == 0:
        raise Inconclusive(
            "usage does not say how much of the prompt was read", told_by=NO_USAGE, anywhere=True
        )
    bench.require_counted_prompts()
    least = least_prompt_tokens(exchange)
    if read.value >= least:
        raise Inconclusive(f"all {read.value} tokens of the prompt fit into the context window")
    require(
        False,
        read,
        expected=f"a 4xx, or at least {least} prompt tokens",
        observed=f"HTTP 200 with {read.value} prompt tokens",
    )


@requirement(
    "chat.limits.overflow-told",
    SHOULD,
    "If the endpoint tells its context length, it does not serve the whole of a longer prompt.",
    on="limits/overflow",
    source=("openai:errors", "client:opencode"),
    remedy="Refuse a prompt that is longer than the context length in `/models`, or correct that "
    "number: beyond its context a model writes nonsense, and agents compact by the number.",
    since="2026.2",
)
def test_no_more_is_read_than_the_context_holds(bench: Bench, scenario: Scenario) -> None:
    exchange = bench.last_answer(scenario)
    if exchange.status != 200:
        raise NotApplicable(f"the prompt was not served: {status_line(exchange)}")
    told = told_context_length(bench.answered, exchange.variables["model"])
    if told is None:
        raise NotApplicable("the endpoint does not tell its context length")
    read = completion_of(exchange).usage["prompt_tokens"]
    if not read.is_integer:
        raise Inconclusive("usage does not say how much of the prompt was read")
    bench.require_counted_prompts()
    require(
        read.value <= told,
        read,
        expected=f"a 4xx: the endpoint tells a context length of {told} tokens",
        observed=f"HTTP 200 with {read.value} prompt tokens",
    )


@requirement(
    "chat.limits.overflow-recognised",
    SHOULD,
    "Clients can recognise a context overflow by HTTP 413, by the code `context_length_exceeded` "
    "or by the error message.",
    on=("limits/overflow", "limits/overflow-streamed"),
    follows=("errors.body.is-json", "errors.body.error-object"),
    source=("openai:errors", "client:opencode"),
    remedy='Send `"code": "context_length_exceeded"` and name the maximum context length in the '
    "message: agents then compact the conversation instead of giving up.",
)
def test_an_overflow_is_recognisable(bench: Bench, scenario: Scenario) -> None:
    exchange = bench.last_answer(scenario)
    if not 400 <= (exchange.status or 0) < 500:
        raise Unserved(
            "the prompt was not refused",
            exchange,
            told_by=("chat.limits.overflow-status", "chat.limits.overflow-not-cut"),
        )
    refusal = Refusal(exchange)
    require(
        refusal.is_context_overflow,
        refusal.error if refusal.error.given else exchange,
        expected="HTTP 413, the code context_length_exceeded, or a message about the context",
    )


@requirement(
    "chat.limits.overflow-alike",
    SHOULD,
    "A prompt longer than the context window gets the same status streamed and not streamed.",
    on="limits/overflow-streamed",
    against="limits/overflow",
    source=("openai:errors", "github:BerriAI/litellm#18690"),
    remedy="Validate the request in code that streams and completions share.",
)
def test_an_overflow_has_the_same_status_streamed(bench: Bench, scenario: Scenario) -> None:
    streamed = bench.last_answer(scenario)
    whole = bench.last_answer(bench.scenarios["limits/overflow"])
    require(
        streamed.status == whole.status,
        streamed,
        expected=f"HTTP {whole.status}, as without streaming",
        beside=whole,
    )
