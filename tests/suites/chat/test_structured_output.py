"""Text in place of JSON."""

from support.answers import finding, saying, streaming


def test_text_in_place_of_json_is_shown_where_it_begins() -> None:
    said = streaming("chat/stream/json-schema", *saying("Here ", "you ", "are."))
    assert finding("chat.format.json", said).evidence[0].event == 2
