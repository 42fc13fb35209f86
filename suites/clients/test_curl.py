"""Clients: curl, with the request from OpenCode's instructions for verifying connectivity."""

import pytest

from oaicheck.rules import SHOULD, requirement
from oaicheck.views import ClientRun, require_text

pytestmark = pytest.mark.clients


@requirement(
    "clients.curl.says-hello",
    SHOULD,
    "curl: the request from OpenCode's instructions gets a message as its answer.",
    on="clients/curl/says-hello",
    source="seed:opencode#Verifying connectivity",
    remedy="Serve POST `/chat/completions` below the base URL to a client that sends only a key, a "
    "model, a message and `max_tokens`.",
)
def test_says_hello(client_run: ClientRun) -> None:
    require_text(client_run, client_run.seen["text"])
