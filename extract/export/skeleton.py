"""Bindings to fill in: every name that the rules of a scope have, with where it occurs and how often, and what pages do not state."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from extract.check.stated import scope_of
from extract.export.bindings import Bindings
from extract.export.export import Chosen
from extract.publish.wording import count, plain

_EXAMPLES = {
    "terraform-aws": 'terraform-aws = { security_group = "var" }',
    "kubernetes": 'kubernetes = { namespace = "…", pod_labels = { app = "…" } }',
}
_KEYS = {
    "terraform-aws": '#   terraform-aws  "var" for a variable, the id of a security group, or a reference as aws_security_group.web.id',
    "kubernetes": "#   kubernetes     the pods; as a far end, a namespace alone means all of its pods",
}
# A name is told with so many of its documents.
_DOCUMENTS = 3


def skeleton(chosen: Chosen, target: str | None, known: Bindings, before: str = "") -> str:
    """Return bindings as TOML: of every name that is not known yet, its table commented out. Empty when nothing is new.

    `before` is the text that the bindings are added to; empty for a file of its own.
    """
    asked = {line.strip().lstrip("# ") for line in before.splitlines()}
    names = [name for name in _names(chosen) if name not in known.endpoints and f"[endpoint.{_toml(name)}]" not in asked]
    blocks = [*(_block(name, chosen, target) for name in names), *_unstated(chosen, known, before)]
    if not blocks:
        return ""
    head = [] if before else list(_head(chosen, target))
    return "\n".join([*head, *("\n".join(lines) + "\n" for lines in blocks)])


def _head(chosen: Chosen, target: str | None) -> Iterator[str]:
    scope = scope_of(chosen.documents[0])
    yield f"# What the names of {plain(chosen.scope)} are here. Take the # away from what you fill in. What stays a comment is refused,"
    yield "# but by terraform-aws, which makes a variable of it."
    yield "#   networks       addresses and networks, without host bits"
    yield from (line for key, line in _KEYS.items() if target in (None, key))
    yield '#   refuse = "…"   why no rule with this name is wanted; alone'
    if len(scope) > 1:
        yield "[scope]"
        parts = ("vendor", "product")[-(len(scope) - 1) :]
        yield from (f"{part} = {_toml(value)}" for part, value in zip(parts, scope[:-1], strict=True))
    yield ""


def _names(chosen: Chosen) -> list[str]:
    """Return the names that somebody has to bind, the most frequent first."""
    ends = [end for entry, _ in chosen.entries for end in (entry.source, entry.destination) if end is not None]
    counted = Counter(end.name for end in ends if end.kind in ("group", "role", "host"))
    return sorted(counted, key=lambda name: (-counted[name], name))


def _block(name: str, chosen: Chosen, target: str | None) -> list[str]:
    held = [
        (entry, place)
        for entry, place in chosen.entries
        if name in (getattr(entry.source, "name", ""), getattr(entry.destination, "name", ""))
    ]
    sides = Counter(side for entry, _ in held for side in ("source", "destination") if getattr(getattr(entry, side), "name", "") == name)
    documents = list(dict.fromkeys(place.document for _, place in held))
    more = f" and {len(documents) - _DOCUMENTS} more" if len(documents) > _DOCUMENTS else ""
    used = ", ".join(f"{side} of {count(number, 'rule')}" for side, number in sorted(sides.items()))
    lines = [
        f"# {used}; in {plain(', '.join(documents[:_DOCUMENTS]))}{more}",
        f"# [endpoint.{_toml(name)}]",
        '# networks = ["192.0.2.0/24", "2001:db8::/64"]',
    ]
    return lines + [f"# {example}" for key, example in _EXAMPLES.items() if target in (None, key)]


def _unstated(chosen: Chosen, known: Bindings, before: str) -> Iterator[list[str]]:
    """Yield a question for each document and side that rules leave without an end."""
    lacking: Counter[tuple[str, str]] = Counter()
    for entry, place in chosen.entries:
        lacking.update((place.document, side) for side in ("source", "destination") if getattr(entry, side) is None)
    for (document, side), number in sorted(lacking.items()):
        answered = any(one.side == side and one.is_about(document) for one in known.unstated)
        asked = f"# document = {_toml(document)}\n# side = {json.dumps(side)}"
        if not answered and asked not in before:
            lacks = f"# {count(number, 'rule')} of this page without a {side}. Where it is this machine, --as NAME says so instead."
            yield [lacks, "# [[unstated]]", asked, '# networks = ["192.0.2.0/24"]']


def _toml(text: str) -> str:
    """Return a text as a string of TOML: that of JSON, with characters that nobody sees, or that drive a terminal, by their numbers."""
    return "".join(one if one.isprintable() else f"\\U{ord(one):08X}" for one in json.dumps(text, ensure_ascii=False))
