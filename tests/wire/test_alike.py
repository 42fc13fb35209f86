"""Events that differ only in their text are read once, and read as if each were read alone."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oaicheck.views.chat import ChatStream
from oaicheck.wire.alike import distinct, read
from oaicheck.wire.exchange import Exchange
from oaicheck.wire.json_text import parse_json
from support.views import exchange

TEXTS = st.text(st.sampled_from('ab"\\{}:,\u2028\ud83d content'), max_size=6)
DELTAS = st.fixed_dictionaries(
    {},
    optional={
        "content": TEXTS | st.none(),
        "reasoning": TEXTS,
        "role": st.just("assistant"),
        "tool_calls": st.lists(
            st.fixed_dictionaries({"function": st.fixed_dictionaries({"arguments": TEXTS})}),
            max_size=2,
        ),
    },
)


def streamed(*data: str) -> Exchange:
    return exchange("".join(f"data: {each}\n\n" for each in data).encode("utf-8"))


@given(st.lists(DELTAS, max_size=12))
def test_values_are_the_same_as_read_alone(deltas: list[object]) -> None:
    data = [json.dumps({"id": "a", "choices": [{"delta": delta}]}) for delta in deltas]
    assert list(read(streamed(*data)).values) == [parse_json(each) for each in data]


def test_a_long_event_is_read_by_itself() -> None:
    data = [json.dumps({"content": letter * 20_000}) for letter in "aab"]
    found = read(streamed(*data))
    assert list(found.values) == [parse_json(each) for each in data]
    assert found.new == {1, 2, 3}


@pytest.mark.parametrize(
    "data",
    [
        '{"content": "a", "content": ""}',
        '{"content": "", "content": "b"}',
        '{"a": {"content": "x"}, "b": {"content": "y"}}',
        '{"content": "a\tb"}',
        '{"content": "\\x"}',
        '{"content": "a"',
        '{"content": "a"} ',
        '"content": "a"',
        '["content", {"content": "a"}]',
        '{"content": "\\"content\\": \\"b\\""}',
    ],
)
def test_odd_events_are_read_as_if_alone(data: str) -> None:
    plain = '{"content": "a"}'
    events = [plain, data, data.replace("a", "b"), plain, data]
    assert list(read(streamed(*events)).values) == [parse_json(each) for each in events]


def test_one_of_each_kind_is_looked_at() -> None:
    chunks = [
        {"id": "a", "choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]},
        {"id": "a", "choices": [{"index": 0, "delta": {"content": "one"}}]},
        {"id": "a", "choices": [{"index": 0, "delta": {"content": "two"}}]},
        {"id": "b", "choices": [{"index": 0, "delta": {"content": "one"}}]},
        {"id": "a", "choices": [{"index": 0, "delta": {"content": ["three"]}}]},
    ]
    view = ChatStream(streamed(*map(json.dumps, chunks)))
    numbers = [chunk.event.number for chunk in distinct(view.chunks) if chunk.event]
    assert numbers == [1, 2, 4, 5]
    assert [piece.value for piece in view.choices[0].contents] == ["one", "two", "one"]
    assert distinct([]) == []


def test_values_share_what_they_have_in_common() -> None:
    chunk = {"usage": {"a": 1}, "choices": [{"delta": {"content": "one"}, "index": 0}]}
    again = json.dumps(chunk).replace("one", "two")
    first, second = read(streamed(json.dumps(chunk), again)).values
    assert first is not None
    assert second is not None
    assert first.value["usage"] is second.value["usage"]
    assert second.value["choices"][0]["delta"] == {"content": "two"}
