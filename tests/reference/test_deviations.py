"""Every variation changes something, and no deviation brings the endpoint down.

That every fault changes something is shown by tests/matrix: it trips a requirement.
"""

import pytest

from oaicheck.reference import ReferenceEndpoint, Reply, Request, catalogue

BEFORE_ANSWER = ("settings", "request", "body", "error", "reply", "models")
WITH_ANSWER = ("answer", "completion", "chunks", "each", "frames")
RESPONSES = (
    "responses-body", "history", "started", "output", "item", "response", "whole-response",
    "events", "state", "stored",
)  # fmt: skip
KNOWN = {name: known for name, known in catalogue().items() if "responses-" not in name}
"""Those of chat and models; the others are tested in test_responses.py."""
VARIATIONS = {name: known for name, known in KNOWN.items() if known.kind == "variation"}


def faulty(*names: str) -> ReferenceEndpoint:
    return ReferenceEndpoint(faults=names, clock=lambda: 1_700_000_000.0)


@pytest.fixture(scope="session")
def faultless(samples: list[Request]) -> list[Reply]:
    endpoint = faulty()
    return [endpoint.reply(sample) for sample in samples]


def test_the_faultless_endpoint_never_fails(faultless: list[Reply]) -> None:
    assert {reply.status for reply in faultless} == {200, 204, 400, 401, 403, 404, 405}
    assert all(reply.ending == "complete" for reply in faultless)


@pytest.fixture(scope="session")
def answers(samples: list[Request]) -> dict[Request, Reply]:
    """The samples that get an answer, and that answer."""
    endpoint = faulty()
    chats = [sample for sample in samples if sample.body and endpoint.reply(sample).status == 200]
    endpoint = faulty()
    return {sample: endpoint.reply(sample) for sample in chats}


@pytest.mark.parametrize("name", [n for n, d in VARIATIONS.items() if d.stage in BEFORE_ANSWER])
def test_a_variation_changes_some_reply(
    name: str, samples: list[Request], faultless: list[Reply]
) -> None:
    endpoint = faulty(name)
    assert any(
        endpoint.reply(sample) != usual for sample, usual in zip(samples, faultless, strict=True)
    )


@pytest.mark.parametrize("name", [n for n, d in VARIATIONS.items() if d.stage in WITH_ANSWER])
def test_a_variation_changes_some_answer(name: str, answers: dict[Request, Reply]) -> None:
    endpoint = faulty(name)
    assert any(endpoint.reply(sample) != usual for sample, usual in answers.items())


@pytest.mark.parametrize("name", [n for n, d in KNOWN.items() if d.stage in BEFORE_ANSWER])
def test_a_deviation_survives_malformed_requests(name: str, malformed: list[Request]) -> None:
    endpoint = faulty(name)
    for request in malformed:
        assert 200 <= endpoint.reply(request).status < 600


@pytest.mark.parametrize("name", VARIATIONS)
def test_a_variation_is_no_server_error(name: str, samples: list[Request]) -> None:
    endpoint = faulty(name)
    assert all(endpoint.reply(sample).status < 500 for sample in samples[::3])


def test_deviations_are_described() -> None:
    stages = {known.stage for known in catalogue().values()}
    assert stages == {*BEFORE_ANSWER, *WITH_ANSWER, *RESPONSES}
    for name, known in catalogue().items():
        assert known.sentence.endswith("."), name
        assert known.source is None or "#" in known.source, name


def test_an_unknown_name_is_refused_with_a_hint() -> None:
    with pytest.raises(ValueError, match="sse-missing-done"):
        ReferenceEndpoint(faults=["missing-done"])


def test_deviations_combine(samples: list[Request]) -> None:
    endpoint = ReferenceEndpoint(faults=["sse-missing-done", "sse-crlf"])
    body = endpoint.reply(samples[-1]).body
    assert b"[DONE]" not in body
    assert body.endswith(b"}\r\n\r\n")
