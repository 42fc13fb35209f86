"""Clients: the official SDK for Python."""

import pytest

from oaicheck.rules import SHOULD, requirement
from oaicheck.views import (
    ClientRun,
    require_a_continued_response,
    require_a_streamed_response,
    require_calls,
    require_error,
    require_error_if_refused,
    require_text,
)

pytestmark = pytest.mark.clients

_SOURCE = "client:openai-python"


@requirement(
    "clients.openai-python.creates",
    SHOULD,
    "openai-python: `chat.completions.create` returns the model's text.",
    on="clients/openai-python/creates",
    source=(_SOURCE, "openai:chat/create"),
    remedy="Send a chat completion with `choices[0].message.content`.",
)
def test_creates(client_run: ClientRun) -> None:
    require_text(client_run, client_run.seen["text"])


@requirement(
    "clients.openai-python.streams-text",
    SHOULD,
    "openai-python: `chat.completions.create` with `stream` streams the model's text.",
    on="clients/openai-python/streams-text",
    source=(_SOURCE, "openai:chat/streaming"),
    remedy="Send events whose data is JSON with `choices`, and `[DONE]` as the last event.",
)
def test_streams_text(client_run: ClientRun) -> None:
    require_text(client_run, client_run.seen["text"])


@requirement(
    "clients.openai-python.calls-tools",
    SHOULD,
    "openai-python: the `stream` helper returns complete tool calls, and the endpoint accepts "
    "their results.",
    on="clients/openai-python/calls-tools",
    source=(_SOURCE, "openai:function-calling"),
    remedy="Send an integer `index` with every delta of a tool call, send `id` and `function.name` "
    "once, and accept the history that the helper builds from them.",
)
def test_calls_tools(client_run: ClientRun) -> None:
    require_calls(client_run)


@requirement(
    "clients.openai-python.streams-a-response",
    SHOULD,
    "openai-python: `responses.create` with `stream` streams the model's text and ends with a "
    "response object.",
    on="clients/openai-python/streams-a-response",
    source=("client:openai-python-responses", "openai:responses/streaming"),
    remedy="Begin with `response.created`, announce items before their deltas, and end with "
    "`response.completed`, which carries the whole response.",
)
def test_streams_a_response(client_run: ClientRun) -> None:
    require_a_streamed_response(client_run)


@requirement(
    "clients.openai-python.continues-a-response",
    SHOULD,
    "openai-python: `previous_response_id` continues a response, if the endpoint stores responses.",
    on="clients/openai-python/continues-a-response",
    source=("client:openai-python-responses", "openai:responses/state"),
    remedy="Continue the response that `previous_response_id` names and repeat the id in the new "
    "response, or refuse it with 400: ignoring it silently loses the conversation.",
)
def test_continues_a_response(client_run: ClientRun) -> None:
    require_a_continued_response(client_run)


@requirement(
    "clients.openai-python.wrong-key",
    SHOULD,
    "openai-python: a wrong key raises an `AuthenticationError` with the endpoint's own message.",
    on="clients/openai-python/wrong-key",
    source=(_SOURCE, "openai:errors"),
    remedy='Answer a wrong key with 401 and `{"error": {"message": "…"}}`.',
)
def test_wrong_key(client_run: ClientRun) -> None:
    require_error(client_run, "AuthenticationError", 401)


@requirement(
    "clients.openai-python.unknown-model",
    SHOULD,
    "openai-python: if the endpoint refuses an unknown model, the SDK raises a `NotFoundError` "
    "with the endpoint's own message.",
    on="clients/openai-python/unknown-model",
    source=(_SOURCE, "openai:errors"),
    remedy='Answer an unknown model with 404 and `{"error": {"message": "…"}}`.',
)
def test_unknown_model(client_run: ClientRun) -> None:
    require_error_if_refused(client_run, "NotFoundError", 404)


@requirement(
    "clients.openai-python.bad-request",
    SHOULD,
    "openai-python: if the endpoint refuses messages that are not a list, the SDK raises a "
    "`BadRequestError` with the endpoint's own message.",
    on="clients/openai-python/bad-request",
    source=(_SOURCE, "openai:errors"),
    remedy='Answer a malformed request with 400 and `{"error": {"message": "…"}}`.',
)
def test_bad_request(client_run: ClientRun) -> None:
    require_error_if_refused(client_run, "BadRequestError", 400)
