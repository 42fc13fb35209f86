"""Which answer a check is handed, and when there is none to judge."""

from dataclasses import replace
from typing import Any

import pytest

from oaicheck.clients.tasks import client_scenarios
from oaicheck.rules.judging import Breach, Inconclusive, NoAnswer, NotApplicable
from oaicheck.views.delivery import require_undisturbed
from oaicheck.wire.exchange import RUN, Ending, Exchange, Request, Segment
from oaicheck.wire.recording import Recording
from oaicheck.wire.silence import STILL_THERE
from support.answers import PLAIN, SERVED, answer, bench
from support.inprocess import capabilities, scenarios


def needing(*needs: str) -> str:
    return next(name for name, known in scenarios().items() if known.needs == needs)


def test_the_last_turn_of_the_last_attempt_is_judged() -> None:
    first, second, third = (answer(attempt=attempt) for attempt in (1, 2, 3))
    of_another = answer("chat/stream/text", attempt=4)
    judging = bench(second, third, of_another, first)
    assert judging.exchange(scenarios()[PLAIN]) is third
    assert judging.conversation(scenarios()[PLAIN]).attempts == ((first,), (second,), (third,))


def test_turns_are_in_order_and_the_opening_is_the_first() -> None:
    name = next(name for name, known in scenarios().items() if len(known.turns) == 2)
    first, second = answer(name), answer(name, turn=2)
    judging = bench(second, first)
    assert judging.exchange(scenarios()[name]) is second
    assert judging.opening(scenarios()[name]) is first
    with pytest.raises(Inconclusive, match="ended early"):
        bench(first).exchange(scenarios()[name])


def test_what_was_not_sent_is_no_answer() -> None:
    with pytest.raises(NoAnswer, match=r"^chat/whole/text was not sent$"):
        bench().exchange(scenarios()[PLAIN])


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"status": None, "ending": Ending.NO_FIRST_BYTE}, "the endpoint had stopped answering"),
        ({}, "the endpoint had not answered others like it"),
    ],
)
def test_why_the_rest_was_not_sent_to_a_silent_endpoint(asked: dict[str, Any], why: str) -> None:
    with pytest.raises(NoAnswer, match=f"^not sent: {why}$"):
        bench(answer(STILL_THERE, **asked)).exchange(scenarios()[PLAIN])


@pytest.mark.parametrize("said", ["Could not finish the message", "model output limit was reached"])
def test_a_limit_too_small_to_think_in_is_not_judged_where_it_matters(said: str) -> None:
    body = {"error": {"message": said}}
    short = bench(answer("chat/whole/length", status=400, body=body), answer(status=400, body=body))
    with pytest.raises(NotApplicable, match="needs more tokens"):
        short.exchange(scenarios()["chat/whole/length"])
    assert short.exchange(scenarios()[PLAIN]).status == 400


def test_a_request_that_is_too_large_is_refused_for_good() -> None:
    large = answer(status=429, body={"error": {"message": "Request too large for m"}})
    assert bench(large).exchange(scenarios()[PLAIN]) is large


def test_what_was_not_sent_for_want_of_a_capability_is_not_applicable() -> None:
    scenario = scenarios()[needing("tools")]
    assert bench().lacking(scenario) is None
    assert bench(capabilities={"tools": True}).lacking(scenario) is None
    lacking = bench(capabilities={"tools": False})
    assert lacking.lacking(scenario) == "the target declares no support for " + (
        capabilities()["tools"].title
    )
    with pytest.raises(NotApplicable, match="declares"):
        lacking.exchange(scenario)
    required = bench(requires=("tools",), capabilities={"tools": False})
    assert required.lacking(scenario) is None


def test_what_was_left_out_on_purpose_is_not_applicable() -> None:
    found = bench()
    found.facts = {"left_out": {PLAIN: "left out by --no-overflow"}}
    with pytest.raises(NotApplicable, match=r"^left out by --no-overflow$"):
        found.exchange(scenarios()[PLAIN])
    assert found.lacking(scenarios()["chat/stream/text"]) is None


