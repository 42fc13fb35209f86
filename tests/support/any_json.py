"""Answers with arbitrary JSON in them: what no endpoint should send, and the grammar allows.

Numbers of any size and depth of any kind, names that occur twice, halves of characters and wrong
types come as JSON *texts*, because Python cannot write most of them from values.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import strategies as st

from oaicheck.wire.exchange import Exchange, Segment

NAMES = (
    *("id", "object", "created", "model", "choices", "index", "delta", "message", "content"),
    *("finish_reason", "tool_calls", "function", "name", "arguments", "type", "usage", "logprobs"),
    *("prompt_tokens", "completion_tokens", "total_tokens", "error", "code", "param", "data"),
    *("output", "item", "response", "status", "output_index", "sequence_number", "text", "summary"),
    *("input_tokens", "output_tokens", "reasoning_content", "top_logprobs", "bytes", "token"),
)
"""Members that clients read, so that an arbitrary object may look like an answer."""

_HUGE = (
    *("9" * 10_000, "-" + "9" * 5_000, "1" + "0" * 300, "1" * 301, "9" * 300, "8" * 4_301),
    *("1e400", "-1e400", "1E+99999999999999999999", "1e" + "9" * 5_000, "1" * 400 + ".5"),
    *("0." + "9" * 5_000, "1e-400", "1E-99999999999999999999", "-0", "-0.0", "0e0", "1e308"),
    *("18446744073709551616", "9007199254740993", "-1", "1.0", "1e2", "123.456e-7"),
)
_STRINGS = (
    *('""', '"\\u0000"', '"\\ud800"', '"\\udc00\\ud800"', '"a\\ud83d"', '"\\u202e\\u2066"'),
    *('"\\u2028\\u2029"', '"\\r\\n\\r\\n"', '"data: [DONE]"', '"\\u001b[2J"', '"]]>"', '"NaN"'),
    *('"</script><!--"', '"Infinity"', '"..%2f"', '"%"', '"{}"', '"\U0001f600"', '"$answer"'),
    *(json.dumps(part * 20_000) for part in ("a.", "a-", "\n", "<tool_call", "token count ", "x")),
    json.dumps("1, 2, 3, " + "9" * 5_000),
)
_DEPTHS = (3, 60, 499, 500, 501, 1_500, 100_000)


def _deep(opening: str, closing: str, depth: int) -> str:
    return opening * depth + "1" + closing * depth


_DEEP = [
    _deep(opening, closing, depth)
    for depth in _DEPTHS
    for opening, closing in (("[", "]"), ('{"a":', "}"), ('[{"content":', "}]"))
]
_DIGITS = st.integers(1, 400).flatmap(
    lambda count: st.integers(10 ** (count - 1), 10**count - 1).map(str)
)
_NUMBERS = st.one_of(
    st.sampled_from(_HUGE),
    st.integers(-3, 300).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(json.dumps),
    st.tuples(_DIGITS, _DIGITS).map(lambda pair: f"{pair[0]}.{pair[1]}"),
    st.tuples(_DIGITS, st.sampled_from("eE"), _DIGITS).map("".join),
    _DIGITS.map(lambda digits: "-" + digits),
)
_TEXT = st.text(st.characters(exclude_categories=()), max_size=40).map(json.dumps)
_SCALARS = st.one_of(
    st.sampled_from(("null", "true", "false")), _NUMBERS, _TEXT, st.sampled_from(_STRINGS)
)
_NAME = st.one_of(
    st.sampled_from(NAMES).map(json.dumps),
    _TEXT,
    st.sampled_from(_STRINGS),
    _DIGITS.map(json.dumps),
)


def _array(elements: list[str]) -> str:
    return f"[{','.join(elements)}]"


def _object(members: list[tuple[str, str]]) -> str:
    return "{" + ",".join(f"{name}:{value}" for name, value in members) + "}"


_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(_array),
        st.lists(st.tuples(_NAME, inner), max_size=5).map(_object),
        st.tuples(_NAME, inner, inner).map(lambda of: _object([of[:2], (of[0], of[2])])),
    ),
    max_leaves=12,
)
JSON_TEXTS: st.SearchStrategy[str] = st.one_of(
    _VALUES, _SCALARS, st.sampled_from(_DEEP), _VALUES.map(json.dumps)
)
"""Texts of one JSON value each; some are a string that contains JSON, as a call's arguments are."""


def _bytes(text: str) -> bytes:
    """The text in UTF-8; half a character is escaped, as it is in JSON."""
    return text.encode("utf-8", "backslashreplace")


