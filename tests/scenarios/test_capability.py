"""Which refusals say that a capability is lacking."""

import json
from pathlib import Path

import pytest

from oaicheck.scenarios.capability import Capability, load_capabilities, refused_capability
from oaicheck.wire.exchange import Request
from support.views import exchange

KNOWN = {
    "tools": Capability("tools", "tools", ("tools", "tool_choice")),
    "responses": Capability("responses", "responses", (), routes=("POST responses",)),
}


def test_capabilities_are_read_from_their_file(tmp_path: Path) -> None:
    members = {
        "title": "T",
        "parameters": ["p", "q"],
        "decided_by": ["s"],
        "routes": ["GET r"],
    }
    bare = {"title": "B", "parameters": []}
    (tmp_path / "capabilities.json").write_text(json.dumps({"a": members, "b": bare}), "utf-8")
    assert load_capabilities(tmp_path) == {
        "a": Capability("a", "T", ("p", "q"), ("s",), ("GET r",)),
        "b": Capability("b", "B", ()),
    }


@pytest.mark.parametrize(
    ("status", "text", "needs", "found"),
    [
        (400, "tool_choice: no", ("tools",), "tools"),
        (415, "tools", ("tools",), "tools"),
        (422, "tools", ("responses", "tools"), "tools"),
        (400, "my_tools", ("tools",), None),
        (400, "toolset", ("tools",), None),
        (200, "tools", ("tools",), None),
        (500, "tools", ("tools",), None),
        (404, "", ("responses",), "responses"),
        (405, "", ("responses",), "responses"),
        (501, "", ("responses",), "responses"),
        (501, "tools", ("tools",), None),
        (400, "", ("responses",), None),
        (404, "tools", ("tools",), "tools"),
        (400, "tools", (), None),
    ],
)
def test_a_capability_is_refused_by_its_parameter_or_its_route(
    status: int, text: str, needs: tuple[str, ...], found: str | None
) -> None:
    refusing = refused_capability(exchange(text.encode(), status=status), needs, KNOWN)
    assert (refusing.name if refusing else None) == found


@pytest.mark.parametrize(
    ("method", "url"), [("GET", "http://h/v1/responses"), ("POST", "http://h/v1/chat/completions")]
)
def test_another_route_is_no_refusal(method: str, url: str) -> None:
    answer = exchange(status=404, request=Request(method, url, (), b""))
    assert refused_capability(answer, ("responses",), KNOWN) is None
