"""Changes as one HTML page that needs nothing else: no script, no font, no image."""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Iterator, Sequence

from extract.model import Change, Impact
from extract.publish import diff_words as words
from extract.publish.wording import count, plain

_STYLE = """
:root { color-scheme: light dark; --text: #1c1f23; --page: #fff; --line: #d0d7de; --quiet: #59636e;
  --open: #b42318; --both: #8a4b00; --close: #0b5fb4; --other: #59636e; }
@media (prefers-color-scheme: dark) { :root { --text: #e6e8eb; --page: #14171a; --line: #3a4149; --quiet: #9aa4ae;
  --open: #ff8a7a; --both: #f0b35a; --close: #79b8ff; --other: #9aa4ae; } }
body { margin: 2rem auto; max-width: 80rem; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif;
  color: var(--text); background: var(--page); }
h2 { margin-top: 2rem; font-size: 1.15rem; color: var(--other); }
.opens h2, .widens h2 { color: var(--open); }
.replaces h2, .re-routes h2, .now-stated h2, .no-longer-stated h2 { color: var(--both); }
.closes h2, .narrows h2 { color: var(--close); }
table { width: 100%; border-collapse: collapse; font-size: .9rem; }
th, td { padding: .35rem .6rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; overflow-wrap: anywhere; }
td:first-child, .place { font-family: ui-monospace, monospace; }
.place, .label { color: var(--quiet); }
td:first-child { width: 6.5rem; white-space: nowrap; }
del { text-decoration: line-through; }
ins { text-decoration: none; font-weight: 600; }
ul { margin: 0; padding: 0; list-style: none; }
@media print { body { margin: 0; max-width: none; color: #000; background: #fff; } h2 { break-after: avoid; } tr { break-inside: avoid; } }
"""
# The one style is allowed by its hash; a page of text that somebody else wrote may do nothing else.
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"


def page(changes: Sequence[Change], every: bool) -> str:
    """Return the changes as a page: what was compared, the counts, a table for each impact. `every` shows wording and evidence as well.

    What documents say is text in it, in its own direction.
    """
    compared = "".join(f"<li>{_said(name)}</li>\n" for name in words.scopes(changes))
    hidden = words.left_out(changes, every)
    note = f"<p>{count(hidden, 'change')} of wording and evidence not shown.</p>\n" if hidden else ""
    sections = "".join(_section(impact, found) for impact, found in words.grouped(changes, every))
    return (
        "<!DOCTYPE html>\n"
        '<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{html.escape(_POLICY)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>docrules diff: {words.counts(changes)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>What changed for a firewall</h1>\n<ul>\n{compared}</ul>\n<p><strong>{words.counts(changes)}</strong></p>\n{note}{sections}"
        "</main>\n</body>\n</html>\n"
    )


def _section(impact: Impact, changes: Sequence[Change]) -> str:
    rows = "".join(f"<tr>{''.join(f'<td{kind}>{cell}</td>' for kind, cell in _cells(change))}</tr>\n" for change in changes)
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Change", "Rule", "Before and after", "Place"))
    title = words.LABELS[impact].capitalize()
    table = f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>"
    return f'<section class="{impact}">\n<h2>{title} ({len(changes)})</h2>\n{table}\n</section>\n'


def _cells(change: Change) -> Iterator[tuple[str, str]]:
    """Yield the attributes and the content of the cells of a row."""
    yield "", f"{words.SIGNS[change.kind]} {change.kind}".replace(">", "&gt;")
    yield "", _said(words.sentence(change))
    steps = [
        f'<li><span class="label">{_said(label)}</span> <del>{_said(before)}</del> {words.ARROW} <ins>{_said(after)}</ins></li>'
        for label, before, after in words.steps(change)
    ]
    reason = words.reason(change)
    told = [*steps, *([f"<li>{_said(reason)}</li>"] if reason else [])]
    yield "", f"<ul>{''.join(told)}</ul>" if told else ""
    yield ' class="place"', _said(words.place(change))


def _said(text: str) -> str:
    """Return text of a document as markup that shows just this text, whatever direction its letters have."""
    return f"<bdi>{html.escape(plain(text))}</bdi>"
