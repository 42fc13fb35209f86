"""What an exchange is judged as: a client error, a decision, an error body, a cut response."""

import pytest

from oaicheck.rules.judging import Inconclusive, NotApplicable
from oaicheck.views.of_exchange import client_error_of, decided_of, error_body_of, lacking
from support.answers import answer
from support.views import response


def test_a_client_error_is_a_4xx() -> None:
    assert client_error_of(answer(status=400)).status == 400
    assert client_error_of(answer(status=499)).status == 499
    with pytest.raises(Inconclusive, match="a server error is not a refusal"):
        client_error_of(answer(status=500))
    with pytest.raises(NotApplicable):
        client_error_of(answer(status=399))


def test_what_is_served_or_refused_is_decided_and_a_server_error_is_not() -> None:
    for status in (200, 404, 499, None):
        exchange = answer(status=status)
        assert decided_of(exchange) is exchange
    with pytest.raises(Inconclusive, match="a server error is not a refusal: HTTP 500"):
        decided_of(answer(status=500))


def test_an_error_body_is_an_object() -> None:
    assert error_body_of(answer(status=500, body={"error": 5})).error.value == 5
    for other in ([], "error", None):
        with pytest.raises(Inconclusive, match=r"errors\.body\.is-json"):
            error_body_of(answer(status=400, body=other))
    with pytest.raises(NotApplicable):
        error_body_of(answer(status=200))


def test_what_is_said_of_a_response_that_was_cut_before_a_message() -> None:
    cut = response(status="incomplete", incomplete_details={"reason": "max_output_tokens"})
    assert str(lacking(cut, "no text")) == (
        "the token limit ended the response before a message: no text"
    )
    assert isinstance(lacking(response(status="completed"), "no text"), Inconclusive)
