"""The input of a response: validates its items, adds ids, and converts them to messages."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..http.problem import ApiError, invalid
from .state import State

Item = dict[str, Any]

_ROLES = ("user", "assistant", "system", "developer")
_TYPES = (
    "message", "function_call", "function_call_output", "reasoning", "item_reference",
    "custom_tool_call", "custom_tool_call_output",
)  # fmt: skip
_OPAQUE = ("program", "compaction")
"""Items that are taken back without a look inside: some variation sends the first."""
_CALLS = ("function_call", "custom_tool_call")
_STATUSES = ("in_progress", "completed", "incomplete")


class InputReader:
    """Parses the ``input`` of one request."""

    def __init__(self, state: State, new_id: Callable[[str], str], earlier: Iterable[Item]) -> None:
        self._state = state
        self._new_id = new_id
        self._calls = {item["call_id"] for item in earlier if item["type"] in _CALLS}

    def read(self, given: str | list[Any] | None) -> tuple[Item, ...]:
        """The input as complete items. Raises an ApiError that names the first invalid one."""
        if given is None:
            return ()
        if isinstance(given, str):
            return (self._message({"role": "user", "content": given}, "input"),)
        return tuple(self._item(item, f"input[{place}]") for place, item in enumerate(given))

    def _item(self, given: object, where: str) -> Item:
        if not isinstance(given, dict):
            raise wrong_type(where, "an object", given)
        kind = given.get("type", "message" if "role" in given else None)
        if kind is None and isinstance(given.get("id"), str):
            kind = "item_reference"
        if not isinstance(kind, str):
            raise missing_or_type(f"{where}.type", "a string", kind)
        if kind in _OPAQUE or ":" in kind:
            return {"id": self._new_id("item_"), **given}
        if kind not in _TYPES:
            raise not_supported(f"{where}.type", kind, _TYPES)
        if given.get("id") is not None and not isinstance(given["id"], str):
            raise wrong_type(f"{where}.id", "a string", given["id"])
        if given.get("status") is not None and given["status"] not in _STATUSES:
            raise not_supported(f"{where}.status", given["status"], _STATUSES)
        readers = {
            "message": self._message,
            "function_call": self._call,
            "function_call_output": self._call_output,
            "reasoning": self._reasoning,
            "item_reference": self._reference,
            "custom_tool_call": self._custom_call,
            "custom_tool_call_output": self._call_output,
        }
        return readers[kind](given, where)

    def _message(self, given: Mapping[str, Any], where: str) -> Item:
        role = given.get("role")
        if not isinstance(role, str):
            raise missing_or_type(f"{where}.role", "a string", role)
        if role not in _ROLES:
            raise not_supported(f"{where}.role", role, _ROLES)
        kind = "output_text" if role == "assistant" else "input_text"
        content = given.get("content")
        parts = [{"type": kind, "text": content}] if isinstance(content, str) else content
        if content is None:
            raise missing_or_type(f"{where}.content", "a string or an array", content)
        if not isinstance(parts, list):
            raise wrong_type(f"{where}.content", "a string or an array of parts", content)
        return {
            "id": given.get("id") or self._new_id("msg_"),
            "type": "message",
            "status": given.get("status") or "completed",
            "role": role,
            "content": [
                _part(part, kind, f"{where}.content[{place}]") for place, part in enumerate(parts)
            ],
        }

    def _call(self, given: Mapping[str, Any], where: str) -> Item:
        for key in ("call_id", "name", "arguments"):
            if not isinstance(given.get(key), str):
                raise missing_or_type(f"{where}.{key}", "a string", given.get(key))
        self._calls.add(given["call_id"])
        return {
            "id": given.get("id") or self._new_id("fc_"),
            "type": "function_call",
            "status": given.get("status") or "completed",
            **{key: given[key] for key in ("call_id", "name", "arguments")},
        }

    def _custom_call(self, given: Mapping[str, Any], where: str) -> Item:
        for key in ("call_id", "name", "input"):
            if not isinstance(given.get(key), str):
                raise missing_or_type(f"{where}.{key}", "a string", given.get(key))
        self._calls.add(given["call_id"])
        return {
            "id": given.get("id") or self._new_id("ctc_"),
            "type": "custom_tool_call",
            "status": given.get("status") or "completed",
            **{key: given[key] for key in ("call_id", "name", "input")},
        }

    def _call_output(self, given: Mapping[str, Any], where: str) -> Item:
        call_id, output = given.get("call_id"), given.get("output")
        if not isinstance(call_id, str):
            raise missing_or_type(f"{where}.call_id", "a string", call_id)
        if isinstance(output, list):
            output = [
                _part(part, "input_text", f"{where}.output[{place}]")
                for place, part in enumerate(output)
            ]
        elif not isinstance(output, str):
            raise missing_or_type(f"{where}.output", "a string", output)
        if call_id not in self._calls:
            message = f"No tool call found for function call output with call_id {call_id}."
            raise invalid("input", message)
        return {
            "id": given.get("id") or self._new_id("fco_"),
            "type": given["type"],
            "status": given.get("status") or "completed",
            "call_id": call_id,
            "output": output,
        }

    def _reasoning(self, given: Mapping[str, Any], where: str) -> Item:
        summary = given.get("summary")
        if not isinstance(summary, list):
            raise missing_or_type(f"{where}.summary", "an array of objects", summary)
        kept = {key: given[key] for key in ("content", "encrypted_content") if key in given}
        name = given.get("id") or self._new_id("rs_")
        return {"id": name, "type": "reasoning", "summary": summary, **kept}

    def _reference(self, given: Mapping[str, Any], where: str) -> Item:
        name = given.get("id")
        if not isinstance(name, str):
            raise missing_or_type(f"{where}.id", "a string", name)
        found = self._state.item(name)
        if found is None:
            raise ApiError(
                404,
                f"Item with id '{name}' not found. Items are not kept when 'store' is false.",
                param="input",
            )
        if found["type"] in _CALLS:
            self._calls.add(found["call_id"])
        return found


def as_messages(items: Iterable[Item]) -> list[dict[str, Any]]:
    """The same conversation as chat messages, for the model."""
    messages: list[dict[str, Any]] = []
    for item in items:
        if item["type"] == "message":
            messages.append({"role": item["role"], "content": _text(item["content"])})
        elif item["type"] in _CALLS:
            written = item["arguments"] if "arguments" in item else item["input"]
            function = {"name": item["name"], "arguments": written}
            call = {"id": item["call_id"], "type": "function", "function": function}
            if messages and messages[-1]["role"] == "assistant":
                messages[-1].setdefault("tool_calls", []).append(call)
            else:
                messages.append({"role": "assistant", "content": None, "tool_calls": [call]})
        elif item["type"] in ("function_call_output", "custom_tool_call_output"):
            output = item["output"]
            text = output if isinstance(output, str) else _text(output)
            messages.append({"role": "tool", "tool_call_id": item["call_id"], "content": text})
    return messages


def wrong_type(where: str, wanted: str, value: object) -> ApiError:
    """The error for a value of a wrong type."""
    names = {dict: "an object", list: "an array", str: "a string", bool: "a boolean"}
    found = "null" if value is None else names.get(type(value), "a number")
    return invalid(
        where,
        f"Invalid type for '{where}': expected {wanted}, but got {found} instead.",
        "invalid_type",
    )


def missing_or_type(where: str, wanted: str, value: object) -> ApiError:
    """The error for a value that is missing or has a wrong type."""
    if value is not None:
        return wrong_type(where, wanted, value)
    return invalid(where, f"Missing required parameter: '{where}'.", "missing_required_parameter")


def not_supported(where: str, value: object, allowed: Iterable[str]) -> ApiError:
    """The error for a word that is not one of the allowed ones."""
    names = ", ".join(f"'{name}'" for name in allowed)
    return invalid(
        where, f"Invalid value: '{value}'. Supported values are: {names}.", "invalid_value"
    )


def _part(part: object, kind: str, where: str) -> dict[str, Any]:
    if not isinstance(part, dict):
        raise wrong_type(where, "an object", part)
    found = part.get("type")
    if not isinstance(found, str):
        raise missing_or_type(f"{where}.type", "a string", found)
    if found == "refusal" and kind == "output_text" and isinstance(part.get("refusal"), str):
        return {"type": "refusal", "refusal": part["refusal"]}
    if found != kind:
        raise invalid(
            f"{where}.type",
            f"Invalid value: '{found}'. This model accepts text only; supported here: '{kind}'.",
            "invalid_value",
        )
    if not isinstance(part.get("text"), str):
        raise missing_or_type(f"{where}.text", "a string", part.get("text"))
    if kind == "input_text":
        return {"type": kind, "text": part["text"]}
    return {"type": kind, "text": part["text"], "annotations": part.get("annotations") or []}


def _text(parts: Iterable[Mapping[str, Any]]) -> str:
    return "".join(str(part.get("text", "")) for part in parts)
