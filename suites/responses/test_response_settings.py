"""The settings of a request, which the response object repeats."""

from oaicheck.rules import MUST, SHOULD, Inconclusive, require, requirement
from oaicheck.views import Bench, Located, ResponseObject, Scenario, shown

RESPONSES = ("responses/whole/*", "responses/stream/*", "responses/tools")


@requirement(
    "responses.object.tool-choice-repeated",
    SHOULD,
    "A response repeats the `tool_choice` of its request.",
    on=("responses/tools", "responses/stream/tool-call", "responses/calls/*"),
    source="openai:responses/object",
    remedy="Copy the `tool_choice` that was used into the response.",
)
def test_the_tool_choice_is_repeated(response: ResponseObject) -> None:
    _require_repeated(response, "tool_choice")


@requirement(
    "responses.object.tool-choice-default",
    SHOULD,
    "The response to a request without `tool_choice` has the `tool_choice` `auto`.",
    on=("responses/whole/messages", "responses/stream/text"),
    source=("openai:responses/object", "openai:responses/create#tool_choice"),
    remedy="Send `auto`, the documented default: `none` says that the request forbade calls.",
    since="2026.2",
)
def test_the_tool_choice_is_the_default(response: ResponseObject) -> None:
    choice = response.root["tool_choice"]
    if not choice.given:
        raise Inconclusive("there is no tool_choice: responses.object.tool-choice judges that")
    require(choice.value == "auto", choice, expected='"auto", because the request has none')


@requirement(
    "responses.object.settings-served",
    MUST,
    "The endpoint serves a request with many settings, or refuses it with a 4xx.",
    on="responses/settings",
    source=("openai:responses/create", "rfc9110#15.5"),
    remedy="Ignore a setting that you do not need, or refuse it by name with a 4xx.",
)
def test_settings_are_served_or_refused(bench: Bench, scenario: Scenario) -> None:
    exchange = bench.opening(scenario)
    require(200 <= (exchange.status or 0) < 500, exchange, expected="HTTP 200 or a 4xx")


@requirement(
    "responses.object.instructions",
    SHOULD,
    "A response repeats the `instructions` of its request.",
    on="responses/settings",
    source="openai:responses/object",
    remedy="Copy the request's `instructions` into the response.",
)
def test_instructions_are_repeated(first_response: ResponseObject) -> None:
    _require_repeated(first_response, "instructions")


@requirement(
    "responses.object.metadata",
    SHOULD,
    "A response repeats the `metadata` of its request.",
    on="responses/settings",
    source="openai:responses/object",
    remedy="Copy the request's `metadata` into the response, or refuse it by name.",
)
def test_metadata_is_repeated(first_response: ResponseObject) -> None:
    _require_repeated(first_response, "metadata")


@requirement(
    "responses.object.temperature",
    SHOULD,
    "A response repeats the `temperature` of its request.",
    on="responses/settings",
    source="openai:responses/object",
    remedy="Copy the `temperature` that was used into the response, or refuse it by name.",
)
def test_temperature_is_repeated(first_response: ResponseObject) -> None:
    _require_repeated(first_response, "temperature")


@requirement(
    "responses.object.parallel-tool-calls-repeated",
    SHOULD,
    "A response repeats `parallel_tool_calls: false` from its request.",
    on="responses/settings",
    source="openai:responses/object",
    remedy="Copy the `parallel_tool_calls` that was used into the response.",
)
def test_parallel_tool_calls_are_repeated(first_response: ResponseObject) -> None:
    _require_repeated(first_response, "parallel_tool_calls")


@requirement(
    "responses.object.top-p",
    SHOULD,
    "A response repeats the `top_p` of its request.",
    on="responses/settings",
    source="openai:responses/object",
    remedy="Copy the `top_p` that was used into the response, or refuse it by name.",
)
def test_top_p_is_repeated(first_response: ResponseObject) -> None:
    _require_repeated(first_response, "top_p")


@requirement(
    "responses.object.truncation",
    SHOULD,
    "A response repeats the `truncation` of its request.",
    on="responses/settings",
    source="openai:responses/object",
    remedy="Copy the `truncation` that was used into the response, or refuse it by name.",
)
def test_truncation_is_repeated(first_response: ResponseObject) -> None:
    _require_repeated(first_response, "truncation")


@requirement(
    "responses.object.max-output-tokens",
    SHOULD,
    "A response repeats the `max_output_tokens` of its request.",
    on=RESPONSES,
    source=("openai:responses/object", "github:ogx-ai/ogx#3699"),
    remedy="Copy the `max_output_tokens` that was used into the response.",
)
def test_the_limit_is_repeated(response: ResponseObject) -> None:
    _require_repeated(response, "max_output_tokens")


def _require_repeated(response: ResponseObject, parameter: str) -> None:
    asked, told = response.requested(parameter), response.root[parameter]
    require(_equal(told, asked), told, expected=f"{shown(asked)}, as in the request")


def _equal(told: Located, asked: object) -> bool:
    return bool(told.value == asked) and isinstance(told.value, bool) == isinstance(asked, bool)
