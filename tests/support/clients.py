"""Real clients on the reference endpoint, and what they went through under a fault, on record.

    python tests/support/clients.py DIR     has the clients that are installed under DIR carry out
                                            their tasks under each fault of `KILLED`, and writes
                                            the recordings that tests/clients judges again

What is written has to be read before it is committed: the test holds the suite to it.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from oaicheck.clients.tasks import client_facts, client_scenarios
from oaicheck.clients.trial import try_clients
from oaicheck.engine.run import send_all
from oaicheck.reference import ReferenceEndpoint, Settings, running
from oaicheck.rules.requirement import Requirement
from oaicheck.scenarios.scenario import Scenario, matching
from oaicheck.target.target import Limits, Target
from oaicheck.wire.recording import Recording, RecordingWriter
from support import inprocess
from support.inprocess import Judged, scenarios, verdicts

RECORDED = Path(__file__).parent.parent / "clients" / "recorded"
WHOLE = "no-fault"
_PROJECT = re.compile(re.escape(tempfile.gettempdir()) + r"/oaicheck-opencode-\w+")
SECONDS = 10.0
OPENCODE_SECONDS = 90.0

KILLED: Mapping[str, str] = {
    "clients.opencode.says-hello": "chunk-role-empty",
    "clients.opencode.edits-a-file": "tools-index-missing",
    "clients.ai-sdk.generates-text": "object-choices-missing",
    "clients.ai-sdk.streams-text": "chunk-choices-null",
    "clients.ai-sdk.usage": "usage-missing-in-stream",
    "clients.ai-sdk.reasoning": "reasoning-object",
    "clients.ai-sdk.runs-tools": "tools-name-missing",
    "clients.ai-sdk.wrong-key": "auth-wrong-key-403",
    "clients.ai-sdk-pinned.generates-text": "object-choices-missing",
    "clients.ai-sdk-pinned.streams-text": "chunk-choices-null",
    "clients.ai-sdk-pinned.usage": "usage-missing-in-stream",
    "clients.ai-sdk-pinned.reasoning": "reasoning-object",
    "clients.ai-sdk-pinned.runs-tools": "tools-name-missing",
    "clients.ai-sdk-pinned.wrong-key": "auth-wrong-key-403",
    "clients.openai-python.creates": "object-choices-missing",
    "clients.openai-python.streams-text": "chunk-choices-missing",
    "clients.openai-python.calls-tools": "tools-index-missing",
    "clients.openai-python.streams-a-response": "responses-completed-missing",
    "clients.openai-python.continues-a-response": "responses-previous_response_id-not-repeated",
    "clients.openai-python.wrong-key": "auth-wrong-key-403",
    "clients.openai-python.unknown-model": "errors-message-missing",
    "clients.openai-python.bad-request": "errors-422",
    "clients.openai-node.creates": "object-choices-missing",
    "clients.openai-node.streams-text": "chunk-choices-missing",
    "clients.openai-node.calls-tools": "tools-index-missing",
    "clients.openai-node.streams-a-response": "responses-completed-missing",
    "clients.openai-node.continues-a-response": "responses-previous_response_id-not-repeated",
    "clients.openai-node.wrong-key": "auth-wrong-key-403",
    "clients.openai-node.unknown-model": "errors-message-missing",
    "clients.openai-node.bad-request": "errors-422",
    "clients.langchain.streams-text": "chunk-choices-object",
    "clients.langchain.calls-tools": "tools-index-missing",
    "clients.curl.says-hello": "object-choices-missing",
}
"""A fault that breaks each requirement."""


def requirements() -> dict[str, Requirement]:
    """The requirements that clients judge."""
    found = inprocess.requirements().items()
    return {id: each for id, each in found if id.startswith("clients.")}  # noqa: A001


@cache
def known() -> Mapping[str, Scenario]:
    """All scenarios, those of clients among them."""
    return {**scenarios(), **client_scenarios()}


def tried(
    names: Iterable[str],
    faults: Iterable[str],
    root: Path,
    path: Path,
    *,
    model: str = "reference-1",
    seconds: float = SECONDS,
) -> Recording:
    """What clients go through who carry out these scenarios under faults; written to a path."""
    names = list(names)
    settings = Settings()
    of_clients = [known()[name] for name in names]
    beside = sorted({other for scenario in of_clients for other in scenario.beside})
    with running(ReferenceEndpoint(settings, faults)) as base_url:
        target = Target(
            base_url=base_url,
            model=model,
            key=settings.api_key,
            limits=Limits(total=seconds),
            embedded=True,
        )
        facts = {"target": target.described(), "clients": client_facts(root, of_clients)}
        with RecordingWriter(path, facts) as writer:
            asyncio.run(send_all(target, [known()[name] for name in beside], writer))
            asyncio.run(try_clients(target, of_clients, root, writer))
    return writer.recording


def judged(recording: Recording, only: str = "clients.*") -> list[Judged]:
    """The outcomes of the requirements that clients judge."""
    return list(verdicts(recording, only=only, known=known()))


def main() -> None:
    """Record; prints what is found."""
    root = Path(sys.argv[1])
    chosen = sys.argv[2:]
    by_fault = {WHOLE: list(KILLED)}
    for id_, fault in KILLED.items():
        by_fault.setdefault(fault, []).append(id_)
    for fault, ids in by_fault.items():
        if chosen and fault not in chosen:
            continue
        on = [pattern for id_ in ids for pattern in requirements()[id_].on]
        names = matching(on, client_scenarios())
        path = RECORDED / f"{fault}.jsonl"
        path.unlink(missing_ok=True)
        thinks = any(id_.endswith(".reasoning") for id_ in ids)
        recording = tried(
            names,
            [] if fault == WHOLE else [fault],
            root,
            path,
            model="reference-reasoning-1" if thinks else "reference-1",
            seconds=OPENCODE_SECONDS if any("/opencode/" in name for name in names) else SECONDS,
        )
        path.write_text(_PROJECT.sub("/project", path.read_text("utf-8")), "utf-8")
        for each in judged(recording):
            if each.requirement.id in ids:
                print(f"{fault:<40}{each.outcome:<14}{each.requirement.id:<44}{each.raised}")


if __name__ == "__main__":
    main()
