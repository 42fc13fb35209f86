"""The view of a conversation that the endpoint was asked to store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from oaicheck.rules.judging import Inconclusive, NotApplicable, Unserved, require, status_line
from oaicheck.views.refusal import is_a_refusal, is_rate_limited
from oaicheck.wire.exchange import Exchange, Located
from oaicheck.wire.recording import Conversation


@dataclass(frozen=True)
class KeptState:
    """A conversation that the endpoint was asked to store.

    The scenario `responses/state` creates a response, continues it with a second one, retrieves the
    first one, lists its input items, deletes it, and tries to retrieve it again. Each exchange is
    None if the request was not sent.
    """

    turns: Mapping[int, Exchange]

    @property
    def first(self) -> Exchange:
        """The first response."""
        return self.turns[1]

    @property
    def continued(self) -> Exchange | None:
        """The response that continues the first one."""
        return self.turns.get(2)

    @property
    def retrieved(self) -> Exchange | None:
        """The first response, retrieved by its id."""
        return self.turns.get(3)

    @property
    def input_items(self) -> Exchange | None:
        """The input items of the first response."""
        return self.turns.get(4)

    @property
    def deleted(self) -> Exchange | None:
        """The deletion of the first response."""
        return self.turns.get(5)

    @property
    def gone(self) -> Exchange | None:
        """The attempt to retrieve the first response after its deletion."""
        return self.turns.get(6)


def kept_state(conversation: Conversation) -> KeptState:
    """The view of a conversation that the endpoint was asked to store."""
    return KeptState({exchange.turn: exchange for exchange in conversation.turns})


def continuation_in(state: KeptState) -> Exchange:
    """The exchange that continues the first response. Raises NotApplicable if it was refused."""
    continued = state.continued
    if continued is None:
        raise Inconclusive("the response was not continued: the conversation ended early")
    if is_rate_limited(continued):
        raise Unserved("the response was not continued", continued)
    if is_a_refusal(continued):
        raise NotApplicable(
            f"the endpoint does not store responses, and says so: {status_line(continued)}"
        )
    return continued


def listed(page: Exchange | None) -> Located:
    """The body of a page of a list. Raises NotApplicable if the endpoint lists nothing."""
    if page is None:
        raise Inconclusive("the list was not asked for: the conversation ended early")
    if page.status is not None and 400 <= page.status < 500:
        raise NotApplicable(f"the endpoint does not list the items: {status_line(page)}")
    if page.status != 200 or page.json is None or not page.json["data"].is_array:
        raise Inconclusive(f"there is no list to judge: {status_line(page)}")
    return page.json


def require_a_next_page(page: Exchange | None, total: int) -> None:
    """Require that a page with fewer items than there are says that more follow."""
    body = listed(page)
    if len(body["data"]) >= total:
        raise NotApplicable("the first page has all items")
    require(
        body["has_more"].value is True,
        body["has_more"],
        expected=f"true, because this page has {len(body['data'])} of {total} items",
    )


def require_the_rest(page: Exchange | None, rest: Exchange | None, total: int) -> None:
    """Require that the page after another one has the items that the other one lacks."""
    before = listed(page)
    if len(before["data"]) >= total:
        raise NotApplicable("the first page has all items")
    after = listed(rest)
    seen = {item["id"].value: item for item in before["data"] if item["id"].is_text}
    for item in after["data"]:
        known = item["id"].value if item["id"].is_text else None
        require(
            known not in seen,
            item["id"],
            expected="an item that the page before does not have",
            beside=seen.get(known),
        )
    left = total - len(before["data"])
    require(
        len(after["data"]) >= left,
        after["data"],
        expected=f"{left} more of {total} items",
        observed=f"{len(after['data'])} items",
        beside=before["data"],
    )
