"""Turns a scenario's turn into the exact request to send, and into a curl command."""

from __future__ import annotations

import base64
import json
import operator
import re
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from oaicheck import __version__
from oaicheck.engine.answered_path import for_url, with_answers
from oaicheck.engine.from_answers import MissingAnswerError, Step, named_answer, value_from
from oaicheck.engine.overflow import LONGEST, OF_PROMPT
from oaicheck.scenarios.scenario import HTTP_1_1, OVERFLOW, Credential, Turn
from oaicheck.target.target import Target
from oaicheck.wire.exchange import Exchange, Headers
from oaicheck.wire.json_text import json_text, parse_json, without_lone_surrogates

WRONG_KEY = "sk-4fQ0vXo7Yw2mTnB9cRjLh6KdZ1pGsE8uAi5yWxMb3HqNtVrC"
"""A key that looks real but belongs to nobody."""

THINKING_TOKENS = 1024
"""Extra tokens that a reasoning model gets on top of a token limit."""

_REPEATED = re.compile("\ue000(\\d+)\ue001(.*?)\ue000", re.DOTALL)
_TOKEN_LIMITS = ("max_tokens", "max_completion_tokens", "max_output_tokens")
_CHAT = "chat/completions"
_NONCE = "$nonce"
_MODEL = "$model"
_SWAPPED_MODEL = "$swapped-model"
_KEY_VARIABLE = "$OAICHECK_API_KEY"
_WITHOUT_THE_KEY = (Credential.NONE, Credential.EMPTY, Credential.WRONG)
_ONE_MORE = "x"
"""The character that makes a key longer."""
_KEY_VARIABLES = {
    Credential.EXPIRED: "$OAICHECK_EXPIRED_KEY",
    Credential.SCOPELESS: "$OAICHECK_SCOPELESS_KEY",
}


@dataclass(frozen=True, slots=True)
class PreparedRequest:
    """A request that is ready to send: only `Host` and `Content-Length` are added.

    It contains secrets in plain text, so it is never stored; `repr` leaves them out.
    """

    scenario: str
    turn: int
    attempt: int
    method: str
    url: str = field(repr=False)
    headers: Headers = field(repr=False)
    body: bytes | None = field(repr=False)
    hang_up_after_bytes: int | None = None
    http_version: str = HTTP_1_1
    variables: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def is_chunked(self) -> bool:
        """Whether its headers say that the body is chunked."""
        return any(name.lower() == "transfer-encoding" for name, _ in self.headers)


def prepare(
    target: Target,
    turn: Turn,
    *,
    scenario: str,
    attempt: int = 1,
    rewording: Mapping[str, Any] | None = None,
    answers: Sequence[Exchange] = (),
    nonce: str = "",
    overflow: int | None = None,
) -> PreparedRequest:
    """Prepare the request of a turn, given the responses to the turns before it.

    `overflow` is the length of a prompt that has to exceed the context window, if there is one.
    Raises MissingAnswerError if one of them lacks a value that this turn sends back.
    """

    answer = partial(value_from, answers)
    body = _encoded(target, turn, rewording, nonce, answer, _repeating(operator.mul, overflow))
    length = {} if overflow is None else {OF_PROMPT: str(overflow)}
    return PreparedRequest(
        scenario=scenario,
        turn=len(answers) + 1,
        attempt=attempt,
        method=turn.method,
        url=_url(target, turn, target.query, for_url, answer),
        headers=_joined(
            _defaults(turn),
            _own_headers(target, turn).items(),
            _authorization(target, turn.credential),
            turn.headers.items(),
        ),
        body=body,
        hang_up_after_bytes=turn.hang_up_after_bytes,
        http_version=turn.http_version,
        variables={"nonce": nonce, "model": target.model, **length},
    )


def can_follow(turn: Turn, answers: Sequence[Exchange]) -> bool:
    """Whether the responses to the turns before have all that this turn sends back."""
    answer = partial(value_from, answers)
    try:
        _filled(turn.body, "", "", answer, lambda text, _: text)
        with_answers(turn.path, for_url, answer)
    except MissingAnswerError:
        return False
    return True


