"""Faults of a streamed response: its beginning, its end, its numbering and its framing."""

import copy
from collections.abc import Callable

from ...deviation import EVENTS, FRAMES, REPLY, Situation, fault
from ...editing import is_stream
from ...http.frames import DONE, frame
from ...http.reply import Piece, Reply
from ...responses.editing import TERMINAL, Events, final, of_type, responses_in, text_parts, without
from ...responses.events import numbered


def _omitting(*kinds: str) -> Callable[[Events, Situation], Events]:
    return lambda events, _: without(events, *kinds)


fault("responses-created-missing", EVENTS, "A stream does not begin with response.created.")(
    _omitting("created")
)
fault("responses-in-progress-missing", EVENTS, "response.in_progress is never sent.")(
    _omitting("in_progress")
)
fault(
    "responses-completed-missing",
    EVENTS,
    "A stream ends without response.completed or another terminal event.",
    "pydantic/logfire#1683",
)(_omitting("completed", "incomplete", "failed"))


@fault(
    "responses-completed-output-null-or-missing",
    EVENTS,
    "output of response.completed is null, and usage is missing.",
    "decolua/9router#705",
)
def _completed_output_null(events: Events, _: Situation) -> Events:
    response = final(events)
    response["output"] = None
    response.pop("usage", None)
    return events


@fault(
    "responses-completed-output-empty",
    EVENTS,
    "output of response.completed is empty.",
    "Oaklight/llm-rosetta#56",
)
def _completed_output_empty(events: Events, _: Situation) -> Events:
    final(events)["output"] = []
    return events


@fault(
    "responses-completed-bare",
    EVENTS,
    "The response in the terminal event has only a status.",
    "Oaklight/llm-rosetta#56",
)
def _completed_bare(events: Events, _: Situation) -> Events:
    return _ending(events, {"status": final(events)["status"]})


@fault("responses-completed-without-response", EVENTS, "The terminal event has no response.")
def _no_response(events: Events, _: Situation) -> Events:
    events[-1].pop("response", None)
    return events


@fault("responses-completed-twice", EVENTS, "The terminal event is sent twice.")
def _twice(events: Events, _: Situation) -> Events:
    return numbered([*events, copy.deepcopy(events[-1])])


@fault("responses-event-after-completed", EVENTS, "A delta follows the terminal event.")
def _after_end(events: Events, _: Situation) -> Events:
    deltas = of_type(events, "output_text.delta", "function_call_arguments.delta")
    return numbered([*events, *copy.deepcopy(deltas[-1:])])


@fault("responses-completed-early", EVENTS, "The terminal event comes before the items are closed.")
def _early(events: Events, _: Situation) -> Events:
    return numbered([*events[:-2], events[-1], events[-2]])


@fault("responses-completed-named-done", EVENTS, "The terminal event is called response.done.")
def _named_done(events: Events, _: Situation) -> Events:
    events[-1]["type"] = "response.done"
    return events


@fault(
    "responses-incomplete-event-completed",
    EVENTS,
    "A stream that was cut off ends with response.completed and status incomplete.",
)
def _cut_completed(events: Events, _: Situation) -> Events:
    events[-1]["type"] = "response.completed"
    return events


@fault("responses-failed-for-success", EVENTS, "A complete stream ends with response.failed.")
def _failed(events: Events, _: Situation) -> Events:
    events[-1]["type"] = "response.failed"
    return events


@fault(
    "responses-completed-status-in-progress",
    EVENTS,
    "The status in the terminal event is still in_progress.",
)
def _still_running(events: Events, _: Situation) -> Events:
    final(events)["status"] = "in_progress"
    return events


@fault("responses-completed-text-differs", EVENTS, "The final text differs from the streamed text.")
def _text_differs(events: Events, _: Situation) -> Events:
    for part in text_parts(final(events)):
        part["text"] = part["text"].rstrip() + " The end."
    return events


