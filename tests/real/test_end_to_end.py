"""A whole run against a real model server: what it breaks is known, and nothing else is claimed.

Every requirement in `DEVIATIONS` was looked up in the transcript by hand; the reason stands beside
it. A requirement that fails without standing there is a wrong alarm until somebody has looked.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Protocol

import pytest

pytestmark = pytest.mark.real

DEVIATIONS = {
    "errors.refused.client-error": "500 for a body that is not JSON; wrong types are not noticed",
    "responses.errors.malformed": '`max_output_tokens` of "many" is not noticed',
    "responses.object.length": "an answer that max_output_tokens cut says completed",
    "responses.stream.sequence-number": "no event of a response's stream has one",
    "responses.events.output-index": "no event names the item that it belongs to by its index",
    "responses.events.content-index": "no event names the part that it belongs to by its index",
}

SCENARIOS = (
    "stream/text or stream/length or stream/choices or chat/stream/tool-call or usage-not-asked "
    "or whole/text or whole/length or auth/ or refused/ or unknown/ or models/ or method/"
)
"""What a model of 135M parameters on one core answers in half a minute; the whole takes five."""


class Endpoint(Protocol):
    @property
    def base_url(self) -> str: ...
    @property
    def api_key(self) -> str: ...
    @property
    def model(self) -> str: ...


def oaicheck(endpoint: Endpoint, folder: Path, *arguments: str) -> Any:
    """The report of a run."""
    done = subprocess.run(
        [sys.executable, "-m", "oaicheck", "--report-dir", folder.name, *arguments],
        cwd=folder.parent,
        env={**os.environ, "OAICHECK_API_KEY": endpoint.api_key},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    assert endpoint.api_key not in done.stdout + done.stderr
    return json.loads((folder / "report.json").read_text("utf-8"))


def test_llama_cpp_is_judged_fairly(llama_endpoint: Endpoint, tmp_path: Path) -> None:
    target = ("--endpoint", llama_endpoint.base_url, "-k", SCENARIOS)
    report = oaicheck(llama_endpoint, tmp_path / "live", *target)
    failed = {
        result["requirement"]: f"{result['scenario']}: {result['message']}"
        for result in report["results"]
        if result["outcome"] in ("fail", "error")
    }
    unexplained = {id: why for id, why in failed.items() if id not in DEVIATIONS}  # noqa: A001
    assert not unexplained
    assert report["counts"]["pass"] > 300
    assert report["target"]["model"] == llama_endpoint.model

    again = oaicheck(
        llama_endpoint,
        tmp_path / "again",
        *("--replay", str(tmp_path / "live" / "exchanges.jsonl"), "-k", SCENARIOS),
    )
    assert _verdicts(again) == _verdicts(report)


def _verdicts(report: Any) -> list[tuple[str, str, str]]:
    return [(r["requirement"], r["scenario"], r["outcome"]) for r in report["results"]]
