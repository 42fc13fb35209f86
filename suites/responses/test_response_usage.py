"""The usage of a response: its token counts, under the names of the Responses API."""

from oaicheck.rules import (
    MUST,
    NO_RESPONSE_USAGE,
    SHOULD,
    Inconclusive,
    NotApplicable,
    require,
    requirement,
)
from oaicheck.views import (
    Located,
    ResponseObject,
    input_count,
    input_words,
)

RESPONSES = ("responses/whole/*", "responses/stream/*", "responses/tools")
COUNTERS = ("input_tokens", "output_tokens", "total_tokens")
DETAILS = (
    ("input_tokens_details", "cached_tokens", "input_tokens"),
    ("output_tokens_details", "reasoning_tokens", "output_tokens"),
)


@requirement(
    "responses.usage.given",
    SHOULD,
    "A finished response has `usage`, an object.",
    on=RESPONSES,
    source=(
        "openai:responses/object#usage",
        "client:ai-sdk-openai",
        "github:decolua/9router#705",
    ),
    remedy="Send usage with every response, streamed or not.",
)
def test_usage(response: ResponseObject) -> None:
    require(response.usage.is_object, response.usage, expected="an object")


@requirement(
    "responses.usage.counters",
    MUST,
    "`usage` has `input_tokens`, `output_tokens` and `total_tokens`, all non-negative integers.",
    on=RESPONSES,
    follows=("responses.usage.given",),
    source=("openai:responses/object#usage", "client:codex", "client:ai-sdk-openai"),
    remedy="Use the names of the Responses API, not `prompt_tokens` and `completion_tokens`.",
)
def test_counters(response: ResponseObject) -> None:
    for name in COUNTERS:
        counter = _usage(response)[name]
        require(
            counter.is_integer and counter.value >= 0, counter, expected="a non-negative integer"
        )


@requirement(
    "responses.usage.total",
    MUST,
    "`total_tokens` is the sum of `input_tokens` and `output_tokens`.",
    on=RESPONSES,
    follows=("responses.usage.counters",),
    source="openai:responses/object#usage",
    remedy="Count reasoning tokens as output tokens, and add input and output tokens up to the "
    "total.",
)
def test_total(response: ResponseObject) -> None:
    read, written, total = (_usage(response)[name] for name in COUNTERS)
    if not (read.is_integer and written.is_integer and total.is_integer):
        raise Inconclusive(
            "usage does not have all three counters as integers",
            told_by=NO_RESPONSE_USAGE,
            anywhere=True,
        )
    require(
        total.value == read.value + written.value,
        total,
        expected=f"{read.value} + {written.value} = {read.value + written.value}",
    )


@requirement(
    "responses.usage.counted",
    SHOULD,
    "`input_tokens` is not 0, and neither is `output_tokens` if the response has text or a "
    "function call.",
    on=RESPONSES,
    follows=("responses.usage.counters",),
    source="openai:responses/object#usage",
    remedy="Count the tokens; do not send 0 instead.",
)
def test_something_is_counted(response: ResponseObject) -> None:
    usage = _usage(response)
    if usage["input_tokens"].is_integer:
        require(usage["input_tokens"].value > 0, usage["input_tokens"], expected="more than 0")
    if usage["output_tokens"].is_integer and (response.text or response.function_calls):
        require(usage["output_tokens"].value > 0, usage["output_tokens"], expected="more than 0")


@requirement(
    "responses.usage.limit",
    MUST,
    "A response has no more output tokens than `max_output_tokens` allows.",
    on=RESPONSES,
    source="openai:responses/create#max_output_tokens",
    remedy="Stop at the limit, and count reasoning tokens towards it.",
)
def test_the_limit_is_kept(response: ResponseObject) -> None:
    limit, written = response.token_limit, response.output_tokens
    if limit is None:
        raise Inconclusive("the request set no limit")
    for place in [response.usage["output_tokens"]] if written else response.texts:
        require(
            response.beyond_limit is None,
            place,
            expected=f"at most {limit} tokens (max_output_tokens)",
            observed=response.beyond_limit,
        )
    if not written:
        raise Inconclusive(
            "usage does not say how many tokens the model wrote",
            told_by=NO_RESPONSE_USAGE,
            anywhere=True,
        )


