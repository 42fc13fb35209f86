"""Errors: what a client did wrong is answered with a 4xx that fits."""

from oaicheck.judging import require
from oaicheck.requirement import MUST, SHOULD, requirement
from oaicheck.wire.exchange import Exchange


@requirement(
    "errors.refused.client-error",
    MUST,
    "A request that is malformed is refused with a 4xx.",
    on="refused/*",
    source=("openai:errors", "rfc9110#15.5", "github:BerriAI/litellm#18690"),
    remedy="Validate the body before anything else; a 5xx makes clients try again for ever.",
)
def test_a_malformed_request_is_refused(exchange: Exchange) -> None:
    require(400 <= (exchange.status or 0) < 500, exchange, expected="a status from 400 to 499")


@requirement(
    "errors.refused.status-400",
    SHOULD,
    "The status for a malformed request is 400, or 422.",
    on="refused/*",
    source=("openai:errors", "rfc9110#15.5.1"),
    remedy="Answer 400; 422, as web frameworks send by default, is in use and tolerated.",
)
def test_the_status_is_400(exchange: Exchange) -> None:
    require(exchange.status in (400, 422), exchange, expected="HTTP 400, or 422")


@requirement(
    "errors.unknown.path",
    MUST,
    "A path that does not exist is answered with 404.",
    on="unknown/path",
    source=(
        "rfc9110#15.5.5",
        "seed:opencode#404 Not Found",
        "github:karakeep-app/karakeep#347",
    ),
    remedy="Answer 404 with a JSON error on every unknown path.",
)
def test_an_unknown_path_is_not_found(exchange: Exchange) -> None:
    require(exchange.status == 404, exchange, expected="HTTP 404")


@requirement(
    "errors.unknown.model",
    SHOULD,
    "A model that does not exist is answered with 404.",
    on="unknown/model",
    source=("openai:errors", "seed:opencode#Model Not Found"),
    remedy="Refuse an unknown model with 404 (400 is in use), so that a slip does not go unseen.",
)
def test_an_unknown_model_is_not_found(exchange: Exchange) -> None:
    require(exchange.status in (400, 404), exchange, expected="HTTP 404, or 400")
