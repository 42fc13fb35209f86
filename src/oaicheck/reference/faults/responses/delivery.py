"""Faults in the delivery of a streamed response: held back, damaged, or ended late."""

from dataclasses import replace

from ...deviation import ANSWER, FRAMES, REPLY, Situation, fault
from ...editing import each_choice, is_stream
from ...http.reply import Piece, Reply
from ...model.answer import Answer


def _is_of_responses(reply: Reply, situation: Situation) -> bool:
    return situation.route == "responses" and is_stream(reply)


@fault(
    "responses-stream-buffered",
    REPLY,
    "A streamed response is held back and sent at once.",
    "zenmux-ai/zenmux-doc#274",
)
def _buffered(reply: Reply, situation: Situation) -> Reply:
    if not _is_of_responses(reply, situation):
        return reply
    waited = sum(piece.delay for piece in reply.pieces)
    return replace(reply, pieces=(Piece(reply.body, waited),))


@fault(
    "responses-stream-closes-late",
    REPLY,
    "The connection stays open for 2.5 s after the end of a streamed response.",
)
def _closes_late(reply: Reply, situation: Situation) -> Reply:
    if not _is_of_responses(reply, situation):
        return reply
    return replace(reply, pieces=(*reply.pieces, Piece(b"", 2.5)))


@fault(
    "responses-event-without-data",
    FRAMES,
    "An event with a name but without data keeps the connection alive.",
    "openai/openai-python#2722",
)
def _without_data(frames: list[bytes], situation: Situation) -> list[bytes]:
    ping = b"event: ping\n\n"
    return [*frames[:2], ping, *frames[2:]] if situation.route == "responses" else frames


@fault(
    "responses-characters-damaged",
    ANSWER,
    "Non-ASCII characters become U+FFFD in responses.",
    "wecode-ai/Wegent#2271",
)
def _damaged(answer: Answer, situation: Situation) -> Answer:
    if situation.route != "responses":
        return answer
    return each_choice(
        answer, lambda choice: replace(choice, content=tuple(map(_in_ascii, choice.content)))
    )


def _in_ascii(text: str) -> str:
    return "".join(letter if letter.isascii() else "\N{REPLACEMENT CHARACTER}" for letter in text)
