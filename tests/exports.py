"""What tests of exports share: rules of a page or folder, bindings for every name in them, hostile text, and the programs that take it."""

from __future__ import annotations

import ipaddress
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import strategies as st

from extract import Extraction, extract_paths, extract_text
from extract.export.bindings import Binding, Bindings, Network, parse
from extract.export.boxes import EVERY_ADDRESS, EVERY_PROTOCOL, EVERY_VALUE, Box, Direction, Entry, Interval, subtract
from extract.export.export import Chosen, Exported, choose, export, scopes
from extract.export.flows import End, Flow, number_of
from extract.export.target import Options, Target
from extract.model import Evidence, Rule
from extract.publish.diff_scopes import Snapshot

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = ROOT / "data" / "docs"
PAGES = ROOT / "tests" / "pages"

SCOPE = "acme/gateway/2.1"
PAGE = """# Web Security Group

Inbound traffic.

| Protocol | Port | Source | Description |
|---|---|---|---|
| TCP | 443, 8000-8010 | Balancer Security Group | Say "hello" |
| ICMP | echo request | Any | Ping |
| ICMPv6 | packet too big | Any | |
| GRE | - | 192.0.2.1 | Tunnel |
| All | All | 172.16.0.0/12 | Backup |

Outbound traffic.

| Protocol | Port | Destination | Description |
|---|---|---|---|
| UDP | 53 | Any | Names |
"""
NETWORKS = {
    "Balancer Security Group": ["10.0.1.0/25", "10.0.1.128/25", "10.0.9.1/32"],
    "Web Security Group": ["10.0.2.0/24", "2001:db8:2::/64"],
}
SYNTAX = [
    '"',
    "\\",
    "\n",
    "\r",
    "\u2028",
    "`",
    "$x",
    "${y}",
    "; flush ruleset",
    "}",
    "#",
    "\x00",
    "\x1b[2J",
    "\u202e",
    "\ud800",
    "é",
    "🔥",
    " ",
]
texts = st.lists(st.one_of(st.sampled_from(SYNTAX), st.text(max_size=40)), max_size=12).map("".join)
HOSTILE = ['a"; accept comment "b', "a\\", '"\n        accept\n# "', "é" * 200, "\\\n}\nflush ruleset\n", "".join(SYNTAX)]


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


def bound(networks: Mapping[str, Sequence[str]]) -> Bindings:
    """Return bindings of names to networks."""
    return Bindings(
        {name: Binding(networks=tuple(map(ipaddress.ip_network, texts)), file="bindings.toml", line=1) for name, texts in networks.items()}
    )


def rules(text: str) -> Chosen:
    """Return the rules of a page."""
    return choose(page(text), None, None)


def parsed(text: str) -> Bindings:
    """Return the bindings that a file says."""
    return parse(text, "bindings.toml", ("",))


def same(some: Sequence[Box], others: Sequence[Box]) -> bool:
    """Return whether two lists of boxes are the same traffic."""
    return not subtract(some, others) and not subtract(others, some)


def table_of(rows: str) -> str:
    """Return a page with one table of rows that allow and deny."""
    return f"# Web Security Group\n\nInbound traffic.\n\n| Action | Protocol | Port | Source |\n|---|---|---|---|\n{rows}"


def rule(**said: object) -> Rule:
    """Return a rule that allows TCP to come in, with what is said of it."""
    plain: dict[str, object] = {"id": "1" * 16, "fingerprint": "2" * 16, "action": "allow", "direction": "ingress", "protocol": "tcp"}
    empty = dict.fromkeys(("from_port", "to_port", "icmp_type", "icmp_code", "source", "destination"))
    return Rule(**{**plain, **empty, "description": "", "trace": (), "evidence": (), **said})  # type: ignore[arg-type]


