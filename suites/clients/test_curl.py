"""Clients: curl, as in OpenCode's instructions for verifying connectivity."""

import pytest

from oaicheck.rules import SHOULD, requirement
from oaicheck.views import ClientRun, require_text

pytestmark = pytest.mark.clients


@requirement(
    "clients.curl.says-hello",
    SHOULD,
    "curl: the request of the instructions is answered with a message.",
    on="clients/curl/says-hello",
    source="seed:opencode#Verifying connectivity",
    remedy="Serve POST `/chat/completions` below the base URL to a client that sends nothing but "
    "a key, a model, a message and `max_tokens`.",
)
def test_says_hello(client_run: ClientRun) -> None:
    require_text(client_run, client_run.seen["text"])
