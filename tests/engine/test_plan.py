"""The plan counts what a run would send."""

from typing import Any

from oaicheck.engine.plan import plan
from oaicheck.scenarios.scenario import OVERFLOW
from oaicheck.target.target import Limits
from support.loopback import scenario, turn

PROMPT = {"messages": [{"role": "user", "content": "a b c"}]}
"""Four tokens for the message, one for its role, three for its words."""


def test_counts() -> None:
    limits = Limits(retries=3, first_byte=10)
    planned = plan(
        [
            scenario("a", turn(body={**PROMPT, "max_tokens": 10, "n": 2})),
            scenario("b", turn(), turn(), rewordings=({}, {}), shows="text", alone=True),
        ],
        limits,
    )
    warm_up, first, second = planned.scenarios
    assert (warm_up.requests, warm_up.input_tokens, warm_up.output_tokens) == (1, 8, 16)
    assert (first.requests, first.most_requests) == (1, 1 + 3 + 1 + 1)
    assert (second.requests, second.most_requests) == (2, 2 * (3 + 3 + 1))
    assert (first.input_tokens, first.most_input_tokens) == (8, 8 * 6)
    assert (first.output_tokens, first.most_output_tokens) == (20, 20 * 6)
    assert first.tokens == 28
    assert planned.requests == 4
    assert planned.most_requests == warm_up.most_requests + 6 + 14
    assert planned.input_tokens == 8 + 8 + second.input_tokens
    assert planned.most_input_tokens == 8 * warm_up.most_requests + 48 + 7 * second.input_tokens
    assert planned.output_tokens == 16 + 20 + 16


def overflowing(name: str) -> Any:
    content = {"$repeat": "a ", "times": OVERFLOW}
    body = {"messages": [{"role": "user", "content": content}], "max_tokens": 1}
    return scenario(name, turn(body=body), alone=True)


def test_a_prompt_that_has_to_overflow() -> None:
    _, planned = plan([overflowing("o")], Limits(retries=3)).scenarios
    assert (planned.requests, planned.most_requests) == (1, 1 + 3 + 1 + 2)
    assert planned.input_tokens == 10_005
    assert planned.longer_prompts == 280_005
    assert planned.most_input_tokens == 6 * 280_005
    assert planned.tokens == 10_005 + 280_005 + 1


def test_of_a_client_only_what_its_task_says_is_known() -> None:
    task = scenario("c", turn(body=None), turn(body=None), expected_input=300, expected_tokens=512)
    _, planned = plan([task]).scenarios
    assert (planned.input_tokens, planned.output_tokens, planned.tokens) == (300, 512, 812)


def test_table() -> None:
    lines = plan([scenario("chat/a"), scenario("b", alone=True)]).table().splitlines()
    assert lines[0].split("  ")[0] == "scenario"
    assert [line.split("  ")[0] for line in lines[2:5]] == [
        "warm-up (alone)",
        "chat/a",
        "b (alone)",
    ]
    assert lines[6].startswith("2 scenarios and the warm-up ")
    assert len({len(line) for line in lines[:7]}) == 1


def test_the_sums_and_what_costs_most_are_told() -> None:
    dear = [scenario(name, turn(body={**PROMPT, "max_tokens": n})) for n, name in enumerate("abcd")]
    planned = plan([*dear, overflowing("o"), overflowing("p")], Limits(retries=0, first_byte=1))
    sums, *told = planned.table().splitlines()[10:]
    assert sums.split()[-6:] == ["7", "24", "20,050", "1,680,158", "24", "74"]
    more = "up to 280,005 input tokens more, if the first prompt fits into the context window"
    assert told == [
        "tokens without retries: 20,050 input + 24 output = 20,074; input is an estimate",
        "tokens with all retries: at most 1,680,158 input + 74 output = 1,680,232",
        "costs most: o: 10,005 input + 1 output = 10,006",
        "costs most: p: 10,005 input + 1 output = 10,006",
        "costs most: warm-up: 8 input + 16 output = 24",
        "costs most: d: 8 input + 3 output = 11",
        "costs most: c: 8 input + 2 output = 10",
        f"may cost more: o: {more}",
        f"may cost more: p: {more}",
        "a refused prompt is usually not billed; --no-overflow leaves these scenarios out",
    ]


def test_what_is_left_out_is_told() -> None:
    planned = plan([scenario("a")], not_sent={"b": "needs a key, which was not given"})
    *_, told = planned.table().splitlines()
    assert "1 scenarios and the warm-up " in planned.table()
    assert told == "not sent: b: needs a key, which was not given"
