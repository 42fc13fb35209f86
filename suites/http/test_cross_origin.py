"""HTTP: responses to browser pages from another origin."""

from oaicheck.rules import SHOULD, NotApplicable, header_line, require, requirement
from oaicheck.views import Exchange

_ALLOWED = "Access-Control-Allow-Origin"


@requirement(
    "http.requests.cross-origin",
    SHOULD,
    "If a CORS preflight succeeds, every response, errors included, carries exactly one matching "
    "Access-Control-Allow-Origin.",
    on=("http/origin-whole", "http/origin-stream", "auth/origin"),
    against="http/preflight",
    source=("fetch:cors#CORS check", "github:mudler/LocalAI#710"),
    remedy="Send one Access-Control-Allow-Origin with every response, including streams and "
    "errors: a browser hides a response that has none or two.",
)
def test_an_answer_allows_the_origin(exchange: Exchange, against: Exchange) -> None:
    origin = dict(exchange.request.headers)["Origin"]
    if not 200 <= (against.status or 0) < 300 or against.header(_ALLOWED) not in ("*", origin):
        raise NotApplicable("the preflight did not succeed: http.requests.preflight judges that")
    if 300 <= (exchange.status or 0) < 400:
        raise NotApplicable("the response is a redirect: http.requests.no-redirect judges that")
    require(
        exchange.header(_ALLOWED) in ("*", origin),
        exchange,
        expected=f"one {_ALLOWED}: * or {origin}",
        observed=header_line(exchange, _ALLOWED),
        beside=against,
    )
