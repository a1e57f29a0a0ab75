"""reStructuredText to a tree of docutils, with the roles and directives of Sphinx and of any other extension kept as text.

docutils keeps roles and directives in registries of the whole process, which belong to the program that embeds this one. They are neither
asked nor changed here: the states of the parser look into the tables below.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from docutils import frontend, nodes, utils
from docutils.parsers import rst
from docutils.parsers.rst import states
from docutils.transforms import references

from extract.read.kinds.rst_directives import DIRECTIVES, ROLES, Kept
from extract.read.kinds.rst_tables import number

# Roles that refer to something.
_REFERENCES = frozenset(
    "ref doc term numref any download envvar option token keyword mod class func meth attr data exc const obj eq confval".split()
)
_LITERAL: Mapping[str, type[nodes.TextElement]] = {
    "sub": nodes.subscript,
    "subscript": nodes.subscript,
    "sup": nodes.superscript,
    "superscript": nodes.superscript,
    "strong": nodes.strong,
}
# What `str.splitlines` takes for line ends, and no editor does.
_NO_LINE_ENDS = dict.fromkeys(map(ord, "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), " ")
# Elements in each other: the parser calls itself for each level, and the deepest of real pages has eight.
_MAX_DEPTH = 30
# As wide as a row of HTML is read (`grid.MAX_CELLS`).
_MAX_COLUMNS = 256
# What substitutions may add to a document: names of products and versions take some kilobytes.
_MAX_SUBSTITUTED = 1 << 20
# Characters of paragraphs times the marks in them, over a document. A page of a megabyte takes a tenth of it; all takes some seconds.
_MAX_INLINE = 100_000_000
_LONG_WORD = 100


class TooMuchError(Exception):
    """A document would take more time or memory than its length explains; the message says what of it."""


def parse(text: str) -> tuple[nodes.document, list[nodes.system_message]]:
    """Return the tree of a document, and what docutils says about it. Raises TooMuchError.

    Substitutions and the numbers of footnotes are put in place. Links are left alone: nobody asks where they lead.
    """
    settings = frontend.get_default_settings(rst.Parser)
    for name, value in _SETTINGS.items():
        setattr(settings, name, value)
    document = utils.new_document("", settings)
    messages: list[nodes.system_message] = []
    document.reporter.attach_observer(messages.append)
    parser = rst.Parser(inliner=_Inliner())
    parser.state_classes = _STATES
    parser.parse(text.translate(_NO_LINE_ENDS), document)
    _check_substitutions(document)
    document.transformer.add_transforms([references.Substitutions, references.Footnotes])
    document.transformer.apply_transforms()
    return document, messages


_SETTINGS: Mapping[str, object] = {
    "file_insertion_enabled": False,
    "raw_enabled": False,
    # Nothing is printed, and nothing ends the process.
    "report_level": 5,
    "halt_level": 6,
    "warning_stream": False,
    "language_code": "en",
}


def _check_substitutions(document: nodes.document) -> None:
    """Raise TooMuchError where substitutions would make very much text: each may name ten others."""
    sizes: dict[str, int] = {}

    def size(name: str, depth: int) -> int:
        known = name if name in document.substitution_defs else document.substitution_names.get(name.lower(), name)
        if known in sizes or known not in document.substitution_defs:
            return sizes.get(known, 0)
        if depth > _MAX_DEPTH:
            raise TooMuchError("its substitutions name each other too deep")
        # One that names itself is told by docutils.
        sizes[known] = 0
        definition = document.substitution_defs[known]
        inner = sum(size(one["refname"], depth + 1) for one in definition.findall(nodes.substitution_reference))
        sizes[known] = len(definition.astext()) + inner
        return sizes[known]

    left = _MAX_SUBSTITUTED
    for one in document.findall(nodes.substitution_reference):
        left -= size(one["refname"], 0)
        if left < 0:
            raise TooMuchError(f"its substitutions make more than {_MAX_SUBSTITUTED:,} characters of text")


def _parse_inline(self: Any, text: str, lineno: int, memo: Any, parent: nodes.Element) -> Any:
    """Return the parts of a paragraph, as `Inliner.parse` does.

    Each mark that nothing ends costs a look at all that follows, and each part of a long word one at the rest of it. Where that would take
    too long, the text is left as it is written.
    """
    cost = len(text) * sum(map(text.count, "*`|_[")) + sum(len(word) ** 2 for word in text.split() if len(word) > _LONG_WORD)
    left = getattr(memo, "inline_left", _MAX_INLINE)
    if cost > left:
        memo.inline_left = 0
        return [nodes.Text(text)], [memo.reporter.error("The document holds more marks than are looked at", line=lineno)]
    memo.inline_left = left - cost
    return states.Inliner.parse(self, text, lineno, memo, parent)


def _implicit_inline(_: Any, text: str, lineno: int) -> list[nodes.Node]:
    """Leave addresses in a text as they are: to look for them takes the square of its length."""
    return [nodes.Text(text)] if text else []


def _title_of(text: str) -> str:
    """Return the words of a reference that also names its target: `words <target>`."""
    words, mark, target = text.removesuffix(">").rpartition("<")
    # docutils puts a zero in front of a sign that is escaped.
    named = text.endswith(">") and mark and words and ">" not in target and not words.endswith("\0")
    return words.rstrip() if named else text


def _interpreted(inliner: Any, rawsource: str, text: str, role: str, lineno: int) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """Make text of a role, whatever it is called. Its class is its name, unless the document gives it others."""
    name = role.lower()
    if name in ("cspan", "rspan"):
        return [nodes.inline(rawsource, "", **{name: number(utils.unescape(text))})], []
    if name.rpartition(":")[2] in _REFERENCES:
        text = _title_of(text)
    classes = vars(inliner.document).get(ROLES, {}).get(name, [name.rpartition(":")[2]])
    return [_LITERAL.get(name, nodes.inline)(rawsource, utils.unescape(text), classes=list(classes))], []


# The patterns of docutils take the parts that they are made of from the class itself, and not from those that it is derived from.
_PARTS = {name: value for name, value in vars(states.Inliner).items() if not name.startswith("__")}
_Inliner = type(
    "_Inliner", (states.Inliner,), {**_PARTS, "interpreted": _interpreted, "parse": _parse_inline, "implicit_inline": _implicit_inline}
)


def _directive(state: Any, match: re.Match[str], **option_presets: Any) -> Any:
    """Return what a directive stands for, as `Body.directive` does."""
    name = match.group(1)
    return state.run_directive(DIRECTIVES.get(name.lower(), Kept), match, name, option_presets)


@contextmanager
def _deeper(memo: Any) -> Iterator[None]:
    """Count how deep what is parsed stands in other elements."""
    memo.depth = getattr(memo, "depth", 0) + 1
    if memo.depth > _MAX_DEPTH:
        raise TooMuchError(f"its elements stand more than {_MAX_DEPTH} deep in each other")
    yield
    memo.depth -= 1


class _OwnStates:
    """What each state of the parser does otherwise than docutils."""

    # The states that docutils keeps for the next use are shared by the process.
    nested_sm_cache: list[Any] = []  # noqa: RUF012 - a class attribute of docutils

    def __init__(self, state_machine: Any, debug: bool = False) -> None:
        super().__init__(state_machine, debug)  # type: ignore[call-arg]
        self.nested_sm_kwargs = {"state_classes": _STATES, "initial_state": "Body"}

    def nested_parse(self: Any, *given: Any, **named: Any) -> Any:
        with _deeper(self.memo):
            return super().nested_parse(*given, **named)  # type: ignore[misc]

    def nested_list_parse(self: Any, *given: Any, **named: Any) -> Any:
        with _deeper(self.memo):
            return super().nested_list_parse(*given, **named)  # type: ignore[misc]

    def isolate_grid_table(self: Any) -> Any:
        block, messages, blank_finish = super().isolate_grid_table()  # type: ignore[misc]
        if block and max(line.count("+") for line in block) > _MAX_COLUMNS + 1:
            return [], self.malformed_table(block, f"It has more than {_MAX_COLUMNS} columns."), blank_finish
        return block, messages, blank_finish

    # Where a directive defines a substitution, and everywhere else.
    directive = _directive
    explicit = SimpleNamespace(
        patterns=states.Body.explicit.patterns,
        constructs=[(_directive if one is states.Body.directive else one, pattern) for one, pattern in states.Body.explicit.constructs],
    )


_STATES = tuple([type(one.__name__, (_OwnStates, one), {}) for one in states.state_classes])
