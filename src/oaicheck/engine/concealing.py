"""Removes secrets from everything that an exchange records, before anything else sees it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from oaicheck.engine.prepare import WRONG_KEY
from oaicheck.target.target import Target
from oaicheck.wire.coding import decoded_segments
from oaicheck.wire.exchange import Headers, Segment
from oaicheck.wire.secrets import Redactor, marker

_SCHEMES = frozenset({"apikey", "api-key", "basic", "bearer", "digest", "key", "token"})

RawHeaders = Sequence[tuple[bytes, bytes]]


class Concealer:
    """Removes a target's secrets, and the wrong key that some scenarios send on purpose."""

    def __init__(self, target: Target) -> None:
        self._redactor = _redactor((*target.secrets, WRONG_KEY))
        self._scheme = target.auth_scheme.lower()
        self._wholly_secret = {"authorization", "proxy-authorization", target.auth_header.lower()}
        self._wholly_secret |= {name.lower() for name in target.headers if target.is_secret(name)}

    def text(self, text: str) -> str:
        """A text without secrets, such as a URL or an error message."""
        return self._redactor.clean_text(text)

    def data(self, data: bytes) -> bytes:
        """Bytes without secrets, such as a request's body."""
        return self._redactor.clean(data)

    def value(self, value: Any) -> Any:
        """A JSON value without secrets."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(name): self.value(member) for name, member in value.items()}
        return [self.value(each) for each in value] if isinstance(value, list | tuple) else value

    def sent_headers(self, raw: RawHeaders) -> Headers:
        """The headers of a request. A credential is removed completely; its scheme stays."""
        return tuple(
            (
                name.decode("latin-1"),
                self._credential(value)
                if name.decode("latin-1").lower() in self._wholly_secret
                else self._redactor.clean(value).decode("latin-1"),
            )
            for name, value in raw
        )

    def received_headers(self, raw: RawHeaders) -> Headers:
        """The headers of a response, in their order and case."""
        # Most heads have no secret, and one look at the whole is cheaper than one at each part.
        together = b"\n".join(part for pair in raw for part in pair)
        if self._redactor.clean(together) != together:
            raw = [(self._redactor.clean(name), self._redactor.clean(value)) for name, value in raw]
        return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)

    def segments(
        self, segments: Sequence[Segment], encoding: str, most: int
    ) -> tuple[tuple[Segment, ...], str]:
        """A body without secrets, in the same pieces, and a remark if it was recorded decoded.

        If a compressed body contains a secret, its decoded form replaces it. `most` limits the
        number of decoded bytes.
        """
        decoded = decoded_segments(segments, encoding, most)
        shown = self._cleaned(decoded)
        if shown != decoded:
            return shown, (
                f"the {encoding} encoded body contained a secret, so it is recorded decoded, "
                "without the secret"
            )
        return self._cleaned(segments), ""

    def _cleaned(self, segments: Sequence[Segment]) -> tuple[Segment, ...]:
        body = b"".join(segment.data for segment in segments)
        cleaned = self._redactor.clean(body)
        # Nearly always there is nothing to remove, and a copy would double a long body.
        return tuple(segments) if cleaned == body else tuple(_cut(cleaned, segments))

    def _credential(self, value: bytes) -> str:
        scheme, space, secret = value.partition(b" ")
        if space and scheme.decode("latin-1").lower() in _SCHEMES | {self._scheme}:
            return (scheme + space + marker(len(secret))).decode("latin-1")
        return marker(len(value)).decode("latin-1")


@lru_cache(maxsize=4)
def _redactor(secrets: tuple[str, ...]) -> Redactor:
    """The same for all exchanges of a run: it remembers what it has read."""
    return Redactor(secrets)


def _cut(body: bytes, segments: Iterable[Segment]) -> Iterator[Segment]:
    position = 0
    for segment in segments:
        end = position + len(segment.data)
        yield Segment(segment.at, body[position:end])
        position = end
