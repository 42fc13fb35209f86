"""Values from earlier answers of a conversation, which a later request sends back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from oaicheck.views.texts.words import words_within
from oaicheck.wire.exchange import Exchange, Located

Step = str | int | Mapping[str, Any]
"""A step into a JSON value: a name, an index, or the first element that has these members.

The last step can be `{"words": 2}`: so many adjacent words of a text.
"""


class MissingAnswerError(Exception):
    """A request needs a value from an earlier response, which does not have it."""


def value_from(answers: Sequence[Exchange], number: int, at: Sequence[Step]) -> Any:
    """The value at that place in the answer to a turn.

    Raises MissingAnswerError if the answer does not have it.
    """
    exchange = next((exchange for exchange in answers if exchange.turn == number), None)
    place = exchange.json if exchange is not None else None
    if place is None:
        raise MissingAnswerError(f"turn {number} has no JSON answer to take a value from")
    *_, last = at
    count = last.get("words", 0) if isinstance(last, Mapping) and last.keys() == {"words"} else 0
    for step in at[:-1] if count else at:
        place = place[step if isinstance(step, str | int) else _position(place, step)]
    if place.absent:
        raise MissingAnswerError(f"the answer to turn {number} has no {place.path}")
    if not count:
        return place.value
    words = words_within(place.value, count) if place.is_string else None
    if words is None:
        raise MissingAnswerError(f"{place.path} of the answer to turn {number} has too few words")
    return words


def _position(place: Located, members: Mapping[str, Any]) -> int:
    """The index of the first element with these members, or the array's length without one."""
    fitting = (
        position
        for position, element in enumerate(place)
        if all(element[name].value == value for name, value in members.items())
    )
    return next(fitting, len(place))


def named_answer(number: int, at: Sequence[Step]) -> str:
    """A name for such a value, for people."""
    path = "".join(map(_named_step, at))
    return f"<{path.removeprefix('.')} of the answer to request {number}>"


def _named_step(step: Step) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if isinstance(step, str):
        return f".{step}"
    return f"[{', '.join(f'{name}: {value}' for name, value in step.items())}]"
