"""An answer of either kind, streamed or whole, shows the same."""

import pytest

from oaicheck.rules.judging import evidence_of
from oaicheck.views.answered import Answered, AnsweredChoice
from oaicheck.views.of_exchange import answered_of
from support.answers import answer_to
from support.views import completion, entry, speaking, stream


def test_an_answer_of_either_kind_says_the_same() -> None:
    whole = Answered(
        completion(
            {
                "choices": [
                    {
                        "index": 0,
                        "message": {"content": "ab", "refusal": None},
                        "finish_reason": "stop",
                        "logprobs": {"content": [1, 2]},
                    }
                ],
                "usage": {"completion_tokens": 2},
            }
        )
    )
    streamed = Answered(
        stream(
            [{**entry(content="a"), "logprobs": {"content": [1]}}],
            [{**entry(content="b", finish="stop"), "logprobs": {"content": [2]}}],
            [{**entry(content=""), "logprobs": None}],
            usage={"completion_tokens": 2},
        )
    )
    for answer in (whole, streamed):
        (choice,) = answer.choices
        assert (choice.content, choice.reason.value, choice.index.value) == ("ab", "stop", 0)
        assert not choice.refused
        assert [token.value for token in answer.token_logprobs()] == [1, 2]
        assert (answer.completion_tokens, answer.usage["completion_tokens"].value) == (2, 2)
    assert [found.value for found in whole.objects] == [whole.exchange.json.value]  # type: ignore[union-attr]
    assert len(streamed.objects) == 3
    assert streamed.choices[0].end.value == "b"
    assert len(streamed.choices[0].logprobs) == 2


def test_where_a_choice_says_nothing_its_places_are_those_where_it_should() -> None:
    entries = [entry(role="x")], [entry(refusal="no")], [entry()]
    (choice,) = Answered(stream(*entries)).choices
    assert choice.end.absent
    assert choice.end.path == "choices[0].delta.content"
    assert choice.end.event is not None
    assert choice.end.event.number == 3
    assert choice.reason.null
    assert choice.refused
    assert Answered(stream([entry()])).usage.path == "usage"
    assert Answered(stream([entry()])).usage.absent


@pytest.mark.parametrize(
    ("limit", "written", "cut"),
    [(None, 9, False), (5, None, True), (5, 4, False), (5, 5, True), (5, 6, True)],
)
def test_whether_the_limit_may_have_cut_it(
    limit: int | None, written: int | None, cut: bool
) -> None:
    body = {"choices": [], "usage": {"completion_tokens": written}}
    assert Answered(completion(body, {"max_tokens": limit})).cut is cut


def test_either_kind_tells_what_was_asked() -> None:
    for answer in (completion({}, {"n": 2}), stream(asked={"n": 2})):
        assert Answered(answer).requested("n") == 2
        assert Answered(answer).requested("stop", []) == []


def test_thoughts_of_both_modes() -> None:
    message = {"reasoning": "a", "reasoning_content": None}
    whole = completion({"choices": [{"message": message}]})
    assert [place.value for place in Answered(whole).choices[0].thoughts] == ["a"]
    streamed = stream(*([{"index": 0, "delta": {"reasoning_content": each}}] for each in "ab"))
    assert [place.value for place in Answered(streamed).choices[0].thoughts] == ["a", "b"]


def test_the_words_of_an_answer_are_those_of_all_its_choices() -> None:
    whole = completion(
        {"choices": [{"message": {"content": each}} for each in ("a b", None, 5, "c")]}
    )
    assert (whole.words, Answered(whole).words) == (3, 3)
    streamed = speaking("a b", "c d")
    assert (streamed.words, Answered(streamed).words) == (3, 3)


def choice(*contents: str) -> AnsweredChoice:
    (found,) = Answered(speaking(*contents)).choices
    return found


def test_a_choice_speaks_from_its_first_content_on() -> None:
    said = choice("", "ab", "cde")
    assert (said.start.value, said.end.value) == ("ab", "cde")
    assert said.speaking["delta"]["content"].value == "ab"
    assert [said.piece_at(place).value for place in (0, 1, 2, 4, 5)] == ["ab", "ab", *["cde"] * 3]


def test_a_choice_that_says_nothing_would_have_said_it_at_once() -> None:
    silent = choice("", "")
    assert silent.speaking is silent.entries[0]
    assert evidence_of(silent.start).event == 1
    assert silent.piece_at(0).value == ""


@pytest.mark.parametrize(
    ("scenario", "called", "begun"),
    [("chat/whole/tool-call", 1, 1), ("chat/tools/stream/auto", 14, 2)],
)
def test_calls_are_found_in_both_modes(scenario: str, called: int, begun: int) -> None:
    answered = answered_of(answer_to(scenario))
    assert len(answered.called) == called
    ((*beginnings,),) = answered.beginnings
    assert len(beginnings) == begun
    assert all(place["function"]["name"].is_text for place in beginnings)


def test_calls_that_share_an_index_begin_each() -> None:
    sharing = answer_to("chat/tools/stream/auto", "tools-stream-index-always-zero")
    assert [len(calls) for calls in answered_of(sharing).beginnings] == [2]
