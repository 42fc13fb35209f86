"""Event streams: cut, endless, silent, with lines and events as no client expects them."""

from __future__ import annotations

import json

from support.hostile.behaviour import Family, Play
from support.hostile.connection import DONE, Connection, chunk_of, event, events, stream

streams = Family("streams")

EVENTS = events()
TEXT = event(chunk_of({"content": "again "}))
GOOD = b"".join(EVENTS)


def says(*pieces: bytes, pause: float = 0.0) -> Play:
    """Answer with this event stream, and close."""
    return lambda c: stream(c, *pieces, pause=pause)


def goes_on(piece: bytes, pause: float = 0.0, *, first: bytes = b"") -> Play:
    """Answer with an event stream that repeats a piece without end."""

    async def play(c: Connection) -> None:
        await stream(c, first)
        await c.write_on(piece, pause=pause)

    return play


def falls_silent(*pieces: bytes) -> Play:
    """Answer with the beginning of an event stream, and then nothing."""

    async def play(c: Connection) -> None:
        await stream(c, *pieces)
        await c.wait()

    return play


def in_lines(value: object) -> bytes:
    """An event whose JSON is split over many data lines."""
    lines = json.dumps(value, indent=1).splitlines()
    return b"".join(b"data: " + line.encode() + b"\n" for line in lines) + b"\n"


streams.each(
    {
        "never_done": ("Leaves out the sentinel.", says(GOOD)),
        "only_done": ("Sends nothing but the sentinel.", says(DONE)),
        "done_first": ("Sends the sentinel first.", says(DONE, GOOD)),
        "done_twice": ("Sends the sentinel twice.", says(GOOD, DONE, DONE)),
        "done_and_more": ("Goes on after the sentinel.", says(GOOD, DONE, TEXT * 50)),
        "done_in_other_words": ("Ends with `data: done`.", says(GOOD, b"data: done\n\n")),
        "no_empty_line_at_the_end": ("Ends without an empty line.", says(GOOD, b"data: [DONE]")),
        "no_empty_lines": (
            "Leaves out every empty line.",
            says(GOOD.replace(b"\n\n", b"\n"), b"data: [DONE]\n"),
        ),
        "empty": ("Sends no event at all.", says(b"")),
        "only_comments": ("Sends nothing but comments.", says(b": hello\n\n" * 100)),
        "only_empty_lines": ("Sends nothing but empty lines.", says(b"\n" * 10_000)),
        "no_data": ("Sends events without data.", says(b"event: message\nid: 1\n\n" * 50, DONE)),
        "empty_data": ("Sends events with empty data.", says(b"data:\n\ndata: \n\n" * 50, DONE)),
        "only_cr": ("Ends lines with carriage returns.", says((GOOD + DONE).replace(b"\n", b"\r"))),
        "line_ends_mixed": (
            "Mixes the line ends.",
            says(EVENTS[0].replace(b"\n", b"\r\n"), EVENTS[1].replace(b"\n", b"\r"), *EVENTS[2:]),
        ),
        "line_ends_split": (
            "Splits line ends over packets.",
            says(
                *(each for part in EVENTS for each in (part[:-2] + b"\r", b"\n\r", b"\n")),
                DONE,
                pause=0.01,
            ),
        ),
        "byte_order_mark": ("Begins with a byte order mark.", says(b"\xef\xbb\xbf" + GOOD, DONE)),
        "nul_in_an_id": ("Sends ids with NUL.", says(b"id: a\x00b\n" + GOOD, DONE)),
        "retry_huge": (
            "Asks for a retry after 10^40 milliseconds.",
            says(b"retry: 1" + b"0" * 40 + b"\n" + GOOD, DONE),
        ),
        "retry_wrong": ("Asks for a retry after -1 and NaN.", says(b"retry: -1\nretry: NaN\n\n")),
        "unknown_fields": ("Sends unknown fields.", says(b"hello: x\n: y\nworld\n" + GOOD, DONE)),
        "no_spaces": ("Leaves out spaces.", says(GOOD.replace(b"data: ", b"data:"), DONE)),
        "data_in_lines": (
            "Splits JSON over many data lines.",
            says(in_lines(chunk_of({"content": "Hi"})), EVENTS[-1], DONE),
        ),
        "json_cut": ("Cuts the JSON of each event.", says(*(e[:40] + b"\n\n" for e in EVENTS))),
        "json_lines": (
            "Sends lines of JSON instead of events.",
            says(b"".join(json.dumps(chunk_of({})).encode() + b"\n" for _ in range(20))),
        ),
        "array": ("Sends a JSON array instead of events.", says(b"[" + b"{}," * 200 + b"{}]")),
        "two_values_in_an_event": (
            "Sends two values in an event.",
            says(b"data: {} {}\n\n", GOOD, DONE),
        ),
        "error_event": (
            "Breaks off with an error in an event.",
            says(EVENTS[0], b'event: error\ndata: {"error": {"message": "out of memory"}}\n\n'),
        ),
        "error_as_a_string": ("Sends an error as a string.", says(b'data: {"error": "no"}\n\n')),
        "index_huge": (
            "Sends the choice with index 10^18.",
            says(event(chunk_of({}, choices=[{"index": 10**18, "delta": {"content": "a"}}])), DONE),
        ),
        "call_index_huge": (
            "Sends a tool call with index 10^15.",
            says(
                event(chunk_of({"tool_calls": [{"index": 10**15, "function": {"name": "f"}}]})),
                DONE,
            ),
        ),
        "call_index_negative": (
            "Sends tool calls with index -1 and null.",
            says(
                event(chunk_of({"tool_calls": [{"index": -1, "function": {"arguments": "{"}}]})),
                event(chunk_of({"tool_calls": [{"index": None, "function": None}]})),
                DONE,
            ),
        ),
        "giant_line": (
            "Sends an event of 1 MB.",
            says(event(chunk_of({"content": "a" * 1_000_000})), DONE),
        ),
        "giant_comment": ("Sends a comment of 1 MB.", says(b": " + b"a" * 1_000_000, GOOD, DONE)),
        "giant_event_name": (
            "Names an event with 100,000 letters.",
            says(b"event: " + b"a" * 100_000 + b"\n" + GOOD, DONE),
        ),
        "tiny_events": (
            "Sends 100,000 events of two bytes.",
            says(b"data: {}\n\n" * 100_000, DONE),
        ),
        "data_lines_100000": (
            "Sends one event of 100,000 data lines.",
            says(b"data: 1\n" * 100_000, b"\n", DONE),
        ),
        "by_the_byte": (
            "Sends a good stream a byte at a time.",
            says(*(bytes([each]) for each in GOOD + DONE)),
        ),
        "characters_split": (
            "Splits characters over packets and events.",
            says(
                b'data: {"choices": [{"delta": {"content": "\xf0\x9f',
                b'\x98\x80"}}]}\n\n',
                b'data: {"choices": [{"delta": {"content": "\xf0\x9f"}}]}\n\n',
                DONE,
                pause=0.02,
            ),
        ),
        "calls_10000": (
            "Sends 10,000 tool calls.",
            says(
                *(
                    event(
                        chunk_of({"tool_calls": [{"index": n, "id": f"c{n}", "type": "function"}]})
                    )
                    for n in range(10_000)
                ),
                DONE,
            ),
        ),
        "arguments_by_the_character": (
            "Sends the arguments of a call in 5,000 pieces.",
            says(
                *(
                    event(chunk_of({"tool_calls": [{"index": 0, "function": {"arguments": "["}}]}))
                    for _ in range(5_000)
                ),
                DONE,
            ),
        ),
    },
)

