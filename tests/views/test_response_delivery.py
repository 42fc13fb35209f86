"""When a streamed response came, and what a request for one asked the model to repeat."""

from oaicheck.views.asked import phrase_to_repeat
from oaicheck.views.delivery import response_delivery_of
from oaicheck.views.responses import ResponseStream
from support.answers import answer_to


def test_the_pieces_of_a_responses_delivery() -> None:
    stream = ResponseStream(answer_to("responses/stream/text"))
    delivery = response_delivery_of(stream)
    assert delivery.characters == len(stream.final.text)
    assert len(delivery.events) == stream.final.output_tokens


def test_a_phrase_to_repeat_stands_in_the_input_too() -> None:
    assert phrase_to_repeat(answer_to("responses/stream/non-ascii")).startswith("Grüße, naïve")
