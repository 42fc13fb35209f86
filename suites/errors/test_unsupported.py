"""What the endpoint does not support: it says so with a 4xx, which no client repeats."""

from oaicheck.rules import MUST, NotApplicable, require, requirement
from oaicheck.views import Bench, Conversation, Scenario

_CREATING = ("/chat/completions", "/responses")
"""The ends of the paths on which an endpoint generates."""


@requirement(
    "errors.unsupported.not-501",
    MUST,
    "The endpoint refuses what it does not support with a 4xx, never with 501.",
    on=("chat/*", "limits/*", "responses/*"),
    follows=(
        "chat.completion.status",
        "chat.framing.status",
        "responses.object.served",
    ),
    source=("rfc9110#15.6.2", "openai:errors", "github:vllm-project/vllm#53626"),
    remedy="Answer 400 and name the parameter. 501 is a server error: SDKs repeat the request, and "
    "it sets off alarms.",
    since="2026.2",
)
def test_nothing_is_not_implemented(
    conversation: Conversation, bench: Bench, scenario: Scenario
) -> None:
    bench.opening(scenario)
    asked = [turn for turn in conversation.turns if turn.request.method == "POST"]
    created = [turn for turn in asked if turn.request.url.partition("?")[0].endswith(_CREATING)]
    if not created:
        raise NotApplicable("no request of this scenario generates anything")
    for turn in created:
        require(turn.status != 501, turn, expected="HTTP 200, or a 4xx that names the parameter")