@pytest.mark.parametrize(
    ("need", "fact", "words"),
    [
        ("key", "authenticated", "a key"),
        ("expired-key", "expired_key", "an expired key"),
        ("scopeless-key", "scopeless_key", "a key without scope"),
    ],
)
def test_a_key_has_to_be_given(need: str, fact: str, words: str) -> None:
    scenario = replace(scenarios()[PLAIN], needs=("tools", need))
    assert bench().lacking(scenario) == f"needs {words}, which was not given"
    assert bench(**{fact: True}).lacking(scenario) is None
    other = {"authenticated", "expired_key", "scopeless_key"} - {fact}
    assert bench(**dict.fromkeys(other, True)).lacking(scenario) is not None


@pytest.mark.parametrize("status", [429, 503])
def test_a_limited_rate_shows_nothing(status: int) -> None:
    judging = bench(answer(status=status))
    for view in (judging.exchange, judging.opening, judging.reaction):
        with pytest.raises(Inconclusive, match=f"HTTP {status}"):
            view(scenarios()[PLAIN])


@pytest.mark.parametrize("ending", [Ending.NOT_CONNECTED, Ending.TLS_FAILED])
def test_without_a_connection_nothing_can_be_said(ending: Ending) -> None:
    judging = bench(answer(status=None, ending=ending))
    for view in (judging.exchange, judging.reaction):
        with pytest.raises(NoAnswer):
            view(scenarios()[PLAIN])


@pytest.mark.parametrize("ending", [Ending.RESET, Ending.NO_FIRST_BYTE, Ending.NOT_HTTP])
def test_silence_is_a_reaction_and_no_answer(ending: Ending) -> None:
    silent = answer(status=None, ending=ending)
    judging = bench(silent)
    assert judging.reaction(scenarios()[PLAIN]).exchange is silent
    with pytest.raises(NoAnswer):
        judging.exchange(scenarios()[PLAIN])


@pytest.mark.parametrize("status", [408, 504])
def test_a_gateway_that_timed_out_has_not_answered(status: int) -> None:
    judging = bench(answer(status=status))
    for view in (judging.exchange, judging.opening, judging.reaction):
        with pytest.raises(NoAnswer, match=f"timed out: HTTP {status}"):
            view(scenarios()[PLAIN])


CLIENT = client_scenarios()["clients/openai-python/streams-text"]


def account(**members: Any) -> Exchange:
    """What a client printed, and how it ended."""
    ran = Request(RUN, "openai-python 9", (), b"")
    return answer(CLIENT.name, None, {"observed": {}}, turn=0, request=ran, **members)


def asked(status: int | None = 200, **members: Any) -> Exchange:
    """What a client exchanged with the endpoint."""
    return answer(CLIENT.name, status, **members)


def test_a_run_of_a_client_is_its_account_and_what_it_exchanged() -> None:
    told, first, second = account(), asked(), asked(400, turn=2)
    run = bench(second, told, first).client_run(CLIENT)
    assert (run.account, run.exchanges) == (told, (first, second))


def test_silence_is_something_that_a_client_went_through() -> None:
    silent = asked(None, ending=Ending.RESET)
    assert bench(account(), silent).client_run(CLIENT).last is silent


@pytest.mark.parametrize(
    ("exchanges", "said"),
    [
        ([asked()], f"^{CLIENT.name} was interrupted$"),
        (
            [account(ending=Ending.NOT_CONNECTED, detail="Install it again."), asked()],
            "^Install it again.$",
        ),
        (
            [account(detail="gave up")],
            "^openai-python 9: the client sent no request: gave up$",
        ),
        ([account()], 'the client sent no request: {"observed": {}}$'),
        ([account(), asked(None, ending=Ending.NOT_CONNECTED)], "#1: not-connected: "),
        ([account(), asked(None, ending=Ending.TLS_FAILED)], "#1: tls-failed: "),
        ([account(), asked(504)], "timed out: HTTP 504"),
    ],
)
def test_without_a_client_or_an_endpoint_nothing_was_gone_through(
    exchanges: list[Exchange], said: str
) -> None:
    with pytest.raises(NoAnswer, match=said):
        bench(*exchanges).client_run(CLIENT)


