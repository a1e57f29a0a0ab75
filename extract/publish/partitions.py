"""Rules as partitions: a file for each scope, in folders that DuckDB, pandas and Spark read as one table, and a manifest of whole files.

The folders are named as Hive names them, `vendor=V/product=P/release=R`. Each file is flat: a row for each rule, open ones included.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from extract import schema
from extract.check.stated import Scope
from extract.errors import UsageError
from extract.model import COLUMNS, Flat, Rule, Severity, Unresolved, flat
from extract.publish import parquet
from extract.regex import late

Form = Literal["parquet", "jsonl"]

MANIFEST = "_manifest.json"
"""The file of a folder that says which partitions are whole. Readers of the folder pass over names that begin with an underscore."""

KEYS = ("vendor", "product", "release")
UNKNOWN = "-"
"""What stands for a vendor, product or release that nobody says. Hive's own word for it is null, and pandas reads no folder with nulls."""

_HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"
# What Hive escapes in the name of a folder (FileUtils.escapePathName), and so do Spark and all that read what they write.
_ESCAPED = late(r"[\x00-\x1f\x7f\"#%'*/:=?\\{\[\]^]")
_NAME_DIGITS = 16

SCHEMA: Mapping[str, type] = {
    "scope": str,
    **dict.fromkeys(COLUMNS, str),
    **dict.fromkeys(("from_port", "to_port", "icmp_type", "icmp_code", "table", "row", "line"), int),
    "complete": bool,
    "trace": str,
    "evidence": str,
}
"""The columns of a partition with what they hold; each may be null."""


class Partition(msgspec.Struct, frozen=True, kw_only=True):
    """One scope, as the manifest has it."""

    scope: tuple[str, ...]
    # None where the scope has no rules, and so no file.
    file: str | None
    sha256: str | None
    # Of the file: rules, and open ones.
    rules: int
    open: int
    documents: int
    # What was found in the documents, and in the patches that tie the scope to others; severity -> count.
    findings: dict[Severity, int]
    # A hash over all inputs of the partition. None if it is not reliable; then each run writes the partition again.
    inputs: str | None

    @property
    def is_planned(self) -> bool:
        """Whether a run has started the partition and not finished it. Its file may exist already."""
        return not self.documents


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a folder of partitions holds."""

    # Whether all runs into the folder came to their end. Each partition that is not planned is whole in any case.
    complete: bool
    format: Form
    partitions: tuple[Partition, ...]


class _File(Manifest, frozen=True, kw_only=True):
    schema_version: str


def file_of(scope: Scope, form: Form) -> str:
    """Return the file of a scope, relative to the folder. Several scopes of no release lie in one folder, by a hash in their names."""
    if len(scope) == 1:
        digest = hashlib.sha256(scope[0].encode()).hexdigest()[:_NAME_DIGITS]
        return "/".join((*(f"{key}={UNKNOWN}" for key in KEYS), f"rules-{digest}.{form}"))
    names = scope if len(scope) == len(KEYS) else (None, *scope)
    folders = (f"{key}={UNKNOWN if name is None else _escaped(name)}" for key, name in zip(KEYS, names, strict=True))
    return "/".join((*folders, f"rules.{form}"))


def planned(scope: Scope) -> Partition:
    """Return the entry of a scope in the manifest while its partition is being written."""
    none: dict[Severity, int] = {"error": 0, "warning": 0, "note": 0}
    return Partition(scope=scope, file=None, sha256=None, rules=0, open=0, documents=0, findings=none, inputs=None)


def visible(folder: Path) -> Iterator[str]:
    """Yield the files of a folder that engines read as parts of one table, relative to it: all but those that are hidden or ours."""
    for path in folder.rglob("*"):
        file = path.relative_to(folder)
        if not any(part.startswith((".", "_")) for part in file.parts) and not path.is_dir():
            yield file.as_posix()


def _escaped(name: str) -> str:
    if name in (UNKNOWN, _HIVE_NULL):
        return f"%{ord(name[0]):02X}{name[1:]}"
    return _ESCAPED.sub(lambda found: f"%{ord(found[0]):02X}", name)


def rows_of(scope: Scope, entries: Iterable[Rule | Unresolved]) -> Iterator[Flat]:
    """Yield the rows of rules of a scope: their flat columns, and the trace and all evidence as JSON, so that nothing of them is lost."""
    name = "/".join(scope).rstrip("/")
    for entry in entries:
        whole = {field: msgspec.json.encode(getattr(entry, field)).decode() for field in ("trace", "evidence")}
        yield {"scope": name, **flat(entry), **whole}


def content(form: Form, rows: Sequence[Flat]) -> bytes:
    """Return the file of a partition. Raises UsageError where what writes it is not installed."""
    if form == "parquet":
        return parquet.content(rows, SCHEMA)
    return b"".join(msgspec.json.encode(row) + b"\n" for row in rows)


def rows_in(form: Form, data: bytes) -> Sequence[Flat]:
    """Return the rows of the file of a partition."""
    return parquet.rows(data) if form == "parquet" else [msgspec.json.decode(line) for line in data.splitlines()]


def load(folder: Path, form: Form) -> Manifest:
    """Return the manifest of a folder, an empty one where the folder is empty or not there.

    Raises UsageError for a folder that holds other things, or partitions in another form, and for a manifest that is none.
    """
    file = folder / MANIFEST
    try:
        if not file.is_file():
            if folder.exists() and any(not one.name.startswith(".") for one in folder.iterdir()):
                raise UsageError(f"{folder} holds other files and no {MANIFEST}; name a folder that is empty or not there")
            return Manifest(complete=True, format=form, partitions=())
        data = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{error.filename or folder} cannot be read: {error.strerror}") from error
    try:
        found = msgspec.json.decode(schema.current("partitions", data), type=_File)
    except ValueError as error:
        raise UsageError(f"{file} is no manifest of partitions: {error}; name another folder, or remove this one") from error
    if found.format != form:
        raise UsageError(f"{folder} holds partitions as {found.format}; name another folder for {form}")
    return Manifest(complete=found.complete, format=found.format, partitions=found.partitions)


def encoded(manifest: Manifest) -> bytes:
    """Return a manifest as a file. Raises SchemaViolationError when it breaks its schema."""
    fields: dict[str, Any] = {"schema_version": schema.version("partitions"), **msgspec.structs.asdict(manifest)}
    fields["partitions"] = sorted(manifest.partitions, key=lambda one: one.scope)
    data = msgspec.json.encode(fields)
    schema.validate("partitions", data)
    return msgspec.json.format(data, indent=2) + b"\n"
