"""The firewalld target: what it writes, what it refuses, and that firewalld makes of it what the rules say."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from extract.export import plan
from extract.export.boxes import Box, Symbols, let_through, subtract
from extract.export.export import choose, export
from extract.export.firewalld_icmp import NAMES
from extract.export.flows import Flow
from extract.export.report import Report
from extract.export.target import Files, Options, Work
from extract.export.targets import all_targets
from extract.model import Rule
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
    program,
    rule,
    same,
    shipped,
    table_of,
    texts,
)

TARGET = all_targets()["firewalld"]
IN, OUT = "policies/docr-kzcs7rm67-in.xml", "policies/docr-kzcs7rm67-out.xml"
POLICY = """\
<?xml version='1.0' encoding='utf-8'?>
<policy target="CONTINUE">
  <short>acme/gateway/2.1: What comes in.</short>
  <description>Rules of acme/gateway/2.1. What comes in.</description>
  <ingress-zone name="ANY"/>
  <egress-zone name="HOST"/>
  <!-- Balancer Security Group -> Web Security Group -->
  <rule family="ipv4">
    <source address="10.0.1.0/24"/>
    <destination address="10.0.2.0/24"/>
    <service name="docrules-ID"/>
    <accept/>
  </rule>
  <rule family="ipv4">
    <source address="10.0.9.1/32"/>
    <destination address="10.0.2.0/24"/>
    <service name="docrules-ID"/>
    <accept/>
  </rule>
  <!-- Any -> Web Security Group -->
  <!-- ID page:1:2 Ping -->
  <rule family="ipv4">
    <destination address="10.0.2.0/24"/>
    <icmp-type name="echo-request"/>
    <accept/>
  </rule>
  <!-- ID page:1:3 -->
  <rule family="ipv6">
    <destination address="2001:db8:2::/64"/>
    <icmp-type name="packet-too-big"/>
    <accept/>
  </rule>
  <!-- 192.0.2.1 -> Web Security Group -->
  <rule family="ipv4">
    <source address="192.0.2.1/32"/>
    <destination address="10.0.2.0/24"/>
    <service name="docrules-ID"/>
    <accept/>
  </rule>
  <!-- 172.16.0.0/12 -> Web Security Group -->
  <!-- ID page:1:5 Backup -->
  <rule family="ipv4">
    <source address="172.16.0.0/12"/>
    <destination address="10.0.2.0/24"/>
    <accept/>
  </rule>
</policy>
"""
SERVICE = """\
<?xml version='1.0' encoding='utf-8'?>
<service>
  <short>Balancer Security Group -&gt; Web Security Group</short>
  <!-- ID page:1:1 Say "hello" -->
  <port port="443" protocol="tcp"/>
  <!-- ID page:1:1 Say "hello" -->
  <port port="8000-8010" protocol="tcp"/>