streams.each(
    {
        "events_without_end": ("Sends events without end.", goes_on(TEXT * 20)),
        "tiny_events_without_end": (
            "Sends events of one byte without end.",
            goes_on(b"data:0\n\n" * 500),
        ),
        "comments_without_end": (
            "Sends a comment every 0.3 s, without end.",
            goes_on(b": wait\n\n", 0.3),
        ),
        "comments_without_end_fast": (
            "Sends comments without end, as fast as they are read.",
            goes_on(b": wait\n\n" * 1_000),
        ),
        "line_without_end": (
            "Sends one line without end, as fast as it is read.",
            goes_on(b"a" * 16_384, first=b"data: "),
        ),
        "slow_events_without_end": (
            "Sends an event every 0.3 s, without end.",
            goes_on(TEXT, 0.3, first=EVENTS[0]),
        ),
        "done_and_more_without_end": (
            "Sends events without end after the sentinel.",
            goes_on(TEXT * 20, first=GOOD + DONE),
        ),
        "silence_at_once": ("Sends no byte after the head.", falls_silent()),
        "silence_after_a_byte": ("Sends one byte, and then nothing.", falls_silent(b"d")),
        "silence_after_an_event": (
            "Sends one event, and then nothing.",
            falls_silent(EVENTS[0]),
        ),
        "silence_after_done": (
            "Sends a good stream, and keeps it open.",
            falls_silent(GOOD, DONE),
        ),
    },
)
