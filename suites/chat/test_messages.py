"""Messages: roles, names, content parts, images and characters in requests."""

from oaicheck.rules import (
    MUST,
    NO_USAGE,
    SHOULD,
    Inconclusive,
    NotApplicable,
    Unserved,
    require,
    requirement,
)
from oaicheck.views import (
    REASONING_NAMES,
    Bench,
    Completion,
    Conversation,
    Exchange,
    Refusal,
    prompt_words,
    reasoning_members,
    require_no_server_error,
    texts_in,
)

_EITHER = ("chat/either/history", "chat/either/image", "chat/either/odd-characters")
_COUNTED_REMEDY = "Pass every message and all its parts to the model, and count all of them."
_SAID_BY_THE_SYSTEM = "coral"
"""The one of eight words that the system message names: a small model may still choose another."""
_IMAGE_WORDS = ("image", "images", "image_url", "multimodal", "vision", "mmproj")


def _served(exchange: Exchange) -> bool:
    return exchange.status is not None and exchange.status < 400


def _require_every_word_counted(exchange: Exchange, bench: Bench) -> None:
    root = exchange.json
    tokens = root["usage"]["prompt_tokens"] if root is not None else None
    if not _served(exchange):
        raise Unserved("the request was not served", exchange)
    if tokens is None or not tokens.is_integer:
        raise Inconclusive(
            "the response has no integer prompt_tokens", told_by=NO_USAGE, anywhere=True
        )
    bench.require_counted_prompts()
    words = prompt_words(exchange)
    require(
        tokens.value >= words, tokens, expected=f"at least {words}: the prompt has {words} words"
    )


@requirement(
    "chat.messages.parts",
    MUST,
    "The endpoint accepts a system message, and content that is an array of text parts.",
    on="chat/whole/messages",
    source=(
        "openai:chat/create#messages",
        "client:opencode",
        "github:lemonade-sdk/lemonade#629",
    ),
    remedy='Accept `content` as an array of `{"type": "text"}` parts and join their texts.',
)
def test_text_parts_are_served(exchange: Exchange) -> None:
    require(exchange.status == 200, exchange, expected="HTTP 200")


@requirement(
    "chat.messages.parts-counted",
    SHOULD,
    "The system message and all text parts reach the model: `prompt_tokens` is at least the "
    "number of words.",
    on="chat/whole/messages",
    source=("openai:chat/object#usage", "openai:chat/create#messages"),
    remedy=_COUNTED_REMEDY,
)
def test_all_parts_are_counted(exchange: Exchange, bench: Bench) -> None:
    _require_every_word_counted(exchange, bench)


@requirement(
    "chat.messages.system-read",
    MUST,
    "A system message reaches the model: the answer follows it, or `prompt_tokens` is at least "
    "half the number of words in the prompt.",
    on="chat/whole/system",
    source=("openai:chat/create#messages", "openai:chat/object#usage"),
    remedy="Pass the system message to the model, even if its chat template has no place for one: "
    "then put it before the first user message.",
    since="2026.2",
)
def test_the_system_message_is_read(completion: Completion, bench: Bench) -> None:
    if any(_SAID_BY_THE_SYSTEM in text for text, _ in texts_in(completion)):
        return
    tokens = completion.usage["prompt_tokens"]
    if not tokens.is_integer:
        raise Inconclusive(
            "the answer has another word, and usage has no integer prompt_tokens",
            told_by=NO_USAGE,
            anywhere=True,
        )
    bench.require_counted_prompts()
    words = prompt_words(completion.exchange)
    require(
        2 * tokens.value >= words,
        tokens,
        expected=f"at least {words // 2}, half of the {words} words in the prompt, or an answer "
        f"with the word {_SAID_BY_THE_SYSTEM}",
        observed=f"{tokens.shown}, and an answer that does not know the word",
    )


@requirement(
    "chat.messages.history",
    SHOULD,
    "The endpoint accepts several system messages, names, an empty assistant message and the same "
    "role twice in a row.",
    on="chat/either/history",
    follows=("chat.messages.history-no-server-error",),
    source=(
        "openai:chat/create#messages",
        "github:tashfeenahmed/freellmapi#165",
        "github:microsoft/autogen#1037",
        "github:suitenumerique/conversations#197",
    ),
    remedy="If the chat template requires alternating roles, join consecutive messages of the "
    "same role.",
)
def test_an_irregular_history_is_served(exchange: Exchange) -> None:
    require(exchange.status == 200, exchange, expected="HTTP 200")


@requirement(
    "chat.messages.history-counted",
    SHOULD,
    "Every message of the history reaches the model: `prompt_tokens` is at least the number of "
    "words.",
    on="chat/either/history",
    source=("openai:chat/object#usage", "openai:chat/create#messages"),
    remedy=_COUNTED_REMEDY,
)
def test_the_whole_history_is_counted(exchange: Exchange, bench: Bench) -> None:
    _require_every_word_counted(exchange, bench)


@requirement(
    "chat.messages.history-no-server-error",
    MUST,
    "Several system messages, names, an empty assistant message and the same role twice in a row "
    "do not cause a server error (5xx).",
    on="chat/either/history",
    source=("openai:errors", "github:EricLBuehler/mistral.rs#506", "github:predibase/lorax#215"),
    remedy="Return 400 if the chat template raises an error.",
)
def test_an_irregular_history_causes_no_server_error(exchange: Exchange) -> None:
    require_no_server_error(exchange)


