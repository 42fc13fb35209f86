"""Where the target comes from, and that one which is half set is never taken for none at all."""

import argparse
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from oaicheck.target.target import Limits, Target, TargetError, is_secret_name
from oaicheck.target.target_source import OPTIONS, resolve, resolve_limits

URL = "https://host.example/v1"
KEY = "sk-0123456789abcdef"
Resolve = Callable[..., Target | None]


@pytest.fixture
def found(tmp_path: Path) -> Resolve:
    def run(toml: str = "", environ: dict[str, str] | None = None, **flags: Any) -> Target | None:
        if toml:
            (tmp_path / "oaicheck.toml").write_text(toml, "utf-8")
        options = {name.replace("_", "-"): value for name, value in flags.items()}
        return resolve(options, environ or {}, tmp_path)

    return run


def target(found: Resolve, *arguments: Any, **flags: Any) -> Target:
    result = found(*arguments, **{"endpoint": URL, **flags})
    assert result is not None
    return result


def test_none_of_them_means_the_embedded_endpoint(found: Resolve) -> None:
    assert found() is None
    assert found("[limits]\nconcurrency = 2", {"PATH": "/bin"}, no_auth=None, header=[]) is None
    assert found("", {"OPENAI_BASE_URL": URL, "OPENAI_API_KEY": KEY}) is None
    assert found("", {"OAICHECK_NO_AUTH": "0", "OAICHECK_REPORT_DIR": "x"}) is None


def test_flags_win_over_environment_over_file(found: Resolve) -> None:
    toml = f'[target]\nendpoint = "{URL}/file"\nmodel = "file"\nproxy = "http://file"'
    environ = {"OAICHECK_ENDPOINT": f"{URL}/env", "OAICHECK_MODEL": "env"}
    result = found(toml, environ, endpoint=f"{URL}/flag")
    assert result == Target(f"{URL}/flag", "env", proxy="http://file")


