"""n: several choices in one response, each complete and in its position."""

from oaicheck.rules import (
    MUST,
    NO_CHOICES,
    NO_USAGE,
    SHOULD,
    Inconclusive,
    NotApplicable,
    require,
    requirement,
)
from oaicheck.views import Answered, Completion, Exchange

_SEVERAL = ("chat/whole/choices", "chat/stream/choices")
_COLD = "chat/either/cold-choices"
_SINGLE = (
    "there are not several choices (see chat.chunk.every-choice, chat.completion.every-choice)"
)


@requirement(
    "chat.choices.position",
    SHOULD,
    "The choices of a completion are sorted by `index`: a choice's position is its `index`.",
    on="chat/whole/choices",
    follows=("chat.completion.choice-index", "chat.completion.choices"),
    source=("openai:chat/object#choices", "client:openai-python"),
    remedy="Sort the choices by `index`: clients use a choice's position as its index.",
)
def test_choices_are_sorted_by_index(completion: Completion) -> None:
    indexes = [choice["index"] for choice in completion.choices]
    for position, index in enumerate(indexes):
        require(
            index.absent or index.value == position,
            index,
            expected=f"{position}, its position in `choices`",
        )
    if any(index.absent for index in indexes):
        raise Inconclusive(
            "a choice has no index (see chat.completion.choice-index)",
            told_by=(
                "chat.completion.no-error",
                "chat.completion.choices",
                "chat.completion.choice-index",
            ),
        )


@requirement(
    "chat.choices.single",
    MUST,
    "If `n` is absent or null, the response has only one choice.",
    on=("chat/whole/text", "chat/stream/text", "chat/whole/nulls"),
    source="openai:chat/create#n",
    remedy="Treat an absent or null `n` as 1.",
)
def test_one_choice_without_n(answered: Answered) -> None:
    if not answered.choices:
        raise Inconclusive("the response has no choices", told_by=NO_CHOICES)
    for more in answered.choices[1:]:
        require(
            False,
            more.index,
            expected="one choice",
            observed=f"{len(answered.choices)} choices",
        )


@requirement(
    "chat.choices.content",
    SHOULD,
    "If a response has several choices, every choice that ends with `stop` has content or a "
    "refusal.",
    on=_SEVERAL,
    source="openai:chat/create#n",
    remedy="Send the text of every choice, not only of the first one.",
)
def test_every_choice_has_content(answered: Answered) -> None:
    if len(answered.choices) < 2:
        raise NotApplicable(_SINGLE)
    if not any(choice.content for choice in answered.choices):
        raise Inconclusive("no choice has content")
    for choice in answered.choices:
        if choice.reason.value == "stop" and not choice.refused:
            require(
                choice.content != "", choice.end, expected=f"content in choice {choice.index.shown}"
            )


@requirement(
    "chat.choices.finish",
    MUST,
    "If a response has several choices, every choice has its own `finish_reason`.",
    on=_SEVERAL,
    follows=("chat.finish.given",),
    source=("openai:chat/object#choices", "client:ai-sdk"),
    remedy="Send a `finish_reason` for every choice, not only for the first or the last one.",
)
def test_every_choice_has_a_finish_reason(answered: Answered) -> None:
    if len(answered.choices) < 2:
        raise NotApplicable(_SINGLE)
    for choice in answered.choices:
        expected = f"a finish reason for choice {choice.index.shown}"
        require(choice.reason.is_text, choice.reason, expected=expected)


@requirement(
    "chat.choices.usage",
    SHOULD,
    "If a response has several choices, `completion_tokens` counts the tokens of all of them: at "
    "least one per word.",
    on=_SEVERAL,
    source=("openai:chat/object#usage", "github:ggml-org/llama.cpp#27318"),
    remedy="Add up the tokens of all choices in `completion_tokens`.",
)
def test_usage_counts_all_choices(answered: Answered) -> None:
    if len(answered.choices) < 2:
        raise NotApplicable(_SINGLE)
    written = answered.usage["completion_tokens"]
    if not written.is_integer:
        raise Inconclusive(
            "completion_tokens is missing or not an integer", told_by=NO_USAGE, anywhere=True
        )
    if answered.words == 0:
        raise Inconclusive("the model wrote no words to count")
    require(
        written.value >= answered.words,
        written,
        expected=f"at least {answered.words}: the choices have {answered.words} words",
    )


@requirement(
    "chat.choices.usage-cut",
    SHOULD,
    "If `max_tokens` cuts off several choices, `completion_tokens` counts the tokens of all of "
    "them: more than the limit for one.",
    on=(*_SEVERAL, _COLD),
    follows=("chat.choices.usage",),
    source=("openai:chat/object#usage", "github:ggml-org/llama.cpp#27318"),
    remedy="Add up the tokens of all choices in `completion_tokens`.",
    since="2026.2",
)
def test_usage_counts_all_choices_that_were_cut_off(answered: Answered) -> None:
    if len(answered.choices) < 2:
        raise NotApplicable(_SINGLE)
    limit, written = answered.answer.token_limit, answered.usage["completion_tokens"]
    cut = [choice for choice in answered.choices if choice.reason.value == "length"]
    if len(cut) < 2 or limit is None:
        raise NotApplicable("fewer than two choices ended at the token limit")
    if not written.is_integer:
        raise Inconclusive("completion_tokens is missing or not an integer")
    require(
        written.value > limit,
        written,
        expected=f"about {len(cut) * limit}: {len(cut)} choices were cut off at {limit} tokens",
    )


@requirement(
    "chat.choices.cold",
    SHOULD,
    "If the endpoint serves `n` above 1, it serves it at temperature 0 too.",
    on=_COLD,
    against="chat/whole/choices",
    source=("openai:chat/create#n", "openai:chat/create#temperature"),
    remedy="Send the same answer `n` times: evaluation scripts set `temperature` to 0 and leave "
    "`n` as it is.",
    since="2026.2",
)
def test_choices_are_served_at_temperature_0(decided: Exchange, against: Completion) -> None:
    require(decided.status == 200, decided, expected="HTTP 200", beside=against.exchange)
