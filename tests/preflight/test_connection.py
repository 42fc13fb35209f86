"""A closed port is found without an HTTP client, and told in the words of the first request."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from oaicheck.contact.unusable import EndpointUnusable
from oaicheck.contact.warm_up import warm_up
from oaicheck.preflight.connection import refuse_a_closed_port
from oaicheck.preflight.problem import UsageProblem
from oaicheck.target.target import Limits, Target
from oaicheck.wire.recording import RecordingWriter

FAR = "http://nowhere.invalid/v1"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def closed() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    return f"127.0.0.1:{port}/v1"


@pytest.mark.asyncio
@pytest.mark.parametrize("scheme", ["http", "https", "localhost", "unknown host"])
async def test_the_words_are_those_of_the_first_request(
    tmp_path: Path, closed: str, scheme: str
) -> None:
    base_url = {
        "http": f"http://{closed}",
        "https": f"https://{closed}",
        "localhost": f"http://{closed.replace('127.0.0.1', 'localhost')}",
        "unknown host": FAR,
    }[scheme]
    target = Target(base_url, "m")
    with pytest.raises(UsageProblem) as problem:
        refuse_a_closed_port(target)
    with (
        RecordingWriter(tmp_path / "recording", {}) as writer,
        pytest.raises(EndpointUnusable) as unusable,
    ):
        await warm_up(target, writer.add)
    assert str(problem.value) == str(unusable.value)


def test_an_opencode_json_can_be_checked_without_requests(closed: str) -> None:
    with pytest.raises(UsageProblem, match=r"nothing listens there(.|\n)*`oaicheck opencode lint`"):
        refuse_a_closed_port(Target(f"http://{closed}", "m", opencode={}))


def test_an_open_port_is_left_alone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        refuse_a_closed_port(Target(f"http://127.0.0.1:{listening.getsockname()[1]}/v1", "m"))


def test_what_is_no_refusal_is_left_to_the_first_request(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*args: object, **kwargs: object) -> None:
        raise ExceptionGroup("", [ConnectionRefusedError(), TimeoutError()])

    monkeypatch.setattr(socket, "create_connection", unreachable)
    refuse_a_closed_port(Target("http://host/v1", "m", limits=Limits(connect=0.1)))


def test_behind_a_proxy_nothing_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_a_closed_port(Target(FAR, "m", proxy="http://proxy.invalid:3128"))
    monkeypatch.setenv("http_proxy", "http://proxy.invalid:3128")
    refuse_a_closed_port(Target(FAR, "m"))
    monkeypatch.setenv("no_proxy", "nowhere.invalid")
    with pytest.raises(UsageProblem, match="cannot be resolved"):
        refuse_a_closed_port(Target(FAR, "m"))


def test_a_kind_of_proxy_that_is_not_supported_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "socks5://proxy.invalid:1080")
    with pytest.raises(UsageProblem, match="a socks5:// proxy for nowhere"):
        refuse_a_closed_port(Target(FAR, "m"))
