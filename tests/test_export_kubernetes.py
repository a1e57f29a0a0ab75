"""Kubernetes: policies that allow what the rules say, for pods that the bindings name, and nothing by being empty."""

from __future__ import annotations

import subprocess
from pathlib import Path

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from extract.errors import UsageError
from extract.export.bindings import Binding, Bindings
from extract.export.boxes import Symbols
from extract.export.export import Chosen, Exported
from extract.export.target import Target
from extract.export.targets import all_targets
from extract.export.targets.kubernetes import FILE
from extract.model import Rule
from tests.export_mutants import is_noticed, mutants
from tests.exports import exported, parsed, program, rules

TARGET: Target = all_targets()["kubernetes"]
HEAD = "| Direction | Protocol | Port | Source | Destination | Description |\n|---|---|---|---|---|---|\n"
PAGE = f"""# Web server

{HEAD}| Inbound | TCP | 443 | Load Balancer | Web Server | Users |
| Inbound | UDP | 8088-8093 | Web Server | Web Server | Cluster |
| Inbound | TCP | 22 | Support | Web Server | Help |
| Inbound | SCTP | Any | Any | Web Server | Signals |
| Outbound | TCP | 5432 | Web Server | Database | SQL |
"""
BINDINGS = """
[endpoint."Load Balancer"]
kubernetes = { namespace = "edge" }
[endpoint."Web Server"]
kubernetes = { namespace = "web", pod_labels = { "app" = "web" } }
[endpoint.Database]
kubernetes = { namespace_labels = { team = "data" }, pod_labels = { "app" = "1e5" } }
[endpoint.Support]
networks = ["10.0.0.0/9", "10.128.0.0/9", "2001:db8::/32"]
"""
TEXT = """\
# Made by docrules of the rules of .; do not edit it: change the bindings, and export again.
# A policy blocks what it does not allow; where it is egress, name lookups (DNS) too.
# To delete what is gone, too: kubectl apply --prune -l docrules/of=p-b0d0769f6877 -f network-policies.yaml
---
# Egress: Web Server
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: docrules-egress-2a083c3f102d
  namespace: "web"
  labels:
    app.kubernetes.io/managed-by: docrules
    docrules/of: p-b0d0769f6877
spec:
  podSelector:
    matchLabels:
      "app": "web"
  policyTypes:
  - Egress
  egress:
  # 326650299109c13d page:1:5: Database: SQL
  - to:
    - namespaceSelector:
        matchLabels:
          "team": "data"
      podSelector:
        matchLabels:
          "app": "1e5"
    ports:
    - protocol: TCP
      port: 5432
---
# Ingress: Web Server
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: docrules-ingress-2a083c3f102d
  namespace: "web"
  labels:
    app.kubernetes.io/managed-by: docrules
    docrules/of: p-b0d0769f6877
spec:
  podSelector:
    matchLabels:
      "app": "web"
  policyTypes:
  - Ingress
  ingress:
  # f6a2333c15bdd7f7 page:1:3: Support: Help
  - from:
    - ipBlock:
        cidr: "10.0.0.0/8"
    - ipBlock:
        cidr: "2001:db8::/32"
    ports:
    - protocol: TCP
      port: 22
  # 44bf4720e26b63e1 page:1:1: Load Balancer: Users
  - from:
    - namespaceSelector:
        matchLabels:
          "kubernetes.io/metadata.name": "edge"
    ports:
    - protocol: TCP
      port: 443
  # 3e20d4435e1169db page:1:2: Web Server: Cluster
  - from:
    - namespaceSelector:
        matchLabels:
          "kubernetes.io/metadata.name": "web"
      podSelector:
        matchLabels:
          "app": "web"
    ports:
    - protocol: UDP
      port: 8088
      endPort: 8093
  # 19630578076c4898 page:1:4: Any: Signals
  - from:
    - ipBlock:
        cidr: "0.0.0.0/0"
    - ipBlock:
        cidr: "::/0"
    ports:
    - protocol: SCTP
"""


