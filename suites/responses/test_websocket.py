"""WebSockets on the path of responses: an endpoint without them says so at once."""

from oaicheck.rules import MUST, SHOULD, NotApplicable, require, requirement
from oaicheck.views import Bench, Exchange, Reaction

UPGRADE = "responses/upgrade"
WHOLE = "responses/whole/messages"
_SWITCHING = 101


@requirement(
    "responses.websocket.refused",
    MUST,
    "The endpoint refuses the handshake of a WebSocket that it does not serve with a 4xx.",
    on=UPGRADE,
    against=WHOLE,
    source=("rfc9110#15.5.22", "client:codex", "github:BYK/loreai#515"),
    remedy="Answer 426 to a GET on the path of responses with `Upgrade: websocket`: clients try "
    "the WebSocket first, and repeat the handshake after a 5xx or silence.",
    since="2026.2",
)
def test_a_handshake_is_refused(reaction: Reaction, bench: Bench) -> None:
    exchange = reaction.exchange
    _require_the_api(bench)
    require(
        exchange.answered,
        exchange,
        expected="HTTP 426, or another 4xx",
        observed=f"no status: {exchange.ending}: {exchange.detail}",
    )
    if exchange.status == _SWITCHING:
        raise NotApplicable("the endpoint serves WebSockets")
    require(400 <= (exchange.status or 0) < 500, exchange, expected="HTTP 426, or another 4xx")


@requirement(
    "responses.websocket.status",
    SHOULD,
    "The status that refuses the handshake of a WebSocket is 426.",
    on=UPGRADE,
    against=WHOLE,
    source=("rfc9110#15.5.22", "client:codex", "github:BYK/loreai#515"),
    remedy="Answer 426: Codex goes on with HTTP at once only after that, and tries again after any "
    "other status.",
    since="2026.2",
)
def test_the_status_is_426(exchange: Exchange, bench: Bench) -> None:
    _require_the_api(bench)
    if not 400 <= (exchange.status or 0) < 500:
        raise NotApplicable("it was not refused with a 4xx: responses.websocket.refused judges it")
    require(exchange.status == 426, exchange, expected="HTTP 426")


def _require_the_api(bench: Bench) -> None:
    """Raise NotApplicable if the endpoint has no Responses API."""
    bench.opening(bench.scenarios[WHOLE])
