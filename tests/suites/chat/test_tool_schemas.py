"""Tool schemas, if a gateway timed out."""

import pytest

from oaicheck.rules.verdict import Outcome
from support.answers import answer_to, answering, outcome


@pytest.mark.parametrize("status", [408, 504])
def test_a_gateway_that_timed_out_has_refused_nothing(status: int) -> None:
    whole = answer_to("chat/whole/tool-call")
    late = answering(answer_to("chat/tools/whole/many"), status, "{}", "application/json")
    assert outcome("chat.tool-schemas.many", late, [whole]) is Outcome.ERROR
