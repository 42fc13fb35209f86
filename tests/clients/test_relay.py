"""The relay between clients and an endpoint: it changes little but the key, and hides nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from oaicheck.clients.relay import KEY, Errand, relaying
from oaicheck.clients.tasks import client_scenarios
from oaicheck.reference import ReferenceEndpoint, Settings, running
from oaicheck.target.target import Limits, Target
from oaicheck.wire.exchange import Ending, Exchange

pytestmark = pytest.mark.asyncio

SCENARIO = next(iter(client_scenarios().values()))
BODY: dict[str, Any] = {
    "model": "reference-1",
    "messages": [{"role": "user", "content": "Repeat exactly: «Grüße»"}],
}
STREAMED = {**BODY, "stream": True}


@asynccontextmanager
async def relayed(
    *faults: str, most: int = 8, **settings: Any
) -> AsyncIterator[tuple[Errand, list[Exchange]]]:
    recorded: list[Exchange] = []
    with running(ReferenceEndpoint(Settings(), faults)) as url:
        target = Target(base_url=url, model="reference-1", key=Settings().api_key, **settings)
        async with relaying(target, recorded.append, 5.0) as relay:
            yield relay.errand(SCENARIO, most), recorded
            await relay.finish()


async def post(errand: Errand, body: Any = BODY, key: str = KEY) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        return await client.post(
            f"{errand.base_url}/chat/completions",
            json=body,
            headers={"Authorization": f"Bearer {key}", "X-Own": "kept"},
        )


@pytest.mark.parametrize("body", [BODY, STREAMED])
async def test_an_answer_is_handed_on_and_recorded(body: Any) -> None:
    async with relayed() as (errand, recorded):
        answer = await post(errand, body)
    (exchange,) = recorded
    assert answer.status_code == 200
    assert answer.headers["content-type"] == exchange.header("content-type")
    assert answer.content == exchange.body
    assert exchange.id == f"{SCENARIO.name}#1"
    assert exchange.request.json == body
    assert "kept" in dict(exchange.request.headers).values()


async def test_headers_that_a_client_refuses_are_handed_on() -> None:
    async with relayed("http-chunked-twice") as (errand, recorded):
        with pytest.raises(httpx.RemoteProtocolError, match="multiple Transfer-Encoding"):
            await post(errand, STREAMED)
    assert [exchange.status for exchange in recorded] == [200]
    async with relayed("http-length-and-chunked") as (errand, _):
        answer = await post(errand)
    assert {"content-length", "transfer-encoding"} <= set(answer.headers)


async def test_only_the_relay_knows_the_key() -> None:
    async with relayed() as (errand, recorded):
        assert (await post(errand)).status_code == 200
        assert (await post(errand, key="another")).status_code == 401
    said = "".join(exchange.to_json() for exchange in recorded)
    assert KEY not in said
    assert (Settings().api_key or "?") not in said
    assert [exchange.turn for exchange in recorded] == [1, 2]


async def test_what_the_target_wants_is_added() -> None:
    settings = {"headers": {"X-Org": "us"}, "query": {"api-version": "1"}}
    async with relayed(**settings) as (errand, recorded):
        await post(errand)
    (exchange,) = recorded
    assert ("X-Org", "us") in exchange.request.headers
    assert exchange.request.url.endswith("/chat/completions?api-version=1")


async def test_an_answer_that_is_cut_is_cut_for_the_client() -> None:
    async with relayed("sse-abrupt-close-mid-stream") as (errand, recorded):
        with pytest.raises(httpx.TransportError):
            await post(errand, STREAMED)
    assert recorded[0].ending is not Ending.COMPLETE


async def test_silence_is_silence_for_the_client() -> None:
    limits = Limits(first_byte=0.3, gap=0.3)
    async with relayed("timing-never-answers", limits=limits) as (errand, recorded):
        with pytest.raises(httpx.TransportError):
            await post(errand)
    assert recorded[0].ending in (Ending.NO_FIRST_BYTE, Ending.STALLED)


async def test_one_that_goes_round_in_circles_is_not_served_for_ever() -> None:
    async with relayed(most=2) as (errand, recorded):
        for _ in range(2):
            assert (await post(errand)).status_code == 200
        assert not errand.circling
        with pytest.raises(httpx.TransportError):
            await post(errand)
    assert errand.circling
    assert len(recorded) == 2


@pytest.mark.parametrize(
    "address",
    [lambda url: url.replace("/0/v1", "/7/v1"), lambda url: url.removesuffix("/0/v1")],
)
async def test_only_errands_are_served(address: Callable[[str], str]) -> None:
    async with relayed() as (errand, recorded):
        errand.base_url = address(errand.base_url)
        with pytest.raises(httpx.TransportError):
            await post(errand)
    assert recorded == []
