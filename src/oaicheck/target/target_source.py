"""Builds the target from flags, then `OAICHECK_*` variables, then `oaicheck.toml`.

An `opencode.json` is read on request; it comes right before `oaicheck.toml`.

An incomplete target is an error. If oaicheck judged the embedded endpoint instead, a broken set-up
would look like a conformant endpoint.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from oaicheck.resources import locate
from oaicheck.scenarios.capability import KEYS, load_capabilities
from oaicheck.target.near import did_you_mean
from oaicheck.target.opencode.source import asked_for, lent
from oaicheck.target.target import Limits, Target, TargetError
from oaicheck.target.target_options import (
    CONFIG_FILE,
    OPTIONS,
    Setting,
    TargetOption,
    read_settings,
)

__all__ = ["OPTIONS", "TargetError", "TargetOption", "resolve", "resolve_limits"]

_KEY_VARIABLE: Final = "OAICHECK_API_KEY"
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_REFERENCES: Final = ("env:", "file:")
_FRAMING: Final = ("connection", "content-length", "transfer-encoding")
_API_PATH: Final = re.compile(r"/(chat/completions|completions|responses|models)$")
_BYTE: Final = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_PLAIN_URL: Final = re.compile(
    rf"https?://(?:[a-z][a-z0-9.-]*|{_BYTE}(?:\.{_BYTE}){{3}})(?::\d+)?(?:/[\w.~/-]*)?",
    re.ASCII | re.IGNORECASE,
)
"""A URL of letters, digits and the usual marks, with a host that is a name or an IPv4 address."""
_MISNOMERS: Final = ("API_BASE", "API_URL", "BASE", "BASE_URL", "HOST", "URL")
_WITHOUT_ENDPOINT: Final = frozenset(
    {"config", *(option.name for option in OPTIONS if option.section == "limits")}
)
_PROXY_SCHEMES: Final = ("http", "https")


def resolve(
    options: Mapping[str, Any], environ: Mapping[str, str], directory: Path
) -> Target | None:
    """The target that the user described, or None for the embedded endpoint.

    `options` are the flags by name, such as `key-env`; other members are ignored. The target's
    model is empty if the user named none. Raises TargetError.
    """
    settings = read_settings(options, environ, directory)
    opencode = asked_for(settings, environ, directory)
    if opencode is not None:
        settings |= lent(opencode, settings, environ)
    endpoint = settings.get("endpoint")
    if endpoint is None:
        _refuse_without_endpoint(settings, environ)
        return None
    base_url = _base_url(endpoint)
    auth_header = _token(settings.get("auth-header"), "Authorization")
    default_scheme = "Bearer" if auth_header.lower() == "authorization" else "none"
    auth_scheme = _token(settings.get("auth-scheme"), default_scheme)
    client_cert, client_key = _file(settings, "client-cert"), _file(settings, "client-key")
    if client_key and not client_cert:
        raise TargetError(
            f"{settings['client-key'].origin} is set without its certificate: add client-cert"
        )
    return Target(
        base_url=base_url,
        model=settings["model"].value if "model" in settings else "",
        key=_key(settings, environ, base_url),
        expired_key=_refused_key(settings.get("expired-key"), environ),
        scopeless_key=_refused_key(settings.get("scopeless-key"), environ),
        auth_header=auth_header,
        auth_scheme="" if auth_scheme.lower() == "none" else auth_scheme,
        headers=_headers(settings.get("header"), environ),
        query=_query(settings.get("query"), environ),
        referenced=_referenced_names(settings) | (opencode.referenced if opencode else frozenset()),
        ca_bundle=_file(settings, "ca-bundle"),
        client_cert=client_cert,
        client_key=client_key,
        proxy=_proxy(settings.get("proxy")),
        capabilities=_capabilities(settings.get("capability")),
        limits=_limits(settings),
        opencode=opencode.described() if opencode else None,
    )


def resolve_limits(
    options: Mapping[str, Any], environ: Mapping[str, str], directory: Path
) -> Limits:
    """The limits that the user set. They apply to the embedded endpoint too.

    Raises TargetError.
    """
    return _limits(read_settings(options, environ, directory))


def _refuse_without_endpoint(settings: Mapping[str, Setting], environ: Mapping[str, str]) -> None:
    """Raise TargetError if a setting shows that the user meant a real endpoint."""
    origins = [
        setting.origin
        for name, setting in settings.items()
        if setting.values and name not in _WITHOUT_ENDPOINT
    ]
    if _KEY_VARIABLE in environ:
        origins.append(_KEY_VARIABLE)
    for variable in sorted(environ):
        name = variable.removeprefix("OAICHECK_")
        if name != variable and (
            name in _MISNOMERS or difflib.get_close_matches(name, ["ENDPOINT"], cutoff=0.75)
        ):
            origins.append(variable)
    if origins:
        raise TargetError(
            f"{origins[0]} is set, but the endpoint is missing: give --endpoint URL, set "
            f"OAICHECK_ENDPOINT, or write `endpoint` under [target] in {CONFIG_FILE}; to judge the "
            "embedded reference endpoint, remove this setting"
        )


def _base_url(setting: Setting) -> str:
    """The base URL, without a slash at the end. Raises TargetError."""
    text, origin = setting.value, setting.origin
    shown = _without_credentials(text)
    if re.search(r"[\s\x00-\x1f\x7f]", text):
        raise TargetError(f"{origin}: the URL contains white space: {shown!r}")
    if "://" not in text:
        raise TargetError(f"{origin}: {shown} has no scheme: did you mean http://{shown} ?")
    try:
        address = urlsplit(text)
        port = address.port
        _refuse_what_httpx_refuses(text)
    except ValueError as error:
        raise TargetError(f"{origin}: {shown} is not a valid URL: {error}") from error
    if address.scheme not in ("http", "https"):
        raise TargetError(f"{origin}: {address.scheme}:// is neither http:// nor https://")
    if "@" in address.netloc:
        raise TargetError(
            f"{origin}: a URL with a user name or a password ends up in logs and reports: leave "
            f"them out, and give the key in {_KEY_VARIABLE} or with --key-file"
        )
    if not address.hostname or port == 0:
        raise TargetError(f"{origin}: {text} has no host, or an invalid port")
    if address.query or "?" in text:
        raise TargetError(
            f"{origin}: a base URL cannot have a query: give each parameter as --query NAME=VALUE"
        )
    if "#" in text:
        raise TargetError(f"{origin}: a base URL cannot have a fragment: leave out the # part")
    base_url = text.rstrip("/")
    if _API_PATH.search(base_url):
        raise TargetError(
            f"{origin}: {base_url} is the path of one API call, not the base URL: "
            f"did you mean {_API_PATH.sub('', base_url)} ?"
        )
    return base_url


def _refuse_what_httpx_refuses(url: str) -> None:
    """Raise ValueError if the HTTP client does not accept a URL.

    It accepts every plain one, and takes long to import.
    """
    if _PLAIN_URL.fullmatch(url):
        return
    import httpx

    try:
        httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ValueError(str(error)) from error


def _without_credentials(url: str) -> str:
    return re.sub("(//|^)[^/]*@", r"\1…@", url)


def _same_place(url: str, base_url: str) -> bool:
    """Whether two URLs have the same scheme, host, port and path."""
    import httpx

    try:
        places = [httpx.URL(each.strip().rstrip("/")) for each in (url, base_url)]
    except httpx.InvalidURL:
        return False
    one, other = ((each.scheme, each.host, each.port, each.path.rstrip("/")) for each in places)
    return one == other


def _key(settings: Mapping[str, Setting], environ: Mapping[str, str], base_url: str) -> str | None:
    """The key, or None to send no key."""
    named = [(name, settings[name]) for name in ("key", "key-env", "key-file") if name in settings]
    top = min((setting.layer for _, setting in named), default=math.inf)
    first = [(name, setting) for name, setting in named if setting.layer == top]
    no_auth = settings.get("no-auth")
    if no_auth is not None and no_auth.values:
        if no_auth.layer < top:
            return None
        if no_auth.layer == top:
            first.append(("no-auth", no_auth))
    if len(first) > 1:
        origins = " and ".join(setting.origin for _, setting in first)
        raise TargetError(f"{origins} contradict each other: keep one of them")
    if first:
        name, setting = first[0]
        prefix = {"key": "", "key-env": "env:", "key-file": "file:"}[name]
        return _checked_key(*_referenced(prefix + setting.value, setting, environ))
    if _KEY_VARIABLE in environ:
        if not environ[_KEY_VARIABLE].strip():
            raise TargetError(
                f"{_KEY_VARIABLE} is set but empty: put the key in it, unset it, or give --no-auth"
            )
        return _checked_key(environ[_KEY_VARIABLE], _KEY_VARIABLE)
    # A key must only go to the host that it was set for.
    if environ.get("OPENAI_API_KEY") and _same_place(environ.get("OPENAI_BASE_URL", ""), base_url):
        return _checked_key(environ["OPENAI_API_KEY"], "OPENAI_API_KEY")
    return None


def _refused_key(setting: Setting | None, environ: Mapping[str, str]) -> str | None:
    """A key that the endpoint should refuse. It is always given as a reference."""
    if setting is None:
        return None
    if not setting.value.startswith(_REFERENCES):
        raise TargetError(
            f'{setting.origin}: write "env:NAME" for an environment variable or "file:PATH" for a '
            "file that contains the key"
        )
    return _checked_key(*_referenced(setting.value, setting, environ))


def _checked_key(key: str, origin: str) -> str:
    if key[0] in "\"'" and key[-1] == key[0]:
        raise TargetError(f"{origin}: the key is in quotes: remove them")
    if key.lower().startswith("bearer "):
        raise TargetError(f"{origin}: give the key without `Bearer` before it (see --auth-scheme)")
    if re.search(r"\s", key):
        raise TargetError(f"{origin}: the key contains white space or a line break: remove it")
    if not key.isascii() or not key.isprintable():
        raise TargetError(f"{origin}: the key contains unprintable characters: copy it again")
    return key


def _referenced(value: str, setting: Setting, environ: Mapping[str, str]) -> tuple[str, str]:
    """A value and its origin. `env:` and `file:` references are replaced by their value."""
    if value.startswith("env:"):
        name = value.removeprefix("env:")
        if name not in environ and re.search(r"\W", name):
            raise TargetError(
                f"{setting.origin}: this is not the name of an environment variable: give the name "
                "of the variable that contains the value, not the value"
            )
        if not environ.get(name, "").strip():
            state = "set but empty" if name in environ else "not set"
            raise TargetError(f"{setting.origin}: the environment variable {name} is {state}")
        return environ[name], name
    if value.startswith("file:"):
        path = setting.folder / Path(value.removeprefix("file:")).expanduser()
        try:
            text = path.read_text("utf-8").rstrip("\r\n")
        except OSError as error:
            raise TargetError(f"{setting.origin}: {path}: {error.strerror}") from error
        except ValueError as error:
            raise TargetError(f"{setting.origin}: {path} is not UTF-8 text") from error
        if not text.strip():
            raise TargetError(f"{setting.origin}: {path} is empty")
        return text, str(path)
    return value, setting.origin


def _token(setting: Setting | None, default: str) -> str:
    if setting is None:
        return default
    if not _TOKEN.fullmatch(setting.value):
        raise TargetError(f"{setting.origin} must be one word, without a key behind it")
    return setting.value


def _pairs(
    setting: Setting | None, separator: str, environ: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Names and values of a repeatable setting, references resolved."""
    names = set()
    for text in setting.values if setting else ():
        assert setting is not None
        name, found, value = (part.strip() for part in text.partition(separator))
        if not found or not name or not value:
            raise TargetError(
                f"{setting.origin}: write NAME{separator}VALUE with a non-empty value; "
                f"found {len(text)} characters"
            )
        if name.lower() in names:
            raise TargetError(f"{setting.origin}: {name} is given twice: keep one of them")
        names.add(name.lower())
        yield name, _referenced(value, setting, environ)[0]


