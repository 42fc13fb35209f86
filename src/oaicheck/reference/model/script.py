"""The text of the scripted model.

It depends on the last user message, which may ask for a repetition, a count, or something from
earlier in the conversation. Any other message gets a fixed paragraph.
"""

import re
from collections.abc import Sequence
from typing import Any

from .tokens import text_of

_PARAGRAPHS = (
    "Hello! I am the reference model, and I am happy to help. I do not think very hard: I say "
    "the same friendly words to everyone, so that what surrounds them can be examined with care. "
    "The weather in here is always mild, the tea is always warm, and every answer ends where it "
    "should, with a full stop.",
    "Good day! This is another of my answers. A scripted model has few surprises to offer, but it "
    "can offer variety when several choices are wanted: other words, in another order, about "
    "nothing in particular, ending as politely as they began.",
    "Greetings once more! Here is one further way to say very little at moderate length. The words "
    "differ, the purpose does not: each choice is a text of its own, complete and harmless.",
)
_THOUGHT = (
    "The user wants an answer. I look at the last message, find the rule that fits it, and keep "
    "my reply short and clear."
)
_REPEAT = re.compile(r"\brepeat\b[^:«\"“]{0,60}?\bexactly\b[^:«\"“]{0,40}:?\s*(.+)", re.I | re.S)
_VERB = re.compile(r"\b(?:repeat|say|reply|respond|answer|echo|write|output|print)\b", re.I)
_QUOTED = re.compile(r"«(.+?)»|“(.+?)”|\"(.+?)\"", re.S)
_COUNT = re.compile(r"\bcount\b.{0,40}?\bfrom\s+(\d{1,6})\s+(?:up\s+)?to\s+(\d{1,6})", re.I | re.S)
_QUESTION = re.compile(r"\bwhat(?:'s| is| was) (?:the|my|your) ([a-z][a-z ]{1,30}?)\s*\?", re.I)
_STATED = r"\b{}\s+(?:is|was|:)\s*:?\s*[\"«“']?([\w-]+)"
_MOST_NUMBERS = 20_000


def quoted(text: str) -> list[str]:
    """All quoted strings of a text, in order."""
    return ["".join(match.groups(default="")) for match in _QUOTED.finditer(text)]


def last_user_text(messages: Sequence[dict[str, Any]]) -> str:
    """The last user message."""
    users = [message for message in messages if message["role"] == "user"]
    return text_of(users[-1]) if users else ""


def spoken(messages: Sequence[dict[str, Any]], index: int) -> str:
    """The text of one choice, before any limit or stop string."""
    results = _tool_results(messages)
    if results:
        return "The tool answered: " + "; ".join(results)
    prompt = last_user_text(messages)
    if (echo := _echo(prompt)) is not None:
        return echo
    if match := _COUNT.search(prompt):
        first, last = int(match[1]), int(match[2])
        return ", ".join(str(number) for number in range(first, last + 1)[:_MOST_NUMBERS])
    if (match := _QUESTION.search(prompt)) and (answer := _recall(messages, match[1])):
        return f"The {match[1].lower()} is {answer}."
    if index < len(_PARAGRAPHS):
        return _PARAGRAPHS[index]
    return f"This is answer number {index + 1}. {_PARAGRAPHS[index % len(_PARAGRAPHS)]}"


def thought() -> str:
    """What a reasoning model thinks before it answers."""
    return _THOUGHT


def _tool_results(messages: Sequence[dict[str, Any]]) -> list[str]:
    """The tool messages at the end of the conversation."""
    results: list[str] = []
    for message in reversed(messages):
        if message["role"] != "tool":
            break
        results.insert(0, text_of(message))
    return results


def _echo(prompt: str) -> str | None:
    """The text that the user asks the model to repeat, or None."""
    if match := _REPEAT.search(prompt):
        wanted = match[1].strip()
        whole = _QUOTED.match(wanted)
        return "".join(whole.groups(default="")) if whole else wanted
    if _VERB.search(prompt) and (found := quoted(prompt)):
        return found[0]
    return None


def _recall(messages: Sequence[dict[str, Any]], subject: str) -> str | None:
    """The last statement about a subject anywhere in the conversation."""
    stated = re.compile(_STATED.format(re.escape(subject.strip())), re.I)
    found = [match[1] for message in messages for match in stated.finditer(text_of(message))]
    return found[-1] if found else None
