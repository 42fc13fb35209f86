"""What stands in a scenario's file becomes what is sent."""

import asyncio
import base64
import dataclasses
import json
import os
import subprocess
import sys
from typing import Any

import pytest

from oaicheck.engine.from_answers import MissingAnswerError
from oaicheck.engine.overflow import LONGEST
from oaicheck.engine.prepare import (
    WRONG_KEY,
    curl_line,
    planned_body,
    prepare,
)
from oaicheck.scenarios.scenario import OVERFLOW, Credential, Turn
from oaicheck.target.target import Target
from oaicheck.wire.exchange import Ending, Exchange, Request, Segment
from support.loopback import KEY, Call, Serve, sent, turn

TARGET = Target("https://host/v1", 'a "model"/8b', KEY)


def body_of(a_turn: Turn, target: Target = TARGET, **arguments: Any) -> Any:
    body = prepare(target, a_turn, scenario="here", **arguments).body
    return None if body is None else json.loads(body)


def answer(turn_number: int, value: Any) -> Exchange:
    body = json.dumps(value).encode()
    return Exchange(
        "here", turn_number, 1, Request("POST", "", (), b""), 200, "OK", (),
        (Segment(0.0, body),), Ending.COMPLETE,
    )  # fmt: skip


def test_placeholders() -> None:
    body = {"model": "$model", "messages": [{"content": "say $nonce, $nonce"}], "n": 1}
    assert body_of(turn(body=body), nonce="word") == {
        "model": TARGET.model,
        "messages": [{"content": "say word, word"}],
        "n": 1,
    }


def test_the_models_name_with_its_case_swapped() -> None:
    target = dataclasses.replace(TARGET, model="Vendor/model-8B")
    assert body_of(turn(body={"model": "$swapped-model"}), target) == {"model": "vENDOR/MODEL-8b"}


def test_model_in_raw_text_and_path() -> None:
    request = prepare(
        TARGET, turn(path="models/$model", body=None, raw='{"model": "$model", '), scenario="here"
    )
    assert request.url == "https://host/v1/models/a%20%22model%22%2F8b"
    assert request.body == b'{"model": "a \\"model\\"/8b", '


def test_a_long_string() -> None:
    assert body_of(turn(body={"content": {"$repeat": "a ", "times": 3}})) == {"content": "a a a "}


def test_a_long_string_with_something_around_it() -> None:
    url = {"before": "data:,", "$repeat": "AA", "times": 2, "after": "=="}
    assert body_of(turn(body={"url": url})) == {"url": "data:,AAAA=="}
    assert body_of(turn(body={"url": {**url, "other": 1}})) != {"url": "data:,AAAA=="}


def test_a_string_that_is_as_long_as_it_takes() -> None:
    a_turn = turn(body={"content": {"$repeat": "a ", "times": OVERFLOW}})
    assert body_of(a_turn, overflow=3) == {"content": "a a a "}
    assert body_of(a_turn) == {"content": "a " * LONGEST}
    request = prepare(TARGET, a_turn, scenario="here", overflow=3)
    assert request.variables["overflow"] == "3"
    assert "overflow" not in prepare(TARGET, turn(), scenario="here").variables


def test_what_a_plan_knows_of_a_body() -> None:
    later = {"at": ["choices", 0], "$answer": 1}
    body = {"model": "$model", "messages": [later], "input": {"$repeat": "a ", "times": OVERFLOW}}
    named = "<choices[0] of the answer to request 1>"
    assert planned_body(turn(body=body), 2) == {"model": "", "messages": [named], "input": "a a "}
    assert planned_body(turn(body=None, raw='{"n": 1}'), 2) == {"n": 1}
    assert planned_body(turn(body=None, raw="{"), 2) is None
    assert planned_body(turn(body=None), 2) is None


def test_an_earlier_answer() -> None:
    at = ["choices", 0, "message"]
    a_turn = turn(body={"messages": [{"role": "user"}, {"$answer": 1, "at": at}]})
    message = {"role": "assistant", "content": None}
    answers = [answer(1, {"choices": [{"message": message}]})]
    request = prepare(TARGET, a_turn, scenario="here", answers=answers)
    assert request.turn == 2
    assert body_of(a_turn, answers=answers)["messages"][1] == message


