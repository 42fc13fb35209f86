"""Exchanges survive being written down, and located values know their place."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oaicheck.wire.exchange import Ending, Exchange, Request, Segment
from oaicheck.wire.located import ABSENT, Located, parse_json
from oaicheck.wire.sse import Defect


def exchange(*pieces: bytes, headers: tuple[tuple[str, str], ...] = ()) -> Exchange:
    return Exchange(
        scenario="chat/stream/text",
        turn=1,
        attempt=2,
        request=Request("POST", "http://h/v1/chat/completions", (("A", "b"),), b'{"a": 1}'),
        status=200,
        reason="OK",
        headers=headers,
        segments=tuple(Segment(n / 10, piece) for n, piece in enumerate(pieces)),
        ending=Ending.COMPLETE,
        variables={"model": "m"},
    )


@given(st.lists(st.binary(max_size=20), max_size=6))
def test_a_written_exchange_is_read_as_it_was(pieces: list[bytes]) -> None:
    original = exchange(*pieces, headers=(("X-Odd", "ÿ"), ("X-Odd", "2")))
    assert Exchange.from_json(original.to_json()) == original
    assert "\n" not in original.to_json()


def test_a_written_exchange_tells_its_name_to_whoever_reads_the_file() -> None:
    assert json.loads(exchange().to_json())["id"] == "chat/stream/text#1.2"


def test_the_end_of_the_body_is_the_end_of_its_events() -> None:
    answer = exchange(b"data: 1\n\nda", b"ta: 2\n: 3")
    assert [event.data for event in answer.events] == ["1"]
    assert [comment.text for comment in answer.comments] == ["3"]
    assert [remark.defect for remark in answer.diagnostics] == [Defect.UNTERMINATED_EVENT]


def test_its_id_names_scenario_turn_and_attempt() -> None:
    assert exchange().id == "chat/stream/text#1.2"


def test_what_is_derived_is_worked_out_once() -> None:
    answer = exchange(b"data: 1\n\n")
    made: list[Exchange] = []
    assert answer.derived(made.append) is answer.derived(made.append) is None
    assert made == [answer]
    assert answer.derived(len_of_body) == 9


def len_of_body(answer: Exchange) -> int:
    return len(answer.body)


def test_headers_are_found_in_any_case_and_joined() -> None:
    answer = exchange(headers=(("content-type", "Text/Event-Stream ; charset=utf-8"), ("A", "1"),
                               ("a", "2")))  # fmt: skip
    assert answer.header("a") == answer.header("A") == "1, 2"
    assert answer.header("b") is None
    assert answer.media_type == "text/event-stream"


def test_a_located_value_keeps_absent_null_and_empty_apart() -> None:
    root = exchange(b'{"null": null, "empty": "", "list": [{"x": 1}]}').json
    assert root is not None
    assert (root["none"].absent, root["none"].null, root["none"].given) == (True, False, False)
    assert (root["null"].absent, root["null"].null, root["null"].given) == (False, True, False)
    assert (root["empty"].given, root["empty"].is_string, root["empty"].is_text) == (
        True,
        True,
        False,
    )
    assert root["list"][0]["x"].path == "list[0].x"
    assert root["list"][-1]["x"].path == "list[0].x"
    assert root["list"][5]["x"]["y"].absent
    assert root["empty"]["x"].absent
    assert [item.path for item in root["list"]] == ["list[0]"]
    assert list(root["null"]) == []
    assert root["none"].shown == "absent"


def test_a_located_value_is_not_a_truth() -> None:
    with pytest.raises(TypeError, match="given"):
        bool(Located(ABSENT, (), exchange()))


def test_true_is_no_number() -> None:
    for text, integer, number in (
        (b"1", True, True),
        (b"1.0", False, True),
        (b"true", False, False),
    ):
        value = exchange(text).json
        assert value is not None
        assert (value.is_integer, value.is_number) == (integer, number)


@pytest.mark.parametrize("text", [b"NaN", b"[Infinity]", b"{", b"", b"\xff", b"\xef\xbb\xbf{}"])
def test_what_is_not_json_is_not_parsed(text: bytes) -> None:
    assert parse_json(text) is None


def test_null_is_json() -> None:
    assert parse_json(b"null") == (None,)
