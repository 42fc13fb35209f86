"""opencode.json as a target: how it is read, merged and resolved, and what is said of a bad one."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oaicheck.target.opencode.jsonc import JsoncError, parse_jsonc
from oaicheck.target.target import Target, TargetError
from oaicheck.target.target_source import resolve
from support.opencode import (
    AUTHORIZATION,
    DEPLOYED,
    EXAMPLE,
    KEY,
    MODEL,
    OPTIONS,
    PROVIDER,
    URL,
    changed,
)

Found = Callable[..., Target]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@pytest.fixture
def found(tmp_path: Path) -> Found:
    project, home = tmp_path / "project", tmp_path / "home"
    project.mkdir()

    def run(text: str = "", environ: dict[str, str] | None = None, **flags: Any) -> Target:
        if text:
            (project / "opencode.json").write_text(text, "utf-8")
        options = {"opencode_config": "opencode.json", **flags}
        named = {name.replace("_", "-"): value for name, value in options.items()}
        target = resolve(named, {"HOME": str(home), **(environ or {})}, project)
        assert target is not None
        return target

    return run


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def test_the_example_of_the_page(found: Found) -> None:
    target = found(EXAMPLE)
    assert target == Target(
        base_url=URL,
        model=DEPLOYED,
        key=KEY,
        capabilities={"tools": True, "reasoning": True},
        opencode=target.opencode,
    )
    assert KEY not in repr(target)


def test_flags_and_environment_win_over_it_and_it_over_our_file(
    found: Found, tmp_path: Path
) -> None:
    write(tmp_path / "project/oaicheck.toml", '[target]\nmodel = "toml"\nkey = "env:TOML"\n')
    assert found(EXAMPLE, {"TOML": "k"}).model == DEPLOYED
    environ = {"OAICHECK_MODEL": "env", "TOML": "k"}
    assert found(EXAMPLE, environ).model == "env"
    assert found(EXAMPLE, environ, model="flag").model == "flag"
    (tmp_path / "project/oaicheck.toml").unlink()
    assert found(EXAMPLE, {"OAICHECK_API_KEY": "sk-another-key"}).key == "sk-another-key"
    assert found(EXAMPLE, no_auth=True).key is None
    assert found(EXAMPLE, no_auth=True).headers == {}
    capable = found(EXAMPLE, capability=["no-reasoning"]).capabilities
    assert capable == {"tools": True, "reasoning": False}


def test_its_key_goes_to_its_own_endpoint_only(found: Found) -> None:
    text = changed({f"{OPTIONS}.headers.X-Team": "blue"})
    assert found(text).headers == {"X-Team": "blue"}
    assert found(text, endpoint=f"{URL}/").key == KEY
    elsewhere = found(text, endpoint="https://elsewhere.example/v1")
    assert (elsewhere.key, elsewhere.headers) == (None, {})


def test_headers_are_joined_by_name(found: Found) -> None:
    text = changed({f"{OPTIONS}.headers.X-Team": "blue", f"{OPTIONS}.headers.X-Other": "o"})
    assert found(text, header=["x-team: red"]).headers == {"x-team": "red", "X-Other": "o"}


@pytest.mark.parametrize(
    ("changes", "key", "headers"),
    [
        ({f"{OPTIONS}.headers": None, f"{OPTIONS}.apiKey": KEY}, KEY, {}),
        ({f"{OPTIONS}.apiKey": "another"}, KEY, {}),
        ({AUTHORIZATION: KEY}, None, {"Authorization": KEY}),
        ({AUTHORIZATION: None}, None, {}),
        ({f"{OPTIONS}.headers": {"api-key": KEY}}, None, {"api-key": KEY}),
    ],
    ids=str,
)
def test_the_key_is_what_opencode_sends(
    found: Found, changes: dict[str, Any], key: str | None, headers: dict[str, str]
) -> None:
    target = found(changed(changes))
    assert (target.key, target.headers) == (key, headers)


@pytest.mark.parametrize(
    ("changes", "capabilities"),
    [
        ({f"{MODEL}.tool_call": False}, {"tools": False, "reasoning": True}),
        ({f"{MODEL}.tools": False, f"{MODEL}.reasoning": None}, {"tools": False}),
        ({f"{MODEL}.tool_call": None, f"{MODEL}.tools": None}, {"reasoning": True}),
        ({f"{MODEL}.reasoning": False}, {"tools": True, "reasoning": False}),
    ],
    ids=str,
)
def test_flags_are_declared_capabilities(
    found: Found, changes: dict[str, Any], capabilities: dict[str, bool]
) -> None:
    assert found(changed(changes)).capabilities == capabilities


@pytest.mark.parametrize(
    ("changes", "model"),
    [({f"{MODEL}.id": "m-1"}, "m-1"), ({f"{MODEL}.name": None}, "my-model")],
    ids=str,
)
def test_what_the_endpoint_calls_the_model(
    found: Found, changes: dict[str, Any], model: str
) -> None:
    assert found(changed(changes)).model == model


def test_comments_and_trailing_commas(found: Found) -> None:
    text = EXAMPLE.replace('{ "$schema"', '\ufeff{ // a comment: {"\n "$schema"', 1)
    text = text.replace('"tools": true }', '"tools": true, /* , */ }')
    assert found(text).base_url == URL


def test_references(found: Found, tmp_path: Path) -> None:
    write(tmp_path / "project/keys/one", f"{KEY}\n")
    write(tmp_path / "home/two", "blue\n")
    text = changed(
        {
            AUTHORIZATION: "Bearer {file:keys/one}",
            f"{OPTIONS}.headers.X-Team": "{file:~/two}",
            f"{OPTIONS}.baseURL": "https://{env:HOST}/{env:SLUG}/v1",
            "mcp": {"headers": {"x": "{env:UNSET_BUT_NOT_OURS}"}},
        }
    )
    target = found(text, {"HOST": "h.example", "SLUG": 'quoted"'})
    assert target.base_url == 'https://h.example/quoted"/v1'
    assert (target.key, target.headers) == (KEY, {"X-Team": "blue"})
    assert target.is_secret("X-Team")


def test_the_places_of_opencode_itself(found: Found, tmp_path: Path) -> None:
    user = tmp_path / "home/.config/opencode"
    write(user / "opencode.json", EXAMPLE)
    assert found(opencode_config="default").model == DEPLOYED
    write(user / "opencode.jsonc", changed({f"{MODEL}.name": "jsonc"}))
    assert found(opencode_config="default").model == "jsonc"
    write(tmp_path / ".git", "")
    above = json.dumps({"provider": {"xerotier": {"models": {"my-model": {"name": "above"}}}}})
    write(tmp_path / "opencode.json", above)
    assert found(opencode_config="default").model == "above"
    write(tmp_path / "project/opencode.json", above.replace("above", "project"))
    target = found(opencode_config=None, provider="xerotier")
    assert (target.model, target.base_url) == ("project", URL)
    assert target.opencode is not None
    assert target.opencode["files"] == [
        "~/.config/opencode/opencode.json",
        "~/.config/opencode/opencode.jsonc",
        str(tmp_path / "opencode.json"),
        "opencode.json",
    ]
    sites = {tuple(steps): site for steps, site in target.opencode["sites"]}
    assert sites["provider", "xerotier", "models", "my-model", "name"].startswith("opencode.json:1")


def test_further_places(found: Found, tmp_path: Path) -> None:
    write(tmp_path / "xdg/opencode/opencode.json", EXAMPLE)
    environ = {"XDG_CONFIG_HOME": str(tmp_path / "xdg")}
    assert found("", environ, opencode_config="default").model == DEPLOYED
    write(tmp_path / "custom.json", changed({f"{MODEL}.name": "custom"}))
    environ["OPENCODE_CONFIG"] = str(tmp_path / "custom.json")
    assert found("", environ, opencode_config="default").model == "custom"


def test_one_of_several(found: Found) -> None:
    second = {
        "options": {"baseURL": "https://second.example/v1"},
        "models": {"a": {"name": "A"}, "b": {}},
    }
    text = changed({"provider.second": second})
    assert found(text).model == DEPLOYED
    assert found(text, model_alias="a").model == "A"
    assert found(text, provider="second", model_alias="b").model == "b"
    chosen = found(text, provider="second", model="by-option")
    assert (chosen.model, chosen.base_url) == ("by-option", "https://second.example/v1")
    assert found("", {"OAICHECK_PROVIDER": "second", "OAICHECK_MODEL_ALIAS": "a"}).model == "A"


SECOND = {"options": {"baseURL": "https://second.example/v1"}, "models": {"a": {}, "b": {}}}


@pytest.mark.parametrize(
    ("text", "flags", "said"),
    [
        ("", {"opencode_config": "nowhere.json"}, "--opencode-config: there is no file"),
        ("", {"opencode_config": "default"}, "no opencode.json in this folder or in ~/.config"),
        ("", {"opencode_config": None, "provider": "x"}, "--provider: no opencode.json in"),
        ('{"provider": }', {}, "opencode.json: line 1, column 14: expected a value"),
        ('{\n  "a" 1}', {}, "opencode.json: line 2, column 7: expected a colon"),
        ('{\n  "a": 1\n  "b": 2}', {}, 'line 3, column 3: expected a comma or "}"'),
        ('{"a": "x\n"}', {}, "line 1, column 7: this string does not end on its line"),
        ('{"a": "\\q"}', {}, "line 1, column 7: this string has an invalid escape"),
        ("{'a': 1}", {}, "line 1, column 2: expected a name in double quotes"),
        ('{"a": yes}', {}, "line 1, column 7: expected a value; strings"),
        ("{ /* ", {}, "line 1, column 3: this comment does not end"),
        ("{", {}, "line 1, column 2: the text ends here"),
        ("[1, 2 3]", {}, 'line 1, column 7: expected a comma or "]"'),
        ("{} {}", {}, "line 1, column 4: unexpected text after the end"),
        ("[" * 300, {}, "nested deeper than 200"),
        ("[]", {}, "opencode.json:1:1: the configuration must be an object"),
        ("{}", {}, "opencode.json:1:1: provider has no entries"),
        (changed({"provider": []}), {}, "provider must be an object"),
        (changed({OPTIONS: "x"}), {}, f"{OPTIONS} must be an object"),
        (changed({AUTHORIZATION: 7}), {}, f"{AUTHORIZATION} must be a string"),
        (changed({f"{OPTIONS}.baseURL": None}), {}, f"{OPTIONS}.baseURL is missing"),
        (changed({f"{OPTIONS}.baseURL": "h/v1"}), {}, f"{OPTIONS}.baseURL: h/v1 has no scheme"),
        (EXAMPLE, {"provider": "xerotir"}, "--provider xerotir: opencode.json:1:61 has no such"),
        (EXAMPLE, {"model_alias": "mine"}, "--model-alias mine: no provider in opencode.json"),
        (
            EXAMPLE,
            {"provider": "xerotier", "model_alias": "mine"},
            "--model-alias mine: opencode.json:5:13: provider.xerotier.models has no such model; "
            "it has my-model",
        ),
        (
            changed({"provider.second": SECOND, "model": None}),
            {},
            "provider has 2 entries, and `model` names none of them: choose one with --provider: "
            "second, xerotier",
        ),
        (
            changed({"provider.second": SECOND}),
            {"provider": "second"},
            "provider.second.models has 2 entries, and `model` names none of them: choose one with "
            "--model-alias: a, b",
        ),
        (changed({f"{PROVIDER}.models": {}}), {}, f"{PROVIDER}.models has no entries"),
        (
            changed({AUTHORIZATION: "Bearer {env:NOT_SET}"}),
            {},
            f"{AUTHORIZATION}: the environment variable NOT_SET is not set: set it",
        ),
        (
            changed({AUTHORIZATION: "Bearer {env:EMPTY}"}),
            {},
            "the environment variable EMPTY is set but empty",
        ),
        (
            changed({AUTHORIZATION: "{file:nowhere}"}),
            {},
            f"{AUTHORIZATION}: {{file:nowhere}}: No such file or directory",
        ),
        (changed({AUTHORIZATION: "{file:empty}"}), {}, "{file:empty} is empty"),
        (changed({AUTHORIZATION: "{file:binary}"}), {}, "{file:binary} is not UTF-8 text"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_wrong_is_said_in_one_line(
    found: Found, tmp_path: Path, text: str, flags: dict[str, Any], said: str
) -> None:
    write(tmp_path / "project/empty", "\n")
    (tmp_path / "project/binary").write_bytes(b"\xff\xfe")
    with pytest.raises(TargetError, match=re.escape(said)) as raised:
        found(text, {"EMPTY": ""}, **flags)
    assert "\n" not in str(raised.value)
    assert KEY not in str(raised.value)


def test_a_file_that_is_no_text(found: Found, tmp_path: Path) -> None:
    (tmp_path / "project/opencode.json").write_bytes(b"\xff\xfe{}")
    with pytest.raises(TargetError, match="save it as UTF-8"):
        found()


@given(JSON)
def test_json_is_read_as_it_is(value: Any) -> None:
    for text in (json.dumps(value), json.dumps(value, indent=1, ensure_ascii=False)):
        assert parse_jsonc(text).value == value


@given(st.text(alphabet='{}[]",:/*\\ \n1tn'))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(JsoncError):
        assert () in parse_jsonc(text).places


def test_every_value_has_its_place() -> None:
    document = parse_jsonc('{ // x\n "a": [1,\n  {"b": 2}]}')
    assert document.places == {
        (): (1, 1),
        ("a",): (2, 7),
        ("a", 0): (2, 8),
        ("a", 1): (3, 3),
        ("a", 1, "b"): (3, 9),
    }
