"""OpenCode: its configuration file."""

import re

from oaicheck.rules import MUST, SHOULD, Inconclusive, NotApplicable, require, requirement
from oaicheck.views import Exchange, OpencodeSetup, listed_ids, shown

ON = "models/list"
"""The file is judged by itself; the list says whether the endpoint serves what it names."""

_FIELDS = "seed:opencode#Field Reference"
_ADAPTER = "@ai-sdk/openai-compatible"
_FORM = re.compile(r"[A-Za-z][\w-]* [^\s\"']+")
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
    "The provider's `npm`, where it is given, is `@ai-sdk/openai-compatible`.",
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
    "There is a key: `Authorization` among `options.headers`, or `options.apiKey`.",
    on=ON,
    source=(_FIELDS, "seed:opencode#401 Unauthorized"),
    remedy='Add `"headers": {"Authorization": "Bearer {env:OAICHECK_API_KEY}"}` to the options.',
)
def test_authorization(opencode_config: OpencodeSetup) -> None:
    header, api_key = opencode_config.authorization, opencode_config.api_key
    require(
        not header.absent or not api_key.absent,
        header,
        expected="a key",
        observed="neither the header nor apiKey",
    )


@requirement(
    "opencode.config.authorization-form",
    MUST,
    "The `Authorization` that OpenCode sends is a scheme, one space, and a key in one piece.",
    on=ON,
    source=("rfc9110#11.6.2", "seed:opencode#401 Unauthorized"),
    remedy=_KEY_REMEDY,
)
def test_authorization_form(opencode_config: OpencodeSetup) -> None:
    header, api_key = opencode_config.authorization, opencode_config.api_key
    if header.absent and api_key.absent:
        raise NotApplicable("there is no key")
    place, sent = (api_key, f"Bearer {api_key.value}") if header.absent else (header, header.value)
    require(
        _FORM.fullmatch(sent) is not None,
        place,
        expected="Bearer and a key, one space between them",
        observed=f"OpenCode sends {shown(sent)}",
    )


@requirement(
    "opencode.config.bearer",
    SHOULD,
    "The scheme of `Authorization` is Bearer.",
    on=ON,
    source=("openai:authentication", "seed:opencode#401 Unauthorized"),
    remedy=_KEY_REMEDY,
)
def test_bearer(opencode_config: OpencodeSetup) -> None:
    header = opencode_config.authorization
    if header.absent or not _FORM.fullmatch(str(header.value)):
        raise NotApplicable("there is no scheme to judge")
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
    "The provider and the alias of the top-level `model` stand in the file, where it has them.",
    on=ON,
    source=(_FIELDS, "seed:opencode#Model Not Found"),
    remedy="Name a key below `provider`, and a key below that provider's `models`.",
)
def test_model_is_known(opencode_config: OpencodeSetup) -> None:
    model = opencode_config.default_model
    if "/" not in str(model.value):
        raise NotApplicable("`model` has not the form provider/alias")
    require(
        opencode_config.default_is_known,
        model,
        expected="a provider and a model of this configuration",
        observed=model.words,
    )


@requirement(
    "opencode.config.name",
    SHOULD,
    "The model has a `name`, a string that is not empty.",
    on=ON,
    source=(_FIELDS, "seed:opencode#Model Not Found"),
    remedy="Write the model's name as it is deployed on the endpoint.",
)
def test_name(opencode_config: OpencodeSetup) -> None:
    name = opencode_config.model["name"]
    require(name.is_text, name, expected="a name", observed=name.words)


@requirement(
    "opencode.config.served",
    SHOULD,
    "The endpoint lists the model under the name that the file gives it, case for case.",
    on=ON,
    source=("seed:opencode#Model Not Found", "openai:models/list"),
    remedy=_NAME_REMEDY,
)
def test_the_name_is_served(opencode_config: OpencodeSetup, exchange: Exchange) -> None:
    name = opencode_config.deployed_name
    if not name.is_text:
        raise NotApplicable("the file does not say how the model is called")
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
    "The endpoint lists what OpenCode sends as `model`: the model's `id`, else its key.",
    on=ON,
    source=("opencode:providers", "seed:opencode#Model Not Found"),
    remedy="Use the deployed name as the model's key too, or add it as `id`: OpenCode 1.18 shows "
    "`name` and does not send it.",
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
    "`tool_call` and `reasoning` of the model, where they are given, are true or false.",
    on=ON,
    source=(_FIELDS, "opencode:config"),
    remedy="Write true or false without quotes: OpenCode refuses the file otherwise.",
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
        raise NotApplicable("it is neither true nor false")
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
    "The top-level `tools`, where it is given, does not switch off `*`.",
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
        raise Inconclusive("the endpoint lists no model to compare with")
    return names
