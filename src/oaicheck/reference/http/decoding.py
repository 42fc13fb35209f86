"""Turns the bytes of a request body into a JSON object, or refuses them with a reason."""

import json
import zlib
from typing import Any

from .problem import ApiError, invalid
from .reply import Request


def decoded_body(request: Request, most: int) -> dict[str, Any]:
    """The JSON object in a request's body, which may have ``most`` bytes before and after gzip."""
    data = _plain(request, most)
    if len(data) > most:
        raise ApiError(413, f"The request body is larger than {most} bytes.", code="body_too_large")
    try:
        value = json.loads(data, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise invalid(None, f"The body of the request is not valid JSON: {error}") from error
    if not isinstance(value, dict):
        raise invalid(None, "The body of the request must be a JSON object.")
    try:
        clean = _without_surrogates(value)
    except RecursionError as error:
        raise invalid(None, "The body of the request is nested too deeply.") from error
    return dict(clean)


def _plain(request: Request, most: int) -> bytes:
    coding = (request.header("content-encoding") or "identity").strip().lower()
    if coding == "identity":
        return request.body
    if coding not in ("gzip", "x-gzip"):
        raise ApiError(415, f"Content-Encoding {coding!r} is not supported; use gzip or none.")
    try:
        return zlib.decompressobj(wbits=31).decompress(request.body, most + 1)
    except zlib.error as error:
        raise invalid(None, "The body of the request is not valid gzip.") from error


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON value")


def _without_surrogates(value: Any) -> Any:
    """Replace lone surrogates, which JSON can escape but UTF-8 cannot encode."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    return value