@pytest.mark.parametrize("value", [{"choices": []}, [], "text"])
def test_an_answer_that_lacks_the_value(value: Any) -> None:
    a_turn = turn(body={"messages": {"$answer": 1, "at": ["choices", 0, "message"]}})
    with pytest.raises(MissingAnswerError, match=r"turn 1 has no choices\[0\]\.message"):
        body_of(a_turn, answers=[answer(1, value)])


def test_words_of_an_earlier_answer() -> None:
    at = ["choices", 0, "message", "content", {"words": 2}]
    a_turn = turn(body={"stop": {"$answer": 1, "at": at}})

    def stop_in(text: Any) -> Any:
        answers = [answer(1, {"choices": [{"message": {"content": text}}]})]
        return body_of(a_turn, answers=answers)["stop"]

    assert stop_in("one two\nthree  four five six") == "three  four"
    for unfit in ("", "one two three", "a a a a a a a a", None, 7, ["a b c d e"]):
        with pytest.raises(MissingAnswerError):
            stop_in(unfit)
    assert "content[words: 2] of the answer to request 1" in curl_line(TARGET, a_turn)


def test_the_elements_of_an_earlier_answer_within_a_list() -> None:
    items = [{"type": "reasoning"}, {"type": "function_call", "call_id": "c"}]
    output = {"$answer": 1, "at": ["output"], "spread": True}
    a_turn = turn(body={"input": [{"role": "user"}, output, "after"]})
    sent_back = body_of(a_turn, answers=[answer(1, {"output": items})])
    assert sent_back["input"] == [{"role": "user"}, *items, "after"]
    assert body_of(a_turn, answers=[answer(1, {"output": []})])["input"] == [
        {"role": "user"},
        "after",
    ]
    assert "<output of the answer to request 1>" in curl_line(TARGET, a_turn)


def test_an_element_of_an_earlier_answer_by_its_members() -> None:
    items = [{"type": "reasoning"}, {"type": "call", "id": "a"}, {"type": "call", "id": "b"}]
    a_turn = turn(body={"id": {"$answer": 1, "at": ["output", {"type": "call"}, "id"]}})
    assert body_of(a_turn, answers=[answer(1, {"output": items})]) == {"id": "a"}
    for lacking in (items[:1], [], None):
        with pytest.raises(MissingAnswerError, match="has no output"):
            body_of(a_turn, answers=[answer(1, {"output": lacking})])
    assert "<output[type: call].id of the answer to request 1>" in curl_line(TARGET, a_turn)


def test_an_answer_that_never_came() -> None:
    with pytest.raises(MissingAnswerError, match="no JSON answer"):
        body_of(turn(body={"$answer": 1, "at": []}))


@pytest.mark.parametrize(
    ("id_", "path"),
    [
        ("resp_1", "responses/resp_1"),
        ("a/b?c#d \u00e9", "responses/a%2Fb%3Fc%23d%20%C3%A9"),
        (12, "responses/12"),
        (None, "responses/null"),
    ],
)
def test_an_id_in_the_url(id_: object, path: str) -> None:
    a_turn = turn(method="GET", path="responses/{1.id}", body=None)
    request = prepare(TARGET, a_turn, scenario="here", answers=[answer(1, {"id": id_})])
    assert request.url.endswith(f"/{path}")


def test_the_last_element_of_a_list_in_the_url() -> None:
    a_turn = turn(method="GET", path="items?limit=2&after={1.data.-1.id}", body=None)
    listed = answer(1, {"data": [{"id": "a"}, {"id": "b"}]})
    request = prepare(TARGET, a_turn, scenario="here", answers=[listed])
    assert request.url.endswith("/items?limit=2&after=b")
    with pytest.raises(MissingAnswerError, match="has no data"):
        prepare(TARGET, a_turn, scenario="here", answers=[answer(1, {"data": []})])