def test_a_client_whose_rate_is_limited_shows_nothing() -> None:
    with pytest.raises(Inconclusive, match="HTTP 429"):
        bench(account(), asked(), asked(429, turn=2)).client_run(CLIENT)


def test_what_a_client_lacks_that_is_not_there() -> None:
    def lacking(client: str, missing: str | None) -> str | None:
        facts = {"clients": {client: {"missing": missing}}}
        return replace(bench(), facts=facts).lacking(CLIENT)

    assert bench().lacking(CLIENT) is None
    assert lacking("openai-python", "not installed") == "not installed"
    assert lacking("openai-python", None) is None
    assert lacking("openai-node", "not installed") is None


KEYLESS = ("auth/missing-key", "auth/wrong-key")


def test_an_endpoint_is_open_that_serves_a_missing_key_and_a_wrong_one() -> None:
    missing, wrong = (answer(name) for name in KEYLESS)
    assert bench(missing, wrong).is_open()
    assert not bench(missing).is_open()
    assert not bench(wrong).is_open()
    for unserved in (
        answer(KEYLESS[1], status=401),
        answer(KEYLESS[1], status=201),
        answer(KEYLESS[1], body={"error": {}}),
        answer(KEYLESS[1], body={"choices": [{"message": {"content": ""}}]}),
        answer(KEYLESS[1], segments=(Segment(0.0, b"<html>"),)),
    ):
        assert not bench(missing, unserved).is_open()
    several = {"choices": [{"message": {"content": None}}, *SERVED["choices"]]}
    assert bench(missing, answer(KEYLESS[1], body=several)).is_open()


def test_an_open_endpoint_is_not_judged_by_its_keys_unless_it_has_to_have_them() -> None:
    answers = [answer(name) for name in KEYLESS]
    scenario = scenarios()[KEYLESS[1]]
    assert scenario.needs
    with pytest.raises(NotApplicable, match="does not require a key"):
        bench(*answers, authenticated=True).exchange(scenario)
    assert bench(*answers, requires=("key",)).exchange(scenario) is answers[1]
    closed = [answer(name, status=401) for name in KEYLESS]
    assert bench(*closed).exchange(scenario) is closed[1]
    plain = answer()
    assert bench(plain, *answers).exchange(scenarios()[PLAIN]) is plain


def refusing(scenario: str, text: str = "tools is not supported") -> Exchange:
    return answer(scenario, 400, {"error": {"message": text}})


def test_a_clean_refusal_is_not_applicable() -> None:
    name = needing("tools")
    with pytest.raises(NotApplicable, match="refuses"):
        bench(refusing(name)).exchange(scenarios()[name])
    for claimed in ({"requires": ("tools",)}, {"capabilities": {"tools": True}}):
        refused = refusing(name)
        assert bench(refused, **claimed).exchange(scenarios()[name]) is refused
    other = refusing(name, "no")
    assert bench(other).exchange(scenarios()[name]) is other
    with pytest.raises(NotApplicable):
        bench(refusing(name), capabilities={"tools": False}).exchange(scenarios()[name])


def test_a_capability_that_was_served_once_is_not_refused() -> None:
    name = needing("tools")
    decisive = capabilities()["tools"].decided_by[0]
    refused = refusing(name)
    assert bench(refused, answer(decisive)).exchange(scenarios()[name]) is refused
    for indecisive in (answer(decisive, 400), answer(PLAIN)):
        with pytest.raises(NotApplicable):
            bench(refused, indecisive).exchange(scenarios()[name])


def test_every_answer_of_a_run_is_at_hand() -> None:
    answered, silent = answer(), answer(status=None)
    assert bench(silent, answered).answered == [answered]


