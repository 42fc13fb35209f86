"""Puts a mutant in the place of the code that is loaded, and tells which statements are run.

A function is mutated by giving the loaded one the mutant's code, so that everybody who imported
it runs the mutant. A constant of a module is worked out anew and replaced wherever it was
imported. Nothing is put back: each mutant lives and dies in a forked process.
"""

from __future__ import annotations

import ast
import importlib
import sys
import types
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from types import CodeType, FunctionType, ModuleType
from typing import Any

from support.mutation.operators import Mutant

HIT = "__mutation_hit__"


def module_of(file: str) -> ModuleType:
    """The loaded module of a file such as `wire/sse.py`."""
    return importlib.import_module("oaicheck." + file.removesuffix(".py").replace("/", "."))


def install(mutant: Mutant, tree: ast.Module) -> None:
    """Replace what is loaded by a mutant; `tree` is the one that it was made from."""
    mutant.apply()
    module = module_of(mutant.file)
    if mutant.function == "<module>":
        _install_constants(module, mutant, tree)
    else:
        _install_code(module, tree)
    forget([mutant.file])


def forget(files: Iterable[str]) -> None:
    """Have the cached functions of some files run again when they are called again."""
    for file in files:
        for function in _caches(module_of(file)):
            function.cache_clear()


def numbered(tree: ast.Module, first: int) -> list[ast.stmt]:
    """Have each statement in a function of a tree call `HIT` with its number before it runs.

    Returns the statements, in the order of their numbers.
    """
    statements: list[ast.stmt] = []
    for function in _functions(tree):
        _count(function, statements, first)
    return statements


def instrument(file: str, tree: ast.Module, hit: Callable[[int], object], first: int) -> int:
    """Have the loaded module tell which statements it runs; how many it has."""
    statements = numbered(tree, first)
    module = module_of(file)
    setattr(module, HIT, hit)
    _install_code(module, ast.fix_missing_locations(tree))
    return len(statements)


def readers(name: str, module: ModuleType) -> set[str]:
    """The names of the suites' modules that imported a constant of a module."""
    value = getattr(module, name)
    return {
        other
        for other, loaded in list(sys.modules.items())
        if other.startswith("oaicheck_suites.") and vars(loaded).get(name) is value
    }


def constants_of(mutant: Mutant, tree: ast.Module) -> set[str]:
    """The module's names that a mutated constant decides about, itself included."""
    changed = _bound(mutant.statement)
    for statement in tree.body[tree.body.index(mutant.statement) + 1 :]:
        if isinstance(statement, ast.Assign | ast.AnnAssign) and _read(statement) & changed:
            changed |= _bound(statement)
    return changed


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    for statement in tree.body:
        members = statement.body if isinstance(statement, ast.ClassDef) else [statement]
        yield from (member for member in members if isinstance(member, ast.FunctionDef))


def _count(node: ast.AST, statements: list[ast.stmt], first: int) -> None:
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if not isinstance(block, list):
            continue
        counted: list[ast.stmt] = []
        for statement in block:
            call = ast.Call(ast.Name(HIT, ast.Load()), [ast.Constant(first + len(statements))], [])
            counted += [ast.copy_location(ast.Expr(call), statement), statement]
            statements.append(statement)
            _count(statement, statements, first)
        setattr(node, name, counted)
    for inner in [*getattr(node, "handlers", ()), *getattr(node, "cases", ())]:
        _count(inner, statements, first)


def _install_code(module: ModuleType, tree: ast.Module) -> None:
    compiled = dict(_codes(compile(tree, module.__file__ or "", "exec", dont_inherit=True)))
    for function in _loaded(module):
        place = (function.__qualname__, function.__code__.co_firstlineno)
        if place in compiled:
            function.__code__ = compiled[place]


def _codes(code: CodeType) -> Iterator[tuple[tuple[str, int], CodeType]]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield (constant.co_qualname, constant.co_firstlineno), constant
            yield from _codes(constant)


def _loaded(module: ModuleType) -> Iterator[FunctionType]:
    """Every function of a module, and those of its classes."""
    for member in vars(module).values():
        if isinstance(member, type) and member.__module__ == module.__name__:
            for attribute in vars(member).values():
                yield from _within(attribute, module)
        else:
            yield from _within(member, module)


def _within(member: Any, module: ModuleType) -> Iterator[FunctionType]:
    if isinstance(member, property):
        member = member.fget
    elif isinstance(member, cached_property):
        member = member.func
    elif isinstance(member, classmethod | staticmethod):
        member = member.__func__
    member = getattr(member, "__wrapped__", member)
    if isinstance(member, FunctionType) and member.__module__ == module.__name__:
        yield member


def _caches(module: ModuleType) -> Iterator[Any]:
    return (member for member in vars(module).values() if hasattr(member, "cache_clear"))


def _install_constants(module: ModuleType, mutant: Mutant, tree: ast.Module) -> None:
    scratch = types.ModuleType(module.__name__)
    vars(scratch).update(__file__=module.__file__, __package__=module.__package__)
    names = constants_of(mutant, tree)
    exec(compile(tree, module.__file__ or "", "exec", dont_inherit=True), vars(scratch))
    for name in names:
        old, new = getattr(module, name), getattr(scratch, name)
        for loaded in list(sys.modules.values()):
            if vars(loaded).get(name) is old:
                setattr(loaded, name, new)


def _bound(statement: ast.Assign | ast.AnnAssign) -> set[str]:
    """The names that an assignment binds; not those within a comprehension, which are its own."""
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return {
        node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)
    }


def _read(node: ast.AST) -> set[str]:
    return {
        inner.id
        for inner in ast.walk(node)
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load)
    }
