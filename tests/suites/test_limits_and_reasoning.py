"""What a profile or a model has to bring before some requirements apply at all."""

from collections import Counter
from collections.abc import Iterable

import pytest

from oaicheck.reference import Settings
from oaicheck.rules.verdict import Outcome
from oaicheck.scenarios.profile import Profile
from support.inprocess import record, scenarios, verdicts

THINKING = "reference-reasoning-1"
CLAMPING = Profile(
    "clamping",
    "An endpoint that clamps and says so",
    facts={"over_limit": "clamp", "clamp_header": Settings().clamp_header},
)
REASONING = Profile("reasoning", "An endpoint that shows reasoning", requires=("reasoning",))
LIMITS = (
    "limits/over-limit",
    "limits/over-limit-streamed",
    "chat/whole/length",
    "chat/stream/length",
    "chat/whole/text",
    "chat/stream/text",
)
TEXTS = ("chat/whole/text", "chat/stream/text")


def broken(
    faults: Iterable[str], asking: Profile, only: str, model: str = "reference-1"
) -> set[str]:
    recording = record(faults, LIMITS if asking is CLAMPING else TEXTS, model)
    return {
        judged.requirement.id
        for judged in verdicts(recording, asking, only)
        if judged.outcome in (Outcome.FAIL, Outcome.WARN)
    }


def test_nothing_is_wrong_with_the_reasoning_model() -> None:
    """What it spends on thinking may leave too few tokens to show something, but breaks nothing."""
    wrong = [
        (judged.requirement.id, judged.scenario, judged.outcome, str(judged.raised))
        for judged in verdicts(record(model=THINKING))
        if judged.outcome not in (Outcome.PASS, Outcome.NOT_APPLICABLE, Outcome.INCONCLUSIVE)
    ]
    assert wrong == []


def test_the_reasoning_model_meets_every_requirement_of_chat() -> None:
    scenarios_of_chat = [name for name in scenarios() if name.startswith(("chat/", "limits/"))]
    wrong = [
        (judged.requirement.id, judged.scenario, judged.outcome, str(judged.raised))
        for judged in verdicts(record(names=scenarios_of_chat, model=THINKING), only="chat.*")
        if judged.outcome not in (Outcome.PASS, Outcome.NOT_APPLICABLE)
    ]
    assert wrong == []


def test_every_rule_about_reasoning_is_judged_on_the_reasoning_model() -> None:
    judged = list(verdicts(record(model=THINKING), REASONING, "chat.reasoning.*"))
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
        ("no-reasoning-model", THINKING, {"chat.reasoning.streamed", "chat.reasoning.whole"}),
        ("reasoning-none", THINKING, {"chat.reasoning.streamed", "chat.reasoning.whole"}),
        (
            "reasoning-dropped-in-stream",
            THINKING,
            {"chat.reasoning.streamed", "chat.reasoning.also-streamed"},
        ),
        (
            "reasoning-dropped-in-nonstream",
            THINKING,
            {"chat.reasoning.whole", "chat.reasoning.also-whole"},
        ),
    ],
)
def test_reasoning_that_is_required_is_missed(fault: str, model: str, ids: set[str]) -> None:
    assert broken([fault], REASONING, "chat.reasoning.*", model) == ids


def test_clamping_is_told_by_the_reference_endpoint() -> None:
    judged = list(verdicts(record(names=LIMITS), CLAMPING, "chat.limits.*clamp*"))
    assert Counter(found.outcome for found in judged) == {Outcome.PASS: 6}


@pytest.mark.parametrize(
    ("fault", "ids"),
    [
        ("limits-absurd-max-tokens-accepted", {"chat.limits.clamp-header"}),
        ("limits-max-tokens-silently-clamped", {"chat.limits.clamp-header"}),
        ("limits-clamp-header-missing-in-stream", {"chat.limits.clamp-header"}),
        ("limits-clamp-header-always", {"chat.limits.no-clamp-header"}),
        ("over-limit-400", {"chat.limits.over-limit-clamped"}),
    ],
)
def test_what_breaks_the_promise_to_clamp(fault: str, ids: set[str]) -> None:
    assert broken([fault], CLAMPING, "chat.limits.*clamp*") == ids
