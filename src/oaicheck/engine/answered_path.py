"""Values from earlier responses in the path of a request, such as `responses/{1.id}`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

from oaicheck.engine.from_answers import MissingAnswerError, Step
from oaicheck.wire.json_text import json_text, shown

_OUT_OF_ANSWER = re.compile(r"\{(\d+)\.([\w.-]+)\}")
_INDEX = re.compile(r"-?\d+")
_LONGEST_IN_URL = 4096
"""Many servers refuse a URL of more than 8,000 characters, and the HTTP library one of 65,536."""
_OTHER_PLACES = ("", ".", "..")
"""As a part of a path, these lead to another place."""


def with_answers(
    path: str, escape: Callable[[Any], str], answer: Callable[[int, Sequence[Step]], Any]
) -> str:
    """A path with values from earlier responses in the places of `{1.id}` or `{2.data.-1.id}`."""
    return _OUT_OF_ANSWER.sub(lambda place: escape(answer(int(place[1]), _steps(place[2]))), path)


def _steps(path: str) -> list[Step]:
    """The steps of a path such as `data.-1.id`."""
    return [int(step) if _INDEX.fullmatch(step) else step for step in path.split(".")]


def for_url(value: Any) -> str:
    """A value from an earlier response as part of a URL. Raises MissingAnswerError if unfit."""
    text = value if isinstance(value, str) else json_text(value)
    try:
        escaped = quote(text, safe="")
    except UnicodeEncodeError:
        escaped = None
    if escaped is None or escaped in _OTHER_PLACES or len(escaped) > _LONGEST_IN_URL:
        raise MissingAnswerError(f"a URL cannot contain {shown(value)}")
    return escaped