def test_an_answer_that_broke_beside_others_and_came_whole_alone_was_disturbed() -> None:
    plain = scenarios()[PLAIN]
    broken, other = answer(ending=Ending.CUT, ended_at=1.0), answer("chat/stream/text")
    alone = answer(attempt=2, started=2.0)
    assert bench(broken, other, alone).disturbed(plain) == [broken]
    for ending in (Ending.RESET, Ending.NOT_CONNECTED):
        again = replace(broken, ending=ending)
        assert bench(again, other, alone).disturbed(plain) == [again]
    assert bench(broken, other).disturbed(plain) == []
    assert bench(broken, other, replace(alone, started=0.0)).disturbed(plain) == []
    assert bench(broken, other, replace(alone, ending=Ending.CUT)).disturbed(plain) == []
    then_cut = replace(alone, turn=2, ending=Ending.CUT)
    assert bench(broken, other, alone, then_cut).disturbed(plain) == []
    assert bench(replace(broken, ending=Ending.STALLED), other, alone).disturbed(plain) == []


def test_where_a_disturbed_answer_broke_is_pointed_at() -> None:
    events = (Segment(0.1, b"data: 1\n\ndata: 2\n\n"),)
    for segments, event in ((events, 2), ((), None)):
        broken = answer(ending=Ending.RESET, segments=segments, detail="reset")
        with pytest.raises(Breach) as raised:
            require_undisturbed([broken])
        (evidence,) = raised.value.finding.evidence
        assert (evidence.exchange, evidence.event) == (broken.id, event)
        assert raised.value.finding.observed == "reset while other requests ran: reset"
    require_undisturbed([])


def test_what_was_always_alone_cannot_have_been_disturbed() -> None:
    plain, broken = scenarios()[PLAIN], answer(ending=Ending.CUT, ended_at=1.0)
    later = answer("chat/stream/text", started=1.5)
    for exchanges in ([broken], [broken, later], [broken, answer(attempt=2, started=3.0)]):
        with pytest.raises(NotApplicable, match="no two requests were in flight"):
            bench(*exchanges).disturbed(plain)
        beside = answer("models/list", started=9.0), answer("auth/wrong-key", started=9.0)
        assert bench(*exchanges, *beside).disturbed(plain) == []
    with pytest.raises(NoAnswer):
        bench().disturbed(plain)


def test_an_exchange_is_accompanied_by_others_and_not_by_its_own_turns() -> None:
    one, its_second = answer(ended_at=1.0), answer(turn=2, started=0.5)
    other = answer("chat/stream/text", started=0.5)
    assert bench(one, other).accompanied(one)
    assert not bench(one, its_second).accompanied(one)
    later = replace(other, started=1.5)
    assert not bench(one, later).accompanied(one)
    assert not bench(one, later).accompanied(later)


def test_a_recording_lasts_from_its_first_request_to_its_last_byte() -> None:
    exchanges = [answer(started=5.0, ended_at=4.0), answer(turn=2, started=3.0, ended_at=1.0)]
    assert Recording({}, exchanges).span == (3.0, 9.0)
    assert Recording({}).span is None


SHORT, LONGER = "chat/whole/text", "chat/whole/non-ascii"


def counting(scenario: str, tokens: Any) -> Exchange:
    return answer(scenario, body={"usage": {"prompt_tokens": tokens}})


def test_prompts_are_not_counted_that_count_alike() -> None:
    with pytest.raises(Inconclusive, match=r"chat\.usage\.longer-prompt"):
        bench(counting(SHORT, 10), counting(LONGER, 10)).require_counted_prompts()


@pytest.mark.parametrize(
    "sent",
    [
        [counting(SHORT, 10), counting(LONGER, 11)],
        [counting(SHORT, 10)],
        [counting(LONGER, 10)],
        [counting(SHORT, None), counting(LONGER, None)],
        [counting(SHORT, "10"), counting(LONGER, "10")],
        [counting(SHORT, 10), counting(LONGER, 10.0)],
        [counting(SHORT, 10), answer(LONGER, segments=(Segment(0.1, b"no"),))],
        [],
    ],
)
def test_else_counts_may_tell_what_was_read(sent: list[Exchange]) -> None:
    bench(*sent).require_counted_prompts()


def test_what_is_asked_together_needs_no_further_turn() -> None:
    together, first, later = "chat/either/unasked", answer("chat/either/unasked"), 2
    assert bench(first).exchange(scenarios()[together]) is first
    with pytest.raises(Inconclusive, match="ended early"):
        bench(first, answer(together, turn=later)).exchange(scenarios()[together])
