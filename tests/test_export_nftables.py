"""The nftables target: what it writes, what it refuses, and that nft and the kernel see in it what the rules say."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from extract.export import plan
from extract.export.boxes import EVERY_ADDRESS, EVERY_VALUE, Box, Direction, Entry, Interval, Symbols, let_through
from extract.export.export import choose, export
from extract.export.flows import Flow, number_of
from extract.export.report import Report
from extract.export.target import Options, Work
from extract.export.targets import all_targets, nftables
from tests.exports import (
    HOSTILE,
    NETWORKS,
    PAGE,
    SCOPE,
    bound,
    every_scope,
    exported,
    flow,
    listed_entry,
    network_namespace,
    page,
    rule,
    same,
    shipped,
    table_of,
    texts,
)

TARGET = all_targets()["nftables"]
FILE = "docrules.nft"
RULES = """\
table inet docrules/acme/gateway/2.1 {
    chain ingress {
        # page:1:1: Balancer Security Group -> Web Security Group: Say 'hello'
        meta nfproto ipv4 ip saddr { 10.0.1.0/24, 10.0.9.1/32 } ip daddr 10.0.2.0/24 tcp dport 443 accept comment "ID page:1:1 Say 'hello'"
        # page:1:1: Balancer Security Group -> Web Security Group: Say 'hello'
        meta nfproto ipv4 ip saddr { 10.0.1.0/24, 10.0.9.1/32 } ip daddr 10.0.2.0/24 tcp dport 8000-8010 accept comment "ID page:1:1 Say 'hello'"
        # page:1:2: Any -> Web Security Group: Ping
        meta nfproto ipv4 ip daddr 10.0.2.0/24 icmp type 8 accept comment "ID page:1:2 Ping"
        # page:1:3: Any -> Web Security Group
        meta nfproto ipv6 ip6 daddr 2001:db8:2::/64 icmpv6 type 2 accept comment "ID page:1:3"
        # page:1:4: 192.0.2.1 -> Web Security Group: Tunnel
        meta nfproto ipv4 ip saddr 192.0.2.1/32 ip daddr 10.0.2.0/24 meta l4proto 47 accept comment "ID page:1:4 Tunnel"
        # page:1:5: 172.16.0.0/12 -> Web Security Group: Backup
        meta nfproto ipv4 ip saddr 172.16.0.0/12 ip daddr 10.0.2.0/24 accept comment "ID page:1:5 Backup"
    }

    chain egress {
        # page:2:1: Web Security Group -> Any: Names
        meta nfproto ipv4 ip saddr 10.0.2.0/24 udp dport 53 accept comment "ID page:2:1 Names"
        meta nfproto ipv6 ip6 saddr 2001:db8:2::/64 udp dport 53 accept comment "ID page:2:1 Names"
    }
}
"""  # noqa: E501
HEAD = """\
# Firewall rules of acme/gateway/2.1, for `nft -f`. Loading the file again replaces its table, and no other one.
# Nothing is filtered until a chain of the same table jumps here. Include this file in yours, and go on there as
# below. Load your file, and never this one alone: it replaces the table with all chains in it.
#     table inet docrules/acme/gateway/2.1 {
#         chain input {
#             type filter hook input priority filter; policy drop;
#             ct state established,related accept
#             iifname "lo" accept
#             ip6 hoplimit 255 icmpv6 type 133-136 accept
#             jump ingress
#         }
#     }

table inet docrules/acme/gateway/2.1
delete table inet docrules/acme/gateway/2.1

"""


def written(
    text: str, *, machine: str = "", base_chain: bool = False, networks: Mapping[str, Sequence[str]] = NETWORKS
) -> tuple[str, Report]:
    """Return the output for a page, and the report; the text is read back and compared before it is returned."""
    options = Options(SCOPE, machine, base_chain)
    done = export(TARGET, choose(page(text), None, None), bound(networks), options)
    return done.files[FILE].decode(), done.report


def blurred(text: str) -> str:
    """Return an output without its fingerprints, which say nothing to a reader."""
    return re.sub(r'"[0-9a-f]{16} ', '"ID ', text)


def read(text: str) -> list[Box]:
    return let_through(nftables.read({FILE: text.encode()}, Symbols()))


# --- text -------------------------------------------------------------------------------------------------------------


def test_a_page_as_a_table() -> None:
    """Adjacent networks are one; an end of every address is not matched; what is of one family stands in it only."""
    text, _ = written(PAGE)
    assert blurred(text) == HEAD + RULES


def test_a_machine_is_not_matched_and_its_name_stands_in_the_head() -> None:
    text, _ = written(PAGE, machine="Web Security Group", base_chain=True)
    assert '# This machine is "Web Security Group"\n' in text
    assert "10.0.2.0" not in text
    assert """\
    chain egress {
        type filter hook output priority filter; policy drop;
        ct state established,related accept
        oifname "lo" accept
        ip6 hoplimit 255 icmpv6 type 133-136 accept
        # page:2:1: Web Security Group -> Any: Names
        meta nfproto ipv4 udp dport 53 accept comment "ID page:2:1 Names"
        meta nfproto ipv6 udp dport 53 accept comment "ID page:2:1 Names"
    }
