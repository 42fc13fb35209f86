"""The listing of mutants that nobody can notice fits the code, and mutants are what they should."""

from pathlib import Path

import pytest

from support.mutation.listing import FILES, load_listing
from support.mutation.operators import fewer_alternatives, mutants_of

SOURCES = Path(__file__).parent.parent.parent / "src" / "oaicheck"


def lines_of(source: str) -> set[tuple[str, str]]:
    _, mutants = mutants_of(source, "x.py")
    return {(mutant.was, mutant.becomes) for mutant in mutants}


def in_function(line: str) -> set[str]:
    return {becomes for _, becomes in lines_of(f"def f():\n    {line}\n")}


def test_every_listed_mutant_is_there() -> None:
    known = {
        mutant.key
        for file in FILES
        for mutant in mutants_of((SOURCES / file).read_text("utf-8"), file)[1]
    }
    assert not [key for key in load_listing() if key not in known]


@pytest.mark.parametrize(
    ("line", "becomes"),
    [
        ("x = a < b", {"x = a <= b", "x = a >= b"}),
        ("x = a and b", {"x = a or b", "x = a", "x = b"}),
        ("x = a | b", {"x = a", "x = b"}),
        ("x = 1", {"x = 2"}),
        ("x = 'a'", {"x = 'XXaXX'"}),
        ("x = not a", {"x = a"}),
        ("x = a if b else c", {"x = a", "x = c"}),
        ("x = a[b:c]", {"x = a[:c]", "x = a[b:]"}),
        ("x = [a for a in b if c]", {"x = [a for a in b if True]"}),
        ("x = re.compile(b'a|b')", {"x = re.compile(b'a')", "x = re.compile(b'b')"}),
        ("x = any(a)", {"x = all(a)"}),
        ("x = a.lower()", {"x = a"}),
        ("x = f(a, b=c)", {"x = f(a)"}),
        ("x += a", {"pass", "x = a", "x -= a"}),
        ("f(a)", {"pass"}),
        ("return a", {"return None"}),
        ("raise E(1, 'words')", {"pass"}),
    ],
)
def test_what_is_made_of_a_line(line: str, becomes: set[str]) -> None:
    assert in_function(line) == becomes


def test_what_heads_a_block_is_shown_without_it() -> None:
    assert lines_of("def f():\n    if a:\n        b = c\n") == {
        ("if a:\n    ...", "if True:\n    ..."),
        ("if a:\n    ...", "if False:\n    ..."),
    }


def test_like_mutants_are_told_apart_and_lines_do_not_matter() -> None:
    source = "def f():\n    g(a)\n    g(a)\n\n\nclass C:\n    def f(self):\n        g(a)\n"
    _, mutants = mutants_of(source, "x.py")
    keys = [mutant.key for mutant in mutants]
    assert [key[1:] for key in keys] == [
        ("f", "g(a)", "pass", 1),
        ("f", "g(a)", "pass", 2),
        ("C.f", "g(a)", "pass", 1),
    ]
    assert [mutant.key for mutant in mutants_of(f"import x\n\n{source}", "x.py")[1]] == keys


def test_a_pattern_loses_one_alternative_at_a_time() -> None:
    assert list(fewer_alternatives(r"a(?:b|c)|[|)]x\||d")) == [
        r"a(?:c)|[|)]x\||d",
        r"a(?:b)|[|)]x\||d",
        r"[|)]x\||d",
        r"a(?:b|c)|d",
        r"a(?:b|c)|[|)]x\|",
    ]
    assert list(fewer_alternatives("abc")) == []
