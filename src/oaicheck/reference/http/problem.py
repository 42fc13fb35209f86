"""The error that the reference endpoint raises to refuse a request."""

from collections.abc import Mapping
from typing import Any

from .reply import Headers


class ApiError(Exception):
    """A refusal, with all fields of the OpenAI API's error object."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        kind: str = "invalid_request_error",
        headers: Headers = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.param = param
        self.code = code
        self.kind = kind
        self.headers = headers

    def body(self) -> Mapping[str, Any]:
        """The error object as it goes over the wire."""
        return {
            "error": {
                "message": self.message,
                "type": self.kind,
                "param": self.param,
                "code": self.code,
            }
        }


def invalid(param: str | None, message: str, code: str | None = None) -> ApiError:
    """A 400 that names the invalid parameter."""
    return ApiError(400, message, param=param, code=code)