""" in blurred(text)


def test_a_direction_that_no_rule_is_about_is_not_filtered() -> None:
    text, _ = written(PAGE.partition("Outbound")[0], machine="Web Security Group", base_chain=True)
    assert "hook input" in text
    assert "chain egress {\n    }" in text


def test_a_denial_stays_where_its_row_stands() -> None:
    text, report = written(table_of("| Allow | TCP | 22 | 10.1.0.0/16 |\n| Deny | TCP | 1-1024 | Any |\n| Allow | TCP | 443 | Any |\n"))
    assert re.findall(r"dport (\S+) (\w+)", text) == [("22", "accept")] + [("1-1024", "drop")] * 2 + [("443", "accept")] * 2
    assert report.counts["exported"] == 3


def test_every_kind_of_traffic() -> None:
    rules = [
        rule(protocol="tcp", from_port=0, to_port=65535),
        rule(protocol="udplite", from_port=7, to_port=7),
        rule(protocol="sctp"),
        rule(protocol="icmp"),
        rule(protocol="icmp", icmp_type=3, icmp_code=4),
        rule(protocol="ipv6-icmp"),
        rule(protocol="any"),
    ]
    text = write([flow(one) for one in rules])
    assert re.findall(r"nfproto (\S+) (.*) ?accept", text) == [
        ("ipv4", "tcp dport 0-65535 "),
        ("ipv6", "tcp dport 0-65535 "),
        ("ipv4", "udplite dport 7 "),
        ("ipv6", "udplite dport 7 "),
        ("ipv4", "meta l4proto 132 "),
        ("ipv6", "meta l4proto 132 "),
        ("ipv4", "meta l4proto 1 "),
        ("ipv4", "icmp type 3 icmp code 4 "),
        ("ipv6", "meta l4proto 58 "),
        ("ipv4", ""),
        ("ipv6", ""),
    ]


@pytest.mark.parametrize(
    ("scope", "table"),
    [
        ("acme/gateway/2.1", "docrules/acme/gateway/2.1"),
        ("acme-gateway/2/1", "docrules/acme-gateway/2/1"),
        (".", "docrules/."),
        ("Acme/gateway/2.1", "docrules/acme/gateway/2.1_X"),
        ("acme/gateway/2_1", "docrules/acme/gateway/2-1_X"),
        ("a\n}; flush ruleset", "docrules/a-flush-ruleset_X"),
        ("x" * 201, f"docrules/{'x' * 60}_X"),
    ],
)
def test_a_table_has_a_name_that_nft_takes_and_no_other_scope_has(scope: str, table: str) -> None:
    text = nftables.write(Work([], [], [], Options(scope)))[FILE].decode()
    table = table.replace("X", hashlib.sha256(scope.encode()).hexdigest()[:16])
    assert f"\ntable inet {table}\ndelete table inet {table}\n\ntable inet {table} {{\n" in text
    assert read(text) == []


# --- refusals ---------------------------------------------------------------------------------------------------------


def test_what_is_refused() -> None:
    rows = "| Allow | All | 99 | Any |\n| Allow | TCP | 1 | db.example.com |\n| Allow | TCP | 2 | Strangers |\n| Allow | TCP | 3 | Any |\n"
    text, report = written(table_of(rows))
    codes = [one.code for one in report.rules]
    assert codes == ["any-with-ports", "host-name", "endpoint-unbound", None]
    assert re.findall(r"dport (\d+)", text) == ["3", "3"]


def test_ports_of_a_protocol_that_has_none_for_nft_are_refused() -> None:
    refused = nftables.refuse(flow(rule(protocol="esp", from_port=1, to_port=1)))
    assert refused is not None
    assert refused.code == "protocol-not-expressible"


# --- hostile text -----------------------------------------------------------------------------------------------------


def write(flows: Sequence[Flow], scope: str = SCOPE) -> str:
    files = nftables.write(Work(flows, [], [], Options(scope)))
    plan.prove(TARGET, flows, files)
    return files[FILE].decode()


@given(texts)
def test_no_text_of_a_page_is_obeyed(text: str) -> None:
    flows = [flow(rule(description=text, from_port=1, to_port=2), document=text, far=text, machine=f"x{text}")]
    output = write(flows, text)
    kept = [line for line in output.split("\n") if not line.lstrip().startswith("#")]
    assert len(kept) == 14, "as many lines as without the text"
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u2028-\u202e]", output)
    for comment in re.findall(r'accept comment "(.*)"$', output, re.MULTILINE):
        assert '"' not in comment
        assert "\\" not in comment
        assert len(comment.encode()) <= 128


# --- mutants ----------------------------------------------------------------------------------------------------------


def mutants(text: str) -> Iterator[str]:
    """Yield an output with one thing in one of its lines altered, so that it says something else."""
    lines = text.split("\n")
    for index, line in enumerate(lines):
        said, quote, comment = line.partition(' comment "')
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        yield "\n".join([*lines[:index], *lines[index + 1 :]])
        for match in re.finditer(r"\d+", said):
            for number in (int(match[0]) + 1, int(match[0]) - 1):
                yield "\n".join(
                    [*lines[:index], said[: match.start()] + str(number) + said[match.end() :] + quote + comment, *lines[index + 1 :]]
                )
        for word, other in WORDS:
            if word in said and quote:
                yield "\n".join([*lines[:index], said.replace(word, other, 1) + quote + comment, *lines[index + 1 :]])


WORDS = [
    ("accept", "drop"),
    ("accept", "return"),
    ("ipv4", "ipv6"),
    ("ipv6", "ipv4"),
    ("saddr", "daddr"),
    ("tcp", "udp"),
    ("udp", "tcp"),
    ("dport", "sport"),
    ("meta nfproto ipv4 ", ""),
    ("meta l4proto 47 ", ""),
    ("icmp type 8 ", ""),
    ("tcp dport 443 ", ""),
    ("10.0.1.0/24, ", ""),
    (" ip daddr 10.0.2.0/24", ""),
    (" ip saddr 172.16.0.0/12", ""),
    ("type 8", "type 8 icmp code 0"),
]


def test_mutants_of_the_text_are_noticed() -> None:
    """Each is read as other rules, or not at all."""
    text, _ = written(PAGE)
    wanted, read_as_others, unread = read(text), 0, 0
    for mutant in mutants(text):
        try:
            found = read(mutant)
        except ValueError:
            unread += 1
            continue
        assert not same(wanted, found), mutant
        read_as_others += 1
    assert (read_as_others, unread) == (144, 116)


def test_mutants_of_order_and_of_the_machine_are_noticed() -> None:
    text, _ = written(
        table_of("| Deny | TCP | 22 | 10.1.0.0/16 |\n| Allow | TCP | 22 | 10.0.0.0/8 |\n"), machine="Web Security Group", base_chain=True
    )
    symbols = Symbols()
    wanted = let_through(nftables.read({FILE: text.encode()}, symbols))
    lines = text.split("\n")
    first = next(index for index, line in enumerate(lines) if line.endswith('"') and " drop " in line)
    swapped = [*lines[:first], lines[first + 2], lines[first + 1], lines[first], *lines[first + 3 :]]
    assert not same(wanted, let_through(nftables.read({FILE: "\n".join(swapped).encode()}, symbols)))
    other = text.replace('"Web Security Group"', '"Mail Security Group"')
    assert not same(wanted, let_through(nftables.read({FILE: other.encode()}, symbols)))
    for line in (line for line in lines if "lo" in line or "state" in line or "hook" in line or "hoplimit" in line):
        if not line.lstrip().startswith("#"):
            with pytest.raises(ValueError, match="is no filter"):
                read(text.replace(f"{line}\n", ""))


@pytest.mark.parametrize(
    "said",
    [
        "ip saddr 10.0.0.1/24",
        "ip saddr { 10.0.0.0/8, 10.1.0.0/16 }",
        "ip6 saddr 2001:db8::/64",
        "tcp dport 9-8",
        "tcp dport 65536",
        "icmpv6 type 1",
        "icmp type 256",
        "meta l4proto 256",
        "tcp sport 1",
        "counter",
    ],
)
def test_a_rule_that_is_not_written_so_is_not_read(said: str) -> None:
    text = write([flow(rule(protocol="any"))])
    with pytest.raises(ValueError, match=r"."):
        read(text.replace("meta nfproto ipv4 accept", f"meta nfproto ipv4 {said} accept"))


# --- nft and the kernel -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def namespace() -> Sequence[str]:
    """Return the command that runs another one in a network of its own."""
    return network_namespace()


def loaded(namespace: Sequence[str], text: str) -> Sequence[Entry]:
    """Return the rules that nft lists after it has loaded a text twice."""
    listed = ruleset(namespace, text)
    return [listed_entry(entry["rule"]) for entry in listed if "rule" in entry]


def ruleset(namespace: Sequence[str], text: str) -> Sequence[Mapping[str, Any]]:
    """Return what nft lists after it has loaded a text twice."""
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_text(text, "utf-8")
        script = f"nft -f {file.name} && nft -f {file.name} && nft -n -j list ruleset"
        done = subprocess.run([*namespace, "sh", "-c", script], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)["nftables"]


def test_nft_lists_what_was_written(namespace: Sequence[str]) -> None:
    """A machine is every address to nft: the chain is for its traffic alone."""
    outputs = [written(PAGE)[0], written(table_of("| Deny | TCP | 22 | 10.1.0.0/16 |\n| Allow | TCP | 22 | 10.0.0.0/8 |\n"))[0]]
    outputs += [exported(TARGET, chosen).files[FILE].decode() for chosen in every_scope(shipped())]
    outputs.append(write([flow(rule(protocol="icmp", icmp_type=kind, icmp_code=code)) for kind, code in [(3, 0), (8, None), (200, 7)]]))
    outputs.append(write([flow(rule(protocol=name)) for name in ("any", "gre", "ipv6-icmp")]))
    for text in outputs:
        assert same(read(text), let_through(loaded(namespace, text)))


def test_nft_loads_hostile_text_as_comments(namespace: Sequence[str]) -> None:
    for text in HOSTILE:
        output = write([flow(rule(description=text, from_port=1, to_port=2), document=text, far=text)], text)
        assert same(read(output), let_through(loaded(namespace, output))), text


def test_nft_loads_the_filter_of_a_machine(namespace: Sequence[str]) -> None:
    text, _ = written(PAGE, machine="Web Security Group", base_chain=True)
    chains = {entry["chain"]["name"]: entry["chain"] for entry in ruleset(namespace, text) if "chain" in entry}
    assert {name: (chain["hook"], chain["policy"]) for name, chain in chains.items()} == {
        "ingress": ("input", "drop"),
        "egress": ("output", "drop"),
    }


def test_the_head_says_how_chains_are_jumped_to(namespace: Sequence[str]) -> None:
    text, _ = written(PAGE)
    example = "\n".join(line.removeprefix("#     ") for line in text.split("\n") if line.startswith("#     "))
    listed = [entry["chain"] for entry in ruleset(namespace, f"{text}{example}\n") if "chain" in entry]
    assert [(chain["name"], chain.get("policy")) for chain in listed] == [("ingress", None), ("egress", None), ("input", "drop")]


# Runs in the namespace: probes are lines of protocol, source, destination and port. A port that is let through has no listener and is
# answered by the kernel; what is rejected has an error of its own.
PROBE = """
import errno, json, socket, subprocess, sys
table, rules, probes = json.load(sys.stdin)
for command in ("link set lo up", "route add local 0.0.0.0/0 dev lo", "-6 route add local ::/0 dev lo"):
    subprocess.run(["ip", *command.split()], check=True)
