"""Exchanges survive being written down, and located values know their place."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oaicheck.wire.exchange import Ending, Exchange, Located, Request, Segment
from oaicheck.wire.json_text import ABSENT, parse_json
from oaicheck.wire.sse import Defect
from support.answers import answer


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
        ending=Ending.CUT,
        detail="after 3 bytes",
        started=1_767_225_600.5,
        headers_at=0.25,
        ended_at=7.5,
        variables={"model": "m"},
    )


@given(st.lists(st.binary(max_size=20), max_size=6))
def test_a_written_exchange_is_read_as_it_was(pieces: list[bytes]) -> None:
    original = exchange(*pieces, headers=(("X-Odd", "ÿ"), ("X-Odd", "2")))
    line = original.to_json()
    assert Exchange.from_record(json.loads(line)) == original
    assert line == json.dumps(json.loads(line), separators=(",", ":"))
    assert "\n" not in line


def test_a_written_exchange_tells_its_name_to_whoever_reads_the_file() -> None:
    assert json.loads(exchange().to_json())["id"] == "chat/stream/text#1.2"


@pytest.mark.parametrize("text", ["/w", "/w=", "/ w==", "ÿ"])
def test_a_written_body_that_is_damaged_is_not_read(text: str) -> None:
    record = json.loads(exchange(b"\xff").to_json())
    assert record["body"] == {"base64": "/w=="}
    with pytest.raises(ValueError, match=r"(?i)base64|padding|ascii"):
        Exchange.from_record({**record, "body": {"base64": text}})


def test_what_a_client_printed_is_its_account() -> None:
    answer = exchange()
    assert not answer.is_account
    assert replace(answer, request=Request("RUN", "curl 8", (), b"")).is_account


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


@pytest.mark.parametrize(
    "text", [b"null", b"true", b"5", b'"ab"', b"{}", b'{"0": 1}', b'{"a": 1, "b": 2}', b"[]"]
)
def test_there_is_nothing_within_a_value_of_another_kind(text: bytes) -> None:
    root = exchange(text).json
    assert root is not None
    assert all(root[step].absent for step in (0, 1, -1, "none"))
    assert root["none"][0]["x"].absent
    assert (list(root), len(root["none"])) == ([], 0)


def test_an_index_beyond_the_end_is_absent() -> None:
    root = exchange(b"[7, 8]").json
    assert root is not None
    values = [root[step].value for step in (-3, -2, -1, 0, 1, 2)]
    assert values == [ABSENT, 7, 8, 7, 8, ABSENT]
    assert [root[step].path for step in (-2, -1, 2)] == ["[0]", "[1]", "[2]"]
    assert (len(root), len(root[0])) == (2, 0)


def test_members_are_those_of_an_object() -> None:
    root = exchange(b'{"a": [1], "b": {"c": 2}}').json
    assert root is not None
    assert [(name, member.path) for name, member in root.members()] == [("a", "a"), ("b", "b")]
    assert list(root["a"].members()) == []
    assert (len(root), len(root["b"]), list(root)) == (2, 1, [])


def test_a_place_and_its_value_in_words() -> None:
    answer = exchange(b'data: "' + b"x" * 158 + b'"\n\n')
    event = answer.events[0]
    value = json.loads(event.data)
    assert Located(value, (), answer, event).path == "the event"
    assert Located(value, (), answer).path == "the body"
    assert Located(value, (0, "a", "b", 1), answer).path == "[0].a.b[1]"
    assert Located(value, (), answer).shown == event.data
    assert Located(value + "y", (), answer).shown == f"{event.data[:-1]}y… (161 characters)"
    assert Located({"ä": None}, (), answer).shown == '{"ä": null}'
    assert Located("ä" * 161, (), answer).shown == f'"{"ä" * 160}…" (161 characters)'
    assert Located("ä" * 160, (), answer).shown == f'"{"ä" * 159}… (162 characters)'
    assert f"{ABSENT!r}" == "absent"


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


@pytest.mark.parametrize(
    "text", [b"NaN", b"[Infinity]", b"{", b"", b"\xff", b"\xef\xbb\xbf{}", b"[" * 100_000]
)
def test_what_is_not_json_is_not_parsed(text: bytes) -> None:
    assert parse_json(text) is None


def test_null_is_json() -> None:
    assert parse_json(b"null") == (None,)


def test_an_exchange_precedes_another_that_began_after_its_end() -> None:
    first = replace(answer(), started=10.0, ended_at=2.0)
    assert first.precedes(replace(answer(), started=12.1))
    assert not first.precedes(replace(answer(), started=12.0))
    assert not first.precedes(first)
