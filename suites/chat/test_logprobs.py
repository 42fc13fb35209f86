"""logprobs: how likely each token was, and what else it might have been."""

from oaicheck.rules import (
    MUST,
    SHOULD,
    Inconclusive,
    NotApplicable,
    contrasted,
    require,
    requirement,
    text_around,
)
from oaicheck.views import (
    RATE_LIMITED,
    Answered,
    AnsweredChoice,
    ChatStream,
    Conversation,
    Located,
    reasoning_tokens,
    shown,
)

_SCENARIOS = ("chat/stream/logprobs", "chat/whole/logprobs")
_ROUNDING = 0.001
_SPECIAL = 40
"""Bytes of white space and of special tokens, such as `<|im_end|>`, that stand around a content."""
_UNSEEN = 3
"""Tokens that may be counted and not listed, or listed and not counted, such as the last one."""


def _tokens(answered: Answered) -> list[Located]:
    tokens = list(answered.token_logprobs())
    if not tokens:
        raise NotApplicable("there are no log probabilities: chat.logprobs.present judges that")
    return tokens


def _alternatives(answered: Answered) -> list[Located]:
    """The `top_logprobs` of every token that has some."""
    lists = [token["top_logprobs"] for token in _tokens(answered)]
    given = [alternatives for alternatives in lists if len(alternatives) > 0]
    if not given:
        raise NotApplicable("there are no alternatives: chat.logprobs.top-given judges that")
    return given


@requirement(
    "chat.logprobs.present",
    SHOULD,
    "With `logprobs` true every choice with content has `logprobs.content`, an array of tokens.",
    on=_SCENARIOS,
    source=(
        "openai:chat/object#choices",
        "github:ml-explore/mlx-lm#1630",
        "github:abetlen/llama-cpp-python#197",
    ),
    remedy="Send the log probabilities, streamed or not, or refuse `logprobs` with a 400 that "
    "names it.",
)
def test_log_probabilities_come(answered: Answered) -> None:
    written = [choice for choice in answered.choices if choice.content]
    if not written:
        raise Inconclusive("the model wrote no content")
    for choice in written:
        logprobs, said = choice.speaking["logprobs"], shown(text_around(choice.start.value, 0))
        require(
            len(choice.token_logprobs) > 0,
            logprobs,
            expected="logprobs.content, an array of tokens",
            observed=f"{logprobs.path} is {logprobs.shown} beside content {said}",
        )


@requirement(
    "chat.logprobs.token",
    MUST,
    "Every token of logprobs.content has `token`, a string, and `logprob`, a number.",
    on=_SCENARIOS,
    source="openai:chat/object#choices",
    remedy="Send the token's text and its natural log probability as a JSON number.",
)
def test_a_token_has_text_and_log_probability(answered: Answered) -> None:
    for token in _tokens(answered):
        require(token["token"].is_string, token["token"], expected="a string")
        require(token["logprob"].is_number, token["logprob"], expected="a number")


@requirement(
    "chat.logprobs.not-positive",
    SHOULD,
    "A `logprob` is 0 or below, but for rounding.",
    on=_SCENARIOS,
    source="openai:chat/object#choices",
    remedy="Send the logarithm of the probability, not the probability or a logit.",
)
def test_log_probabilities_are_not_positive(answered: Answered) -> None:
    for token in _tokens(answered):
        logprob = token["logprob"]
        if logprob.is_number:
            require(logprob.value <= _ROUNDING, logprob, expected="0 or below")


@requirement(
    "chat.logprobs.bytes",
    SHOULD,
    "A token's `bytes`, where given, is an array of integers from 0 to 255.",
    on=_SCENARIOS,
    source="openai:chat/object#choices",
    remedy="Send the bytes of the token in UTF-8 as numbers, or null.",
)
def test_bytes_are_numbers(answered: Answered) -> None:
    for token in _tokens(answered):
        found = token["bytes"]
        fitting = all(byte.is_integer and 0 <= byte.value <= 255 for byte in found)
        require(
            not found.given or (found.is_array and fitting),
            found,
            expected="an array of integers from 0 to 255, or null",
        )


