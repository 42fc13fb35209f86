"""Pages of a list, and endpoints that list nothing."""

import json
from typing import Any

import pytest

from oaicheck.rules.verdict import Outcome
from support.answers import answering, changed, judged, turns

MORE, AFTER = "responses.conversations.more", "responses.conversations.after"
LIMIT = "responses.conversations.limit"


def asked(*pages: dict[str, Any]) -> dict[str, Outcome]:
    """What becomes of the rules if these are the pages, each with other members than usual."""
    created, *listed = turns("responses/kept/conversation")
    made = [changed(page, **members) for page, members in zip(listed, pages, strict=False)]
    *earlier, last = [created, *made]
    return {rule: judged(rule, last, earlier).outcome for rule in (MORE, AFTER, LIMIT)}


def items(*names: str) -> list[dict[str, str]]:
    return [{"id": name, "type": "message"} for name in names]


def test_pages_have_all_items_once() -> None:
    right = {MORE: Outcome.PASS, AFTER: Outcome.PASS, LIMIT: Outcome.PASS}
    assert asked({}, {}) == right
    assert asked({"data": items("a"), "has_more": True}, {"data": items("b", "c")}) == right


def test_a_page_that_comes_again_or_lacks_an_item_is_a_defect() -> None:
    first = {"data": items("a", "b"), "has_more": True}
    assert asked(first, {"data": items("a", "b")})[AFTER] is Outcome.FAIL
    assert asked(first, {"data": []})[AFTER] is Outcome.FAIL
    assert asked({**first, "has_more": None}, {"data": items("c")})[MORE] is Outcome.FAIL


def test_who_lists_everything_at_once_needs_no_second_page() -> None:
    found = asked({"data": items("a", "b", "c"), "has_more": False}, {"data": []})
    skipped = Outcome.NOT_APPLICABLE
    assert found == {MORE: skipped, AFTER: skipped, LIMIT: Outcome.WARN}


@pytest.mark.parametrize("rule", [MORE, AFTER, LIMIT])
def test_who_lists_nothing_needs_no_pages(rule: str) -> None:
    created, first, _ = turns("responses/kept/conversation")
    absent = answering(first, 404, json.dumps({"error": {}}), "application/json")
    assert judged(rule, absent, [created]).outcome is Outcome.NOT_APPLICABLE
