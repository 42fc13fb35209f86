"""logprobs: the log probability of each token, and of the alternatives to it."""

from oaicheck.rules import (
    MUST,
    NO_USAGE,
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
    reasoning_members,
    reasoning_tokens,
    shown,
)

_SCENARIOS = ("chat/stream/logprobs", "chat/whole/logprobs")
_ROUNDING = 0.001
_SPECIAL = 40
"""Bytes of white space and special tokens, such as `<|im_end|>`, allowed around the content."""
_UNSEEN = 3
"""Tokens that may be counted but not listed, or listed but not counted, such as the last one."""


def _tokens(answered: Answered) -> list[Located]:
    tokens = list(answered.token_logprobs())
    if not tokens:
        raise NotApplicable("there are no log probabilities (see chat.logprobs.present)")
    return tokens


def _texts(answered: Answered) -> list[Located]:
    """The entries, if each has a text; raises NotApplicable otherwise."""
    tokens = _tokens(answered)
    if not all(token["token"].is_string for token in tokens):
        raise NotApplicable("an entry has no token that is a string (see chat.logprobs.token)")
    return tokens


def _alternatives(answered: Answered) -> list[Located]:
    """The `top_logprobs` of every token that has some."""
    lists = [token["top_logprobs"] for token in _tokens(answered)]
    given = [alternatives for alternatives in lists if len(alternatives) > 0]
    if not given:
        raise NotApplicable("there are no alternatives (see chat.logprobs.top-given)")
    return given


@requirement(
    "chat.logprobs.present",
    MUST,
    "If `logprobs` is true, every choice with content has `logprobs.content`, a non-empty array "
    "of tokens.",
    on=_SCENARIOS,
    source=(
        "openai:chat/object#choices",
        "github:ml-explore/mlx-lm#1630",
        "github:abetlen/llama-cpp-python#197",
    ),
    remedy="Send the log probabilities, streamed or not, or refuse `logprobs` with a 400 that "
    "names it.",
)
def test_log_probabilities_are_sent(answered: Answered) -> None:
    written = [choice for choice in answered.choices if choice.content]
    if not written:
        raise Inconclusive("the model wrote no content")
    for choice in written:
        logprobs, content = choice.speaking["logprobs"], shown(text_around(choice.start.value, 0))
        require(
            len(choice.token_logprobs) > 0,
            logprobs,
            expected="logprobs.content, an array of tokens",
            observed=f"{logprobs.path} is {logprobs.shown} beside content {content}",
        )


@requirement(
    "chat.logprobs.token",
    MUST,
    "Every entry of `logprobs.content` has a string `token` and a number `logprob`.",
    on=_SCENARIOS,
    source="openai:chat/object#choices",
    remedy="Send the token's text as `token` and its natural log probability as a JSON number in "
    "`logprob`.",
)
def test_a_token_has_text_and_log_probability(answered: Answered) -> None:
    for token in _tokens(answered):
        require(token["token"].is_string, token["token"], expected="a string")
        require(token["logprob"].is_number, token["logprob"], expected="a number")


@requirement(
    "chat.logprobs.token-not-empty",
    SHOULD,
    "Every entry of `logprobs.content`, except the last one, has a token with text or bytes.",
    on=_SCENARIOS,
    follows=("chat.logprobs.token",),
    source="openai:chat/object#choices",
    remedy="If a token is only a part of a character, send its `bytes`: tools that work by offsets "
    "cannot place an entry that is empty.",
    since="2026.2",
)
def test_no_token_is_empty(answered: Answered) -> None:
    _tokens(answered)
    for choice in answered.choices:
        for token in choice.token_logprobs[:-1]:
            require(
                token["token"].value != "" or len(token["bytes"]) > 0,
                token["token"],
                expected="text, or bytes beside it",
                observed=f'{token["token"].path} is "" and bytes is {token["bytes"].shown}',
            )


@requirement(
    "chat.logprobs.not-positive",
    SHOULD,
    "Every `logprob` is 0 or less, apart from rounding.",
    on=_SCENARIOS,
    follows=("chat.logprobs.token",),
    source="openai:chat/object#choices",
    remedy="Send the natural logarithm of the probability, not the probability or a logit.",
)
def test_log_probabilities_are_not_positive(answered: Answered) -> None:
    for token in _tokens(answered):
        logprob = token["logprob"]
        if logprob.is_number:
            require(logprob.value <= _ROUNDING, logprob, expected="0 or less")


