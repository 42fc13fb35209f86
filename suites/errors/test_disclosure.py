"""Errors: what an error response does not disclose."""

from oaicheck.rules import SHOULD, require, requirement
from oaicheck.views import (
    Refusal,
    file_path,
    html_page,
    internal_address,
    key_store,
    shown,
    stack_trace,
)

REFUSALS = ("auth/*", "refused/*", "unknown/*", "method/*", "responses/refused/*")
_REMEDY = "Log the details under the request's id, and send a short message of your own instead."


@requirement(
    "errors.disclosure.stack-trace",
    SHOULD,
    "An error response contains no stack trace.",
    on=REFUSALS,
    source=("openai:errors", "owasp:error-handling"),
    remedy=_REMEDY,
)
def test_no_stack_trace(refusal: Refusal) -> None:
    found = stack_trace(refusal.words)
    require(found is None, refusal.exchange, expected="no stack trace", observed=shown(found))


@requirement(
    "errors.disclosure.file-path",
    SHOULD,
    "An error response contains no path of the server's file system.",
    on=REFUSALS,
    source=("openai:errors", "owasp:error-handling"),
    remedy=_REMEDY,
)
def test_no_file_path(refusal: Refusal) -> None:
    found = file_path(refusal.words)
    require(found is None, refusal.exchange, expected="no file path", observed=shown(found))


@requirement(
    "errors.disclosure.internal-address",
    SHOULD,
    "An error response contains no address of an internal network.",
    on=REFUSALS,
    source=("openai:errors", "owasp:error-handling"),
    remedy=_REMEDY,
)
def test_no_internal_address(refusal: Refusal) -> None:
    found = internal_address(refusal.words, refusal.exchange.request.url)
    require(found is None, refusal.exchange, expected="no internal address", observed=shown(found))


@requirement(
    "errors.disclosure.key-store",
    SHOULD,
    "An error response does not reveal where or how keys are stored.",
    on=REFUSALS,
    source=("openai:authentication", "github:BerriAI/litellm#39757"),
    remedy="Say only that the key is wrong; do not send its hash or the table in which it was "
    "looked up.",
)
def test_no_key_store(refusal: Refusal) -> None:
    found = key_store(refusal.words)
    require(
        found is None, refusal.exchange, expected="no mention of a key store", observed=shown(found)
    )


@requirement(
    "errors.disclosure.html",
    SHOULD,
    "An error response is not an HTML page, and its message does not contain one.",
    on=REFUSALS,
    follows=("errors.body.is-json",),
    source=("openai:errors", "github:UOR-Foundation/uor-r4#764"),
    remedy="Replace the HTML pages of proxies and frameworks with JSON errors.",
)
def test_no_html(refusal: Refusal) -> None:
    found = html_page(refusal.words)
    require(found is None, refusal.exchange, expected="no HTML", observed=shown(found))
