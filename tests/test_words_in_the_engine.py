"""No word of a natural language stands in the engine: words are data, so that a language is one file and an engineer can add to it.

What is looked at, in the rooms that read what a page says:

- regular expressions: what stands in a call of `late` or `re`, and every other string with a sign of regular expressions in it;
- strings that text is compared with: beside `==` and `in`, in `startswith` and its kin, and in sets, which are made to be looked in.

A word is a run of letters; in regular expressions, what is left of one without escapes, names of groups and classes of characters. Words
are allowed that belong to no language (ALLOWED), and, where they are not compared with the text of a page, the names that the program
itself gives to roles, kinds and classes.
"""

from __future__ import annotations

import ast
import re
import tomllib
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import extract
from extract import model, vocabulary
from extract.cells import direction, tokens
from extract.interpret import profiles

PACKAGE = Path(extract.__file__).parent
ROOMS = ("cells", "interpret", "rows")
# Their words move to the vocabulary with the next change to them.
EXEMPT = {"interpret/context.py", "interpret/actions.py"}
MODULES = [path for room in ROOMS for path in sorted((PACKAGE / room).glob("*.py")) if f"{room}/{path.name}" not in EXEMPT]

# Words that belong to no language, each with the reason.
ALLOWED = {
    **dict.fromkeys(("tcp", "udp", "sctp", "icmp", "ipv", "ip", "v"), "keywords of protocols, and versions of them"),
}
_METHODS = {"startswith", "endswith", "removeprefix", "removesuffix", "count", "find", "index", "partition", "rpartition", "split"}
_REGULAR = re.compile(r"\\[bBsSdDwW]|\(\?|\[\^|[+*]\+")
# What is no word in a regular expression.
_NO_WORDS = re.compile(r"\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|\\.|\(\?P<\w+>|\(\?P=\w+\)|\(\?[a-z-]*[:)]|\[\^?\]?(?:\\.|[^\]\\])*\]")
_WORD = re.compile(r"[^\W\d_]+")
_READS_TEXT = {"fold", "casefold", "lower", "clean"}
_TEXTS = {"folded", "text", "lowered"}


class Found(NamedTuple):
    """A string of the engine that text is matched or compared with."""

    line: int
    words: tuple[str, ...]
    # Whether it is compared with something that is no text of a page as far as one can see.
    inner: bool


def _names() -> frozenset[str]:
    """Return the names that the program gives: values of its types, and the classes of the vocabulary."""
    found = set()
    for module in (model, direction, tokens, profiles):
        for value in vars(module).values():
            found.update(one for one in _literals(value))
    for names in tomllib.loads((PACKAGE / "vocabulary" / "classes.toml").read_text("utf-8")).values():
        found.update(names)
    return frozenset(found)


def _literals(value: object) -> Iterator[str]:
    for one in typing.get_args(value):
        if isinstance(one, str):
            yield one
        else:
            yield from _literals(one)


NAMES = _names()


def found_in(tree: ast.AST) -> Iterator[Found]:
    """Yield what text is matched or compared with in a module."""
    seen: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (
            (isinstance(node.func, ast.Name) and node.func.id == "late")
            or (isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name) and node.func.value.id == "re")
        ):
            for argument in node.args:
                for constant in _strings(argument):
                    seen.add(id(constant))
                    yield _pattern(constant)
    for node in ast.walk(tree):
        for constant, inner in _compared(node):
            if id(constant) not in seen:
                seen.add(id(constant))
                yield Found(constant.lineno, tuple(_WORD.findall(constant.value)), inner)
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for constant in _strings(tree):
        if id(constant) not in seen | prose and _REGULAR.search(constant.value):
            yield _pattern(constant)


def _pattern(constant: ast.Constant) -> Found:
    return Found(constant.lineno, tuple(_WORD.findall(_NO_WORDS.sub(" ", constant.value))), False)


def _compared(node: ast.AST) -> Iterator[tuple[ast.Constant, bool]]:
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        text = any(map(_is_text, sides))
        for side in sides:
            if isinstance(side, (ast.Constant, ast.Tuple, ast.List, ast.Set)):
                yield from ((one, not text) for one in _strings(side))
    elif isinstance(node, (ast.Set, ast.SetComp)) or (isinstance(node, ast.Call) and ast.unparse(node.func) == "frozenset"):
        yield from ((one, True) for one in _strings(node))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS:
        for argument in node.args:
            yield from ((one, False) for one in _strings(argument))


def _is_text(node: ast.AST) -> bool:
    return any(
        (isinstance(one, ast.Attribute) and one.attr in _READS_TEXT | {"text"}) or (isinstance(one, ast.Name) and one.id in _TEXTS)
        for one in ast.walk(node)
    )


def _strings(node: ast.AST) -> Iterator[ast.Constant]:
    return (one for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str))


def forbidden(tree: ast.AST) -> list[str]:
    """Return line and words of what must stand in the vocabulary."""
    lines = []
    for found in found_in(tree):
        own = NAMES if found.inner else frozenset[str]()
        words = [word for word in found.words if word.casefold() not in ALLOWED and word not in own]
        if words:
            lines.append(f"{found.line}: {' '.join(words)}")
    return lines


@pytest.mark.parametrize("path", MODULES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_word_of_a_language_stands_in_the_engine(path: Path):
    assert forbidden(ast.parse(path.read_text("utf-8"))) == []
