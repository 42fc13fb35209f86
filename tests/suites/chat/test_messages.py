"""Messages that are sent back, refused, or dropped."""

import json
from typing import Any

import pytest

from oaicheck.rules.verdict import Outcome
from support.answers import PROMPTS, answer_to, answering, changed, outcome
from support.inprocess import record, verdicts


def test_a_crash_is_no_refusal_without_a_message() -> None:
    crash = answering(answer_to("chat/either/odd-characters"), 500, "Oops", "text/plain")
    assert outcome("chat.messages.refusal-explained", crash) is Outcome.INCONCLUSIVE
    assert outcome("chat.messages.characters-no-server-error", crash) is Outcome.FAIL


@pytest.mark.parametrize(
    ("fault", "model", "expected"),
    [
        ("params-message-members-rejected", "reference-1", Outcome.WARN),
        ("reasoning-history-rejected", "reference-reasoning-1", Outcome.NOT_APPLICABLE),
        ("reasoning-input-field-dropped", "reference-reasoning-1", Outcome.PASS),
    ],
)
def test_a_message_is_accepted_back(fault: str, model: str, expected: Outcome) -> None:
    (found,) = verdicts(record([fault], ["chat/either/echo"], model), only="chat.messages.echo")
    assert found.outcome is expected


def test_a_large_image_is_judged_where_a_small_one_is_served() -> None:
    names = ["chat/either/image", "chat/either/large-image"]
    (text_only,) = verdicts(record(names=names), only="chat.messages.large-image")
    assert text_only.outcome is Outcome.NOT_APPLICABLE
    limited = record(["params-large-image-413"], names)
    (found,) = verdicts(limited, only="chat.messages.large-image")
    assert found.outcome is Outcome.WARN


@pytest.mark.parametrize(
    ("rule", "scenario", "fault"),
    [
        ("chat.messages.parts-counted", "chat/whole/messages", "params-history-ignored"),
        ("chat.messages.history-counted", "chat/either/history", "params-history-ignored"),
        ("chat.messages.image-counted", "chat/either/image", "params-image-part-silently-dropped"),
        ("chat.tool-history.read", "chat/tools/history/no-tools", "params-history-ignored"),
        ("chat.limits.overflow-not-cut", "limits/overflow", "limits-context-overflow-truncated"),
    ],
)
def test_a_count_that_never_grows_does_not_say_what_was_dropped(
    rule: str, scenario: str, fault: str
) -> None:
    asked = (scenario, *PROMPTS)
    (found,) = verdicts(record([fault, "usage-prompt-constant"], asked), only=rule)
    assert found.outcome is Outcome.INCONCLUSIVE
    assert "chat.usage.longer-prompt" in str(found.raised)
    (alone,) = verdicts(record([fault, "usage-prompt-constant"], asked[:2]), only=rule)
    assert alone.outcome is Outcome.WARN


def read(word: str, tokens: Any) -> Outcome:
    """What is said of a system message, after this word and so many prompt tokens."""
    said = answer_to("chat/whole/system")
    (choice,) = json.loads(said.body)["choices"]
    choice["message"]["content"] = json.dumps({"word": word})
    answered = changed(said, choices=[choice], usage={"prompt_tokens": tokens})
    return outcome("chat.messages.system-read", answered, record(names=PROMPTS).exchanges)


def test_a_system_message_that_reached_nobody_shows_in_count_and_answer() -> None:
    assert read("amber", 40) is Outcome.FAIL
    assert read("coral", 40) is Outcome.PASS
    assert read("amber", 100) is Outcome.PASS
    assert read("amber", None) is Outcome.INCONCLUSIVE
