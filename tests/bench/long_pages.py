"""Pages larger than any that a person wrote: one table of very many rows, and prose with many tables."""

from __future__ import annotations

import random

from tests.bench import haystack
from tests.bench.haystack import SUBJECTS, VERBS


def table_of_rules(rows: int) -> bytes:
    """Return a page with one table of so many rows, whose cells are the rows' own as far as a real table's are."""
    lines = (
        f"<tr><td>{('TCP', 'UDP')[row % 2]}</td><td>{1 + row % 65_535}</td><td>10.{row >> 16 & 255}.{row >> 8 & 255}.{row & 255}</td>"
        f"<td>Application servers {row % 50}</td><td>{SUBJECTS[row % len(SUBJECTS)]} {VERBS[row % len(VERBS)]} shard {row}</td></tr>\n"
        for row in range(rows)
    )
    header = "".join(f"<th>{name}</th>" for name in ("Protocol", "Port", "Source", "Destination", "Description"))
    start = (
        f"{haystack.head('Firewall rules')}<body><h1>Firewall rules</h1>\n<p>Allow this inbound traffic.</p>\n<table><tr>{header}</tr>\n"
    )
    return (start + "".join(lines) + "</table></body></html>\n").encode()


def long_prose(size: int, seed: int = 0) -> bytes:
    """Return one page of about that many bytes: prose with many tables, none of which has rules."""
    rng = random.Random(f"{seed}/prose")
    parts = [haystack.head("All chapters") + "<body>\n"]
    written = 0
    while written < size:
        parts.append(haystack.body(rng, haystack.Html(), 20_000))
        written += len(parts[-1])
    return ("".join(parts) + "</body></html>\n").encode()
