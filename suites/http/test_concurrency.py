"""HTTP: several requests at once do not get into each other's way."""

from itertools import pairwise

from oaicheck.rules import MUST, SHOULD, Inconclusive, NotApplicable, require, requirement
from oaicheck.views import Bench, ChatStream, Exchange, Located, answer_text, decoded

CANARIES = {
    "concurrent/lowercase-scheme": "marigold-7391",
    "concurrent/plain": "tamarind-4460",
    "concurrent/double-slash": "basalt-2846",
    "concurrent/gzip": "cormorant-5107",
}
"""The word that each scenario asks for, from the shortest prompt to the longest."""


def _asking(bench: Bench) -> dict[str, Exchange]:
    """The exchanges that asked for a word, by the word, if no answer held it before."""
    sent = {canary: bench.sent(scenario) for scenario, canary in CANARIES.items()}
    asking = {canary: found.attempts[0][-1] for canary, found in sent.items() if found is not None}
    return {
        canary: exchange
        for canary, exchange in asking.items()
        if not any(
            canary in answer_text(other) for other in bench.answered if other.precedes(exchange)
        )
    }


def _require_company(bench: Bench) -> None:
    sent = (bench.sent(scenario) for scenario in CANARIES)
    if not any(bench.accompanied(found.attempts[0][-1]) for found in sent if found is not None):
        raise NotApplicable("no other request was under way meanwhile")


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
    for canary, asking in _asking(bench).items():
        for answer in bench.answered:
            require(
                answer.scenario == asking.scenario or canary not in answer_text(answer),
                answer,
                expected=f"nothing of {asking.id}",
                observed=f"its word {canary}",
                beside=asking,
            )
    _require_company(bench)
    if not any(canary in answer_text(asking) for canary, asking in _asking(bench).items()):
        raise Inconclusive(
            f"{exchange.id} and the others repeat none of the words by which they are told apart"
        )


@requirement(
    "http.concurrency.own-usage",
    SHOULD,
    "The usage of concurrent answers is that of their own prompts: a longer one has more tokens.",
    on="concurrent/gzip",
    against="concurrent/plain",
    source=("openai:chat/object#usage", "github:QuantumNous/new-api#5446"),
    remedy="Keep the counters with the request that they count.",
)
def test_usage_is_not_mixed_up(exchange: Exchange, bench: Bench) -> None:
    _require_company(bench)
    told = {scenario: _prompt_tokens(bench, scenario) for scenario in CANARIES}
    counts = [count for count in told.values() if isinstance(count, Located)]
    if len(counts) < 2:
        reasons = [f"{name} {reason}" for name, reason in told.items() if isinstance(reason, str)]
        raise Inconclusive(f"{exchange.id} has nothing to compare with: {', '.join(reasons)}")
    bench.require_counted_prompts()
    for shorter, longer in pairwise(counts):
        require(
            shorter.value < longer.value,
            longer,
            expected=f"more than the {shorter.value} of {shorter.exchange.id}",
            beside=shorter,
        )


def _prompt_tokens(bench: Bench, scenario: str) -> Located | str:
    """How many tokens the prompt of a concurrent request took, or why that is not told."""
    conversation = bench.sent(scenario)
    if conversation is None:
        return "was not sent"
    answer = decoded(conversation.turns[-1])
    if answer.status != 200:
        return f"got HTTP {answer.status}" if answer.answered else f"got no answer: {answer.ending}"
    count = ChatStream(answer).usage["prompt_tokens"]
    return count if count.is_integer else "got no count of prompt_tokens"