def test_another_file(found: Resolve, tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text(f'[target]\nendpoint = "{URL}"')
    for given in ({"config": "other.toml"}, {"environ": {"OAICHECK_CONFIG": "other.toml"}}):
        result = found('[target]\nendpoint = "https://not.this"', **given)
        assert result is not None
        assert result.base_url == URL


def test_everything_at_once(found: Resolve, tmp_path: Path) -> None:
    for name in ("ca.pem", "cert.pem", "key.pem", "token"):
        (tmp_path / name).write_text("content\n")
    toml = f"""
        [target]
        endpoint = "{URL}/"
        model = "m"
        key = "env:THE_KEY"
        auth-header = "api-key"
        ca_bundle = "ca.pem"
        client_cert = "cert.pem"
        client_key = "key.pem"
        proxy = "proxy.example:3128"
        header = ["X-A: b:c", "X-Token: file:token", "X-Env: env:VALUE"]
        [target.query]
        api-version = "2024-10-21"
        [limits]
        concurrency = 2
        rpm = 30.5
        connect-timeout = 1
        first_byte_timeout = 2.5
        gap-timeout = 3
        total-timeout = 4
        max-bytes = 5
        max-header-bytes = 6
        max-interim = 7
        max_events = 8
        [capabilities]
        tools = true
        json_schema = false
    """
    assert found(toml, {"THE_KEY": KEY, "VALUE": "v"}) == Target(
        base_url=URL,
        model="m",
        key=KEY,
        auth_header="api-key",
        auth_scheme="",
        headers={"X-A": "b:c", "X-Token": "content", "X-Env": "v"},
        query={"api-version": "2024-10-21"},
        referenced=frozenset({"x-token", "x-env"}),
        ca_bundle=tmp_path / "ca.pem",
        client_cert=tmp_path / "cert.pem",
        client_key=tmp_path / "key.pem",
        proxy="http://proxy.example:3128",
        capabilities={"tools": True, "json-schema": False},
        limits=Limits(
            connect=1,
            first_byte=2.5,
            gap=3,
            total=4,
            bytes=5,
            header_bytes=6,
            interim=7,
            events=8,
            concurrency=2,
            requests_per_minute=30.5,
        ),
    )


def test_the_same_by_environment(found: Resolve) -> None:
    environ = {
        "OAICHECK_ENDPOINT": URL,
        "OAICHECK_HEADER": "X-A: b\nX-C: d",
        "OAICHECK_CAPABILITY": "tools\nno-reasoning",
        "OAICHECK_NO_AUTH": "yes",
        "OAICHECK_RPM": "7",
        "OAICHECK_API_KEY": KEY,
    }
    result = found("", environ)
    assert result is not None
    assert result.headers == {"X-A": "b", "X-C": "d"}
    assert result.capabilities == {"tools": True, "reasoning": False}
    assert (result.key, result.limits.requests_per_minute) == (None, 7)


def test_limits_hold_for_the_embedded_endpoint_too(tmp_path: Path) -> None:
    assert resolve_limits({"concurrency": "1"}, {}, tmp_path) == Limits(concurrency=1)


@pytest.mark.parametrize(
    ("given", "auth"),
    [
        ({}, ("Authorization", "Bearer")),
        ({"auth_scheme": "Token"}, ("Authorization", "Token")),
        ({"auth_scheme": "none"}, ("Authorization", "")),
        ({"auth_header": "x-api-key"}, ("x-api-key", "")),
        ({"auth_header": "x-key", "auth_scheme": "Bearer"}, ("x-key", "Bearer")),
    ],
)
def test_auth_header(found: Resolve, given: dict[str, str], auth: tuple[str, str]) -> None:
    result = target(found, **given)
    assert (result.auth_header, result.auth_scheme) == auth


def test_a_key_by_default_from_its_variable(found: Resolve) -> None:
    assert target(found, "", {"OAICHECK_API_KEY": KEY}).key == KEY
    assert target(found).key is None


def test_a_named_key_wins_over_the_default_variable(found: Resolve, tmp_path: Path) -> None:
    environ = {"OAICHECK_API_KEY": "sk-default", "OTHER": KEY}
    (tmp_path / "key").write_bytes(KEY.encode() + b"\r\n")
    assert target(found, "", environ, key_env="OTHER").key == KEY
    assert target(found, "", environ, key_file="key").key == KEY
    assert target(found, '[target]\nkey = "env:OTHER"', environ).key == KEY
    assert target(found, "[target]\nno_auth = true", environ).key is None
    assert target(found, "[target]\nno_auth = true", environ, key_env="OTHER").key == KEY
    assert target(found, '[target]\nkey = "file:absent"', environ, no_auth=True).key is None


def test_keys_that_have_to_be_refused(found: Resolve, tmp_path: Path) -> None:
    (tmp_path / "scopeless").write_text("sk-without-scope\n")
    toml = '[target]\nexpired_key = "env:OLD"\nscopeless_key = "file:scopeless"'
    result = target(found, toml, {"OLD": KEY})
    assert (result.key, result.expired_key, result.scopeless_key) == (
        None,
        KEY,
        "sk-without-scope",
    )
    assert {KEY, "sk-without-scope"} <= set(result.secrets)
    assert not re.search(f"{KEY}|sk-without-scope", f"{result!r}{result.described()}")
    for given in (KEY, "env:NEVER", "file:never"):
        with pytest.raises(TargetError, match="--expired-key") as raised:
            target(found, expired_key=given)
        assert KEY not in str(raised.value)


@pytest.mark.parametrize(
    ("base", "used"),
    [
        (URL, True),
        (URL + "/", True),
        ("https://HOST.example:443/v1", True),
        ("https://host.example", False),
        ("http://host.example/v1", False),
        ("https://host.example.evil/v1", False),
        ("", False),
        (None, False),
    ],
)
def test_the_key_of_openai_does_not_wander(found: Resolve, base: str | None, used: bool) -> None:
    environ = {"OPENAI_API_KEY": KEY} | ({} if base is None else {"OPENAI_BASE_URL": base})
    assert target(found, "", environ).key == (KEY if used else None)
    assert target(found, "", environ, no_auth=True).key is None


def test_a_target_does_not_show_its_secrets(found: Resolve) -> None:
    result = target(
        found,
        "",
        {"OAICHECK_API_KEY": KEY},
        proxy="http://u:proxy-password@p",
        query=["sig=hush-hush"],
    )
    assert not re.search(f"{KEY}|proxy-password|hush-hush", f"{result!r}{result.described()}")
    assert {KEY, "proxy-password", "hush-hush"} <= set(result.secrets)


@pytest.mark.parametrize(
    ("name", "is_secret"),
    [
        *((name, True) for name in ("Authorization", "Proxy-Authorization", "X-Api-Key", "apikey")),
        *((name, True) for name in ("Cookie", "X-Auth-Token", "XAuthToken", "client_secret")),
        *((name, True) for name in ("sig", "X-Amz-Signature", "PRIVATE-TOKEN", "AccessToken2")),
        *((name, True) for name in ("Ocp-Apim-Subscription-Key", "X-Password", "oauth2", "jwt")),
        *((name, False) for name in ("X-Author", "X-Design", "X-Authority", "X-Max-Tokens")),
        *((name, False) for name in ("Keep-Alive", "X-Keyspace", "X-Assigned-To", "api-version")),
    ],
)
def test_a_name_that_says_secret(name: str, is_secret: bool) -> None:
    assert is_secret_name(name) is is_secret


def test_only_secrets_are_secrets(found: Resolve) -> None:
    result = target(
        found,
        "",
        {"TENANT": "tenant-0815-of-us", "HOST": "host.example", "OAICHECK_API_KEY": KEY},
        header=[
            *("X-Author: somebody-of-us", "X-Tenant: env:TENANT", "X-Forwarded-Host: env:HOST"),
            *(f"X-Auth-Url: {URL}/login", "Cookie: session=abcdefgh12345; lang=en"),
        ],
        query=["trace=some-long-text", "tenant=env:TENANT"],
        auth_header="X-Custom",
    )
    assert set(result.secrets) == {
        *(KEY, "tenant-0815-of-us"),
        *("session=abcdefgh12345; lang=en", "abcdefgh12345", "lang=en", "en"),
    }
    assert result.is_secret("x-custom")
    assert result.described()["base_url"] == URL


def test_the_user_name_of_a_proxy_is_a_secret_if_it_is_all_there_is() -> None:
    assert Target(URL, "m", proxy="http://a-token-0815@p").secrets == ("a-token-0815",)
    assert Target(URL, "m", proxy="http://user:word%2F0815@p").secrets == ("word/0815",)


def test_a_key_in_the_base_url_is_not_described() -> None:
    shown = Target(f"{URL}/{KEY}", "m", key=KEY).described()["base_url"]
    assert KEY not in shown
    assert shown.startswith(URL)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "--endpoint is set but empty"),
        ("   ", "--endpoint is set but empty"),
        ("host/v1", "did you mean http://host/v1 ?"),
        ("localhost:8000", "did you mean http://localhost:8000 ?"),
        ("ftp://host", "neither http:// nor https://"),
        ("https://", "has no host"),
        ("https://host:port/v1", "is not a valid URL"),
        ("https://host:99999/v1", "is not a valid URL"),
        ("https://[::1/v1", "is not a valid URL"),
        ("https://ho st/v1", "white space"),
        ("https://host/v1\n", "white space"),
        ("https://user:hidden@host/v1", "leave them out"),
        ("user:hidden@host/v1", "did you mean http://…@host/v1 ?"),
        ("https://user:hidden@ho st/v1", "white space"),
        ("https://user:hidden@host:x/v1", "is not a valid URL"),
        ("https://host/v1?api-version=1", "--query NAME=VALUE"),
        ("https://host/v1#top", "fragment"),
        ("https://host/v1/chat/completions", "did you mean https://host/v1 ?"),
        ("https://host/v1/chat/completions/", "did you mean https://host/v1 ?"),
        ("https://host/v1/responses", "did you mean https://host/v1 ?"),
    ],
)
def test_urls_that_are_none(found: Resolve, url: str, said: str) -> None:
    with pytest.raises(TargetError, match=re.escape(said)) as raised:
        found(endpoint=url)
    assert "--endpoint" in str(raised.value)
    assert "hidden" not in str(raised.value)


