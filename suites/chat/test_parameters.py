"""Parameters: null, out of range, at their defaults, newer than the server, and unknown."""

from oaicheck.rules import (
    MUST,
    SHOULD,
    Inconclusive,
    NotApplicable,
    require,
    requirement,
    status_line,
)
from oaicheck.views import (
    RATE_LIMITED,
    Answered,
    ChatStream,
    Conversation,
    Exchange,
    Refusal,
    requested,
    require_no_server_error,
)

_EXTENSIONS = (
    "developer", "store", "metadata", "service_tier", "logit_bias", "oaicheck_unknown_parameter",
)  # fmt: skip
_OUT_OF_RANGE = ("chat/either/out-of-range", "chat/either/out-of-range/*")
"""Each has one bad value: a server that refuses one and changes another is seen to do both."""
_IN_EVERY_REQUEST = ("model", "messages", "max_tokens", "max_completion_tokens")
_WITHOUT_EFFECT = ("prompt_cache_key", "safety_identifier", "user", "store")
_RANGED = ("temperature", "top_p", "presence_penalty", "frequency_penalty", "stop")


def _served(exchange: Exchange) -> bool:
    return exchange.status is not None and exchange.status < 400


def _ranged_in(exchange: Exchange) -> str:
    """The parameter that a request gives outside its range."""
    return next(name for name in _RANGED if requested(exchange, name) is not None)


@requirement(
    "chat.parameters.null",
    MUST,
    "The endpoint serves a request in which every nullable parameter is null.",
    on="chat/whole/nulls",
    source=("openai:chat/create", "github:ggml-org/llama.cpp#25515"),
    remedy="Treat null like an absent parameter: clients send null for settings that are not set.",
)
def test_null_is_served(exchange: Exchange) -> None:
    require(exchange.status == 200, exchange, expected="HTTP 200")


@requirement(
    "chat.parameters.null-stream",
    MUST,
    "If `stream` is null, the response is not a stream.",
    on="chat/whole/nulls",
    source="openai:chat/create#stream",
    remedy="Stream only if `stream` is true.",
)
def test_null_stream_is_not_streamed(exchange: Exchange) -> None:
    if not _served(exchange):
        raise Inconclusive("the request was refused", told_by=("chat.parameters.null",))
    require(not exchange.events, exchange, expected="one JSON object, not events")


@requirement(
    "chat.parameters.null-logprobs",
    SHOULD,
    "If `logprobs` is null, the response has no log probabilities.",
    on="chat/whole/nulls",
    source="openai:chat/create#logprobs",
    remedy="Treat a null `logprobs` like an absent one.",
)
def test_null_logprobs_gives_none(answered: Answered) -> None:
    for choice in answered.choices:
        for logprobs in choice.logprobs:
            require(len(logprobs["content"]) == 0, logprobs, expected="null or absent")


@requirement(
    "chat.parameters.extension-no-server-error",
    MUST,
    "The developer role, `store`, `metadata`, `service_tier`, `logit_bias` and an unknown "
    "parameter do not cause a server error (5xx).",
    on="chat/either/extensions",
    source=("openai:chat/create", "github:cline/cline#550", "github:earendil-works/pi#1578"),
    remedy="Ignore parameters that you do not know, or return a 400 that names them: after a 5xx "
    "clients retry.",
)
def test_extensions_cause_no_server_error(exchange: Exchange) -> None:
    require_no_server_error(exchange)


@requirement(
    "chat.parameters.extension-named",
    SHOULD,
    "The endpoint serves an unknown parameter or role, or refuses it with an error that names it.",
    on="chat/either/extensions",
    follows=("errors.body.is-json", "chat.parameters.extension-explained"),
    source=("openai:errors", "github:earendil-works/pi#1578"),
    remedy="Name the parameter in `error.param` or in the message, so that a client can leave it "
    "out.",
)
def test_a_refused_extension_is_named(decided: Exchange) -> None:
    require(
        _served(decided) or Refusal(decided).names(*_EXTENSIONS),
        decided,
        expected="HTTP 200, or an error that names one of " + ", ".join(_EXTENSIONS),
    )


