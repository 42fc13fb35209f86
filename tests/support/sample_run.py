"""A run with every outcome; `poison` is put into every text that an endpoint has a hand in."""

from __future__ import annotations

import json
from collections.abc import Iterator

from oaicheck.report.run import Run
from oaicheck.rules.requirement import Level, Requirement
from oaicheck.rules.verdict import Evidence, Finding, Outcome, Result, run_verdict
from oaicheck.wire.exchange import Ending, Exchange, Request, Segment
from oaicheck.wire.recording import Recording

HOSTILE = (
    "<img src=x onerror=window.pwned=3>"
    '</script><script>window.pwned=1</script><!--<img src=x onerror="window.pwned=2">\'">'
    "<style>*{display:none}</style><svg onload=pwned()>]]>{{7*7}}"
    "\x1b[31m\x1b]0;title\x07\x00\u202egnp.exe\u2066\u2028\u2029\ud800\ufffe&lt;\r\n\tjavascript:x"
)
"""Markup, script, terminal escapes, bidi controls, line ends, a surrogate, a non-character.

The first element needs no quotes and precedes the comment, so it lives wherever markup would.
"""

STARTED = 1_772_000_000.25


def build_run(poison: str = "", many: int = 0) -> Run:
    """A run; with `many`, as many passed results more."""
    exchanges = [stream(poison), completion(poison), refused(poison), cut(poison)]
    if poison:
        exchanges.append(denied(poison))
    requirements = {r.id: r for r in REQUIREMENTS}
    results = [*judged(poison), *(judged_of_error(poison) if poison else ())]
    for number in range(many):
        id_ = f"bulk.section-{number // 100}.rule-{number // 2}"
        requirements[id_] = rule(id_, "Every answer is as the reference says that it is.")
        results.append(result(id_, Outcome.PASS, f"bulk/scenario-{number % 2}", ("chat/text#1",)))
    return Run(
        verdict=run_verdict(results),
        target={
            "base_url": f"http://127.0.0.1:8080/v1{poison}",
            "model": f"smollm2-135m-instruct{poison}",
            "embedded": False,
            "authenticated": True,
            "headers": [],
            "query": [],
            "capabilities": {"tools": True, f"vision{poison}": False},
        },
        profile="openai",
        catalogue="2026.1",
        version="0.1.0",
        started=STARTED,
        duration=7.32,
        selection={
            "only": [f"chat.*{poison}"] if poison else [],
            "skip": [],
            "pytest": [],
            "not_sent": {"chat/image": f"the target does not claim vision{poison}"},
        },
        requirements=requirements,
        results=tuple(results),
        recording=Recording({}, exchanges),
        curl={
            "stream/text": "curl -sN http://127.0.0.1:8080/v1/chat/completions -H 'Authorization: "
            f"""Bearer '"$OAICHECK_API_KEY" --data-binary '{{"stream": true}}'{poison}"""
        },
        gate="must",
        exit_code=1,
        problem=f"interrupted{poison}" if poison else None,
    )


def rule(id_: str, sentence: str, level: Level = Level.MUST) -> Requirement:
    return Requirement(
        id=id_,
        level=level,
        sentence=sentence,
        on=("stream/*",),
        against=None,
        sources=("openai:chat/streaming", "rfc9110#15.5"),
        remedy="Send `data: [DONE]` as the last event, and close the stream after it.",
        since="2026.1",
    )


REQUIREMENTS = (
    rule("chat.framing.done-once-and-last", "A stream ends with `data: [DONE]`, once, and last."),
    rule("chat.finish-reason.null-until-end", "finish_reason is null until a choice's last chunk."),
    rule("chat.chunk.created", "Every chunk has the same `created`.", Level.SHOULD),
    rule("chat.completion.id", "A chat completion has an id that is a string, and not empty."),
    rule("chat.usage.arithmetic", "total_tokens is the sum of prompt and completion tokens."),
    rule("errors.authentication.wrong-key", "A wrong key is answered with 401."),
    rule("images.input.accepted", "An image in a user's message is accepted.", Level.SHOULD),
    rule("models.list", "The list of models names the model under test."),
)