@pytest.mark.parametrize(
    ("toml", "environ", "flags", "said"),
    [
        ("", {"OAICHECK_ENDPOINT": ""}, {}, "OAICHECK_ENDPOINT is set but empty"),
        ("", {"OAICHECK_MODEL": "m"}, {}, "OAICHECK_MODEL is set, but the endpoint is missing"),
        ("", {"OAICHECK_API_KEY": KEY}, {}, "OAICHECK_API_KEY is set, but the endpoint is missing"),
        ("", {"OAICHECK_API_KEY": ""}, {}, "OAICHECK_API_KEY is set, but the endpoint is missing"),
        (
            "",
            {"OAICHECK_BASE_URL": URL},
            {},
            "OAICHECK_BASE_URL is set, but the endpoint is missing",
        ),
        (
            "",
            {"OAICHECK_ENDPIONT": URL},
            {},
            "OAICHECK_ENDPIONT is set, but the endpoint is missing",
        ),
        ("", {}, {"model": "m"}, "--model is set, but the endpoint is missing"),
        ("", {}, {"no_auth": True}, "--no-auth is set, but the endpoint is missing"),
        ("", {}, {"capability": ["tools"]}, "--capability is set, but the endpoint is missing"),
        ('[target]\nmodel = "m"', {}, {}, "[target] model is set, but the endpoint is missing"),
        ('[target]\nendpoint = ""', {}, {}, "[target] endpoint is set but empty"),
        ("", {}, {"config": "absent.toml"}, "--config: there is no file"),
        ("[target", {}, {}, "not valid TOML"),
        ("[targets]", {}, {}, "did you mean target?"),
        ("target = 3", {}, {}, "target must be a table"),
        ('[target]\nendpiont = "x"', {}, {}, "did you mean endpoint?"),
        ("[limits]\nzzz = 1", {}, {}, "known names: concurrency, connect-timeout"),
        ("[limits]\nrpm = true", {}, {}, "[limits] rpm must be a number"),
        ("[target]\nmodel = 3", {}, {}, "[target] model must be a string"),
        ("[target]\nno-auth = 1", {}, {}, "must be true or false"),
        ("[target]\nheader = 1", {}, {}, "must be a list of strings or a table"),
        (
            f'[target]\nendpoint = "{URL}"\n[capabilities]\ntoolz = true',
            {},
            {},
            "[capabilities]: unknown capability 'toolz': did you mean tools?",
        ),
        ("[capabilities]\ntools = 1", {}, {}, "tools must be true or false"),
        (f'[target]\nkey = "{KEY}"', {}, {}, 'write "env:NAME"'),
    ],
)
def test_half_set(
    found: Resolve, toml: str, environ: dict[str, str], flags: dict[str, Any], said: str
) -> None:
    with pytest.raises(TargetError, match=re.escape(said)) as raised:
        found(toml, environ, **flags)
    assert KEY not in str(raised.value)