@pytest.mark.parametrize("id_", ["", ".", "..", "\ud800", "x" * 5_000, {"a": "x" * 5_000}])
def test_an_id_that_no_url_can_contain(id_: object) -> None:
    a_turn = turn(method="GET", path="responses/{1.id}", body=None)
    with pytest.raises(MissingAnswerError, match="a URL cannot contain"):
        prepare(TARGET, a_turn, scenario="here", answers=[answer(1, {"id": id_})])


def test_a_huge_number_goes_back_as_it_came() -> None:
    a_turn = turn(body={"messages": {"$answer": 1, "at": ["message"]}})
    text = '{"message":{"a":' + "9" * 5_000 + ',"b":[1e400,"\\ud800"]}}'
    exchange = dataclasses.replace(answer(1, {}), segments=(Segment(0.1, text.encode()),))
    request = prepare(TARGET, a_turn, scenario="here", answers=[exchange])
    assert request.body == text.replace("message", "messages").encode()


def test_a_rewording_takes_the_place_of_members() -> None:
    body = body_of(turn(), rewording={"max_tokens": 9, "seed": 1})
    assert (body["max_tokens"], body["seed"], body["model"]) == (9, 1, TARGET.model)


def test_the_name_of_the_token_limit() -> None:
    target = dataclasses.replace(TARGET, token_limit_parameter="max_completion_tokens")
    assert "max_tokens" not in body_of(turn(), target)
    assert body_of(turn(), target)["max_completion_tokens"] == 8
    both = {"max_tokens": 1, "max_completion_tokens": 2}
    assert body_of(turn(body=both), target) == both
    assert body_of(turn(path="completions"), target)["max_tokens"] == 8


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens", "max_output_tokens"])
def test_a_model_that_thinks_is_allowed_more(name: str) -> None:
    target = dataclasses.replace(TARGET, thinks=True)
    plain = turn(body={name: 8, "n": 1})
    assert body_of(plain) == {name: 8, "n": 1}
    assert body_of(plain, target) == {name: 1032, "n": 1}
    assert body_of(dataclasses.replace(plain, limit_matters=True), target) == {name: 8, "n": 1}
    assert body_of(turn(body={name: "many"}), target) == {name: "many"}


def test_text_is_sent_as_it_is_and_lone_surrogates_as_escapes() -> None:
    request = prepare(TARGET, turn(body=["\u00fc\U0001f600\ud83d!"]), scenario="here")
    assert request.body == '["\u00fc\U0001f600\\ud83d!"]'.encode()


@pytest.mark.parametrize(
    ("credential", "value"),
    [
        (Credential.OWN, f"Bearer {KEY}"),
        (Credential.NONE, None),
        (Credential.WRONG, f"Bearer {WRONG_KEY}"),
        (Credential.TRUNCATED, f"Bearer {KEY[: len(KEY) * 2 // 3]}"),
        (Credential.LONGER, f"Bearer {KEY}x"),
        (Credential.EMPTY, "Bearer"),
        (Credential.BASIC, "Basic " + base64.b64encode(f"user:{KEY}".encode()).decode()),
    ],
)
def test_credentials(credential: Credential, value: str | None) -> None:
    request = prepare(TARGET, turn(credential=credential), scenario="here")
    assert dict(request.headers).get("Authorization") == value


def test_keys_that_have_to_be_refused() -> None:
    target = dataclasses.replace(TARGET, expired_key="sk-expired", scopeless_key="sk-scopeless")
    for credential in (Credential.EXPIRED, Credential.SCOPELESS):
        request = prepare(target, turn(credential=credential), scenario="here")
        assert dict(request.headers)["Authorization"] == f"Bearer sk-{credential}"
        line = curl_line(target, turn(credential=credential))
        assert f"$OAICHECK_{credential.upper()}_KEY" in line
        assert f"sk-{credential}" not in line
        missing = prepare(TARGET, turn(credential=credential), scenario="here")
        assert "Authorization" not in dict(missing.headers)


