"""OpenCode's configuration as a target: `opencode.json`, read and merged as OpenCode does it.

Only what is needed is looked at: the provider that is chosen, its model, and what they are named
by. An unset variable elsewhere in the file is none of our business.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from oaicheck.target.config_value import ConfigValue
from oaicheck.target.opencode.jsonc import JsoncError, Steps, parse_jsonc
from oaicheck.target.target import TargetError
from oaicheck.wire.json_text import ABSENT
from oaicheck.wire.secrets import marker

DEFAULT_PLACES: Final = "default"
"""The path that stands for the places where OpenCode itself looks."""

_NAMES: Final = ("opencode.json", "opencode.jsonc")
"""In the order in which they are merged."""

_REFERENCE: Final = re.compile(r"\{(env|file):([^}]+)\}")
_SCHEMES: Final = frozenset({"apikey", "api-key", "basic", "bearer", "digest", "key", "token"})
_CREDENTIAL: Final = re.compile(r"(\S+) (\S+)")
_MODEL_MEMBERS: Final = ("id", "name", "reasoning", "tool_call", "tools")


@dataclass(frozen=True, slots=True)
class Choice:
    """What of a configuration is meant: a provider and a model's alias, where they were named."""

    provider: str | None = None
    alias: str | None = None
    needs_model: bool = True


@dataclass(frozen=True, slots=True)
class OpencodeConfig:
    """A configuration, its references resolved, and what was chosen in it.

    `root` holds secrets in the clear; `described` does not. `alias` is None where none was needed.
    """

    root: ConfigValue = field(repr=False)
    files: tuple[str, ...]
    provider: str
    alias: str | None

    @property
    def options(self) -> ConfigValue:
        """The provider's options."""
        return self.root["provider"][self.provider]["options"]

    @property
    def base_url(self) -> ConfigValue:
        """Where the endpoint is."""
        return self.options["baseURL"]

    @property
    def headers(self) -> dict[str, str]:
        """The headers that OpenCode sends, `Authorization` among them."""
        api_key = self.options["apiKey"]
        given = {name: header.value for name, header in self.options["headers"].members()}
        if api_key.is_text and "authorization" not in {name.lower() for name in given}:
            return {"Authorization": f"Bearer {api_key.value}", **given}
        return given

    @property
    def key(self) -> tuple[str, str, str] | None:
        """The header, the scheme and the key, where `Authorization` has the usual form."""
        for name, value in self.headers.items():
            found = _CREDENTIAL.fullmatch(value)
            if name.lower() == "authorization" and found and found[1].lower() in _SCHEMES:
                return name, found[1], found[2]
        return None

    @property
    def _model(self) -> ConfigValue:
        return self.root["provider"][self.provider]["models"][self.alias or ""]

    @property
    def model(self) -> str:
        """The name by which the endpoint knows the model; empty where no model was chosen."""
        named = [self._model[member] for member in ("id", "name")]
        return next((value.value for value in named if value.is_text), self.alias or "")

    @property
    def capabilities(self) -> dict[str, bool]:
        """What the model's flags declare."""
        declared = {}
        flags = [self._model[name].value for name in ("tool_call", "tools")]
        if any(flag is False for flag in flags):
            declared["tools"] = False
        elif any(flag is True for flag in flags):
            declared["tools"] = True
        if isinstance(self._model["reasoning"].value, bool):
            declared["reasoning"] = self._model["reasoning"].value
        return declared

    def described(self) -> dict[str, Any]:
        """What a report may say about it: nothing of any key but its form."""
        value = self.root.value
        options = value["provider"][self.provider].get("options", {})
        hidden = {
            name: _form(text) if name.lower() == "authorization" else marker(len(text)).decode()
            for name, text in options.get("headers", {}).items()
        }
        shown = {name: each for name, each in options.items() if name == "baseURL"}
        if "headers" in options:
            shown["headers"] = hidden
        if "apiKey" in options:
            shown["apiKey"] = _form(options["apiKey"])
        config = {**value, "provider": dict(value["provider"])}
        if options:
            config["provider"][self.provider] = {
                **value["provider"][self.provider],
                "options": shown,
            }
        return {
            "files": list(self.files),
            "provider": self.provider,
            "alias": self.alias,
            "config": config,
            "sites": [[list(steps), site] for steps, site in self.root.sites.items()],
        }