@pytest.mark.parametrize(
    ("environ", "flags", "said"),
    [
        ({"OAICHECK_MODEL": ""}, {}, "OAICHECK_MODEL is set but empty"),
        ({"OAICHECK_API_KEY": ""}, {}, "OAICHECK_API_KEY is set but empty"),
        ({"OAICHECK_API_KEY": f'"{KEY}"'}, {}, "OAICHECK_API_KEY: the key is in quotes"),
        ({"OAICHECK_API_KEY": f"{KEY}\n"}, {}, "white space or a line break"),
        ({"OAICHECK_API_KEY": f"Bearer {KEY}"}, {}, "without `Bearer` before it"),
        ({"OAICHECK_API_KEY": f"{KEY}\u2026"}, {}, "copy it again"),
        ({"OAICHECK_API_KEY": f"{KEY}\0"}, {}, "copy it again"),
        ({}, {"key_env": "ABSENT"}, "the environment variable ABSENT is not set"),
        ({}, {"key_env": KEY}, "this is not the name of an environment variable"),
        ({"HERE": ""}, {"key_env": "HERE"}, "the environment variable HERE is set but empty"),
        ({}, {"key_file": "absent"}, "No such file"),
        ({}, {"key_file": "empty"}, "is empty"),
        ({}, {"key_file": "binary"}, "is not UTF-8 text"),
        ({"A": KEY}, {"key_env": "A", "key_file": "key"}, "contradict each other"),
        ({"A": KEY}, {"key_env": "A", "no_auth": True}, "contradict each other"),
        ({}, {"auth_header": "two words"}, "must be one word"),
        ({}, {"auth_scheme": "two words"}, "must be one word"),
        ({}, {"auth_scheme": f"Bearer {KEY}"}, "must be one word"),
        ({}, {"header": ["no colon"]}, "write NAME:VALUE"),
        ({}, {"header": ["X-Empty:"]}, "write NAME:VALUE"),
        ({}, {"header": ["X A: b"]}, "'X A' is not a valid header name"),
        ({}, {"header": ["X: a", "x: b"]}, "x is given twice"),
        ({}, {"header": ["X: env:ABSENT"]}, "ABSENT is not set"),
        ({"V": "a\r\nX-Evil: b"}, {"header": ["X: env:V"]}, "printable ASCII"),
        ({}, {"header": ["Content-Length: 3"]}, "oaicheck sets Content-Length itself"),
        ({}, {"query": ["a"]}, "write NAME=VALUE"),
        ({}, {"ca_bundle": "absent"}, "--ca-bundle: there is no file"),
        ({}, {"client_cert": "absent"}, "--client-cert: there is no file"),
        ({}, {"client_key": "key"}, "without its certificate"),
        ({}, {"proxy": "socks5://host"}, "must begin with http:// or https://"),
        ({}, {"proxy": "http://"}, "must begin with http:// or https://"),
        ({}, {"proxy": f"http://user:{KEY}"}, "not a valid proxy URL"),
        ({}, {"proxy": f"http://user:{KEY}@host:port"}, "not a valid proxy URL"),
        ({}, {"capability": ["toolz"]}, "--capability: unknown capability 'toolz': did you"),
        ({}, {"capability": ["no-resoning"]}, "did you mean reasoning or "),
        ({}, {"capability": ["Tools!"]}, "unknown capability 'Tools!'"),
        ({}, {"capability": ["expired-key"]}, "unknown capability 'expired-key'"),
        ({}, {"capability": ["tools", "no-tools"]}, "contradict each other"),
        ({}, {"concurrency": "0"}, "'0' is not a number above 0"),
        ({}, {"concurrency": "1.5"}, "'1.5' is not a whole number"),
        ({}, {"rpm": "many"}, "'many' is not a number above 0"),
        ({}, {"gap_timeout": "nan"}, "'nan' is not a number above 0"),
        ({}, {"total_timeout": "inf"}, "'inf' is not a number above 0"),
        ({"OAICHECK_NO_AUTH": "perhaps"}, {}, "'perhaps' is neither true nor false"),
    ],
)
def test_wrongly_set(
    found: Resolve, tmp_path: Path, environ: dict[str, str], flags: dict[str, Any], said: str
) -> None:
    (tmp_path / "key").write_text(KEY)
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(TargetError, match=re.escape(said)) as raised:
        found("", environ, endpoint=URL, **flags)
    assert KEY not in str(raised.value)


def test_options_fit_a_parser() -> None:
    parser = argparse.ArgumentParser()
    for option in OPTIONS:
        parser.add_argument(f"--{option.name}", **option.argparse)
    parsed = parser.parse_args(["--header", "a: b", "--header", "c: d", "--no-auth"])
    assert (parsed.header, parsed.no_auth, parsed.model) == (["a: b", "c: d"], True, None)
    assert "%" not in parser.format_help()
