"""The JSON Schemas of wire objects in `fixtures/schemas/`, which may refer to one another."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from oaicheck.resources import locate
from oaicheck.views.schema_errors import described

_SUFFIX = ".schema.json"
_OF_A_VENDOR = re.compile(r"[a-z0-9][a-z0-9_-]*:\S+")


def schema_names() -> list[str]:
    """The names of all schemas, such as `responses/response`."""
    return sorted(_schemas())


def schema(name: str) -> Mapping[str, Any]:
    """The JSON Schema with that name. Raises KeyError for an unknown name."""
    return _schemas()[name]


def has_schema(name: str) -> bool:
    """Whether there is a schema with that name, such as `responses/response`."""
    return name in _schemas()


def violations(name: str, value: Any) -> list[str]:
    """The errors of a value against a schema; empty if valid. KeyError for an unknown name."""
    return described(_validator(name).iter_errors(value))


def is_of_a_vendor(value: Any) -> bool:
    """Whether a type or status is a vendor's own, such as `acme:trace`.

    Open Responses lets a server add such values; clients ignore what they do not know.
    """
    return isinstance(value, str) and _OF_A_VENDOR.fullmatch(value) is not None


@cache
def event_types() -> frozenset[str]:
    """The documented event types of a response stream, including those without a schema here."""
    path = locate("fixtures") / "schemas" / "responses" / "event-types.json"
    return frozenset(json.loads(path.read_text("utf-8")))


@cache
def _schemas() -> Mapping[str, Mapping[str, Any]]:
    folder = locate("fixtures") / "schemas"
    return {
        path.relative_to(folder).as_posix().removesuffix(_SUFFIX): json.loads(
            path.read_text("utf-8")
        )
        for path in folder.rglob(f"*{_SUFFIX}")
    }


@cache
def _validator(name: str) -> Draft202012Validator:
    resources = [
        (schema["$id"], Resource.from_contents(schema, DRAFT202012))
        for schema in _schemas().values()
    ]
    registry: Registry[Any] = Registry().with_resources(resources)
    return Draft202012Validator(_schemas()[name], registry=registry)
