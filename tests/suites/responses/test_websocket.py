"""The handshake of a WebSocket: served, refused, or left without an answer."""

import pytest

from oaicheck.rules.verdict import Outcome
from oaicheck.wire.exchange import Ending
from support.answers import answer_to, answering, judged, replace

UPGRADE = "responses/upgrade"
REFUSED, STATUS = "responses.websocket.refused", "responses.websocket.status"
WHOLE = answer_to("responses/whole/messages")


@pytest.mark.parametrize(
    ("status", "refused", "told"),
    [
        (101, Outcome.NOT_APPLICABLE, Outcome.NOT_APPLICABLE),
        (426, Outcome.PASS, Outcome.PASS),
        (404, Outcome.PASS, Outcome.WARN),
        (403, Outcome.PASS, Outcome.WARN),
        (200, Outcome.FAIL, Outcome.NOT_APPLICABLE),
        (500, Outcome.FAIL, Outcome.NOT_APPLICABLE),
    ],
)
def test_a_handshake_is_served_or_refused(status: int, refused: Outcome, told: Outcome) -> None:
    answer = answering(answer_to(UPGRADE), status, "{}", "application/json")
    assert judged(REFUSED, answer, [WHOLE]).outcome is refused
    assert judged(STATUS, answer, [WHOLE]).outcome is told


def test_silence_is_no_refusal() -> None:
    silent = replace(
        answer_to(UPGRADE), status=None, headers=(), segments=(), ending=Ending.NO_FIRST_BYTE
    )
    assert judged(REFUSED, silent, [WHOLE]).outcome is Outcome.FAIL


def test_who_has_no_responses_needs_no_websocket() -> None:
    absent = answering(WHOLE, 404, "{}", "application/json")
    answer = answering(answer_to(UPGRADE), 404, "{}", "application/json")
    assert judged(STATUS, answer, [absent]).outcome is Outcome.NOT_APPLICABLE
