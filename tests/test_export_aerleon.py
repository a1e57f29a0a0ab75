"""Aerleon: terms in the order of the rows, that its own parser reads as the rules say, and its generators render."""

from __future__ import annotations

import ipaddress
import itertools
import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.export.bindings import Bindings
from extract.export.boxes import Box, Direction, Entry, Symbols, let_through, subtract
from extract.export.export import Chosen, Exported
from extract.export.target import Target
from extract.export.targets import all_targets
from extract.export.targets.aerleon import NETWORKS, POLICY, SERVICES
from extract.model import Rule
from tests.export_mutants import is_noticed, mutants
from tests.exports import exported, network_namespace, parsed, program, rules

TARGET: Target = all_targets()["aerleon"]
HEAD = "| Action | Direction | Protocol | Port | Source | Destination | Description |\n|---|---|---|---|---|---|---|\n"
PAGE = f"""# Web server

{HEAD}| Allow | Inbound | TCP | 443 | Any | Web Server | Users |
| Deny | Inbound | TCP | 22 | Guests | Web Server | Not they |
| Allow | Inbound | TCP | 22 | Support | Web Server | Help |
| Allow | Outbound | UDP | 8088-8093 | Web Server | Database | Cluster |
| Allow | Outbound | ICMP | Host unreachable | Web Server | Any | Errors |
"""
BINDINGS = """
[endpoint.Guests]
networks = ["10.9.0.0/16"]
[endpoint.Support]
networks = ["10.0.0.0/8", "2001:db8::/32"]
[endpoint."Web Server"]
networks = ["192.0.2.0/25", "192.0.2.128/25", "2001:db8:1::/64"]
[endpoint.Database]
networks = ["198.51.100.7/32"]
"""
TEXT = """\
# Made by docrules of the rules of .
# aclgen --base_directory . --policy_file docrules.pol --definitions_directory . --output_directory .
header {
  comment:: "docrules ingress"
  target:: cisco docrules-ingress mixed
  target:: juniper docrules-ingress mixed
  target:: paloalto from-zone far to-zone near mixed
  target:: nftables mixed input
}
term R_0acd6528c4445332 {
  comment:: "page:1:1 Users"
  source-address:: ANYWHERE
  destination-address:: N_8e569ce28a56cddd
  protocol:: tcp
  destination-port:: TCP_443
  action:: accept
}
term R_60117322c2298edd {
  comment:: "page:1:2 Not they"
  source-address:: N_1d0ab9b3957d4491
  destination-address:: N_e87c12f1f47e18f5
  protocol:: tcp
  destination-port:: TCP_22
  action:: deny
}
term R_f6a2333c15bdd7f7 {
  comment:: "page:1:3 Help"
  source-address:: N_6f1b78394ef43539
  destination-address:: N_8e569ce28a56cddd
  protocol:: tcp
  destination-port:: TCP_22
  action:: accept
}
term default-deny {
  action:: deny
}
header {
  comment:: "docrules egress"
  target:: cisco docrules-egress mixed
  target:: juniper docrules-egress mixed
}
term R_c7f87ea9ab61cf7c {
  comment:: "page:1:4 Cluster"
  source-address:: N_e87c12f1f47e18f5
  destination-address:: N_3b49a0814779fba7
  protocol:: udp
  destination-port:: UDP_8088_8093
  action:: accept
}
term R_66f424f0c5180c91 {
  comment:: "page:1:5 Errors"
  source-address:: N_e87c12f1f47e18f5
  destination-address:: ANYWHERE_V4
  protocol:: icmp
  icmp-type:: unreachable
  icmp-code:: 1
  action:: accept
}
term default-deny {
  action:: deny
}
"""
NETS = """\
# Any
ANYWHERE = 0.0.0.0/0
  ::/0
# Any
ANYWHERE_V4 = 0.0.0.0/0
# Guests
N_1d0ab9b3957d4491 = 10.9.0.0/16
# Database
N_3b49a0814779fba7 = 198.51.100.7/32
# Support
N_6f1b78394ef43539 = 10.0.0.0/8
  2001:db8::/32
# Web Server
N_8e569ce28a56cddd = 192.0.2.0/24
  2001:db8:1::/64
# Web Server
N_e87c12f1f47e18f5 = 192.0.2.0/24
"""
PORTS = """\
TCP_22 = 22/tcp
TCP_443 = 443/tcp
UDP_8088_8093 = 8088-8093/udp
"""
FILES = {POLICY: TEXT.encode(), NETWORKS: NETS.encode(), SERVICES: PORTS.encode()}


