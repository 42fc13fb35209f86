"""A conversation that is continued from a kept response."""

import pytest

from oaicheck.rules.judging import Inconclusive, NotApplicable
from oaicheck.views.kept_state import KeptState, continuation_in
from support.answers import answer


@pytest.mark.parametrize(
    ("status", "raised"),
    [
        (None, None),
        (200, None),
        (399, None),
        (400, NotApplicable),
        (404, NotApplicable),
        (499, NotApplicable),
        (500, None),
        (429, Inconclusive),
        (503, Inconclusive),
    ],
)
def test_a_continuation(status: int | None, raised: type[Exception] | None) -> None:
    continued = answer(turn=2, status=status)
    if raised is None:
        assert continuation_in(KeptState({2: continued})) is continued
    else:
        with pytest.raises(raised):
            continuation_in(KeptState({2: continued}))