def test_no_other_credential_beside_a_wrong_one() -> None:
    target = Target("https://host", "m", headers={"authorization": "Bearer other", "X-A": "b"})
    for credential in (Credential.NONE, Credential.EMPTY, Credential.WRONG, Credential.BASIC):
        headers = prepare(target, turn(credential=credential), scenario="here").headers
        assert "Bearer other" not in dict(headers).values()
        assert ("X-A", "b") in headers


def test_a_scenarios_headers_come_last() -> None:
    headers = {"accept-encoding": "gzip", "Authorization": "nonsense"}
    request = prepare(TARGET, turn(headers=headers), scenario="here")
    assert ("accept-encoding", "gzip") in request.headers
    assert ("Authorization", "nonsense") in request.headers
    assert len({name.lower() for name, _ in request.headers}) == len(request.headers)


def test_padding_makes_a_body_large_and_means_nothing() -> None:
    plain = prepare(TARGET, turn(), scenario="here").body or b""
    padded = prepare(TARGET, turn(padding=1000), scenario="here").body or b""
    assert len(padded) == len(plain) + 1000
    assert json.loads(padded) == json.loads(plain)


def test_query() -> None:
    target = Target("https://host/v1", "m", query={"api-version": "2024 &x"})
    assert prepare(target, turn(), scenario="h").url.endswith("?api-version=2024%20%26x")
    assert prepare(target, turn(path="models?a=b"), scenario="h").url.count("?") == 1


def test_a_prepared_request_does_not_show_its_secrets() -> None:
    assert KEY not in repr(prepare(TARGET, turn(body={"user": KEY}), scenario="here"))


ANSWERED_BY_NAME = {"$answer": 1, "at": ["choices", 0, "message"]}


@pytest.mark.asyncio
@pytest.mark.skipif(sys.platform == "win32", reason="the line is for a POSIX shell")
@pytest.mark.parametrize(
    "a_turn",
    [
        turn(),
        turn(body={"text": 'it\'s "quoted" $HOME `id` \\n \n \u00fc'}),
        turn(body=None, raw="@not-a-file 'x"),
        turn(method="GET", path="models", body=None),
        turn(credential=Credential.NONE),
        turn(credential=Credential.WRONG),
        turn(credential=Credential.TRUNCATED),
        turn(credential=Credential.LONGER),
        turn(credential=Credential.EMPTY),
        turn(credential=Credential.BASIC),
        turn(headers={"X-Odd": 'it\'s; "so" $HOME', "X-Empty": ""}),
        turn(padding=300_000),
        turn(body=None, raw=""),
        turn(body=[{"$repeat": 'it\'s "a" ', "times": 30_000}, {"$repeat": "\n", "times": 2}]),
    ],
)
async def test_a_curl_line_sends_the_same(serve: Serve, a_turn: Turn) -> None:
    server = await serve(Call.answer)
    target = server.target(
        headers={"X-Token": "a secret", "X-Plain": "[a] {b}", "X-Tenant": "of us"},
        query={"v": "1&2", "sig": "secret-signature"},
        referenced=frozenset({"x-tenant"}),
    )
    await sent(target, a_turn)
    line = curl_line(target, a_turn)
    for secret in (KEY, "a secret", "secret-signature", "of us"):
        assert secret not in line
    secrets = {
        "OAICHECK_API_KEY": KEY,
        "OAICHECK_HEADER_X_TOKEN": "a secret",
        "OAICHECK_HEADER_X_TENANT": "of us",
        "OAICHECK_QUERY_SIG": "secret-signature",
    }
    shell = await _shell(line, {**os.environ, **secrets})
    assert shell.returncode == 0, shell.stderr
    assert '"chat.completion"' in shell.stdout
    ours, curls = server.calls
    assert curls.head.split(b"\r\n")[0].split() == ours.head.split(b"\r\n")[0].split()
    assert sorted(curls.headers) == sorted(ours.headers)
    assert curls.body == ours.body


async def _shell(line: str, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(
        subprocess.run,
        ["sh", "-c", line],
        env=environ,
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )


def test_a_curl_line_names_what_an_earlier_answer_gives() -> None:
    line = curl_line(TARGET, turn(body={"messages": [ANSWERED_BY_NAME]}))
    assert "<choices[0].message of the answer to request 1>" in line