def result(
    id_: str,
    outcome: Outcome,
    scenario: str,
    exchanges: tuple[str, ...] = (),
    message: str = "",
    *,
    finding: Finding | None = None,
) -> Result:
    level = next((r.level for r in REQUIREMENTS if r.id == id_), Level.MUST)
    nodeid = f"suites/{id_.replace('.', '/')}.py::test[{scenario}]"
    return Result(id_, level, outcome, scenario, nodeid, message, finding, exchanges)


def judged(poison: str) -> list[Result]:
    last = stream(poison).events[-1]
    null = Finding(
        expected="null until the last chunk of choice 0",
        observed=f'choices[0].finish_reason is "stop"{poison}',
        evidence=(
            Evidence(
                "stream/text#1",
                last.number - 2,
                f"choices[0].finish_reason{poison}",
                (last.span.start - 400, last.span.start - 240),
                f'data: {{"choices":[{{"finish_reason":"stop"}}]}}{poison}',
            ),
            Evidence("stream/text#1", last.number, None, (last.span.start, last.span.end), "data:"),
        ),
    )
    done = Finding(
        expected=f"`data: [DONE]` as the last event{poison}",
        observed=f"the stream ends with event {last.number}, which is not [DONE]{poison}",
        evidence=(
            Evidence(
                "stream/text#1",
                last.number,
                None,
                (last.span.start, last.span.end),
                last.data[:400] + poison,
            ),
        ),
    )
    created = Finding(
        expected="the `created` of the first chunk",
        observed="created is 0",
        evidence=(Evidence("stream/text#1", 2, "created", None, ""), Evidence("chat/text#1")),
    )
    whole = ("chat/text#1",)
    streamed = ("stream/text#1",)
    return [
        result(
            "chat.framing.done-once-and-last",
            Outcome.FAIL,
            scenario,
            streamed,
            f"{done.expected}; {done.observed}",
            finding=done,
        )
        for scenario in ("stream/text", "stream/long", "stream/tools")
    ] + [
        result("chat.framing.done-once-and-last", Outcome.PASS, "stream/unicode", streamed),
        result(
            "chat.finish-reason.null-until-end",
            Outcome.FAIL,
            "stream/text",
            streamed,
            f"{null.expected}; {null.observed}",
            finding=null,
        ),
        result(
            "chat.chunk.created",
            Outcome.WARN,
            "stream/text",
            streamed,
            f"created is 0{poison}",
            finding=created,
        ),
        result("chat.completion.id", Outcome.PASS, "chat/text", whole),
        result("chat.completion.id", Outcome.PASS, "chat/length", whole),
        result("chat.usage.arithmetic", Outcome.PASS, "chat/text", whole),
        result(
            "chat.usage.arithmetic",
            Outcome.INCONCLUSIVE,
            "chat/length",
            whole,
            f"the model stopped before the limit{poison}",
        ),
        result(
            "errors.authentication.wrong-key",
            Outcome.ERROR,
            "auth/wrong",
            ("auth/wrong#1",),
            f"no answer: the connection was reset{poison}\nand more",
        ),
        result(
            "images.input.accepted",
            Outcome.NOT_APPLICABLE,
            "chat/image",
            (),
            f"the target does not claim vision{poison}",
        ),
        result("models.list", Outcome.PASS, "models/list", ("models/list#1",)),
    ]


def judged_of_error(poison: str) -> Iterator[Result]:
    """What only an endpoint with an error body has: words, places and types of its choosing."""
    finding = Finding(
        expected="a JSON object with `error.message`",
        observed=f"error.type is {poison!r}, error.message is {poison}",
        evidence=(Evidence("auth/none#1", None, f"error.type{poison}", None, poison),),
    )
    yield result(
        "errors.authentication.wrong-key",
        Outcome.FAIL,
        "auth/none",
        ("auth/none#1",),
        f"{finding.expected}; {finding.observed}",
        finding=finding,
    )


def request(path: str, body: object) -> Request:
    return Request(
        "POST",
        f"http://127.0.0.1:8080/v1{path}",
        (("Host", "127.0.0.1:8080"), ("Authorization", "Bearer #REDACTED#KEY")),
        json.dumps(body).encode(),
    )


