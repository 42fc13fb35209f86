"""n: several choices in one answer, each whole and in its place."""

from oaicheck.rules import MUST, SHOULD, Inconclusive, NotApplicable, require, requirement
from oaicheck.views import Answered, Completion

_SEVERAL = ("chat/whole/choices", "chat/stream/choices")


@requirement(
    "chat.choices.position",
    SHOULD,
    "The choices of a completion stand in the order of their indexes.",
    on="chat/whole/choices",
    source=("openai:chat/object#choices", "client:openai-python"),
    remedy="Sort the choices by `index`: clients take the position for the number.",
)
def test_a_choice_stands_at_its_index(completion: Completion) -> None:
    indexes = [choice["index"] for choice in completion.choices]
    for position, index in enumerate(indexes):
        require(
            index.absent or index.value == position, index, expected=f"{position}, its position"
        )
    if any(index.absent for index in indexes):
        raise Inconclusive("a choice has no index: chat.completion.choice-index judges that")


@requirement(
    "chat.choices.single",
    MUST,
    "Without `n` an answer has one choice.",
    on=("chat/whole/text", "chat/stream/text", "chat/whole/nulls"),
    source="openai:chat/create#n",
    remedy="Take 1 for `n` where it is left out or null.",
)
def test_one_choice_without_asking(answered: Answered) -> None:
    if not answered.choices:
        raise Inconclusive("there is no choice at all")
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
    "Each of several choices brings content.",
    on=_SEVERAL,
    source="openai:chat/create#n",
    remedy="Send the text of every choice, not of the first one only.",
)
def test_every_choice_has_content(answered: Answered) -> None:
    if len(answered.choices) < 2:
        raise NotApplicable("there are not several choices: every-choice judges that")
    if not any(choice.content for choice in answered.choices):
        raise Inconclusive("no choice has content")
    for choice in answered.choices:
        if choice.reason.value == "stop" and not choice.refused:
            require(
                choice.content != "", choice.end, expected=f"content of choice {choice.index.shown}"
            )


@requirement(
    "chat.choices.finish",
    MUST,
    "Each of several choices ends with a `finish_reason` of its own.",
    on=_SEVERAL,
    source=("openai:chat/object#choices", "client:ai-sdk"),
    remedy="Send a finish_reason for every choice, not for the first or the last one only.",
)
def test_every_choice_ends(answered: Answered) -> None:
    if len(answered.choices) < 2:
        raise NotApplicable("there are not several choices: every-choice judges that")
    for choice in answered.choices:
        expected = f"a finish reason of choice {choice.index.shown}"
        require(choice.reason.is_text, choice.reason, expected=expected)


@requirement(
    "chat.choices.usage",
    SHOULD,
    "completion_tokens counts the tokens of all choices: there are no fewer than words.",
    on=_SEVERAL,
    source=("openai:chat/object#usage", "github:ggml-org/llama.cpp#27318"),
    remedy="Add up the tokens of all choices.",
)
def test_usage_counts_all_choices(answered: Answered) -> None:
    if len(answered.choices) < 2:
        raise NotApplicable("there are not several choices: every-choice judges that")
    written = answered.usage["completion_tokens"]
    if not written.is_integer:
        raise Inconclusive("there is no count of tokens")
    if answered.words == 0:
        raise Inconclusive("the model wrote no words to count")
    require(
        written.value >= answered.words,
        written,
        expected=f"{answered.words} or more, for as many words",
    )
