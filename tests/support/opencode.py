"""The example of the vendor's page, and configurations made from it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from oaicheck.target.opencode.config import Choice, read_opencode
from oaicheck.wire.exchange import Ending, Exchange, Request, Segment
from oaicheck.wire.recording import Recording

KEY = "xero_my-project_abc123"
EXAMPLE = """\
{ "$schema": "https://opencode.ai/config.json", "provider": { "xerotier": {
  "npm": "@ai-sdk/openai-compatible", "name": "xerotier",
  "options": { "baseURL": "https://api.xerotier.ai/proj_ABC123/my-endpoint/v1",
    "headers": { "Authorization": "Bearer xero_my-project_abc123" } },
  "models": { "my-model": { "name": "deepseek-r1-distill-llama-70b",
    "reasoning": true, "tool_call": true, "tools": true } } } },
  "tools": { "*": true }, "model": "xerotier/my-model" }
"""
URL = "https://api.xerotier.ai/proj_ABC123/my-endpoint/v1"
DEPLOYED = "deepseek-r1-distill-llama-70b"
PROVIDER = "provider.xerotier"
OPTIONS = f"{PROVIDER}.options"
AUTHORIZATION = f"{OPTIONS}.headers.Authorization"
MODEL = f"{PROVIDER}.models.my-model"
SERVED = (DEPLOYED, "my-model")


def changed(changes: Mapping[str, Any]) -> str:
    """The example with other values at some paths; None takes a member away."""
    config = copy.deepcopy(json.loads(EXAMPLE))
    for path, value in changes.items():
        *way, last = path.split(".")
        parent = config
        for step in way:
            parent = parent.setdefault(step, {})
        if value is None:
            del parent[last]
        else:
            parent[last] = value
    return json.dumps(config, indent=2)


def recording(
    folder: Path, text: str, served: Iterable[str] = SERVED, choice: Choice | None = None
) -> Recording:
    """What a run with that file brings, from an endpoint that lists these models."""
    (folder / "opencode.json").write_text(text, "utf-8")
    config = read_opencode("opencode.json", choice or Choice(), "--opencode-config", {}, folder)
    body = json.dumps({"object": "list", "data": [{"id": name} for name in served]})
    listing = Exchange(
        scenario="models/list",
        turn=1,
        attempt=1,
        request=Request("GET", "https://host.example/v1/models", (), b""),
        status=200,
        reason="OK",
        headers=(("content-type", "application/json"),),
        segments=(Segment(0.1, body.encode()),),
        ending=Ending.COMPLETE,
    )
    return Recording({"opencode": config.described()}, [listing])