chain = "add chain " + table + " filter { type filter hook input priority 0; }\\n"
for rule in ("ct state established,related accept", "jump ingress", "reject with icmpx type host-unreachable"):
    chain += "add rule " + table + " filter " + rule + "\\n"
subprocess.run(["nft", "-f", "-"], input=rules + chain, text=True, check=True)
found = []
for protocol, source, destination, port in probes:
    six = ":" in source
    sock = socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM)
    # Bind addresses that no interface has, and report what ICMP says to UDP also where it may pass (ip(7), ipv6(7)).
    for option in (78, 25) if six else (15, 11):
        sock.setsockopt(socket.IPPROTO_IPV6 if six else socket.IPPROTO_IP, option, 1)
    sock.settimeout(0.5)
    try:
        sock.bind((source, 0))
        sock.connect((destination, port))
        sock.send(b"x")
        sock.recv(1)
        answer = "nothing"
    except OSError as error:
        answer = errno.errorcode.get(error.errno, str(error))
    found.append(answer)
    sock.close()
json.dump(found, sys.stdout)
"""


def probed(namespace: Sequence[str], text: str, probes: Sequence[tuple[str, str, str, int]]) -> Sequence[str]:
    table = re.findall(r"^table (.*) \{$", text, re.MULTILINE)[0]
    # A denial answers here, so that nobody waits for an answer.
    asked = json.dumps([table, text.replace(" drop comment", " reject with icmpx type host-unreachable comment"), probes])
    done = subprocess.run([*namespace, sys.executable, "-c", PROBE], input=asked, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def probes_of(text: str) -> Iterator[tuple[str, str, str, int]]:
    """Yield probes at both sides of each edge of what a text lets in."""
    found = [box for box in read(text) if box.direction[0] == Direction.INGRESS]
    for version, make in ((4, ipaddress.IPv4Address), (6, ipaddress.IPv6Address)):
        here = [box for box in found if box.family == (version, version)]
        sources = edges((box.source for box in here), EVERY_ADDRESS[version])
        destinations = edges((box.destination for box in here), EVERY_ADDRESS[version])
        ports = edges((box.value for box in here if box.protocol[0] in (6, 17)), (1, 65535))
        for source in [int(make("10.9.9.9" if version == 4 else "2001:db8:9::9")), *sources]:
            for destination in destinations:
                for port in [7, *ports]:
                    for protocol in ("tcp", "udp"):
                        yield protocol, str(make(source)), str(make(destination)), port


def edges(intervals: Iterable[Interval], every: Interval) -> list[int]:
    sides = {side for interval in intervals if interval not in (every, EVERY_VALUE) for side in interval}
    return sorted({one for side in sides for one in (side - 1, side, side + 1) if every[0] <= one <= every[1]})


def expected(text: str, probe: tuple[str, str, str, int]) -> bool:
    protocol, source, destination, port = probe
    address = ipaddress.ip_address(source)
    point = (0, address.version, number_of(protocol), port, int(address), int(ipaddress.ip_address(destination)))
    return any(all(low <= one <= high for one, (low, high) in zip(point, box, strict=True)) for box in read(text))


def test_packets_pass_where_the_rules_say_so(namespace: Sequence[str]) -> None:
    """On loopback, in a namespace: TCP and UDP at both sides of every edge of ports and addresses."""
    text, _ = written(PACKETS, networks=PACKET_NETWORKS)
    probes = list(probes_of(text))
    random.Random(1).shuffle(probes)
    probes = probes[:2000]
    answers = probed(namespace, text, probes)
    wanted = ["ECONNREFUSED" if expected(text, probe) else "EHOSTUNREACH" for probe in probes]
    assert [(probe, answer, want) for probe, answer, want in zip(probes, answers, wanted, strict=True) if answer != want] == []
    assert 100 < wanted.count("ECONNREFUSED") < len(wanted) - 100
    for before, after in (("8000-8010", "8000-8011"), ("10.0.1.0/24", "10.0.1.0/25")):
        mutant = text.replace(before, after)
        assert mutant != text
        assert probed(namespace, mutant, probes) != wanted


PACKETS = """# Web Security Group

