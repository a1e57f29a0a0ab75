"""What tests of the targets csv and xlsx share: pages, rules whose words a sheet would obey, and what an output must say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from hypothesis import strategies as st

from extract.export.bindings import Bindings
from extract.export.export import Chosen, Exported, export
from extract.export.flows import Flow
from extract.export.resolve import Resolver
from extract.export.target import Options, Target
from extract.model import Endpoint, Flat, Rule, Unresolved, flat
from extract.publish.diff_scopes import Snapshot
from tests.exports import every_scope, page

TEXT = """# Inbound rules for Web Security Group

| Action | Protocol | Port | Source | Description |
| --- | --- | --- | --- | --- |
| Allow | TCP | 443 | any | Browsers, "old" ones too |
| Deny | UDP | 161-162 | 10.0.0.0/8 | =HYPERLINK("https://example.com") |
| Allow | ICMP | Echo Request | Monitoring | 1-5 |
| Allow | TCP | Passive range | Load Balancer | Data |
"""
# Each of the columns that say what a rule lets through.
TRAFFIC = (
    *("status", "action", "direction", "protocol", "from_port", "to_port", "icmp_type", "icmp_code"),
    *("source_kind", "source", "destination_kind", "destination", "complete"),
)


def small() -> Chosen:
    """Return the rules of a small page: two that allow, one that denies, one that is open."""
    return next(every_scope(page(TEXT)))


def listed(target: Target, chosen: Chosen) -> Exported:
    """Return an export without bindings; its text is read back and compared."""
    return export(target, chosen, Bindings(), Options(chosen.scope))


def flows(target: Target, chosen: Chosen) -> list[Flow]:
    """Return the rules as the target takes them."""
    resolver = Resolver(target, Bindings(), "")
    found = [resolver.flow(entry, chosen.places[entry.id]) for entry, _ in chosen.entries if isinstance(entry, Rule)]
    assert all(isinstance(flow, Flow) for flow in found)
    return [flow for flow in found if isinstance(flow, Flow)]


def expected(chosen: Chosen) -> list[Flat]:
    """Return the row of each rule, then of each open one; of an empty text nothing is left in a sheet."""
    ordered = sorted(chosen.entries, key=lambda item: isinstance(item[0], Unresolved))
    return [{name: None if value == "" else value for name, value in flat(entry, place).items()} for entry, place in ordered]


WORDS = (
    *(
        "=1+1",
        "+1",
        "-1",
        "@SUM(1)",
        "\t=1",
        "\r=1",
        " =1",
        "＝1",
        "'",
        "''",
        "'=1",
        "1e5",
        "1-5",
        "12:30",
        "1/2/2024",
        "007",
        "5%",
        ";=1",
        ";'-1",
    ),
    *('"', ',",\r\n', "a\nb", "${path}", "%{if true}", "`id`", "<U+202E>", "<U+003C>", "\u202eabc", "\x00", "\x1b[31m", "\ufffe", "\ufeff"),
    *("_x0041_", "_x0041_x0042_", "_x005F_", "]]>", "&amp;", "<t>", "=cmd|' /C calc'!A0", "#REF!", "TRUE", "{1}", "ـ", "😀", "\u2028"),
)
hostile = st.one_of(
    st.sampled_from(WORDS), st.text(max_size=40), st.builds(lambda one, other: one + other, st.sampled_from(WORDS), st.text(max_size=9))
)
_named = hostile.filter(bool)
_ends = st.none() | st.builds(Endpoint, st.sampled_from(["group", "role", "host", "any"]), _named)
_hex = st.text("0123456789", min_size=16, max_size=16) | st.text("0123456789abcdef", min_size=16, max_size=16)


@st.composite
def hostile_rules(draw: st.DrawFn) -> Snapshot:
    """Return a page whose rules have words that a sheet, a reader of CSV or XML, or a terminal would obey."""
    of = page(TEXT)
    ids = draw(st.lists(_hex, min_size=8, max_size=8, unique=True))

    def changed(rule: Rule | Unresolved) -> Rule | Unresolved:
        return msgspec.structs.replace(
            rule, id=ids.pop(), fingerprint=ids.pop(), description=draw(hostile), source=draw(_ends), destination=draw(_ends)
        )

    rules = tuple(one for one in map(changed, of.rules) if isinstance(one, Rule))
    left_open = tuple(
        msgspec.structs.replace(one, port_text=draw(hostile), reason=draw(_named))
        for one in map(changed, of.unresolved)
        if isinstance(one, Unresolved)
    )
    documents = tuple(msgspec.structs.replace(one, title=draw(hostile), licence=draw(hostile)) for one in of.documents)
    return Snapshot(documents, rules, left_open)


def texts(rows: Iterable[Flat]) -> Sequence[str]:
    """Return the texts of rows."""
    return [value for row in rows for value in row.values() if isinstance(value, str)]
