"""Authentication: the endpoint refuses requests without the right key and never repeats it."""

from oaicheck.rules import (
    MUST,
    SHOULD,
    NotApplicable,
    header_line,
    require,
    requirement,
    status_line,
)
from oaicheck.views import Exchange, Refusal, echoes

_REMEDY = (
    "Answer 401 before you check anything else. If the endpoint needs no key, run oaicheck with "
    "--no-auth."
)


@requirement(
    "errors.authentication.missing-key",
    MUST,
    "The endpoint answers 401 to a request without a key.",
    on="auth/missing-key",
    follows=("errors.refused.not-in-a-success",),
    source=("openai:errors", "seed:opencode#401 Unauthorized", "rfc9110#15.5.2"),
    remedy=_REMEDY,
)
def test_a_missing_key_is_refused(exchange: Exchange) -> None:
    require(exchange.status == 401, exchange, expected="HTTP 401")


@requirement(
    "errors.authentication.wrong-key",
    MUST,
    "The endpoint answers 401 to a request with a wrong key.",
    on=("auth/wrong-key", "auth/wrong-key-streamed"),
    follows=("errors.refused.not-in-a-success",),
    source=(
        "openai:errors",
        "seed:opencode#401 Unauthorized",
        "github:EpistasisLab/KRAGEN#90",
        "github:runpod-workers/worker-vllm#57",
    ),
    remedy=_REMEDY,
)
def test_a_wrong_key_is_refused(exchange: Exchange) -> None:
    require(exchange.status == 401, exchange, expected="HTTP 401")


@requirement(
    "errors.authentication.truncated-key",
    MUST,
    "The endpoint answers 401 to a request with only the first part of the key.",
    on="auth/truncated-key",
    follows=("errors.refused.not-in-a-success",),
    source=("openai:errors", "rfc9110#15.5.2"),
    remedy="Compare the whole key, in constant time.",
)
def test_a_truncated_key_is_refused(exchange: Exchange) -> None:
    require(exchange.status == 401, exchange, expected="HTTP 401")


@requirement(
    "errors.authentication.longer-key",
    MUST,
    "The endpoint answers 401 to a request with the key plus one more character.",
    on="auth/longer-key",
    follows=("errors.refused.not-in-a-success",),
    source=("openai:errors", "rfc9110#15.5.2"),
    remedy="Compare the whole key, in constant time.",
)
def test_a_longer_key_is_refused(exchange: Exchange) -> None:
    require(exchange.status == 401, exchange, expected="HTTP 401")


@requirement(
    "errors.authentication.empty-key",
    MUST,
    "The endpoint answers 401 to a request with an empty Bearer key.",
    on="auth/empty-key",
    follows=("errors.refused.not-in-a-success",),
    source=("openai:errors", "seed:opencode#401 Unauthorized", "rfc9110#15.5.2"),
    remedy="Treat `Authorization: Bearer` with nothing after it as a missing key: clients send "
    "that if their user has not set one.",
)
def test_an_empty_key_is_refused(exchange: Exchange) -> None:
    require(exchange.status == 401, exchange, expected="HTTP 401")


@requirement(
    "errors.authentication.other-scheme",
    SHOULD,
    "The endpoint answers 401 to a request with the key under a scheme other than Bearer.",
    on="auth/other-scheme",
    follows=("errors.refused.not-in-a-success",),
    source=("openai:authentication", "rfc9110#11.1"),
    remedy="Accept the key only as `Authorization: Bearer`.",
)
def test_another_scheme_is_refused(exchange: Exchange) -> None:
    require(exchange.status == 401, exchange, expected="HTTP 401")


@requirement(
    "errors.authentication.other-scheme-served",
    MUST,
    "The endpoint does not serve a request with the key under a scheme other than Bearer.",
    on="auth/other-scheme",
    source=("openai:authentication", "rfc9110#11.1"),
    remedy="Accept the key only as `Authorization: Bearer`: a gate that reads any header for the "
    "key also reads what others wrote there.",
    since="2026.2",
)
def test_another_scheme_is_not_served(exchange: Exchange) -> None:
    require((exchange.status or 0) >= 300, exchange, expected="a refusal, such as HTTP 401")


@requirement(
    "errors.authentication.expired-key",
    MUST,
    "The endpoint answers 401 to a request with an expired key.",
    on="auth/expired-key",
    follows=("errors.refused.not-in-a-success",),
    source=("openai:errors", "seed:opencode#401 Unauthorized"),
    remedy="Check a key's expiry date on every request, even if keys are cached.",
)
def test_an_expired_key_is_refused(exchange: Exchange) -> None:
    require(exchange.status == 401, exchange, expected="HTTP 401")


@requirement(
    "errors.authentication.scopeless-key",
    MUST,
    "The endpoint answers 401 or 403 to a request with a key that may not use models.",
    on="auth/scopeless-key",
    follows=("errors.refused.not-in-a-success",),
    source=("openai:errors", "seed:opencode#401 Unauthorized", "rfc9110#15.5.4"),
    remedy="Check what a key is allowed to do, not only that it exists.",
)
def test_a_key_without_the_scope_is_refused(exchange: Exchange) -> None:
    require(exchange.status in (401, 403), exchange, expected="HTTP 401 or 403")


@requirement(
    "errors.authentication.models",
    SHOULD,
    "The endpoint does not list its models for a request without a key or with a wrong key.",
    on=("auth/models", "auth/models-wrong-key"),
    follows=("errors.refused.not-in-a-success",),
    source=("openai:models/list", "openai:authentication"),
    remedy="Check the key on every route: outsiders should not see what is deployed.",
)
def test_the_list_of_models_needs_a_key(exchange: Exchange) -> None:
    require(exchange.status in (401, 403, 404), exchange, expected="HTTP 401, 403 or 404")


@requirement(
    "errors.authentication.challenge",
    SHOULD,
    "A 401 has a WWW-Authenticate header.",
    on=(
        "auth/missing-key",
        "auth/empty-key",
        "auth/wrong-key",
        "auth/wrong-key-streamed",
        "auth/truncated-key",
        "auth/longer-key",
        "auth/other-scheme",
    ),
    source="rfc9110#11.6.1",
    remedy="Send `WWW-Authenticate: Bearer` with every 401.",
)
def test_a_401_carries_a_challenge(refusal: Refusal) -> None:
    if refusal.status != 401:
        raise NotApplicable(f"the status is not 401: {status_line(refusal.exchange)}")
    challenge = refusal.exchange.header("www-authenticate")
    require(
        challenge is not None,
        refusal.exchange,
        expected="a WWW-Authenticate header",
        observed=header_line(refusal.exchange, "WWW-Authenticate"),
    )


@requirement(
    "errors.authentication.key-not-echoed",
    MUST,
    "No response repeats the key, a large part of it, or its digest.",
    on=("auth/*", "refused/*", "unknown/*", "method/*"),
    source=("openai:authentication", "github:BerriAI/litellm#39757"),
    remedy="Say that the key is wrong without repeating it.",
)
def test_the_key_is_not_echoed(exchange: Exchange) -> None:
    require(
        not echoes(exchange.body),
        exchange,
        expected="a body without the key",
        observed="the key, or a part or digest of it, in the body",
    )
    for name, value in exchange.headers:
        require(
            not echoes(value.encode("utf-8")),
            exchange,
            expected="headers without the key",
            observed=f"the key, or a part or digest of it, in the header {name}",
        )