def row(cells: str) -> Chosen:
    """Return the rules of a page with some rows, about this machine or another one."""
    return rules(f"# Web server\n\n{HEAD}{cells}\n")


def bound(text: str = BINDINGS) -> Bindings:
    """Return the bindings of a file."""
    return parsed(text)


def policy(done: Exported) -> str:
    """Return the text of a policy."""
    return done.files[POLICY].decode()


def test_what_is_written() -> None:
    done = exported(TARGET, rules(PAGE), bound())
    assert {name: content.decode() for name, content in done.files.items()} == {POLICY: TEXT, NETWORKS: NETS, SERVICES: PORTS}
    assert done.report.counts["exported"] == 5


ALLOW = "| Allow | Outbound | {} | {} | Web Server | {} | |"


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (ALLOW.format("DCCP", "80", "Database"), "protocol-not-expressible"),
        (ALLOW.format("UDP-Lite", "80", "Database"), "protocol-not-expressible"),
        (ALLOW.format("EIGRP", "Any", "Database"), "protocol-not-expressible"),
        (ALLOW.format("Any", "80", "Database"), "any-with-ports"),
        (ALLOW.format("TCP", "80", "Stranger"), "endpoint-unbound"),
        (ALLOW.format("TCP", "80", "www.example.com"), "host-name"),
        (ALLOW.format("ICMPv6", "Any", "Database"), "no-common-family"),
    ],
)
def test_what_is_refused(cells: str, code: str) -> None:
    done = exported(TARGET, row(cells), bound())
    assert [one.code for one in done.report.rules] == [code]
    assert "term" not in policy(done)


ICMP = "| Allow | Outbound | ICMP | Any | Web Server | Any | |\n| Allow | Outbound | ICMPv6 | Any | Web Server | Any | |"


@pytest.mark.parametrize(
    ("protocol", "number", "code", "written"),
    [
        ("icmp", 8, None, "echo-request"),
        ("icmp", 3, 15, "unreachable"),
        ("icmp", 3, 16, None),
        ("icmp", 8, 0, None),
        ("icmp", 30, None, None),
        ("icmp", 128, None, None),
        ("ipv6-icmp", 128, None, "echo-request"),
        ("ipv6-icmp", 1, 7, "destination-unreachable"),
        ("ipv6-icmp", 138, 255, "router-renumbering"),
        ("ipv6-icmp", 2, 0, None),
        ("ipv6-icmp", 8, None, None),
    ],
)
def test_types_of_icmp_are_those_that_have_a_name(protocol: str, number: int, code: int | None, written: str | None) -> None:
    chosen = row(ICMP)
    entry, place = next(found for found in chosen.entries if found[0].protocol == protocol)
    changed = msgspec.structs.replace(entry, icmp_type=number, icmp_code=code)
    done = exported(TARGET, chosen._replace(entries=((changed, place),)), bound())
    assert [one.code for one in done.report.rules] == ([None] if written else ["icmp-type-unnamed"])
    said = dict(re.findall(r"(icmp-\w+):: (\S+)", policy(done)))
    assert said == ({"icmp-type": written} | ({} if code is None else {"icmp-code": str(code)}) if written else {})


def test_every_port_is_written_as_ports() -> None:
    """A term of TCP without ports is rendered for nftables as what nft refuses of IPv6."""
    done = exported(TARGET, row(ALLOW.format("TCP", "Any", "Any")), bound())
    assert done.files[SERVICES] == b"TCP_0_65535 = 0-65535/tcp\n"


def test_this_machine_is_named_for_nftables_alone() -> None:
    """A term without an address of it would be for whatever is behind another firewall."""
    done = exported(TARGET, rules(PAGE), bound(), machine="Web Server")
    assert re.findall("target:: (.*)", policy(done)) == ["nftables mixed input", "nftables mixed output"]
    assert '# This machine: "Web Server"\n' in policy(done)
    assert "destination-address" not in policy(done).split("header")[1]
    assert [one.code for one in done.report.rules] == [None, None, None, None, "protocol-not-expressible"]


def test_what_generators_cannot_express_is_not_asked_of_them() -> None:
    done = exported(TARGET, row(ALLOW.format("GRE", "Any", "Database")), bound())
    assert re.findall("target:: (.*)", policy(done)) == ["cisco docrules-egress mixed", "juniper docrules-egress mixed"]


