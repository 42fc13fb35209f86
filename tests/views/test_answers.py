"""What any answer says: its text, its ids, an error within it."""

import gzip
from typing import Any

import pytest

from oaicheck.rules.judging import evidence_of
from oaicheck.views.answers import answer_text, call_ids, completion_id, error_within
from support.views import entry, exchange, of, stream


def test_what_was_said() -> None:
    streamed = stream([entry(content="a"), entry(1, content="c")], [entry(content="b")]).exchange
    assert answer_text(streamed) == "ab\nc"
    assert answer_text(exchange(b"plain")) == "plain"
    packed = exchange(gzip.compress(streamed.body), headers=(("Content-Encoding", "gzip"),))
    assert answer_text(packed) == "ab\nc"


def test_the_id_of_a_completion() -> None:
    streamed = exchange(
        b'data: {"id": "no", "choices": []}\n\n', b'data: {"id": "a", "choices": [{}]}\n\n'
    )
    assert completion_id(streamed).value == "a"
    assert completion_id(of({"id": "b", "choices": []})).value == "b"
    for other in (of({"id": "c"}), of({"id": "c", "choices": {}}), exchange(b"x")):
        assert completion_id(other).absent
        assert completion_id(other).path == "id"


def test_each_call_has_one_id() -> None:
    def delta(**call: Any) -> dict[str, Any]:
        return {"index": 0, "delta": {"tool_calls": [call]}}

    streamed = stream(
        [delta(index=0, id="a")], [delta(index=0, id="again")], [delta(index=1, id="b")]
    )
    assert [given.value for given in call_ids(streamed.exchange)] == ["a", "b"]
    calls = [{"id": "a"}, {"id": ""}, {"id": None}, {}, {"id": "b"}]
    whole = of({"choices": [{"message": {"tool_calls": calls}}, {"message": None}]})
    assert [given.value for given in call_ids(whole)] == ["a", "b"]
    assert call_ids(exchange(b"no JSON")) == call_ids(of({"choices": 5})) == []
    assert call_ids(stream([delta(index=0)]).exchange) == []


@pytest.mark.parametrize(
    ("text", "event", "path"),
    [
        ('{"error": {"message": "m"}}', None, "error"),
        ('data: {}\n\ndata: {"error": "m"}\n\n', 2, "error"),
        ('data: {"type": "x"}\n\ndata: {"type": "error"}\n\n', 2, "the event"),
        ("event: x\ndata: m\n\nevent: error\ndata: m\n\n", 2, None),
    ],
)
def test_an_error_is_found_within_an_answer(text: str, event: int | None, path: str | None) -> None:
    found = error_within(exchange(text.encode()))
    assert found is not None
    evidence = evidence_of(found)
    assert (evidence.event, evidence.path) == (event, path)


@pytest.mark.parametrize("text", ['{"error": null}', "{}", "[]", "no", 'data: {"error": null}\n\n'])
def test_no_error_is_found_where_none_is(text: str) -> None:
    assert error_within(exchange(text.encode())) is None
