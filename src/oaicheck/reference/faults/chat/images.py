"""Faults in how images in messages are read."""

from typing import Any

from ...deviation import BODY, Object, Situation, fault
from ...editing import refused

_DESCRIBED = "An image of a single colour. " * 10
"""What stands for an image, with as many tokens as one may have."""
_SMALL = 1_000_000


@fault(
    "params-large-image-413",
    BODY,
    "Images are served up to a megabyte, and a larger one is refused with 413.",
)
def _large_image(body: Object, situation: Situation) -> Object:
    if len(situation.request.body) > _SMALL:
        raise refused(413, "The body is too large.")
    told = body["messages"]
    messages = [{**each, "content": _described(each["content"])} for each in told]
    return {**body, "messages": messages}


@fault("params-large-image-500", BODY, "An image of more than a megabyte is answered with a 500.")
def _large_image_500(body: Object, situation: Situation) -> Object:
    if "image_url" in str(body["messages"]) and len(situation.request.body) > _SMALL:
        raise refused(500, "The image could not be decoded.", kind="server_error")
    return body


def _described(content: Any) -> Any:
    if not isinstance(content, list):
        return content
    described = {"type": "text", "text": _DESCRIBED}
    return [described if part["type"] == "image_url" else part for part in content]