@requirement(
    "chat.messages.image-no-server-error",
    MUST,
    "An image part never causes a server error (5xx), whether or not the model supports images.",
    on=("chat/either/image", "chat/either/large-image"),
    source=("openai:images", "openai:errors"),
    remedy="If the model does not support a content part, return 400 and name the part's type.",
)
def test_an_image_causes_no_server_error(exchange: Exchange) -> None:
    require_no_server_error(exchange)


@requirement(
    "chat.messages.characters-no-server-error",
    MUST,
    "A NUL, a lone surrogate, joined emoji, combining marks and right-to-left text do not cause a "
    "server error (5xx).",
    on="chat/either/odd-characters",
    source=("rfc8259#8.2", "openai:errors", "github:raullenchai/Rapid-MLX#730"),
    remedy="Before tokenizing, replace invalid characters with U+FFFD, or return 400.",
)
def test_odd_characters_cause_no_server_error(exchange: Exchange) -> None:
    require_no_server_error(exchange)


@requirement(
    "chat.messages.refusal-status",
    SHOULD,
    "If the endpoint refuses a message, the status is 400 or 422.",
    on=_EITHER,
    source=("openai:errors", "rfc9110#15.5.1"),
    remedy="Return 400 if the client can correct its request.",
)
def test_messages_are_refused_with_400(decided: Exchange) -> None:
    require(
        _served(decided) or decided.status in (400, 422),
        decided,
        expected="HTTP 200, 400 or 422",
    )


@requirement(
    "chat.messages.refusal-explained",
    MUST,
    "If the endpoint refuses a message, `error.message` is a non-empty string.",
    on=_EITHER,
    follows=("errors.body.is-json", "errors.body.error-object", "errors.body.message"),
    source=("openai:errors", "client:ai-sdk"),
    remedy='Return `{"error": {"message": "…"}}`: clients show the message and nothing else.',
)
def test_refused_messages_get_an_error_message(decided: Exchange) -> None:
    if not _served(decided):
        message = Refusal(decided).message
        require(message.is_text, message, expected="a non-empty string")


@requirement(
    "chat.messages.image-named",
    SHOULD,
    "The endpoint serves an image part, or refuses it with an error that mentions images.",
    on="chat/either/image",
    follows=("errors.body.is-json", "chat.messages.refusal-explained"),
    source=("openai:images", "openai:errors"),
    remedy="Say in the error that the model does not support images.",
)
def test_a_refused_image_is_named(decided: Exchange) -> None:
    require(
        _served(decided) or Refusal(decided).names(*_IMAGE_WORDS),
        decided,
        expected="HTTP 200, or an error that mentions images",
    )


@requirement(
    "chat.messages.large-image",
    SHOULD,
    "If the endpoint serves a small image as a data URL, it serves one of 1.2 MB.",
    on="chat/either/large-image",
    follows=("chat.messages.image-no-server-error",),
    source=("openai:images", "github:google-gemini/gemini-cli#13776"),
    remedy="Raise the limit for request bodies (100 KB in Express, 1 MB in nginx): a screenshot or "
    "a photo in base64 has more.",
    since="2026.2",
)
def test_a_large_image_is_served(exchange: Exchange, bench: Bench) -> None:
    small = bench.sent("chat/either/image")
    if small is None or small.turns[-1].status != 200:
        raise NotApplicable("the endpoint does not serve a small image either")
    require(exchange.status == 200, exchange, expected="HTTP 200", beside=small.turns[-1])


@requirement(
    "chat.messages.image-counted",
    SHOULD,
    "The endpoint refuses an image part or counts tokens for it; it does not drop it silently.",
    on="chat/either/image",
    against="chat/whole/text",
    source=("openai:images", "github:leonickson1/Swiftlet#38"),
    remedy="If the model does not support a content part, return 400 and name the part's type.",
)
def test_an_image_is_not_dropped(exchange: Exchange, against: Completion, bench: Bench) -> None:
    if not _served(exchange) or exchange.json is None:
        return
    tokens, without = exchange.json["usage"]["prompt_tokens"], against.usage["prompt_tokens"]
    if not tokens.is_integer or not without.is_integer:
        raise Inconclusive(
            "prompt_tokens is missing in one of the two responses", told_by=NO_USAGE, anywhere=True
        )
    bench.require_counted_prompts()
    require(
        tokens.value > without.value,
        tokens,
        expected=f"more than {without.value}, the count of the same text without the image",
        beside=without,
    )


@requirement(
    "chat.messages.echo",
    SHOULD,
    "The endpoint accepts its own assistant message back with every member that it sent.",
    on="chat/either/echo",
    source=("openai:chat/create#messages", "github:MoonshotAI/kimi-code#3056"),
    remedy="Ignore members of an assistant message that the model does not need: clients append "
    "the SDK's message object to the history unchanged.",
)
def test_a_message_is_accepted_back(decided: Exchange, conversation: Conversation) -> None:
    answer = conversation.turns[0].json
    message = answer["choices"][0]["message"] if answer is not None else None
    if message is None or message["role"].value != "assistant" or not message["content"].is_text:
        raise Inconclusive("the first response has no assistant message with text to send back")
    thoughts = reasoning_members([message])
    if not _served(decided) and thoughts and Refusal(decided).names(*REASONING_NAMES):
        raise NotApplicable("the endpoint refuses reasoning in the history, and says so")
    require(_served(decided), decided, expected="HTTP 200", beside=message)
