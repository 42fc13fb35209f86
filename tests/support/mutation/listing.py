"""The survivors that were examined: mutants that no test can notice, each with the reason."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

LISTING = Path(__file__).parent / "survivors.json"

FILES = (
    *("wire/sse.py", "wire/exchange.py", "wire/located.py", "wire/coding.py"),
    *("chat.py", "tool_calls.py", "judging.py", "views.py", "bench.py", "responses.py"),
    *("reasoning.py", "refusal.py", "delivery.py", "answers.py", "answered.py", "structured.py"),
    *("disclosure.py", "models.py", "reaction.py", "schemas.py", "asked.py", "outcomes.py"),
    *("cooperation.py", "capability.py", "verdict.py", "words.py", "characters.py"),
    "kept_state.py",
)
"""The judges, as paths below src/oaicheck."""

Key = tuple[str, str, str, str, int]
Listing = Mapping[Key, str]
"""Why each mutant cannot be noticed, by its key."""


def load_listing() -> Listing:
    """The listing; ValueError where it names one mutant twice or gives no reason."""
    found: dict[Key, str] = {}
    for group in json.loads(LISTING.read_text("utf-8")):
        for mutant in group["mutants"]:
            key = (
                group["file"],
                mutant["function"],
                mutant["was"],
                mutant["becomes"],
                mutant.get("number", 1),
            )
            if key in found or not group["why"]:
                raise ValueError(f"listed twice, or without a reason: {key}")
            found[key] = group["why"]
    return found