def curl_line(target: Target, turn: Turn) -> str:
    """A curl command for a POSIX shell that sends a turn's request.

    It contains `$OAICHECK_API_KEY` instead of the key, and `$OAICHECK_HEADER_<NAME>` or
    `$OAICHECK_QUERY_<NAME>` instead of other secrets. A value from an earlier response is named as
    `<…>`.
    """
    body = _encoded(target, turn, None, "oaicheck", named_answer, _repeating(_marked))
    secret_query = {name for name in target.query if target.is_secret(name)}
    open_query = {name: value for name, value in target.query.items() if name not in secret_query}
    address = shlex.quote(_url(target, turn, open_query, str, named_answer))
    for position, name in enumerate(sorted(secret_query)):
        mark = "&" if open_query or position else "?"
        address += f"'{mark}{quote(name)}='" + f'"${secret_variable("QUERY", name)}"'
    secret = {
        name: f"${secret_variable('HEADER', name)}"
        for name in _own_headers(target, turn)
        if target.is_secret(name)
    }
    headers = _joined(
        _defaults(turn),
        _own_headers(target, turn).items(),
        _authorization(target, turn.credential),
        turn.headers.items(),
    )
    own_words = {name.lower() for name in turn.headers}
    key_header = _key_header(target, turn.credential)
    parts = [
        "curl",
        "-gsSiN",
        f"--http{turn.http_version}",
        "-X",
        turn.method,
        address,
        *_tls_arguments(target),
    ]
    for name, value in headers:
        if name.lower() not in own_words and name == key_header:
            parts += ["-H", f'"{name}: {_key_expression(target, turn.credential)}"']
        elif name.lower() not in own_words and name in secret:
            parts += ["-H", f'"{name}: {secret[name]}"']
        else:
            parts += ["-H", shlex.quote(f"{name}: {value}" if value else f"{name};")]
    if body is None:
        return " ".join(parts)
    text = body.decode("utf-8")
    if _REPEATED.search(text):
        return f"{_printing(text)} | {' '.join(parts)} --data-binary @-"
    return " ".join([*parts, "--data-raw", shlex.quote(text)])


def planned_body(turn: Turn, overflow: int) -> Any:
    """The JSON body of a turn before anything is sent, or None if it has none.

    Where a value from an earlier response belongs there is a name, as in a curl command.
    """
    if turn.raw is None:
        return _filled(turn.body, "", "", named_answer, _repeating(operator.mul, overflow))
    parsed = parse_json(turn.raw)
    return None if parsed is None else parsed.value


def _url(
    target: Target,
    turn: Turn,
    query: Mapping[str, str],
    escape: Callable[[Any], str],
    answer: Callable[[int, Sequence[Step]], Any],
) -> str:
    path = turn.path.replace(_MODEL, quote(target.model, safe=""))
    path = with_answers(path, escape, answer)
    url = f"{target.base_url}/{path}"
    if not query:
        return url
    return url + ("&" if "?" in path else "?") + urlencode(query, quote_via=quote)


def _defaults(turn: Turn) -> Headers:
    """The default headers, which the target and the scenario can override.

    `Accept-Encoding` is `identity`, because the checks judge the original bytes.
    """
    headers = (
        ("User-Agent", f"oaicheck/{__version__}"),
        ("Accept", "*/*"),
        ("Accept-Encoding", "identity"),
    )
    has_body = turn.raw is not None or turn.body is not None
    return (*headers, ("Content-Type", "application/json")) if has_body else headers


def _own_headers(target: Target, turn: Turn) -> Mapping[str, str]:
    """The target's headers, without those that would replace the credential of the turn."""
    if turn.credential is Credential.OWN:
        return target.headers
    credentials = {"authorization", target.auth_header.lower()}
    return {name: v for name, v in target.headers.items() if name.lower() not in credentials}


def _key_header(target: Target, credential: Credential) -> str | None:
    """The header that carries the target's key, or a changed form of it. None if there is none."""
    if credential in _WITHOUT_THE_KEY or _key(target, credential) is None:
        return None
    lower = credential is Credential.LOWERCASE
    return target.auth_header.lower() if lower else target.auth_header


def _key(target: Target, credential: Credential) -> str | None:
    """The key that a credential uses or is made from."""
    keys = {
        Credential.WRONG: WRONG_KEY,
        Credential.EXPIRED: target.expired_key,
        Credential.SCOPELESS: target.scopeless_key,
    }
    return keys.get(credential, target.key)


