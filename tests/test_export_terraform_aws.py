"""Terraform for AWS: what is written, what is refused, and that what pages say never becomes a template."""

from __future__ import annotations

import copy
import ipaddress
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.errors import UsageError
from extract.export import plan
from extract.export.bindings import Binding, Bindings
from extract.export.boxes import Symbols, let_through, subtract
from extract.export.export import choose
from extract.export.report import Account
from extract.export.targets import terraform_aws
from tests.exports import exported, page, shipped

HEAD = "# Web Security Group\n\nInbound rules:\n\n| Protocol | Port | Source | Description |\n| --- | --- | --- | --- |\n"


def rows(*lines: str, head: str = HEAD) -> str:
    return head + "".join(f"| {line} |\n" for line in lines)


def written(text: str, bindings: Bindings | None = None, machine: str = "") -> tuple[dict[str, Any], tuple[Account, ...]]:
    """Return the table that is written for a page, and the account; without bindings, names are variables."""
    done = exported(terraform_aws, choose(page(text), None, None), bindings or Bindings(), machine)
    return json.loads(done.files["docrules.tf.json"]), done.report.rules


def ingress(table: dict[str, Any]) -> list[dict[str, Any]]:
    return list(table["resource"]["aws_vpc_security_group_ingress_rule"].values())


def networks(*texts: str) -> Binding:
    return Binding(networks=tuple(map(ipaddress.ip_network, texts)), file="b.toml", line=1)


def test_a_rule_is_a_resource_that_is_called_by_its_fingerprint() -> None:
    table, (account,) = written(rows("TCP | 8443 | Client Security Group | Uploads"))
    (name,) = table["resource"]["aws_vpc_security_group_ingress_rule"]
    assert name == f"r_{account.fingerprint}"
    assert ingress(table) == [
        {
            "//": "page:1:1",
            "security_group_id": "${var.sg_web_security_group_966251b05052b2ec}",
            "referenced_security_group_id": "${var.sg_client_security_group_7f0ffeb4c35ae1d6}",
            "ip_protocol": "tcp",
            "from_port": 8443,
            "to_port": 8443,
            "tags": {"docrules": account.fingerprint},
            "description": "Uploads",
        }
    ]
    assert table["variable"]["sg_client_security_group_7f0ffeb4c35ae1d6"] == {
        "type": "string",
        "description": "Client Security Group",
        "validation": [
            {
                "condition": '${can(regex("^sg-[0-9a-f]{8,17}$", var.sg_client_security_group_7f0ffeb4c35ae1d6))}',
                "error_message": "Give the id of a security group: sg-….",
            }
        ],
    }


@pytest.mark.parametrize(
    ("row", "traffic"),
    [
        ("TCP | 80-90", {"ip_protocol": "tcp", "from_port": 80, "to_port": 90}),
        ("UDP | Any", {"ip_protocol": "udp", "from_port": 0, "to_port": 65535}),
        ("Any | Any", {"ip_protocol": "-1"}),
        ("ICMP | Echo Request", {"ip_protocol": "icmp", "from_port": 8, "to_port": -1}),
        ("ICMP | Any", {"ip_protocol": "icmp", "from_port": -1, "to_port": -1}),
        ("ESP | N/A", {"ip_protocol": "50"}),
    ],
)
def test_protocols_and_ports_are_those_of_the_api(row: str, traffic: dict[str, Any]) -> None:
    table, _ = written(rows(f"{row} | 192.0.2.0/24 | x"))
    (one,) = ingress(table)
    assert {key: one[key] for key in ("ip_protocol", "from_port", "to_port") if key in one} == traffic


def test_a_network_of_each_family_is_a_resource_of_its_own() -> None:
    table, _ = written(rows("TCP | 443 | Clients | x"), Bindings({"Clients": networks("10.0.0.0/24", "2001:db8::/64")}))
    found = [(one.get("cidr_ipv4"), one.get("cidr_ipv6")) for one in ingress(table)]
    assert found == [("10.0.0.0/24", None), (None, "2001:db8::/64")]
    anywhere, _ = written(rows("TCP | 443 | Any | x"))
    assert {one.get("cidr_ipv4") or one.get("cidr_ipv6") for one in ingress(anywhere)} == {"0.0.0.0/0", "::/0"}
    world, _ = written(rows("TCP | 443 | 0.0.0.0/0 | x"))
    assert [one.get("cidr_ipv4") for one in ingress(world)] == ["0.0.0.0/0"]


