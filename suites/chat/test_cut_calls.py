"""Tool calls that max_tokens cuts off: said to be cut, and not made to look complete."""

from oaicheck.rules import MUST, SHOULD, Inconclusive, NotApplicable, clipped, require, requirement
from oaicheck.views import (
    Answered,
    AnsweredChoice,
    ChatStream,
    Exchange,
    answered_of,
    arguments_in,
    beyond_limit,
    error_within,
)

_CUT = ("limits/cut-call", "limits/cut-call-streamed")


def _answer(exchange: Exchange) -> Answered:
    """The answer; raises NotApplicable where an endpoint refuses to give an unfinished one."""
    if 400 <= (exchange.status or 0) < 500:
        raise NotApplicable(f"the endpoint gives no unfinished call: HTTP {exchange.status}")
    return answered_of(exchange)


@requirement(
    "chat.limits.cut-call",
    MUST,
    "A tool call that max_tokens cuts off is no server error.",
    on=_CUT,
    against="chat/stream/tool-call",
    source=(
        "openai:chat/create#max_completion_tokens",
        "openai:errors",
        "github:exo-explore/exo#2184",
    ),
    remedy="Deliver the call as far as it came, with `length`: a server error has clients repeat "
    "the same request.",
)
def test_a_cut_call_is_no_server_error(exchange: Exchange, against: ChatStream) -> None:
    if against.errors:
        raise Inconclusive("a call that is not cut off ends with an error as well")
    status = exchange.status or 0
    require(
        status < 500,
        exchange,
        expected="the beginning of a call, or a 4xx",
        beside=against.exchange,
    )
    error = error_within(exchange)
    if status < 400 and error is not None:
        require(False, error, expected="the beginning of a call, and no error after it")


@requirement(
    "chat.finish.length-call",
    MUST,
    "An answer whose forced tool call max_tokens cut off ends with `length`.",
    on=_CUT,
    source=(
        "openai:chat/object#choices",
        "github:vllm-project/vllm#58228",
        "github:vllm-project/vllm#46303",
    ),
    remedy="Report `length` when the token limit ended the call: with `tool_calls` or `stop` "
    "clients run it as it is.",
)
def test_a_cut_call_says_length(exchange: Exchange) -> None:
    answered = _answer(exchange)
    limit, written = answered.answer.token_limit, answered.completion_tokens
    if beyond := beyond_limit(limit, written, answered.words):
        raise Inconclusive(f"the limit of {limit} was not heeded: {beyond}")
    if not written:
        raise NotApplicable("without usage it cannot be told whether the limit was reached")
    if limit is not None and written < limit:
        raise NotApplicable(f"the model stopped by itself after {written} of {limit} tokens")
    for choice in answered.choices:
        if choice.reason.given and not _is_complete(answered, choice):
            require(
                choice.reason.value == "length",
                choice.reason,
                expected=f'"length": {written} of {limit} tokens were written',
                beside=answered.usage["completion_tokens"],
            )


def _is_complete(answered: Answered, choice: AnsweredChoice) -> bool:
    """Whether a choice may have come to its own end at just the last token that was allowed."""
    if not choice.tool_calls:
        return choice.content != ""
    return any(
        found.json is not None and not found.closed_early for found in arguments_in(answered.answer)
    )


@requirement(
    "chat.tools.cut-arguments",
    SHOULD,
    "The arguments of a tool call that max_tokens cut off are not made complete.",
    on=_CUT,
    source=("openai:function-calling", "github:vllm-project/vllm#47963"),
    remedy="Send what the model wrote: a client cannot tell closed brackets from arguments that "
    "are meant.",
)
def test_cut_arguments_are_not_completed(exchange: Exchange) -> None:
    answered = _answer(exchange)
    if all(choice.reason.value != "length" for choice in answered.choices):
        raise Inconclusive("no choice ended with `length`")
    for found in arguments_in(answered.answer):
        require(
            not found.closed_early,
            found.place,
            expected="arguments that break off",
            observed=f"a whole object: {clipped(found.text)}",
        )
