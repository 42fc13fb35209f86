"""OpenCode: its configuration file."""

import re

from oaicheck.rules import MUST, SHOULD, Inconclusive, NotApplicable, require, requirement
from oaicheck.views import Exchange, OpencodeSetup, listed_ids, shown

ON = "models/list"
"""Most checks read the file alone; some look up the model that it names in this list."""

_FIELDS = "seed:opencode#Field Reference"
_ADAPTER = "@ai-sdk/openai-compatible"
_CREDENTIALS = re.compile(r"[A-Za-z][\w-]* [^\s\"']+")
_KEY_REMEDY = (
    "Verify the Authorization header value in `options.headers`: `Bearer `, then the key, once and "
    "without quotes. `apiKey` takes the key alone."
)
_NAME_REMEDY = (
    "Write the model's name exactly as the endpoint lists it: model names are case-sensitive."
)
_TOOLS_REMEDY = 'Confirm that `"tool_call": true` and `"tools": true` are set in the model config.'


@requirement(
    "opencode.config.npm",
    SHOULD,
    "The provider's `npm` is `@ai-sdk/openai-compatible`, if the file gives one.",
    on=ON,
    source=(_FIELDS, "opencode:providers"),
    remedy=f'Write `"npm": "{_ADAPTER}"`: other adapters speak other protocols.',
)
def test_npm(opencode_config: OpencodeSetup) -> None:
    npm = opencode_config.provider["npm"]
    require(npm.absent or npm.value == _ADAPTER, npm, expected=f'"{_ADAPTER}"', observed=npm.words)


@requirement(
    "opencode.config.base-url",
    SHOULD,
    "`options.baseURL` ends in `/v1`.",
    on=ON,
    source=(_FIELDS, "seed:opencode#404 Not Found"),
    remedy="Confirm that the URL ends with `/v1`, and that the path before it is the endpoint's.",
)
def test_base_url(opencode_config: OpencodeSetup) -> None:
    url = opencode_config.options["baseURL"]
    require(
        str(url.value).rstrip("/").endswith("/v1"),
        url,
        expected="a URL that ends in /v1",
        observed=url.words,
    )


@requirement(
    "opencode.config.authorization",
    SHOULD,
    "The file gives a key: `Authorization` in `options.headers`, or `options.apiKey`.",
    on=ON,
    source=(_FIELDS, "seed:opencode#401 Unauthorized"),
    remedy='Add `"headers": {"Authorization": "Bearer {env:OAICHECK_API_KEY}"}` to `options`.',
)
def test_authorization(opencode_config: OpencodeSetup) -> None:
    header, api_key = opencode_config.authorization, opencode_config.api_key
    require(
        not header.absent or not api_key.absent,
        header,
        expected="a key",
        observed="no Authorization header and no apiKey",
    )


@requirement(
    "opencode.config.authorization-form",
    MUST,
    "The `Authorization` header that OpenCode sends is a scheme, one space, and a key without "
    "spaces or quotes.",
    on=ON,
    source=("rfc9110#11.6.2", "seed:opencode#401 Unauthorized"),
    remedy=_KEY_REMEDY,
)
def test_authorization_form(opencode_config: OpencodeSetup) -> None:
    header, api_key = opencode_config.authorization, opencode_config.api_key
    if header.absent and api_key.absent:
        raise NotApplicable("the file gives no key")
    place, sent = (api_key, f"Bearer {api_key.value}") if header.absent else (header, header.value)
    require(
        _CREDENTIALS.fullmatch(sent) is not None,
        place,
        expected="Bearer, one space, and the key",
        observed=f"OpenCode sends {shown(sent)}",
    )


@requirement(
    "opencode.config.bearer",
    SHOULD,
    "The scheme of the `Authorization` header is Bearer.",
    on=ON,
    source=("openai:authentication", "seed:opencode#401 Unauthorized"),
    remedy=_KEY_REMEDY,
)
def test_bearer(opencode_config: OpencodeSetup) -> None:
    header = opencode_config.authorization
    if header.absent or not _CREDENTIALS.fullmatch(str(header.value)):
        raise NotApplicable("the file gives no Authorization header with a scheme")
    require(
        str(header.value).lower().startswith("bearer "),
        header,
        expected="Bearer",
        observed=header.words,
    )


@requirement(
    "opencode.config.model-form",
    MUST,
    "The top-level `model` has the form `provider/alias`.",
    on=ON,
    source=(_FIELDS, "opencode:config"),
    remedy="Write the provider's key, a slash, and the model's key, such as `xerotier/my-model`.",
)
def test_model_form(opencode_config: OpencodeSetup) -> None:
    model = opencode_config.default_model
    provider, _, alias = str(model.value).partition("/")
    require(
        model.is_text and provider != "" and alias != "",
        model,
        expected="provider/alias",
        observed=model.words,
    )


