"""Stop sequences: the answer ends before them, streamed or not, across token boundaries."""

from oaicheck.rules import MUST, SHOULD, Inconclusive, require, requirement, text_around
from oaicheck.views import (
    RATE_LIMITED,
    Answered,
    AnsweredChoice,
    ChatStream,
    Conversation,
    completion_of,
    shown,
    stop_strings,
)

_ARRAYS = ("chat/stream/stop", "chat/whole/stop-array")
_STRINGS = ("chat/whole/stop", "chat/stream/stop-string")
_SCENARIOS = (*_ARRAYS, *_STRINGS)


def _stops_in(answered: Answered, choice: AnsweredChoice) -> list[tuple[int, str]]:
    """The stop strings in the content of a choice with their positions, in order."""
    text = choice.content
    found = [(text.find(stop), stop) for stop in stop_strings(answered.exchange)]
    return sorted((place, stop) for place, stop in found if place >= 0)


def _from_stop_on(answered: Answered, choice: AnsweredChoice) -> str:
    """The content of a choice from its first stop string on; empty if it has none."""
    return "".join(choice.content[place:] for place, _ in _stops_in(answered, choice)[:1])


def _before_the_stop(conversation: Conversation) -> str:
    """The free answer of the first turn, up to the words that the second turn stops at."""
    opening, last = conversation.turns[0], conversation.turns[-1]
    free = completion_of(opening).root["choices"][0]["message"]["content"]
    before, stop, _ = str(free.value).partition(stop_strings(last)[-1])
    if not stop or not free.is_string:
        raise Inconclusive("the free answer does not contain the stop string")
    return before.strip()


def _leaked(conversation: Conversation, choice: AnsweredChoice) -> str | None:
    """What follows the answer before the stop string, if it is how that string begins.

    None if the model did not come to the stop string: it wrote something else than before.
    """
    before, content = _before_the_stop(conversation), choice.content.strip()
    if not content.startswith(before):
        return None
    rest, stop = content[len(before) :].lstrip(), stop_strings(conversation.turns[-1])[-1]
    return rest if stop.startswith(rest) and rest != stop else None


def _must_have_reached_the_stop(
    answered: Answered, conversation: Conversation, choice: AnsweredChoice
) -> None:
    """Raise Inconclusive if the model did not write the words of its free answer again."""
    if _leaked(conversation, choice) is None and not _stops_in(answered, choice):
        raise Inconclusive("the model wrote another answer, and did not reach the stop string")


@requirement(
    "chat.stop.honoured",
    MUST,
    "Generation ends at a stop string: the content has no text after it.",
    on=_SCENARIOS,
    source=(
        "openai:chat/create#stop",
        "github:Blaizzy/mlx-vlm#1044",
        "github:mzau/mlx-knife#68",
    ),
    remedy="Search the whole text generated so far, not each token by itself, for every stop "
    "string, and end the choice there.",
)
def test_generation_ends_at_a_stop_string(answered: Answered, conversation: Conversation) -> None:
    for choice in answered.choices:
        _must_have_reached_the_stop(answered, conversation, choice)
        for place, stop in _stops_in(answered, choice)[:1]:
            require(
                choice.content[place:] in stop_strings(answered.exchange),
                choice.piece_at(place),
                expected=f"content that ends before the stop string {shown(stop)}",
                observed=f"the content continues: {shown(text_around(choice.content, place))}",
            )


@requirement(
    "chat.stop.excluded",
    MUST,
    "The stop string itself is not part of the content.",
    on=_SCENARIOS,
    source=("openai:chat/create#stop", "github:jundot/omlx#2386"),
    remedy="Cut the text off before the stop string.",
)
def test_the_stop_string_is_left_out(answered: Answered, conversation: Conversation) -> None:
    for choice in answered.choices:
        _must_have_reached_the_stop(answered, conversation, choice)
        rest = _from_stop_on(answered, choice)
        if rest and rest not in stop_strings(answered.exchange):
            raise Inconclusive("generation did not end at the stop string")
        require(
            rest == "",
            choice.end,
            expected=f"content that ends before the stop string {shown(rest)}",
            observed=f"the content ends with {shown(rest)}",
        )


@requirement(
    "chat.stop.no-beginning",
    SHOULD,
    "The content does not end with the beginning of a stop string.",
    on=_ARRAYS,
    source=(
        "openai:chat/create#stop",
        "github:exo-explore/exo#2123",
        "github:jundot/omlx#2386",
    ),
    remedy="Hold text back while it may be the beginning of a stop string. Send it once it is "
    "clear that it is not.",
)
def test_no_beginning_of_the_stop_string_leaks(
    answered: Answered, conversation: Conversation
) -> None:
    for choice in answered.choices:
        _must_have_reached_the_stop(answered, conversation, choice)
        if _from_stop_on(answered, choice) or choice.reason.value != "stop":
            raise Inconclusive("generation did not end before the stop string")
        leaked = _leaked(conversation, choice)
        require(
            not leaked,
            choice.end,
            expected="content that ends before the stop string begins",
            observed=f"the content ends with {shown(choice.content[-20:])}",
        )


@requirement(
    "chat.stop.finish",
    MUST,
    "A choice that ends at a stop string has finish_reason `stop`, not `length`.",
    on=_SCENARIOS,
    source=(
        "openai:chat/object#choices",
        "seed:opencode#Finish Reason Mapping",
        "github:mzau/mlx-knife#68",
    ),
    remedy="Send finish_reason `stop` for a stop string, and `length` only for the token limit.",
)
def test_a_stop_string_is_reported_as_stop(answered: Answered, conversation: Conversation) -> None:
    for choice in answered.choices:
        _must_have_reached_the_stop(answered, conversation, choice)
        rest = _from_stop_on(answered, choice)
        if rest and rest not in stop_strings(answered.exchange):
            raise Inconclusive("generation did not end at the stop string")
        if choice.reason.value == "length" and answered.cut:
            raise Inconclusive("max_tokens may have cut off the answer first")
        require(choice.reason.value == "stop", choice.reason, expected='"stop"')


@requirement(
    "chat.stop.string-form",
    MUST,
    "If the endpoint serves `stop` as an array of strings, it also serves `stop` as a single "
    "string.",
    on=_STRINGS,
    against="chat/stream/stop",
    source="openai:chat/create#stop",
    remedy="Accept `stop` as a string, and treat it as an array with one element.",
)
def test_stop_may_be_a_string(conversation: Conversation, against: ChatStream) -> None:
    exchange = conversation.turns[-1]
    if exchange.status in RATE_LIMITED:
        raise Inconclusive("rate limited or overloaded")
    require(
        exchange.status == 200,
        exchange,
        expected="HTTP 200, as for an array of stop strings",
        beside=against.exchange,
    )