def test_denials_keep_their_place() -> None:
    done = exported(TARGET, rules(PAGE), bound())
    assert re.findall("action:: (.*)", policy(done).split("header")[1]) == ["accept", "deny", "accept", "deny"]
    last = exported(
        TARGET, row("| Allow | Inbound | TCP | 22 | Any | Web Server | |\n| Deny | Inbound | Any | Any | Any | Web Server | |"), bound()
    )
    assert re.findall("action:: (.*)", policy(last)) == ["accept", "deny", "deny"]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (POLICY, "mixed input", "mixed output"),
        (POLICY, "mixed input", "inet input"),
        (POLICY, "term default-deny {\n  action:: deny\n}\n", ""),
        (POLICY, "  protocol:: tcp\n", ""),
        (POLICY, "  protocol:: tcp\n", "  protocol:: tcp udp\n"),
        (POLICY, "  protocol:: tcp\n", "  protocol:: ipip\n"),
        (POLICY, "  destination-port:: TCP_443\n", ""),
        (POLICY, "TCP_443", "TCP_444"),
        (POLICY, "  source-address:: ANYWHERE\n", ""),
        (POLICY, "  destination-address:: N_8e569ce28a56cddd\n", ""),
        (POLICY, "ANYWHERE\n", "ELSEWHERE\n"),
        (POLICY, "  icmp-type:: unreachable\n", ""),
        (POLICY, "unreachable", "packet-too-big"),
        (POLICY, "icmp-code:: 1", "icmp-code:: 16"),
        (POLICY, 'comment:: "page:1:1 Users"', 'comment:: "page" "1"'),
        (POLICY, 'comment:: "page:1:1 Users"', 'comment:: "page"; accept'),
        (POLICY, "  action:: accept\n", "  option:: established\n  action:: accept\n"),
        (POLICY, "header {", '#include "other"\nheader {\n'),
        (POLICY, "docrules egress", "docrules ingress"),
        (NETWORKS, "10.9.0.0/16", "10.9.0.1/16"),
        (NETWORKS, "10.9.0.0/16", "10.9.0.0"),
        (NETWORKS, "10.9.0.0/16", "10.9.0.0/16 # here"),
        (NETWORKS, "N_1d0ab9b3957d4491", "N_3b49a0814779fba7"),
        (NETWORKS, "ANYWHERE = 0.0.0.0/0\n", ""),
        (SERVICES, "443/tcp", "443/udp"),
        (SERVICES, "443/tcp", "443/tcp 444/tcp"),
        (SERVICES, "8088-8093", "8093-8088"),
        (SERVICES, "8088-8093", "8088-80930"),
        (SERVICES, "TCP_22", "TCP_443"),
    ],
)
def test_what_it_did_not_write_is_not_read(name: str, old: str, new: str) -> None:
    text = FILES[name].decode()
    assert old in text
    with pytest.raises(ValueError):
        TARGET.read(FILES | {name: text.replace(old, new, 1).encode()}, Symbols())


def test_another_file_and_a_second_filter_of_one_direction_are_not_read() -> None:
    with pytest.raises(ValueError, match="should be"):
        TARGET.read({POLICY: FILES[POLICY]}, Symbols())
    ingress = TEXT[TEXT.index("header") : TEXT.index("header", TEXT.index("header") + 1)]
    with pytest.raises(ValueError, match="no header"):
        TARGET.read(FILES | {POLICY: (TEXT + ingress).encode()}, Symbols())


@pytest.mark.parametrize("name", [POLICY, NETWORKS, SERVICES])
def test_a_change_of_the_text_is_noticed(name: str) -> None:
    text = FILES[name].decode()
    seen = [one for one in dict.fromkeys(mutants(text)) if _meaning(one) != _meaning(text)]
    missed = [one for one in seen if not is_noticed(TARGET, FILES, FILES | {name: one.encode()})]
    # What is missed has the same lines, in another order or twice; or it means the same without them.
    lost = {frozenset(_meaning(text)) - frozenset(_meaning(one)) for one in missed} - {frozenset()}
    assert lost <= {frozenset(PLAIN)}
    assert all(frozenset(_meaning(one)) <= frozenset(_meaning(text)) for one in missed)
    assert len(seen) - len(missed) >= {POLICY: 200, NETWORKS: 60, SERVICES: 20}[name]


# Other generators render what is left all the same.
PLAIN = ("  target:: paloalto from-zone far to-zone near mixed", "  target:: nftables mixed input")


def _meaning(text: str) -> Sequence[str]:
    """Return the lines of a text but comments; a term has no name that means anything."""
    lines = (line for line in text.splitlines() if not line.startswith(("#", "  comment")))
    return [re.sub(r"^term R_[0-9a-f]{16} ", "term R ", line) for line in lines]


