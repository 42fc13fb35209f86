"""Reasoning, under whichever name it comes."""

from oaicheck.views.reasoning import (
    last_delta,
    reasoning_members,
    reasoning_tokens,
    streamed_thoughts,
    thoughts,
)
from support.views import completion, entry, stream


def test_reasoning_under_either_name() -> None:
    first, second = streamed_thoughts(
        stream(
            [entry(reasoning_content="a", content="x"), entry(1, reasoning="c")],
            [entry(reasoning_content="b", reasoning="b", content="y"), entry(1, reasoning="")],
            [entry(reasoning_content=5, content=None)],
        )
    )
    assert (first.text, first.content, second.text, second.content) == ("ab", "xy", "c", "")
    assert (first.names, second.names) == (["reasoning_content", "reasoning"], ["reasoning"])
    assert [piece.value for piece in first.pieces] == ["a", "b"]
    assert [piece.value for piece in second.pieces] == ["c"]
    assert (first.called("reasoning"), second.called("reasoning_content")) == ("b", "")


def test_reasoning_of_a_whole_answer() -> None:
    answer = completion(
        {
            "choices": [{"message": {"reasoning": "a", "content": "b"}}, {"message": None}],
            "usage": {"completion_tokens_details": {"reasoning_tokens": 7}},
        }
    )
    first, second = thoughts(answer)
    assert (first.text, first.content, second.text, second.names) == ("a", "b", "", [])
    assert reasoning_tokens(answer.usage).value == 7
    assert [found.path for found in reasoning_members(answer.messages)] == [
        "choices[0].message.reasoning"
    ]


def test_the_delta_beside_the_finish_reason() -> None:
    first, second = stream(
        [entry(content="a"), entry(1)], [entry(content="b", finish="stop")], [entry(content="c")]
    ).choices
    delta = last_delta(first)
    assert delta is not None
    assert delta["content"].value == "b"
    assert last_delta(second) is None
