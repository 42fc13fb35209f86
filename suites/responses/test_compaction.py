"""Compaction: a long conversation becomes a short one, from which the client goes on."""

from oaicheck.rules import MUST, SHOULD, NotApplicable, require, requirement, status_line
from oaicheck.views import Conversation, Exchange, Located, require_no_server_error

COMPACTION = "responses/compaction"
_SOURCE = "openai:responses/compact"


@requirement(
    "responses.compaction.no-server-error",
    MUST,
    "A request to /responses/compact is served or refused with a 4xx, without a server error "
    "(5xx).",
    on=COMPACTION,
    source=(_SOURCE, "rfc9110#15.5"),
    remedy="Answer 404 if you do not compact conversations.",
    since="2026.2",
)
def test_compacting_causes_no_server_error(conversation: Conversation) -> None:
    require_no_server_error(conversation.turns[0])


@requirement(
    "responses.compaction.item",
    MUST,
    "A compacted conversation has an item of type `compaction` with an `encrypted_content` that is "
    "not empty.",
    on=COMPACTION,
    source=_SOURCE,
    remedy="Put what the model needs to know into `encrypted_content`: the client sends it back "
    "instead of the conversation.",
    since="2026.2",
)
def test_there_is_a_compaction(conversation: Conversation) -> None:
    output = _compacted(conversation)["output"]
    items = [item for item in output if item["type"].value == "compaction"]
    require(bool(items), output, expected="an item of type compaction")
    for item in items:
        content = item["encrypted_content"]
        require(content.is_text, content, expected="a non-empty string")


@requirement(
    "responses.compaction.continued",
    MUST,
    "The output of a compaction is accepted as the input of a new response.",
    on=COMPACTION,
    follows=("responses.compaction.item",),
    source=_SOURCE,
    remedy="Accept each item that /responses/compact sends, `compaction` among them.",
    since="2026.2",
)
def test_a_compacted_conversation_goes_on(conversation: Conversation) -> None:
    _compacted(conversation)
    for following in conversation.turns[1:]:
        require(following.status == 200, following, expected="HTTP 200")


@requirement(
    "responses.compaction.object",
    SHOULD,
    "`object` of a compacted conversation is `response.compaction`.",
    on=COMPACTION,
    source=_SOURCE,
    remedy='Send `"object": "response.compaction"`.',
    since="2026.2",
)
def test_the_object_is_a_compaction(conversation: Conversation) -> None:
    name = _compacted(conversation)["object"]
    require(name.value == "response.compaction", name, expected='"response.compaction"')


@requirement(
    "responses.compaction.usage",
    SHOULD,
    "A compacted conversation has `usage` with `input_tokens` and `output_tokens`.",
    on=COMPACTION,
    source=_SOURCE,
    remedy="Send usage: compacting is billed like a response.",
    since="2026.2",
)
def test_compacting_has_usage(conversation: Conversation) -> None:
    usage = _compacted(conversation)["usage"]
    for name in ("input_tokens", "output_tokens"):
        require(usage[name].is_integer, usage[name], expected="an integer")


def _compacted(conversation: Conversation) -> Located:
    """The compacted conversation. Raises NotApplicable if the endpoint compacts none.

    An endpoint that answers on every path sends an ordinary response here.
    """
    first: Exchange = conversation.turns[0]
    root = first.json
    if first.status != 200 or root is None or _is_an_answer(root):
        raise NotApplicable(f"the endpoint compacts no conversations: {status_line(first)}")
    return root


def _is_an_answer(root: Located) -> bool:
    """Whether this is an ordinary response, which has a status."""
    return root["object"].value == "response" and root["status"].given
