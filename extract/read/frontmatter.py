"""Front matter: the JSON, YAML or TOML header of a page for a site generator, also when it is glued to the first heading."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import msgspec
import tomli

from extract.catalogue import finding
from extract.model import Finding
from extract.regex import late

# A page whose first block is longer than this has no front matter but a body that begins with a fence.
_MAX_CHARS = 65_536
# YAML may end with three dots as well (YAML 1.2, 9.1.2 "Document markers"; Pandoc reads it).
_FENCED = late(r"\A(?:(---)[ \t]*\n(.*?)^(?:---|\.\.\.)|(\+\+\+)[ \t]*\n(.*?)^\+\+\+)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
# What the lines of a YAML mapping begin with. Markup and prose between two thematic breaks are no keys.
_KEY_LINE = late(r"""["'\w][^<>|]*?:(?=\s|$)|\?\s|\{""")
_OTHER_LINE = late(r"[ \t#\]}]|$|- |-$|:\s")
# Parsers of YAML and TOML recurse for each level, and libyaml takes the process with it: a header of a page has three levels.
_MAX_DEPTH = 64
_BRACKETS = late(r"[\[\]{}]")
# Sequences and mappings that begin on one line, within each other.
_NESTED_LINE = late(rf"(?:[-?:][ \t]++){{{_MAX_DEPTH}}}")
_REFERENCE = late(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_NO_VALUE = frozenset({"~", "null", "Null", "NULL"})


class FrontMatter(msgspec.Struct, frozen=True):
    """The fields, and the body with the front matter replaced by as many line ends as it had."""

    fields: Mapping[str, Any]
    body: str
    findings: tuple[Finding, ...]


def split(text: str) -> FrontMatter:
    """Take the front matter off a page. A broken one is left out of the body as well, with a finding."""
    start = len(text) - len(text.lstrip())
    if text.startswith("{", start):
        return _json(text, start)
    if not text.startswith(("---", "+++"), start):
        return FrontMatter({}, text, ())
    fenced = _FENCED.match(text[start : start + _MAX_CHARS])
    if not fenced or (fenced[1] and not _holds_fields(fenced[2])):
        return FrontMatter({}, text, ())
    end = start + fenced.end()
    body = "\n" * text.count("\n", 0, end) + text[end:]
    try:
        _check_depth(fenced[2] or fenced[4])
        loaded = _yaml(fenced[2]) if fenced[1] else tomli.loads(fenced[4])
    except (ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())
        return FrontMatter(
            {}, body, (finding("front-matter", f"the front matter cannot be parsed ({reason}); its title is not used", line=1),)
        )
    return FrontMatter(loaded, body, ())


def _holds_fields(block: str) -> bool:
    """Return whether a block reads like a YAML mapping, sound or broken: it begins with a key, and every line may belong to one."""
    lines = block.split("\n")
    first = next((line for line in lines if line.strip() and not line.startswith("#")), "")
    return _KEY_LINE.match(first) is not None and all(_KEY_LINE.match(line) or _OTHER_LINE.match(line) for line in lines)


def _check_depth(block: str) -> None:
    """Raise ValueError for a block that may nest deeper than the limit. Brackets in text count as well: more of them than end is rare."""
    depth = deepest = 0
    for bracket in _BRACKETS.findall(block):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    if deepest > _MAX_DEPTH or _NESTED_LINE.search(block):
        raise ValueError(f"it is nested more than {_MAX_DEPTH} deep")


def _yaml(block: str) -> dict[str, Any]:
    """Load YAML as text, lists and mappings alone: a title that looks like a number is a title, tags and merge keys do nothing."""
    import yaml  # noqa: PLC0415 - takes 10 ms to import, and most pages have no YAML

    # The loader that uses libyaml is eight times as fast.
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        loaded = yaml.load(block, Loader=loader)  # noqa: S506 - the base loader makes no objects
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
    if not isinstance(loaded, dict):
        raise ValueError("it is no mapping")
    return {key: value for key, value in loaded.items() if not isinstance(value, str) or value not in _NO_VALUE}


def _json(text: str, start: int) -> FrontMatter:
    try:
        loaded, end = json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError) as error:
        # Pages also begin with `{{ include }}`, `{% if %}` and `{: .class}`, so only text that looks like JSON is reported.
        if not re.match(r'\{\s*"', text[start : start + 200]):
            return FrontMatter({}, text, ())
        message = f"the front matter looks like JSON but cannot be parsed ({error}); its title is not used"
        return FrontMatter({}, text, (finding("front-matter", message, line=1),))
    if not isinstance(loaded, dict):
        return FrontMatter({}, text, ())
    return FrontMatter(loaded, "\n" * text.count("\n", 0, end) + text[end:], ())


def title_of(fields: Mapping[str, Any]) -> str:
    """Return the title that front matter states, or an empty string.

    Site generators put it into a page as HTML, so character references stand for characters (WHATWG HTML, 13.1.4). Those without their
    semicolon are text: `AT&T`, `R&D`.
    """
    for key in ("title", "linkTitle", "page_title", "TOCTitle", "sidebar_label"):
        value = fields.get(key)
        if isinstance(value, str) and (title := " ".join(_referred(value).split())):
            return title
    return ""


def _referred(text: str) -> str:
    if "&" not in text:
        return text
    import html  # noqa: PLC0415 - few titles need it, and it takes 2 ms to import

    return _REFERENCE.sub(lambda one: html.unescape(one[0]), text)
