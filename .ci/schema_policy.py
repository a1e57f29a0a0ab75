"""What a difference between two versions of a schema means to those who rely on it: the policy in schemas/README.md.

A schema of kind "data" describes what the program writes: its readers must not meet what the old schema ruled out. A schema of kind
"input" describes what people write: their files must stay valid. What cannot be judged counts as major.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import Any, Literal

from schema_diff import Difference, Effect

Kind = Literal["data", "input"]
Version = tuple[int, int, int]

_ID = re.compile(r"urn:docrules:schema:(?P<name>[a-z][a-z-]*):(?P<version>\d+\.\d+\.\d+)")


class Level(IntEnum):
    """What a difference costs: nothing, or a raise of the version."""

    NONE = 0
    MINOR = 1
    MAJOR = 2


_LEVELS: dict[Kind, dict[Effect, Level]] = {
    "data": {
        Effect.WIDER: Level.MAJOR,
        Effect.NARROWER: Level.MINOR,
        Effect.UNKNOWN: Level.MAJOR,
        Effect.ADDED: Level.MINOR,
        Effect.ADDED_REQUIRED: Level.MINOR,
        Effect.REMOVED: Level.MAJOR,
        Effect.OPTIONAL: Level.MAJOR,
        Effect.REQUIRED: Level.MINOR,
    },
    "input": {
        Effect.WIDER: Level.MINOR,
        Effect.NARROWER: Level.MAJOR,
        Effect.UNKNOWN: Level.MAJOR,
        Effect.ADDED: Level.MINOR,
        Effect.ADDED_REQUIRED: Level.MAJOR,
        Effect.REMOVED: Level.MAJOR,
        Effect.OPTIONAL: Level.MINOR,
        Effect.REQUIRED: Level.MAJOR,
    },
}


def level(found: Difference, kind: Kind) -> Level:
    """Return what a difference costs in a schema of this kind."""
    return _LEVELS[kind][found.effect]


def identity(schema: dict[str, Any]) -> tuple[str, Version]:
    """Return the name and the version that the $id of a schema says. Raises ValueError when it has another form."""
    said = _ID.fullmatch(str(schema.get("$id")))
    if said is None:
        raise ValueError("$id is not urn:docrules:schema:<name>:<major>.<minor>.<patch>")
    major, minor, patch = map(int, said["version"].split("."))
    return said["name"], (major, minor, patch)


def written(version: Version) -> str:
    """Return a version as text."""
    return ".".join(map(str, version))


def kind_of(schema: dict[str, Any]) -> Kind:
    """Return the kind of a schema: what the program writes says its version, what people write does not."""
    return "data" if "schema_version" in schema.get("properties", {}) else "input"


def suffices(old: Version, new: Version, level: Level) -> bool:
    """Return whether the step from one version to the next covers a change of this level."""
    parts = {Level.MAJOR: 1, Level.MINOR: 2}
    return new[: parts[level]] > old[: parts[level]] if level else new >= old


def raised(old: Version, level: Level) -> Version:
    """Return the lowest version that covers a change of this level."""
    major, minor, _ = old
    return {Level.NONE: old, Level.MINOR: (major, minor + 1, 0), Level.MAJOR: (major + 1, 0, 0)}[level]