def _headers(setting: Setting | None, environ: Mapping[str, str]) -> dict[str, str]:
    headers = dict(_pairs(setting, ":", environ))
    for name, value in headers.items():
        assert setting is not None
        if not _TOKEN.fullmatch(name):
            raise TargetError(f"{setting.origin}: {name!r} is not a valid header name")
        if name.lower() in _FRAMING:
            raise TargetError(f"{setting.origin}: oaicheck sets {name} itself: leave it out")
        if not value.isascii() or not value.isprintable():
            raise TargetError(
                f"{setting.origin}: the value of {name} must be printable ASCII on one line"
            )
    return headers


def _query(setting: Setting | None, environ: Mapping[str, str]) -> dict[str, str]:
    return dict(_pairs(setting, "=", environ))


def _referenced_names(settings: Mapping[str, Setting]) -> frozenset[str]:
    """The names of headers and query parameters whose values are references."""
    parts = [
        text.partition(separator)
        for setting, separator in (("header", ":"), ("query", "="))
        if setting in settings
        for text in settings[setting].values
    ]
    return frozenset(
        name.strip().lower() for name, _, value in parts if value.strip().startswith(_REFERENCES)
    )


def _file(settings: Mapping[str, Setting], name: str) -> Path | None:
    """The path of an existing file. For `ca-bundle` it may be a folder."""
    if name not in settings:
        return None
    setting = settings[name]
    path = setting.folder / Path(setting.value).expanduser()
    if not path.is_file() and not (name == "ca-bundle" and path.is_dir()):
        raise TargetError(f"{setting.origin}: there is no file {path}")
    return path