@pytest.mark.parametrize(
    ("said", "expression"),
    [("sg-0123456789abcdef0", "sg-0123456789abcdef0"), ("aws_security_group.web.id", "${aws_security_group.web.id}"), ("var", "${var.")],
)
def test_a_binding_says_which_security_group_an_end_is(said: str, expression: str) -> None:
    binding = Binding(targets={"terraform-aws": {"security_group": said}}, file="b.toml", line=1)
    table, _ = written(rows("TCP | 443 | Clients | x"), Bindings({"Clients": binding}))
    assert ingress(table)[0]["referenced_security_group_id"].startswith(expression)


@pytest.mark.parametrize(
    ("text", "bindings", "code"),
    [
        (rows("TCP | some | Any | x"), {}, "unresolved"),
        ("# Ports\n\n| Protocol | Port |\n| --- | --- |\n| TCP | 443 |\n", {}, "direction-unstated"),
        ("# Inbound ports\n\n| Protocol | Port | Source |\n| --- | --- | --- |\n| TCP | 443 | Any |\n", {}, "endpoint-unstated"),
        (rows("TCP | 443 | Clients | x"), {"Clients": Binding(refuse="we have none", file="b", line=1)}, "endpoint-refused"),
        (rows("TCP | 443 | www.example.com | x"), {}, "host-name"),
        (rows("SCTP | 2905 | Any | x"), {}, "protocol-not-expressible"),
        (rows("ICMP | Any | Clients | x"), {"Clients": networks("2001:db8::/64")}, "no-common-family"),
    ],
)
def test_what_cannot_be_written_is_refused(text: str, bindings: dict[str, Binding], code: str) -> None:
    _, accounts = written(text, Bindings(bindings))
    assert [(one.status, one.code) for one in accounts] == [("refused", code)]


def test_beyond_the_quota_of_a_group_rules_are_refused_with_counts() -> None:
    _, accounts = written(rows(*(f"TCP | {port} | 192.0.2.0/24 | x" for port in range(1000, 1130, 2))))
    refused = [one for one in accounts if one.code == "limit-exceeded"]
    assert (len(accounts), len(refused)) == (65, 5)
    assert refused[0].reason == "the security group 'Web Security Group' takes 60 rules of ingress a family, and these would be 65"


DENY = "# Web Security Group\n\nInbound rules:\n\n| Action | Protocol | Port | Source |\n| --- | --- | --- | --- |\n"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        # What is not allowed is denied.
        (("Allow | TCP | 443 | Any", "Deny | TCP | 22 | Any"), ["exported", "implied"]),
        (("Deny | TCP | 22 | Any", "Allow | TCP | 443 | Any"), ["implied", "exported"]),
        # An allow behind a denial that overlaps it is not let through.
        (("Deny | TCP | 1-1024 | Any", "Allow | TCP | 443 | Any"), ["refused", "refused"]),
        # In front of it, it is.
        (("Allow | TCP | 443 | Any", "Deny | TCP | 1-1024 | Any"), ["exported", "implied"]),
    ],
)
def test_denials_are_implied_or_refused_and_never_turned_round(lines: tuple[str, ...], expected: list[str]) -> None:
    _, accounts = written(rows(*lines, head=DENY))
    assert [one.status for one in accounts] == expected


def test_what_is_no_security_group_is_a_fault_of_the_bindings() -> None:
    bindings = Bindings({"Clients": Binding(targets={"terraform-aws": {"security_group": 'x" }'}}, file="b.toml", line=7)})
    with pytest.raises(UsageError, match=r"^b\.toml:7: 'x\" \}' is neither"):
        written(rows("TCP | 443 | Clients | x"), bindings)


SELF = """\
# Ports

| Direction | Protocol | Port | Source | Destination |
|---|---|---|---|---|
| Inbound | TCP | 443 | Web server | Web server |
"""


def test_a_rule_of_this_machine_with_itself_is_about_one_group() -> None:
    table, _ = written(SELF, machine="Web server")
    (rule,) = ingress(table)
    assert rule["security_group_id"] == rule["referenced_security_group_id"]