@requirement(
    "chat.parameters.extension-explained",
    MUST,
    "If the endpoint refuses an unknown parameter or role, `error.message` is a non-empty string.",
    on="chat/either/extensions",
    follows=("errors.body.is-json", "errors.body.error-object", "errors.body.message"),
    source=("openai:errors", "client:ai-sdk"),
    remedy='Return `{"error": {"message": "…"}}`: clients show the message and nothing else.',
)
def test_a_refused_extension_gets_an_error_message(decided: Exchange) -> None:
    if not _served(decided):
        message = Refusal(decided).message
        require(message.is_text, message, expected="a non-empty string")


@requirement(
    "chat.parameters.range-no-server-error",
    MUST,
    "A sampling parameter or a `stop` outside its range does not cause a server error (5xx).",
    on=_OUT_OF_RANGE,
    source=("openai:chat/create", "rfc9110#15.5"),
    remedy="Check the ranges before you pass the values to the engine.",
)
def test_a_value_out_of_range_causes_no_server_error(exchange: Exchange) -> None:
    require((exchange.status or 0) < 500, exchange, expected="a status below 500")


@requirement(
    "chat.parameters.range-refused",
    SHOULD,
    "The endpoint answers 400 or 422 to a temperature of 5, a `top_p` of 2, a penalty of 9 or five "
    "stop strings.",
    on=_OUT_OF_RANGE,
    follows=("chat.parameters.range-no-server-error",),
    source=("openai:chat/create#temperature", "openai:chat/create#stop"),
    remedy="Return 400 (or 422) for values outside the documented ranges. Do not change them "
    "silently.",
)
def test_a_value_out_of_range_is_refused(exchange: Exchange) -> None:
    require(
        exchange.status in (400, 422),
        exchange,
        expected=f"HTTP 400 or 422 for this {_ranged_in(exchange)}",
    )


@requirement(
    "chat.parameters.range-named",
    SHOULD,
    "The endpoint serves a value that is out of range, or refuses it with an error that names the "
    "parameter.",
    on=_OUT_OF_RANGE,
    follows=("errors.body.is-json",),
    source="openai:errors",
    remedy="Name the parameter in `error.param` or in the message.",
)
def test_a_refused_value_is_named(decided: Exchange) -> None:
    bad = _ranged_in(decided)
    require(
        _served(decided) or Refusal(decided).names(bad),
        decided,
        expected=f"HTTP 200, or an error that names {bad}",
    )


@requirement(
    "chat.parameters.defaults-no-server-error",
    MUST,
    "Parameters at their documented default values do not cause a server error (5xx).",
    on="chat/either/defaults",
    source=("openai:chat/create", "openai:errors", "github:openai/openai-agents-js#835"),
    remedy="Before you reject a parameter as unsupported, check whether it has its default value.",
)
def test_defaults_cause_no_server_error(exchange: Exchange) -> None:
    require((exchange.status or 0) < 500, exchange, expected="HTTP 200")


@requirement(
    "chat.parameters.defaults",
    SHOULD,
    "The endpoint serves parameters at their documented default values.",
    on="chat/either/defaults",
    source=(
        "openai:chat/create",
        "github:lmstudio-ai/lmstudio-bug-tracker#307",
        "github:openai/openai-agents-js#835",
    ),
    remedy="Treat a default value like an absent parameter, even if you do not support other "
    "values: clients send all their settings.",
)
def test_defaults_are_served(decided: Exchange) -> None:
    require(_served(decided), decided, expected="HTTP 200")


@requirement(
    "chat.parameters.nulls-no-server-error",
    MUST,
    "A null `tools`, `tool_choice`, `parallel_tool_calls` or `response_format`, and an empty "
    "`stop`, do not cause a server error (5xx).",
    on="chat/either/nulls",
    source=("openai:chat/create", "openai:errors", "github:vllm-project/vllm#39741"),
    remedy="Treat null and an empty array like an absent parameter, or return 400.",
)
def test_nulls_cause_no_server_error(exchange: Exchange) -> None:
    require_no_server_error(exchange)


@requirement(
    "chat.parameters.unasked-no-server-error",
    MUST,
    "`prompt_cache_key`, `safety_identifier`, `user`, `store`, `metadata`, `verbosity` and "
    "`reasoning_effort` do not cause a server error (5xx).",
    on="chat/either/unasked",
    source=("openai:chat/create", "openai:errors", "client:ai-sdk", "client:opencode"),
    remedy="Ignore parameters that you do not know, or return a 400 that names them: clients send "
    "these without being asked to, and retry after a 5xx.",
    since="2026.2",
)
def test_what_clients_send_unasked_causes_no_server_error(conversation: Conversation) -> None:
    for name, exchange in _alone(conversation).items():
        require(
            (exchange.status or 0) < 500,
            exchange,
            expected=f"HTTP 200 with {name}, or a 4xx that names it",
        )
    require_no_server_error(conversation.turns[0])


