"""The review page as one file of HTML that needs nothing else, and in which nothing runs but its own script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources

import jinja2
from markupsafe import Markup

from extract.check import provenance
from extract.check.provenance import NOT_STATED
from extract.model import Unresolved
from extract.publish import diff_words, explain_text, wording
from extract.publish.graph_style import GRAPH_CSS
from extract.publish.layout import quoted
from extract.publish.review import payload
from extract.publish.review import text as review_text
from extract.publish.review.values import AnyRule, Review, ReviewRule
from extract.publish.review.widest import WIDE

_STYLES = ("style.css",)
_SCRIPTS = ("script.js", "search.js", "state.js", "table.js", "export.js", "view.js", "links.js", "problems.js", "start.js")
_PACKAGE = "extract.publish.review"


def page(review: Review) -> str:
    """Return the page. It opens without a network, and everything on it can be read without its script."""
    style, script = _joined(_STYLES) + GRAPH_CSS, _joined(_SCRIPTS)
    drawn = payload.drawings(review)
    policy = f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; base-uri 'none'; form-action 'none'"
    template = _environment().get_template("page.html")
    return template.render(
        review=review,
        drawings=drawn,
        data=review_text.in_script(payload.payload(review, drawn)),
        style=style,
        script=script,
        policy=policy,
    )


def _joined(names: tuple[str, ...]) -> str:
    folder = resources.files(_PACKAGE) / "templates"
    return "\n" + "\n".join((folder / name).read_text("utf-8") for name in names)


def _hash(code: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'"


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(_PACKAGE), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(said=review_text.isolated, shown=review_text.shown, plain=review_text.plain, lines=review_text.lines)
    environment.globals.update(_WORDS)
    return environment


def _turned(text: str | Iterable[str]) -> Markup:
    """Return the attribute of an element that holds texts of a document alone: of one that runs from right to left, its direction."""
    texts = (text,) if isinstance(text, str) else text
    return Markup(' dir="auto"') if any(map(review_text.is_turned, texts)) else Markup("")


def _traffic(entry: AnyRule) -> str:
    """Return protocol and ports as a rule is read: `tcp 443`, `icmp type 3`, `tcp ports not stated`."""
    said = provenance.traffic_of(entry)
    if isinstance(entry, Unresolved) and "ports" in entry.missing:
        said = quoted(said) if said else f"ports {NOT_STATED}"
    protocol = entry.protocol or f"protocol {NOT_STATED}"
    return f"{protocol} {said}" if said else protocol


def _count(number: int, thing: str) -> str:
    """Return `1 row`, `12,000 rows`."""
    return wording.count(number, thing).replace(str(number), f"{number:,}", 1)


def _told(rules: Sequence[ReviewRule]) -> str:
    """Return how many rules there are, and how many that are unresolved: `12 rules, 3 unresolved`."""
    resolved = sum(rule.resolved for rule in rules)
    parts = [_count(resolved, "rule")] if resolved else []
    parts += [f"{len(rules) - resolved:,} unresolved"] if resolved < len(rules) else []
    return ", ".join(parts) or "no rules"


_WORDS: Mapping[str, object] = {
    "one_line": explain_text.one_line,
    "told": _told,
    "traffic": _traffic,
    "unstated": NOT_STATED,
    "wide": WIDE,
    "turned": _turned,
    "count": _count,
    "change_counts": diff_words.counts,
    "change_scopes": diff_words.scopes,
    "grouped": diff_words.grouped,
    "labels": diff_words.LABELS,
    "signs": diff_words.SIGNS,
    "sentence": diff_words.sentence,
    "steps": diff_words.steps,
    "change_reason": diff_words.reason,
    "change_place": diff_words.place,
    "located": wording.located,
}