def flow(one: Rule, *, document: str = "page", far: str = "Any", machine: str = "") -> Flow:
    """Return the flow of a rule between ends of every address."""
    near = End(name=machine, kind="self") if machine else End(name="Any", kind="anywhere")
    place = Evidence(document=document, table=1, row=1, line=1, cells={})
    return Flow(rule=one, direction="ingress", source=End(name=far, kind="anywhere"), destination=near, place=place, places=(place,))


def listed_entry(one: Mapping[str, Any]) -> Entry:
    """Return a rule as nft lists it. It lists no family that addresses or ICMP say already."""
    way = Direction[str(one["chain"]).upper()]
    family, protocol = {4, 6}, EVERY_PROTOCOL
    value: dict[str, list[Interval]] = {}
    *matches, verdict = one["expr"]
    for match in (step["match"] for step in matches):
        assert match["op"] == "=="
        left, right = match["left"], match["right"]
        if left.get("meta", {}).get("key") == "nfproto":
            family &= {{2: 4, 10: 6}[right]}
        elif left.get("meta", {}).get("key") == "l4proto":
            protocol = (right, right)
            family &= {{1: 4, 58: 6}.get(right, 4), {1: 4, 58: 6}.get(right, 6)}
        else:
            word, field = left["payload"]["protocol"], left["payload"]["field"]
            family &= {{"ip": 4, "icmp": 4, "ip6": 6, "icmpv6": 6}.get(word, 4), {"ip": 4, "icmp": 4, "ip6": 6, "icmpv6": 6}.get(word, 6)}
            if word not in ("ip", "ip6"):
                number = number_of("ipv6-icmp" if word == "icmpv6" else word)
                protocol = (number, number)
            value[field] = [_interval(each) for each in (right["set"] if isinstance(right, dict) and "set" in right else [right])]
    ports = value.get("dport", [EVERY_VALUE])
    for kind, _ in value.get("type", []):
        code, last = value.get("code", [(0, 255)])[0]
        ports = [(kind * 256 + code, kind * 256 + last)]
    found = [
        Box((way, way), (of, of), protocol, port, source, destination)
        for of in sorted(family)
        for port in ports
        for source in value.get("saddr", [EVERY_ADDRESS[of]])
        for destination in value.get("daddr", [EVERY_ADDRESS[of]])
    ]
    return Entry("accept" in verdict, tuple(found))


def _interval(said: object) -> Interval:
    if isinstance(said, int):
        return said, said
    if isinstance(said, str):
        return int(ipaddress.ip_address(said)), int(ipaddress.ip_address(said))
    assert isinstance(said, dict)
    if "range" in said:
        first, last = said["range"]
        return _interval(first)[0], _interval(last)[1]
    network = ipaddress.ip_network(f"{said['prefix']['addr']}/{said['prefix']['len']}")
    return int(network.network_address), int(network.broadcast_address)


# --- programs that take an output -------------------------------------------------------------------------------------

REQUIRED = "DOCRULES_CONSUMERS"
"""The variable of the environment that lists what must be there: `.ci/run` sets it to what it has installed."""


def program(name: str) -> Path:
    """Return the path of a program that takes an output. Where it is not there the test is skipped, or fails when it must be."""
    found = shutil.which(name)
    if found is None:
        absent(name, f"{name} is not installed, or not on PATH")
    return Path(found)


def network_namespace() -> Sequence[str]:
    """Return the command that runs another one in a network of its own, where nft may load rules; else as `program`."""
    command = [str(program("unshare")), "--net"]
    program("ip")
    done = subprocess.run([*command, program("nft"), "list", "ruleset"], capture_output=True, text=True, check=False)
    if done.returncode:
        absent("network-namespace", f"nft may not load rules in a network namespace here: {done.stderr.strip()}")
    return command


def absent(name: str, why: str) -> NoReturn:
    """Skip the test that needs what is not there, or fail when it must be there."""
    if name in os.environ.get(REQUIRED, "").split():
        pytest.fail(f"{why}, and {REQUIRED} says that it is")
    pytest.skip(why)