def row(cells: str) -> Chosen:
    """Return the rules of a page with one row, or some."""
    return rules(f"# Web server\n\n{HEAD}{cells}\n")


def bound(text: str = BINDINGS) -> Bindings:
    """Return the bindings of a file."""
    return parsed(text)


def text_of(done: Exported) -> str:
    """Return the policies."""
    return done.files[FILE].decode()


def test_what_is_written() -> None:
    done = exported(TARGET, rules(PAGE), bound())
    assert text_of(done) == TEXT
    assert done.report.counts["exported"] == 5
    assert "DNS" in done.report.blocks


INBOUND = "| Inbound | {} | {} | {} | {} | |"


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (INBOUND.format("ICMP", "", "Support", "Web Server"), "protocol-not-expressible"),
        (INBOUND.format("ESP", "", "Support", "Web Server"), "protocol-not-expressible"),
        (INBOUND.format("Any", "Any", "Support", "Web Server"), "protocol-not-expressible"),
        (INBOUND.format("Any", "80", "Support", "Web Server"), "any-with-ports"),
        (INBOUND.format("TCP", "0", "Support", "Web Server"), "port-zero"),
        (INBOUND.format("TCP", "0-1023", "Support", "Web Server"), "port-zero"),
        (INBOUND.format("TCP", "443", "Web Server", "Support"), "endpoint-unbound"),
        (INBOUND.format("TCP", "443", "Support", "Stranger"), "endpoint-unbound"),
        (INBOUND.format("TCP", "443", "Stranger", "Web Server"), "endpoint-unbound"),
        (INBOUND.format("TCP", "443", "Support", "10.1.0.0/16"), "endpoint-unbound"),
        (INBOUND.format("TCP", "443", "Support", "Any"), "name-not-expressible"),
        (INBOUND.format("TCP", "443", "Web Server", "Load Balancer"), "name-not-expressible"),
        (INBOUND.format("TCP", "443", "Web Server", "Database"), "name-not-expressible"),
    ],
)
def test_what_is_refused(cells: str, code: str) -> None:
    done = exported(TARGET, row(cells), bound())
    assert [one.code for one in done.report.rules] == [code]
    assert "kind" not in text_of(done)


@pytest.mark.parametrize(
    ("said", "near", "why"),
    [
        ('namespace = "web"', True, "every pod"),
        ('pod_labels = { app = "web" }', True, "every pod"),
        ('namespace = "web", pod_labels = { app = "web" }, namespace_labels = { team = "x" }', True, "one namespace"),
        ('pod_labels = { app = "web" }', False, "of each policy"),
    ],
)
def test_a_selector_that_would_mean_something_else_is_refused(said: str, near: bool, why: str) -> None:
    other = "Web Server"
    source, destination = (other, "Pods") if near else ("Pods", other)
    bindings = bound(f"{BINDINGS}\n[endpoint.Pods]\nkubernetes = {{ {said} }}\n")
    done = exported(TARGET, row(INBOUND.format("TCP", "443", source, destination)), bindings)
    assert done.report.rules[0].code == "name-not-expressible"
    assert why in (done.report.rules[0].reason or "")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ('namespace = "Web Zone", pod_labels = { app = "web" }', "does not take"),
        ('namespace = "web", pod_labels = { "a b" = "web" }', "does not take"),
        ('namespace = "web", pod_labels = { "/app" = "web" }', "does not take"),
        ('namespace = "web", pod_labels = { app = "two words" }', "does not take"),
        ('namespace = "web", pod_labels = { app = "web\\n" }', "does not take"),
        ('namespace = "web", namespace_labels = { "kubernetes.io/metadata.name" = "edge" }', "namespaces 'web' and 'edge'"),
        ('namespace_labels = { "kubernetes.io/metadata.name" = "", team = "t" }', "namespaces '' and ''"),
    ],
)
def test_what_kubernetes_does_not_take_is_a_fault_of_the_bindings(said: str, why: str) -> None:
    bindings = bound(f"{BINDINGS}\n[endpoint.Pods]\nkubernetes = {{ {said} }}\n")
    with pytest.raises(UsageError, match=rf"^\S+:\d+: 'Pods' .*{why}"):
        exported(TARGET, row(INBOUND.format("TCP", "443", "Pods", "Web Server")), bindings)


