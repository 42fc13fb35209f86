"""The options that describe a target, and their values from flags, environment and files."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from oaicheck.target.near import near
from oaicheck.target.target import TargetError

CONFIG_FILE: Final = "oaicheck.toml"
DEFAULT_PLACES: Final = "default"
"""The path of an opencode.json that means: all places where OpenCode itself looks."""
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


@dataclass(frozen=True, slots=True)
class TargetOption:
    """An option that describes the target; `section` is its table in `oaicheck.toml`.

    `bare` is the value of the flag if it is given without one.
    """

    name: str
    help: str
    metavar: str | None = None
    section: str | None = "target"
    repeatable: bool = False
    bare: str | None = None

    @property
    def is_flag(self) -> bool:
        """Whether it takes no value."""
        return self.metavar is None

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return "OAICHECK_" + self.name.replace("-", "_").upper()

    @property
    def argparse(self) -> Mapping[str, Any]:
        """The keyword arguments for argparse, and for pytest's parser."""
        if self.is_flag:
            return {"help": self.help, "action": "store_true", "default": None}
        action = "append" if self.repeatable else "store"
        arguments = {"help": self.help, "metavar": self.metavar, "action": action, "default": None}
        return arguments if self.bare is None else {**arguments, "nargs": "?", "const": self.bare}


OPTIONS: Final = (
    TargetOption("endpoint", "base URL, such as https://host/v1", "URL"),
    TargetOption(
        "model",
        "model to use (default: the one that the endpoint lists, if it is the only one)",
        "NAME",
    ),
    TargetOption(
        "config", f"configuration file (default: {CONFIG_FILE} in this folder)", "PATH", None
    ),
    TargetOption(
        "opencode-config",
        "take endpoint, key and model from this opencode.json (without PATH: from the project's "
        "and the user's)",
        "PATH",
        bare=DEFAULT_PLACES,
    ),
    TargetOption("provider", "provider in the opencode.json", "NAME"),
    TargetOption("model-alias", "model of that provider", "NAME"),
    TargetOption(
        "key-env", "environment variable with the key (default: OAICHECK_API_KEY)", "VARIABLE"
    ),
    TargetOption("key-file", "file with the key", "PATH"),
    TargetOption("no-auth", "send no key"),
    TargetOption(
        "expired-key",
        "an expired key, as env:VAR or file:PATH; the endpoint has to refuse it",
        "REFERENCE",
    ),
    TargetOption(
        "scopeless-key",
        "a key without permission to use models; the endpoint has to refuse it",
        "REFERENCE",
    ),
    TargetOption("auth-header", "header that carries the key (default: Authorization)", "NAME"),
    TargetOption(
        "auth-scheme",
        "word before the key, or `none` (default: Bearer with the Authorization header, else none)",
        "WORD",
    ),
    TargetOption(
        "header",
        "extra header; a VALUE given as env:VAR or file:PATH is kept secret; repeatable",
        "NAME:VALUE",
        repeatable=True,
    ),
    TargetOption(
        "query",
        "extra query parameter; a VALUE given as env:VAR or file:PATH is kept secret; repeatable",
        "NAME=VALUE",
        repeatable=True,
    ),
    TargetOption("ca-bundle", "CA certificates to trust: a PEM file or a folder", "PATH"),
    TargetOption("client-cert", "client certificate: a PEM file", "PATH"),
    TargetOption("client-key", "private key of the client certificate: a PEM file", "PATH"),
    TargetOption("proxy", "proxy (default: the one in the environment)", "URL"),
    TargetOption(
        "capability",
        "declare a capability (tools), or that it is missing (no-tools); repeatable",
        "NAME",
        "capabilities",
        repeatable=True,
    ),
    TargetOption("concurrency", "requests at the same time (default: 4)", "N", "limits"),
    TargetOption("rpm", "most requests per minute (default: no limit)", "N", "limits"),
    TargetOption("connect-timeout", "timeout for connecting (default: 10)", "SECONDS", "limits"),
    TargetOption(
        "first-byte-timeout", "timeout for the response headers (default: 120)", "SECONDS", "limits"
    ),
    TargetOption(
        "gap-timeout", "timeout between two bytes of a body (default: 120)", "SECONDS", "limits"
    ),
    TargetOption(
        "total-timeout",
        "timeout for a request and its whole response (default: 300)",
        "SECONDS",
        "limits",
    ),
    TargetOption("max-bytes", "largest response body in bytes (default: 16 MiB)", "N", "limits"),
    TargetOption(
        "max-header-bytes",
        "most bytes of a response's headers, and of its trailers (default: 256 KiB)",
        "N",
        "limits",
    ),
    TargetOption(
        "max-interim", "most interim answers (1xx) to a request (default: 20)", "N", "limits"
    ),
    TargetOption("max-events", "most events in a stream (default: 100000)", "N", "limits"),
    TargetOption(
        "max-run-bytes",
        "stop sending when all response bodies together have N bytes (default: 2 GiB)",
        "N",
        "limits",
    ),
    TargetOption(
        "max-run-time", "stop sending after this time (default: 14400, 4 h)", "SECONDS", "limits"
    ),
    TargetOption(
        "max-run-memory",
        "stop sending when oaicheck has used N bytes of memory (default: 2 GiB)",
        "N",
        "limits",
    ),
)
"""All options that describe the target and how to reach it."""