@requirement(
    "chat.parameters.unasked-named",
    SHOULD,
    "If the endpoint refuses a parameter that clients send unasked, such as `verbosity`, the error "
    "names it.",
    on="chat/either/unasked",
    source=("openai:errors", "client:ai-sdk"),
    remedy="Name the parameter in `error.param` or in the message, so that a client can leave it "
    "out.",
    since="2026.2",
)
def test_what_clients_send_unasked_is_named(conversation: Conversation) -> None:
    for name, exchange in _alone(conversation).items():
        if 400 <= (exchange.status or 0) < 500:
            require(Refusal(exchange).names(name), exchange, expected=f"an error that names {name}")


@requirement(
    "chat.parameters.unasked",
    SHOULD,
    "The endpoint serves requests with `prompt_cache_key`, `safety_identifier`, `user` or a false "
    "`store`.",
    on="chat/either/unasked",
    source=("openai:chat/create", "client:opencode", "client:ai-sdk", "client:langchain"),
    remedy="Ignore them if you have no use for them: they do not change the answer, and many "
    "clients have no setting to leave them out.",
    since="2026.2",
)
def test_what_does_not_change_the_answer_is_served(conversation: Conversation) -> None:
    alone = _alone(conversation)
    for name in _WITHOUT_EFFECT:
        if name in alone and (alone[name].status or 0) < 500:
            require(_served(alone[name]), alone[name], expected=f"HTTP 200 with {name}")


def _alone(conversation: Conversation) -> dict[str, Exchange]:
    """The response to each parameter alone, without those that were refused for the moment.

    Empty if the request with all parameters was served: then none was sent alone.
    """
    together, *alone = conversation.turns
    if _served(together):
        return {}
    found = {
        name: exchange
        for exchange in alone
        for name in exchange.request.json
        if name not in _IN_EVERY_REQUEST and exchange.status not in RATE_LIMITED
    }
    if not found:
        raise Inconclusive(f"no parameter was sent alone: {status_line(together)}")
    return found


@requirement(
    "chat.parameters.count-no-server-error",
    MUST,
    "An `n` of 0 and a `top_logprobs` of 21 do not cause a server error (5xx).",
    on=("chat/either/no-choices", "chat/either/many-alternatives"),
    source=("openai:chat/create#n", "openai:chat/create#top_logprobs", "rfc9110#15.5"),
    remedy="Check both numbers before you pass them to the engine, and return 400.",
    since="2026.2",
)
def test_a_count_out_of_range_causes_no_server_error(exchange: Exchange) -> None:
    require_no_server_error(exchange)


@requirement(
    "chat.parameters.no-choices",
    SHOULD,
    "The endpoint refuses an `n` of 0 with a 4xx.",
    on="chat/either/no-choices",
    follows=("chat.parameters.count-no-server-error",),
    source=("openai:chat/create#n", "github:raullenchai/Rapid-MLX#747"),
    remedy="Return 400 for an `n` below 1: served as 1, it hides the client's mistake.",
    since="2026.2",
)
def test_no_choices_are_refused(decided: Exchange) -> None:
    require((decided.status or 0) >= 400, decided, expected="a 4xx")


@requirement(
    "chat.parameters.many-alternatives",
    SHOULD,
    "If the endpoint serves `top_logprobs`, it refuses more than 20 with a 4xx.",
    on="chat/either/many-alternatives",
    against="chat/stream/logprobs",
    follows=("chat.parameters.count-no-server-error",),
    source=("openai:chat/create#top_logprobs", "github:raullenchai/Rapid-MLX#747"),
    remedy="Return 400 for a `top_logprobs` above 20: sent fewer, a client takes them for all.",
    since="2026.2",
)
def test_too_many_alternatives_are_refused(decided: Exchange, against: ChatStream) -> None:
    listed = [token for entry in against.entries for token in entry["logprobs"]["content"]]
    if not any(len(token["top_logprobs"]) > 0 for token in listed):
        raise NotApplicable("the endpoint sends no alternatives (see chat.logprobs.top-given)")
    require((decided.status or 0) >= 400, decided, expected="a 4xx", beside=against.exchange)
