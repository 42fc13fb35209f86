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
    "openai-python: `chat.completions.create` has a text for its user.",
    on="clients/openai-python/creates",
    source=(_SOURCE, "openai:chat/create"),
    remedy="Send a chat completion with `choices[0].message.content`.",
)
def test_creates(client_run: ClientRun) -> None:
    require_text(client_run, client_run.seen["text"])


@requirement(
    "clients.openai-python.streams-text",
    SHOULD,
    "openai-python: `chat.completions.create` with `stream` has a text for its user.",
    on="clients/openai-python/streams-text",
    source=(_SOURCE, "openai:chat/streaming"),
    remedy="Send events whose data is JSON, with `choices` in each, and `[DONE]` as the last.",
)
def test_streams_text(client_run: ClientRun) -> None:
    require_text(client_run, client_run.seen["text"])


@requirement(
    "clients.openai-python.calls-tools",
    SHOULD,
    "openai-python: the `stream` helper hands out whole tool calls, and their results are taken.",
    on="clients/openai-python/calls-tools",
    source=(_SOURCE, "openai:function-calling"),
    remedy="Send an integer `index` with every delta of a call, `id` and `function.name` once, and "
    "accept the history that the helper makes of it.",
)
def test_calls_tools(client_run: ClientRun) -> None:
    require_calls(client_run)


@requirement(
    "clients.openai-python.streams-a-response",
    SHOULD,
    "openai-python: `responses.create` with `stream` has a text for its user, and ends with a "
    "response.",
    on="clients/openai-python/streams-a-response",
    source=("client:openai-python-responses", "openai:responses/streaming"),
    remedy="Begin with `response.created`, announce items before their deltas, and end with "
    "`response.completed`, which holds the whole response.",
)
def test_streams_a_response(client_run: ClientRun) -> None:
    require_a_streamed_response(client_run)


@requirement(
    "clients.openai-python.continues-a-response",
    SHOULD,
    "openai-python: `previous_response_id` continues a response, where the endpoint keeps "
    "responses.",
    on="clients/openai-python/continues-a-response",
    source=("client:openai-python-responses", "openai:responses/state"),
    remedy="Continue the response that `previous_response_id` names and repeat the id, or refuse "
    "it with 400: to ignore it loses the conversation unseen.",
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
    "openai-python: a model that is refused as unknown raises a `NotFoundError` with the "
    "endpoint's own message.",
    on="clients/openai-python/unknown-model",
    source=(_SOURCE, "openai:errors"),
    remedy='Answer an unknown model with 404 and `{"error": {"message": "…"}}`.',
)
def test_unknown_model(client_run: ClientRun) -> None:
    require_error_if_refused(client_run, "NotFoundError", 404)


@requirement(
    "clients.openai-python.bad-request",
    SHOULD,
    "openai-python: messages that are refused for being no list raise a `BadRequestError` with "
    "the endpoint's own message.",
    on="clients/openai-python/bad-request",
    source=(_SOURCE, "openai:errors"),
    remedy='Answer a malformed request with 400 and `{"error": {"message": "…"}}`.',
)
def test_bad_request(client_run: ClientRun) -> None:
    require_error_if_refused(client_run, "BadRequestError", 400)
