"""The JSON Schemas: where they are, and validation of what was read and of what is about to be written."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec

from extract.errors import SchemaViolationError


@functools.cache
def load(name: str) -> dict[str, Any]:
    """Return a schema by its file name without suffix, e.g. "rules". An installed package carries them; a checkout has schemas/."""
    package = Path(__file__).parent
    folder = package / "schemas" if (package / "schemas").is_dir() else package.parent / "schemas"
    loaded: dict[str, Any] = json.loads((folder / f"{name}.schema.json").read_text("utf-8"))
    return loaded


def version(name: str) -> str:
    """Return the version of a schema, which data that follows it carries as `schema_version`."""
    return str(load(name)["$id"]).rpartition(":")[2]


@functools.cache
def _validator(name: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(load(name))


def problem(name: str, instance: Any) -> tuple[tuple[str | int, ...], str] | None:
    """Return the path to the first value that breaks the schema and what is wrong with it, None when the value is valid."""
    validator = _validator(name)
    if validator.is_valid(instance):
        return None
    error = next(iter(validator.iter_errors(instance)))
    return tuple(error.instance_path), error.message


def fault(name: str, data: bytes) -> str | None:
    """Return where and how a text breaks the schema, or that it is no JSON; None when it is as the schema says."""
    try:
        found = problem(name, _parsed(data))
    except (ValueError, RecursionError) as error:
        return f"it is no JSON: {error}"
    return None if found is None else f"at /{'/'.join(map(str, found[0]))}: {found[1]}"


def _parsed(data: bytes) -> Any:
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # Half as fast, and it says where a text is no JSON.
        return json.loads(data)


def validate(name: str, data: bytes) -> None:
    """Raise SchemaViolationError when the JSON text breaks the schema; its message names the place."""
    found = fault(name, data)
    if found is not None:
        raise SchemaViolationError(f"{name}.json would break its schema {found}. Nothing was written; please report this")
