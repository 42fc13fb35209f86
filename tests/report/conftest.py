"""The sample run, as it is and with hostile text in every position."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from oaicheck.report.run import Run
from support.sample_run import HOSTILE, build_run

Build = Callable[..., Run]


@pytest.fixture
def hostile() -> str:
    return HOSTILE


@pytest.fixture
def build() -> Build:
    return build_run


@pytest.fixture
def run() -> Run:
    return build_run()


@pytest.fixture
def hostile_run() -> Run:
    return build_run(HOSTILE)