@requirement(
    "responses.usage.same-prompt",
    SHOULD,
    "The same prompt has the same `input_tokens` with and without streaming.",
    on="responses/stream/length",
    against="responses/whole/length",
    source="openai:responses/object#usage",
    remedy="Count the prompt in one place, whether or not the response is streamed.",
)
def test_the_prompt_counts_the_same(response: ResponseObject, against: ResponseObject) -> None:
    streamed, whole = response.usage["input_tokens"], against.usage["input_tokens"]
    if not (streamed.is_integer and whole.is_integer):
        raise Inconclusive(
            "there are not two counts to compare", told_by=NO_RESPONSE_USAGE, anywhere=True
        )
    require(
        streamed.value == whole.value,
        streamed,
        expected=f"{whole.shown}, as without streaming",
        beside=whole,
    )


@requirement(
    "responses.usage.input-read",
    SHOULD,
    "`input_tokens` is at least the number of words in the input, so no input item is left out.",
    on="responses/whole/messages",
    source=("openai:responses/create#input", "github:NousResearch/hermes-agent#108713"),
    remedy="Give every input item to the model, and count it.",
)
def test_all_of_the_input_is_read(response: ResponseObject) -> None:
    counted, words = input_count(response.usage), input_words(response.exchange)
    if counted is None:
        raise Inconclusive(
            "usage does not say how many tokens the model read",
            told_by=NO_RESPONSE_USAGE,
            anywhere=True,
        )
    if counted == 0:
        raise Inconclusive(
            "usage counts nothing: responses.usage.counted judges that",
            told_by=("responses.usage.counted",),
            anywhere=True,
        )
    require(
        counted >= words,
        response.usage["input_tokens"],
        expected=f"{words} or more, because the input has that many words",
    )


@requirement(
    "responses.usage.details-given",
    SHOULD,
    "`usage` has `input_tokens_details` and `output_tokens_details`, both objects.",
    on=RESPONSES,
    source=(
        "openai:responses/object#usage",
        "openresponses:spec",
        "github:ggml-org/llama.cpp#22659",
    ),
    remedy="Send both, with `cached_tokens: 0` and `reasoning_tokens: 0` if there are none: typed "
    "decoders expect them.",
    since="2026.2",
)
def test_details_are_given(response: ResponseObject) -> None:
    usage = _usage(response)
    for details, _, _ in DETAILS:
        require(usage[details].is_object, usage[details], expected="an object")


@requirement(
    "responses.usage.details",
    MUST,
    "If usage details are objects, `cached_tokens` and `reasoning_tokens` in them are integers.",
    on=RESPONSES,
    source=(
        "openai:responses/object#usage",
        "client:codex",
        "github:BigPizzaV3/CodexPlusPlus#1919",
    ),
    remedy="Send `cached_tokens` and `reasoning_tokens`, or 0 if there are none, or leave out the "
    "details.",
)
def test_details(response: ResponseObject) -> None:
    for details, counter, _ in _given_details(response):
        require(details[counter].is_integer, details[counter], expected="an integer")


@requirement(
    "responses.usage.details-bounds",
    SHOULD,
    "`cached_tokens` is at most `input_tokens`, and `reasoning_tokens` is at most `output_tokens`.",
    on=RESPONSES,
    follows=("responses.usage.details",),
    source="openai:responses/object#usage",
    remedy="Include cached tokens in `input_tokens`, and reasoning tokens in `output_tokens`.",
)
def test_details_are_within_bounds(response: ResponseObject) -> None:
    usage = _usage(response)
    for details, counter, whole in _given_details(response):
        part, bound = details[counter], usage[whole]
        if part.is_integer and bound.is_integer:
            require(0 <= part.value <= bound.value, part, expected=f"from 0 to {bound.value}")


def _usage(response: ResponseObject) -> Located:
    if not response.usage.is_object:
        raise Inconclusive("there is no usage", told_by=("responses.usage.given",))
    return response.usage


def _given_details(response: ResponseObject) -> list[tuple[Located, str, str]]:
    usage = _usage(response)
    if not any(usage[name].given for name, _, _ in DETAILS):
        raise NotApplicable("usage has no details")
    given = [
        (usage[name], counter, whole) for name, counter, whole in DETAILS if usage[name].is_object
    ]
    if not given:
        raise Inconclusive("the details are not objects", told_by=("responses.usage.details",))
    return given
