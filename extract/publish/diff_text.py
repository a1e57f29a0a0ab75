"""Changes as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from extract.model import Change, Impact
from extract.publish import diff_words as words

Style = Literal["", "title", "dim"] | Impact
Line = tuple[tuple[Style, str], ...]
"""A line of text in parts; documents say what they like in it, so whoever prints it must make it plain."""

# So many of the releases and documents that have changes are named above them.
_MAX_SCOPES = 10


def render(changes: Sequence[Change], every: bool) -> Iterator[Line]:
    """Yield changes as lines: what was compared, each impact with its changes, the counts. `every` shows wording and evidence as well."""
    named = words.scopes(changes)
    for name in named[:_MAX_SCOPES]:
        yield (("title", name),)
    if len(named) > _MAX_SCOPES:
        yield (("title", f"and {len(named) - _MAX_SCOPES} more"),)
    for impact, found in words.grouped(changes, every):
        yield ()
        yield ((impact, f"{words.LABELS[impact]} ({len(found)})"),)
        for change in found:
            yield _line(change)
    hidden = words.left_out(changes, every)
    if named:
        yield ()
    yield (("", words.counts(changes)), ("dim", " (--all shows wording and evidence)" if hidden else ""))


def _line(change: Change) -> Line:
    steps = "; ".join(f"{step.label} {step.before} {words.ARROW} {step.after}" for step in words.steps(change))
    reason = words.reason(change)
    return (
        (change.impact, f"  {words.SIGNS[change.kind]} "),
        ("", words.sentence(change)),
        ("title", f"  [{steps}]" if steps else ""),
        ("", f"  {reason}" if reason else ""),
        ("dim", f"  ({words.place(change)})"),
    )