def _proxy(setting: Setting | None) -> str | None:
    if setting is None:
        return None
    import httpx

    url = setting.value if "://" in setting.value else f"http://{setting.value}"
    try:
        proxy = httpx.URL(url)
    except httpx.InvalidURL as error:
        # The error quotes what it takes for the port, and that can be the password.
        raise TargetError(
            f"{setting.origin}: not a valid proxy URL: write it as http://host:port"
        ) from error
    if proxy.scheme not in _PROXY_SCHEMES or not proxy.host:
        raise TargetError(f"{setting.origin}: a proxy URL must begin with http:// or https://")
    return url


def _capabilities(setting: Setting | None) -> dict[str, bool]:
    known = [name for name in load_capabilities(locate("fixtures")) if name not in KEYS]
    capabilities: dict[str, bool] = {}
    for text in setting.values if setting else ():
        assert setting is not None
        name = text.removeprefix("no-")
        if name not in known:
            question = did_you_mean(name, known)
            raise TargetError(
                f"{setting.origin}: unknown capability {name!r}"
                + (f": {question}" if question else "")
                + f"\n  known capabilities: {', '.join(known)}"
            )
        if capabilities.setdefault(name, name == text) is not (name == text):
            raise TargetError(f"{setting.origin}: {name} and no-{name} contradict each other")
    return capabilities


