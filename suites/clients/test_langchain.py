"""Clients: LangChain's `ChatOpenAI`."""

import pytest

from oaicheck.rules import SHOULD, requirement
from oaicheck.views import ClientRun, require_calls, require_text

pytestmark = pytest.mark.clients

_SOURCE = "client:langchain"


@requirement(
    "clients.langchain.streams-text",
    SHOULD,
    "LangChain: `ChatOpenAI` streams the model's text.",
    on="clients/langchain/streams-text",
    source=(_SOURCE, "openai:chat/streaming"),
    remedy="Send chunks with `choices` and a `delta`, `usage` with numbers, and `[DONE]`.",
)
def test_streams_text(client_run: ClientRun) -> None:
    require_text(client_run, client_run.seen["text"])


@requirement(
    "clients.langchain.calls-tools",
    SHOULD,
    "LangChain: `ChatOpenAI` assembles complete tool calls from a stream, and the endpoint accepts "
    "their results.",
    on="clients/langchain/calls-tools",
    source=(_SOURCE, "openai:function-calling"),
    remedy="Send `index` and `function` with every delta of a tool call, send `id` and "
    "`function.name` once, and accept the history that LangChain builds from them.",
)
def test_calls_tools(client_run: ClientRun) -> None:
    require_calls(client_run)
