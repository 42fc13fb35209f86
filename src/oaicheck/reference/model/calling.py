"""Which tools the scripted model calls, and with which arguments."""

import json
import re
from typing import Any

from ..chat.ask import Ask
from .instance import Supply, make_instance
from .script import last_user_text, quoted

_CITIES = (
    "Paris", "London", "Berlin", "Tokyo", "Madrid", "Rome", "Oslo", "Vienna", "Zurich", "Zürich",
    "Lisbon", "Boston", "Chicago", "New York", "San Francisco", "Sydney", "Beijing", "Cairo",
)  # fmt: skip
_SEVERAL = re.compile(r"\b(?:twice|both|two calls|each of)\b", re.I)
_TOOL_WANTED = re.compile(r"\b(?:use|call|invoke|run)\b[^.]{0,60}\b(?:tools?|functions?)\b", re.I)
_FORBIDDEN = re.compile(r"\b(?:do not|don't|never|without)\b[^.]{0,20}\b(?:call|us|tool)", re.I)
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])")


def planned_calls(ask: Ask) -> list[tuple[str, str]]:
    """The name and arguments of every call that the model makes; empty if it answers with text."""
    prompt = last_user_text(ask.messages)
    wanted = _wanted_tools(ask, prompt)
    if not wanted:
        return []
    cities = sorted((city for city in _CITIES if city in prompt), key=prompt.index)
    several = ask.parallel and ask.choosing != "named"
    if several and len(wanted) == 1 and len(cities) >= 2:
        return [_call(wanted[0], [city], prompt) for city in cities]
    if several and len(wanted) == 1 and _SEVERAL.search(prompt):
        wanted = wanted * 2
    if not several:
        wanted = wanted[:1]
    return [_call(tool, quoted(prompt) or cities[:1], prompt) for tool in wanted]


def _wanted_tools(ask: Ask, prompt: str) -> list[dict[str, Any]]:
    functions = [tool["function"] for tool in ask.tools]
    if ask.choosing == "none" or not functions:
        return []
    if ask.choosing == "named":
        return [function for function in functions if function["name"] == ask.named]
    mentioned = [function for function in functions if _mentions(prompt, function["name"])]
    if ask.choosing == "required":
        return mentioned or functions[:1]
    if ask.messages[-1]["role"] == "tool" or _FORBIDDEN.search(prompt):
        return []
    if not mentioned and "weather" in prompt.lower():
        mentioned = [function for function in functions if "weather" in str(function).lower()][:1]
    if not mentioned and _TOOL_WANTED.search(prompt):
        mentioned = functions[:1]
    return mentioned


def _mentions(prompt: str, name: str) -> bool:
    lowered = prompt.lower()
    forms = {name.lower(), name.lower().replace("_", " ").replace("-", " ")}
    return any(re.search(rf"(?<!\w){re.escape(form)}(?!\w)", lowered) for form in forms)


def _call(function: dict[str, Any], strings: list[str], prompt: str) -> tuple[str, str]:
    schema = function.get("parameters")
    if not schema:
        return function["name"], "{}"
    numbers = [float(found) for found in _NUMBER.findall(prompt)]
    value = make_instance({"type": "object", **schema}, Supply(list(strings), numbers))
    return function["name"], json.dumps(value, ensure_ascii=False)
