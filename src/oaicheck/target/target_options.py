"""The options that describe a target, and their values from flags, environment and file."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from oaicheck.target.near import near
from oaicheck.target.opencode.config import DEFAULT_PLACES
from oaicheck.target.target import TargetError

CONFIG_FILE: Final = "oaicheck.toml"
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


@dataclass(frozen=True, slots=True)
class TargetOption:
    """An option that says what the target is; `section` is its table in `oaicheck.toml`.

    `bare` is the value that its flag has where it stands without one.
    """

    name: str
    help: str
    metavar: str | None = None
    section: str | None = "target"
    repeatable: bool = False
    bare: str | None = None

    @property
    def is_flag(self) -> bool:
        """Whether it stands without a value."""
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
    TargetOption("model", "model to ask for (default: the only one that is listed)", "NAME"),
    TargetOption("config", f"read this file (default: {CONFIG_FILE} here)", "PATH", None),
    TargetOption(
        "opencode-config",
        "take the target from this opencode.json (without PATH: from the project's and the user's)",
        "PATH",
        bare=DEFAULT_PLACES,
    ),
    TargetOption("provider", "which provider of the opencode.json", "NAME"),
    TargetOption("model-alias", "which model of that provider", "NAME"),
    TargetOption("key-env", "variable with the key (default: OAICHECK_API_KEY)", "VARIABLE"),
    TargetOption("key-file", "file with the key", "PATH"),
    TargetOption("no-auth", "send no key"),
    TargetOption("expired-key", "key that has expired, as env:VAR or file:PATH", "REFERENCE"),
    TargetOption(
        "scopeless-key", "key that may not ask a model, as env:VAR or file:PATH", "REFERENCE"
    ),
    TargetOption("auth-header", "header that carries the key (default: Authorization)", "NAME"),
    TargetOption(
        "auth-scheme", "word before the key, or none (default: Bearer in Authorization)", "WORD"
    ),
    TargetOption(
        "header", "header to add; value may be env:VAR or file:PATH", "NAME:VALUE", repeatable=True
    ),
    TargetOption("query", "query parameter to add; likewise", "NAME=VALUE", repeatable=True),
    TargetOption("ca-bundle", "certificates to trust, a PEM file or a folder", "PATH"),
    TargetOption("client-cert", "client certificate, a PEM file", "PATH"),
    TargetOption("client-key", "key of the client certificate, a PEM file", "PATH"),
    TargetOption("proxy", "proxy (default: that of the environment)", "URL"),
    TargetOption(
        "capability",
        "what the target has, such as tools, or lacks, such as no-reasoning",
        "NAME",
        "capabilities",
        repeatable=True,
    ),
    TargetOption("concurrency", "requests at once (default: 4)", "N", "limits"),
    TargetOption("rpm", "requests per minute at most", "N", "limits"),
    TargetOption("connect-timeout", "for a connection (default: 10)", "SECONDS", "limits"),
    TargetOption("first-byte-timeout", "for an answer (default: 120)", "SECONDS", "limits"),
    TargetOption("gap-timeout", "between two bytes (default: 120)", "SECONDS", "limits"),
    TargetOption("total-timeout", "for a whole exchange (default: 300)", "SECONDS", "limits"),
    TargetOption("max-bytes", "of an answer's body (default: 16 MiB)", "N", "limits"),
)
"""Every option that says what the target is and how to reach it."""

SECTIONS: Final = ("target", "limits", "capabilities")
"""The tables of `oaicheck.toml`."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A value that was given: where it stands, and against which folder its paths are read.

    `layer` is 0 for a flag, 1 for the environment, 2 for an opencode.json, 3 for the file:
    the lowest one wins. `values` are its texts; a flag without a value has none when it says no.
    """

    values: tuple[str, ...]
    origin: str
    layer: int
    folder: Path

    @property
    def value(self) -> str:
        """The value of an option that is given once."""
        return self.values[-1]


def read_settings(
    options: Mapping[str, Any], environ: Mapping[str, str], directory: Path
) -> dict[str, Setting]:
    """What was given, by the options' names, each from the place that comes first.

    The file may also hold a `key`, as a reference. Raises TargetError where a value is empty or of
    the wrong kind, and where the file is unreadable or holds something unknown.
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
                f"{setting.origin} is set, but empty: give it a value, or leave it out"
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
        raise TargetError(f"{path}: it cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise TargetError(f"{path}: it is not TOML: {error}") from error
    for section, members in content.items():
        if section not in SECTIONS:
            raise TargetError(f"{path}: nothing is named [{section}]: {near(section, SECTIONS)}")
        if not isinstance(members, dict):
            raise TargetError(f"{path}: {section} has to be a table: [{section}]")
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
            raise TargetError(f"{path}: [capabilities] {name} has to be true or false")
        values.append(name.replace("_", "-") if has else "no-" + name.replace("_", "-"))
    return Setting(tuple(values), f"{path}: [capabilities]", 3, path.parent)


def _key_reference(origin: str, value: Any) -> str:
    if isinstance(value, str) and value.startswith(("env:", "file:")):
        return value
    raise TargetError(
        f'{origin}: a key does not belong into a file like this: write "env:NAME" for an '
        'environment variable or "file:PATH" for a file that holds it'
    )


def _texts(option: TargetOption, origin: str, value: Any) -> Iterator[str]:
    """The values of a member of the file, as a flag would give them."""
    if option.is_flag:
        if not isinstance(value, bool):
            raise TargetError(f"{origin} has to be true or false")
        yield from ["true"] if value else []
    elif option.repeatable:
        separator = ": " if option.name == "header" else "="
        if isinstance(value, dict):
            value = [f"{name}{separator}{each}" for name, each in value.items()]
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise TargetError(f"{origin} has to be a list of strings, or a table")
        yield from value
    elif option.section == "limits":
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TargetError(f"{origin} has to be a number")
        yield str(value)
    elif isinstance(value, str):
        yield value
    else:
        raise TargetError(f"{origin} has to be a string")