def stream(poison: str) -> Exchange:
    """A stream of 60 chunks without the end that it should have."""
    segments = []
    for number in range(60):
        chunk = {
            "id": f"chatcmpl-1{poison}",
            "object": "chat.completion.chunk",
            "created": 0 if number == 1 else 1_772_000_000,
            "choices": [{"index": 0, "delta": {"content": f" word {number} “é”{poison}"}}],
        }
        if poison and number == 30:
            function = {"name": f"get_weather{poison}", "arguments": f'{{"city": "{poison}'}
            call = {"index": 0, "id": f"call-1{poison}", "type": "function", "function": function}
            chunk["choices"] = [{"index": 0, "delta": {"tool_calls": [call]}}]
        text = f"data: {json.dumps(chunk, ensure_ascii=number % 2 == 0)}\n\n"
        segments.append(Segment(0.21 + number * 0.031, text.encode("utf-8", "replace")))
    usage = {"usage": {"prompt_tokens": 12, "completion_tokens": 60, "total_tokens": 72}}
    segments.append(
        Segment(2.3, f": ping{poison}\ndata: {json.dumps(usage)}\n\n".encode("utf-8", "replace"))
    )
    return Exchange(
        scenario="stream/text",
        turn=1,
        attempt=1,
        request=request("/chat/completions", {"stream": True, "messages": [poison]}),
        status=200,
        reason=f"OK{poison}",
        headers=(("Content-Type", "text/event-stream"), (f"X-{poison}", f"1{poison}")),
        segments=tuple(segments),
        ending=Ending.COMPLETE,
        started=STARTED,
        headers_at=0.2,
        ended_at=2.31,
    )


def completion(poison: str) -> Exchange:
    """A completion, far longer than anyone wants to read."""
    body = {
        "id": "chatcmpl-2",
        "choices": [{"message": {"role": "assistant", "content": "long " * 9000 + poison}}],
        "usage": {"prompt_tokens": 12, "completion_tokens": 30},
    }
    return Exchange(
        scenario="chat/text",
        turn=1,
        attempt=1,
        request=request("/chat/completions", {"messages": [{"role": "user", "content": "Hello"}]}),
        status=200,
        reason="OK",
        headers=(("Content-Type", "application/json"),),
        segments=(Segment(0.5, json.dumps(body, indent=1).encode()),),
        ending=Ending.COMPLETE,
        started=STARTED,
        headers_at=0.5,
        ended_at=0.6,
    )


def refused(poison: str) -> Exchange:
    """A request that never got an answer."""
    return Exchange(
        scenario="auth/wrong",
        turn=1,
        attempt=2,
        request=request("/chat/completions", {}),
        status=None,
        reason="",
        headers=(),
        segments=(),
        ending=Ending.RESET,
        detail=f"connection reset by peer{poison}",
        started=STARTED,
        ended_at=0.02,
    )


def denied(poison: str) -> Exchange:
    """An error, every word of it the endpoint's own, at an address that redirects may lead to."""
    error = dict.fromkeys(("message", "type", "param", "code", poison), poison)
    body = json.dumps({"error": error}, ensure_ascii=False).encode("utf-8", "replace")
    return Exchange(
        scenario="auth/none",
        turn=1,
        attempt=1,
        request=request(f"/chat/completions?{poison}", {"model": poison}),
        status=401,
        reason=poison,
        headers=(("WWW-Authenticate", poison), ("x-request-id", poison), (poison, poison)),
        segments=(Segment(0.1, body),),
        ending=Ending.COMPLETE,
        started=STARTED,
        headers_at=0.1,
        ended_at=0.1,
    )


def cut(poison: str) -> Exchange:
    """A list of models that breaks off."""
    return Exchange(
        scenario="models/list",
        turn=1,
        attempt=1,
        request=Request("GET", "http://127.0.0.1:8080/v1/models", (), b""),
        status=200,
        reason="OK",
        headers=(("Content-Type", f"application/json{poison}"),),
        segments=(
            Segment(0.1, f'{{"data":[{{"id":"{poison}'.encode("utf-8", "replace") + b"\xff"),
        ),
        ending=Ending.CUT,
        detail="3 of 99 bytes",
        started=STARTED,
        headers_at=0.1,
        ended_at=0.1,
    )
