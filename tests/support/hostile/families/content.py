"""Text that is hostile to a terminal, to HTML, to Markdown, to XML or to the log of a pipeline."""

from __future__ import annotations

import json

from support.hostile.behaviour import EITHER, Family, Play
from support.hostile.connection import (
    DONE,
    SSE,
    Connection,
    chunk_of,
    completion,
    error,
    event,
    events,
)

content = Family("content")


def says(text: str) -> Play:
    """Say this wherever an endpoint can say something, as an error too."""
    in_header = text.replace("\r", " ").replace("\n", " ").replace("\x00", "")

    async def play(c: Connection) -> None:
        asked = await c.request()
        if asked.streams:
            chunks = [event(chunk_of({"content": text}, id=text, model=text))]
            await c.answer(b"".join([*chunks, *events([text]), DONE]), media_type=SSE)
        elif asked.path == "/v1/models":
            models = [{"id": text, "object": text, "created": 1, "owned_by": text}]
            await c.answer(json.dumps({"object": "list", "data": models}), "200 OK")
        elif asked.path == "/v1/chat/completions":
            said = json.dumps(completion(text, id=text, model=text, system_fingerprint=text))
            await c.answer(said, "200 OK", f"X-Request-Id: {in_header}")
        else:
            await c.answer(error(text, text, text), f"400 {in_header}"[:2_000])

    return play


def fails(text: str) -> Play:
    """Refuse each request with this text, in the body and in the reason."""
    reason = text.replace("\r", " ").replace("\n", " ").replace("\x00", "")

    async def play(c: Connection) -> None:
        await c.request()
        await c.answer(error(text, text, text), f"400 {reason}"[:2_000])

    return play


HOSTILE = {
    "escape_sequences": (
        "escape sequences that clear the terminal and set its title",
        "\x1b[2J\x1b[H\x1b[31mred\x1b]0;title\x07\x9b31m\x1b]8;;http://elsewhere.invalid\x07link",
    ),
    "script": ("a script", "<script>hostile()</script><script src=//elsewhere.invalid></script>"),
    "end_of_script": (
        "the end of a script",
        "</script><img src=hostile onerror=hostile()>]]>--><!--",
    ),
    "attributes": ("quotes that end an attribute", '"><img src=hostile onerror="hostile()"\'>`'),
    "markdown": (
        "Markdown that breaks a table",
        "| a | b |\n|---|\n```\n</details>\n[x](javascript:hostile()) ![y](//elsewhere.invalid)",
    ),
    "commands": (
        "commands for the logs of pipelines",
        "\n::error file=a::hostile\n::set-output name=a::b\n##[error]hostile\n"
        "##vso[task.setvariable]\nsection_start:1:hostile\r\x1b[0K",
    ),
    "directions": (
        "characters that turn the direction",
        "\u202egnp.exe\u2066\u2069\u200f\u2028\u2029",
    ),
    "xml": (
        "what XML cannot hold",
        "]]>\x00\x01\x0b\ufffe\uffff&amp;<![CDATA[ <!DOCTYPE a [<!ENTITY",
    ),
    "formats": (
        "formats and placeholders",
        "%s%n%x {0.__class__} ${jndi:x} {{7*7}} $answer $model",
    ),
    "combining": ("4,000 combining characters", "a" + "\u0301\u0335" * 2_000),
    "lines": ("10,000 line ends", "a\r\n\x0b\x0c\x85" * 2_000),
    "paths": ("paths", "../../../etc/passwd/..%2f..%5c?a=b#c"),
    "formulas": ("formulas for spreadsheets", '=HYPERLINK("//elsewhere.invalid")\t@SUM(A1)+1'),
}

content.each(
    {name: (f"Says {what}.", says(text)) for name, (what, text) in HOSTILE.items()},
)
content.each(
    {
        f"{name}_in_errors": (f"Refuses with {what}.", fails(HOSTILE[name][1]))
        for name in ("escape_sequences", "script", "commands", "directions", "xml", "lines")
        for what in [HOSTILE[name][0]]
    },
    "",
    first_codes=EITHER,
)


def identified(by: str) -> Play:
    """Give this id to responses, calls and models, so that it gets into later requests."""
    call = {"id": by, "type": "function", "function": {"name": by, "arguments": "{}"}}

    async def play(c: Connection) -> None:
        asked = await c.request()
        if asked.path == "/v1/models":
            await c.answer(json.dumps({"object": "list", "data": [{"id": by, "object": "model"}]}))
        elif asked.path != "/v1/chat/completions":
            item = {"type": "function_call", "id": by, "call_id": by, "name": by, "arguments": "{}"}
            await c.answer(
                json.dumps(
                    {"id": by, "object": "response", "status": "completed", "output": [item]}
                )
            )
        elif asked.streams:
            body = event(chunk_of({"tool_calls": [{"index": 0, **call}]}, id=by))
            await c.answer(body + event(chunk_of({}, "tool_calls")) + DONE, media_type=SSE)
        else:
            choice = {"index": 0, "finish_reason": "tool_calls"}
            message = {"role": "assistant", "content": None, "tool_calls": [call]}
            await c.answer(json.dumps(completion(id=by, choices=[choice | {"message": message}])))

    return play


content.each(
    {
        "ids_with_paths": ("Sends ids with `..`, `/`, `?` and `#`.", identified("../../x?y=/#z")),
        "ids_with_line_ends": (
            "Sends ids with line ends.",
            identified("a\r\nX-Injected: b\r\n\r\nc"),
        ),
        "ids_with_hosts": (
            "Sends ids that look like addresses.",
            identified("//elsewhere.invalid/"),
        ),
        "ids_long": ("Sends ids of 100,000 letters.", identified("a" * 100_000)),
        "ids_empty": ("Sends empty ids.", identified("")),
        "ids_foreign": ("Sends ids with halves of characters and NUL.", identified("\ud800\x00ä")),
    },
)
