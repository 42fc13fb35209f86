"""Parameters: null, beyond their ranges, newer than the server, and unknown."""

from oaicheck.rules import MUST, SHOULD, Inconclusive, require, requirement
from oaicheck.views import Answered, Exchange, Refusal, require_no_server_error

_EXTENSIONS = (
    "developer", "store", "metadata", "service_tier", "logit_bias", "oaicheck_unknown_parameter",
)  # fmt: skip
_RANGED = ("temperature", "top_p", "presence_penalty", "frequency_penalty", "stop")


def _served(exchange: Exchange) -> bool:
    return exchange.status is not None and exchange.status < 400


@requirement(
    "chat.parameters.null",
    MUST,
    "Parameters that the API lets be null are served when they are null.",
    on="chat/whole/nulls",
    source=("openai:chat/create", "github:ggml-org/llama.cpp#25515"),
    remedy="Read null as if the parameter were left out: clients send what is not set as null.",
)
def test_null_is_served(exchange: Exchange) -> None:
    require(exchange.status == 200, exchange, expected="HTTP 200")


@requirement(
    "chat.parameters.null-stream",
    MUST,
    "With `stream` null the answer is not a stream.",
    on="chat/whole/nulls",
    source="openai:chat/create#stream",
    remedy="Stream only when `stream` is true.",
)
def test_null_is_no_wish_for_a_stream(exchange: Exchange) -> None:
    if not _served(exchange):
        raise Inconclusive("the request was refused")
    require(not exchange.events, exchange, expected="one JSON object, and no events")


@requirement(
    "chat.parameters.null-logprobs",
    SHOULD,
    "With `logprobs` null there are no log probabilities.",
    on="chat/whole/nulls",
    source="openai:chat/create#logprobs",
    remedy="Read null as if `logprobs` were left out.",
)
def test_null_is_no_wish_for_logprobs(answered: Answered) -> None:
    for choice in answered.choices:
        for logprobs in choice.logprobs:
            require(len(logprobs["content"]) == 0, logprobs, expected="null, or left out")


@requirement(
    "chat.parameters.extension-no-server-error",
    MUST,
    "The developer role, store, metadata, service_tier, logit_bias and a parameter that nobody "
    "knows are no server error.",
    on="chat/either/extensions",
    source=("openai:chat/create", "github:cline/cline#550", "github:earendil-works/pi#1578"),
    remedy="Ignore what you do not know, or refuse it with a 400 that names it; a 5xx has clients "
    "try again.",
)
def test_extensions_are_no_server_error(exchange: Exchange) -> None:
    require_no_server_error(exchange)


@requirement(
    "chat.parameters.extension-named",
    SHOULD,
    "A parameter or role that is not known is served, or refused by its name.",
    on="chat/either/extensions",
    source=("openai:errors", "github:earendil-works/pi#1578"),
    remedy="Name the parameter in `error.param` or in the message, so that a client can leave it "
    "out.",
)
def test_an_extension_is_refused_by_name(decided: Exchange) -> None:
    require(
        _served(decided) or Refusal(decided).names(*_EXTENSIONS),
        decided,
        expected="HTTP 200, or an error that names one of " + ", ".join(_EXTENSIONS),
    )


@requirement(
    "chat.parameters.extension-explained",
    MUST,
    "A parameter or role that is not known is served, or refused with a message.",
    on="chat/either/extensions",
    source=("openai:errors", "client:ai-sdk"),
    remedy='Answer with `{"error": {"message": "…"}}`: clients show the message and nothing else.',
)
def test_an_extension_is_refused_with_a_message(decided: Exchange) -> None:
    if not _served(decided):
        message = Refusal(decided).message
        require(message.is_text, message, expected="a string that is not empty")


@requirement(
    "chat.parameters.range-no-server-error",
    MUST,
    "Sampling parameters beyond their ranges are no server error.",
    on="chat/either/out-of-range",
    source=("openai:chat/create", "rfc9110#15.5"),
    remedy="Check the ranges before the engine sees the values.",
)
def test_a_value_out_of_range_is_no_server_error(exchange: Exchange) -> None:
    require((exchange.status or 0) < 500, exchange, expected="a status below 500")


@requirement(
    "chat.parameters.range-refused",
    SHOULD,
    "A temperature of 5, a top_p of 2, penalties of 9 and five stop strings are refused with 400.",
    on="chat/either/out-of-range",
    source=("openai:chat/create#temperature", "openai:chat/create#stop"),
    remedy="Refuse values beyond the documented ranges with 400 (422 is in use).",
)
def test_a_value_out_of_range_is_refused(exchange: Exchange) -> None:
    require(exchange.status in (400, 422), exchange, expected="HTTP 400, or 422")


@requirement(
    "chat.parameters.range-named",
    SHOULD,
    "A value out of its range is served, or refused by the parameter's name.",
    on="chat/either/out-of-range",
    source="openai:errors",
    remedy="Name the parameter in `error.param` or in the message.",
)
def test_a_value_out_of_range_is_refused_by_name(decided: Exchange) -> None:
    require(
        _served(decided) or Refusal(decided).names(*_RANGED),
        decided,
        expected="HTTP 200, or an error that names one of " + ", ".join(_RANGED),
    )


@requirement(
    "chat.parameters.defaults-no-server-error",
    MUST,
    "Parameters at their documented defaults are no server error.",
    on="chat/either/defaults",
    source=("openai:chat/create", "openai:errors", "github:openai/openai-agents-js#835"),
    remedy="Compare a parameter with its default before it is found to be unsupported.",
)
def test_defaults_are_no_server_error(exchange: Exchange) -> None:
    require((exchange.status or 0) < 500, exchange, expected="HTTP 200")


@requirement(
    "chat.parameters.defaults",
    SHOULD,
    "Parameters at their documented defaults are served.",
    on="chat/either/defaults",
    source=(
        "openai:chat/create",
        "github:lmstudio-ai/lmstudio-bug-tracker#307",
        "github:openai/openai-agents-js#835",
    ),
    remedy="Serve a default as if it were left out, also where other values are not supported: "
    "clients send what their settings say.",
)
def test_defaults_are_served(decided: Exchange) -> None:
    require(_served(decided), decided, expected="HTTP 200")


@requirement(
    "chat.parameters.nulls-no-server-error",
    MUST,
    "Null for `tools`, `tool_choice`, `parallel_tool_calls` and `response_format`, and an empty "
    "`stop`, are no server error.",
    on="chat/either/nulls",
    source=("openai:chat/create", "openai:errors", "github:vllm-project/vllm#39741"),
    remedy="Read null and an empty array as if the parameter were left out, or answer 400.",
)
def test_nulls_are_no_server_error(exchange: Exchange) -> None:
    require_no_server_error(exchange)
