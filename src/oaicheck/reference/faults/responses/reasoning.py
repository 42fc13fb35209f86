"""Faults of reasoning items: shown twice."""

from dataclasses import replace

from ...deviation import OUTPUT, Situation, fault
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
