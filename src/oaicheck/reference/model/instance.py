"""Makes a small instance of a JSON Schema, for tool arguments and structured answers.

Strings and numbers can come from a supply (the quoted strings in the prompt), so that a scenario
can choose the arguments.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_FORMATS = {
    "date": "2024-01-31",
    "date-time": "2024-01-31T12:00:00Z",
    "time": "12:00:00Z",
    "duration": "P1D",
    "email": "someone@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "uuid": "123e4567-e89b-42d3-a456-426614174000",
}
_CANDIDATES = (
    "text", "a", "A", "1", "12", "123", "1234", "12345", "AB", "ABC", "abc", "Abc", "ABC-123",
    "a1", "A1", "abc-1", "abc_1", "#aabbcc", "1.0.0", "+15550100", "12:00", "/a", "src/main.py",
    *_FORMATS.values(),
)  # fmt: skip
_TYPES = {"object", "array", "string", "number", "integer", "boolean", "null"}
_DEEP = 8
_LARGE = 10_000
_SUBSCHEMAS = ("items", "additionalProperties", "not", "if", "then", "else", "contains")


class SchemaError(ValueError):
    """There is no instance of the schema; the message says why."""


@dataclass
class Supply:
    """Values from the prompt, returned in order. The last one repeats."""

    strings: list[str] = field(default_factory=list)
    numbers: list[float] = field(default_factory=list)

    def string(self) -> str | None:
        """The next quoted string of the prompt."""
        return self._next(self.strings)

    def offers(self, values: list[Any]) -> bool:
        """Whether the next quoted string of the prompt is one of these values."""
        return bool(self.strings) and self.strings[0] in values

    def number(self) -> float | None:
        """The next number of the prompt, or None if none is left."""
        return self.numbers.pop(0) if self.numbers else None

    @staticmethod
    def _next(values: list[str]) -> str | None:
        if not values:
            return None
        return values.pop(0) if len(values) > 1 else values[0]


def check_schema(schema: object) -> None:
    """Raise SchemaError if a schema has an unknown type, an invalid pattern or a dangling $ref."""
    if not isinstance(schema, dict):
        raise SchemaError("a schema must be an object")
    for node in _nodes(schema):
        declared = node.get("type", [])
        types = declared if isinstance(declared, list) else [declared]
        for name in types:
            if not isinstance(name, str) or name not in _TYPES:
                raise SchemaError(f"{name!r} is not a valid type")
        if isinstance(pattern := node.get("pattern"), str):
            try:
                re.compile(pattern)
            except re.error as error:
                raise SchemaError(f"pattern {pattern!r} is not valid: {error}") from error
        for bound in ("minItems", "minLength", "minProperties"):
            if isinstance(node.get(bound), int) and node[bound] > _LARGE:
                raise SchemaError(f"{bound} of {node[bound]} is too large")
        if "$ref" in node:
            _resolve(node, schema)


def make_instance(schema: dict[str, Any], supply: Supply | None = None) -> Any:
    """A small value that is valid for the schema."""
    return _Maker(schema, supply or Supply()).make(schema, 0)


def _nodes(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    children: list[object] = [schema.get(key) for key in _SUBSCHEMAS]
    for key in ("properties", "$defs", "definitions", "patternProperties"):
        if isinstance(group := schema.get(key), dict):
            children.extend(group.values())
    for key in ("anyOf", "oneOf", "allOf", "prefixItems"):
        if isinstance(listed := schema.get(key), list):
            children.extend(listed)
    for child in children:
        if isinstance(child, dict):
            yield from _nodes(child)


def _resolve(node: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """The schema of a node, with its $ref resolved and merged with the members beside it."""
    for _ in range(_DEEP):
        reference = node.get("$ref")
        if reference is None:
            return node
        target: object = root
        if not isinstance(reference, str) or not reference.startswith("#"):
            raise SchemaError(f"$ref {reference!r} cannot be resolved")
        for part in reference[1:].split("/")[1:]:
            name = part.replace("~1", "/").replace("~0", "~")
            target = target.get(name) if isinstance(target, dict) else None
        if not isinstance(target, dict):
            raise SchemaError(f"$ref {reference!r} cannot be resolved")
        node = {**target, **{key: value for key, value in node.items() if key != "$ref"}}
    raise SchemaError("$ref refers to itself")


class _Maker:
    """Walks one schema; keeps its root for references."""

    def __init__(self, root: dict[str, Any], supply: Supply) -> None:
        self._root = root
        self._supply = supply

    def make(self, schema: object, depth: int) -> Any:
        if not isinstance(schema, dict):
            return "text"
        node = _resolve(schema, self._root)
        if "const" in node:
            return node["const"]
        if isinstance(values := node.get("enum"), list) and values:
            return self._supply.string() if self._supply.offers(values) else values[0]
        for key in ("anyOf", "oneOf"):
            if isinstance(options := node.get(key), list) and options:
                rest = {name: value for name, value in node.items() if name != key}
                return self.make(_merge(rest, self._choose(options, depth)), depth)
        if isinstance(parts := node.get("allOf"), list) and parts:
            merged = {name: value for name, value in node.items() if name != "allOf"}
            for part in parts:
                merged = _merge(merged, _resolve(part, self._root))
            return self.make(merged, depth)
        return self._of_type(_type_of(node, depth), node, depth)

    def _choose(self, options: list[Any], depth: int) -> dict[str, Any]:
        """The first option that is not null, or null if the schema is nested deeply."""
        resolved = [_resolve(option, self._root) for option in options if isinstance(option, dict)]
        nulls = [option for option in resolved if option.get("type") == "null"]
        others = [option for option in resolved if option.get("type") != "null"]
        if nulls and (depth >= _DEEP or not others):
            return nulls[0]
        if depth >= _DEEP:
            simple = [option for option in others if option.get("type") not in ("object", "array")]
            others = simple or others
        return others[0] if others else {}

    def _of_type(self, kind: str, node: dict[str, Any], depth: int) -> Any:
        if depth > 4 * _DEEP:
            raise SchemaError("the schema has no finite instance")
        if kind == "object":
            return self._object(node, depth)
        if kind == "array":
            return self._array(node, depth)
        if kind == "string":
            return self._string(node)
        if kind in ("integer", "number"):
            return self._number(node, whole=kind == "integer")
        return True if kind == "boolean" else None

    def _object(self, node: dict[str, Any], depth: int) -> dict[str, Any]:
        properties = node.get("properties")
        known: dict[str, Any] = properties if isinstance(properties, dict) else {}
        required = node.get("required")
        names = list(known) if required is None and depth == 0 else list(required or ())
        made = {name: self.make(known.get(name, {}), depth + 1) for name in names}
        extra = node.get("additionalProperties")
        while len(made) < int(node.get("minProperties", 0)):
            made[f"key{len(made) + 1}"] = self.make(extra, depth + 1)
        return made

    def _array(self, node: dict[str, Any], depth: int) -> list[Any]:
        fixed = node.get("prefixItems")
        made = [self.make(part, depth + 1) for part in fixed] if isinstance(fixed, list) else []
        least = int(node.get("minItems", 1 if depth < 3 and "items" in node else 0))
        least = min(least, int(node.get("maxItems", least)))
        while len(made) < least:
            item = self.make(node.get("items"), depth + 1)
            if node.get("uniqueItems") and item in made:
                item = _another(item, node.get("items"), made)
            made.append(item)
        return made

    def _string(self, node: dict[str, Any]) -> str:
        if (form := node.get("format")) in _FORMATS:
            return _FORMATS[str(form)]
        pattern = node.get("pattern")
        offered = self._supply.string()
        least, most = int(node.get("minLength", 0)), int(node.get("maxLength", 1 << 20))
        candidates = _CANDIDATES if offered is None else (offered, *_CANDIDATES)
        for text in candidates:
            fits = least <= len(text) <= most
            if fits and (pattern is None or re.search(pattern, text)):
                return text
        return "text".ljust(least, "t")[:most]

    def _number(self, node: dict[str, Any], *, whole: bool) -> float | int:
        step = node.get("multipleOf", 1 if whole else 0.5)
        low = node.get("minimum", float("-inf"))
        high = node.get("maximum", float("inf"))
        if "exclusiveMinimum" in node:
            low = max(low, node["exclusiveMinimum"] + step)
        if "exclusiveMaximum" in node:
            high = min(high, node["exclusiveMaximum"] - step)
        offered = self._supply.number()
        if offered is not None and low <= offered <= high:
            return int(offered) if whole or offered == int(offered) else offered
        value = min(max(step, low), high)
        value = -(-value // step) * step
        return int(value) if whole else value


def _type_of(node: dict[str, Any], depth: int) -> str:
    declared = node.get("type")
    if isinstance(declared, list):
        others = [name for name in declared if name != "null"]
        deep = depth >= _DEEP and "null" in declared
        return "null" if deep or not others else str(others[0])
    if isinstance(declared, str):
        return declared
    if "properties" in node or "required" in node:
        return "object"
    return "array" if "items" in node else "string"


def _merge(left: dict[str, Any], right: dict[str, Any]) -> dict[str, Any]:
    merged = {**left, **right}
    if isinstance(left.get("properties"), dict) and isinstance(right.get("properties"), dict):
        merged["properties"] = {**left["properties"], **right["properties"]}
    if isinstance(left.get("required"), list) and isinstance(right.get("required"), list):
        merged["required"] = [*left["required"], *right["required"]]
    return merged


def _another(item: Any, schema: object, taken: list[Any]) -> Any:
    """A value like ``item`` that has not been used yet."""
    values = schema.get("enum") if isinstance(schema, dict) else None
    if isinstance(values, list):
        return next((value for value in values if value not in taken), item)
    if isinstance(item, bool):
        return not item
    if isinstance(item, int | float):
        return item + len(taken)
    return f"{item}{len(taken)}" if isinstance(item, str) else item