@requirement(
    "chat.logprobs.bytes",
    SHOULD,
    "The `bytes` of a token are an array of integers from 0 to 255, null or absent.",
    on=_SCENARIOS,
    source="openai:chat/object#choices",
    remedy="Send the token's UTF-8 bytes as numbers, or null.",
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
    "The tokens of `logprobs.content` join to the content of the choice, apart from white space "
    "and special tokens around it.",
    on=_SCENARIOS,
    follows=("chat.logprobs.token",),
    source=("openai:chat/object#choices", "github:Menci/Floway#481"),
    remedy="Send one entry for every token of the content, in order, with exactly the text that "
    "the token adds.",
)
def test_tokens_join_to_the_content(answered: Answered) -> None:
    _texts(answered)
    for choice in answered.choices:
        joined = _joined(choice)
        found, wanted = contrasted(choice.content.strip(), _text(joined))
        require(
            _matches_content(joined, choice),
            choice.end,
            expected=f"the joined tokens: {wanted}",
            observed=f"the content is {found}",
        )


def _joined(choice: AnsweredChoice) -> bytes:
    """The tokens of the content: in a stream, reasoning has its own in the chunks that bring it."""
    entries = [entry for entry in choice.entries if not _only_thinks(entry[choice.part])]
    tokens = [token for entry in entries for token in entry["logprobs"]["content"]]
    return b"".join(map(_bytes_of, tokens))


def _only_thinks(part: Located) -> bool:
    return not part.has_text("content") and bool(reasoning_members([part]))


def _matches_content(joined: bytes, choice: AnsweredChoice) -> bool:
    """Whether the joined tokens are the content of a choice and little more, but no reasoning."""
    text = choice.content.strip()
    if choice.reason.value == "length":
        # The limit may have cut a character, of which the tokens have some bytes.
        text = text.rstrip("\N{REPLACEMENT CHARACTER}")
    content = text.encode("utf-8", "replace")
    if content not in joined or len(joined) - len(content) > _SPECIAL:
        return False
    around = joined.replace(content, b"", 1)
    thought = "".join(piece.value for piece in choice.thoughts if piece.is_text).strip()
    return not thought or thought.encode("utf-8", "replace") not in around


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _bytes_of(token: Located) -> bytes:
    """The bytes of a token; those of its text if `bytes` is missing or invalid."""
    given = token["bytes"].value
    if isinstance(given, list) and given and all(type(b) is int and 0 <= b < 256 for b in given):
        return bytes(given)
    text: str = token["token"].value
    return text.encode("utf-8", "replace")


@requirement(
    "chat.logprobs.counted",
    SHOULD,
    "`completion_tokens` differs by at most 3 from the number of entries in `logprobs.content`.",
    on=_SCENARIOS,
    follows=("chat.logprobs.token", "chat.logprobs.join"),
    source=("openai:chat/object#usage", "github:router-for-me/CLIProxyAPI#5733"),
    remedy="Count each generated token once in `completion_tokens`.",
)
def test_tokens_are_counted(answered: Answered) -> None:
    listed, written = len(_texts(answered)), answered.usage["completion_tokens"]
    if not all(_matches_content(_joined(choice), choice) for choice in answered.choices):
        raise Inconclusive(
            "the tokens do not join to the content (see chat.logprobs.join)",
            told_by=("chat.logprobs.token", "chat.logprobs.join"),
        )
    hidden = reasoning_tokens(answered.usage)
    if not written.is_integer:
        raise Inconclusive(
            "completion_tokens is missing or not an integer", told_by=NO_USAGE, anywhere=True
        )
    if hidden.is_integer and hidden.value > 0:
        raise NotApplicable("the model reasoned, and reasoning need not be listed")
    require(
        abs(written.value - listed) <= _UNSEEN,
        written,
        expected=f"about {listed}, the number of entries in logprobs.content",
    )


