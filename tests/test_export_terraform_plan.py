"""Terraform: what the next release of the shipped documents plans is what `docrules diff` says, also as Terraform itself sees it.

Nothing here reaches AWS: where a terraform binary is installed, a provider takes its place that knows the two resources as the real one
describes them, holds them to what the EC2 API checks, and keeps what it is given.
"""

from __future__ import annotations

import ipaddress
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from extract.export.bindings import Bindings
from extract.export.boxes import EVERY_ADDRESS, EVERY_PROTOCOL, EVERY_VALUE, Box, Direction, Interval, Symbols, let_through
from extract.export.export import choose
from extract.export.flows import number_of
from extract.export.targets import terraform_aws
from tests.exports import HOSTILE, ROOT, exported, page, program, same

SCOPE = "axway/securetransport"
RULES = str(ROOT / "data" / "rules.json")
Table = Mapping[str, Any]


def called(*arguments: str) -> str:
    """Return what a command prints; findings are none of a failure."""
    done = subprocess.run([sys.executable, "-m", "extract", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


def table_of(release: str, *options: str) -> Table:
    """Return the output for a release."""
    made = called("export", "terraform-aws", RULES, "--scope", f"{SCOPE}/{release}", "--out", "-", *options)
    table: Table = json.loads(made)
    return table


def resources(table: Table) -> dict[str, Table]:
    """Return the address of a resource -> what it says, without comments, as Terraform has it."""
    return {
        f"{kind}.{name}": {key: value for key, value in one.items() if key != "//"}
        for kind, named in table["resource"].items()
        for name, one in named.items()
    }


@pytest.fixture(scope="module")
def before() -> Table:
    return table_of("5.5")


@pytest.fixture(scope="module")
def after() -> Table:
    return table_of("5.6")


@pytest.fixture(scope="module")
def moved() -> Table:
    return table_of("5.6", "--since", "5.5")


@pytest.fixture(scope="module")
def diff() -> Sequence[Table]:
    """The changes of access; wording and evidence change no resource."""
    changes = json.loads(called("diff", "5.5", "5.6", "--rules", RULES, "--format", "json"))["changes"]
    found = [one for one in changes if one["impact"] not in ("wording", "evidence")]
    assert Counter(one["impact"] for one in found) == {"widens": 1, "replaces": 1, "closes": 2}
    return found


def named(rules: Sequence[Table | None]) -> set[str]:
    """Return the addresses of the resources of rules; in these releases each is one resource."""
    return {f"aws_vpc_security_group_{one['direction']}_rule.r_{one['fingerprint']}" for one in rules if one is not None}


def test_the_next_release_adds_and_destroys_what_the_diff_says(before: Table, after: Table, diff: Sequence[Table]) -> None:
    """A rule that is changed is another resource: two are added, four destroyed, and none of the others is touched."""
    old, new = resources(before), resources(after)
    assert new.keys() - old.keys() == named([one["current"] for one in diff])
    assert old.keys() - new.keys() == named([one["previous"] for one in diff])
    assert {name for name in old.keys() & new.keys() if old[name] != new[name]} == set()
    assert (len(new.keys() - old.keys()), len(old.keys() - new.keys())) == (2, 4)


def test_since_moves_the_changed_rules(before: Table, moved: Table, diff: Sequence[Table]) -> None:
    """A pair of the diff is one resource that is changed; what has no pair is destroyed."""
    changed = [one for one in diff if one["previous"] is not None and one["current"] is not None]
    pairs = {one["from"]: one["to"] for one in moved["moved"]}
    assert pairs == {named([one["previous"]]).pop(): named([one["current"]]).pop() for one in changed}
    old, new = resources(before), resources(moved)
    assert pairs.keys() <= old.keys()
    assert set(pairs.values()) == new.keys() - old.keys()
    assert old.keys() - new.keys() - pairs.keys() == named([one["previous"] for one in diff if one["current"] is None])


# --- as others read it ------------------------------------------------------------------------------------------------


def rules_of_groups(values: Sequence[tuple[str, Table]], groups: Mapping[str, str], symbols: Symbols) -> Iterator[Box]:
    """Yield what resources let through, as the EC2 API defines IpPermission; `groups` has id -> name.

    It shares nothing with the reader of the target but the boxes and the numbers of names.
    """
    for kind, one in values:
        way = Direction.INGRESS if "ingress" in kind else Direction.EGRESS
        near = symbols.interval(groups[one["security_group_id"]])
        protocol, ports = traffic(one)
        for family, far in fars(one, groups, symbols):
            if {"icmp": 4, "icmpv6": 6}.get(one["ip_protocol"], family) == family:
                source, destination = (far, near) if way == Direction.INGRESS else (near, far)
                yield Box((way, way), (family, family), protocol, ports, source, destination)


def traffic(one: Table) -> tuple[Interval, Interval]:
    said = one["ip_protocol"]
    if said == "-1":
        assert (one.get("from_port"), one.get("to_port")) == (None, None)
        return EVERY_PROTOCOL, EVERY_VALUE
    number = int(said) if said.isdigit() else number_of("ipv6-icmp" if said == "icmpv6" else said)
    if number not in (1, 6, 17, 58):
        return (number, number), EVERY_VALUE
    first, last = one["from_port"], one["to_port"]
    if number in (1, 58):
        if first == -1:
            return (number, number), EVERY_VALUE
        return (number, number), (first * 256 + max(last, 0), first * 256 + (255 if last == -1 else last))
    return (number, number), (first, last)


def fars(one: Table, groups: Mapping[str, str], symbols: Symbols) -> Iterator[tuple[int, Interval]]:
    group = one.get("referenced_security_group_id")
    if group is not None:
        yield from ((family, symbols.interval(groups[group])) for family in EVERY_ADDRESS)
    for key in ("cidr_ipv4", "cidr_ipv6"):
        if one.get(key) is not None:
            network = ipaddress.ip_network(one[key])
            yield network.version, (int(network.network_address), int(network.broadcast_address))


# The provider: attributes and what they demand are those of aws_vpc_security_group_ingress_rule and _egress_rule; what `check` refuses,
# the EC2 API refuses. The real one replaces a resource where the kind of its source changes, and this one where the source does.
PROVIDER = r"""#!PYTHON
import re
from tf import schema, types
from tf.iface import Provider, Resource
from tf.runner import run_provider

SOURCES = ("cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id")

def attribute(name, kind=None, **options):
    return schema.Attribute(name, kind or types.String(), **options)

class Rule(Resource):
    def __init__(self, provider):
        pass

    @classmethod
    def get_schema(cls):
        return schema.Schema(attributes=[
            *(attribute(name, computed=True) for name in ("arn", "id", "security_group_rule_id")),
            *(attribute(name, optional=True, requires_replace=True) for name in SOURCES),
            *(attribute(name, types.Number(), optional=True) for name in ("from_port", "to_port")),
            attribute("description", optional=True),
            attribute("ip_protocol", required=True),
            attribute("security_group_id", required=True, requires_replace=True),
            attribute("tags", types.Map(types.String()), optional=True),
        ])

    def validate(self, diags, type_name, config):
        super().validate(diags, type_name, config)
        if sum(config.get(name) is not None for name in SOURCES) != 1:
            diags.add_error("not exactly one source")

    def check(self, ctx, planned):
        said, first, last = planned["ip_protocol"], planned["from_port"], planned["to_port"]
        group, text = planned["security_group_id"], planned["description"]
        if not re.fullmatch("sg-[0-9a-f]{8,17}", group):
            ctx.diagnostics.add_error("no such group: " + group)
        if text is not None and not re.fullmatch(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{0,255}", text):
            ctx.diagnostics.add_error("a description has other characters, or too many")
        if said in ("tcp", "udp"):
            right = first is not None and last is not None and 0 <= first <= last <= 65535
        elif said in ("icmp", "icmpv6"):
            right = first is not None and last is not None and -1 <= first <= 255 and -1 <= last <= 255
        else:
            right = first is None and last is None and (said == "-1" or 0 <= int(said) <= 255)
        if not right:
            ctx.diagnostics.add_error("wrong ports: " + repr((said, first, last)))

    def create(self, ctx, planned):
        self.check(ctx, planned)
        name = "sgr-" + re.sub("[^0-9a-f]", "", str(sorted(planned["tags"].items())))[-17:]
        return {**planned, "arn": "arn:" + name, "id": name, "security_group_rule_id": name}

    def read(self, ctx, current):
        return current

    def update(self, ctx, current, planned):
        self.check(ctx, planned)
        return planned

    def delete(self, ctx, current):
        pass

class Ingress(Rule):
    @classmethod
    def get_name(cls):
        return "vpc_security_group_ingress_rule"

class Egress(Rule):
    @classmethod
    def get_name(cls):
        return "vpc_security_group_egress_rule"

class Aws(Provider):
    def get_model_prefix(self):
        return "aws_"

    def full_name(self):
        return "registry.terraform.io/hashicorp/aws"

    def get_provider_schema(self, diags):
        return schema.Schema(attributes=[])

    def validate_config(self, diags, config):
        pass

    def configure_provider(self, diags, config):
        pass

    def get_data_sources(self):
        return []

    def get_resources(self):
        return [Ingress, Egress]

run_provider(Aws())
"""


class Workspace:
    """A folder in which Terraform keeps a state, with the provider in place of the real one."""

    def __init__(self, folder: Path) -> None:
        self._terraform = str(program("terraform"))
        python = program("terraform-stub-python")
        self._folder = folder / "work"
        self._folder.mkdir(parents=True)
        plugins = folder / "plugins"
        plugins.mkdir()
        stub = plugins / "terraform-provider-aws"
        stub.write_text(PROVIDER.replace("PYTHON", str(python), 1), "utf-8")
        stub.chmod(0o755)
        config = folder / "terraform.rc"
        overrides = f'dev_overrides {{\n "hashicorp/aws" = {json.dumps(str(plugins))}\n }}'
        config.write_text(f"provider_installation {{\n {overrides}\n direct {{}}\n}}\n", "utf-8")
        # The provider keeps a certificate below HOME.
        said = {"TF_CLI_CONFIG_FILE": str(config), "HOME": str(folder), "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
        self._environment = {**os.environ, **said}
        self.groups: dict[str, str] = {}

    def put(self, table: Table) -> None:
        """Take an output, with an id for each of its variables."""
        (self._folder / terraform_aws.FILE).write_text(json.dumps(table), "utf-8")
        ids = {name: f"sg-{number:017x}" for number, name in enumerate(table.get("variable", {}))}
        (self._folder / "terraform.tfvars.json").write_text(json.dumps(ids), "utf-8")
        self.groups = {value: name for name, value in ids.items()}

    def run(self, *arguments: str, code: int = 0) -> str:
        """Return what terraform prints. AssertionError where it ends with another exit code."""
        call = [self._terraform, *arguments]
        done = subprocess.run(call, cwd=self._folder, env=self._environment, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def fail(self, *arguments: str) -> str:
        """Return why a command of terraform fails."""
        return " ".join(re.sub("[│╷╵]", " ", self.run(*arguments, "-no-color", code=1)).split())

    def plan(self) -> tuple[int, int, int]:
        """Return how many resources a plan adds, changes and destroys."""
        said = self.run("plan", "-no-color", "-input=false", "-out=plan")
        found = re.search(r"Plan: (\d+) to add, (\d+) to change, (\d+) to destroy", said)
        if found is None:
            assert "No changes" in said
            return 0, 0, 0
        return int(found[1]), int(found[2]), int(found[3])

    def apply(self) -> None:
        """Carry out the last plan."""
        self.run("apply", "-no-color", "-input=false", "plan")

    def state(self) -> list[tuple[str, Table]]:
        """Return the resources of the state, each with its type."""
        shown = json.loads(self.run("show", "-json"))
        return [(one["type"], one["values"]) for one in shown["values"]["root_module"]["resources"]]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def test_terraform_plans_the_next_release_as_the_diff_says(workspace: Workspace, before: Table, after: Table, moved: Table) -> None:
    workspace.put(before)
    workspace.run("validate", "-no-color")
    assert workspace.plan() == (54, 0, 0)
    workspace.apply()
    assert workspace.plan() == (0, 0, 0), "what was applied is what is said"
    workspace.put(after)
    assert workspace.plan() == (2, 0, 4), "two rules are changed, and two closed; none of the others is touched"
    workspace.put(moved)
    # Of the two pairs, that with another port is changed in place; that with another kind of source is replaced.
    assert workspace.plan() == (1, 1, 3)
    workspace.apply()
    assert workspace.plan() == (0, 0, 0)


def applied(workspace: Workspace, table: Table) -> None:
    """Assert that what Terraform keeps of an output lets through what the target reads in it."""
    workspace.put(table)
    workspace.plan()
    workspace.apply()
    state = workspace.state()
    assert len(state) == len(resources(table))
    symbols = Symbols()
    groups = {identity: f"reference:var.{name}" for identity, name in workspace.groups.items()}
    found = list(rules_of_groups(state, groups, symbols))
    assert same(found, let_through(terraform_aws.read({terraform_aws.FILE: json.dumps(table).encode()}, symbols)))
    # EC2 refuses a rule that a group has already.
    said = [tuple(sorted((key, str(one.get(key))) for key in EACH)) for _, one in state]
    assert len(set(said)) == len(said)


EACH = ("security_group_id", "ip_protocol", "from_port", "to_port", "cidr_ipv4", "cidr_ipv6", "referenced_security_group_id")


@pytest.mark.parametrize("release", ["5.5", "5.6"])
def test_what_terraform_has_applied_is_what_the_rules_say(workspace: Workspace, release: str) -> None:
    applied(workspace, table_of(release))


def test_an_empty_id_is_refused(workspace: Workspace, before: Table) -> None:
    """AWS would take it for nothing to limit."""
    workspace.put(before)
    assert "Give the id of a security group" in workspace.fail("plan", "-input=false", f"-var={min(before['variable'])}=")


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"cidr_ipv4": "10.0.0.0/8"}, "not exactly one source"),
        ({"description": "caf\u00e9"}, "a description has other characters"),
        ({"ip_protocol": "-1"}, "wrong ports"),
        ({"port": 1}, "Extraneous JSON object property"),
    ],
)
def test_what_is_wrong_is_not_applied(workspace: Workspace, before: Table, wrong: Table, why: str) -> None:
    """The provider of these tests is one that says no."""
    table = json.loads(json.dumps(before))
    kind, rules = next(iter(table["resource"].items()))
    table["resource"] = {kind: dict([next(iter(rules.items()))])}
    next(iter(table["resource"][kind].values())).update(wrong)
    workspace.put(table)
    assert why in workspace.fail("apply", "-input=false", "-auto-approve")


