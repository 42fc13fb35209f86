"""Faults of reasoning items: shown twice, not encrypted, or refused when they come back."""

from collections.abc import Callable
from dataclasses import replace

from ...deviation import OUTPUT, RESPONSES_BODY, Object, Situation, fault
from ...editing import refused
from ...responses.objects import Output


@fault(
    "responses-reasoning-twice",
    OUTPUT,
    "The reasoning is sent as content, and once more as its own summary.",
    "peonist-ai/halogen-flash-server#67",
)
def _twice(output: list[Output], _: Situation) -> list[Output]:
    return [_with_content(made) if made.item["type"] == "reasoning" else made for made in output]


def _with_content(made: Output) -> Output:
    content = [{"type": "reasoning_text", "text": part["text"]} for part in made.item["summary"]]
    return replace(made, item={**made.item, "content": content})


@fault(
    "responses-reasoning-not-encrypted",
    OUTPUT,
    "include reasoning.encrypted_content is accepted, and reasoning items come without it.",
    "vllm-project/vllm#57323",
)
def _not_encrypted(output: list[Output], _: Situation) -> list[Output]:
    return [
        replace(made, item={k: v for k, v in made.item.items() if k != "encrypted_content"})
        for made in output
    ]


def _refusing_where(
    fits: Callable[[Object], bool], status: int, message: str
) -> Callable[[Object, Situation], Object]:
    """A deviation that refuses input with such an item, if nothing is to be stored."""

    def alter(body: Object, _: Situation) -> Object:
        given = body.get("input")
        items = given if isinstance(given, list) and body.get("store") is False else []
        if any(isinstance(item, dict) and fits(item) for item in items):
            raise refused(status, message, "input")
        return body

    return alter


fault(
    "responses-reasoning-encrypted-rejected",
    RESPONSES_BODY,
    "A reasoning item with encrypted_content is refused when it is sent back.",
    "vllm-project/vllm#28248",
)(
    _refusing_where(
        lambda item: "encrypted_content" in item, 400, "encrypted_content is not supported."
    )
)
fault(
    "responses-reasoning-encrypted-500",
    RESPONSES_BODY,
    "A reasoning item with encrypted_content gives a 500 when it is sent back.",
)(_refusing_where(lambda item: "encrypted_content" in item, 500, "Internal server error."))
fault(
    "responses-unstored-output-rejected",
    RESPONSES_BODY,
    "With store false, a message is looked up by its id when it is sent back, and not found.",
)(_refusing_where(lambda item: "id" in item, 404, "Item not found: it was not stored."))
