"""The settings from an opencode.json. They rank after the environment, before `oaicheck.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from oaicheck.target.opencode.config import Choice, OpencodeConfig, read_opencode
from oaicheck.target.target import TargetError
from oaicheck.target.target_options import DEFAULT_PLACES, Setting

OPENCODE_OPTIONS: Final = ("opencode-config", "provider", "model-alias")
"""The options that make oaicheck read an opencode.json."""

_LAYER: Final = 2
_KEY_VARIABLE: Final = "OAICHECK_API_KEY"


def asked_for(
    settings: Mapping[str, Setting], environ: Mapping[str, str], directory: Path
) -> OpencodeConfig | None:
    """Read the opencode.json that the settings ask for, if any. Raises TargetError."""
    asking = [settings[name] for name in OPENCODE_OPTIONS if name in settings]
    if not asking:
        return None
    path = settings.get("opencode-config")
    named = path is not None and path.value != DEFAULT_PLACES
    choice = Choice(
        provider=settings["provider"].value if "provider" in settings else None,
        alias=settings["model-alias"].value if "model-alias" in settings else None,
        needs_model=not _is_set(settings, "model"),
    )
    return read_opencode(
        path.value if path else DEFAULT_PLACES,
        choice,
        asking[0].origin,
        environ,
        path.folder if path and named else directory,
    )


def lent(
    opencode: OpencodeConfig, settings: Mapping[str, Setting], environ: Mapping[str, str]
) -> dict[str, Setting]:
    """The settings from the opencode.json that neither a flag nor the environment gives.

    Its headers and its key only go to its own endpoint. Raises TargetError if it has no endpoint.
    """
    found = {}
    if not _is_set(settings, "endpoint"):
        found["endpoint"] = _endpoint(opencode)
    if opencode.model and not _is_set(settings, "model"):
        found["model"] = _setting(opencode.files[-1], opencode.model)
    if _asks_its_endpoint(opencode, settings):
        found |= _credentials(opencode, settings, environ)
    declared = [name if has else f"no-{name}" for name, has in opencode.capabilities.items()]
    if declared:
        found["capability"] = _joined(settings, "capability", opencode.files[-1], declared)
    return found


def _endpoint(opencode: OpencodeConfig) -> Setting:
    base_url = opencode.base_url
    if not base_url.is_text:
        raise TargetError(
            f"{base_url.origin} is missing: write the endpoint's URL there; oaicheck does not know "
            "the URLs of OpenCode's own providers"
        )
    return _setting(base_url.origin, str(base_url.value))


def _asks_its_endpoint(opencode: OpencodeConfig, settings: Mapping[str, Setting]) -> bool:
    if not _is_set(settings, "endpoint"):
        return True
    return settings["endpoint"].value.rstrip("/") == str(opencode.base_url.value).rstrip("/")


def _credentials(
    opencode: OpencodeConfig, settings: Mapping[str, Setting], environ: Mapping[str, str]
) -> dict[str, Setting]:
    """The key and the headers. An `Authorization` of an unusual form counts as a header."""
    found = {}
    origin, headers = opencode.options["headers"].origin, opencode.headers
    given = any(
        _is_set(settings, name) and settings[name].values
        for name in ("key-env", "key-file", "no-auth")
    )
    key = opencode.key
    if given or _KEY_VARIABLE in environ:
        headers = {n: value for n, value in headers.items() if n.lower() != "authorization"}
    elif key is not None:
        header, scheme, secret = key
        del headers[header]
        parts = {"key": secret, "auth-header": header, "auth-scheme": scheme}
        found = {name: _setting(origin, part) for name, part in parts.items()}
    own = settings["header"].values if _is_set(settings, "header") else ()
    replaced = {text.partition(":")[0].strip().lower() for text in own}
    lines = [f"{n}: {value}" for n, value in headers.items() if n.lower() not in replaced]
    if lines:
        found["header"] = _joined(settings, "header", origin, lines)
    return found


def _joined(settings: Mapping[str, Setting], name: str, origin: str, values: list[str]) -> Setting:
    """Add values to those of a flag or the environment, unless these already have them."""
    if not _is_set(settings, name):
        return _setting(origin, *values)
    own = settings[name]
    said = {text.removeprefix("no-") for text in own.values}
    more = [text for text in values if text.removeprefix("no-") not in said]
    return Setting((*own.values, *more), own.origin, own.layer, own.folder)


def _setting(origin: str, *values: str) -> Setting:
    return Setting(values, origin, _LAYER, Path())


def _is_set(settings: Mapping[str, Setting], name: str) -> bool:
    return name in settings and settings[name].layer < _LAYER