HOSTILE = st.one_of(
    st.text(max_size=300),
    st.sampled_from(
        ['a"; accept comment "b', "a\n}\nterm x {\n  action:: accept\n}", "*/ then accept; /*", "${x}", "%{if}", "`x`", "=cmd", "\u202eabc"]
    ),
)
NAMES = st.sampled_from(["Support", 'a"b', "#include 'x'", "\n  0.0.0.0/0", "\u2029X = ::/0", "*/", "'\\", "Ünïcode\x85", " "])


def hostile(description: str, name: str, machine: str = "") -> Exported:
    """Return an export whose rows describe themselves so, and one of whose ends is called so."""
    chosen = rules(PAGE)
    changed = []
    for entry, place in chosen.entries:
        assert isinstance(entry, Rule) and entry.source is not None
        source = msgspec.structs.replace(entry.source, name=name) if entry.source.name == "Support" else entry.source
        changed.append((msgspec.structs.replace(entry, description=description, source=source), place))
    endpoints = dict(bound().endpoints)
    endpoints[name] = endpoints["Support"]
    return exported(TARGET, chosen._replace(entries=tuple(changed)), Bindings(endpoints), machine)


@given(HOSTILE, NAMES)
def test_text_of_a_vendor_is_a_comment(description: str, name: str) -> None:
    done = hostile(description, name)
    tokens = [re.sub("N_[0-9a-f]{16}", "N", "\n".join(_meaning(text))) for text in (policy(done), TEXT)]
    assert tokens[0] == tokens[1]
    comments = re.findall(r'(?:comment:: "|^# )(.*?)"?$', "\n".join(map(bytes.decode, done.files.values())), re.MULTILINE)
    assert all(re.fullmatch(r"[A-Za-z0-9 .,:/_()-]{0,100}", comment) for comment in comments)


READ = """
import json, sys
from aerleon.lib import naming, policy
read = policy.ParsePolicy(open("docrules.pol").read(), definitions=naming.Naming("."))
types = policy.Term.ICMP_TYPE
for header, terms in read.filters:
    for term in terms:
        family = 6 if "icmpv6" in term.protocol else 4
        numbers = [types[family][name] for name in term.icmp_type]
        ends = [[str(one) for one in some] for some in (term.source_address, term.destination_address)]
        traffic = [list(term.protocol), term.destination_port, numbers, term.icmp_code]
        print(json.dumps([str(header.comment[0]), term.name, term.action[0], *traffic, *ends]))
"""


def written(done: Exported, folder: Path) -> Path:
    """Return the folder that an output was written to."""
    for name, content in done.files.items():
        (folder / name).write_bytes(content)
    return folder


def test_its_own_parser_reads_what_the_rules_say(tmp_path: Path) -> None:
    python = program("aclgen").resolve().with_name("python")
    done = exported(TARGET, rules(PAGE), bound())
    call = subprocess.run([python, "-c", READ], cwd=written(done, tmp_path), capture_output=True, text=True, check=False)
    assert call.returncode == 0, call.stderr
    found: list[Entry] = []
    for line in call.stdout.splitlines():
        comment, name, action, protocols, ports, types, codes, sources, destinations = json.loads(line)
        way = Direction["INGRESS" if comment == "docrules ingress" else "EGRESS"]
        if name == "default-deny":
            continue
        (number,) = [{"tcp": 6, "udp": 17, "icmp": 1}[protocol] for protocol in protocols]
        value = tuple(ports[0]) if ports else (types[0] * 256 + codes[0], types[0] * 256 + codes[0])
        boxes = [
            Box((way, way), (one.version, one.version), (number, number), value, _interval(one), _interval(other))
            for one in map(ipaddress.ip_network, sources)
            for other in map(ipaddress.ip_network, destinations)
            if one.version == other.version
        ]
        found.append(Entry(action == "accept", tuple(boxes)))
    theirs, ours = let_through(found), let_through(TARGET.read(done.files, Symbols()))
    assert len(found) == 5
    assert not subtract(theirs, ours)
    assert not subtract(ours, theirs)


