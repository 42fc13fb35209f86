"""Validates ``messages``: their roles and contents, and that every tool result has a call."""

from typing import Any

from ..http.problem import ApiError, invalid

_ROLES = ("system", "developer", "user", "assistant", "tool", "function")


def validated_messages(value: object) -> tuple[dict[str, Any], ...]:
    """The messages of a request. Raises an ApiError that names the first invalid one."""
    if value is None:
        raise invalid(
            "messages", "Missing required parameter: 'messages'.", "missing_required_parameter"
        )
    if not isinstance(value, list):
        raise _type("messages", "an array of objects", value)
    if not value:
        raise invalid(
            "messages",
            "Invalid 'messages': empty array. Expected at least one message.",
            "empty_array",
        )
    pending: set[str] = set()
    for place, message in enumerate(value):
        where = f"messages[{place}]"
        if not isinstance(message, dict):
            raise _type(where, "an object", message)
        role = message.get("role")
        if not isinstance(role, str):
            raise _missing_or_type(f"{where}.role", "a string", role)
        if role not in _ROLES:
            allowed = ", ".join(f"'{name}'" for name in _ROLES)
            raise invalid(
                f"{where}.role",
                f"Invalid value: '{role}'. Supported values are: {allowed}.",
                "invalid_value",
            )
        if message.get("name") is not None and not isinstance(message["name"], str):
            raise _type(f"{where}.name", "a string", message["name"])
        calls = _calls(message, where) if role == "assistant" else []
        _content(message, where, role, optional=bool(calls) or "function_call" in message)
        if role == "tool":
            _tool(message, where, pending)
        elif role == "assistant":
            pending = set(calls)
    return tuple(value)


def _content(message: dict[str, Any], where: str, role: str, *, optional: bool) -> None:
    content = message.get("content")
    if content is None:
        refused = role == "assistant" and isinstance(message.get("refusal"), str)
        if optional or refused:
            return
        raise invalid(
            f"{where}.content",
            f"Invalid value for 'content' in '{where}': expected a string, got null.",
            "invalid_type",
        )
    if isinstance(content, str):
        return
    if not isinstance(content, list) or (not content and role != "assistant"):
        raise _type(f"{where}.content", "a string or a non-empty array of parts", content)
    for number, part in enumerate(content):
        _part(part, f"{where}.content[{number}]", role)


def _part(part: object, where: str, role: str) -> None:
    if not isinstance(part, dict):
        raise _type(where, "an object", part)
    kind = part.get("type")
    if not isinstance(kind, str):
        raise _missing_or_type(f"{where}.type", "a string", kind)
    if kind == "refusal" and role == "assistant":
        return
    if kind != "text":
        raise invalid(
            f"{where}.type",
            f"Invalid value: '{kind}'. This model accepts text only; content parts of type "
            f"'{kind}' are not supported.",
            "invalid_value",
        )
    if not isinstance(part.get("text"), str):
        raise _missing_or_type(f"{where}.text", "a string", part.get("text"))


def _calls(message: dict[str, Any], where: str) -> list[str]:
    """The ids of the calls of an assistant message, after checking them."""
    calls = message.get("tool_calls")
    if calls is None:
        return []
    where = f"{where}.tool_calls"
    if not isinstance(calls, list):
        raise _type(where, "an array of objects", calls)
    ids: list[str] = []
    for number, call in enumerate(calls):
        here = f"{where}[{number}]"
        if not isinstance(call, dict):
            raise _type(here, "an object", call)
        if not isinstance(call.get("id"), str):
            raise _missing_or_type(f"{here}.id", "a string", call.get("id"))
        if call.get("type") != "function":
            raise invalid(f"{here}.type", f"Invalid value for '{here}.type': expected 'function'.")
        function = call.get("function")
        if not isinstance(function, dict):
            raise _missing_or_type(f"{here}.function", "an object", function)
        for key in ("name", "arguments"):
            if not isinstance(function.get(key), str):
                raise _missing_or_type(f"{here}.function.{key}", "a string", function.get(key))
        ids.append(call["id"])
    return ids


def _tool(message: dict[str, Any], where: str, pending: set[str]) -> None:
    name = message.get("tool_call_id")
    if not isinstance(name, str):
        raise _missing_or_type(f"{where}.tool_call_id", "a string", name)
    if name not in pending:
        raise invalid(
            f"{where}.tool_call_id",
            "Messages with role 'tool' must be a response to a preceding message with "
            f"'tool_calls'; no call with id '{name}' precedes {where}.",
        )


def _type(where: str, wanted: str, value: object) -> ApiError:
    names = {dict: "an object", list: "an array", str: "a string", bool: "a boolean"}
    found = "null" if value is None else names.get(type(value), "a number")
    return invalid(
        where,
        f"Invalid type for '{where}': expected {wanted}, but got {found} instead.",
        "invalid_type",
    )


def _missing_or_type(where: str, wanted: str, value: object) -> ApiError:
    if value is None:
        return invalid(
            where, f"Missing required parameter: '{where}'.", "missing_required_parameter"
        )
    return _type(where, wanted, value)