SECTIONS: Final = ("target", "limits", "capabilities")
"""The tables of `oaicheck.toml`."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A value from the user, where it was set, and the folder that its paths are relative to.

    `layer` is 0 for a flag, 1 for the environment, 2 for an opencode.json, 3 for `oaicheck.toml`:
    the lowest one wins. `values` are its texts; they are empty for a flag that is turned off.
    """

    values: tuple[str, ...]
    origin: str
    layer: int
    folder: Path

    @property
    def value(self) -> str:
        """The value of an option that is not repeatable."""
        return self.values[-1]


def read_settings(
    options: Mapping[str, Any], environ: Mapping[str, str], directory: Path
) -> dict[str, Setting]:
    """The settings that were given, by the options' names, each from the layer that wins.

    The file may also contain `key`, as a reference. Raises TargetError if a value is empty or has
    the wrong type, and if the file is unreadable or contains an unknown name.
    """
    given: dict[str, Setting] = {}
    for option in OPTIONS:
        value = options.get(option.name)
        if value not in (None, [], (), False):
            given[option.name] = _from_flag(option, value, directory)
        elif option.variable in environ:
            given[option.name] = _from_variable(option, environ[option.variable], directory)
    path = directory / CONFIG_FILE
    if "config" in given:
        path = directory / Path(given["config"].value).expanduser()
        if not path.is_file():
            raise TargetError(f"{given['config'].origin}: there is no file {path}")
    if path.is_file():
        for name, setting in _from_file(path):
            given.setdefault(name, setting)
    for setting in given.values():
        if any(not value.strip() for value in setting.values):
            raise TargetError(
                f"{setting.origin} is set but empty: give it a value, or leave it out"
            )
    return given


def _from_flag(option: TargetOption, value: Any, directory: Path) -> Setting:
    values = ["true"] if value is True else [value] if isinstance(value, str) else value
    return Setting(tuple(str(each) for each in values), f"--{option.name}", 0, directory)


def _from_variable(option: TargetOption, value: str, directory: Path) -> Setting:
    values = tuple(value.splitlines() if option.repeatable and value.strip() else [value])
    if option.is_flag and value.strip():
        if value.lower() not in _TRUE + _FALSE:
            raise TargetError(f"{option.variable}: {value!r} is neither true nor false")
        values = ("true",) if value.lower() in _TRUE else ()
    return Setting(values, option.variable, 1, directory)


def _from_file(path: Path) -> Iterator[tuple[str, Setting]]:
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise TargetError(f"{path}: cannot read it: {error.strerror}") from error
    except ValueError as error:
        raise TargetError(f"{path}: not valid TOML: {error}") from error
    for section, members in content.items():
        if section not in SECTIONS:
            raise TargetError(f"{path}: unknown table [{section}]: {near(section, SECTIONS)}")
        if not isinstance(members, dict):
            raise TargetError(f"{path}: {section} must be a table: [{section}]")
        if section == "capabilities":
            yield "capability", _capabilities(path, members)
            continue
        options = {option.name: option for option in OPTIONS if option.section == section}
        for member, value in members.items():
            name, origin = member.replace("_", "-"), f"{path}: [{section}] {member}"
            if name == "key" and section == "target":
                yield name, Setting((_key_reference(origin, value),), origin, 3, path.parent)
            elif name in options:
                values = tuple(_texts(options[name], origin, value))
                yield name, Setting(values, origin, 3, path.parent)
            else:
                raise TargetError(f"{origin} is unknown: {near(name, options)}")


def _capabilities(path: Path, members: Mapping[str, Any]) -> Setting:
    values = []
    for name, has in members.items():
        if not isinstance(has, bool):
            raise TargetError(f"{path}: [capabilities] {name} must be true or false")
        values.append(name.replace("_", "-") if has else "no-" + name.replace("_", "-"))
    return Setting(tuple(values), f"{path}: [capabilities]", 3, path.parent)


def _key_reference(origin: str, value: Any) -> str:
    if isinstance(value, str) and value.startswith(("env:", "file:")):
        return value
    raise TargetError(
        f'{origin}: do not write the key itself here: write "env:NAME" for an environment '
        'variable or "file:PATH" for a file that contains it'
    )


def _texts(option: TargetOption, origin: str, value: Any) -> Iterator[str]:
    """The values of a member of the file, in the form that a flag has them."""
    if option.is_flag:
        if not isinstance(value, bool):
            raise TargetError(f"{origin} must be true or false")
        yield from ["true"] if value else []
    elif option.repeatable:
        separator = ": " if option.name == "header" else "="
        if isinstance(value, dict):
            value = [f"{name}{separator}{each}" for name, each in value.items()]
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise TargetError(f"{origin} must be a list of strings or a table")
        yield from value
    elif option.section == "limits":
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TargetError(f"{origin} must be a number")
        yield str(value)
    elif isinstance(value, str):
        yield value
    else:
        raise TargetError(f"{origin} must be a string")
