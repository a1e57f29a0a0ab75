"""No word of a natural language stands in the engine: words are data, so that a language is one file and an engineer can add to it.

What is looked at, in the rooms that read what a page says:

- regular expressions: what stands in a call of `late` or `re`, and every other string with a sign of regular expressions in it;
- strings that something is compared with: beside `==` and `in`, in `startswith` and its kin, and in sets, which are made to be looked in.

A word is a run of letters; in regular expressions, what is left of one without escapes, names of groups and classes of characters. Allowed
are keywords and letters that belong to no language (ALLOWED), and, where nothing shows that they are compared with the text of a page, the
names that the program itself gives to roles, kinds and classes.
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
from extract import model
from extract.cells import direction, note_marks, tokens
from extract.interpret import profiles, titles
from extract.read import places

PACKAGE = Path(extract.__file__).parent
ROOMS = ("cells", "interpret", "rows")
MODULES = sorted({f"{room}/{path.name}" for room in ROOMS for path in (PACKAGE / room).glob("*.py")})

# What belongs to no language, by the module that holds it ("" for all), and why.
KEYWORDS = "keywords of protocols, and versions of them"
FIELDS = "the names that ICMP gives to its fields (RFC 792), in every language"
LETTERS = "letters and no words"
ALLOWED: dict[str, dict[str, str]] = {
    "": dict.fromkeys(("tcp", "udp", "sctp", "icmp", "ipv", "v"), KEYWORDS),
    "cells/endpoint.py": {
        "cidr": KEYWORDS,
        "sg": "what an identifier of a group begins with (AWS)",
        "s": "ends the plural in many languages",
    },
    "cells/grammar.py": {
        **dict.fromkeys(("type", "code"), FIELDS),
        **dict.fromkeys(("r", "os", "server", "sp"), "parts of the names of versions (Windows Server 2008 R2 SP1)"),
        **dict.fromkeys(("ss", "ksi"), LETTERS),
    },
    "cells/icmp.py": {**dict.fromkeys(("types", "codes", "type"), FIELDS), "s": "ends the plural in the names of the registry"},
    "cells/remarks.py": {"m": "8 am, 6 pm"},
    "cells/marks.py": {"a": LETTERS, "o": "the bullet of a second level, as word processors write it"},
    "interpret/groups.py": {"s": "ends the plural in many languages"},
    "rows/icmp.py": {"type": FIELDS},
    "interpret/table.py": {**dict.fromkeys(("type", "code"), FIELDS), "ab": LETTERS},
}
# Roles of columns, parts of the grammar and kinds of findings, beside those that types and classes of the vocabulary name.
ROLES = frozenset(
    "left right mark owner end translated port_from port_to source_port internal_port icmp_code mixed numbered port-out-of-range".split()
)
_METHODS = {"startswith", "endswith", "removeprefix", "removesuffix", "partition", "rpartition", "split"}
_REGULAR = re.compile(r"\\[bBsSdDwW]|\(\?|\[\^|[+*]\+")
# What is no word in a regular expression.
_NO_WORDS = re.compile(r"\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|\\.|\(\?P<\w*>?|\(\?P=\w+\)|\(\?[a-z-]*[:)]|\[\^?\]?(?:\\.|[^\]\\])*\]")
_WORD = re.compile(r"[^\W\d_]+")
_READS_TEXT = {"fold", "casefold", "lower", "clean"}
_TEXTS = {"folded", "text", "lowered"}
_VOCABULARY = ("vocabulary.", "grammar.phrases", "phrases", "_words")


class Found(NamedTuple):
    """A string of the engine that text is matched or compared with."""

    line: int
    text: str
    words: tuple[str, ...]
    # Whether it may be a name that the program gives.
    inner: bool


def _names() -> frozenset[str]:
    """Return the names that the program gives: values of its types, and the classes of the vocabulary."""
    found: set[str] = set()
    for module in (model, direction, note_marks, tokens, profiles, titles, places):
        for value in vars(module).values():
            found.update(one for one in _literals(value))
    for names in tomllib.loads((PACKAGE / "vocabulary" / "classes.toml").read_text("utf-8")).values():
        found.update(names)
    return frozenset(found) | ROLES


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
                yield Found(constant.lineno, str(constant.value), tuple(_WORD.findall(str(constant.value))), inner)
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for constant in _strings(tree):
        if id(constant) not in seen | prose and _REGULAR.search(str(constant.value)):
            yield _pattern(constant)


def _pattern(constant: ast.Constant) -> Found:
    text = str(constant.value)
    return Found(constant.lineno, text, tuple(_WORD.findall(_NO_WORDS.sub(" ", text))), False)


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


def _is_text(node: ast.expr) -> bool:
    """Return whether an expression is the text of a page as far as one can see, or a part of it."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in _READS_TEXT or (hasattr(str, node.func.attr) and _is_text(node.func.value))
    if isinstance(node, ast.Subscript):
        return _is_text(node.value)
    return (isinstance(node, ast.Attribute) and node.attr == "text") or (isinstance(node, ast.Name) and node.id in _TEXTS)


