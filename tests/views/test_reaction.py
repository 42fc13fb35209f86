"""How an endpoint reacts to random requests: its status, its form, its end."""

import pytest

from oaicheck.rules.judging import Breach
from oaicheck.views.reaction import (
    Reaction,
    require_a_form,
    require_an_end,
    require_no_server_error,
)
from oaicheck.wire.exchange import Ending, Exchange
from support.views import exchange, of

FORM_OF_ERROR = {"error": {"message": "no"}}


@pytest.mark.parametrize(
    ("answer", "at"),
    [
        (of({}), None),
        (of(FORM_OF_ERROR, 400), None),
        (exchange(b"data: {}\n\n"), None),
        (exchange(b"data: {}\n\n", b"data: [DONE]\n\n"), None),
        (of([]), "the body"),
        (exchange(b"x"), ""),
        (exchange(b"data: {}\n\n", b"data: x\n\n"), "event 2"),
        (of(FORM_OF_ERROR), "error"),
        (of({"error": None}), None),
        (exchange(b"data: {}\n\n", b'data: {"error": 1}\n\n'), "error"),
        (of({"error": {"message": ""}}, 400), "error.message"),
        (exchange(b"x", status=400), "error.message"),
        (of({}, 399), None),
    ],
)
def test_the_form_of_a_reaction(answer: Exchange, at: str | None) -> None:
    if at is None:
        require_a_form(Reaction(answer))
        return
    with pytest.raises(Breach) as raised:
        require_a_form(Reaction(answer))
    (evidence,) = raised.value.finding.evidence
    assert at == (evidence.path or (f"event {evidence.event}" if evidence.event else ""))


def test_the_status_and_the_end_of_a_reaction() -> None:
    silent = exchange(status=None, ending=Ending.RESET)
    assert not Reaction(silent).refused
    for fine in (silent, of({}), of({}, 499)):
        require_no_server_error(fine)
    with pytest.raises(Breach):
        require_no_server_error(of({}, 500))
    require_an_end(Reaction(of({})))
    with pytest.raises(Breach):
        require_an_end(Reaction(silent))
