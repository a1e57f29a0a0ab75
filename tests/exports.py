"""What tests of exports share: rules of a page or folder, and bindings for every name in them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from pathlib import Path

from extract import Extraction, extract_paths, extract_text
from extract.export.bindings import Binding, Bindings, Network
from extract.export.export import Chosen, Exported, choose, export, scopes
from extract.export.target import Options, Target
from extract.publish.diff_scopes import Snapshot

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = ROOT / "data" / "docs"
PAGES = ROOT / "tests" / "pages"


def snapshot(extraction: Extraction) -> Snapshot:
    """Return the rules of a run as an export takes them."""
    return Snapshot(tuple(extraction.documents), extraction.rules, extraction.unresolved)


def page(text: str) -> Snapshot:
    """Return the rules of one page of Markdown."""
    return snapshot(extract_text(text, path="page.md"))


def shipped() -> Snapshot:
    """Return the rules of the documents that come with this repository, patches applied."""
    return snapshot(extract_paths([SHIPPED], patches=ROOT / "data" / "patches"))


def every_scope(of: Snapshot) -> Iterator[Chosen]:
    """Yield the rules of each scope."""
    for scope in scopes(of):
        yield choose(of, scope, None)


def all_bound(chosen: Chosen) -> Bindings:
    """Return bindings for every name in some rules, each to networks of both families that overlap with no other one's."""
    ends = [end for entry, _ in chosen.entries for end in (entry.source, entry.destination) if end is not None]
    names = sorted({end.name for end in ends if end.kind not in ("any", "cidr")})
    endpoints = {name: Binding(networks=_networks(number), file="bindings.toml", line=1) for number, name in enumerate(names)}
    return Bindings(endpoints)


def _networks(number: int) -> tuple[Network, ...]:
    return ipaddress.ip_network(f"10.{number // 250}.{number % 250}.0/24"), ipaddress.ip_network(f"2001:db8:{number + 1:x}::/64")


def exported(target: Target, chosen: Chosen, bindings: Bindings | None = None, machine: str = "") -> Exported:
    """Return an export with every name bound, or with the bindings that are given; the text that is written is read back and compared."""
    return export(target, chosen, bindings if bindings is not None else all_bound(chosen), Options(chosen.scope, machine))


def machines(chosen: Chosen) -> Sequence[str]:
    """Return the names that a machine may have: ends of some rules that are groups or roles."""
    ends = [end for entry, _ in chosen.entries for end in (entry.source, entry.destination) if end is not None]
    return sorted({end.name for end in ends if end.kind in ("group", "role")})
