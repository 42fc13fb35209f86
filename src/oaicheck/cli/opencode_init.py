"""Makes an opencode.json for an endpoint, from a report or from the target's options."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from oaicheck.engine.prepare import secret_variable
from oaicheck.target.target import Target

KEY_VARIABLE: Final = "OAICHECK_API_KEY"
_ADAPTER: Final = "@ai-sdk/openai-compatible"
_SCHEMA: Final = "https://opencode.ai/config.json"
_LOCAL: Final = "local"
_UNTOLD: Final = frozenset({"api", "www", "gateway"})
_REASONING: Final = ("chat.reasoning.streamed", "chat.reasoning.whole")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What OpenCode needs to know about an endpoint. Secrets are written as `{env:NAME}`."""

    base_url: str
    model: str
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    tools: bool = True
    reasoning: bool = False

    @property
    def variables(self) -> list[str]:
        """The environment variables that the user has to set."""
        values = [*self.headers.values(), *self.query.values()]
        return [value.partition("{env:")[2].rstrip("}") for value in values if "{env:" in value]


def endpoint_of_target(target: Target) -> Endpoint:
    """The endpoint that a target describes."""
    key = f"{target.auth_scheme} {_reference(KEY_VARIABLE)}".strip()
    return Endpoint(
        base_url=target.base_url,
        model=target.model,
        headers={
            **({target.auth_header: key} if target.key is not None else {}),
            **_values(target, "HEADER", target.headers),
        },
        query=_values(target, "QUERY", target.query),
        tools=target.capabilities.get("tools", True),
        reasoning=target.capabilities.get("reasoning", False),
    )


def endpoint_in_report(report: Mapping[str, Any]) -> Endpoint:
    """The endpoint that a report.json is about. A report has header names, but no header values."""
    target = report["target"]
    key = {"Authorization": f"Bearer {_reference(KEY_VARIABLE)}"}
    capabilities = target.get("capabilities", {})
    return Endpoint(
        base_url=target["base_url"],
        model=target["model"],
        headers={
            **(key if target.get("authenticated") else {}),
            **_unknown("HEADER", target.get("headers", ())),
        },
        query=_unknown("QUERY", target.get("query", ())),
        tools=capabilities.get("tools", True),
        reasoning=capabilities.get("reasoning", reasons(report)),
    )


def reasons(report: Mapping[str, Any]) -> bool:
    """Whether the report shows that the model sends its reasoning."""
    found = [report["requirements"].get(name, {}).get("outcome") for name in _REASONING]
    return "pass" in found


def written(endpoint: Endpoint, provider: str | None, alias: str | None) -> dict[str, Any]:
    """The content of the opencode.json.

    Without an alias, the model's key is its own name, and OpenCode sends the key. With an alias,
    the name is also in `id`, because OpenCode sends that. `name` follows the documentation.
    """
    provider, alias = provider or provider_name(endpoint.base_url), alias or endpoint.model
    model = {
        **({"id": endpoint.model} if alias != endpoint.model else {}),
        "name": endpoint.model,
        "reasoning": endpoint.reasoning,
        "tool_call": endpoint.tools,
        "tools": endpoint.tools,
    }
    options: dict[str, Any] = {"baseURL": endpoint.base_url}
    if endpoint.headers:
        options["headers"] = dict(endpoint.headers)
    if endpoint.query:
        options["queryParams"] = dict(endpoint.query)
    return {
        "$schema": _SCHEMA,
        "provider": {
            provider: {
                "npm": _ADAPTER,
                "name": provider,
                "options": options,
                "models": {alias: model},
            }
        },
        "tools": {"*": True},
        "model": f"{provider}/{alias}",
    }


def provider_name(base_url: str) -> str:
    """A provider name made from the host name: `xerotier` for api.xerotier.ai."""
    host = urlsplit(base_url).hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        words = [word for word in host.split(".")[:-1] if word not in _UNTOLD]
        return words[-1] if words else _LOCAL
    return _LOCAL


def _values(target: Target, kind: str, pairs: Mapping[str, str]) -> dict[str, str]:
    return {
        name: _reference(secret_variable(kind, name)) if target.is_secret(name) else value
        for name, value in pairs.items()
    }


def _unknown(kind: str, names: Iterable[str]) -> dict[str, str]:
    return {name: _reference(secret_variable(kind, name)) for name in names}


def _reference(variable: str) -> str:
    return f"{{env:{variable}}}"