def _limits(settings: Mapping[str, Setting]) -> Limits:
    default = Limits()
    rpm = settings.get("rpm")
    return Limits(
        connect=_number(settings.get("connect-timeout"), default.connect),
        first_byte=_number(settings.get("first-byte-timeout"), default.first_byte),
        gap=_number(settings.get("gap-timeout"), default.gap),
        total=_number(settings.get("total-timeout"), default.total),
        bytes=_count(settings.get("max-bytes"), default.bytes),
        header_bytes=_count(settings.get("max-header-bytes"), default.header_bytes),
        interim=_count(settings.get("max-interim"), default.interim),
        events=_count(settings.get("max-events"), default.events),
        concurrency=_count(settings.get("concurrency"), default.concurrency),
        run_bytes=_count(settings.get("max-run-bytes"), default.run_bytes),
        run_time=_number(settings.get("max-run-time"), default.run_time),
        run_memory=_count(settings.get("max-run-memory"), default.run_memory),
        requests_per_minute=None if rpm is None else _number(rpm, 0.0),
    )


def _number(setting: Setting | None, default: float) -> float:
    if setting is None:
        return default
    try:
        number = float(setting.value)
    except ValueError:
        number = math.nan
    if not (number > 0 and math.isfinite(number)):
        raise TargetError(f"{setting.origin}: {setting.value!r} is not a number above 0")
    return number


def _count(setting: Setting | None, default: int) -> int:
    number = _number(setting, default)
    if number != int(number):
        assert setting is not None
        raise TargetError(f"{setting.origin}: {setting.value!r} is not a whole number")
    return int(number)