def test_the_name_of_a_namespace_is_its_label() -> None:
    said = '[endpoint."Load Balancer"]\nkubernetes = { namespace_labels = { "kubernetes.io/metadata.name" = "edge" } }\n'
    other = bound(BINDINGS.replace('[endpoint."Load Balancer"]\nkubernetes = { namespace = "edge" }\n', said))
    assert text_of(exported(TARGET, rules(PAGE), other)) == TEXT


def test_this_machine_is_the_pods_that_its_name_is_bound_to() -> None:
    cells = "| | TCP | 443 | Load Balancer | Web Server | |\n| | TCP | 5432 | Web Server | Database | |\n"
    done = exported(TARGET, row(cells), bound(), machine="Web Server")
    assert [one.status for one in done.report.rules] == ["exported", "exported"]
    policies = [one for one in yaml.safe_load_all(text_of(done)) if one]
    assert [one["spec"]["policyTypes"] for one in policies] == [["Egress"], ["Ingress"]]
    assert all(one["spec"]["podSelector"] == {"matchLabels": {"app": "web"}} for one in policies)
    # Without labels, it is no pods.
    networks = Bindings({**bound().endpoints, "Web Server": bound().endpoints["Support"]})
    assert {one.code for one in exported(TARGET, row(cells), networks, machine="Web Server").report.rules} == {"endpoint-unbound"}


DENY = "| Action | Direction | Protocol | Port | Source | Destination |\n|---|---|---|---|---|---|\n"


@pytest.mark.parametrize("protocol", ["TCP", "All protocols"])
def test_what_a_row_denies_is_not_allowed_behind_it(protocol: str) -> None:
    """Also where a policy could not name what is denied."""
    port = "22" if protocol == "TCP" else ""
    rows = f"| Deny | Inbound | {protocol} | {port} | Support | Web Server |\n| Allow | Inbound | TCP | 22 | Support | Web Server |\n"
    done = exported(TARGET, rules(f"# Web\n\n{DENY}{rows}"), bound())
    assert [one.code for one in done.report.rules] == ["deny-not-expressible", "allow-behind-deny"]
    last = f"| Allow | Inbound | TCP | 22 | Support | Web Server |\n| Deny | Inbound | {protocol} | {port} | Support | Web Server |\n"
    done = exported(TARGET, rules(f"# Web\n\n{DENY}{last}"), bound())
    assert [one.status for one in done.report.rules] == ["exported", "implied"]


def test_a_policy_keeps_its_name_in_the_next_release_only() -> None:
    """It replaces that of the release before; that of another product for the same pods stays beside it."""
    names = [policies(product, release) for product, release in (("b", "1"), ("b", "2"), ("c", "2"))]
    assert names[0] == names[1]
    assert not names[1] & names[2]


def policies(product: str | None, release: str | None, folder: str = "a") -> set[str]:
    """Return the names and labels of the policies of a page."""
    chosen = rules(PAGE)
    known = {"vendor": "a" if product else None, "product": product, "release": release}
    documents = tuple(msgspec.structs.replace(one, id=f"{folder}/page", **known) for one in chosen.documents)
    done = exported(TARGET, chosen._replace(scope=f"a/{product}/{release}", documents=documents), bound())
    found = [one["metadata"] for one in yaml.safe_load_all(text_of(done)) if one]
    return {text for one in found for text in (one["name"], one["labels"]["docrules/of"])}


