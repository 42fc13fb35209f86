"""Reasoning, of models that think and of one that does not."""

import json
from collections import Counter
from dataclasses import replace

import pytest

from oaicheck.rules.verdict import Outcome
from oaicheck.scenarios.profile import Profile
from oaicheck.verdicts.outcomes import outcome_of
from oaicheck.wire.exchange import Segment
from support.answers import broken
from support.inprocess import record, scenarios, verdicts
from support.responses import THINKER

WHOLE = "chat/whole/text"


def broken_by(content: str, only: str) -> set[str]:
    """The rules that a content breaks."""
    recording = record(names=[WHOLE])
    (answer,) = recording.exchanges
    body = json.loads(answer.body)
    body["choices"][0]["message"]["content"] = content
    segments = (Segment(0.1, json.dumps(body).encode()),)
    recording.exchanges = [replace(answer, segments=segments)]
    return {
        judged.requirement.id
        for judged in verdicts(recording, only=only)
        if outcome_of(judged.raised, judged.requirement.level) in (Outcome.FAIL, Outcome.WARN)
    }


@pytest.mark.parametrize("tag", ["<think>", "</think>", "<thinking>", "</thinking>"])
def test_each_tag_of_reasoning_is_found_in_a_content(tag: str) -> None:
    assert broken_by(f"Hm. {tag} Hello.", "chat.reasoning.*")
    assert not broken_by(f"Hm. {tag.strip('<>')} Hello.", "chat.reasoning.*")


REASONING = Profile("reasoning", "An endpoint that shows reasoning", requires=("reasoning",))


TEXTS = ("chat/whole/text", "chat/stream/text")


def test_the_reasoning_model_meets_every_requirement_of_chat() -> None:
    scenarios_of_chat = [name for name in scenarios() if name.startswith(("chat/", "limits/"))]
    wrong = [
        (judged.requirement.id, judged.scenario, judged.outcome, str(judged.raised))
        for judged in verdicts(record(names=scenarios_of_chat, model=THINKER), only="chat.*")
        if judged.outcome not in (Outcome.PASS, Outcome.NOT_APPLICABLE)
    ]
    assert wrong == []


def test_every_rule_about_reasoning_is_judged_on_the_reasoning_model() -> None:
    judged = list(verdicts(record(model=THINKER), REASONING, "chat.reasoning.*"))
    assert Counter(found.outcome for found in judged) == {Outcome.PASS: len(judged)}


def test_a_model_without_reasoning_is_not_judged_by_it() -> None:
    judged = [
        found
        for found in verdicts(record(names=TEXTS), only="chat.reasoning.*")
        if found.scenario in TEXTS
    ]
    assert {found.outcome for found in judged} == {Outcome.NOT_APPLICABLE}


@pytest.mark.parametrize(
    ("fault", "model", "ids"),
    [
        ("no-reasoning-model", THINKER, {"chat.reasoning.streamed", "chat.reasoning.whole"}),
        ("reasoning-none", THINKER, {"chat.reasoning.streamed", "chat.reasoning.whole"}),
        (
            "reasoning-dropped-in-stream",
            THINKER,
            {"chat.reasoning.streamed", "chat.reasoning.also-streamed"},
        ),
        (
            "reasoning-dropped-in-nonstream",
            THINKER,
            {"chat.reasoning.whole", "chat.reasoning.also-whole"},
        ),
    ],
)
def test_reasoning_that_is_required_is_missed(fault: str, model: str, ids: set[str]) -> None:
    assert broken(record([fault], TEXTS, model), "chat.reasoning.*", REASONING) == ids