</service>
"""


def written(text: str, *, machine: str = "", networks: Mapping[str, Sequence[str]] = NETWORKS) -> tuple[Files, Report]:
    """Return the output for a page, and the report; the text is read back and compared before it is returned."""
    done = export(TARGET, choose(page(text), None, None), bound(networks), Options(SCOPE, machine))
    return done.files, done.report


def write(flows: Sequence[Flow], scope: str = SCOPE) -> Files:
    files = TARGET.write(Work(flows, [], [], Options(scope)))
    plan.prove(TARGET, flows, files)
    return files


def blurred(content: bytes) -> str:
    """Return an output without its fingerprints, which say nothing to a reader."""
    return re.sub(r"\b[0-9a-f]{16}\b", "ID", content.decode())


def read(files: Files) -> list[Box]:
    return let_through(TARGET.read(files, Symbols()))


# --- text -------------------------------------------------------------------------------------------------------------


def test_a_page_as_policies_and_services() -> None:
    """A service for each pair of ends, and a rule for each pair of their addresses; what is of one family is in no service."""
    files, _ = written(PAGE)
    assert [re.sub("[0-9a-f]{16}", "ID", name) for name in files] == [IN, OUT, *["services/docrules-ID.xml"] * 3]
    assert blurred(files[IN]) == POLICY
    assert SERVICE in [blurred(content) for content in files.values()]


def test_a_machine_is_not_matched_and_its_name_stands_in_the_description() -> None:
    files, _ = written(PAGE, machine="Web Security Group")
    assert b"10.0.2.0" not in b"".join(files.values())
    assert b'What comes in. This machine is "Web Security Group".</description>' in files[IN]
    assert b"<destination" not in files[IN]
    assert b"<source" not in files[OUT]


def test_what_is_about_everything_says_so() -> None:
    """A rule of firewalld that says nothing is an error, so the far end is written."""
    assert b'<source address="0.0.0.0/0"/>' in write([flow(rule(protocol="any"), machine="here")])[IN]


def test_both_policies_are_written_where_there_is_no_rule() -> None:
    files = write([])
    assert list(files) == [IN, OUT]
    assert read(files) == []


def test_every_kind_of_traffic() -> None:
    rules = [
        rule(protocol="tcp", from_port=0, to_port=65535),
        rule(protocol="udp", from_port=7, to_port=7),
        rule(protocol="sctp"),
        rule(protocol="icmp"),
        rule(protocol="ipv6-icmp"),
        rule(protocol="icmp", icmp_type=3, icmp_code=4),
    ]
    text = b"".join(write([flow(one) for one in rules]).values()).decode()
    assert re.findall(r"<(?:port|protocol|icmp-type) .*/>", text) == [
        '<protocol value="1"/>',
        '<protocol value="58"/>',
        '<icmp-type name="fragmentation-needed"/>',
        '<port port="0-65535" protocol="tcp"/>',
        '<port port="7" protocol="udp"/>',
        '<protocol value="132"/>',
    ]


@pytest.mark.parametrize("scope", ["acme/gateway/2.1", "../../etc", "a\n<x/>", "x" * 300])
def test_names_of_files_are_safe_and_short(scope: str) -> None:
    """firewalld takes 18 characters for a policy, and no scope gets the files of another one."""
    files = write([flow(rule(from_port=1, to_port=1))], scope)
    assert all(re.fullmatch(r"policies/[a-z0-9-]{1,18}\.xml|services/docrules-[0-9a-f]{16}\.xml", name) for name in files)
    assert len(files) == 3
    assert not set(files) & set(write([flow(rule(from_port=1, to_port=1))], f"{scope}x"))


# --- refusals ---------------------------------------------------------------------------------------------------------


def test_what_is_refused() -> None:
    rows = """\
