"""The kill matrix over real sockets: all deviations of transport, and one of every other kind."""

from __future__ import annotations

import pytest

from oaicheck.reference import catalogue
from support.matrix import home_of, load
from support.sockets import Played, Trips, is_transport, play, sample

ONLY_OVER_SOCKETS = {
    "sse-open-after-done": {"chat.delivery.ends-promptly", "responses.stream.ends-promptly"},
    "sse-stalls-mid-stream": {"chat.delivery.ends-promptly"},
}
"""Warnings that only time brings: over a socket the end is waited for up to the time limit."""


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Played]:
    return play(sample(), tmp_path_factory.mktemp("over-sockets"))


def test_a_deviation_trips_over_sockets_what_it_trips_in_process(played: dict[str, Played]) -> None:
    differing = {
        name: (one.expected, one.tripped)
        for name, one in played.items()
        if one.tripped != expected(name, one.expected)
    }
    assert not differing


def expected(name: str, in_process: Trips) -> Trips:
    if name not in ONLY_OVER_SOCKETS:
        return in_process
    return {**in_process, "warn": in_process.get("warn", set()) | ONLY_OVER_SOCKETS[name]}


def test_a_fault_is_caught_over_sockets(played: dict[str, Played]) -> None:
    uncaught = [
        name
        for name, one in played.items()
        if catalogue()[name].kind == "fault" and not one.tripped
    ]
    assert uncaught == []


def test_no_variation_fails_over_sockets(played: dict[str, Played]) -> None:
    failing = {
        name: one.tripped["fail"]
        for name, one in played.items()
        if catalogue()[name].kind == "variation" and "fail" in one.tripped
    }
    assert not failing


def test_the_sample_is_of_every_kind() -> None:
    known = catalogue()
    homes = {(deviation.kind, home_of(deviation)) for deviation in known.values()}
    assert {(known[name].kind, home_of(known[name])) for name in sample()} == homes
    missing = {name for name, deviation in known.items() if is_transport(deviation)} - set(sample())
    assert not [name for name in missing if load()[name].keys() & {"fail", "warn"}]
