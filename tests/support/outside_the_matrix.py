"""Messages of the requirements that the matrix does not judge, because a default run does not.

    PYTHONPATH=tests python -m support.outside_the_matrix

writes tests/matrix/messages-outside-the-matrix.txt. Read what it wrote before you commit it:
the test compares the messages with that file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from oaicheck.rules.judging import Breach
from oaicheck.scenarios.profile import Profile
from oaicheck.scenarios.scenario import Scenario, matching
from oaicheck.wire.recording import Recording
from support import opencode
from support.inprocess import capabilities, profile, record, requirements, scenarios, verdicts
from support.messages import Message, message_of, text_of

GOLDEN = Path(__file__).parent.parent / "matrix" / "messages-outside-the-matrix.txt"
CLAMPING = Profile("clamping", "An endpoint that clamps", facts={"over_limit": "clamp"})
REASONING = Profile("reasoning", "An endpoint that shows reasoning", requires=("reasoning",))
TEXTS = ("chat/whole/text", "chat/stream/text")

REFUSED_AS = {
    "named-tool-choice": "refuses-named-tool-choice",
    "json-object": "refuses-response_format",
    "json-schema": "refuses-response_format",
    "responses": "responses-absent",
    "response-tools": "responses-refuses-tools",
}
"""Variations that refuse a capability under another name than its first parameter's."""

_WITH_REF = {
    "type": "function",
    "function": {
        "name": "travel",
        "parameters": {
            "type": "object",
            "properties": {"city": {"$ref": "#/$defs/city"}},
            "$defs": {"city": {"type": "string"}},
        },
    },
}

DRAWN: Mapping[str, tuple[str, str, Mapping[str, Any]]] = {
    "fuzz.damaged.ends": ("damaged", "errors-validation-unanswered", {"max_tokens": "many"}),
    "fuzz.damaged.no-server-error": ("damaged", "errors-validation-500", {"max_tokens": "many"}),
    "fuzz.damaged.answer": ("damaged", "errors-fastapi-detail", {"max_tokens": "many"}),
    "fuzz.damaged.refused": ("damaged", "params-max_tokens-invalid-accepted", {"max_tokens": "x"}),
    "fuzz.unicode.ends": ("unicode/text", "timing-never-answers", {}),
    "fuzz.unicode.no-server-error": (
        "unicode/odd",
        "params-lone-surrogate-500",
        {"user": "\ud800"},
    ),
    "fuzz.unicode.answer": ("unicode/odd", "errors-html-body", {"max_tokens": "\ud800"}),
    "fuzz.unicode.utf-8": ("unicode/odd", "errors-surrogates-quoted", {"max_tokens": "\ud800"}),
    "fuzz.unicode.served": (
        "unicode/text",
        "params-astral-characters-400",
        {"messages": [{"role": "user", "content": "Hello 😀"}]},
    ),
    "fuzz.schemas.ends": ("schemas/definition", "sse-stalls-mid-stream", {"stream": True}),
    "fuzz.schemas.no-server-error": (
        "schemas/definition",
        "http-always-500",
        {"tools": [_WITH_REF]},
    ),
    "fuzz.schemas.answer": (
        "schemas/definition",
        "errors-midstream-error-event-200",
        {"stream": True},
    ),
    "fuzz.schemas.served": (
        "schemas/definition",
        "tools-schema-ref-rejected",
        {"tools": [_WITH_REF]},
    ),
}
"""For each kind of drawn request: its family, a fault, and what such a request may have.

The bodies are written down here, because other versions of Hypothesis draw others.
"""

SLIPS: Mapping[str, Mapping[str, Any]] = {
    "npm": {f"{opencode.PROVIDER}.npm": "@ai-sdk/anthropic"},
    "base-url": {f"{opencode.OPTIONS}.baseURL": "https://h.example/p/e"},
    "authorization": {opencode.AUTHORIZATION: None},
    "authorization-form": {opencode.AUTHORIZATION: f"Bearer: {opencode.KEY}"},
    "bearer": {opencode.AUTHORIZATION: f"Basic {opencode.KEY}"},
    "model-form": {"model": "my-model"},
    "model-known": {"model": "xerotier/My-Model"},
    "name": {f"{opencode.MODEL}.name": None},
    "served": {f"{opencode.MODEL}.id": "deepseek"},
    "sent-name": {},
    "tool-call": {f"{opencode.MODEL}.tool_call": None},
    "flags": {f"{opencode.MODEL}.reasoning": "yes"},
    "model-tools": {f"{opencode.MODEL}.tools": False},
    "tools": {"tools": {"*": False}},
}
"""For each requirement about an opencode.json what is changed in the example that keeps them."""


def told() -> dict[str, dict[str, Message]]:
    """By requirement, and by what is wrong, one message each."""
    found = {**_capabilities(), **_promises(), **_drawn(), **_opencode()}
    return dict(sorted(found.items()))


def _capabilities() -> dict[str, dict[str, Message]]:
    found = {}
    for id, rule in requirements().items():  # noqa: A001
        name = id.removeprefix("capability.")
        if name != id:
            refused = REFUSED_AS.get(name) or f"refuses-{capabilities()[name].parameters[0]}"
            recording = record([refused], matching(rule.on, scenarios()))
            asking = replace(profile(), requires=(name,))
            found[id] = {refused: _first(recording, id, asking)}
    return found


def _promises() -> dict[str, dict[str, Message]]:
    found = {}
    for id, fault, asking, names, model in (  # noqa: A001
        ("chat.limits.over-limit-clamped", "over-limit-400", CLAMPING, None, "reference-1"),
        ("chat.reasoning.streamed", "reasoning-none", REASONING, TEXTS, "reference-reasoning-1"),
        ("chat.reasoning.whole", "reasoning-none", REASONING, TEXTS, "reference-reasoning-1"),
    ):
        on = names or matching(requirements()[id].on, scenarios())
        found[id] = {fault: _first(record([fault], on, model), id, asking)}
    return found


def _drawn() -> dict[str, dict[str, Message]]:
    found = {}
    for id, (family, fault, members) in DRAWN.items():  # noqa: A001
        known = {**scenarios(), **_scenario(f"fuzz/{family}/written", members)}
        recording = record([fault], [f"fuzz/{family}/written"], known=known)
        found[id] = {fault: _first(recording, id, profile(), known)}
    return found


def _scenario(name: str, members: Mapping[str, Any]) -> dict[str, Scenario]:
    plain = scenarios()["chat/whole/text"]
    turn = replace(plain.turns[0], body={**plain.turns[0].body, **members})
    return {name: replace(plain, name=name, turns=(turn,))}


def _opencode() -> dict[str, dict[str, Message]]:
    found = {}
    for name, changes in SLIPS.items():
        id = f"opencode.config.{name}"  # noqa: A001
        text = opencode.changed(changes) if changes else opencode.EXAMPLE
        served = opencode.SERVED if changes else [opencode.DEPLOYED]
        with TemporaryDirectory() as folder:
            recording = opencode.recording(Path(folder), text, served)
        words = ", ".join(f"{path} is changed" for path in changes) or "the example of the page"
        found[id] = {words: _first(recording, id, profile())}
    return found


def _first(
    recording: Recording,
    id: str,  # noqa: A002
    asking: Profile,
    known: Mapping[str, Scenario] | None = None,
) -> Message:
    judged: Iterable[Any] = verdicts(recording, asking, id, known)
    return next(
        message_of(each.raised, each.scenario, recording)
        for each in judged
        if isinstance(each.raised, Breach)
    )


if __name__ == "__main__":
    GOLDEN.write_text(text_of(told()), "utf-8")
