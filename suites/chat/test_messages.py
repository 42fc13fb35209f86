"""Messages: roles, names, parts, images and characters in what a client sends."""

from oaicheck.rules import MUST, SHOULD, Inconclusive, NotApplicable, require, requirement
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
)

_EITHER = ("chat/either/history", "chat/either/image", "chat/either/odd-characters")
_COUNTED_REMEDY = "Hand every message and every part of it to the model, and count them all."
_IMAGE_WORDS = ("image", "images", "image_url", "multimodal", "vision", "mmproj")


def _served(exchange: Exchange) -> bool:
    return exchange.status is not None and exchange.status < 400


def _counts_every_word(exchange: Exchange, bench: Bench) -> None:
    root = exchange.json
    tokens = root["usage"]["prompt_tokens"] if root is not None else None
    if not _served(exchange) or tokens is None or not tokens.is_integer:
        raise Inconclusive("there is no count of the prompt's tokens")
    bench.require_counted_prompts()
    words = prompt_words(exchange)
    require(tokens.value >= words, tokens, expected=f"{words} or more, for as many words")


@requirement(
    "chat.messages.parts",
    MUST,
    "A system message, and content that is an array of text parts, are served.",
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
    "The system message and all text parts reach the model: the prompt has no fewer tokens than "
    "words.",
    on="chat/whole/messages",
    source=("openai:chat/object#usage", "openai:chat/create#messages"),
    remedy=_COUNTED_REMEDY,
)
def test_all_parts_are_counted(exchange: Exchange, bench: Bench) -> None:
    _counts_every_word(exchange, bench)


@requirement(
    "chat.messages.history",
    SHOULD,
    "Several system messages, names, an empty assistant message and a role twice in a row are "
    "served.",
    on="chat/either/history",
    source=(
        "openai:chat/create#messages",
        "github:tashfeenahmed/freellmapi#165",
        "github:microsoft/autogen#1037",
        "github:suitenumerique/conversations#197",
    ),
    remedy="Join messages of the same role where the chat template wants roles to alternate.",
)
def test_an_irregular_history_is_served(exchange: Exchange) -> None:
    require(exchange.status == 200, exchange, expected="HTTP 200")


@requirement(
    "chat.messages.history-counted",
    SHOULD,
    "Every message of the history reaches the model: the prompt has no fewer tokens than words.",
    on="chat/either/history",
    source=("openai:chat/object#usage", "openai:chat/create#messages"),
    remedy=_COUNTED_REMEDY,
)
def test_the_whole_history_is_counted(exchange: Exchange, bench: Bench) -> None:
    _counts_every_word(exchange, bench)


@requirement(
    "chat.messages.history-no-server-error",
    MUST,
    "Several system messages, names, an empty assistant message and a role twice in a row are no "
    "server error.",
    on="chat/either/history",
    source=("openai:errors", "github:EricLBuehler/mistral.rs#506", "github:predibase/lorax#215"),
    remedy="Answer 400 where the chat template raises an error.",
)
def test_an_irregular_historyrequire_no_server_error(exchange: Exchange) -> None:
    require_no_server_error(exchange)


@requirement(
    "chat.messages.image-no-server-error",
    MUST,
    "An image part is no server error, whether or not the model takes images.",
    on="chat/either/image",
    source=("openai:images", "openai:errors"),
    remedy="Refuse parts that the model cannot take with a 400 that names their type.",
)
def test_an_imagerequire_no_server_error(exchange: Exchange) -> None:
    require_no_server_error(exchange)


@requirement(
    "chat.messages.characters-no-server-error",
    MUST,
    "A NUL, a lone surrogate, joined emoji, combining marks and text from right to left are no "
    "server error.",
    on="chat/either/odd-characters",
    source=("rfc8259#8.2", "openai:errors", "github:raullenchai/Rapid-MLX#730"),
    remedy="Replace what is not a character by U+FFFD, or refuse it with 400, before the tokenizer "
    "sees it.",
)
def test_odd_characters_are_no_server_error(exchange: Exchange) -> None:
    require_no_server_error(exchange)


@requirement(
    "chat.messages.refusal-status",
    SHOULD,
    "Messages that an endpoint does not take are refused with 400, or 422.",
    on=_EITHER,
    source=("openai:errors", "rfc9110#15.5.1"),
    remedy="Answer 400 where the client can mend its request.",
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
    "Messages that an endpoint does not take are refused with a message.",
    on=_EITHER,
    source=("openai:errors", "client:ai-sdk"),
    remedy='Answer with `{"error": {"message": "…"}}`: clients show the message and nothing else.',
)
def test_messages_are_refused_with_a_message(decided: Exchange) -> None:
    if not _served(decided):
        message = Refusal(decided).message
        require(message.is_text, message, expected="a string that is not empty")


@requirement(
    "chat.messages.image-named",
    SHOULD,
    "An image part is served, or refused by an error that speaks of it.",
    on="chat/either/image",
    source=("openai:images", "openai:errors"),
    remedy="Say in the error that the model takes no images.",
)
def test_an_image_is_refused_by_name(decided: Exchange) -> None:
    require(
        _served(decided) or Refusal(decided).names(*_IMAGE_WORDS),
        decided,
        expected="HTTP 200, or an error that speaks of the image part",
    )


@requirement(
    "chat.messages.image-counted",
    SHOULD,
    "An image part is refused, or costs tokens: it is not dropped without a word.",
    on="chat/either/image",
    against="chat/whole/text",
    source=("openai:images", "github:leonickson1/Swiftlet#38"),
    remedy="Refuse parts that the model cannot take with a 400 that names their type.",
)
def test_an_image_is_not_dropped(exchange: Exchange, against: Completion, bench: Bench) -> None:
    if not _served(exchange) or exchange.json is None:
        return
    tokens, without = exchange.json["usage"]["prompt_tokens"], against.usage["prompt_tokens"]
    if not tokens.is_integer or not without.is_integer:
        raise Inconclusive("there are not two counts to compare")
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
    "An answer's message is accepted back with every member that it came with.",
    on="chat/either/echo",
    source=("openai:chat/create#messages", "github:MoonshotAI/kimi-code#3056"),
    remedy="Ignore members of an assistant message that the model does not need: clients of the "
    "SDKs append the message as it came.",
)
def test_a_message_is_accepted_back(decided: Exchange, conversation: Conversation) -> None:
    answer = conversation.turns[0].json
    message = answer["choices"][0]["message"] if answer is not None else None
    if message is None or message["role"].value != "assistant" or not message["content"].is_text:
        raise Inconclusive("the answer is no message with text that could be sent back")
    thoughts = reasoning_members([message])
    if not _served(decided) and thoughts and Refusal(decided).names(*REASONING_NAMES):
        raise NotApplicable("the endpoint takes no reasoning back, and says so")
    require(_served(decided), decided, expected="HTTP 200", beside=message)
