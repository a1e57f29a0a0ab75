"""Denials in exports: what an earlier row of a table denies is never let through by a later one, whatever became of the denial."""

from __future__ import annotations

import ipaddress

import pytest

from extract.export.bindings import Binding, Bindings
from extract.export.export import choose
from extract.export.targets import all_targets
from tests.exports import exported, page

TARGETS = [name for name, target in all_targets().items() if target.NEEDS_BINDINGS]
HEAD = "# Web server\n\n| Action | Direction | Protocol | Port | Source | Destination |\n| --- | --- | --- | --- | --- | --- |\n"


def networks(*texts: str) -> Binding:
    return Binding(networks=tuple(map(ipaddress.ip_network, texts)), file="b.toml", line=1)


WEB = Binding(
    networks=(ipaddress.ip_network("10.9.0.0/24"),),
    targets={
        "kubernetes": {"namespace": "web", "pod_labels": {"app": "web"}},
        "terraform-aws": {"security_group": "var"},
    },
    file="b.toml",
    line=1,
)
PODS = Binding(
    networks=(ipaddress.ip_network("10.8.0.0/24"),),
    targets={"kubernetes": {"namespace": "jobs", "pod_labels": {"app": "job"}}, "terraform-aws": {"security_group": "var"}},
    file="b.toml",
    line=1,
)
BOUND = {"Web server": WEB, "Clients": networks("10.1.0.0/16"), "Pods": PODS, "Unwanted": Binding(refuse="not here", file="b.toml", line=1)}


def statuses(target: str, *rows: str) -> list[tuple[str, str | None]]:
    text = HEAD + "".join(f"| {row} |\n" for row in rows)
    done = exported(all_targets()[target], choose(page(text), None, None), Bindings(BOUND))
    return [(one.status, one.code) for one in done.report.rules]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    "denial",
    [
        # Nobody has said what the end is; nobody wants it; it is a name that only a name server knows.
        "Deny | Inbound | TCP | 22 | Strangers | Web server",
        "Deny | Inbound | TCP | 22 | Unwanted | Web server",
        "Deny | Inbound | TCP | 22 | www.example.com | Web server",
        # The page leaves open what is denied, or whether.
        "Deny | Inbound | TCP | some | Clients | Web server",
        "Perhaps | Inbound | TCP | 22 | Clients | Web server",
    ],
)
def test_a_denial_that_is_not_written_stops_what_stands_behind_it(target: str, denial: str) -> None:
    first, second = statuses(target, denial, "Allow | Inbound | TCP | 22 | Clients | Web server")
    assert first[0] == "refused"
    assert second == ("refused", "allow-behind-deny")


@pytest.mark.parametrize("target", TARGETS)
def test_it_does_not_stop_what_it_has_nothing_to_do_with(target: str) -> None:
    _, second = statuses(target, "Deny | Inbound | TCP | 22 | Strangers | Web server", "Allow | Inbound | TCP | 443 | Clients | Web server")
    assert second == ("exported", None)


@pytest.mark.parametrize("target", [name for name in TARGETS if not all_targets()[name].ORDERED])
@pytest.mark.parametrize("denied", ["Any", "10.0.0.0/8", "Pods", "Clients"])
def test_what_a_name_stands_for_may_have_any_address(target: str, denied: str) -> None:
    """A target that allows only refuses the allow: the pods may be among the addresses, and one name may be what another one is."""
    found = statuses(target, f"Deny | Inbound | TCP | 22 | {denied} | Web server", "Allow | Inbound | TCP | 22 | Pods | Web server")
    assert found[1] == ("refused", "allow-behind-deny") or (target == "firewalld" and denied == "Clients" and found[1][0] == "exported")


@pytest.mark.parametrize("target", [name for name in TARGETS if all_targets()[name].ORDERED])
def test_a_target_with_order_keeps_the_order_of_the_rows(target: str) -> None:
    rows = ("Deny | Inbound | TCP | 22 | 10.1.2.0/24 | Web server", "Allow | Inbound | TCP | 22 | Clients | Web server")
    assert statuses(target, *rows) == [("exported", None), ("exported", None)]


TWO_TABLES = """# Server

Inbound rules:

| Action | Protocol | Port | Source |
| --- | --- | --- | --- |
| Allow | TCP | 443 | 10.0.0.0/8 |
| Deny | TCP | 22 | 10.0.0.0/8 |

## Further inbound rules

| Action | Protocol | Port | Source | Destination |
| --- | --- | --- | --- | --- |
| Deny | TCP | 22 | 10.0.0.0/8 | Server |
| Allow | TCP | 1-1024 | 10.0.0.0/8 | Server |
"""


