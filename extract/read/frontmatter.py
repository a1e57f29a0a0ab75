"""Front matter: the JSON, YAML or TOML header of a page for a site generator, also when it is glued to the first heading."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from typing import Any, NamedTuple

import yaml

from extract.catalogue import finding
from extract.model import Finding

# A page whose first block is longer than this has no front matter but a body that begins with a fence.
_MAX_CHARS = 65_536
_FENCED = re.compile(r"\A(---|\+\+\+)[ \t]*\n(.*?)^\1[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)


class FrontMatter(NamedTuple):
    """The fields, and the body with the front matter replaced by as many line ends as it had."""

    fields: Mapping[str, Any]
    body: str
    findings: tuple[Finding, ...]


def split(text: str) -> FrontMatter:
    """Take the front matter off a page. A broken one is left out of the body as well, with a finding."""
    start = len(text) - len(text.lstrip())
    if text.startswith("{", start):
        return _json(text, start)
    fenced = _FENCED.match(text, 0, _MAX_CHARS + start) if start == 0 else _FENCED.match(text[start:], 0, _MAX_CHARS)
    if not fenced:
        return FrontMatter({}, text, ())
    end = start + fenced.end()
    body = "\n" * text.count("\n", 0, end) + text[end:]
    try:
        loaded = yaml.safe_load(fenced[2]) if fenced[1] == "---" else tomllib.loads(fenced[2])
    except (yaml.YAMLError, tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        if fenced[1] == "---" and ":" not in fenced[2]:
            # A page that opens with a thematic break and has another one further down.
            return FrontMatter({}, text, ())
        reason = " ".join(str(error).split())
        return FrontMatter(
            {}, body, (finding("front-matter", f"the front matter cannot be parsed ({reason}); its title is not used", line=1),)
        )
    if not isinstance(loaded, dict):
        return FrontMatter({}, text if loaded is None or isinstance(loaded, str) else body, ())
    return FrontMatter(loaded, body, ())


def _json(text: str, start: int) -> FrontMatter:
    try:
        loaded, end = json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError) as error:
        # `{{ include }}`, `{% if %}` and `{: .class}` open pages too; only what looks like JSON is worth a word.
        if not re.match(r'\{\s*"', text[start : start + 200]):
            return FrontMatter({}, text, ())
        message = f"the front matter looks like JSON but cannot be parsed ({error}); its title is not used"
        return FrontMatter({}, text, (finding("front-matter", message, line=1),))
    if not isinstance(loaded, dict):
        return FrontMatter({}, text, ())
    return FrontMatter(loaded, "\n" * text.count("\n", 0, end) + text[end:], ())


def title_of(fields: Mapping[str, Any]) -> str:
    """Return the title that front matter states, or an empty string."""
    for key in ("title", "linkTitle", "page_title", "TOCTitle", "sidebar_label"):
        value = fields.get(key)
        if isinstance(value, str) and value.strip():
            return " ".join(value.split())
    return ""