HEAD = "# Web Security Group\n\nInbound rules:\n\n| Protocol | Port | Source | Description |\n|---|---|---|---|\n"
TRAFFIC = (
    *(("TCP", "443"), ("TCP", "Any"), ("UDP", "0-99"), ("ICMP", "Any"), ("ICMP", "Echo Request"), ("ICMP", "Host unreachable")),
    *(("ICMPv6", "Any"), ("ICMPv6", "Packet too big"), ("ESP", "N/A"), ("GRE", "N/A"), ("Any", "Any")),
)


def test_terraform_takes_every_kind_of_rule_and_every_text(workspace: Workspace) -> None:
    texts = [*HOSTILE, "${path.module}", "%{ if true }x", "$${x}", "$$${x}", "%%%{x}", "x" * 300]
    rows = "".join(
        f"| {protocol} | {port} | {source} | Says {number} |\n"
        for number, (protocol, port) in enumerate(TRAFFIC)
        for source in ("Clients", "Any", "192.0.2.0/24", "Web Security Group")
    )
    chosen = choose(page(HEAD + rows), None, None)
    said = tuple(
        (msgspec.structs.replace(entry, description=texts[number % len(texts)]), place)
        for number, (entry, place) in enumerate(chosen.entries)
    )
    done = exported(terraform_aws, chosen._replace(entries=said), Bindings())
    # ICMP for IPv6 does not come from 192.0.2.0/24.
    assert Counter(one.code for one in done.report.rules) == {None: 4 * len(TRAFFIC) - 2, "no-common-family": 2}
    applied(workspace, json.loads(done.files[terraform_aws.FILE]))
