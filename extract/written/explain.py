"""What is wrong with a file, in the words of whoever wrote it: the key, what stands there, and what may stand there.

jsonschema tells of several errors which one is meant most likely (`best_match`); the words are made of the schema at that place.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.exceptions import best_match

from extract import schema

# What a pattern asks for; tests look that none of the schemas of files that people write is missing.
FORMS: Mapping[str, str] = {
    r"^[a-z0-9]+(-[a-z0-9]+)*$": "lower-case letters and digits, with single hyphens between them",
    r"^[a-z0-9][a-z0-9.+-]*$": "an IANA keyword in lower case, or any",
    r"^[^\u0000]+$": "a path",
    r"^https?://": "an address that begins with http:// or https://",
    r"^https?://[^\s/?#@\\]+([/?#]\S*)?$": "an address that begins with http:// or https://, without blanks, user name and password",
    r"^\S(.*\S)?$": "a text that is not empty and neither begins nor ends with a blank",
    r"^[^./\\\u0000-\u001f\u007f][^/\\\u0000-\u001f\u007f]*(/[^./\\\u0000-\u001f\u007f][^/\\\u0000-\u001f\u007f]*)*/?$": (
        "a path below the folder of documents, with forward slashes and nothing hidden"
    ),
}
# What is quoted of a value.
_MAX_TEXT = 60
# So many keys are named where none is like the one that stands there.
_MAX_KEYS = 20
# So many that are like it.
_LIKE = 2

_Said = tuple[tuple[str | int, ...], str]


def strange_key(kind: str, table: Mapping[str, Any], line: Callable[[Sequence[str | int]], int]) -> _Said | None:
    """Return place and words of the first key that a schema does not know; None where it knows all. `line` tells where a value stands."""
    strange = [_strange(error) for error in _errors(kind, table) if error.validator == "additionalProperties" and not error.validator_value]
    return min(strange, key=lambda one: line(one[0]), default=None)


def problem(kind: str, table: Mapping[str, Any], line: Callable[[Sequence[str | int]], int]) -> _Said:
    """Return place and words of what is wrong first in a table that breaks a schema, of several things there the most likely one."""
    errors = _errors(kind, table)
    first = min((line(tuple(error.absolute_path)) for error in errors), default=0)
    error = best_match(one for one in errors if line(tuple(one.absolute_path)) == first)
    if error is None:
        # The other validator reads a pattern in another way.
        found = schema.problem(kind, table)
        return found if found is not None else ((), "it is not as its schema says")
    # That a value is none of several things says more than that it is not the first of them.
    while error.parent is not None and not error.relative_path:
        error = error.parent
    return _said(error, schema.load(kind))


def _errors(kind: str, table: Mapping[str, Any]) -> list[ValidationError]:
    return list(Draft202012Validator(schema.load(kind)).iter_errors(table))


def _said(error: ValidationError, root: Mapping[str, Any]) -> _Said:
    if error.validator == "additionalProperties" and not error.validator_value:
        return _strange(error)
    path = tuple(error.absolute_path)
    where = place(path)
    value: Any = error.instance
    wanted: Any = error.schema
    words = _WORDS.get(str(error.validator))
    if words is not None:
        return path, f"{where} {words(value, wanted, root)}"
    form = expected(wanted, root) if path and error.validator != "propertyNames" else ""
    return path, f"{where} is {shown(value)}; write {form}{_hint(value, wanted, root)}" if form else f"{where}: {error.message}"


def _lacks(value: Mapping[str, Any], wanted: Mapping[str, Any], root: Mapping[str, Any]) -> str:
    missing = next(key for key in wanted["required"] if key not in value)
    told = _resolved(wanted.get("properties", {}).get(missing, {}), root).get("description")
    return f"lacks the key {missing}{f': {told}' if told else ''}"


def _has_few(value: Mapping[str, Any], wanted: Mapping[str, Any], _: Mapping[str, Any]) -> str:
    said = f"has {', '.join(value)} alone" if value else "is empty"
    return f"{said}; give {_one_of([key for key in wanted.get('properties', {}) if key not in value]) or 'a key'}"


def _is_empty(_: Sequence[Any], wanted: Mapping[str, Any], root: Mapping[str, Any]) -> str:
    return f"is an empty list; it needs an entry, {expected(wanted.get('items', {}), root)}"


def _holds_twice(value: Sequence[Any], _: Mapping[str, Any], __: Mapping[str, Any]) -> str:
    twice = next(one for number, one in enumerate(value) if one in value[:number])
    return f"holds {shown(twice)} twice"


_WORDS: Mapping[str, Callable[[Any, Mapping[str, Any], Mapping[str, Any]], str]] = {
    "required": _lacks,
    "minProperties": _has_few,
    "minItems": _is_empty,
    "uniqueItems": _holds_twice,
}
"""Keyword of a schema that a value breaks -> what is said of it; what is not among them says what may stand there."""


def _strange(error: ValidationError) -> _Said:
    wanted: Any = error.schema
    value: Any = error.instance
    known = wanted.get("properties", {})
    key = next(one for one in value if one not in known)
    path = tuple(error.absolute_path)
    where = f"{place(path)} has" if path else "there is"
    like = close(key, known)
    return (*path, key), f"{where} no key {key!r}; " + (f"did you mean {like}?" if like else f"there is {_named(known)}")


def close(word: str, known: Iterable[str]) -> str:
    """Return the words that another one was most likely meant to be, in quotes; empty where none is like it."""
    plain = {one.replace("_", "-"): one for one in known}
    return " or ".join(repr(plain[one]) for one in difflib.get_close_matches(word.lower().replace("_", "-"), plain, _LIKE))


def place(path: Sequence[str | int]) -> str:
    """Return how the place of a value is called: `set.protocol` of an entry of a list of tables, `entry 2 of networks`."""
    if len(path) > 2 and isinstance(path[1], int):
        path = path[2:]
    if not path:
        return "the file"
    keys = [str(key) for key in path if isinstance(key, str)]
    name = ".".join(keys)
    return f"entry {path[-1] + 1} of {name}" if isinstance(path[-1], int) else name


def shown(value: object) -> str:
    """Return a value as a message names it."""
    if isinstance(value, str):
        text = value if len(value) <= _MAX_TEXT else value[: _MAX_TEXT - 1] + "…"
        return json.dumps(text, ensure_ascii=False) if text else "empty"
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    if isinstance(value, dict | list):
        return f"{'an empty' if not value else 'a'} {'table' if isinstance(value, dict) else 'list'}"
    return f"the date or time {value}"


def expected(wanted: Mapping[str, Any], root: Mapping[str, Any]) -> str:
    """Return what a schema admits, in words; empty where there are none."""
    wanted = _resolved(wanted, root)
    if "anyOf" in wanted:
        return " or ".join(filter(None, (expected(one, root) for one in wanted["anyOf"])))
    if "const" in wanted:
        return shown(wanted["const"])
    if "enum" in wanted:
        return _one_of([shown(one) for one in wanted["enum"]])
    kind = wanted.get("type")
    if kind == "string":
        return FORMS.get(wanted.get("pattern", ""), "a text")
    if kind == "integer":
        return "a whole number" + _bounds(wanted)
    if kind == "array":
        items = expected(wanted.get("items", {}), root)
        return f"a list, each entry {items}" if items else "a list"
    return {"object": "a table", "boolean": "true or false"}.get(str(kind), "")


def _bounds(wanted: Mapping[str, Any]) -> str:
    low, high = wanted.get("minimum"), wanted.get("maximum")
    if low is not None and high is not None:
        return f" from {low} to {high}"
    return f", {low} or more" if low is not None else ""


def _hint(value: object, wanted: Mapping[str, Any], root: Mapping[str, Any]) -> str:
    """Return what was most likely meant, where a value is nearly what it should be."""
    fitting = Draft202012Validator({**wanted, "$defs": root.get("$defs", {})})
    likely: list[Any] = []
    if isinstance(value, str):
        likely = [value.strip(), value.strip().lower(), [value]]
        likely += [int(value)] if re.fullmatch("[0-9]{1,9}", value) else []
        likely += difflib.get_close_matches(value, [one for one in _words(wanted, root) if isinstance(one, str)], 1)
    elif isinstance(value, bool | int | float) or not isinstance(value, dict | list):
        likely = [str(value), [value]]
    for one in likely:
        if one != value and fitting.is_valid(one):
            return f"; did you mean {json.dumps(one, ensure_ascii=False)}?" if len(str(one)) <= _MAX_TEXT else ""
    return ""


def _words(wanted: Mapping[str, Any], root: Mapping[str, Any]) -> list[Any]:
    """Return the words that a schema lists."""
    wanted = _resolved(wanted, root)
    return [*wanted.get("enum", ()), *(word for one in wanted.get("anyOf", ()) for word in _words(one, root))]


def _resolved(wanted: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = root["$defs"][wanted["$ref"].rpartition("/")[2]] if "$ref" in wanted else wanted
    return found


def _one_of(words: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def _named(keys: Iterable[str]) -> str:
    names = list(keys)
    return ", ".join(names[:_MAX_KEYS]) + (" and others" if len(names) > _MAX_KEYS else "")
