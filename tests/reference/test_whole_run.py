"""The reference endpoint meets every requirement, whichever of its models answers."""

import pytest

from oaicheck.rules.verdict import Outcome
from support.inprocess import record, verdicts
from support.matrix import MODELS
from support.responses import THINKER

FINE = (Outcome.PASS, Outcome.NOT_APPLICABLE)


@pytest.mark.parametrize("model", MODELS)
def test_nothing_is_wrong_with_the_reference_endpoint(model: str) -> None:
    wrong = [
        (judged.requirement.id, judged.scenario, judged.outcome.value, str(judged.raised))
        for judged in verdicts(record(model=model))
        if judged.outcome not in FINE and not _thinks(model, judged.outcome)
    ]
    assert wrong == []


def _thinks(model: str, outcome: Outcome) -> bool:
    """A model that thinks may spend a tiny limit before it has shown what a check looks for."""
    return model == MODELS[1] and outcome is Outcome.INCONCLUSIVE


def test_nothing_is_wrong_with_the_reasoning_model() -> None:
    """What it spends on thinking may leave too few tokens to show something, but breaks nothing."""
    wrong = [
        (judged.requirement.id, judged.scenario, judged.outcome, str(judged.raised))
        for judged in verdicts(record(model=THINKER))
        if judged.outcome not in (Outcome.PASS, Outcome.NOT_APPLICABLE, Outcome.INCONCLUSIVE)
    ]
    assert wrong == []
