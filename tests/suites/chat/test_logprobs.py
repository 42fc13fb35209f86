"""Log probabilities that are missing, and beside which content."""

from support.answers import finding, saying, streaming


def test_missing_log_probabilities_are_missing_beside_content() -> None:
    said = streaming("chat/stream/logprobs", *saying("", "Simulated ", "text", logprobs=None))
    found = finding("chat.logprobs.present", said)
    assert found.observed == 'choices[0].logprobs is null beside content "Simulated "'
    assert found.evidence[0].event == 3


def test_a_long_content_beside_no_log_probabilities_is_shortened() -> None:
    said = streaming("chat/stream/logprobs", *saying("long " * 40))
    assert finding("chat.logprobs.present", said).observed == (
        f'choices[0].logprobs is absent beside content "{"long " * 8}…"'
    )
