"""Which choice of a stream lacks its role, which has it late, and what is no chunk at all."""

import pytest

from oaicheck.rules.verdict import Outcome
from support.answers import answer_to, finding, outcome, saying, streaming


def test_no_role_at_all_is_not_also_a_late_one() -> None:
    missing = answer_to("chat/stream/text", "chunk-role-missing")
    assert outcome("chat.chunk.role-first", missing) is Outcome.INCONCLUSIVE
    assert outcome("chat.chunk.role-given", missing) is Outcome.FAIL
    late = answer_to("chat/stream/text", "chunk-role-late")
    assert outcome("chat.chunk.role-first", late) is Outcome.WARN


def test_what_one_choice_breaks_is_seen_beside_another_of_which_nothing_can_be_said() -> None:
    """The first choice has no role at all; the role of the second one comes late."""
    said = [
        {"index": 0, "delta": {"content": "a"}},
        {"index": 1, "delta": {"content": "b"}},
        {"index": 1, "delta": {"role": "assistant"}},
    ]
    stream = streaming("chat/stream/choices", *({"choices": [choice]} for choice in said))
    assert outcome("chat.chunk.role-first", stream) is Outcome.WARN


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"cost": "0.1", "id": None}, Outcome.WARN),
        ({"usage": {}, "created": "now"}, Outcome.WARN),
        ({"usage": {}, "id": "", "model": ""}, Outcome.PASS),
        ({"prompt_filter_results": [{}], "id": None}, Outcome.PASS),
    ],
)
def test_every_event_is_a_chunk(event: dict[str, object], expected: Outcome) -> None:
    stream = streaming("chat/stream/text", *saying("Hi"), event)
    assert outcome("chat.chunk.every-event", stream) is expected


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("chunk-anthropic-ping", 'in the event "ping", an object of type "ping"'),
        ("chunk-vendor-progress-event", 'in the event "hermes.tool.progress", which'),
        ("usage-chunk-without-choices", "choices is absent"),
    ],
)
def test_what_is_no_chunk_is_told_by_its_name(fault: str, said: str) -> None:
    found = finding("chat.chunk.choices", answer_to("chat/stream/text", fault))
    assert said in found.observed
