"""Patches as people write them: reviewed TOML files, one for each product, `<vendor>/<product>.toml` below one folder.

A file that lies in that folder itself is about documents of no vendor: those of the product that it is called after, and those of none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import msgspec
import tomli

from extract import schema
from extract.errors import UsageError
from extract.model import Action, Direction
from extract.regex import late

Operation = Literal["set", "drop", "add", "alias"]
_OPERATIONS: tuple[Operation, ...] = ("set", "drop", "add", "alias")

# What stands in a skeleton where nobody has answered yet.
OPEN = "?"

_PATCH_LINE = late(r"^[ \t]*\[\[[ \t]*patch[ \t]*\]\]", re.MULTILINE)


class Values(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Values of a rule; what is absent is not spoken of. Endpoints are names."""

    action: Action | None = None
    direction: Direction | None = None
    protocol: str | None = None
    from_port: int | None = None
    to_port: int | None = None
    icmp_type: int | None = None
    icmp_code: int | None = None
    source: str | None = None
    destination: str | None = None
    description: str | None = None
    # Fields that are null.
    unstated: tuple[str, ...] = ()


class Condition(Values, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What must hold of a rule and of its row."""

    document: str | None = None
    # Of that document.
    table: int | None = None
    port_text: str | None = None
    cells: dict[str, str] = {}
    # How many rules match.
    rules: int | None = None


class Patch(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One correction. Exactly one of `set`, `drop`, `add` and `alias` is given."""

    id: str
    reason: str
    link: str | None = None
    releases: tuple[str, ...] = ()
    match: Condition = Condition()
    expect: Condition | None = None
    set: Values | None = None
    add: Values | None = None
    drop: bool = False
    alias: dict[str, str] = {}
    vendor: str = ""
    product: str = ""
    # Of the file: the name of the folder of patches, vendor, product.
    path: str = ""
    line: int = 1
    # What nobody has answered yet: `reason`, or values as `set.protocol`. They are left out of the others.
    open: tuple[str, ...] = ()

    @property
    def operation(self) -> Operation:
        """Return what the patch does."""
        return next(name for name in _OPERATIONS if getattr(self, name))

    @property
    def by(self) -> str:
        """Return what the traces of the patch name."""
        return f"patch:{self.id}"

    @property
    def why(self) -> str:
        """Return the reason with the link."""
        return f"{self.reason} ({self.link})" if self.link else self.reason


def load(folder: Path) -> tuple[Patch, ...]:
    """Return the patches of all files below a folder, in the order of the paths.

    Raises UsageError, with file and line, for a file that cannot be read, is no TOML, breaks schemas/patches.schema.json or lies
    deeper than `<vendor>/<product>.toml`, and for an id that two patches have.
    """
    if not folder.is_dir():
        raise UsageError(f"the folder of patches {folder} does not exist")
    files = [file for file in folder.rglob("*") if file.suffix.lower() == ".toml" and file.is_file()]
    ordered = sorted(files, key=lambda file: file.relative_to(folder).as_posix())
    return _distinct(patch for file in ordered for patch in _read(file, folder))


def _distinct(patches: Iterable[Patch]) -> tuple[Patch, ...]:
    known: dict[str, Patch] = {}
    for patch in patches:
        twin = known.setdefault(patch.id, patch)
        if twin is not patch:
            raise UsageError(f"{patch.path}:{patch.line}: the id {patch.id!r} is taken by {twin.path}:{twin.line}; choose another one")
    return tuple(known.values())


def _read(file: Path, folder: Path) -> list[Patch]:
    parts = file.relative_to(folder).with_suffix("").parts
    path = (Path(folder.resolve().name) / file.relative_to(folder)).as_posix()
    if len(parts) > 2:
        raise UsageError(
            f"{path}: patches lie at <vendor>/<product>.toml below their folder, or in it for documents of no vendor; move this file"
        )
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror if isinstance(error, OSError) else 'it is not UTF-8'}") from error
    vendor, product = ("", *parts)[-2:]
    return [msgspec.structs.replace(patch, vendor=vendor, product=product) for patch in parse(text, path)]


