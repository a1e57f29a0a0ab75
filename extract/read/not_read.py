"""What was not read, counted: under what, and in words."""

from __future__ import annotations

from collections.abc import Mapping

from extract.read import formats
from extract.read.pack import record as packed
from extract.read.warc import record as archived
from extract.regex import late

# What is counted by why it was not read -> one, and several of them, in words.
_KINDS = {
    **archived.WORDS,
    **packed.WORDS,
    formats.WORDLESS: (
        "document without a word for ports, ICMP or a protocol (--only-rules)",
        "documents without a word for ports, ICMP or a protocol (--only-rules)",
    ),
}
# What is counted under its name; anything else is none that says what a file holds.
_SUFFIX = late(r"\.[a-z0-9_+-]{1,15}")


def counted(name: str, suffix: str) -> str:
    """Return what a file that is no document is counted under; the suffix is that of its name, in lower case."""
    if archived.is_archive(name):
        return archived.SUFFIXES[0]
    return suffix if _SUFFIX.fullmatch(suffix) else ""


def in_words(not_read: Mapping[str, int]) -> str:
    """Return what was not read, in a line: formats of documentation with what to do about them, and how many other files there are.

    `342 .yaml (it is data; read the page that documents it), 51 .ipynb (convert it with nbconvert), 7 other files`
    """
    advice = {suffix: hint for suffix in not_read if (hint := formats.advice(suffix))}
    # Formats with the same advice stand together: `12 .yaml, 3 .json (…)`.
    named: dict[str, list[str]] = {}
    for suffix, number in sorted(not_read.items(), key=lambda one: (-one[1], one[0])):
        if suffix in advice:
            named.setdefault(advice[suffix], []).append(f"{number} {suffix}")
    parts = [f"{', '.join(some)} ({hint})" for hint, some in named.items()]
    parts += [f"{number} {words[number > 1]}" for kind, words in _KINDS.items() if (number := not_read.get(kind, 0))]
    others = sum(number for suffix, number in not_read.items() if suffix not in advice and suffix not in _KINDS)
    if others:
        parts.append(f"{others} {'other ' if parts else ''}file{'s' if others > 1 else ''}{'' if parts else ' of other kinds'}")
    return ", ".join(parts)
