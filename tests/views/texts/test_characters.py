"""A U+FFFD is held against an endpoint only where the endpoint made it."""

from __future__ import annotations

import pytest

from oaicheck.rules.judging import Breach, Inconclusive
from oaicheck.rules.verdict import Outcome
from oaicheck.views.texts.characters import require_whole_characters
from oaicheck.wire.exchange import Located
from support.answers import answer, answer_to, changed, judged, streaming

PHRASE = "Grüße, 你好, \N{GRINNING FACE}"


def pieces(*texts: str) -> list[Located]:
    return [Located(text, (number,), answer()) for number, text in enumerate(texts)]


@pytest.mark.parametrize("texts", [(), ("Grüße",), ("Grü", "ße \N{GRINNING FACE}")])
def test_text_without_a_replacement_is_whole(texts: tuple[str, ...]) -> None:
    require_whole_characters(pieces(*texts), PHRASE, cut=False)


@pytest.mark.parametrize("texts", [("Gr\ufffd", "ße"), ("Grü", "\ufffde"), ("Grü\ufffd",)])
def test_a_replacement_breaks_the_rule_and_is_pointed_at(texts: tuple[str, ...]) -> None:
    with pytest.raises(Breach) as raised:
        require_whole_characters(pieces(*texts), PHRASE, cut=False)
    (evidence,) = raised.value.finding.evidence
    assert evidence.path == f"[{next(n for n, text in enumerate(texts) if chr(0xFFFD) in text)}]"


def test_a_limit_may_end_a_text_within_a_character() -> None:
    require_whole_characters(pieces("Grü", "ße \ufffd", "\ufffd"), PHRASE, cut=True)
    with pytest.raises(Breach):
        require_whole_characters(pieces("Grü \ufffd", "ße"), PHRASE, cut=True)


@pytest.mark.parametrize("whole", ["\U00010000", "\N{GRINNING FACE}"])
def test_beside_a_whole_character_of_four_bytes_the_model_may_have_written_it(whole: str) -> None:
    with pytest.raises(Inconclusive, match="may have written"):
        require_whole_characters(pieces(whole, "\ufffd!"), PHRASE, cut=False)
    with pytest.raises(Breach):
        require_whole_characters(pieces("\uffff", "\ufffd!"), PHRASE, cut=False)


@pytest.mark.parametrize(
    "damaged",
    [
        "Gr\ufffd\ufffdße, 你好, \N{GRINNING FACE}",
        "Grüße, 你\ufffd, \N{GRINNING FACE}",
        "Grüße, 你好, \ufffd and \N{GRINNING FACE}",
    ],
)
def test_within_the_phrase_that_was_to_be_repeated_the_endpoint_made_it(damaged: str) -> None:
    with pytest.raises(Breach):
        require_whole_characters(pieces("So: ", damaged), PHRASE, cut=False)


def test_no_decoding_breaks_an_ascii_character() -> None:
    with pytest.raises(Inconclusive):
        require_whole_characters(pieces(PHRASE.replace("G", "\ufffd")), PHRASE, cut=False)


@pytest.mark.parametrize(("finish", "expected"), [("length", "pass"), ("stop", "fail")])
def test_the_finish_reason_says_whether_a_limit_cut_the_text(finish: str, expected: str) -> None:
    message = {"role": "assistant", "content": "Grüße \ufffd"}
    choice = {"index": 0, "message": message, "finish_reason": finish}
    completion = changed(answer_to("chat/whole/non-ascii"), choices=[choice])
    assert judged("chat.completion.text-intact", completion).outcome == Outcome(expected)
    said = {"index": 0, "delta": {"role": "assistant", "content": "Grüße \ufffd"}}
    ended = {"index": 0, "delta": {}, "finish_reason": finish}
    stream = streaming("chat/stream/non-ascii", {"choices": [said]}, {"choices": [ended]})
    assert judged("chat.chunk.text-intact", stream).outcome == Outcome(expected)