EXTREMES = (*_HUGE, *_STRINGS, *_DEEP, '{"id":1,"id":"a"}', "[]", "{}", "null", "true", '"a"')
"""What is always among the texts."""
_MARK = "\ue000here\ue001"
_STATUSES = (200, 200, 200, 400, 401, 404, 422, 429, 500, 503)


def spoiled(exchange: Exchange, texts: Sequence[str], random: Random) -> Exchange:
    """The exchange with arbitrary JSON in some places of its answer, and maybe another status."""
    if exchange.events:
        changed = _spoiled_events(exchange, texts, random)
    else:
        body = spoiled_text(exchange.text, texts, random)
        changed = replace(exchange, segments=(Segment(0.1, _bytes(body)),))
    if exchange.status is not None and random.random() < 0.1:
        changed = replace(changed, status=random.choice(_STATUSES))
    return changed


def without(exchange: Exchange, names: Collection[str], *, null: bool) -> Exchange:
    """The exchange without any member of these names in its answer, or with null in their place."""
    segments = exchange.segments
    for text in dict.fromkeys(event.data for event in exchange.events) or [exchange.text]:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            continue
        new = json.dumps(_lacking(value, names, null)).encode()
        segments = tuple(Segment(s.at, s.data.replace(text.encode(), new)) for s in segments)
    return replace(exchange, segments=segments)


def _lacking(value: Any, names: Collection[str], null: bool) -> Any:
    if isinstance(value, list):
        return [_lacking(element, names, null) for element in value]
    if not isinstance(value, dict):
        return value
    return {
        name: None if name in names else _lacking(member, names, null)
        for name, member in value.items()
        if null or name not in names
    }


def _spoiled_events(exchange: Exchange, texts: Sequence[str], random: Random) -> Exchange:
    segments = list(exchange.segments)
    for event in random.sample(exchange.events, min(len(exchange.events), random.randint(1, 4))):
        old, new = event.data.encode(), _bytes(spoiled_text(event.data, texts, random))
        for number, segment in enumerate(segments):
            if old in segment.data:
                segments[number] = Segment(segment.at, segment.data.replace(old, new, 1))
                break
    return replace(exchange, segments=tuple(segments))


def spoiled_text(text: str, texts: Sequence[str], random: Random) -> str:
    """A JSON text with one to three changes, or another one if there is nothing to change in it."""
    for number in range(random.randint(1, 3)):
        new = random.choice(EXTREMES if random.random() < 0.5 else texts)
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return text if number else new
        places = list(_places(value))
        if not places or random.random() < 0.05:
            return new
        random.choice(_CHANGES)(*random.choice(places), random)
        text = json.dumps(value, ensure_ascii=random.random() < 0.5)
        text = _put(text, new, random.choice(NAMES))
    return text


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Each array or object within a value, with each of its indexes or names."""
    if isinstance(value, list | dict):
        for key in range(len(value)) if isinstance(value, list) else tuple(value):
            yield value, key
            yield from _places(value[key])


def _replace(holder: Any, key: Any, _: Random) -> None:
    holder[key] = _MARK


def _within_text(holder: Any, key: Any, _: Random) -> None:
    """Arguments and structured content are JSON within a string."""
    holder[key] = f"{_MARK}text"


def _add(holder: Any, key: Any, random: Random) -> None:
    if isinstance(holder, list):
        holder.insert(key, _MARK)
    else:
        holder[f"{_MARK}name"] = holder[key]


def _twice(holder: Any, key: Any, random: Random) -> None:
    """A second member of the same name, before or after the first one."""
    if isinstance(holder, list):
        holder.append(holder[key])
    else:
        holder[f"{_MARK}twice"] = key


def _drop(holder: Any, key: Any, _: Random) -> None:
    del holder[key]


_CHANGES: Sequence[Callable[[Any, Any, Random], None]] = (
    *(_replace, _replace, _replace, _within_text, _add, _twice, _drop),
)


def _put(text: str, new: str, name: str) -> str:
    """The text with the new JSON at the mark."""
    for mark in (_MARK, json.dumps(_MARK)[1:-1]):
        text = text.replace(f'"{mark}text"', json.dumps(new))
        text = text.replace(f'"{mark}name"', new if new.startswith('"') else json.dumps(new))
        text = text.replace(f'"{mark}twice"', json.dumps(name))
        text = text.replace(f'"{mark}"', new)
    return text
