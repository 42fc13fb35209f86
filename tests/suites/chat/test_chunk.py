"""Which choice of a stream lacks its role, and which has it late."""

from oaicheck.rules.verdict import Outcome
from support.answers import answer_to, outcome, streaming


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
