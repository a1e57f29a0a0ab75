"""YAML that targets write and read back: quoted where another reader could take a text for something else, and read without leniency."""

from __future__ import annotations

import textwrap
from collections.abc import Hashable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

import yaml

_LONGEST = 120


class Text(str):
    """A text that is always quoted. Readers disagree on what is a number or a truth value (`1e5`, `on`), so none may be left to guess."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Writes values in block style, without references between them."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.add_representer(Text, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style='"'))


class _Loader(yaml.SafeLoader):
    """Reads values, and takes no key twice: the specification forbids it (YAML 1.2.2, 3.2.1.3), and PyYAML lets the last one win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [key.value for key, _ in node.value]
        if len(set(map(str, keys))) != len(keys):
            raise ValueError(f"line {node.start_mark.line + 1}: a key stands twice")
        return super().construct_mapping(node, deep=deep)


def dump(value: object, indent: int = 0) -> str:
    """Return a value as lines of block style, in the order that it has, each indented by some spaces."""
    text = yaml.dump(value, Dumper=_Dumper, sort_keys=False, default_flow_style=False, width=2**20)
    return textwrap.indent(str(text), " " * indent)


def load_all(content: bytes) -> Iterator[Any]:
    """Yield the documents of a file. Raises ValueError for what is no YAML, and for a key that stands twice."""
    try:
        yield from yaml.load_all(content.decode("utf-8"), Loader=_Loader)
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from error


def fields(value: object, needed: AbstractSet[str], others: AbstractSet[str] = frozenset()) -> Mapping[str, Any]:
    """Return a mapping that has every needed field, perhaps others, and none beside them. Raises ValueError for anything else."""
    if not isinstance(value, dict) or not needed <= set(value) <= needed | others:
        raise ValueError(f"{value!r} should be a mapping with {', '.join(sorted(needed))}")
    return value


def comment(text: str, indent: int = 0) -> str:
    """Return text of a vendor as one line of comment, cut to a length, without line breaks, controls and characters of direction."""
    words = "".join(character if character.isprintable() else " " for character in text).split()
    line = " ".join(words)
    return f"{' ' * indent}# {line if len(line) <= _LONGEST else line[: _LONGEST - 1] + '…'}\n"
