"""The paths below the base path, and authentication."""

import re
from dataclasses import dataclass
from typing import Literal

from ..settings import Settings
from .problem import ApiError
from .reply import Request

_ONE_RESPONSE = re.compile(r"/responses/([^/]+)(/input_items|/cancel)?")
_ONE_CONVERSATION = re.compile(r"/conversations/([^/]+)/items")
_CHALLENGE = (("WWW-Authenticate", 'Bearer realm="oaicheck reference"'),)


@dataclass(frozen=True)
class Route:
    """A known path and its methods."""

    name: Literal[
        "chat", "models", "model", "responses", "response", "input_items", "cancel",
        "conversations", "conversation_items", "input_tokens", "compact",
    ]  # fmt: skip
    methods: tuple[str, ...]
    model: str = ""
    response: str = ""
    """The id of a response, or of a conversation."""

    @property
    def allow(self) -> str:
        """The value of the Allow header."""
        return ", ".join((*self.methods, "OPTIONS"))


def find_route(path: str, base: str) -> Route | None:
    """The route of a path, or None."""
    if not path.startswith(base + "/"):
        return None
    rest = path[len(base) :]
    if rest == "/chat/completions":
        return Route("chat", ("POST",))
    if rest == "/models":
        return Route("models", ("GET", "HEAD"))
    if rest.startswith("/models/") and len(rest) > len("/models/"):
        return Route("model", ("GET", "HEAD"), rest.removeprefix("/models/"))
    if rest == "/responses":
        return Route("responses", ("POST",))
    if rest == "/responses/input_tokens":
        return Route("input_tokens", ("POST",))
    if rest == "/responses/compact":
        return Route("compact", ("POST",))
    if found := _ONE_RESPONSE.fullmatch(rest):
        if found[2] == "/cancel":
            return Route("cancel", ("POST",), response=found[1])
        if found[2]:
            return Route("input_items", ("GET", "HEAD"), response=found[1])
        return Route("response", ("GET", "HEAD", "DELETE"), response=found[1])
    if rest == "/conversations":
        return Route("conversations", ("POST",))
    if found := _ONE_CONVERSATION.fullmatch(rest):
        return Route("conversation_items", ("GET", "HEAD"), response=found[1])
    return None


def authenticate(request: Request, settings: Settings) -> None:
    """Raise an ApiError unless the request has a valid key. The error never echoes a key."""
    if settings.api_key is None:
        return
    given = request.header("authorization")
    if given is None or not given.strip():
        raise _unauthorized(
            "You didn't provide an API key. Provide it in an Authorization header using Bearer "
            "auth (Authorization: Bearer YOUR_KEY).",
            None,
        )
    scheme, _, key = given.strip().partition(" ")
    key = key.strip()
    if scheme.lower() != "bearer":
        raise _unauthorized("The Authorization header must use the Bearer scheme.", None)
    if key == settings.scopeless_key:
        raise ApiError(
            403,
            "This API key does not have the scope that this operation needs.",
            code="insufficient_permissions",
            kind="permission_error",
        )
    if key == settings.expired_key:
        raise _unauthorized("The API key provided has expired.", "expired_api_key")
    if key != settings.api_key:
        raise _unauthorized("Incorrect API key provided.", "invalid_api_key")


def _unauthorized(message: str, code: str | None) -> ApiError:
    return ApiError(401, message, code=code, kind="authentication_error", headers=_CHALLENGE)