@requirement(
    "chat.logprobs.join",
    SHOULD,
    "The tokens of logprobs.content join to the content of the choice, and to nothing more.",
    on=_SCENARIOS,
    source=("openai:chat/object#choices", "github:Menci/Floway#481"),
    remedy="Send an entry for every token of the content, in order, with its text as it stands "
    "there.",
)
def test_tokens_join_to_the_content(answered: Answered) -> None:
    _tokens(answered)
    for choice in answered.choices:
        joined = _joined(choice)
        found, wanted = contrasted(choice.content.strip(), _text(joined))
        require(
            _is_all_of(joined, choice),
            choice.end,
            expected=f"what the tokens join to: {wanted}",
            observed=f"the content is {found}",
        )


def _joined(choice: AnsweredChoice) -> bytes:
    return b"".join(map(_bytes_of, choice.token_logprobs))


def _is_all_of(joined: bytes, choice: AnsweredChoice) -> bool:
    """Whether tokens join to the content of a choice, and hardly more."""
    content = choice.content.strip().encode("utf-8", "replace")
    return content in joined and len(joined) - len(content) <= _SPECIAL


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _bytes_of(token: Located) -> bytes:
    """The bytes of a token; those of its text where `bytes` does not say."""
    given = token["bytes"].value
    if isinstance(given, list) and given and all(type(b) is int and 0 <= b < 256 for b in given):
        return bytes(given)
    return str(token["token"].value).encode("utf-8", "replace")


@requirement(
    "chat.logprobs.counted",
    SHOULD,
    "usage counts about as many completion_tokens as logprobs.content has entries.",
    on=_SCENARIOS,
    source=("openai:chat/object#usage", "github:router-for-me/CLIProxyAPI#5733"),
    remedy="Count each generated token once in completion_tokens.",
)
def test_as_many_tokens_are_counted(answered: Answered) -> None:
    listed, written = len(_tokens(answered)), answered.usage["completion_tokens"]
    if not all(_is_all_of(_joined(choice), choice) for choice in answered.choices):
        raise Inconclusive("they do not join to the content: chat.logprobs.join judges that")
    hidden = reasoning_tokens(answered.usage)
    if not written.is_integer:
        raise Inconclusive("completion_tokens is not counted")
    if hidden.is_integer and hidden.value > 0:
        raise NotApplicable("the model thought, and thoughts need not be listed")
    require(
        abs(written.value - listed) <= _UNSEEN,
        written,
        expected=f"about {listed}, as many as there are entries",
    )


@requirement(
    "chat.logprobs.top-given",
    SHOULD,
    "Most tokens have as many alternatives as `top_logprobs` asks for.",
    on="chat/stream/logprobs",
    source="openai:chat/create#top_logprobs",
    remedy="Send as many alternatives as asked for, or refuse `top_logprobs` with a 400.",
)
def test_alternatives_come(answered: Answered) -> None:
    tokens, wanted = _tokens(answered), answered.requested("top_logprobs")
    short = [token for token in tokens if len(token["top_logprobs"]) < wanted]
    require(
        2 * len(short) <= len(tokens),
        (short or tokens)[0]["top_logprobs"],
        expected=f"{wanted} alternatives for most tokens",
        observed=f"fewer for {len(short)} of {len(tokens)} tokens",
    )


@requirement(
    "chat.logprobs.top-count",
    SHOULD,
    "No token has more alternatives than `top_logprobs` asks for.",
    on="chat/stream/logprobs",
    source="openai:chat/create#top_logprobs",
    remedy="Cut the alternatives to the number that was asked for.",
)
def test_no_more_alternatives_than_asked_for(answered: Answered) -> None:
    wanted = answered.requested("top_logprobs")
    for alternatives in _alternatives(answered):
        require(
            len(alternatives) <= wanted,
            alternatives,
            expected=f"{wanted} at most",
            observed=f"{len(alternatives)}",
        )


