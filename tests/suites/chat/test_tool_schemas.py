"""Tool schemas, if a gateway timed out, or the context window is short."""

import json
from dataclasses import replace

import pytest

from oaicheck.rules.verdict import Outcome
from support.answers import answer_to, answering, outcome


@pytest.mark.parametrize("status", [408, 504])
def test_a_gateway_that_timed_out_has_refused_nothing(status: int) -> None:
    whole = answer_to("chat/whole/tool-call")
    late = answering(answer_to("chat/tools/whole/many"), status, "{}", "application/json")
    assert outcome("chat.tool-schemas.many", late, [whole]) is Outcome.ERROR


def test_a_short_context_window_is_no_defect() -> None:
    whole, many = answer_to("chat/whole/tool-call"), answer_to("chat/tools/whole/many")
    assert outcome("chat.tool-schemas.many", many, [whole]) is Outcome.PASS
    body = {**many.request.json, "tools": many.request.json["tools"][:15]}
    request = replace(many.request, body=json.dumps(body).encode())
    fewer = replace(many, request=request)
    assert outcome("chat.tool-schemas.many", fewer, [whole]) is Outcome.NOT_APPLICABLE
    assert outcome("chat.tools.required", fewer) is Outcome.PASS