def test_policies_of_two_folders_are_not_each_others() -> None:
    """A page of no release belongs to its folder, and the last part of that is no release."""
    assert not policies(None, None, "corp/web") & policies(None, None, "corp/mail")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('      "app": "web"\n', ""),
        ('    matchLabels:\n      "app": "web"\n', "    {}\n"),
        ("  - from:\n    - ipBlock", "  - from: []\n    x:\n    - ipBlock"),
        ("    - protocol: SCTP\n", "    - {}\n"),
        ("    - protocol: SCTP\n", "    []\n"),
        ("    - protocol: SCTP\n", "    - protocol: SCTP\n      endPort: 5\n"),
        ("port: 8088", "port: 0"),
        ("port: 8088", "port: '8088'"),
        ("port: 8088", "port: true"),
        ("endPort: 8093", "endPort: 8087"),
        ('cidr: "10.0.0.0/8"', 'cidr: "10.0.0.1/8"'),
        ('cidr: "10.0.0.0/8"', 'cidr: "10.0.0.0/8"\n        except: ["10.1.0.0/16"]'),
        ('cidr: "10.0.0.0/8"', "cidr: 10"),
        ("policyTypes:\n  - Egress", "policyTypes:\n  - Egress\n  - Ingress"),
        ("kind: NetworkPolicy", "kind: Role"),
        ("namespace: ", "uid: "),
        ('namespace: "web"', 'namespace: "web"\n  namespace: "db"'),
        ("# Made", "a: [\n# Made"),
        ('"app": "web"', '"app": !!python/object:x.Y {}'),
        ("docrules-egress-", "docrules-ingress-"),
    ],
)
def test_what_it_did_not_write_is_not_read(old: str, new: str) -> None:
    assert old in TEXT
    with pytest.raises(ValueError):
        TARGET.read({FILE: TEXT.replace(old, new, 1).encode()}, Symbols())


def test_a_second_policy_of_one_name_is_not_read() -> None:
    """The second one that is applied would replace the first."""
    policy = TEXT[TEXT.index("---\n# Ingress") :]
    with pytest.raises(ValueError, match="stands twice"):
        TARGET.read({FILE: (TEXT + policy).encode()}, Symbols())
    with pytest.raises(ValueError, match="should be network-policies"):
        TARGET.read({"other.yaml": TEXT.encode()}, Symbols())


def test_a_change_of_the_text_is_noticed() -> None:
    files = {FILE: TEXT.encode()}
    seen = [text for text in dict.fromkeys(mutants(TEXT)) if _without_words(text) != _without_words(TEXT)]
    missed = [text for text in seen if not is_noticed(TARGET, files, {FILE: text.encode()})]
    # The same policies, with other names or in another order.
    assert all(_meaning(text) == _meaning(TEXT) for text in missed)
    assert len(seen) - len(missed) >= 300


def _without_words(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.lstrip().startswith("#")]


def _meaning(text: str) -> object:
    """Return policies as PyYAML has them, without names and without order: a list says the same however often it says it."""
    found = [one for one in yaml.safe_load_all(text) if one]
    for one in found:
        one["metadata"].pop("name")
        one["metadata"].pop("labels", None)
    return _sorted(found)


def _sorted(value: object) -> object:
    if isinstance(value, dict):
        return sorted((key, repr(_sorted(item))) for key, item in value.items())
    return sorted({repr(_sorted(item)) for item in value}) if isinstance(value, list) else value


HOSTILE = st.one_of(
    st.text(max_size=300),
    st.sampled_from(
        [
            "\n---\nkind: Role\n",
            "a\r- from: []",
            "\u2028  - to: []",
            "\x85x: y",
            "${path}",
            "%{if}",
            '"; accept',
            "`x`",
            "=cmd",
            "\u202eabc",
        ]
    ),
)


