"""The impact matrix: how it is measured, what it holds, and what is drawn from it."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest

from oaicheck.clients import impact, levels, page
from oaicheck.clients.agreement import agreement, by_requirement, gates, harmless
from oaicheck.clients.harm import Effect, Harm
from oaicheck.clients.impact import Switched, merged, surfaces
from oaicheck.clients.observed import Observed
from oaicheck.clients.roster import Client, roster
from oaicheck.reference import Request, catalogue
from oaicheck.resources import locate
from oaicheck.rules.requirement import MUST, SHOULD, Requirement
from oaicheck.scenarios.profile import Profile
from oaicheck.verdicts import impact as measured

DATA = json.loads((locate("fixtures") / "impact.json").read_text("utf-8"))
DRAW = "run `python -m oaicheck.clients.page`"

WORKS = {"outcome": "works"}
BREAKS = {"outcome": "breaks", "symptom": "TypeError"}
HANGS = {"outcome": "hangs", "symptom": "no end"}
FAULTS = {
    "alone": {"opencode": BREAKS, "curl": WORKS},
    "alone-too": {"opencode": HANGS, "curl": WORKS},
    "with-others": {"opencode": WORKS, "curl": BREAKS},
    "other-manner": {"opencode": BREAKS, "curl": WORKS},
    "worse-manner": {"opencode": HANGS, "curl": BREAKS},
    "harmless": {"opencode": WORKS, "curl": WORKS},
    "not-noticed": {"opencode": HANGS},
}
KILLS: dict[str, dict[str, list[str]]] = {
    "alone": {"fail": ["a.a"]},
    "alone-too": {"warn": ["a.a"]},
    "with-others": {"fail": ["a.a", "b.b"], "warn": ["c.c"]},
    "other-manner": {"fail": ["h.h"]},
    "worse-manner": {"fail": ["h.h"]},
    "harmless": {"fail": ["d.d", "e.e", "f.f", "g.g"]},
    "not-noticed": {},
}


def rule(id: str) -> Requirement:  # noqa: A002
    return Requirement(
        id, MUST, "A rule.", ("chat/whole/*",), None, ("rfc9110",), "Do it.", "2026.1"
    )


def test_the_data_names_the_pinned_clients_and_known_faults() -> None:
    assert DATA["versions"] == {name: client.title for name, client in roster().items()}
    assert set(DATA["faults"]) <= set(catalogue()), "measure again what was renamed"
    for cells in DATA["faults"].values():
        assert set(cells) <= set(roster())
        for cell in cells.values():
            assert bool(cell.get("symptom")) == (cell["outcome"] != Harm.WORKS)


def test_the_data_names_no_address_and_no_folder_of_a_machine() -> None:
    text = json.dumps(DATA)
    assert "127.0.0.1:" not in text
    assert "/tmp/" not in text


@pytest.mark.skipif(not levels.kill_matrix(), reason="the kill matrix has not been drawn up")
def test_the_page_and_the_harm_of_requirements_are_drawn_from_the_data() -> None:
    kills = levels.kill_matrix()
    harm = json.loads((locate("fixtures") / measured.FILE).read_text("utf-8"))
    assert harm == page.requirements_data(DATA, kills), DRAW
    drawn = (locate("fixtures").parent / "docs" / "impact.md").read_text("utf-8")
    assert drawn == page.page(DATA, kills, levels.explanations()), DRAW


def test_only_faults_that_stand_for_a_requirement_count() -> None:
    found = by_requirement(FAULTS, KILLS)
    assert found["a.a"] == {
        "opencode": {**HANGS, "fault": "alone-too", "least": "breaks"},
        "curl": {**WORKS, "fault": "alone"},
    }
    assert found["b.b"]["curl"] == {**BREAKS, "fault": "with-others"}
    assert "d.d" not in found


def test_the_least_is_told_where_another_manner_of_breach_harms_less() -> None:
    assert by_requirement(FAULTS, KILLS)["h.h"] == {
        "opencode": {**HANGS, "fault": "worse-manner", "least": "breaks"},
        "curl": {**BREAKS, "fault": "worse-manner", "least": "works"},
    }


def test_a_profile_and_a_client_agree_or_not() -> None:
    failing = {name: tuple(row.get("fail", ())) for name, row in KILLS.items()}
    found = agreement(FAULTS, KILLS, ["opencode"], failing)
    assert found.judged == 7
    assert found.agreeing == 3
    assert [one.fault for one in found.missed] == ["alone-too", "not-noticed"]
    assert found.missed[0].advises == ("a.a",)
    assert [one.fault for one in found.unharmful] == ["with-others", "harmless"]
    assert list(harmless(FAULTS, failing)) == ["harmless"]


def test_the_worst_of_several_clients_counts() -> None:
    failing = {name: tuple(row.get("fail", ())) for name, row in KILLS.items()}
    found = agreement(FAULTS, KILLS, ["opencode", "curl"], failing)
    assert [one.fault for one in found.unharmful] == ["harmless"]


def test_a_profile_gates_what_it_levels_as_must() -> None:
    rules = {name: rule(name) for name in ("a.a", "b.b", "c.c")}
    profile = Profile("mine", "Mine", levels={"b.b": SHOULD.value, "c.c": "off"})
    row = {"fail": ["a.a", "b.b"], "warn": ["c.c", "gone.rule"]}
    assert gates(row, profile, rules) == ("a.a",)
    assert gates({**row, "profile": ["mine"]}, profile, rules) == ("a.a",)
    assert gates({**row, "profile": ["another"]}, profile, rules) == ()


def test_a_client_is_asked_only_where_a_fault_can_show() -> None:
    known, clients = catalogue(), roster()
    assert surfaces(known["tools-index-missing"], clients["openai-python"]) == ["chat"]
    assert surfaces(known["tools-index-missing"], clients["curl"]) == ["chat"]
    assert surfaces(known["responses-whole-is-chat"], clients["openai-node"]) == ["responses"]
    assert surfaces(known["responses-whole-is-chat"], clients["langchain"]) == []
    assert surfaces(known["auth-wrong-key-500"], clients["openai-node"]) == [
        "chat",
        "responses",
        "models",
    ]


def test_a_switched_endpoint_plays_what_it_is_told() -> None:
    endpoint = Switched()
    assert endpoint.reply(Request("GET", "/v1/models")).status == 401
    endpoint.play("auth-wrong-key-500")
    wrong = Request("GET", "/v1/models", headers=(("Authorization", "Bearer wrong"),))
    assert endpoint.reply(wrong).status == 500
    endpoint.play()
    assert endpoint.reply(wrong).status == 401
    assert endpoint.requests == 3


class Slow:
    """An OpenCode that hangs once under the first fault, and always under the second."""

    def __init__(self) -> None:
        works = Observed(seen={"edited": True})
        hangs = Observed(hangs=True, seen={"requests": 9})
        self._seen = [works, works, hangs, works, hangs, hangs]
        self.patience: list[float] = []

    def edit(self, seconds: float) -> Observed:
        self.patience.append(seconds)
        return self._seen.pop(0)


def test_an_opencode_that_hangs_is_asked_again_and_given_more_time(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    slow = Slow()
    monkeypatch.setattr(impact, "serving", lambda *_: contextlib.nullcontext(slow))
    monkeypatch.setattr(Client, "command", lambda *_: ["opencode"])
    found = impact.impact(roster()["opencode"], tmp_path, ["sse-crlf", "sse-ends-early"])
    assert {name: each.outcome for name, each in found.items()} == {
        "sse-crlf": Harm.WORKS,
        "sse-ends-early": Harm.HANGS,
    }
    once, again = slow.patience[2:4]
    assert again > once


def test_what_was_measured_is_laid_over_what_was_known() -> None:
    client = roster()["curl"]
    before: dict[str, Any] = {
        "faults": {
            "sse-crlf": {"curl": dict(BREAKS), "opencode": dict(WORKS)},
            "no-longer-there": {"curl": dict(WORKS)},
        }
    }
    found = {"sse-crlf": Effect(Harm.WORKS), "sse-bom": Effect(Harm.HANGS, "no end")}
    rows = merged(before, client, found)["faults"]
    assert rows == {"sse-bom": {"curl": HANGS}, "sse-crlf": {"curl": WORKS, "opencode": WORKS}}


def test_an_unknown_fault_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["impact", "--fault", "nonsense"])
    assert impact.main() == 4
    assert "no fault or variation 'nonsense'" in capsys.readouterr().err


def test_a_requirement_knows_whom_its_breach_breaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = {"versions": {"opencode": "OpenCode 1", "curl": "curl"}}
    data = {**drawn, "requirements": by_requirement(FAULTS, KILLS)}
    (tmp_path / measured.FILE).write_text(json.dumps(data))
    monkeypatch.setattr(measured, "locate", lambda _: tmp_path)
    measured.measured.cache_clear()
    try:
        assert measured.whom_it_breaks("a.a") == ["hangs OpenCode 1: no end", "tolerated by curl"]
        assert measured.whom_it_breaks("h.h") == [
            "hangs OpenCode 1: no end",
            "can break curl: TypeError (seen with `worse-manner`)",
        ]
        assert measured.clients_broken("h.h") == ["OpenCode 1"]
        assert measured.severity("h.h") == (1, 0)
        assert measured.whom_it_breaks("d.d") == []
    finally:
        measured.measured.cache_clear()
