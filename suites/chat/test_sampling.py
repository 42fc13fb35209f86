"""Sampling parameters: temperature, top_p, penalties, seed, and members of the response."""

from oaicheck.rules import MUST, SHOULD, require, requirement
from oaicheck.views import Answered, Exchange, distinct


@requirement(
    "chat.sampling.no-server-error",
    MUST,
    "Valid values of `temperature`, `top_p`, the penalties, `seed` and `user` do not cause a "
    "server error (5xx).",
    on="chat/whole/sampling",
    source=("openai:chat/create", "github:cline/cline#550"),
    remedy="Serve each sampling parameter, or refuse it with a 400 that names it.",
)
def test_sampling_parameters_cause_no_server_error(exchange: Exchange) -> None:
    require((exchange.status or 0) < 500, exchange, expected="HTTP 200, or a 4xx that says why")


@requirement(
    "chat.sampling.accepted",
    SHOULD,
    "The endpoint serves `temperature`, `top_p`, the penalties, `seed` and `user`, or refuses "
    "them with an error that names the parameter.",
    on="chat/whole/sampling",
    follows=("chat.sampling.no-server-error",),
    source=("openai:chat/create", "seed:opencode#Unsupported OpenAI Extensions"),
    remedy="Serve the documented sampling parameters. If the model does not support one, name it "
    "in the error.",
)
def test_sampling_parameters_are_served(exchange: Exchange) -> None:
    require(exchange.status == 200, exchange, expected="HTTP 200, or a 4xx that names a parameter")


@requirement(
    "chat.sampling.fingerprint",
    SHOULD,
    "`system_fingerprint` is a string, null or absent.",
    on=("chat/whole/sampling", "chat/stream/text"),
    source=("openai:chat/object#system_fingerprint", "openai:chat/streaming#system_fingerprint"),
    remedy="Send a string that names the configuration of the backend, or omit the member.",
)
def test_the_fingerprint_is_a_string(answered: Answered) -> None:
    for answer in distinct(answered.objects):
        fingerprint = answer["system_fingerprint"]
        require(
            fingerprint.is_string or not fingerprint.given, fingerprint, expected="a string or null"
        )


@requirement(
    "chat.sampling.service-tier",
    SHOULD,
    "`service_tier` is a string, null or absent.",
    on=("chat/whole/sampling", "chat/stream/text"),
    source=("openai:chat/object#service_tier", "openai:chat/streaming#service_tier"),
    remedy="Send the name of the tier that served the request, or omit the member.",
)
def test_the_service_tier_is_a_string(answered: Answered) -> None:
    for answer in distinct(answered.objects):
        tier = answer["service_tier"]
        require(tier.is_string or not tier.given, tier, expected="a string or null")
