"""The plan counts what a run would send."""

from oaicheck.engine.plan import plan
from oaicheck.target.target import Limits
from support.loopback import scenario, turn


def test_counts() -> None:
    limits = Limits(retries=3, first_byte=10)
    planned = plan(
        [
            scenario("a", turn(body={"max_tokens": 10, "n": 2})),
            scenario("b", turn(), turn(), rewordings=({}, {}), shows="text", alone=True),
        ],
        limits,
    )
    warm_up, first, second = planned.scenarios
    assert (warm_up.requests, warm_up.output_tokens) == (1, 16)
    assert (first.requests, first.most_requests) == (1, 1 + 3 + 1 + 1)
    assert (second.requests, second.most_requests) == (2, 2 * (3 + 3 + 1))
    assert (first.output_tokens, first.most_output_tokens) == (20, 20 * 6)
    assert planned.requests == 4
    assert planned.most_requests == warm_up.most_requests + 6 + 14
    assert planned.output_tokens == 16 + 20 + 16


def test_table() -> None:
    lines = plan([scenario("chat/a"), scenario("b", alone=True)]).table().splitlines()
    assert lines[0].split("  ")[0] == "scenario"
    assert [line.split("  ")[0] for line in lines[2:5]] == [
        "warm-up (alone)",
        "chat/a",
        "b (alone)",
    ]
    assert lines[-1].startswith("2 scenarios and the warm-up ")
    assert len({len(line) for line in lines}) == 1


def test_what_is_left_out_is_told() -> None:
    planned = plan([scenario("a")], not_sent={"b": "needs a key, which was not given"})
    *_, sums, told = planned.table().splitlines()
    assert sums.startswith("1 scenarios and the warm-up ")
    assert told == "not sent: b: needs a key, which was not given"
