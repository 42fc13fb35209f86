"""Faults in compacting a conversation, and in going on from it."""

from dataclasses import replace
from typing import Any

from ...deviation import REPLY, RESPONSES_BODY, STORED, Object, Situation, fault
from ...editing import refused
from ...http.reply import Reply


@fault("responses-compact-500", REPLY, "Compacting a conversation gives a 500.")
def _compact_500(reply: Reply, situation: Situation) -> Reply:
    return replace(reply, status=500) if situation.route == "compact" else reply


@fault("responses-compact-object", STORED, "The object of a compacted conversation is response.")
def _compact_object(value: Object, situation: Situation) -> Object:
    return {**value, "object": "response"} if situation.route == "compact" else value


@fault("responses-compact-no-item", STORED, "A compacted conversation has no compaction item.")
def _compact_no_item(value: Object, situation: Situation) -> Object:
    if situation.route != "compact":
        return value
    return {**value, "output": [item for item in value["output"] if not _is_compaction(item)]}


@fault("responses-compact-empty", STORED, "The compaction item has no content.")
def _compact_empty(value: Object, situation: Situation) -> Object:
    if situation.route != "compact":
        return value
    output = [
        {**item, "encrypted_content": ""} if _is_compaction(item) else item
        for item in value["output"]
    ]
    return {**value, "output": output}


@fault("responses-compact-usage-missing", STORED, "A compacted conversation has no usage.")
def _compact_without_usage(value: Object, situation: Situation) -> Object:
    if situation.route != "compact":
        return value
    return {name: value[name] for name in value if name != "usage"}


@fault("responses-compact-not-taken-back", RESPONSES_BODY, "A compaction item is refused as input.")
def _compact_refused(body: Object, _: Situation) -> Object:
    given = body.get("input")
    for place, item in enumerate(given if isinstance(given, list) else ()):
        if _is_compaction(item):
            message = f"Invalid value: '{item['type']}'."
            raise refused(400, message, f"input[{place}].type", code="invalid_value")
    return body


def _is_compaction(item: dict[str, Any]) -> bool:
    return item.get("type") == "compaction"
