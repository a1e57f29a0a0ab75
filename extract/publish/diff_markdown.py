"""Changes as GitHub Flavored Markdown, for a comment on a pull request."""

from __future__ import annotations

from collections.abc import Sequence

from extract.model import Change
from extract.publish import diff_words as words
from extract.publish.sections import MAX_LENGTH, Section, render, row
from extract.publish.wording import code, count, in_markdown

# What a cell quotes, so that a row stays a row.
_MAX_TEXT = 400
_MAX_SCOPES = 10
_HEADER = ("", "Rule", "Before and after", "Place")


def markdown(changes: Sequence[Change], every: bool) -> str:
    """Return the changes: what was compared, the counts, a table for each impact. `every` shows wording and evidence as well.

    What documents say is shown as text, whatever it looks like, and the whole in `MAX_LENGTH` characters.
    """
    named = words.scopes(changes)
    listed = "".join(f"- {code(name, _MAX_TEXT)}\n" for name in named[:_MAX_SCOPES])
    more = f"- and {len(named) - _MAX_SCOPES} more\n" if len(named) > _MAX_SCOPES else ""
    hidden = words.left_out(changes, every)
    counted = f"**{words.counts(changes)}**" + (f"; {count(hidden, 'change')} of wording and evidence not shown" if hidden else "")
    text = f"## docrules diff\n\n{listed}{more}{chr(10) if listed else ''}{counted}\n"
    sections = [
        Section(f"{words.LABELS[impact].capitalize()} ({len(found)})", _HEADER, map(_row, found), len(found))
        for impact, found in words.grouped(changes, every)
    ]
    return text + render(sections, MAX_LENGTH - len(text))


def _row(change: Change) -> str:
    steps = [f"{step.label} {step.before} {words.ARROW} {step.after}" for step in words.steps(change)]
    parts = [*steps, words.reason(change)]
    told = "; ".join(in_markdown(part, _MAX_TEXT) for part in parts if part)
    return row(
        [code(words.SIGNS[change.kind], 1), in_markdown(words.sentence(change), _MAX_TEXT), told, code(words.place(change), _MAX_TEXT)]
    )