@requirement(
    "chat.logprobs.top-unasked",
    SHOULD,
    "Without `top_logprobs` a token has no alternatives.",
    on="chat/whole/logprobs",
    source="openai:chat/create#top_logprobs",
    remedy='Send `"top_logprobs": []` where no number was asked for.',
)
def test_no_alternatives_without_asking(answered: Answered) -> None:
    for token in _tokens(answered):
        require(len(token["top_logprobs"]) == 0, token["top_logprobs"], expected="no alternatives")


@requirement(
    "chat.logprobs.top-shape",
    MUST,
    "`top_logprobs` is an array, each element with `token`, a string, and `logprob`, a number.",
    on="chat/stream/logprobs",
    source="openai:chat/object#choices",
    remedy="Send each alternative as an object of its own, as the token itself is sent.",
)
def test_an_alternative_has_text_and_log_probability(answered: Answered) -> None:
    for alternatives in _alternatives(answered):
        require(alternatives.is_array, alternatives, expected="an array")
        for alternative in alternatives:
            require(alternative["token"].is_string, alternative["token"], expected="a string")
            require(alternative["logprob"].is_number, alternative["logprob"], expected="a number")


@requirement(
    "chat.logprobs.top-order",
    SHOULD,
    "The alternatives of a token come in order, the likeliest first.",
    on="chat/stream/logprobs",
    source="openai:chat/create#top_logprobs",
    remedy="Sort `top_logprobs` by `logprob`, falling.",
)
def test_the_likeliest_comes_first(answered: Answered) -> None:
    for alternatives in _alternatives(answered):
        numbers = [a["logprob"].value for a in alternatives if a["logprob"].is_number]
        require(
            numbers == sorted(numbers, reverse=True),
            alternatives,
            expected="falling log probabilities",
            observed=shown(numbers),
        )


@requirement(
    "chat.logprobs.top-own",
    SHOULD,
    "At temperature 0 the token itself is among its alternatives.",
    on="chat/stream/logprobs",
    source=("openai:chat/object#choices", "github:sgl-project/sglang#30188"),
    remedy="Send with each token the alternatives of its own position.",
)
def test_the_token_is_among_its_alternatives(answered: Answered) -> None:
    _alternatives(answered)
    for token in _tokens(answered):
        texts = [alternative["token"].value for alternative in token["top_logprobs"]]
        require(
            not texts or token["token"].value in texts,
            token["top_logprobs"],
            expected=f"{token['token'].shown} among them",
        )


@requirement(
    "chat.logprobs.not-asked",
    SHOULD,
    "Without asking for it there are no log probabilities: `logprobs` is null or left out.",
    on=("chat/whole/text", "chat/stream/text"),
    source="openai:chat/create#logprobs",
    remedy="Send log probabilities only when `logprobs` is true.",
)
def test_no_log_probabilities_without_asking(answered: Answered) -> None:
    for choice in answered.choices:
        for logprobs in choice.logprobs:
            require(len(logprobs["content"]) == 0, logprobs, expected="null, or left out")


@requirement(
    "chat.logprobs.without-top",
    MUST,
    "Where `logprobs` is served with `top_logprobs`, it is served without it too.",
    on="chat/whole/logprobs",
    against="chat/stream/logprobs",
    source=("openai:chat/create#logprobs", "github:sgl-project/sglang#4440"),
    remedy="Take 0 for `top_logprobs` where it is left out.",
)
def test_top_logprobs_may_be_left_out(conversation: Conversation, against: ChatStream) -> None:
    exchange = conversation.turns[-1]
    if exchange.status in RATE_LIMITED:
        raise Inconclusive("rate limited or overloaded")
    require(
        exchange.status == 200,
        exchange,
        expected="HTTP 200, as with top_logprobs",
        beside=against.exchange,
    )
