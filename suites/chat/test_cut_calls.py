"""Tool calls that max_tokens cuts off: reported as cut off, and not made to look complete."""

from oaicheck.rules import MUST, SHOULD, Inconclusive, NotApplicable, clipped, require, requirement
from oaicheck.views import (
    Answered,
    AnsweredChoice,
    ChatStream,
    Exchange,
    answered_of,
    arguments_in,
    beyond_limit,
    call_markup,
    error_within,
    must_be_forced,
    offered_tools,
    shown,
    texts_in,
)

_CUT = ("limits/cut-call", "limits/cut-call-streamed")


def _answer_unless_refused(exchange: Exchange) -> Answered:
    """The answer; raises NotApplicable if the endpoint refuses to send an unfinished call."""
    if 400 <= (exchange.status or 0) < 500:
        raise NotApplicable(f"the endpoint sends no unfinished call: HTTP {exchange.status}")
    return answered_of(exchange)


@requirement(
    "chat.limits.cut-call",
    MUST,
    "A tool call that `max_tokens` cuts off does not cause a server error (5xx) or an error "
    "inside a successful response.",
    on=_CUT,
    against="chat/stream/tool-call",
    source=(
        "openai:chat/create#max_completion_tokens",
        "openai:errors",
        "github:exo-explore/exo#2184",
    ),
    remedy="Send the part of the call that was generated, with finish_reason `length`. After a "
    "server error clients repeat the same request.",
)
def test_a_cut_call_causes_no_server_error(exchange: Exchange, against: ChatStream) -> None:
    if against.errors:
        raise Inconclusive("a tool call that is not cut off ends with an error too")
    status = exchange.status or 0
    require(
        status < 500,
        exchange,
        expected="the beginning of the call, or a 4xx",
        beside=against.exchange,
    )
    error = error_within(exchange)
    if status < 400 and error is not None:
        require(False, error, expected="the beginning of the call, without an error")


@requirement(
    "chat.finish.length-call",
    MUST,
    "If `max_tokens` cuts off a forced tool call, the answer ends with finish_reason `length`.",
    on=_CUT,
    source=(
        "openai:chat/object#choices",
        "github:vllm-project/vllm#58228",
        "github:vllm-project/vllm#46303",
    ),
    remedy="Send finish_reason `length` if the token limit ended the call. After `tool_calls` or "
    "`stop`, clients execute the incomplete call.",
)
def test_a_cut_call_ends_with_length(exchange: Exchange) -> None:
    answered = _answer_unless_refused(exchange)
    limit, written = answered.answer.token_limit, answered.completion_tokens
    if beyond := beyond_limit(limit, written, answered.words):
        raise Inconclusive(
            f"the limit of {limit} tokens was exceeded: {beyond}",
            told_by=("chat.limits.streamed", "chat.limits.whole"),
        )
    if not written:
        raise NotApplicable("without usage it is unknown whether the limit was reached")
    if limit is not None and written < limit:
        raise NotApplicable(f"the model stopped on its own after {written} of {limit} tokens")
    for choice in answered.choices:
        if choice.reason.given and not _may_be_complete(answered, choice):
            require(
                choice.reason.value == "length",
                choice.reason,
                expected=f'"length": {written} of {limit} tokens were written',
                beside=answered.usage["completion_tokens"],
            )


def _may_be_complete(answered: Answered, choice: AnsweredChoice) -> bool:
    """Whether a choice may have ended on its own exactly at the token limit."""
    if not choice.tool_calls:
        return choice.content != ""
    return any(
        found.json is not None and not found.closed_early for found in arguments_in(answered.answer)
    )


@requirement(
    "chat.tools.cut-not-as-text",
    MUST,
    "If `max_tokens` cuts off a forced tool call, the content does not contain what the model "
    "wrote of it.",
    on=_CUT,
    source=(
        "openai:function-calling",
        "openai:chat/object#choices",
        "github:vllm-project/vllm#47963",
    ),
    remedy="Send the beginning of the call in `tool_calls`, or nothing of it: clients show the "
    "content, and send it back as something that the assistant has said.",
    since="2026.2",
)
def test_a_cut_call_does_not_become_text(exchange: Exchange) -> None:
    answered = _answer_unless_refused(exchange)
    must_be_forced(answered.answer)
    texts = texts_in(answered.answer)
    if not texts and not answered.called:
        raise NotApplicable("the limit ended the answer before a call or any content")
    for text, place in texts:
        raw = call_markup(text) or _json_of_a_call(exchange, text)
        require(
            raw is None,
            place,
            expected="no content, or text without the call",
            observed=f"{clipped(text)}, which is a call: {raw} …",
        )


def _json_of_a_call(exchange: Exchange, text: str) -> str | None:
    """The JSON in which a text names an offered function, as models write calls, or None."""
    for name in offered_tools(exchange):
        if (found := text.find(shown(name))) >= 0 and text.lstrip("`json \n")[:1] in ("{", "["):
            return clipped(text[: found + len(name) + 2])
    return None


@requirement(
    "chat.tools.cut-arguments",
    SHOULD,
    "If `max_tokens` cuts off a tool call, its arguments stay incomplete: the server does not "
    "close the JSON.",
    on=_CUT,
    source=("openai:function-calling", "github:vllm-project/vllm#47963"),
    remedy="Send only what the model wrote. If the server closes the JSON, clients cannot tell "
    "the arguments from complete ones.",
)
def test_cut_arguments_are_not_completed(exchange: Exchange) -> None:
    answered = _answer_unless_refused(exchange)
    if all(choice.reason.value != "length" for choice in answered.choices):
        raise Inconclusive("no choice ended with `length`")
    for found in arguments_in(answered.answer):
        require(
            not found.closed_early,
            found.place,
            expected="incomplete arguments",
            observed=f"a complete object: {clipped(found.text)}",
        )
