"""Errors: what a refusal does not give away."""

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
_REMEDY = "Log the details under the request's id, and answer with a sentence of your own."


@requirement(
    "errors.disclosure.stack-trace",
    SHOULD,
    "A refusal holds no stack trace.",
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
    "A refusal names no path of the server's file system.",
    on=REFUSALS,
    source=("openai:errors", "owasp:error-handling"),
    remedy=_REMEDY,
)
def test_no_file_path(refusal: Refusal) -> None:
    found = file_path(refusal.words)
    require(found is None, refusal.exchange, expected="no path of a file", observed=shown(found))


@requirement(
    "errors.disclosure.internal-address",
    SHOULD,
    "A refusal names no address of an internal network.",
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
    "A refusal does not say where and how keys are kept.",
    on=REFUSALS,
    source=("openai:authentication", "github:BerriAI/litellm#39757"),
    remedy="Say that the key is wrong, and neither its hash nor the table it was looked up in.",
)
def test_nothing_about_the_key_store(refusal: Refusal) -> None:
    found = key_store(refusal.words)
    require(
        found is None, refusal.exchange, expected="no word about a store", observed=shown(found)
    )


@requirement(
    "errors.disclosure.html",
    SHOULD,
    "A refusal is no HTML page, and its message holds none.",
    on=REFUSALS,
    source=("openai:errors", "github:UOR-Foundation/uor-r4#764"),
    remedy="Replace the pages of proxies and frameworks by JSON errors; do not pass them on.",
)
def test_no_html(refusal: Refusal) -> None:
    found = html_page(refusal.words)
    require(found is None, refusal.exchange, expected="no HTML", observed=shown(found))
