"""Every regular expression of the package, and how it is used.

They are found, not listed: those of modules, those that functions put together from the vocabulary, and those that stand in a call of
`re`. So are the methods by which each is used: what is only matched from the beginning may cost more where it is searched for.
"""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any, NamedTuple

import extract
from extract.regex import Late

Place = tuple[str, str]
"""A module, and the name of a pattern or of the function that a pattern stands in."""

# Methods that stand for those that do no more than they do.
METHODS = {
    **dict.fromkeys(("finditer", "findall", "split", "sub", "subn"), "finditer"),
    "search": "search",
    "match": "match",
    "fullmatch": "fullmatch",
}
# Patterns of tokens: which of them is tried, and where, the ones before decide.
TOKENS = frozenset({"pattern_at", "PLAIN_WORD", "PLAIN_NUMBER"})
# What the tests measure `tokenize` by, and no document reaches.
UNUSED = frozenset({"tokenize_by_grammar", "whole"})

# Functions that make a pattern of what they are given -> calls that stand for all.
CALLS: Mapping[str, Callable[[], Iterable[tuple[object, ...]]]] = {
    "_number": lambda: [(443,)],
    "_whole": lambda: [(["method"],)],
    "_phrase": lambda: [("authentication header",), ("ip in ip",)],
    "_direction_words": lambda: [("ingress",), ("egress",)],
    "late": lambda: [],
    "_joined": lambda: [],
    "_by_sign": lambda: [],
    "_by_word": lambda: [],
    "pattern_at": lambda: [(line, 0) for line in ("<", "4", "ip", "type", "any", "range", "port", "[", "\u2192", "4\u00e0", "port \u00e0")],
}


class Pattern(NamedTuple):
    """A pattern, where it comes from, and the method by which it is used there."""

    module: str
    name: str
    compiled: re.Pattern[Any]
    method: str

    @property
    def place(self) -> Place:
        return self.module, self.name

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@functools.cache
def modules() -> Mapping[str, ModuleType]:
    found = {
        info.name: importlib.import_module(info.name)
        for info in pkgutil.walk_packages(extract.__path__, "extract.")
        if "__main__" not in info.name
    }
    return {"extract": extract, **found}


@functools.cache
def tree(module: str) -> ast.Module:
    return ast.parse(inspect.getsource(modules()[module]))


def compiled_in(value: object) -> Iterator[re.Pattern[Any]]:
    """Yield the patterns in a value, however deep in containers."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, Late):
        yield re.compile(value.pattern, value.flags)
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from compiled_in(inner)
    elif isinstance(value, (tuple, list, set, frozenset)):
        for inner in value:
            yield from compiled_in(inner)


def makers(module: str) -> Iterator[ast.FunctionDef]:
    """Yield the functions of a module that return patterns."""
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.FunctionDef) and node.returns is not None and "re.Pattern" in ast.unparse(node.returns):
            yield node


def named(node: ast.expr) -> str:
    """Return the name that a pattern, or the function that makes it, is called by; empty when it has none."""
    if isinstance(node, ast.Call):
        return named(node.func)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def aliases(module: str) -> Mapping[str, str]:
    """Return the names that loops give to patterns -> what the loops go through."""
    loops = [node for node in ast.walk(tree(module)) if isinstance(node, (ast.For, ast.comprehension))]
    return {one.id: named(node.iter) for node in loops for one in ast.walk(node.target) if isinstance(one, ast.Name) and named(node.iter)}


@functools.cache
def uses() -> Mapping[tuple[str, str], frozenset[str]]:
    """Return module and name -> methods. What is handed on and not used where it is named may be tried everywhere."""
    found: dict[tuple[str, str], set[str]] = {}
    for module in modules():
        known = aliases(module)
        direct = {id(node.iter) for node in ast.walk(tree(module)) if isinstance(node, (ast.For, ast.comprehension))}
        direct |= {id(node.func) for node in ast.walk(tree(module)) if isinstance(node, ast.Call) and id(node) in direct}
        for node in ast.walk(tree(module)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in METHODS and named(node.func.value):
                # Matching from a position is what goes through a whole text in steps.
                method = "finditer" if node.func.attr == "match" and len(node.args) > 1 else METHODS[node.func.attr]
                name = named(node.func.value)
                found.setdefault((module, known.get(name, name)), set()).add(method)
                direct.update(map(id, ast.walk(node.func.value)))
            elif isinstance(node, ast.Attribute) and node.attr == "pattern":
                # A pattern that is part of another one is attacked as such.
                direct.update(map(id, ast.walk(node.value)))
        for node in ast.walk(tree(module)):
            if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load) and id(node) not in direct:
                found.setdefault((module, named(node)), set()).add("finditer")
    return {key: frozenset(methods) for key, methods in found.items()}


def methods_of(module: str, name: str) -> frozenset[str]:
    """Return the methods by which a pattern is used: those of its module, and for a public name those of the others.

    What goes through a whole text does what searching does, and searching what matching does.
    """
    if name in TOKENS:
        return frozenset({"tokens"})
    places = [module] if name.startswith("_") else list(modules())
    methods = set().union(*(uses().get((place, name), ()) for place in places)) or {"finditer"}
    lesser = {"search", "match"} if "finditer" in methods else {"match"} if "search" in methods else set()
    return frozenset(methods - lesser)


class Word(str):
    """What stands for a value that is known only when the program runs."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Word:
        return self


def in_calls(module: str) -> Iterator[Pattern]:
    """Yield the patterns that stand in calls of `re`. Names that only the call knows stand for a word."""
    for node in ast.walk(tree(module)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and named(node.func.value) == "re"
            and node.func.attr in METHODS
        ):
            local = {one.id: Word("word") for one in ast.walk(node.args[0]) if isinstance(one, ast.Name)}
            local = {name: word for name, word in local.items() if name not in vars(modules()[module]) and name != "re"}
            flags = next((word.value for word in node.keywords if word.arg == "flags"), None)
            flags = flags or next((one for one in node.args[2:] if ast.unparse(one).startswith("re.")), None)
            values = [
                eval(compile(ast.Expression(one), "", "eval"), vars(modules()[module]) | local) if one else 0  # noqa: S307 - source of this package
                for one in (node.args[0], flags)
            ]
            around = [one.name for one in ast.walk(tree(module)) if isinstance(one, ast.FunctionDef) and id(node) in map(id, ast.walk(one))]
            yield Pattern(module, around[-1], re.compile(*values), METHODS[node.func.attr])


def assigned(module: str) -> frozenset[str]:
    """Return the names that a module gives values to."""
    targets = [one for node in tree(module).body if isinstance(node, ast.Assign) for one in node.targets]
    targets += [node.target for node in tree(module).body if isinstance(node, ast.AnnAssign)]
    return frozenset(target.id for target in targets if isinstance(target, ast.Name))


@functools.cache
def patterns() -> tuple[Pattern, ...]:
    """Return every pattern of the package, each once with the same method."""
    found: list[Pattern] = []
    for name, module in modules().items():
        made = [(variable, vars(module)[variable]) for variable in sorted(assigned(name)) if variable in vars(module)]
        for maker in makers(name):
            calls = CALLS[maker.name]() if maker.args.args else [()]
            made += [(maker.name, getattr(module, maker.name)(*call)) for call in calls]
        for variable, value in made:
            found += [Pattern(name, variable, one, method) for one in compiled_in(value) for method in sorted(methods_of(name, variable))]
        found += in_calls(name)
    found = [one for one in found if one.name not in UNUSED]
    return tuple({(one.module, one.compiled, one.method): one for one in reversed(found)}.values())[::-1]
