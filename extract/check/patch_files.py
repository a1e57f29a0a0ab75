"""Patches as people write them: reviewed TOML files, one for each product, `<vendor>/<product>.toml` below one folder.

A file directly in that folder is about documents without a vendor: those of the product in its name, and those without a product.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import msgspec

from extract import written
from extract.errors import UsageError
from extract.model import Action, Direction
from extract.written import lines

Operation = Literal["set", "drop", "add", "alias"]
_OPERATIONS: tuple[Operation, ...] = ("set", "drop", "add", "alias")

# What stands in a skeleton where nobody has answered yet.
OPEN = "?"


class Values(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Values of a rule. Absent fields say nothing. Endpoints are names."""

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
    """Conditions for a rule and its row."""

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
    text = written.read(file, path)
    vendor, product = ("", *parts)[-2:]
    return [msgspec.structs.replace(patch, vendor=vendor, product=product) for patch in parse(text, path)]


def parse(text: str, path: str) -> tuple[Patch, ...]:
    """Return the patches in the text of a file, which do not say of what vendor and product they are; `path` is what messages call it.

    Raises UsageError, with the line, for a text that is no TOML or breaks the schema, and for an id that two patches have.
    """
    found = written.parse(text, path)
    written.check(found, "patches", _own)
    said = found.table["patch"]
    heads = lines.heads(found.text, "patch", len(said))
    patches = []
    for number, (one, line) in enumerate(zip(said, heads, strict=True)):
        try:
            patches.append(msgspec.structs.replace(_converted(one), path=path, line=line))
        except msgspec.ValidationError as error:
            # A schema takes 443.0 for a whole number, and rules.json would hold it.
            where = re.findall(r"[a-z_]+", str(error).rpartition("$")[2])
            raise found.wrong(("patch", number, *where), f"{'.'.join(where)} is no whole number; write it without a point") from error
    return _distinct(patches)


def _converted(said: dict[str, Any]) -> Patch:
    """Return a patch that its schema admits. Raises msgspec.ValidationError."""
    left = [f"{name}.{field}" for name in ("set", "add") for field, value in said.get(name, {}).items() if value == OPEN]
    answered = dict(said)
    for name in said.keys() & {"set", "add"}:
        answered[name] = {field: value for field, value in said[name].items() if value != OPEN}
    patch = msgspec.convert(answered, Patch)
    return msgspec.structs.replace(patch, open=(*(["reason"] if patch.reason == OPEN else []), *left))


def _own(table: dict[str, Any]) -> tuple[written.Place, str] | None:
    """Return what the parts of a patch cannot be beside each other, and where; None when nothing is wrong."""
    patches = table.get("patch")
    for number, patch in enumerate(patches if isinstance(patches, list) else ()):
        problem = _problem(patch) if isinstance(patch, dict) else ""
        if problem:
            return ("patch", number), problem
    return None


def _problem(patch: dict[str, Any]) -> str:
    """Return why the parts of a patch do not fit together; empty if they do."""
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