def _authorization(target: Target, credential: Credential) -> Headers:
    key = _key(target, credential)
    if key is None or credential is Credential.NONE:
        return ()
    if credential is Credential.BASIC:
        pair = base64.b64encode(f"user:{key}".encode()).decode("ascii")
        return ((target.auth_header, f"Basic {pair}"),)
    if credential is Credential.TRUNCATED:
        key = key[: len(key) * 2 // 3]
    if credential is Credential.LONGER:
        key += _ONE_MORE
    if credential is Credential.EMPTY:
        key = ""
    if credential is Credential.LOWERCASE:
        return ((target.auth_header.lower(), f"{target.auth_scheme.lower()} {key}".strip()),)
    return ((target.auth_header, f"{target.auth_scheme} {key}".strip()),)


def _key_expression(target: Target, credential: Credential) -> str:
    """The shell expression for the value of the key's header, for use inside double quotes."""
    if credential is Credential.BASIC:
        return f"Basic $(printf 'user:%s' \"{_KEY_VARIABLE}\" | base64 | tr -d '\\n')"
    expression = _KEY_VARIABLES.get(credential, _KEY_VARIABLE)
    if credential is Credential.TRUNCATED:
        length = "$((${#OAICHECK_API_KEY} * 2 / 3))"
        expression = f'$(printf "%.{length}s" "{_KEY_VARIABLE}")'
    if credential is Credential.LONGER:
        expression = "${OAICHECK_API_KEY}" + _ONE_MORE
    lower = credential is Credential.LOWERCASE
    scheme = target.auth_scheme.lower() if lower else target.auth_scheme
    return f"{scheme} {expression}".strip()


def _joined(*layers: Iterable[tuple[str, str]]) -> Headers:
    """Join layers of headers. A later header replaces an earlier one with the same name."""
    joined: dict[str, tuple[str, str]] = {}
    for name, value in (header for layer in layers for header in layer):
        joined[name.lower()] = (name, value)
    return tuple(joined.values())


def _encoded(
    target: Target,
    turn: Turn,
    rewording: Mapping[str, Any] | None,
    nonce: str,
    answer: Callable[[int, Sequence[Step]], Any],
    repeated: Callable[[str, int | str], str],
) -> bytes | None:
    """The bytes of a turn's body, or None if it has no body."""
    if turn.raw is not None:
        model = json.dumps(target.model, ensure_ascii=False)[1:-1]
        raw = turn.raw.replace(_MODEL, model).replace(_NONCE, nonce)
        return without_lone_surrogates(raw).encode("utf-8")
    if turn.body is None:
        return None
    body = turn.body
    if rewording and isinstance(body, dict):
        body = {**body, **rewording}
    if target.thinks and not turn.limit_matters and isinstance(body, dict):
        body = {name: _allowing(name, value) for name, value in body.items()}
    if turn.path.lstrip("/") == _CHAT and isinstance(body, dict):
        body = _renamed(body, target.token_limit_parameter)
    filled = _filled(body, target.model, nonce, answer, repeated)
    text = json_text(filled, (",", ":"))
    if turn.padding:
        text = text[:1] + repeated(" ", turn.padding) + text[1:]
    return text.encode("utf-8")


def _allowing(name: str, value: Any) -> Any:
    """The value of a body's member. A token limit gets extra tokens for reasoning."""
    return value + THINKING_TOKENS if name in _TOKEN_LIMITS and isinstance(value, int) else value


def _renamed(body: dict[str, Any], parameter: str) -> dict[str, Any]:
    if parameter in body:
        return body
    return {parameter if name == "max_tokens" else name: value for name, value in body.items()}


def _filled(
    value: Any,
    model: str,
    nonce: str,
    answer: Callable[[int, Sequence[Step]], Any],
    repeated: Callable[[str, int | str], str],
) -> Any:
    """A JSON value in which the placeholders that `Turn` describes have given way."""
    if isinstance(value, str):
        named = {_MODEL: model, _SWAPPED_MODEL: model.swapcase()}
        return named.get(value, value.replace(_NONCE, nonce))
    if isinstance(value, list):
        elements = []
        for element in value:
            filled = _filled(element, model, nonce, answer, repeated)
            spread = isinstance(element, dict) and element.get("spread") is True
            elements += filled if spread and isinstance(filled, list) else [filled]
        return elements
    if isinstance(value, dict):
        if value.keys() - {"spread"} == {"$answer", "at"}:
            return answer(value["$answer"], value["at"])
        if value.keys() - {"before", "after"} == {"$repeat", "times"}:
            long = repeated(value["$repeat"], value["times"])
            return value.get("before", "") + long + value.get("after", "")
        return {
            name: _filled(member, model, nonce, answer, repeated) for name, member in value.items()
        }
    return value


def _repeating(
    repeated: Callable[[str, int], str], overflow: int | None = None
) -> Callable[[str, int | str], str]:
    """What repeats a text so many times, or so often that it has this length in tokens."""
    most = overflow or LONGEST

    def repeating(text: str, times: int | str) -> str:
        return repeated(text, most if times == OVERFLOW else int(times))

    return repeating


def _marked(text: str, times: int) -> str:
    """A text to repeat, marked by characters that no scenario contains."""
    return f"\ue000{times}\ue001{text}\ue000"


def _printing(text: str) -> str:
    """Shell commands that print a text and repeat its marked parts."""
    plain = iter(_REPEATED.split(text))
    commands = [f"printf %s {shlex.quote(next(plain))}"]
    for times, repeated, after in zip(plain, plain, plain, strict=True):
        commands.append(f"yes {shlex.quote(repeated)} | head -n {times} | tr -d '\\n'")
        commands.append(f"printf %s {shlex.quote(after)}")
    return "{ " + "; ".join(commands) + "; }"


def secret_variable(kind: str, name: str) -> str:
    """The environment variable for the secret value of a HEADER or a QUERY parameter."""
    return f"OAICHECK_{kind}_" + re.sub("[^A-Z0-9]", "_", name.upper())


def _tls_arguments(target: Target) -> list[str]:
    arguments = []
    for option, path in (
        ("--cacert", target.ca_bundle),
        ("--cert", target.client_cert),
        ("--key", target.client_key),
    ):
        if path is not None:
            arguments += [option, shlex.quote(str(path))]
    return arguments