def _interval(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> tuple[int, int]:
    return int(network.network_address), int(network.broadcast_address)


EVERYTHING = "\n".join(
    f"| {action} | {way} | {protocol} | {port} | {ends} | All of it |"
    for action in ("Deny", "Allow")
    for way, ends in (("Inbound", "Support | Web Server"), ("Outbound", "Web Server | Any"))
    for protocol, port in (("TCP", "443"), ("TCP", "Any"), ("UDP", "0"), ("UDP", "1-5"), ("ICMP", "Any"), ("ICMPv6", "Any"), ("Any", "Any"))
)


@pytest.mark.parametrize("machine", ["", "Web Server"])
def test_its_generators_render_it(machine: str, tmp_path: Path) -> None:
    rendered = render(exported(TARGET, row(EVERYTHING), bound(), machine), tmp_path)
    if machine:
        assert set(rendered) == {".nft"}
        return
    assert set(rendered) == {".acl", ".jcl", ".xml", ".nft"}
    assert " deny tcp 10.0.0.0 0.255.255.255 192.0.2.0 0.0.0.255 eq 443\n" in rendered[".acl"]
    assert rendered[".acl"].count("\n permit ") == rendered[".acl"].count("\n deny ") - 4, "and four last denials"
    assert "next-header icmp6;" in rendered[".jcl"]
    assert rendered[".xml"].count("<action>allow</action>") == 14
    assert "table inet" in rendered[".nft"]


OTHERS = ("SCTP", "IGMP", "EGP", "6in4", "RSVP", "GRE", "ESP", "AH", "OSPF", "PIM", "VRRP", "L2TPv3", "IPIP")


def test_all_its_protocols_and_types_of_icmp_are_rendered(tmp_path: Path) -> None:
    chosen = row("\n".join(ALLOW.format(one, "Any", "Support") for one in OTHERS) + "\n" + ICMP)
    entries = list(chosen.entries)
    for (entry, place), number, code in itertools.product(chosen.entries[-2:], range(256), (None, 0, 1, 15, 16, 255)):
        said = {"icmp_type": number, "icmp_code": code, "id": f"{len(entries):016x}", "fingerprint": f"{len(entries):016x}"}
        entries.append((msgspec.structs.replace(entry, **said), place))
    done = exported(TARGET, chosen._replace(entries=tuple(entries)), bound(BINDINGS.replace("198.51.100.7/32", "::/0")))
    taken = [entry for (entry, _), one in zip(entries, done.report.rules, strict=True) if one.status == "exported"]
    assert {entry.protocol for entry, _ in chosen.entries} <= {entry.protocol for entry in taken}
    rendered = render(done, tmp_path)
    assert set(rendered) == {".acl", ".jcl"}
    for protocol, line in (("icmp", r" permit icmp .* any (\d+)(?: (\d+))?$"), ("ipv6-icmp", r" permit 58 .* any (\d+)(?: (\d+))?$")):
        wanted = {(one.icmp_type, one.icmp_code) for one in taken if one.protocol == protocol and one.icmp_type is not None}
        found = re.findall(line, rendered[".acl"], re.MULTILINE)
        assert {(int(number), int(code) if code else None) for number, code in found} == wanted
        assert len(wanted) > 20
    assert rendered[".jcl"].count("icmp-code ") == sum(one.icmp_code is not None for one in taken)


def render(done: Exported, folder: Path) -> dict[str, str]:
    """Return suffix -> what a generator makes of an output."""
    target = folder / "rendered"
    target.mkdir()
    options = ["--base_directory", ".", "--policy_file", POLICY, "--definitions_directory", ".", "--output_directory", str(target)]
    call = subprocess.run([program("aclgen"), *options], cwd=written(done, folder), capture_output=True, text=True, check=False)
    assert call.returncode == 0, call.stderr
    assert "rror" not in call.stderr, call.stderr
    return {path.suffix: path.read_text() for path in target.iterdir()}


@pytest.mark.parametrize("machine", ["", "Web Server"])
def test_what_is_rendered_for_nftables_is_loaded(machine: str, tmp_path: Path) -> None:
    render(exported(TARGET, row(EVERYTHING), bound(), machine), tmp_path)
    call = [*network_namespace(), "nft", "-f", str(tmp_path / "rendered" / "docrules.nft")]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("description", ['a"; accept comment "b', "*/ } then accept; /*", "a\nexit\npermit ip any any"])
def test_hostile_text_is_rendered_as_words(description: str, tmp_path: Path) -> None:
    plain, odd = tmp_path / "plain", tmp_path / "odd"
    plain.mkdir()
    odd.mkdir()
    words = {suffix: _uncommented(text) for suffix, text in render(hostile("words", "Support"), plain).items()}
    assert {suffix: _uncommented(text) for suffix, text in render(hostile(description, "Support"), odd).items()} == words


def _uncommented(text: str) -> Sequence[str]:
    return [line for line in text.splitlines() if not re.match(r" *(remark|comment|\*\*|<description>)", line)]
