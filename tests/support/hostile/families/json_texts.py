"""Complete answers whose JSON is damaged, huge, deep, or of the wrong types."""

from __future__ import annotations

import json

from support.hostile.behaviour import EITHER, Family, Play
from support.hostile.connection import DONE, SSE, Connection, chunk_of, completion

json_texts = Family("json")

GOOD = json.dumps(completion())


def says(text: str | bytes) -> Play:
    """Answer with this JSON text; streams get it as an event too."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text

    async def play(c: Connection) -> None:
        asked = await c.request()
        if asked.streams:
            line = data.replace(b"\n", b" ").replace(b"\r", b" ")
            await c.answer(b"data: " + line + b"\n\n" + DONE, media_type=SSE)
        else:
            await c.answer(data)

    return play


def member(name: str, text: str) -> str:
    """A good answer with this text as the value of a member."""
    value = completion() | {name: "@"}
    return json.dumps(value).replace('"@"', text)


def everywhere(text: str) -> str:
    """A chunk and a completion in which every member has this value."""
    value = completion() | chunk_of({}) | {"error": None, "data": None, "output": None}
    return "{" + ", ".join(f'"{name}": {text}' for name in value) + "}"


def choice(text: str) -> str:
    """An answer whose only choice is this, both as a message and as a delta."""
    return member("choices", f'[{{"index": 0, "message": {text}, "delta": {text}}}]')


json_texts.each(
    {
        "nothing_but_null": ("Answers `null`.", says("null")),
        "nothing_but_a_number": ("Answers `42`.", says("42")),
        "nothing_but_a_string": ("Answers a string.", says('"hello"')),
        "nothing_but_an_array": ("Answers an array of good answers.", says(f"[{GOOD}, {GOOD}]")),
        "empty_object": ("Answers an empty object.", says("{}")),
        "deep_arrays": ("Nests 2,000 arrays.", says(member("id", "[" * 2_000 + "]" * 2_000))),
        "deeper_objects": (
            "Nests 50,000 objects.",
            says(member("id", '{"a":' * 50_000 + "1" + "}" * 50_000)),
        ),
        "deep_and_cut": ("Opens 100,000 arrays, and closes none.", says("[" * 100_000)),
        "integer_of_10000_digits": (
            "Sends an integer of 10,000 digits.",
            says(member("usage", f'{{"total_tokens": {"9" * 10_000}}}')),
        ),
        "created_of_5000_digits": (
            "Sends a time of 5,000 digits.",
            says(member("created", "1" * 5_000)),
        ),
        "number_1e999": ("Sends numbers that no double holds.", says(everywhere("1e999"))),
        "number_minus_zero": ("Sends -0.0 everywhere.", says(everywhere("-0.0"))),
        "number_with_zeros": ("Sends numbers with leading zeros.", says(everywhere("0007"))),
        "nan": ("Sends NaN everywhere.", says(everywhere("NaN"))),
        "infinity": ("Sends -Infinity everywhere.", says(everywhere("-Infinity"))),
        "names_twice": (
            "Sends each member twice, with different values.",
            says(GOOD[:-1] + ", " + json.dumps(completion("Other", id="x", choices=[]))[1:]),
        ),
        "names_10000_times": (
            "Sends one member 10,000 times.",
            says("{" + '"choices": [], ' * 10_000 + GOOD[1:]),
        ),
        "half_characters": (
            "Sends halves of surrogate pairs.",
            says(everywhere('"\\ud800 \\udc00\\ud800"')),
        ),
        "half_characters_raw": (
            "Sends halves of surrogate pairs as bytes.",
            says(member("id", '"\ud800"')),
        ),
        "byte_order_mark": ("Begins with a byte order mark.", says("\ufeff" + GOOD)),
        "utf_16": ("Writes JSON in UTF-16.", says(GOOD.encode("utf-16"))),
        "utf_32": ("Writes JSON in UTF-32.", says(GOOD.encode("utf-32"))),
        "not_utf_8": (
            "Sends bytes that are not UTF-8.",
            says(GOOD.encode() + b'\xff\xfe"\xc0\x80'),
        ),
        "truncated": ("Sends the first half.", says(GOOD[: len(GOOD) // 2])),
        "two_values": ("Sends two values.", says(GOOD + "\n" + GOOD)),
        "comments": ("Sends comments.", says("/* hello */ " + GOOD + " // bye")),
        "trailing_comma": ("Sends a trailing comma.", says(GOOD[:-1] + ",}")),
        "single_quotes": ("Uses single quotes.", says(GOOD.replace('"', "'"))),
        "python": ("Sends a Python value.", says(str(completion()))),
        "control_characters": (
            "Sends raw control characters in a string.",
            says(member("id", '"a\x00\x01\x1b[31m\x7fb"')),
        ),
        "string_of_1_mb": (
            "Sends a string of 1 MB.",
            says(choice(json.dumps({"role": "assistant", "content": "word " * 200_000}))),
        ),
        "line_without_spaces": (
            "Sends a word of 500,000 letters.",
            says(choice(json.dumps({"role": "assistant", "content": "a" * 500_000}))),
        ),
        "members_100000": (
            "Sends 100,000 members.",
            says("{" + "".join(f'"m{n}": {n}, ' for n in range(100_000)) + GOOD[1:]),
        ),
        "choices_50000": (
            "Sends 50,000 choices.",
            says(member("choices", "[" + ",".join(["{}"] * 50_000) + "]")),
        ),
        "all_null": ("Sends null everywhere.", says(everywhere("null"))),
        "all_true": ("Sends true everywhere.", says(everywhere("true"))),
        "all_numbers": ("Sends -1 everywhere.", says(everywhere("-1"))),
        "all_strings": ("Sends an empty string everywhere.", says(everywhere('""'))),
        "all_arrays": ("Sends `[[]]` everywhere.", says(everywhere("[[]]"))),
        "all_objects": ('Sends `{"": {}}` everywhere.', says(everywhere('{"": {}}'))),
        "messages_of_wrong_types": (
            "Sends members of wrong types in the message.",
            says(
                choice('{"role": 1, "content": {"a": []}, "tool_calls": {"0": 1}, "refusal": []}')
            ),
        ),
        "calls_of_wrong_types": (
            "Sends tool calls of wrong types.",
            says(
                choice('{"tool_calls": [null, 1, [], {"function": "f", "id": {}, "index": "x"}]}')
            ),
        ),
        "names_of_prototypes": (
            "Sends members that change objects in JavaScript.",
            says('{"__proto__": {"a": 1}, "constructor": {"prototype": {}}, ' + GOOD[1:]),
        ),
        "negative_counts": (
            "Counts a negative number of tokens.",
            says(member("usage", '{"prompt_tokens": -5, "completion_tokens": -1e20}')),
        ),
    },
    "",
    first_codes=EITHER | {0},
)