@given(HOSTILE, st.sampled_from(["Load Balancer", "a: b\n- c", '"', "${x}", "\u2029- {}", "#", "'\\"]))
def test_text_of_a_vendor_is_a_comment(description: str, name: str) -> None:
    chosen = rules(PAGE)
    changed = []
    for entry, place in chosen.entries:
        end = entry.source
        if end is not None and end.name == "Load Balancer":
            end = msgspec.structs.replace(end, name=name)
        assert isinstance(entry, Rule)
        changed.append((msgspec.structs.replace(entry, description=description, source=end), place))
    endpoints = dict(bound().endpoints)
    endpoints[name] = endpoints["Load Balancer"]
    done = exported(TARGET, chosen._replace(entries=tuple(changed)), Bindings(endpoints))
    assert _without_words(text_of(done)) == _without_words(TEXT)
    assert all(len(line) < 130 and line.isprintable() for line in text_of(done).split("\n"))


LABEL = st.from_regex(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,20}[A-Za-z0-9])?", fullmatch=True)


@given(
    st.dictionaries(
        LABEL, LABEL | st.sampled_from(["", "on", "1e5", "0x1f", "null", "1.0", "2026-01-01", "1_0", "y"]), min_size=1, max_size=3
    )
)
def test_labels_are_read_back_as_they_are(labels: dict[str, str]) -> None:
    said = {"kubernetes": {"namespace": "123", "pod_labels": labels}}
    bindings = Bindings({**bound().endpoints, "Web Server": Binding(targets=said, file="bindings.toml", line=1)})
    done = exported(TARGET, rules(PAGE), bindings)
    # As YAML 1.2 and the parsers of Go have it, a text is a text only in quotes.
    for key, value in labels.items():
        assert f'      "{key}": "{value}"\n' in text_of(done)


TOPOLOGY = """\
{{apiVersion: v1, kind: Namespace, metadata: {{name: {space}, labels: {{"kubernetes.io/metadata.name": {space}, team: {space}}}}}}}
---
apiVersion: v1
kind: Pod
metadata: {{name: {pod}, namespace: {space}, labels: {{app: "{app}"}}}}
spec: {{containers: [{{name: a, image: a}}]}}
---
"""


def test_kubernetes_validate_takes_it(tmp_path: Path) -> None:
    path = tmp_path / FILE
    path.write_text(TEXT)
    done = subprocess.run([program("kubernetes-validate"), "--strict", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("passed") + done.stderr.count("passed") == 2


def test_the_connectivity_that_others_compute_is_what_the_rules_say(tmp_path: Path) -> None:
    """network-config-analyzer, with pods of each end and one beside them."""
    policies, topology = tmp_path / FILE, tmp_path / "topology.yaml"
    policies.write_text(TEXT)
    pods = (("web", "web", "web"), ("edge", "lb", "lb"), ("data", "db", "1e5"), ("data", "other", "other"))
    topology.write_text("".join(TOPOLOGY.format(space=space, pod=pod, app=app) for space, pod, app in pods))
    call = [str(program("nca")), "--connectivity", str(policies), "-n", str(topology), "-p", str(topology), "--print_ipv6"]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    of_web = {line for line in done.stdout.splitlines() if "dst_ns: [web]" in line or "src_ns: [web]" in line}
    assert of_web == {
        "src: 10.0.0.0/8,2001:db8::/32 dst_ns: [web] dst_pods: [*] conn: {protocols:TCP,dst_ports:22},{protocols:SCTP}",
        "src: 0.0.0.0/0,::/0 dst_ns: [web] dst_pods: [*] conn: {protocols:SCTP}",
        "src_ns: [edge] src_pods: [*] dst_ns: [web] dst_pods: [*] conn: {protocols:TCP,dst_ports:443}",
        "src_ns: [web] src_pods: [*] dst_ns: [data] dst_pods: [db] conn: {protocols:TCP,dst_ports:5432}",
    }