@fault("responses-completed-arguments-empty", EVENTS, "The final calls have empty arguments.")
def _arguments_empty(events: Events, _: Situation) -> Events:
    for item in final(events)["output"]:
        if "arguments" in item:
            item["arguments"] = ""
    return events


@fault("responses-completed-item-lost", EVENTS, "The last item is missing from the final output.")
def _item_lost(events: Events, _: Situation) -> Events:
    final(events)["output"] = final(events)["output"][:-1]
    return events


@fault(
    "responses-completed-item-added",
    EVENTS,
    "The final output has an item that was never streamed.",
)
def _item_unannounced(events: Events, _: Situation) -> Events:
    output = final(events)["output"]
    final(events)["output"] = [*output, *({**item, "id": "msg_late"} for item in output[-1:])]
    return events


@fault("responses-completed-order-differs", EVENTS, "The final output is in a different order.")
def _reversed(events: Events, _: Situation) -> Events:
    final(events)["output"].reverse()
    return events


@fault(
    "responses-stream-id-changes", EVENTS, "The response has a different id at the end of a stream."
)
def _id_changes(events: Events, _: Situation) -> Events:
    final(events)["id"] = "resp_another"
    return events


@fault(
    "responses-stream-model-changes",
    EVENTS,
    "The response has a different model at the end of a stream.",
)
def _model_changes(events: Events, _: Situation) -> Events:
    final(events)["model"] = "gpt-3.5-turbo"
    return events


@fault("responses-created-twice", EVENTS, "response.created is sent twice.")
def _created_twice(events: Events, _: Situation) -> Events:
    return numbered([copy.deepcopy(events[0]), *events])


@fault("responses-created-second", EVENTS, "response.in_progress comes before response.created.")
def _created_second(events: Events, _: Situation) -> Events:
    return numbered([events[1], events[0], *events[2:]])


@fault("responses-created-status-completed", EVENTS, "response.created has status completed.")
def _created_completed(events: Events, _: Situation) -> Events:
    return _beginning(events, status="completed")


@fault("responses-created-output-full", EVENTS, "response.created already has the whole output.")
def _created_full(events: Events, _: Situation) -> Events:
    return _beginning(events, output=copy.deepcopy(final(events)["output"]))


@fault("responses-created-bare", EVENTS, "The response in response.created has only an id.")
def _created_bare(events: Events, _: Situation) -> Events:
    for event in of_type(events, "created", "in_progress"):
        event["response"] = {"id": event["response"]["id"]}
    return events


@fault("responses-created-without-response", EVENTS, "response.created has no response.")
def _created_empty(events: Events, _: Situation) -> Events:
    for event in of_type(events, "created"):
        del event["response"]
    return events


@fault(
    "responses-item-status-missing",
    EVENTS,
    "Items in events have no status, and the response in the first events has no output.",
    "diegosouzapw/OmniRoute#13964",
)
def _item_status(events: Events, _: Situation) -> Events:
    for event in events:
        if "item" in event:
            event["item"].pop("status", None)
    for event in of_type(events, "in_progress", "created"):
        event["response"].pop("output", None)
    return events


@fault(
    "responses-sequence-number-missing",
    EVENTS,
    "Events have no sequence_number.",
    "diegosouzapw/OmniRoute#13964",
)
def _no_numbers(events: Events, _: Situation) -> Events:
    return [
        {key: held for key, held in event.items() if key != "sequence_number"} for event in events
    ]


def _numbering(change: Callable[[int], object]) -> Callable[[Events, Situation], Events]:
    def alter(events: Events, _: Situation) -> Events:
        return [{**event, "sequence_number": change(place)} for place, event in enumerate(events)]

    return alter