| Allow | All | 99 | Any |
| Allow | TCP | 1 | db.example.com |
| Allow | TCP | 2 | Strangers |
| Allow | TCP | 3 | Any |
| Deny | TCP | 5-10 | Any |
| Allow | TCP | 7 | 10.0.0.0/8 |
| Deny | All | All | Any |
"""
    files, report = written(table_of(rows))
    codes = [one.code for one in report.rules]
    denied = ["deny-not-expressible", "allow-behind-deny", "deny-not-expressible"]
    assert codes == ["any-with-ports", "host-name", "endpoint-unbound", None, *denied]
    assert re.findall(rb'port="(\d+)"', b"".join(files.values())) == [b"3"]


@pytest.mark.parametrize(
    ("refused", "code"),
    [
        (rule(protocol="udplite", from_port=1, to_port=1), "protocol-not-expressible"),
        (rule(protocol="esp", from_port=1, to_port=1), "protocol-not-expressible"),
        (rule(protocol="any", from_port=1, to_port=1), "any-with-ports"),
        (rule(protocol="icmp", icmp_type=200), "icmp-type-unnamed"),
        (rule(protocol="icmp", icmp_type=8, icmp_code=0), "icmp-type-unnamed"),
        (rule(protocol="ipv6-icmp", icmp_type=8), "icmp-type-unnamed"),
    ],
)
def test_what_firewalld_has_no_word_for_is_refused(refused: Rule, code: str) -> None:
    found = TARGET.refuse(flow(refused))
    assert found is not None
    assert found.code == code


# --- hostile text -----------------------------------------------------------------------------------------------------


def hostile(text: str) -> list[Flow]:
    rules = [rule(description=text, from_port=1, to_port=2), rule(description=text, protocol="any")]
    return [flow(one, document=text, far=text, machine=f"x{text}") for one in rules]


@given(st.one_of(texts, st.sampled_from([*HOSTILE, "-->", "--", "-", "<!--", "]]>", "&x;", "<rule/>", "\ufffe\uffff"])))
def test_no_text_of_a_page_is_obeyed(text: str) -> None:
    for content in write(hostile(text), text).values():
        root = etree.fromstring(content)
        assert {element.tag for element in root.iter() if isinstance(element.tag, str)} <= {
            *("policy", "service", "short", "description", "ingress-zone", "egress-zone", "rule", "source", "destination", "port", "accept")
        }
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u2028-\u202e]", content.decode())


# --- mutants ----------------------------------------------------------------------------------------------------------

WORDS = [
    ("ipv4", "ipv6"),
    ("ipv6", "ipv4"),
    ("tcp", "udp"),
    ("udp", "tcp"),
    ("udp", "sctp"),
    ("source", "destination"),
    ("destination", "source"),
    ("<accept", "<drop"),
    ("<accept", "<reject"),
    ("ANY", "public"),
    ("HOST", "ANY"),
    ("CONTINUE", "ACCEPT"),
    ("echo-request", "echo-reply"),
    ("echo-request", "nothing"),
    ("packet-too-big", "time-exceeded"),
    ("port=", "source-port="),
    ("<port ", "<source-port "),
    ('<rule family="ipv4"', "<rule"),
    ('<rule family="ipv4"', '<rule family="ipv4" priority="1"'),
]


def mutants(files: Files) -> Iterator[Files]:
    """Yield an output with one thing in one of its lines altered, or without a line or file, so that it says something else."""
    for name, content in files.items():
        yield {other: files[other] for other in files if other != name}
        lines = content.decode().split("\n")
        for index, line in enumerate(lines):
            if not line.strip() or re.match(r"\s*<(!|\?|short|description)", line):
                continue
            altered = [line.replace(word, other, 1) for word, other in WORDS if word in line]
            for match in re.finditer(r"\b\d+\b", line):
                altered += [line[: match.start()] + str(int(match[0]) + step) + line[match.end() :] for step in (1, -1)]
            for other in [None, *altered]:
                yield {**files, name: "\n".join([*lines[:index], *([] if other is None else [other]), *lines[index + 1 :]]).encode()}
    whole = etree.tostring(etree.fromstring(files[IN]))
    for tag in ("source", "destination", "service", "icmp-type"):
        for number in range(len(list(etree.fromstring(whole).iter(tag)))):
            root = etree.fromstring(whole)
            element = list(root.iter(tag))[number]
            parent = element.getparent()
            assert parent is not None
            parent.remove(element)
            yield {**files, IN: etree.tostring(root)}


def test_mutants_of_the_text_are_noticed() -> None:
    """Each is read as other rules, or not at all."""
    files, _ = written(PAGE)
    wanted, read_as_others, unread = read(files), 0, 0
    for mutant in mutants(files):
        try:
            found = read(mutant)
        except ValueError:
            unread += 1
            continue
        assert not same(wanted, found), set(mutant.items()) - set(files.items())
        read_as_others += 1
    assert (read_as_others, unread) == (133, 137)


def test_another_machine_is_another_text() -> None:
    files, _ = written(PAGE, machine="Web Security Group")
    symbols = Symbols()
    wanted = let_through(TARGET.read(files, symbols))
    other = {name: content.replace(b'is "Web', b'is "Mail') for name, content in files.items()}
    assert not same(wanted, let_through(TARGET.read(other, symbols)))
    assert subtract(wanted, let_through(TARGET.read(files, symbols))) == []


def test_a_document_type_is_not_read() -> None:
    files = write([])
    typed = files[IN].replace(b"<policy", b'<!DOCTYPE policy [<!ENTITY x SYSTEM "/etc/hostname">]>\n<policy', 1)
    with pytest.raises(ValueError, match="document type"):
        read({**files, IN: typed})


# --- firewalld --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def command() -> str:
    return str(program("firewall-offline-cmd"))


def put(files: Files, folder: Path) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def outputs() -> Iterator[Files]:
    """Yield outputs with every kind of rule, each name of ICMP, and hostile text."""
    for machine in ("", "Web Security Group"):
        yield written(PAGE, machine=machine)[0]
    for chosen in every_scope(shipped()):
        yield exported(TARGET, chosen).files
    words = [("icmp" if family == 4 else "ipv6-icmp", *meant) for family, names in NAMES.items() for meant in names.values()]
    yield write([flow(rule(protocol=protocol, icmp_type=kind, icmp_code=code)) for protocol, kind, code in words])
    for protocol in ("any", "gre", "icmp", "ipv6-icmp"):
        yield write([flow(rule(protocol=protocol))])
    yield write([flow(rule(from_port=first, to_port=last)) for first, last in [(0, 0), (1, 65535), (5, 9), (7, 7)]])
    for text in HOSTILE:
        yield write(hostile(text), text)


def complaints(command: str, folder: Path) -> list[str]:
    """Return what firewalld says of a folder. It warns of a rule that it leaves out, and calls the folder sound."""
    done = subprocess.run([command, f"--system-config={folder}", "--check-config"], capture_output=True, text=True, check=False)
    said = [line for line in done.stderr.split("\n") if line and "firewalld.conf" not in line and "fallback" not in line]
    return said or ([] if done.returncode == 0 else [f"it returns {done.returncode}"])


def test_firewalld_takes_every_output(command: str, tmp_path: Path) -> None:
    for number, files in enumerate(outputs()):
        assert complaints(command, put(files, tmp_path / str(number))) == []


@pytest.mark.parametrize(("before", "after"), [(b"10.0.1.0/24", b"10.0.1.0/33"), (b"HOST", b"nowhere"), (b"echo-request", b"nothing")])
def test_firewalld_checks_what_it_takes(command: str, tmp_path: Path, before: bytes, after: bytes) -> None:
    files = written(PAGE)[0]
    assert complaints(command, put({**files, IN: files[IN].replace(before, after)}, tmp_path)) != []


# firewalld itself without its daemon: it reads the folder and gives its rules to the kernel.
ENGINE = """
import subprocess, sys
from firewall import config
config.set_system_config_paths(sys.argv[1])
from firewall.core.fw import Firewall
Firewall().start()
subprocess.run(["nft", "-n", "-j", "list", "ruleset"], check=True)
"""


def test_the_rules_that_firewalld_makes_are_those_of_the_page(command: str, tmp_path: Path) -> None:
    """In a network namespace. A machine is every address to firewalld: its policies are for its own traffic alone."""
    python = Path(command).read_text("utf-8").partition("\n")[0].removeprefix("#!").strip()
    namespace = network_namespace()
    for number, files in enumerate(outputs()):
        folder = put(files, tmp_path / str(number))
        run = [*namespace, python, "-c", ENGINE, str(folder)]
        done = subprocess.run(run, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        rules = [entry["rule"] for entry in json.loads(done.stdout)["nftables"] if "rule" in entry]
        found = []
        for one in rules:
            chain = re.fullmatch(r"filter_(IN|OUT)_policy_docr-[a-z2-7]{9}-(?:in|out)_(allow|pre|post|log|deny)", one["chain"])
            if chain is not None:
                found.append(listed_entry({**one, "chain": "ingress" if chain[1] == "IN" else "egress"}))
        plain = {name: re.sub(rb" This machine is .*\.<", b"<", content) for name, content in files.items()}
        assert same(read(plain), let_through(found))