def read_opencode(
    path: str, choice: Choice, origin: str, environ: Mapping[str, str], directory: Path
) -> OpencodeConfig:
    """The configuration in a file, or, for `default`, in all of OpenCode's own places.

    `origin` says what asked for it. Raises TargetError.
    """
    if path == DEFAULT_PLACES:
        files = [file for file in _places(environ, directory) if file.is_file()]
        if not files:
            raise TargetError(
                f"{origin}: there is neither ./{_NAMES[0]} nor {_NAMES[0]} in "
                f"{_labelled(_user_folder(environ), environ, directory)}: write one with "
                "`oaicheck opencode init`, or give --opencode-config PATH"
            )
    else:
        files = [directory / Path(path).expanduser()]
        if not files[0].is_file():
            raise TargetError(f"{origin}: there is no file {files[0]}: correct the path")
    merged = ConfigValue({}, (), {})
    folders = {}
    for file in files:
        label = _labelled(file, environ, directory)
        folders[label] = file.parent
        merged = _merged(merged, _read(file, label))
    provider, alias = _chosen(merged, choice)
    return OpencodeConfig(
        root=_Resolver(folders, environ).whittled(merged, provider, alias),
        files=tuple(folders),
        provider=provider,
        alias=alias,
    )


def _user_folder(environ: Mapping[str, str]) -> Path:
    base = environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else _home(environ) / ".config") / "opencode"


def _home(environ: Mapping[str, str]) -> Path:
    home = environ.get("HOME") or environ.get("USERPROFILE")
    return Path(home) if home else Path.home()


def _places(environ: Mapping[str, str], directory: Path) -> Iterator[Path]:
    """Where OpenCode looks, what is merged first before what overrides it.

    The project's files lie here and in the folders above, as far as the repository goes.
    """
    folders = [directory, *directory.parents]
    top = next((at for at, folder in enumerate(folders) if (folder / ".git").exists()), 0)
    yield from (_user_folder(environ) / name for name in _NAMES)
    if environ.get("OPENCODE_CONFIG"):
        yield directory / Path(environ["OPENCODE_CONFIG"]).expanduser()
    for folder in reversed(folders[: top + 1]):
        yield from (folder / name for name in _NAMES)


def _labelled(path: Path, environ: Mapping[str, str], directory: Path) -> str:
    """A path as it is shown: from here, or from home."""
    if path.is_relative_to(directory):
        return path.relative_to(directory).as_posix()
    home = _home(environ)
    return f"~/{path.relative_to(home).as_posix()}" if path.is_relative_to(home) else str(path)


