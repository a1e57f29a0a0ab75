"""The JSON Schemas: where they are, and validation of what was read and of what is about to be written."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec

from extract import model
from extract.errors import SchemaViolationError

# The fields that follow from others of the same object: files of before tell them, too.
_FOLLOWS: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "complete": lambda rule: model.is_complete(*map(rule.get, ("direction", "source", "destination"))),
}

# The first major version that can be read, if it is not the current one. Each later version only added things.
_OLDEST: Mapping[str, int] = {"changes": 1}


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


def is_valid(name: str, instance: Any) -> bool:
    """Return whether a value is as a schema says."""
    try:
        return _validator(name).is_valid(instance)
    except ValueError:
        # TOML has dates and times, which JSON and so its schemas do not have.
        return False


def problem(name: str, instance: Any) -> tuple[tuple[str | int, ...], str] | None:
    """Return the path to the first value that breaks the schema and what is wrong with it, None when the value is valid."""
    validator = _validator(name)
    try:
        if validator.is_valid(instance):
            return None
    except ValueError as strange:
        # TOML has dates and times, which JSON and so its schemas do not have.
        return (), f"a value is neither text nor number, truth, list or table ({strange}); put a date or time in quotation marks"
    error = next(iter(validator.iter_errors(instance)))
    while isinstance(error.kind, jsonschema_rs.ValidationErrorKind.AnyOf) and error.kind.context[0]:
        # "Fits none of several schemas" does not help the user. Report the first schema, which is usually the one that was meant.
        error = error.kind.context[0][0]
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


def current(name: str, data: bytes) -> bytes:
    """Return the text of a file that was read as this version of its schema has it. ValueError says where and how it breaks the schema.

    A file of an earlier minor version lacks the fields that were added since, as one of an earlier state of this version may: it gets
    their defaults, which say that it does not tell, and those that follow from others. So does a feed of changes of an earlier major
    version, for its entries are kept for good.
    """
    found = fault(name, data)
    if found is None:
        return data
    raised = _raised(name, data)
    if raised is None:
        raise ValueError(found)
    if (found := fault(name, raised)) is not None:
        raise ValueError(found)
    return raised


def _raised(name: str, data: bytes) -> bytes | None:
    """Return a file of an earlier version that is read, or of this one, with what was added since; None when it is no such file."""
    try:
        instance = _parsed(data)
        said, now = (tuple(map(int, text.split("."))) for text in (instance["schema_version"], version(name)))
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        return None
    if len(said) != len(now) or not _OLDEST.get(name, now[0]) <= said[0] or said > now:
        return None
    root = load(name)
    _add_defaults(root, root, instance)
    return msgspec.json.encode({**instance, "schema_version": version(name)})


def _add_defaults(root: dict[str, Any], node: dict[str, Any], instance: Any) -> None:
    """Add to a value, and to all in it, the fields that it lacks and that have a default in their schema, or follow from others."""
    if "$ref" in node:
        node = root["$defs"][node["$ref"].rpartition("/")[2]]
    for choice in node.get("anyOf", ()):
        _add_defaults(root, choice, instance)
    if isinstance(instance, list):
        for one in instance:
            _add_defaults(root, node.get("items", {}), one)
    # Of several kinds it is the one that has all of its fields.
    elif isinstance(instance, dict) and instance.keys() <= (fields := node.get("properties", {})).keys():
        for place, (key, field) in enumerate(fields.items()):
            if "default" in field:
                instance.setdefault(key, field["default"])
            elif key in _FOLLOWS and key not in instance:
                # Where the files of today have it, for a feed passes on what it reads.
                said = list(instance.items())
                instance.clear()
                instance.update([*said[:place], (key, _FOLLOWS[key](dict(said))), *said[place:]])
            if key in instance:
                _add_defaults(root, field, instance[key])


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