@pytest.mark.parametrize("target", ["nftables", "aerleon", "terraform-aws", "firewalld"])
def test_a_denial_that_stands_in_two_tables_holds_in_both(target: str) -> None:
    """The same rule in two tables is one rule with two places, and stands in front of the allow of the second one."""
    chosen = choose(page(TWO_TABLES), None, None)
    done = exported(all_targets()[target], chosen, Bindings({"Server": WEB}), machine="Server")
    by_port = {(entry.action, entry.to_port): one.status for (entry, _), one in zip(chosen.entries, done.report.rules, strict=True)}
    assert len(chosen.entries) == 3
    ordered = all_targets()[target].ORDERED
    assert by_port["allow", 1024] == ("exported" if ordered else "refused")
    if target == "nftables":
        text = done.files["docrules.nft"].decode()
        assert text.index("dport 22 drop") < text.index("dport 1-1024 accept")


def test_what_the_user_refuses_of_this_machine_is_refused() -> None:
    text = HEAD + "| Allow | Inbound | TCP | 22 | Clients | Web server |\n"
    bound = {"Web server": Binding(refuse="it is gone", file="b.toml", line=1), "Clients": networks("10.1.0.0/16")}
    done = exported(all_targets()["nftables"], choose(page(text), None, None), Bindings(bound), machine="Web server")
    assert [(one.status, one.code) for one in done.report.rules] == [("refused", "endpoint-refused")]


def test_a_denial_of_the_other_direction_stops_a_rule_that_was_turned() -> None:
    """With --as the rule of the servers becomes one of this machine, and what the page denies of it may be the same traffic."""
    rows = ("| Deny | Outbound | TCP | 22 | Web server | Strangers |", "| Allow | Inbound | TCP | 22 | Web server | Clients |")
    done = exported(
        all_targets()["nftables"], choose(page(HEAD + "\n".join(rows) + "\n"), None, None), Bindings(BOUND), machine="Web server"
    )
    assert [one.code for one in done.report.rules] == ["endpoint-unbound", "allow-behind-deny"]


@pytest.mark.parametrize(("target", "expected"), [("kubernetes", "refused"), ("terraform-aws", "implied")])
def test_a_denial_is_implied_only_where_nothing_else_is_let_through(target: str, expected: str) -> None:
    assert statuses(target, "Deny | Inbound | TCP | 22 | Clients | Web server")[0][0] == expected
    behind = statuses(target, "Allow | Inbound | TCP | 443 | Clients | Web server", "Deny | Inbound | TCP | 22 | Clients | Web server")
    assert [status for status, _ in behind] == ["exported", "implied"]


def test_a_rule_of_this_machine_with_itself_needs_a_direction() -> None:
    """To open one way of two would be a guess."""
    text = "# Ports\n\n| Protocol | Port | Source | Destination |\n|---|---|---|---|\n| TCP | 7946 | Node | Node |\n"
    done = exported(all_targets()["nftables"], choose(page(text), None, None), Bindings({"Node": WEB}), machine="Node")
    assert [one.code for one in done.report.rules] == ["direction-unstated"]


@pytest.mark.parametrize("target", TARGETS)
def test_a_denial_that_another_table_allows_is_refused(target: str) -> None:
    """Nobody may read that it is denied anyway, or exported, where the same output lets it through."""
    denying, allowing = "Deny | Inbound | TCP | 22 | Clients | Web server", "Allow | Inbound | TCP | 1-100 | Clients | Web server"
    tables = HEAD + f"| {denying} |\n" + HEAD.replace("# Web server\n\n", "## More\n\n") + f"| {allowing} |\n"
    done = exported(all_targets()[target], choose(page(tables), None, None), Bindings(BOUND))
    assert [(one.status, one.code) for one in done.report.rules] == [("refused", "deny-not-expressible"), ("exported", None)]


def test_a_denial_that_would_have_been_turned_stops_what_it_denies() -> None:
    """Without a binding of its other end it is not in the output; the allow behind it must not be there either."""
    rows = ("| Deny | Inbound | TCP | 22 | Web server | Strangers |", "| Allow | Outbound | TCP | 22 | Web server | Any |")
    text = HEAD + "\n".join(rows) + "\n"
    done = exported(all_targets()["nftables"], choose(page(text), None, None), Bindings({"Web server": WEB}), machine="Web server")
    assert [one.code for one in done.report.rules] == ["endpoint-unbound", "allow-behind-deny"]


@pytest.mark.parametrize("target", TARGETS)
def test_an_open_rule_that_may_be_of_this_machine_is_not_passed_over(target: str) -> None:
    text = "# Ports\n\n| Protocol | Port |\n|---|---|\n| TCP | 443 |\n| TCP | some |\n"
    done = exported(all_targets()[target], choose(page(text), None, None), Bindings({"Web server": WEB}), machine="Web server")
    assert [one.code for one in done.report.rules] == ["direction-unstated", "unresolved"]
