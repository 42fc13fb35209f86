"""Authentication: a request without the right key is refused, and the key is not given away."""

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
    "Answer 401 before anything else is looked at. If the endpoint needs no key, run oaicheck "
    "with --no-auth."
)


@requirement(
    "errors.authentication.missing-key",
    MUST,
    "A request without a key is refused with 401.",
    on="auth/missing-key",
    source=("openai:errors", "seed:opencode#401 Unauthorized", "rfc9110#15.5.2"),
    remedy=_REMEDY,
)
def test_a_missing_key_is_refused(exchange: Exchange) -> None:
    require(exchange.status == 401, exchange, expected="HTTP 401")


@requirement(
    "errors.authentication.wrong-key",
    MUST,
    "A request with a wrong key is refused with 401.",
    on=("auth/wrong-key", "auth/wrong-key-streamed"),
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
    "A request with the first part of the key is refused with 401.",
    on="auth/truncated-key",
    source=("openai:errors", "rfc9110#15.5.2"),
    remedy="Compare the whole key, in constant time.",
)
def test_a_truncated_key_is_refused(exchange: Exchange) -> None:
    require(exchange.status == 401, exchange, expected="HTTP 401")


@requirement(
    "errors.authentication.longer-key",
    MUST,
    "A request with the key and one more character is refused with 401.",
    on="auth/longer-key",
    source=("openai:errors", "rfc9110#15.5.2"),
    remedy="Compare the whole key, in constant time.",
)
def test_a_longer_key_is_refused(exchange: Exchange) -> None:
    require(exchange.status == 401, exchange, expected="HTTP 401")


@requirement(
    "errors.authentication.empty-key",
    MUST,
    "A request with an empty key under Bearer is refused with 401.",
    on="auth/empty-key",
    source=("openai:errors", "seed:opencode#401 Unauthorized", "rfc9110#15.5.2"),
    remedy="Take `Authorization: Bearer` with nothing after it for a missing key: clients whose "
    "user has set none send that.",
)
def test_an_empty_key_is_refused(exchange: Exchange) -> None:
    require(exchange.status == 401, exchange, expected="HTTP 401")


@requirement(
    "errors.authentication.other-scheme",
    SHOULD,
    "A request with the key under another scheme than Bearer is refused with 401.",
    on="auth/other-scheme",
    source=("openai:authentication", "rfc9110#11.1"),
    remedy="Accept the key as `Authorization: Bearer` only.",
)
def test_another_scheme_is_refused(exchange: Exchange) -> None:
    require(exchange.status == 401, exchange, expected="HTTP 401")


@requirement(
    "errors.authentication.expired-key",
    MUST,
    "A request with a key that has expired is refused with 401.",
    on="auth/expired-key",
    source=("openai:errors", "seed:opencode#401 Unauthorized"),
    remedy="Check a key's date on every request, also where keys are held in a cache.",
)
def test_an_expired_key_is_refused(exchange: Exchange) -> None:
    require(exchange.status == 401, exchange, expected="HTTP 401")


@requirement(
    "errors.authentication.scopeless-key",
    MUST,
    "A request with a key that may not ask a model is refused with 401, or 403.",
    on="auth/scopeless-key",
    source=("openai:errors", "seed:opencode#401 Unauthorized", "rfc9110#15.5.4"),
    remedy="Check what a key is for, not only that it exists.",
)
def test_a_key_without_the_scope_is_refused(exchange: Exchange) -> None:
    require(exchange.status in (401, 403), exchange, expected="HTTP 401, or 403")


@requirement(
    "errors.authentication.models",
    SHOULD,
    "The list of models is not given without a key, nor for a wrong one.",
    on=("auth/models", "auth/models-wrong-key"),
    source=("openai:models/list", "openai:authentication"),
    remedy="Check the key on every route: what is deployed is nobody else's business.",
)
def test_the_list_of_models_needs_a_key(exchange: Exchange) -> None:
    require(exchange.status in (401, 403, 404), exchange, expected="HTTP 401")


@requirement(
    "errors.authentication.challenge",
    SHOULD,
    "A 401 names the scheme in a WWW-Authenticate header.",
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
    "No answer repeats the key, nor a good part of it, nor its digest.",
    on=("auth/*", "refused/*", "unknown/*", "method/*"),
    source=("openai:authentication", "github:BerriAI/litellm#39757"),
    remedy="Say that the key is wrong without saying what it was.",
)
def test_the_key_is_not_echoed(exchange: Exchange) -> None:
    require(
        not echoes(exchange.body),
        exchange,
        expected="an answer without the key",
        observed="the key, or a part of it, in the body",
    )
    for name, value in exchange.headers:
        require(
            not echoes(value.encode("utf-8")),
            exchange,
            expected="headers without the key",
            observed=f"the key, or a part of it, in the header {name}",
        )