Inbound traffic.

| Action | Protocol | Port | Source |
|---|---|---|---|
| Deny | TCP | 8005 | Balancer Security Group |
| Allow | TCP | 443, 8000-8010 | Balancer Security Group |
| Allow | UDP | 53 | Any |
| Allow | All | All | 172.16.0.0/12 |
"""
PACKET_NETWORKS = {
    "Balancer Security Group": ["10.0.1.0/24", "10.0.9.1/32", "2001:db8:1::/64"],
    "Web Security Group": ["10.0.2.0/24", "2001:db8:2::/64"],
}


def test_a_direction_whose_rules_were_refused_is_filtered_all_the_same() -> None:
    """Otherwise the filter would let everything in, and its head would say that it does not."""
    text = (
        "# Web\n\n| Direction | Protocol | Port | Source | Destination |\n|---|---|---|---|---|\n| Inbound | TCP | 22 | Strangers | Web |\n"
    )
    found, report = written(text, machine="Web", base_chain=True, networks={})
    assert [one.code for one in report.rules] == ["endpoint-unbound"]
    assert "# ingress: what no rule lets through is dropped" in found
    assert "hook input priority filter; policy drop;" in found
    assert "# egress: not filtered, for no rule is about it." in found
    assert "hook output" not in found
    with pytest.raises(ValueError, match="is no filter"):
        read(found.replace("policy drop", "policy accept"))
