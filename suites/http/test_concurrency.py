"""HTTP: concurrent requests do not disturb each other."""

from itertools import pairwise

from oaicheck.rules import MUST, SHOULD, Inconclusive, NotApplicable, require, requirement
from oaicheck.views import Bench, ChatStream, Exchange, Located, decoded, words_said

CANARIES = {
    "concurrent/lowercase-scheme": "marigold-7391",
    "concurrent/plain": "tamarind-4460",
    "concurrent/double-slash": "basalt-2846",
    "concurrent/gzip": "cormorant-5107",
}
"""The word that each scenario asks for, from the shortest prompt to the longest."""

_WORDS = frozenset(CANARIES.values())


def _asking(bench: Bench) -> dict[str, Exchange]:
    """The exchanges that asked for a word, by the word, unless an earlier answer contains it."""
    sent = {canary: bench.sent(scenario) for scenario, canary in CANARIES.items()}
    asking = {canary: found.attempts[0][-1] for canary, found in sent.items() if found is not None}
    return {
        canary: exchange
        for canary, exchange in asking.items()
        if not any(
            canary in words_said(other, _WORDS)
            for other in bench.answered
            if other.precedes(exchange)
        )
    }


def _require_concurrency(bench: Bench) -> None:
    sent = (bench.sent(scenario) for scenario in CANARIES)
    if not any(bench.accompanied(found.attempts[0][-1]) for found in sent if found is not None):
        raise NotApplicable("no other request was in flight at the same time")


@requirement(
    "http.concurrency.no-cross-talk",
    MUST,
    "No response contains text that another concurrent request asked for.",
    on="concurrent/*",
    source="github:QuantumNous/new-api#5446",
    remedy="Tie each upstream response to its request; never reuse a connection that was abandoned "
    "with unread bytes.",
)
def test_no_cross_talk(exchange: Exchange, bench: Bench) -> None:
    for canary, asking in _asking(bench).items():
        for answer in bench.answered:
            require(
                answer.scenario == asking.scenario or canary not in words_said(answer, _WORDS),
                answer,
                expected=f"no text that {asking.id} asked for",
                observed=f"the word {canary}, which {asking.id} asked for",
                beside=asking,
            )
    _require_concurrency(bench)
    if not any(canary in words_said(asking, _WORDS) for canary, asking in _asking(bench).items()):
        raise Inconclusive(
            f"{exchange.id} and the other answers do not contain the words that tell them apart"
        )


@requirement(
    "http.concurrency.own-usage",
    SHOULD,
    "The usage of concurrent responses counts their own prompts: a longer prompt has more tokens.",
    on="concurrent/gzip",
    against="concurrent/plain",
    source=("openai:chat/object#usage", "github:QuantumNous/new-api#5446"),
    remedy="Keep the token counters with the request that they count.",
)
def test_usage_is_not_mixed_up(exchange: Exchange, bench: Bench) -> None:
    _require_concurrency(bench)
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
            expected=f"more than the {shorter.value} of {shorter.exchange.id} (a shorter prompt)",
            beside=shorter,
        )


def _prompt_tokens(bench: Bench, scenario: str) -> Located | str:
    """The prompt tokens that a concurrent request's usage counts, or why there is no count."""
    conversation = bench.sent(scenario)
    if conversation is None:
        return "was not sent"
    answer = decoded(conversation.turns[-1])
    if answer.status != 200:
        return f"got HTTP {answer.status}" if answer.answered else f"got no answer: {answer.ending}"
    count = ChatStream(answer).usage["prompt_tokens"]
    return count if count.is_integer else "got no integer usage.prompt_tokens"
