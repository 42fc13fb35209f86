"""Makes mutants of a module: the same tree with one small thing wrong.

A mutant is known by its file, its function and the line before and after, and so a listing of
mutants outlives changes elsewhere in a file.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

_COMPARED = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_COMPUTED = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult,
}
_SWAPPED = {"any": "all", "all": "any", "min": "max", "max": "min", "sorted": "list"}
_TEXT_METHODS = {
    *("lower", "upper", "strip", "lstrip", "rstrip", "removeprefix", "removesuffix", "replace"),
}
_WORDING = {"expected", "observed", "detail"}
"""Arguments that are words for a person, which the golden file of messages holds."""


@dataclass(frozen=True)
class Mutant:
    """One mutant: `apply` changes the tree that it was made from, for good."""

    file: str
    function: str
    """The qualified name of the outermost function, or `<module>`."""
    line: int
    was: str
    becomes: str
    number: int
    statement: ast.stmt = field(repr=False)
    apply: Callable[[], None] = field(repr=False)

    @property
    def key(self) -> tuple[str, str, str, str, int]:
        """What a mutant is known by; `number` tells like ones of one function apart."""
        return self.file, self.function, self.was, self.becomes, self.number


@dataclass(frozen=True)
class _Spot:
    """A place in a tree where a node stands, or a list of nodes."""

    holder: ast.AST | list[ast.AST]
    at: str | int

    def put(self, node: object) -> None:
        if isinstance(self.holder, list):
            self.holder[self.at] = node
        else:
            setattr(self.holder, self.at, node)

    def get(self) -> object:
        return (
            self.holder[self.at] if isinstance(self.holder, list) else getattr(self.holder, self.at)
        )


def mutants_of(source: str, file: str) -> tuple[ast.Module, list[Mutant]]:
    """The tree of a module, and every mutant of it."""
    tree = ast.parse(source, file)
    found: list[Mutant] = []
    seen: Counter[tuple[str, str, str, str]] = Counter()
    for function, statement, spot, new in _changes(tree):
        old, was = spot.get(), _headline(statement)
        spot.put(new)
        becomes = _headline(new if old is statement else statement)
        spot.put(old)
        if isinstance(new, ast.AST) and isinstance(old, ast.AST):
            ast.copy_location(new, old)
            ast.fix_missing_locations(new)
        key = file, function, was, becomes
        seen[key] += 1
        found.append(
            Mutant(
                *(file, function, statement.lineno, was, becomes, seen[key], statement),
                apply=lambda spot=spot, new=new: spot.put(new),
            )
        )
    return tree, found


def _headline(node: object) -> str:
    """A statement without the block that it heads."""
    assert isinstance(node, ast.AST)
    if isinstance(node, ast.match_case | ast.Match):
        return ast.unparse(node)
    block = getattr(node, "body", None)
    if not isinstance(node, ast.stmt) or not isinstance(block, list):
        return ast.unparse(node)
    bare = type(node)(**dict(ast.iter_fields(node)))
    bare.body = [ast.Expr(ast.Constant(...))]
    for name in ("orelse", "finalbody"):
        if hasattr(bare, name):
            setattr(bare, name, [])
    if isinstance(bare, ast.Try):
        bare.handlers = [
            ast.ExceptHandler(handler.type, handler.name, bare.body) for handler in bare.handlers
        ]
    return ast.unparse(ast.fix_missing_locations(bare))


Change = tuple[str, ast.stmt, _Spot, object]


def _changes(tree: ast.Module) -> Iterator[Change]:
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _in_function(statement, statement.name)
        elif isinstance(statement, ast.ClassDef):
            for member in statement.body:
                if isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield from _in_function(member, f"{statement.name}.{member.name}")
        elif isinstance(statement, ast.Assign | ast.AnnAssign) and not _is_type(statement.value):
            for spot, new in _of_expression(_Spot(statement, "value")):
                yield "<module>", statement, spot, new


def _is_type(value: ast.expr | None) -> bool:
    """Whether a constant is for the type checker only, as `tuple[str, ...]` and `A | B` are."""
    match value:
        case None | ast.Subscript() | ast.BinOp(op=ast.BitOr()):
            return True
        case ast.Call(func=ast.Name(id="TypeVar")):
            return True
    return False


def _in_function(function: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> Iterator[Change]:
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    offset = len(function.body) - len(body)
    for position, statement in enumerate(body):
        yield from _of_statement(_Spot(function.body, position + offset), statement, name)


def _of_statement(spot: _Spot, statement: ast.stmt, name: str) -> Iterator[Change]:
    """Every change of a statement, and of those in the blocks that it heads."""
    for where, new in _instead_of_statement(spot, statement):
        yield name, statement, where, new
    if isinstance(statement, ast.FunctionDef):
        yield from _in_function(statement, name)
    if isinstance(statement, ast.Raise | ast.FunctionDef | ast.ClassDef):
        return
    for child, value in ast.iter_fields(statement):
        if isinstance(value, ast.expr) and child not in ("annotation", "target"):
            for where, new in _of_expression(_Spot(statement, child)):
                yield name, statement, where, new
        elif isinstance(value, list) and child != "targets":
            yield from _of_block(value, statement, name)


def _of_block(block: list[ast.AST], head: ast.stmt, name: str) -> Iterator[Change]:
    for position, element in enumerate(block):
        if isinstance(element, ast.stmt):
            yield from _of_statement(_Spot(block, position), element, name)
        elif isinstance(element, ast.ExceptHandler | ast.match_case):
            if isinstance(element, ast.ExceptHandler):
                for where, new in _of_handler(element):
                    yield name, head, where, new
            yield from _of_block(element.body, head, name)


def _instead_of_statement(spot: _Spot, statement: ast.stmt) -> Iterator[tuple[_Spot, object]]:
    """What may stand in the place of a statement, or of the condition in its head."""
    match statement:
        case ast.Expr() | ast.Raise() | ast.AugAssign() | ast.Return(value=None):
            yield spot, ast.Pass()
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            yield spot, ast.Pass()
        case ast.Return(value=value) if not _is_none(value):
            yield _Spot(statement, "value"), ast.Constant(None)
        case ast.Continue() | ast.Break():
            yield spot, ast.Break() if isinstance(statement, ast.Continue) else ast.Continue()
            yield spot, ast.Pass()
        case ast.If():
            yield _Spot(statement, "test"), ast.Constant(True)
            yield _Spot(statement, "test"), ast.Constant(False)
        case ast.While():
            yield _Spot(statement, "test"), ast.Constant(False)
        case ast.Match(cases=cases) if len(cases) > 1:
            for position in range(len(cases)):
                yield _Spot(statement, "cases"), cases[:position] + cases[position + 1 :]
    if isinstance(statement, ast.AugAssign):
        if type(statement.op) in _COMPUTED:
            yield _Spot(statement, "op"), _COMPUTED[type(statement.op)]()
        yield spot, ast.Assign([statement.target], statement.value, lineno=statement.lineno)


def _is_none(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _of_handler(handler: ast.ExceptHandler) -> Iterator[tuple[_Spot, object]]:
    if isinstance(handler.type, ast.Tuple):
        for dropped in handler.type.elts:
            kept = [element for element in handler.type.elts if element is not dropped]
            yield _Spot(handler, "type"), ast.Tuple(kept, ast.Load())


def _of_expression(spot: _Spot) -> Iterator[tuple[_Spot, object]]:
    """Every change within an expression: a place in it and what is to stand there."""
    node = spot.get()
    assert isinstance(node, ast.expr)
    unpacked = isinstance(spot.holder, ast.Assign) and isinstance(spot.holder.targets[0], ast.Tuple)
    if not (unpacked and isinstance(node, ast.Tuple)):
        for new in _instead_of(node):
            yield spot, new
    if isinstance(node, ast.Call) and _is_pattern(node):
        return
    for name, value in ast.iter_fields(node):
        if isinstance(value, ast.expr):
            yield from _of_expression(_Spot(node, name))
        elif isinstance(value, list):
            for position, element in enumerate(value):
                if isinstance(element, ast.expr):
                    if not (_is_remark(node) and position == 2):
                        yield from _of_expression(_Spot(value, position))
                elif isinstance(element, ast.keyword) and element.arg not in _WORDING:
                    yield from _of_expression(_Spot(element, "value"))
                elif isinstance(element, ast.comprehension):
                    yield from _of_expression(_Spot(element, "iter"))
                    for at in range(len(element.ifs)):
                        yield _Spot(element.ifs, at), ast.Constant(True)
                        yield from _of_expression(_Spot(element.ifs, at))


def _is_remark(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "_remark"
    )


def _is_pattern(node: ast.Call) -> bool:
    return ast.unparse(node.func) == "re.compile"


def _instead_of(node: ast.expr) -> Iterator[ast.expr]:  # noqa: PLR0912
    """What may stand in the place of a node."""
    match node:
        case ast.Constant(value=bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(value=int() | float() as value):
            yield ast.Constant(value + 1)
        case ast.Constant(value=str() as value):
            yield ast.Constant(f"XX{value}XX")
        case ast.Constant(value=bytes() as value):
            yield ast.Constant(b"XX" + value + b"XX")
        case ast.Compare(ops=[operator]):
            for other in _COMPARED[type(operator)]:
                yield ast.Compare(node.left, [other()], node.comparators)
        case ast.Compare(ops=operators):
            for position, operator in enumerate(operators):
                for other in _COMPARED[type(operator)]:
                    changed = [*operators[:position], other(), *operators[position + 1 :]]
                    yield ast.Compare(node.left, changed, node.comparators)
        case ast.BoolOp(values=values):
            other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            yield ast.BoolOp(other, values)
            for dropped in values:
                kept = [value for value in values if value is not dropped]
                yield kept[0] if len(kept) == 1 else ast.BoolOp(node.op, kept)
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield node.operand
        case ast.BinOp(op=ast.BitOr()):
            yield node.left
            yield node.right
        case ast.BinOp(op=operator) if type(operator) in _COMPUTED:
            yield ast.BinOp(node.left, _COMPUTED[type(operator)](), node.right)
        case ast.IfExp():
            yield node.body
            yield node.orelse
        case ast.Slice():
            if node.lower is not None:
                yield ast.Slice(None, node.upper, node.step)
            if node.upper is not None:
                yield ast.Slice(node.lower, None, node.step)
        case ast.List(ctx=ast.Load()) | ast.Tuple(ctx=ast.Load()) | ast.Set():
            if len(node.elts) > 1:
                for dropped in node.elts:
                    kept = [element for element in node.elts if element is not dropped]
                    yield _like(node, kept)
        case ast.Dict() if len(node.keys) > 1:
            for position in range(len(node.keys)):
                yield ast.Dict(
                    node.keys[:position] + node.keys[position + 1 :],
                    node.values[:position] + node.values[position + 1 :],
                )
        case ast.Call():
            yield from _other_calls(node)


def _like(node: ast.List | ast.Tuple | ast.Set, elements: list[ast.expr]) -> ast.expr:
    return ast.Set(elements) if isinstance(node, ast.Set) else type(node)(elements, ast.Load())


def _other_calls(node: ast.Call) -> Iterator[ast.expr]:
    if _is_pattern(node):
        yield from _other_patterns(node)
        return
    if isinstance(node.func, ast.Name) and node.func.id in _SWAPPED:
        swapped = _SWAPPED[node.func.id]
        keywords = [] if swapped == "list" else node.keywords
        yield ast.Call(ast.Name(swapped, ast.Load()), node.args, keywords)
    if isinstance(node.func, ast.Attribute) and node.func.attr in _TEXT_METHODS:
        yield node.func.value
    for dropped in node.keywords:
        if dropped.arg not in _WORDING:
            kept = [keyword for keyword in node.keywords if keyword is not dropped]
            yield ast.Call(node.func, node.args, kept)


def _other_patterns(node: ast.Call) -> Iterator[ast.expr]:
    """A regular expression without one of its alternatives, or without a flag."""
    pattern = node.args[0]
    if not isinstance(pattern, ast.Constant):
        return
    in_bytes = isinstance(pattern.value, bytes)
    text = pattern.value.decode("latin-1") if in_bytes else pattern.value
    for without in fewer_alternatives(text):
        other = ast.Constant(without.encode("latin-1") if in_bytes else without)
        yield ast.Call(node.func, [other, *node.args[1:]], node.keywords)
    if len(node.args) > 1:
        yield ast.Call(node.func, [pattern], [])
        for flags in _instead_of(node.args[1]):
            yield ast.Call(node.func, [pattern, flags], [])


def fewer_alternatives(pattern: str) -> Iterator[str]:
    """A regular expression without one of its alternatives, or one of a group's."""
    alternatives: dict[int, list[tuple[int, int]]] = {}
    opened, started = [-1], {-1: 0}
    for token in re.finditer(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[(|)]", pattern, re.DOTALL):
        if token[0] == "(":
            opened.append(token.start())
            prefix = re.compile(r"\(\?(?::|=|!|<=|<!|P<\w+>)").match(pattern, token.start())
            started[token.start()] = prefix.end() if prefix else token.end()
        elif token[0] in ("|", ")"):
            group = opened[-1]
            alternatives.setdefault(group, []).append((started[group], token.start()))
            started[group] = token.end()
            if token[0] == ")":
                opened.pop()
    alternatives.setdefault(-1, []).append((started[-1], len(pattern)))
    for found in alternatives.values():
        for position, (start, end) in enumerate(found):
            if len(found) > 1:
                last = position == len(found) - 1
                yield pattern[: start - last] + pattern[end + (not last) :]