def test_this_machine_is_a_variable() -> None:
    text = "# Ports\n\n| Protocol | Port | Source | Destination |\n| --- | --- | --- | --- |\n| TCP | 443 | Clients | Web server |\n"
    table, (account,) = written(text, machine="Web server")
    assert account.assumed == ("'Web server' is this machine, so the traffic is ingress",)
    (near,) = (name for name, one in table["variable"].items() if one["description"] == "Web server")
    assert [one["security_group_id"] for one in ingress(table)] == [f"${{var.{near}}}"]


# --- what pages say ---------------------------------------------------------------------------------------------------

HOSTILE = ["${path.module}", "$${x}", "$$${x}", "%{ if true }", '"', "\\", "\n", "\u202e", "\x1b[31m", "`", "=cmd|' /C calc'!A0", "é"]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(HOSTILE), max_size=6).map("".join))
def test_what_pages_say_never_becomes_a_template(text: str) -> None:
    chosen = choose(page(rows("TCP | 443 | Clients | Uploads")), None, None)
    ((rule, place),) = chosen.entries
    changed = chosen._replace(entries=((msgspec.structs.replace(rule, description=text * 9), place),))
    done = exported(terraform_aws, changed, Bindings())
    raw = done.files["docrules.tf.json"].decode()
    assert raw.isascii()
    strings = [one for one in _strings(json.loads(raw)) if "${" in one or "%{" in one]
    assert all(one.startswith(("${var.", "${can(")) for one in strings)


def _strings(table: Any) -> Iterator[str]:
    if isinstance(table, dict):
        for one in table.values():
            yield from _strings(one)
    elif isinstance(table, list):
        for one in table:
            yield from _strings(one)
    elif isinstance(table, str):
        yield table


# --- the comparison notices what is changed ---------------------------------------------------------------------------


def mutants(table: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield tables in which one thing of one resource is another one."""
    for kind, named in table["resource"].items():
        for name, one in named.items():
            changes: list[dict[str, Any]] = [{"security_group_id": "sg-00000000"}]
            if one["ip_protocol"] in ("tcp", "udp"):
                other_protocol = {"tcp": "udp", "udp": "tcp"}[one["ip_protocol"]]
                changes += [{"to_port": one["to_port"] + 1}, {"from_port": 0}, {"ip_protocol": other_protocol}]
            for key in ("cidr_ipv4", "cidr_ipv6", "referenced_security_group_id"):
                if key in one:
                    changes.append({key: {"cidr_ipv4": "0.0.0.0/1", "cidr_ipv6": "::/1"}.get(key, "sg-11111111")})
            for change in changes:
                other = copy.deepcopy(table)
                other["resource"][kind][name].update(change)
                yield other
            other = copy.deepcopy(table)
            del other["resource"][kind][name]
            yield other


def test_a_hundred_mutants_and_more_are_noticed() -> None:
    seen = same = 0
    for release in ("5.5", "5.6"):
        chosen = choose(shipped(), f"axway/securetransport/{release}", None)
        done = exported(terraform_aws, chosen, Bindings())
        table = json.loads(done.files["docrules.tf.json"])
        symbols = Symbols()
        wanted = let_through(terraform_aws.read(done.files, symbols))
        for mutant in mutants(table):
            files = {"docrules.tf.json": json.dumps(mutant).encode()}
            try:
                found = let_through(terraform_aws.read(files, symbols))
            except ValueError:
                seen += 1
                continue
            differs = bool(subtract(found, wanted) or subtract(wanted, found))
            seen += differs
            same += not differs
    # A rule that others cover as well is missed by nobody when it is taken out.
    assert (seen >= 400, same <= 8) == (True, True), (seen, same)


def test_an_output_that_is_wider_is_a_defect() -> None:
    chosen = choose(page(rows("TCP | 443 | Clients | x")), None, None)
    done = exported(terraform_aws, chosen, Bindings())
    wider = {"docrules.tf.json": done.files["docrules.tf.json"].replace(b'"to_port": 443', b'"to_port": 444')}
    with pytest.raises(plan.WiderError, match="lets through more than the rules"):
        plan.prove(terraform_aws, [], wider)
