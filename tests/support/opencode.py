"""The example of the vendor's page, and configurations made from it."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

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
