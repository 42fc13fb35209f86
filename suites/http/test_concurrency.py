"""HTTP: several requests at once do not get into each other's way."""

from itertools import pairwise

from oaicheck.answers import said
from oaicheck.bench import Bench
from oaicheck.chat import ChatStream
from oaicheck.judging import Inconclusive, require
from oaicheck.requirement import MUST, SHOULD, requirement
from oaicheck.wire.coding import decoded
from oaicheck.wire.exchange import Exchange

CANARIES = {
    "concurrent/lowercase-scheme": "marigold-7391",
    "concurrent/double-slash": "basalt-2846",
    "concurrent/gzip": "cormorant-5107",
}
"""The word that each scenario asks for, from the shortest prompt to the longest."""


@requirement(
    "http.concurrency.no-cross-talk",
    MUST,
    "No answer holds what another request, sent at the same time, asked for.",
    on="concurrent/*",
    source="github:QuantumNous/new-api#5446",
    remedy="Tie each upstream answer to its request; never reuse a connection that was abandoned "
    "with bytes unread.",
)
def test_no_cross_talk(exchange: Exchange, bench: Bench) -> None:
    for scenario, canary in CANARIES.items():
        for answer in bench.answered:
            require(
                answer.scenario == scenario or canary not in said(answer),
                answer,
                expected=f"nothing of {scenario}",
                observed=f"its word {canary}",
                beside=exchange,
            )
    heard = [answer for answer in bench.answered if _own_canary(answer)]
    if not heard:
        raise Inconclusive("the model repeated none of the words by which answers are told apart")


def _own_canary(answer: Exchange) -> bool:
    return answer.scenario in CANARIES and CANARIES[answer.scenario] in said(answer)


@requirement(
    "http.concurrency.own-usage",
    SHOULD,
    "The usage of concurrent answers is that of their own prompts: a longer one has more tokens.",
    on="concurrent/gzip",
    against="concurrent/double-slash",
    source=("openai:chat/object#usage", "github:QuantumNous/new-api#5446"),
    remedy="Keep the counters with the request that they count.",
)
def test_usage_is_not_mixed_up(exchange: Exchange, bench: Bench) -> None:
    last = {answer.scenario: answer for answer in bench.answered if answer.status == 200}
    counts = [
        count
        for scenario in CANARIES
        if scenario in last
        if (count := ChatStream(decoded(last[scenario])).usage["prompt_tokens"]).is_integer
    ]
    if len(counts) < 2:
        raise Inconclusive(f"too few answers beside {exchange.id} tell their prompt's tokens")
    for shorter, longer in pairwise(counts):
        require(
            shorter.value < longer.value,
            longer,
            expected=f"more than the {shorter.value} of {shorter.exchange.id}",
            beside=shorter,
        )