def parse(text: str, path: str) -> tuple[Patch, ...]:
    """Return the patches in the text of a file, which do not say of what vendor and product they are; `path` is what messages call it.

    Raises UsageError, with the line, for a text that is no TOML or breaks the schema, and for an id that two patches have.
    """
    try:
        table = tomli.loads(text)
    except (ValueError, RecursionError) as error:
        # tomli raises ValueError for a key of too many parts.
        raise UsageError(f"{path}: is no TOML: {error}") from error
    lines = _lines(text, table)
    _check(table, path, lines)
    try:
        patches = [_converted(patch) for patch in table["patch"]]
    except msgspec.ValidationError as error:
        raise UsageError(f"{path}:1: {error}") from error
    return _distinct(msgspec.structs.replace(patch, path=path, line=line) for patch, line in zip(patches, lines, strict=True))


def _converted(said: dict[str, Any]) -> Patch:
    """Return a patch that its schema admits. Raises msgspec.ValidationError."""
    left = [f"{name}.{field}" for name in ("set", "add") for field, value in said.get(name, {}).items() if value == OPEN]
    answered = dict(said)
    for name in said.keys() & {"set", "add"}:
        answered[name] = {field: value for field, value in said[name].items() if value != OPEN}
    patch = msgspec.convert(answered, Patch)
    return msgspec.structs.replace(patch, open=(*(["reason"] if patch.reason == OPEN else []), *left))


def _lines(text: str, table: dict[str, Any]) -> list[int]:
    """Return the line of each patch: of its header, found by its id where a text holds what looks like one; 1 where there is none."""
    heads = [text.count("\n", 0, match.start()) + 1 for match in _PATCH_LINE.finditer(text)]
    patches = table.get("patch")
    if not isinstance(patches, list) or len(heads) == len(patches):
        return heads
    lines: list[int] = []
    for patch in patches:
        named = re.escape(str(patch.get("id"))) if isinstance(patch, dict) else ""
        match = re.search(rf"^[ \t]*id[ \t]*=[ \t]*[\"']{named}[\"']", text, re.MULTILINE)
        line = text.count("\n", 0, match.start()) + 1 if match else 1
        lines.append(max((head for head in heads if head <= line), default=line))
    return lines


def _check(table: dict[str, Any], path: str, lines: list[int]) -> None:
    """Raise UsageError when a file breaks the schema; what people get wrong most is said in words of its own."""
    for index, patch in enumerate(table["patch"] if isinstance(table.get("patch"), list) else ()):
        problem = _problem(patch) if isinstance(patch, dict) else ""
        if problem:
            raise UsageError(f"{path}:{_line(lines, index)}: {problem}")
    try:
        broken = schema.problem("patches", table)
    except ValueError as error:
        # TOML has dates, JSON has none.
        raise UsageError(f"{path}:1: {error}") from error
    if broken is not None:
        where, message = broken
        line = _line(lines, where[1]) if len(where) > 1 and isinstance(where[1], int) else 1
        raise UsageError(f"{path}:{line}: {'.'.join(map(str, where[2:] or where)) or 'the file'}: {message} (schemas/patches.schema.json)")


def _problem(patch: dict[str, Any]) -> str:
    """Return what is wrong with the parts of a patch beside each other, empty when nothing is."""
    given = [name for name in _OPERATIONS if name in patch]
    if len(given) != 1:
        return f"a patch has exactly one of {', '.join(_OPERATIONS)}; this one has {' and '.join(given) or 'none'}"
    if given == ["alias"]:
        if patch.keys() & {"match", "expect"}:
            return "an alias holds for all pages of the product; it takes no match and no expect"
        same = isinstance(patch["alias"], dict) and any(old == new for old, new in patch["alias"].items())
        return "an alias stands for another name, not for itself" if same else ""
    if "match" not in patch:
        return f"a patch that does {given[0]} needs a match: which rules it is about"
    if isinstance(patch["match"], dict) and "table" in patch["match"] and "document" not in patch["match"]:
        return "a match that names a table needs the document that the table is of"
    return ""


def _line(lines: list[int], index: int) -> int:
    return lines[index] if index < len(lines) else 1
