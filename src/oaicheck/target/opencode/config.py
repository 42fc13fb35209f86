"""OpenCode's configuration as a target: reads and merges `opencode.json` the way OpenCode does.

It only looks at the chosen provider, its model, and their names. An unset variable elsewhere in the
file is not an error here.
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
from oaicheck.target.target_options import DEFAULT_PLACES
from oaicheck.wire.json_text import ABSENT
from oaicheck.wire.secrets import marker

_NAMES: Final = ("opencode.json", "opencode.jsonc")
"""In the order of merging."""

_REFERENCE: Final = re.compile(r"\{(env|file):([^}]+)\}")
_SCHEMES: Final = frozenset({"apikey", "api-key", "basic", "bearer", "digest", "key", "token"})
_CREDENTIAL: Final = re.compile(r"(\S+) (\S+)")
_MODEL_MEMBERS: Final = ("id", "name", "reasoning", "tool_call", "tools")


@dataclass(frozen=True, slots=True)
class Choice:
    """The provider and the model's alias that the user named, if any."""

    provider: str | None = None
    alias: str | None = None
    needs_model: bool = True


@dataclass(frozen=True, slots=True)
class OpencodeConfig:
    """A configuration with its references resolved, and the chosen provider and model.

    `root` contains secrets in plain text; `described` does not. `alias` is None if no model of the
    file is needed. `referenced` are the names, in lower case, of the headers whose values came from
    `{env:…}` or `{file:…}`.
    """

    root: ConfigValue = field(repr=False)
    files: tuple[str, ...]
    provider: str
    alias: str | None
    referenced: frozenset[str] = frozenset()

    @property
    def options(self) -> ConfigValue:
        """The provider's options."""
        return self.root["provider"][self.provider]["options"]

    @property
    def base_url(self) -> ConfigValue:
        """The base URL of the endpoint."""
        return self.options["baseURL"]

    @property
    def headers(self) -> dict[str, str]:
        """The headers that OpenCode sends, including `Authorization`."""
        api_key = self.options["apiKey"]
        given = {name: header.value for name, header in self.options["headers"].members()}
        if api_key.is_text and "authorization" not in {name.lower() for name in given}:
            return {"Authorization": f"Bearer {api_key.value}", **given}
        return given

    @property
    def key(self) -> tuple[str, str, str] | None:
        """Header, scheme and key, or None if `Authorization` does not have the usual form."""
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
        """The model's name at the endpoint. Empty if no model was chosen."""
        named = [self._model[member] for member in ("id", "name")]
        return next((value.value for value in named if value.is_text), self.alias or "")

    @property
    def capabilities(self) -> dict[str, bool]:
        """The capabilities that the model's flags declare."""
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
        """What a report may contain: the file's content, with every key replaced by its form."""
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
    """Read one file, or, for `default`, all places where OpenCode itself looks.

    `origin` is the setting that asked for it, for messages. Raises TargetError.
    """
    if path == DEFAULT_PLACES:
        files = [file for file in _places(environ, directory) if file.is_file()]
        if not files:
            raise TargetError(
                f"{origin}: no {_NAMES[0]} in this folder or in "
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
    headers = _an_object(_an_object(merged["provider"][provider]["options"])["headers"])
    return OpencodeConfig(
        root=_Resolver(folders, environ).whittled(merged, provider, alias),
        files=tuple(folders),
        provider=provider,
        alias=alias,
        referenced=frozenset(
            name.lower() for name, text in headers.members() if _REFERENCE.search(str(text.value))
        ),
    )


def _user_folder(environ: Mapping[str, str]) -> Path:
    base = environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else _home(environ) / ".config") / "opencode"


def _home(environ: Mapping[str, str]) -> Path:
    home = environ.get("HOME") or environ.get("USERPROFILE")
    return Path(home) if home else Path.home()


def _places(environ: Mapping[str, str], directory: Path) -> Iterator[Path]:
    """The places where OpenCode looks, in the order of merging: later files override earlier ones.

    The project's files are in this folder and in the folders above it, up to the repository's root.
    """
    folders = [directory, *directory.parents]
    top = next((at for at, folder in enumerate(folders) if (folder / ".git").exists()), 0)
    yield from (_user_folder(environ) / name for name in _NAMES)
    if environ.get("OPENCODE_CONFIG"):
        yield directory / Path(environ["OPENCODE_CONFIG"]).expanduser()
    for folder in reversed(folders[: top + 1]):
        yield from (folder / name for name in _NAMES)


def _labelled(path: Path, environ: Mapping[str, str], directory: Path) -> str:
    """A path as messages show it: relative to this folder or to the home folder."""
    if path.is_relative_to(directory):
        return path.relative_to(directory).as_posix()
    home = _home(environ)
    return f"~/{path.relative_to(home).as_posix()}" if path.is_relative_to(home) else str(path)


