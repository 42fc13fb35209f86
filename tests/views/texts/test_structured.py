"""What a text is that was asked to be one JSON object."""

import pytest

from oaicheck.views.texts.structured import Form, form_of, schema_violations


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ('{"a": 1}', Form.OBJECT),
        (' {"a": {}}\n', Form.OBJECT),
        ("[1]", Form.OTHER_JSON),
        ("null", Form.OTHER_JSON),
        ('```json\n{"a": 1}\n```', Form.FENCED),
        ("```json\nno {\n```", Form.NOT_JSON),
        ('Here: {"a": 1}', Form.SURROUNDED),
        ('{"a": 1} and more', Form.SURROUNDED),
        ('{"a": {"b": 1}', Form.NOT_JSON),
        ('{"a": 1,}', Form.NOT_JSON),
        ("prose {with braces}", Form.NOT_JSON),
        ("{" * 100_000, Form.NOT_JSON),
        ('{"a":' * 100_000, Form.NOT_JSON),
        ("", Form.NOT_JSON),
    ],
)
def test_form(text: str, form: Form) -> None:
    assert form_of(text) is form


def test_violations_name_the_place() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["b"]}
    assert schema_violations({"a": 1, "b": 2}, schema) == []
    assert {line.split(":")[0] for line in schema_violations({"a": "1"}, schema)} == {"$", "$.a"}
