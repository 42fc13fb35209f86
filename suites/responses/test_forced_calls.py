"""Function calls as the request forces them: a named one, one at a time, or cut by a limit."""

from oaicheck.rules import (
    MUST,
    NO_FUNCTION_CALL,
    NO_RESPONSE_USAGE,
    Inconclusive,
    NotApplicable,
    clipped,
    require,
    requirement,
)
from oaicheck.views import (
    ResponseObject,
    call_markup,
    must_be_forced,
    offered_functions,
    parse_json,
    require_a_call,
    shown,
)

NAMED = "responses/calls/named"


@requirement(
    "responses.tools.named",
    MUST,
    "If `tool_choice` names a function, the response has a function call.",
    on=NAMED,
    source=("openai:responses/create#tool_choice", "github:BerriAI/litellm#29812"),
    remedy="Constrain the model to the function that `tool_choice` names, or refuse the parameter "
    "with a 400 that names it.",
)
def test_a_named_function_is_called(response: ResponseObject) -> None:
    require_a_call(response)


@requirement(
    "responses.tools.named-only",
    MUST,
    "If `tool_choice` names a function, the response calls no other offered function.",
    on=NAMED,
    follows=("responses.tools.named",),
    source=("openai:responses/create#tool_choice", "github:BerriAI/litellm#29812"),
    remedy="Offer the model only the named function.",
)
def test_only_the_named_function_is_called(response: ResponseObject) -> None:
    must_be_forced(response)
    wanted = response.requested("tool_choice")["name"]
    others = offered_functions(response.exchange).keys() - {wanted}
    if not response.function_calls:
        raise Inconclusive(
            "the model called no function: responses.tools.named judges that",
            told_by=NO_FUNCTION_CALL,
        )
    for call in response.function_calls:
        require(
            not call["name"].is_one_of(others),
            call["name"],
            expected=f"{shown(wanted)}, which tool_choice names",
        )


@requirement(
    "responses.tools.cut",
    MUST,
    "A response whose function call max_output_tokens cut off has the status `incomplete`.",
    on="responses/calls/cut",
    source=("openai:responses/object", "github:vllm-project/vllm#58228"),
    remedy="Send `incomplete` if the token limit cut a call: agents run the calls of a completed "
    "response.",
)
def test_a_cut_call_is_incomplete(response: ResponseObject) -> None:
    if not response.function_calls:
        raise NotApplicable("the limit left no room for a call")
    arguments = response.function_calls[-1]["arguments"]
    if not arguments.is_string or response.reached_limit is None:
        raise Inconclusive(
            "it is not known whether the limit cut the call",
            told_by=NO_RESPONSE_USAGE,
            anywhere=True,
        )
    if not response.reached_limit or parse_json(arguments.value) is not None:
        raise NotApplicable("the limit did not cut the call")
    require(
        response.status.value == "incomplete",
        response.status,
        expected='"incomplete"',
        observed=f"{response.status.shown} after {response.output_tokens} of "
        f"{response.token_limit} tokens, with the arguments {clipped(arguments.value)}",
        beside=arguments,
    )


@requirement(
    "responses.tools.cut-as-text",
    MUST,
    "A forced function call that max_output_tokens cut off is not sent as the text of a message.",
    on="responses/calls/cut",
    source=("openai:responses/function-calling", "openai:responses/create#tool_choice"),
    remedy="Send what there is of the call as a function_call item, or leave it out: agents show "
    "the text, and put it into the history.",
    since="2026.2",
)
def test_a_cut_call_is_no_text(response: ResponseObject) -> None:
    must_be_forced(response)
    names = offered_functions(response.exchange)
    for text in response.texts:
        written = text.value if text.is_string else ""
        named = next((name for name in names if name in written), None)
        found = call_markup(written) or named
        require(
            found is None,
            text,
            expected="no call in the text",
            observed=f"{shown(found)} in {clipped(written)}",
            beside=response.status,
        )


@requirement(
    "responses.tools.one-at-a-time",
    MUST,
    "With `parallel_tool_calls: false`, a response has at most one function call.",
    on="responses/calls/one-at-a-time",
    source="openai:responses/create#parallel_tool_calls",
    remedy="Stop after the first call if `parallel_tool_calls` is false, or refuse the parameter "
    "with a 400 that names it.",
)
def test_one_call_at_a_time(response: ResponseObject) -> None:
    calls = response.function_calls
    if not calls:
        raise Inconclusive("the model called no function", told_by=NO_FUNCTION_CALL)
    for call in calls[1:]:
        require(False, call, expected="one function call", observed=f"{len(calls)} calls")
