"""An endpoint that writes the key in every way and everywhere does not get it into any output."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from oaicheck.wire.secrets import Redactor
from support.commands import Command
from support.loopback import Call, listening
from support.spellings import CHANGES, CHARSETS, ESCAPES, PACKINGS

pytestmark = pytest.mark.asyncio

KEY = "sk-live/4f9a+Zq81==mXk02&pLw7"
FORMS = [
    spelling.write(KEY.encode()).translate(None, bytes(range(32))).decode()
    for spelling in (*CHANGES, *ESCAPES, *CHARSETS, *PACKINGS)
]


async def echo(call: Call) -> None:
    """Answer as a model that knows nothing but the key."""
    said = " ".join(FORMS)
    if b"GET /v1/models" in call.head:
        models = {"object": "list", "data": [{"id": "m", "object": "model", "owned_by": said}]}
        await call.answer(json.dumps(models).encode(), 200, f"X-Echo: {said}")
    elif b'"stream":true' in call.body:
        events = [
            {
                "id": said,
                "object": "chat.completion.chunk",
                "choices": [{"delta": {"content": form}}],
            }
            for form in FORMS
        ]
        body = "".join(f"data: {json.dumps(event)}\n\n" for event in events)
        await call.answer(body.encode(), 200, f"X-Echo: {said}", media_type="text/event-stream")
    elif b"chat/completions" in call.head:
        message = {"role": "assistant", "content": said, "refusal": said}
        whole = {"id": said, "object": said, "model": said, "choices": [{"message": message}]}
        await call.answer(json.dumps(whole).encode(), 200, f"X-Echo: {said}", f"Location: /{said}")
    else:
        await call.answer(said.encode(), 401, f"X-Echo: {said}", media_type=f"text/{said}")


async def test_no_form_of_the_key_reaches_an_output(oaicheck: Command, tmp_path: Path) -> None:
    async with listening(echo) as server:
        done = await asyncio.to_thread(
            oaicheck,
            *("--endpoint", server.base_url, "--model", "m", "--report-dir", "report", "-v"),
            *(
                "--only",
                "chat.framing.*",
                "--only",
                "chat.completion.*",
                "--only",
                "errors.authentication.*",
            ),
            *("--only", "models.*"),
            OAICHECK_API_KEY=KEY,
        )
    assert done.returncode == 1, done.stdout + done.stderr
    outputs = {path.name: path.read_bytes() for path in (tmp_path / "report").iterdir()}
    assert len(outputs) >= 8
    redactor = Redactor([KEY])
    for name, output in {**outputs, "terminal": (done.stdout + done.stderr).encode()}.items():
        assert redactor.clean(output) == output, name
        assert not [form for form in FORMS if form.encode() in output], name
    assert b"#REDACTED#" in outputs["exchanges.jsonl"]
    assert b"#REDACTED#" in outputs["report.html"]
