"""Checks judge what no fault of the reference endpoint shows, since it would take one for each."""

import json
from dataclasses import replace

import pytest

from oaicheck.rules.verdict import Outcome
from oaicheck.verdicts.outcomes import outcome_of
from oaicheck.wire.exchange import Segment
from support.inprocess import record, verdicts

WHOLE = "chat/whole/text"


def broken_by(content: str, only: str) -> set[str]:
    """The rules that a content breaks."""
    recording = record(names=[WHOLE])
    (answer,) = recording.exchanges
    body = json.loads(answer.body)
    body["choices"][0]["message"]["content"] = content
    segments = (Segment(0.1, json.dumps(body).encode()),)
    recording.exchanges = [replace(answer, segments=segments)]
    return {
        judged.requirement.id
        for judged in verdicts(recording, only=only)
        if outcome_of(judged.raised, judged.requirement.level) in (Outcome.FAIL, Outcome.WARN)
    }


@pytest.mark.parametrize("tag", ["<think>", "</think>", "<thinking>", "</thinking>"])
def test_each_tag_of_reasoning_is_found_in_a_content(tag: str) -> None:
    assert broken_by(f"Hm. {tag} Hello.", "chat.reasoning.*")
    assert not broken_by(f"Hm. {tag.strip('<>')} Hello.", "chat.reasoning.*")
