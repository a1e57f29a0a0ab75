"""Hold the versions of schemas/*.schema.json to the policy in schemas/README.md.

Each schema is compared with what was last given out: its state in the newest release (tag v*) that is reachable. What no release
holds is compared with the last state of the previous version in the history, and in its first version with the state in which
schemas/CHANGELOG.md first listed it. Without git, or where the history ends before that, nothing is compared, and the output says so.

Exit code 0: all versions are right. 1: one is not raised far enough, is said differently in two places, or has no entry in the
changelog. 2: a schema cannot be read.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import schema_policy
from schema_diff import Difference, differences
from schema_policy import Level, Version, identity, level, written

ROOT = Path(__file__).resolve().parent.parent
CHANGELOG = "schemas/CHANGELOG.md"
_SUFFIX = ".schema.json"
_ENTRY = re.compile(r"^## (?P<name>[a-z][a-z-]*) (?P<version>\d+\.\d+\.\d+)\b", re.MULTILINE)
# So many digits of a commit tell it from all others.
_SHORT = 10


class Base(NamedTuple):
    """The state of a schema that its version is measured by."""

    schema: dict[str, Any]
    where: str


def stop(message: str) -> NoReturn:
    """End with exit code 2: there is nothing to judge."""
    print(f"schemas: {message}", file=sys.stderr)
    sys.exit(2)


def git(*arguments: str) -> str | None:
    """Return what git prints about the checkout, None when it fails or there is no git."""
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False)
    except OSError:
        return None
    return done.stdout.decode() if done.returncode == 0 else None


def state(commit: str, path: str) -> dict[str, Any] | None:
    """Return the schema as a commit has it, None when it has none that can be judged."""
    text = git("show", f"{commit}:./{path}")
    try:
        schema: dict[str, Any] = json.loads(text or "")
        identity(schema)
    except (ValueError, AttributeError):
        return None
    return schema


def commits(path: str) -> list[str]:
    """Return the commits of the branch that changed a file, the newest first; a merge counts as one change."""
    return (git("log", "--first-parent", "--format=%H", "--", path) or "").split()


def listed(changelog: str) -> set[tuple[str, str]]:
    """Return the name and version of every entry of a changelog."""
    return {(entry["name"], entry["version"]) for entry in _ENTRY.finditer(changelog)}


def find_base(path: str, name: str, version: Version) -> Base | None:
    """Return the state that a version is measured by, None when nothing was given out before."""
    release = (git("describe", "--tags", "--abbrev=0", "--match", "v[0-9]*", "HEAD") or "").strip()
    if release and (schema := state(release, path)):
        return Base(schema, release)
    for commit in commits(path):
        schema = state(commit, path)
        if schema is not None and identity(schema) != (name, version):
            return Base(schema, commit[:_SHORT])
    for commit in reversed(commits(CHANGELOG)):
        if (name, written(version)) in listed(git("show", f"{commit}:./{CHANGELOG}") or ""):
            schema = state(commit, path)
            return None if schema is None else Base(schema, commit[:_SHORT])
    return None


def inconsistencies(schema: dict[str, Any], name: str, changelog: str) -> Iterator[str]:
    """Yield what contradicts the name and the version of a schema elsewhere."""
    said, number = identity(schema)
    version = written(number)
    if said != name:
        yield f"$id names the schema {said!r}, its file {name!r}"
    if schema_policy.kind_of(schema) == "data" and schema["properties"]["schema_version"] != {"const": version}:
        yield f'$id says version {version}: #/properties/schema_version must be {{"const": "{version}"}}'
    if (name, version) not in listed(changelog):
        yield f"{CHANGELOG} has no entry '## {name} {version}'"


def raise_needed(base: Base, version: Version, kind: schema_policy.Kind, found: tuple[Difference, ...]) -> str | None:
    """Return what must be done about the version, None when it is right."""
    _, old = identity(base.schema)
    cost = max((level(one, kind) for one in found), default=Level.NONE)
    if schema_policy.suffices(old, version, cost):
        return None
    if not cost:
        return f"version {written(version)} is lower than {written(old)} of {base.where}"
    target = written(schema_policy.raised(old, cost))
    places = "$id and #/properties/schema_version" if kind == "data" else "$id"
    return f"this is a {cost.name.lower()} change since {written(old)} of {base.where}: raise the version to {target} in {places}"


def judge(path: Path, changelog: str) -> Iterator[str]:
    """Print how a schema differs from what was given out, and yield what is wrong with its version."""
    name = path.name.removesuffix(_SUFFIX)
    try:
        schema = json.loads(path.read_text("utf-8"))
        _, version = identity(schema)
    except (OSError, ValueError, AttributeError) as error:
        stop(f"{path.name}: {error}")
    kind = schema_policy.kind_of(schema)
    base = find_base(f"schemas/{path.name}", name, version)
    title = f"{name} {written(version)} ({kind})"
    if base is None:
        print(f"{title}: compared with nothing, no earlier state is known")
    else:
        try:
            found = differences(base.schema, schema)
        except (LookupError, ValueError) as error:
            stop(f"{path.name}: a reference leads nowhere: {error}")
        since = f"{written(identity(base.schema)[1])} of {base.where}"
        print(f"{title}: {len(found) or 'no'} difference{'s' if len(found) > 1 else ''} since {since}")
        for one in found:
            print(f"  {level(one, kind).name.lower()}  {one.pointer}  {one.what}")
        if problem := raise_needed(base, version, kind, found):
            yield f"{name}: {problem}"
    yield from (f"{name}: {problem}" for problem in inconsistencies(schema, name, changelog))


def main() -> int:
    """Judge every schema."""
    if git("rev-parse", "HEAD") is None:
        print("No git history here: the schemas are compared with nothing.")
    elif (git("rev-parse", "--is-shallow-repository") or "").strip() == "true":
        print("This clone is shallow: earlier states and releases that it lacks are not compared.")
    path = ROOT / CHANGELOG
    changelog = path.read_text("utf-8") if path.is_file() else ""
    problems = [problem for schema in sorted((ROOT / "schemas").glob(f"*{_SUFFIX}")) for problem in judge(schema, changelog)]
    for problem in problems:
        print(f"schemas: {problem}", file=sys.stderr)
    if problems:
        print(f"schemas: what costs which raise is in schemas/README.md; describe it in {CHANGELOG}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