def _strings(node: ast.AST) -> Iterator[ast.Constant]:
    """Yield the strings in an expression but for those that name classes of the vocabulary."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node
    elif not (isinstance(node, ast.Call) and ast.unparse(node.func).startswith(_VOCABULARY)):
        for inner in ast.iter_child_nodes(node):
            yield from _strings(inner)


def forbidden(source: str, module: str) -> list[str]:
    """Return line and words of what must stand in the vocabulary."""
    allowed = ALLOWED[""].keys() | ALLOWED.get(module, {}).keys()
    lines = []
    for found in found_in(ast.parse(source)):
        words = [word for word in found.words if word.casefold() not in allowed]
        if words and not (found.inner and found.text in NAMES):
            lines.append(f"{found.line}: {' '.join(words)}")
    return lines


@pytest.mark.parametrize("module", MODULES)
def test_no_word_of_a_language_stands_in_the_engine(module: str):
    assert forbidden((PACKAGE / module).read_text("utf-8"), module) == []


@pytest.mark.parametrize(
    ("source", "word"),
    [
        (r'late(r"\bfrom\b")', "from"),
        (r'late(rf"(?:{joint}|nach)\s")', "nach"),
        (r're.sub(r"^(?P<side>ziel)[a-z]+", "", text)', "ziel"),
        ('PART = r"(?:to|vers)"', "to vers"),
        ('text in {"value", "wert"}', "value"),
        ('text in ("source", "quelle")', "source"),
        ('vocabulary.fold(header.text) == "source"', "source"),
        ('"source" not in vocabulary.fold(header.text)', "source"),
        ('cell.text.startswith("or ")', "or"),
        ('BOTH = frozenset({"both", "beide"})', "beide"),
        ('if word == "и": pass', "и"),
        ('late("目的")', "目的"),
    ],
)
def test_a_word_would_be_noticed(source: str, word: str):
    assert any(line == f"1: {word}" for line in forbidden(source, "cells/ports.py"))


@pytest.mark.parametrize(
    "source",
    [
        r'late(r"\b(?P<first>tcp|udp)(?:/\d+)?[a-z]*")',
        'role in {"source", "destination"}',
        'role == "port_from"',
        'self.find("port-missing", f"this row names no port: {text}")',
        'text.strip(" .:")',
        '"""Return whether a text is `from` or `to`."""',
    ],
)
def test_what_is_no_word_of_a_page_is_none(source: str):
    assert forbidden(source, "cells/ports.py") == []


@pytest.mark.parametrize("module", ALLOWED)
def test_what_is_allowed_is_there(module: str):
    sources = [(PACKAGE / one).read_text("utf-8") for one in ([module] if module else MODULES)]
    held = {word.casefold() for source in sources for found in found_in(ast.parse(source)) for word in found.words}
    assert ALLOWED[module].keys() - held == set()