fault("responses-sequence-from-one", EVENTS, "sequence_number begins at 1.")(
    _numbering(lambda place: place + 1)
)
fault("responses-sequence-gap", EVENTS, "sequence_number skips a number.")(
    _numbering(lambda place: place + (place > 3))
)
fault("responses-sequence-constant", EVENTS, "sequence_number is always 0.")(
    _numbering(lambda _: 0)
)
fault("responses-sequence-repeated", EVENTS, "Two events have the same sequence_number.")(
    _numbering(lambda place: place - (place > 3))
)
fault("responses-sequence-string", EVENTS, "sequence_number is a string.")(_numbering(str))
fault("responses-sequence-descending", EVENTS, "sequence_number goes backwards.")(
    _numbering(lambda place: 100_000 - place)
)
fault("responses-sequence-null", EVENTS, "sequence_number is null.")(_numbering(lambda _: None))


@fault("responses-event-type-missing", EVENTS, "Payloads have no type; only the event has a name.")
def _no_type(events: Events, _: Situation) -> Events:
    for event in events[2:-1]:
        del event["type"]
    return events


@fault("responses-event-type-short", EVENTS, "Event types lack the prefix response.")
def _short_types(events: Events, _: Situation) -> Events:
    return [{**event, "type": event["type"].removeprefix("response.")} for event in events]


@fault("responses-event-name-missing", FRAMES, "Events have no event: field.")
def _no_name(frames: list[bytes], situation: Situation) -> list[bytes]:
    return [_data_only(data) for data in frames]


@fault("responses-event-name-differs", FRAMES, "The event: field is message for all events.")
def _other_name(frames: list[bytes], situation: Situation) -> list[bytes]:
    if situation.route != "responses":
        return frames
    return [b"event: message\n" + _data_only(data) for data in frames]


@fault(
    "responses-event-name-shifted",
    FRAMES,
    "The event: field is that of the previous event.",
)
def _shifted(frames: list[bytes], situation: Situation) -> list[bytes]:
    if situation.route != "responses":
        return frames
    names = [data.partition(b"\n")[0] for data in frames]
    shifted = [names[0], *names[:-1]]
    return [name + b"\n" + _data_only(data) for name, data in zip(shifted, frames, strict=True)]


@fault("responses-stream-is-chat", FRAMES, "A streamed response consists of chat chunks.")
def _chat_chunks(frames: list[bytes], situation: Situation) -> list[bytes]:
    if situation.route != "responses":
        return frames
    start = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    delta = {"index": 0, "delta": {"role": "assistant", "content": "Hello"}, "finish_reason": None}
    end = {"index": 0, "delta": {}, "finish_reason": "stop"}
    return [frame({**start, "choices": [choice]}) for choice in (delta, end)] + [DONE]


@fault(
    "responses-error-untyped",
    REPLY,
    "A stream fails in the middle with a chat error, which has no event type.",
)
def _untyped_error(reply: Reply, situation: Situation) -> Reply:
    if situation.route != "responses" or not is_stream(reply):
        return reply
    error = {"error": {"message": "Upstream failed", "type": "server_error", "code": None}}
    kept = reply.pieces[: len(reply.pieces) // 2]
    return Reply(reply.status, reply.headers, (*kept, Piece(frame(error))))


@fault("responses-logprobs-null", EVENTS, "The logprobs of text events are null.")
def _logprobs_null(events: Events, _: Situation) -> Events:
    for event in of_type(events, "output_text.delta", "output_text.done"):
        event["logprobs"] = None
    return events


@fault("responses-stream-status-missing", EVENTS, "No response in a stream has a status.")
def _no_status(events: Events, _: Situation) -> Events:
    for response in responses_in(events):
        response.pop("status", None)
    return events


def _beginning(events: Events, **fields: object) -> Events:
    for event in of_type(events, "created"):
        event["response"].update(fields)
    return events


def _ending(events: Events, response: dict[str, object]) -> Events:
    for event in events:
        if event["type"] in TERMINAL:
            event["response"] = response
    return events


def _data_only(data: bytes) -> bytes:
    return data[data.index(b"data: ") :] if b"data: " in data else data
