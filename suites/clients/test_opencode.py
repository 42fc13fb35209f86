"""Clients: OpenCode itself, headless, with its own home directory."""

import pytest

from oaicheck.rules import SHOULD, Inconclusive, require, requirement
from oaicheck.views import ClientRun, Located, require_no_harm

pytestmark = pytest.mark.clients

_SOURCE = "client:opencode"


@requirement(
    "clients.opencode.says-hello",
    SHOULD,
    "OpenCode shows the answer to a greeting and exits with code 0.",
    on="clients/opencode/says-hello",
    source=_SOURCE,
    remedy="Stream the answer with the `usage` that OpenCode asks for, end it with a finish "
    "reason, and close the response.",
)
def test_says_hello(client_run: ClientRun) -> None:
    _require_clean_exit(client_run)
    texts = _events(client_run, "text")
    if not texts and not client_run.texts:
        raise Inconclusive("the model wrote no text")
    require(
        bool(texts),
        client_run.seen["events"],
        expected="the text that the endpoint sent",
        observed="no `text` event",
        beside=client_run.last,
    )


@requirement(
    "clients.opencode.edits-a-file",
    SHOULD,
    "OpenCode makes the edit that the model calls for, and the endpoint accepts its result.",
    on="clients/opencode/edits-a-file",
    source=(_SOURCE, "openai:function-calling"),
    remedy="Send `index`, `id` and `function.name` with the first delta of a tool call, and split "
    "the arguments so that only the whole is valid JSON: OpenCode runs a call as soon as it can "
    "parse it.",
)
def test_edits_a_file(client_run: ClientRun) -> None:
    _require_clean_exit(client_run)
    calls = [event["part"] for event in _events(client_run, "tool_use")]
    if not calls and not client_run.calls:
        raise Inconclusive("the model called no tool")
    require(
        bool(calls),
        client_run.seen["events"],
        expected="the call that the endpoint sent",
        observed="no `tool_use` event",
        beside=client_run.last,
    )
    if client_run.seen["edited"].value is True:
        return
    for call in calls:
        given = call["state"]["input"]
        require(
            _took_what_was_sent(client_run, call),
            given,
            expected="the arguments that the endpoint sent",
            beside=client_run.exchanges[0],
        )
    raise Inconclusive("the model called a tool with arguments that do not make the edit")


def _require_clean_exit(client_run: ClientRun) -> None:
    require_no_harm(client_run)
    code = client_run.seen["exit_code"]
    require(code.value == 0, code, expected="exit code 0", beside=client_run.last)


def _events(client_run: ClientRun, kind: str) -> list[Located]:
    return [event for event in client_run.seen["events"] if event["type"].value == kind]


def _took_what_was_sent(client_run: ClientRun, call: Located) -> bool:
    """Whether OpenCode took the arguments that were sent, or rightly marked the call invalid."""
    if call["tool"].value == "invalid":
        return any(sent.object is None for sent in client_run.arguments)
    return call["state"]["input"].value in [sent.object for sent in client_run.arguments]
