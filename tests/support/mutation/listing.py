"""The survivors that were examined: mutants that no test can notice, each with the reason."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

LISTING = Path(__file__).parent / "survivors.json"

FILES = (
    "rules/judging.py",
    "rules/verdict.py",
    "scenarios/capability.py",
    "scenarios/cooperation.py",
    "verdicts/judge.py",
    "verdicts/outcomes.py",
    "views/answered.py",
    "views/answers.py",
    "views/asked.py",
    "views/bench.py",
    "views/chat.py",
    "views/delivery.py",
    "views/kept_state.py",
    "views/models.py",
    "views/of_exchange.py",
    "views/reaction.py",
    "views/reasoning.py",
    "views/refusal.py",
    "views/responses.py",
    "views/schemas.py",
    "views/texts/characters.py",
    "views/texts/disclosure.py",
    "views/texts/structured.py",
    "views/texts/words.py",
    "views/tool_calls.py",
    "wire/coding.py",
    "wire/exchange.py",
    "wire/json_text.py",
    "wire/sse.py",
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