def _read(path: Path, label: str) -> ConfigValue:
    try:
        document = parse_jsonc(path.read_text("utf-8-sig"))
    except OSError as error:
        raise TargetError(f"{label}: it cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise TargetError(f"{label}: this is no UTF-8 text: save it as UTF-8") from error
    except JsoncError as error:
        raise TargetError(f"{label}: {error}: correct it there") from error
    places = document.places.items()
    sites = {steps: f"{label}:{line}:{column}" for steps, (line, column) in places}
    return _an_object(ConfigValue(document.value, (), sites))


def _merged(below: ConfigValue, above: ConfigValue) -> ConfigValue:
    return ConfigValue(_overlaid(below.value, above.value), (), {**below.sites, **above.sites})


def _overlaid(below: Any, above: Any) -> Any:
    """Objects member by member; of anything else, what is above."""
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    return {
        **below,
        **{name: _overlaid(below.get(name), member) for name, member in above.items()},
    }


def _chosen(root: ConfigValue, choice: Choice) -> tuple[str, str | None]:
    """The provider, and the alias of its model. Raises TargetError unless there is just one."""
    providers = dict(_an_object(root["provider"]).members())
    default = _text(root["model"]).partition("/")
    if not providers:
        raise TargetError(
            f"{root['provider'].origin} names no provider: write one with `oaicheck opencode init`"
        )
    if choice.provider is not None:
        if choice.provider not in providers:
            raise TargetError(
                f"--provider {choice.provider}: {root['provider'].site} has no such provider: "
                f"there {_are(providers)}"
            )
        provider = choice.provider
    else:
        able = [
            name
            for name in providers
            if choice.alias is None or choice.alias in _aliases(providers[name])
        ]
        if choice.alias is not None and not able:
            known = {alias for each in providers.values() for alias in _aliases(each)}
            raise TargetError(
                f"--model-alias {choice.alias}: no provider in {root['provider'].site} has such a "
                f"model: there {_are(known)}"
            )
        if default[0] in able:
            provider = default[0]
        elif len(able) == 1:
            provider = able[0]
        else:
            raise TargetError(
                f"{root['provider'].origin} names {len(able)} providers, and `model` none of them: "
                f"choose with --provider: {', '.join(sorted(able))}"
            )
    return provider, _alias(providers[provider], default, provider, choice)


def _alias(
    entry: ConfigValue, default: tuple[str, str, str], provider: str, choice: Choice
) -> str | None:
    aliases = _aliases(_an_object(entry))
    if choice.alias is not None:
        if choice.alias not in aliases:
            raise TargetError(
                f"--model-alias {choice.alias}: {entry['models'].origin} has no such model: "
                f"there {_are(aliases)}"
            )
        return choice.alias
    if default[0] == provider and default[2] in aliases:
        return default[2]
    if len(aliases) == 1:
        return aliases[0]
    if not choice.needs_model:
        return None
    if not aliases:
        raise TargetError(f"{entry['models'].origin} names no model: add one, or give --model NAME")
    raise TargetError(
        f"{entry['models'].origin} names {len(aliases)} models, and `model` none of them: choose "
        f"with --model-alias: {', '.join(sorted(aliases))}"
    )


def _aliases(provider: ConfigValue) -> list[str]:
    return [alias for alias, _ in _an_object(provider["models"]).members()]


def _are(names: Iterable[str]) -> str:
    names = sorted(names)
    return f"{'is' if len(names) == 1 else 'are'} {', '.join(names)}" if names else "is none"


def _an_object(value: ConfigValue) -> ConfigValue:
    if not value.absent and not value.is_object:
        raise TargetError(f"{value.origin} has to be an object: write {{…}}")
    return value


def _text(value: ConfigValue) -> str:
    return value.value if isinstance(value.value, str) else ""


@dataclass(frozen=True, slots=True)
class _Resolver:
    """Puts in what `{env:NAME}` and `{file:PATH}` stand for."""

    folders: Mapping[str, Path]
    environ: Mapping[str, str]

    def whittled(self, root: ConfigValue, provider: str, alias: str | None) -> ConfigValue:
        """What is judged, references resolved; of other providers and models only the names."""
        providers: dict[str, Any] = {
            name: {"models": {other: {} for other in _aliases(_an_object(entry))}}
            for name, entry in root["provider"].members()
        }
        entry = root["provider"][provider]
        options = _an_object(entry["options"])
        chosen = self._members(entry, ("npm", "name"))
        if not options.absent:
            chosen["options"] = self._members(options, ("baseURL", "apiKey"), texts=True)
        headers = _an_object(options["headers"])
        if not headers.absent:
            names = [name for name, _ in headers.members()]
            chosen["options"]["headers"] = self._members(headers, names, texts=True)
        if not entry["models"].absent:
            chosen["models"] = providers[provider]["models"]
        if alias is not None:
            model = _an_object(entry["models"][alias])
            chosen["models"][alias] = self._members(model, _MODEL_MEMBERS)
        providers[provider] = chosen
        kept = {**self._members(root, ("model", "tools")), "provider": providers}
        sites = {steps: site for steps, site in root.sites.items() if _holds(kept, steps)}
        return ConfigValue(kept, (), sites)

    def _members(
        self, parent: ConfigValue, names: Iterable[str], *, texts: bool = False
    ) -> dict[str, Any]:
        members = {name: parent[name] for name in names if not parent[name].absent}
        for member in members.values():
            if texts and not isinstance(member.value, str):
                raise TargetError(f"{member.origin} has to be a string: put it in double quotes")
        return {name: self._resolved(member) for name, member in members.items()}

    def _resolved(self, value: ConfigValue) -> Any:
        if not isinstance(value.value, str):
            return value.value
        return _REFERENCE.sub(lambda found: self._referenced(found, value), value.value)

    def _referenced(self, found: re.Match[str], value: ConfigValue) -> str:
        kind, name = found.groups()
        if kind == "env":
            if not self.environ.get(name):
                state = "set, but empty" if name in self.environ else "not set"
                raise TargetError(
                    f"{value.origin}: the environment variable {name} is {state}: set it; OpenCode "
                    "puts nothing in its place"
                )
            return self.environ[name]
        home = str(_home(self.environ))
        path = Path(home + name[1:] if name.startswith("~/") else name)
        file = self.folders[value.site.rsplit(":", 2)[0]] / path
        try:
            text = file.read_text("utf-8").strip()
        except OSError as error:
            raise TargetError(
                f"{value.origin}: {found.group()}: {error.strerror}: write the file, or correct "
                "the path, which begins at this file's folder"
            ) from error
        except UnicodeDecodeError as error:
            raise TargetError(f"{value.origin}: {found.group()} is not UTF-8 text") from error
        if not text:
            raise TargetError(f"{value.origin}: {found.group()} is empty: put the value there")
        return text


def _holds(value: Any, steps: Steps) -> bool:
    for step in steps:
        value = value.get(step, ABSENT) if isinstance(value, dict) else ABSENT
    return value is not ABSENT


def _form(credential: str) -> str:
    """A credential whose words but the scheme's are markers of their length."""
    return re.sub(
        r"\S+",
        lambda word: (
            word.group()
            if word.group().lower() in _SCHEMES
            else marker(len(word.group())).decode("ascii")
        ),
        credential,
    )
