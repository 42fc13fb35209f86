"""HTTP: JSON that the grammar allows, and that clients read in different ways or not at all."""

from oaicheck.rules import SHOULD, require, requirement
from oaicheck.views import Bench, Exchange, huge_number, repeated_name, shown


@requirement(
    "http.json.numbers",
    SHOULD,
    "No number in a response is too large for a double, which ends at 1.8e308.",
    on="chat/whole/text",
    source=("rfc8259#6", "rfc7493#2.2"),
    remedy="Send counts and times as integers below 2^53, and a longer number as a string: Python "
    "refuses an integer of more than 4,300 digits, and JavaScript reads Infinity.",
    since="2026.2",
)
def test_numbers_fit(exchange: Exchange, bench: Bench) -> None:
    for answer in bench.answered:
        number = huge_number(answer)
        if number is not None:
            require(False, number, expected="at most 1.8e308, the largest double")


@requirement(
    "http.json.names-unique",
    SHOULD,
    "No JSON object in a response has two members of the same name.",
    on="chat/whole/text",
    source=("rfc8259#4", "rfc7493#2.3"),
    remedy="Write each member once: most parsers keep the last one, some the first one, and strict "
    "ones refuse the whole response.",
    since="2026.2",
)
def test_names_are_unique(exchange: Exchange, bench: Bench) -> None:
    for answer in bench.answered:
        repeated = repeated_name(answer)
        if repeated is not None:
            name, place = repeated
            require(
                False,
                place,
                expected="each name once in an object",
                observed=f"an object with two members named {shown(name)}",
            )
