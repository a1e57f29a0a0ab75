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


def fault(name: str, data: bytes, key: str = "", first: int = 0) -> str | None:
    """Return where and how a text breaks the schema, or that it is no JSON; None when it is as the schema says.

    Of a text that is a part of a larger one, the list `key` begins with the entry of that number.
    """
    try:
        found = problem(name, _parsed(data))
    except (ValueError, RecursionError) as error:
        return f"it is no JSON: {error}"
    if found is None:
        return None
    path, message = found
    if len(path) > 1 and path[0] == key and isinstance(path[1], int):
        path = (key, first + path[1], *path[2:])
    return f"at /{'/'.join(map(str, path))}: {message}"


def _parsed(data: bytes) -> Any:
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # Half as fast, and it says where a text is no JSON.
        return json.loads(data)


def validate(name: str, data: bytes, key: str = "", first: int = 0) -> None:
    """Raise SchemaViolationError when the JSON text breaks the schema; its message names the place. The arguments are those of `fault`."""
    found = fault(name, data, key, first)
    if found is not None:
        raise SchemaViolationError(f"{name}.json would break its schema {found}. Nothing was written; please report this")
