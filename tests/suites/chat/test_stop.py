"""Stop strings: where one was ignored, left in, or begun."""

import json

import pytest

from oaicheck.rules.verdict import Finding, Outcome
from oaicheck.wire.exchange import Exchange
from support.answers import finding, outcome, saying, streaming, turns

SCENARIO = "chat/stream/stop"


def asked() -> tuple[Exchange, str, str]:
    """The turn with the free answer, what it says before the stop string, and that string."""
    opening, last = turns(SCENARIO)
    *_, stop = last.request.json["stop"]
    free = json.loads(opening.body)["choices"][0]["message"]["content"]
    return opening, free[: free.index(stop)], stop


def answering_with(*pieces: str) -> Exchange:
    """The second turn, answered with these pieces."""
    _, last = turns(SCENARIO)
    said = streaming(SCENARIO, *saying(*pieces))
    return Exchange(**{**fields(last), "segments": said.segments})


def fields(exchange: Exchange) -> dict[str, object]:
    return {name: getattr(exchange, name) for name in exchange.__dataclass_fields__}


def judged(rule: str, *pieces: str) -> Outcome:
    opening, _, _ = asked()
    return outcome(f"chat.stop.{rule}", answering_with(*pieces), [opening])


def broken(rule: str, *pieces: str) -> Finding:
    opening, _, _ = asked()
    return finding(f"chat.stop.{rule}", answering_with(*pieces), [opening])


def test_the_stop_string_is_taken_out_of_the_free_answer() -> None:
    _, before, stop = asked()
    assert before.startswith("1, 2, 3, ")
    assert len(stop.split()) == 2


def test_a_stop_string_that_was_ignored_is_shown_where_it_begins() -> None:
    _, before, stop = asked()
    first, second = stop.split()
    found = broken("honoured", before, first, f" {second}", " and more")
    assert found.expected == f'content that ends before the stop string "{stop}"'
    assert found.observed.endswith(f'{stop} and more"')
    assert found.evidence[0].event == 3


def test_of_several_stop_strings_the_first_in_the_text_counts() -> None:
    _, before, stop = asked()
    assert stop in broken("honoured", before, stop, " oaicheck-one more").expected
    assert "oaicheck-one" in broken("honoured", before, "oaicheck-one ", stop, " more").expected


def test_a_stop_string_that_was_left_in_is_named() -> None:
    _, before, stop = asked()
    assert broken("excluded", before, stop).observed == f'the content ends with "{stop}"'
    assert judged("honoured", before, stop) is Outcome.PASS


@pytest.mark.parametrize("rule", ["honoured", "excluded", "no-beginning", "finish"])
def test_who_ends_before_the_stop_string_has_honoured_it(rule: str) -> None:
    _, before, _ = asked()
    assert judged(rule, before) is Outcome.PASS
    assert judged(rule, before.rstrip()) is Outcome.PASS
    assert judged(rule, "Something", " else.") is Outcome.INCONCLUSIVE
    assert judged(rule, before, "and something else") is Outcome.INCONCLUSIVE
    assert judged(rule, before[:5]) is Outcome.INCONCLUSIVE


def test_the_beginning_of_a_stop_string_is_told() -> None:
    _, before, stop = asked()
    assert judged("no-beginning", before, stop.split()[0]) is Outcome.WARN
    assert judged("honoured", before, stop.split()[0]) is Outcome.PASS
