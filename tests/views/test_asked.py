"""What a request asked for, in words."""

from oaicheck.views.asked import input_words, phrase_to_repeat, prompt_words, stop_strings
from oaicheck.wire.exchange import Request
from support.answers import answer, answer_to
from support.views import exchange


def test_the_words_that_were_asked() -> None:
    parts = [{"type": "text", "text": "d e"}, {"type": "image_url", "text": "no"}]
    messages = [{"content": "a b1c"}, {"content": parts}]
    assert prompt_words(exchange(asked={"messages": messages})) == 5
    assert prompt_words(exchange()) == 0
    assert stop_strings(exchange()) == []
    assert stop_strings(exchange(asked={"stop": "ab"})) == ["ab"]
    assert stop_strings(exchange(asked={"stop": ["a", "b"]})) == ["a", "b"]


def test_the_phrase_to_repeat_stands_in_guillemets() -> None:
    def asking(content: object) -> Request:
        body = repr({"messages": [{"role": "user", "content": content}]}).replace("'", '"')
        return Request("POST", "", (), body.encode())

    parts = [{"type": "text", "text": "Repeat «a b»"}]
    assert phrase_to_repeat(answer(request=asking("Repeat: «Grüße»!"))) == "Grüße"
    assert phrase_to_repeat(answer(request=asking(parts))) == "a b"
    assert phrase_to_repeat(answer(request=asking("Repeat nothing"))) == ""


def test_a_phrase_to_repeat_stands_in_the_input_too() -> None:
    assert phrase_to_repeat(answer_to("responses/stream/non-ascii")).startswith("Grüße, naïve")


def test_the_words_of_the_input_are_those_of_all_its_texts() -> None:
    parts = [{"type": "input_text", "text": text} for text in ("three 4 five-six", "")]
    given = [{"content": "One, two."}, {"content": parts}, {"type": "item_reference", "id": "a b"}]
    given.append({"type": "function_call_output", "output": "Mild."})
    assert input_words(exchange(asked={"input": given})) == 6