@requirement(
    "chat.logprobs.top-given",
    SHOULD,
    "At least half of the tokens have as many alternatives as `top_logprobs` requests.",
    on="chat/stream/logprobs",
    source="openai:chat/create#top_logprobs",
    remedy="Send as many alternatives as requested, or refuse `top_logprobs` with a 400.",
)
def test_alternatives_are_sent(answered: Answered) -> None:
    tokens, wanted = _tokens(answered), answered.requested("top_logprobs")
    short = [token for token in tokens if len(token["top_logprobs"]) < wanted]
    require(
        2 * len(short) <= len(tokens),
        (short or tokens)[0]["top_logprobs"],
        expected=f"{wanted} alternatives for at least half of the tokens",
        observed=f"fewer for {len(short)} of {len(tokens)} tokens",
    )


@requirement(
    "chat.logprobs.top-count",
    SHOULD,
    "No token has more alternatives than `top_logprobs` requests.",
    on="chat/stream/logprobs",
    source="openai:chat/create#top_logprobs",
    remedy="Cut the alternatives to the requested number.",
)
def test_no_more_alternatives_than_asked_for(answered: Answered) -> None:
    wanted = answered.requested("top_logprobs")
    for alternatives in _alternatives(answered):
        require(
            len(alternatives) <= wanted,
            alternatives,
            expected=f"at most {wanted} alternatives",
            observed=f"{len(alternatives)}",
        )


@requirement(
    "chat.logprobs.top-unasked",
    SHOULD,
    "If the request has no `top_logprobs`, no token has alternatives.",
    on="chat/whole/logprobs",
    source="openai:chat/create#top_logprobs",
    remedy='Send `"top_logprobs": []` if the request asks for no alternatives.',
)
def test_no_alternatives_without_asking(answered: Answered) -> None:
    for token in _tokens(answered):
        require(len(token["top_logprobs"]) == 0, token["top_logprobs"], expected="no alternatives")


@requirement(
    "chat.logprobs.top-shape",
    MUST,
    "The `top_logprobs` of a token are an array, and each element has a string `token` and a "
    "number `logprob`.",
    on="chat/stream/logprobs",
    source="openai:chat/object#choices",
    remedy="Send each alternative as an object with `token` and `logprob`, like the token itself.",
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
    "The alternatives of a token are sorted by `logprob`, the most likely first.",
    on="chat/stream/logprobs",
    follows=("chat.logprobs.top-shape",),
    source="openai:chat/create#top_logprobs",
    remedy="Sort `top_logprobs` by `logprob` in descending order.",
)
def test_the_likeliest_comes_first(answered: Answered) -> None:
    for alternatives in _alternatives(answered):
        numbers = [a["logprob"].value for a in alternatives if a["logprob"].is_number]
        require(
            numbers == sorted(numbers, reverse=True),
            alternatives,
            expected="log probabilities in descending order",
            observed=shown(numbers),
        )


@requirement(
    "chat.logprobs.top-own",
    SHOULD,
    "At temperature 0, every token is among its own alternatives.",
    on="chat/stream/logprobs",
    follows=("chat.logprobs.top-shape",),
    source=("openai:chat/object#choices", "github:sgl-project/sglang#30188"),
    remedy="With each token, send the alternatives for that token's own position.",
)
def test_the_token_is_among_its_alternatives(answered: Answered) -> None:
    _alternatives(answered)
    for token in _texts(answered):
        texts = [alternative["token"].value for alternative in token["top_logprobs"]]
        require(
            not texts or token["token"].value in texts,
            token["top_logprobs"],
            expected=f"{token['token'].shown} among the alternatives",
        )


@requirement(
    "chat.logprobs.not-asked",
    SHOULD,
    "If the request does not set `logprobs`, the response has no log probabilities: `logprobs` is "
    "null or absent.",
    on=("chat/whole/text", "chat/stream/text"),
    source="openai:chat/create#logprobs",
    remedy="Send log probabilities only if `logprobs` is true.",
)
def test_no_log_probabilities_without_asking(answered: Answered) -> None:
    for choice in answered.choices:
        for logprobs in choice.logprobs:
            require(len(logprobs["content"]) == 0, logprobs, expected="null or absent")


@requirement(
    "chat.logprobs.without-top",
    MUST,
    "If the endpoint serves `logprobs` with `top_logprobs`, it also serves `logprobs` alone.",
    on="chat/whole/logprobs",
    against="chat/stream/logprobs",
    source=("openai:chat/create#logprobs", "github:sgl-project/sglang#4440"),
    remedy="Treat an absent `top_logprobs` as 0.",
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