@requirement(
    "opencode.config.model-known",
    MUST,
    "The top-level `model` names a provider and a model that the file defines.",
    on=ON,
    source=(_FIELDS, "seed:opencode#Model Not Found"),
    remedy="Write a key below `provider`, a slash, and a key below that provider's `models`.",
)
def test_model_is_known(opencode_config: OpencodeSetup) -> None:
    model = opencode_config.default_model
    if "/" not in str(model.value):
        raise NotApplicable("`model` does not have the form provider/alias")
    require(
        opencode_config.default_is_known,
        model,
        expected="a provider and a model of this configuration",
        observed=model.words,
    )


@requirement(
    "opencode.config.name",
    SHOULD,
    "The model has a `name`, a non-empty string.",
    on=ON,
    source=(_FIELDS, "seed:opencode#Model Not Found"),
    remedy="Write the name under which the model is deployed on the endpoint.",
)
def test_name(opencode_config: OpencodeSetup) -> None:
    name = opencode_config.model["name"]
    require(name.is_text, name, expected="a non-empty string", observed=name.words)


@requirement(
    "opencode.config.served",
    SHOULD,
    "The endpoint lists the model under exactly the name in the file, upper and lower case "
    "included.",
    on=ON,
    source=("seed:opencode#Model Not Found", "openai:models/list"),
    remedy=_NAME_REMEDY,
)
def test_the_name_is_served(opencode_config: OpencodeSetup, exchange: Exchange) -> None:
    name = opencode_config.deployed_name
    if not name.is_text:
        raise NotApplicable("the file does not name the model")
    names = _listed(exchange)
    require(
        name.value in names,
        name,
        expected=f"one of {shown(names)}",
        observed=name.words,
        beside=exchange,
    )


@requirement(
    "opencode.config.sent-name",
    SHOULD,
    "The endpoint lists what OpenCode sends as `model`: the model's `id`, or its key if it has no "
    "`id`.",
    on=ON,
    source=("opencode:providers", "seed:opencode#Model Not Found"),
    remedy="Use the deployed name as the model's key too, or add it as `id`: OpenCode 1.18 shows "
    "`name` but does not send it.",
)
def test_what_is_sent_is_served(opencode_config: OpencodeSetup, exchange: Exchange) -> None:
    sent = opencode_config.sent_name
    if sent == opencode_config.deployed_name.value:
        raise NotApplicable("OpenCode sends the deployed name")
    names = _listed(exchange)
    require(
        sent in names,
        opencode_config.model,
        expected=f"one of {shown(names)}",
        observed=f"OpenCode sends {shown(sent)}",
        beside=exchange,
    )


@requirement(
    "opencode.config.flags",
    MUST,
    "The model's `tool_call` and `reasoning` are true or false, if the file gives them.",
    on=ON,
    source=(_FIELDS, "opencode:config"),
    remedy="Write true or false without quotes: OpenCode rejects the file otherwise.",
)
def test_flags(opencode_config: OpencodeSetup) -> None:
    for flag in (opencode_config.model["tool_call"], opencode_config.model["reasoning"]):
        require(
            flag.absent or isinstance(flag.value, bool),
            flag,
            expected="true or false",
            observed=flag.words,
        )


@requirement(
    "opencode.config.tool-call",
    SHOULD,
    "The model's `tool_call` is true.",
    on=ON,
    source=(_FIELDS, "seed:opencode#Tool Calls Not Working"),
    remedy=_TOOLS_REMEDY,
)
def test_tool_call(opencode_config: OpencodeSetup) -> None:
    flag = opencode_config.model["tool_call"]
    if not flag.absent and not isinstance(flag.value, bool):
        raise NotApplicable("it is neither true nor false: opencode.config.flags judges that")
    require(flag.value is True, flag, expected="true", observed=flag.words)


@requirement(
    "opencode.config.model-tools",
    SHOULD,
    "The model's `tools` is true.",
    on=ON,
    source=(_FIELDS, "seed:opencode#Tool Calls Not Working"),
    remedy=_TOOLS_REMEDY,
)
def test_model_tools(opencode_config: OpencodeSetup) -> None:
    flag = opencode_config.model["tools"]
    require(flag.value is True, flag, expected="true", observed=flag.words)


@requirement(
    "opencode.config.tools",
    MUST,
    "If the file gives a top-level `tools`, it is an object that does not switch off `*`.",
    on=ON,
    source=(_FIELDS, "seed:opencode#Tool Calls Not Working"),
    remedy='Write `"tools": {"*": true}`, which enables all tools.',
)
def test_tools(opencode_config: OpencodeSetup) -> None:
    tools = opencode_config.root["tools"]
    every = tools["*"]
    require(
        tools.absent or (tools.is_object and (every.absent or every.value is True)),
        tools,
        expected='{"*": true}',
        observed=tools.words,
    )


def _listed(exchange: Exchange) -> list[str]:
    names = listed_ids(exchange)
    if not names:
        raise Inconclusive("the endpoint lists no models to compare with")
    return names
