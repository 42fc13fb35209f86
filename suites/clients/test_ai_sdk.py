"""Clients: the AI SDK with the newest `@ai-sdk/openai-compatible`."""

import pytest

from oaicheck.rules import SHOULD, requirement
from oaicheck.views import (
    ClientRun,
    require_calls,
    require_error,
    require_reasoning,
    require_text,
    require_usage,
)

pytestmark = pytest.mark.clients

_SOURCE = "client:ai-sdk"


@requirement(
    "clients.ai-sdk.generates-text",
    SHOULD,
    "The AI SDK: `generateText` returns the model's text.",
    on="clients/ai-sdk-3.*/generates-text",
    source=_SOURCE,
    remedy="Send `choices` with one entry whose `message.content` is a string, and `usage` with "
    "numbers.",
)
def test_generates_text(client_run: ClientRun) -> None:
    require_text(client_run, client_run.seen["text"])


@requirement(
    "clients.ai-sdk.streams-text",
    SHOULD,
    "The AI SDK: `streamText` streams the model's text.",
    on="clients/ai-sdk-3.*/streams-text",
    source=_SOURCE,
    remedy="Send chunks whose `choices` is a list and whose `delta.role` is `assistant` or absent, "
    "send a finish reason, and close the response at its end.",
)
def test_streams_text(client_run: ClientRun) -> None:
    require_text(client_run, client_run.seen["text"])


@requirement(
    "clients.ai-sdk.usage",
    SHOULD,
    "The AI SDK: `streamText` reports the input and output tokens of a stream.",
    on="clients/ai-sdk-3.*/streams-text",
    source=(_SOURCE, "openai:chat/create#stream_options"),
    remedy="Send a last chunk with `usage` if `stream_options.include_usage` is true.",
)
def test_usage(client_run: ClientRun) -> None:
    require_usage(client_run)


@requirement(
    "clients.ai-sdk.reasoning",
    SHOULD,
    "The AI SDK: `streamText` returns the endpoint's reasoning as reasoning parts.",
    on="clients/ai-sdk-3.*/streams-text",
    source=(_SOURCE, "deepseek:reasoning"),
    remedy="Send reasoning as strings in `delta.reasoning_content` or in `delta.reasoning`.",
)
def test_reasoning(client_run: ClientRun) -> None:
    require_reasoning(client_run)


@requirement(
    "clients.ai-sdk.runs-tools",
    SHOULD,
    "The AI SDK: `streamText` runs the tool call, and the endpoint answers the request that sends "
    "back its result.",
    on="clients/ai-sdk-3.*/runs-tools",
    source=(_SOURCE, "openai:function-calling"),
    remedy="Send `index`, `id` and `function.name` with the first delta of a tool call, split the "
    "arguments so that only the whole is valid JSON, and accept a history with the tool's result.",
)
def test_runs_tools(client_run: ClientRun) -> None:
    require_calls(client_run)


@requirement(
    "clients.ai-sdk.wrong-key",
    SHOULD,
    "The AI SDK: a wrong key raises an `APICallError` with status 401 and the endpoint's own "
    "message.",
    on="clients/ai-sdk-3.*/wrong-key",
    source=(_SOURCE, "openai:errors"),
    remedy='Answer a wrong key with 401 and `{"error": {"message": "…"}}`.',
)
def test_wrong_key(client_run: ClientRun) -> None:
    require_error(client_run, "AI_APICallError", 401)