def _read(path: Path, label: str) -> ConfigValue:
    try:
        document = parse_jsonc(path.read_text("utf-8-sig"))
    except OSError as error:
        raise TargetError(f"{label}: cannot read it: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise TargetError(f"{label}: not UTF-8 text: save it as UTF-8") from error
    except JsoncError as error:
        raise TargetError(f"{label}: {error}: correct it there") from error
    places = document.places.items()
    sites = {steps: f"{label}:{line}:{column}" for steps, (line, column) in places}
    return _an_object(ConfigValue(document.value, (), sites))


def _merged(below: ConfigValue, above: ConfigValue) -> ConfigValue:
    return ConfigValue(_overlaid(below.value, above.value), (), {**below.sites, **above.sites})


def _overlaid(below: Any, above: Any) -> Any:
    """Merge objects member by member. For other values, `above` wins."""
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    return {
        **below,
        **{name: _overlaid(below.get(name), member) for name, member in above.items()},
    }


def _chosen(root: ConfigValue, choice: Choice) -> tuple[str, str | None]:
    """The provider and the alias of its model. Raises TargetError if the choice is not clear."""
    providers = dict(_an_object(root["provider"]).members())
    default = _text(root["model"]).partition("/")
    if not providers:
        raise TargetError(
            f"{root['provider'].origin} has no entries: write one with `oaicheck opencode init`"
        )
    if choice.provider is not None:
        if choice.provider not in providers:
            raise TargetError(
                f"--provider {choice.provider}: {root['provider'].site} has no such provider; "
                f"it has {_listed(providers)}"
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
                f"model; they have {_listed(known)}"
            )
        if default[0] in able:
            provider = default[0]
        elif len(able) == 1:
            provider = able[0]
        else:
            raise TargetError(
                f"{root['provider'].origin} has {len(able)} entries, and `model` names none of "
                f"them: choose one with --provider: {', '.join(sorted(able))}"
            )
    return provider, _alias(providers[provider], default, provider, choice)


def _alias(
    entry: ConfigValue, default: tuple[str, str, str], provider: str, choice: Choice
) -> str | None:
    aliases = _aliases(_an_object(entry))
    if choice.alias is not None:
        if choice.alias not in aliases:
            raise TargetError(
                f"--model-alias {choice.alias}: {entry['models'].origin} has no such model; "
                f"it has {_listed(aliases)}"
            )
        return choice.alias
    if default[0] == provider and default[2] in aliases:
        return default[2]
    if len(aliases) == 1:
        return aliases[0]
    if not choice.needs_model:
        return None
    if not aliases:
        raise TargetError(f"{entry['models'].origin} has no entries: add one, or give --model NAME")
    raise TargetError(
        f"{entry['models'].origin} has {len(aliases)} entries, and `model` names none of them: "
        f"choose one with --model-alias: {', '.join(sorted(aliases))}"
    )


def _aliases(provider: ConfigValue) -> list[str]:
    return [alias for alias, _ in _an_object(provider["models"]).members()]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _an_object(value: ConfigValue) -> ConfigValue:
    if not value.absent and not value.is_object:
        raise TargetError(f"{value.origin} must be an object: write {{…}}")
    return value


def _text(value: ConfigValue) -> str:
    return value.value if isinstance(value.value, str) else ""


@dataclass(frozen=True, slots=True)
class _Resolver:
    """Replaces `{env:NAME}` and `{file:PATH}` by their values."""

    folders: Mapping[str, Path]
    environ: Mapping[str, str]

    def whittled(self, root: ConfigValue, provider: str, alias: str | None) -> ConfigValue:
        """The chosen provider and model, with references resolved.

        Other providers and models keep only their names.
        """
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
                raise TargetError(f"{member.origin} must be a string: put it in double quotes")
        return {name: self._resolved(member) for name, member in members.items()}

    def _resolved(self, value: ConfigValue) -> Any:
        if not isinstance(value.value, str):
            return value.value
        return _REFERENCE.sub(lambda found: self._referenced(found, value), value.value)

    def _referenced(self, found: re.Match[str], value: ConfigValue) -> str:
        kind, name = found.groups()
        if kind == "env":
            if not self.environ.get(name):
                state = "set but empty" if name in self.environ else "not set"
                raise TargetError(
                    f"{value.origin}: the environment variable {name} is {state}: set it, or "
                    "OpenCode puts an empty string in its place"
                )
            return self.environ[name]
        home = str(_home(self.environ))
        path = Path(home + name[1:] if name.startswith("~/") else name)
        file = self.folders[value.site.rsplit(":", 2)[0]] / path
        try:
            text = file.read_text("utf-8").strip()
        except OSError as error:
            raise TargetError(
                f"{value.origin}: {found.group()}: {error.strerror}: create the file, or correct "
                "the path, which is relative to the folder of this opencode.json"
            ) from error
        except UnicodeDecodeError as error:
            raise TargetError(f"{value.origin}: {found.group()} is not UTF-8 text") from error
        if not text:
            raise TargetError(f"{value.origin}: {found.group()} is empty: write the value into it")
        return text


def _holds(value: Any, steps: Steps) -> bool:
    for step in steps:
        value = value.get(step, ABSENT) if isinstance(value, dict) else ABSENT
    return value is not ABSENT


def _form(credential: str) -> str:
    """A credential in which each word except the scheme is replaced by a marker of its length."""
    return re.sub(
        r"\S+",
        lambda word: (
            word.group()
            if word.group().lower() in _SCHEMES
            else marker(len(word.group())).decode("ascii")
        ),
        credential,
    )
