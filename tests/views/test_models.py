"""A list of models."""

from dataclasses import replace

from oaicheck.views.models import body_of, listed_entry, listed_ids, listed_models
from support.views import exchange, of


def test_a_list_of_models() -> None:
    answer = of({"data": [{"id": "a"}, {"id": 5}, {}, {"id": "b"}]})
    assert len(listed_models(answer)) == 4
    assert listed_ids(answer) == ["a", "b"]
    found = listed_entry(answer, "b")
    assert found is not None
    assert found.path == "data[3]"
    assert listed_entry(answer, "c") is None
    assert listed_models(replace(answer, status=404)) == []
    assert listed_models(exchange(b"x")) == []
    assert body_of(exchange(b"x")).absent
    assert body_of(answer)["data"].is_array
