"""Kubernetes: objects of NetworkPolicy (networking.k8s.io/v1), one for the pods of each near end and each direction.

An empty peer, selector, list of peers or list of ports means everything there, so that none of them is ever written or read.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from extract import vocabulary
from extract.check.stated import scope_of
from extract.errors import UsageError
from extract.export import flows
from extract.export.bindings import Binding, Network
from extract.export.boxes import EVERY_VALUE, Box, Direction, Entry, Interval, Symbols
from extract.export.flows import End, Flow
from extract.export.refusals import Refusal
from extract.export.refusals import refuse as refusal
from extract.export.strict_yaml import Text, comment, dump, fields, load_all
from extract.export.target import Files, Options, Work

NAME = "kubernetes"
SUMMARY = "NetworkPolicy objects as YAML: one for the pods of each near end and each direction"
LIMITS: Sequence[str] = (
    "The near endpoint is pods of one namespace: `kubernetes = { namespace = ..., pod_labels = ... }` in the bindings.",
    "A far endpoint is networks, everything, or pods: with a namespace or namespace_labels, and pod_labels or all pods there.",
    "TCP, UDP and SCTP from port 1, or every port of one of them; no ICMP, no other protocol, not every protocol at once.",
    "A policy can only allow: a denial is left out, and a later allow that overlaps it is refused.",
    "Ports are those of the pods, not those of a Service. The network plugin decides whether a network also matches pods.",
)
NEEDS_BINDINGS = True
ORDERED = False
OPTIONS: tuple[str, ...] = ()
FILE = "network-policies.yaml"

_PROTOCOLS = ("tcp", "udp", "sctp")
_WAYS = {"Ingress": (Direction.INGRESS, "from"), "Egress": (Direction.EGRESS, "to")}
_ANYWHERE = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))
# Every namespace has this label, with its name (Kubernetes, Well-Known Labels).
_NAMESPACE = "kubernetes.io/metadata.name"
# Kubernetes, Object Names and IDs (RFC 1123 label), and Labels and Selectors, Syntax and character set.
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_VALUE = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?", re.ASCII)
_PREFIX = re.compile(r"(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*", re.ASCII)
# Policies of one product or document have this label, and no others.
_OF = "docrules/of"
_LABEL = re.compile(r"p-[0-9a-f]{12}", re.ASCII)
# Kubernetes, Recommended Labels.
_MANAGED = "app.kubernetes.io/managed-by"
_POLICY = re.compile(r"docrules-(ingress|egress)-[0-9a-f]{12}", re.ASCII)


def end(name: str, binding: Binding | None, *, near: bool) -> End | Refusal | None:
    """Return the pods that an end is by its binding, and why they cannot be selected; None where the binding says nothing of pods.

    Raises UsageError where it says what Kubernetes does not take.
    """
    said = binding.targets.get(NAME) if binding is not None else None
    if binding is None or said is None:
        return None
    pods = dict(said.get("pod_labels", {}))
    spaces = dict(said.get("namespace_labels", {}))
    space = spaces.pop(_NAMESPACE, None)
    named = said.get("namespace", space) or ""
    wrong = _untaken(named, pods, spaces)
    if space == "" or (space and space != named):
        wrong = f"is said to be in the namespaces {named!r} and {space!r}"
    if wrong:
        raise UsageError(f"{binding.file}:{binding.line}: {name!r} {wrong}")
    problem = _misleading(named, pods, spaces, near=near)
    if problem:
        return refusal("name-not-expressible", f"{name!r} {problem}")
    return End(name=name, kind="reference", reference=_reference(named, pods, spaces))


def _misleading(space: str, pods: Mapping[str, str], spaces: Mapping[str, str], *, near: bool) -> str:
    """Return why a policy would be about other pods than the bindings mean, in words; empty where it would not."""
    if near and not (space and pods):
        return "needs a namespace and pod_labels where a policy is for it: without them it would be for every pod"
    if near and spaces:
        return "has namespace_labels, and a policy is for pods of one namespace"
    if not space and not spaces:
        return "needs a namespace or namespace_labels: without them it would be pods of the namespace of each policy"
    return ""


def _untaken(space: str, pods: Mapping[str, str], spaces: Mapping[str, str]) -> str:
    if space and not _NAME.fullmatch(space):
        return f"is bound to the namespace {space!r}, which Kubernetes does not take"
    for key, value in (*pods.items(), *spaces.items()):
        prefix, slash, last = key.rpartition("/")
        if (slash and not _PREFIX.fullmatch(prefix)) or not last or not _VALUE.fullmatch(last) or not _VALUE.fullmatch(value):
            return f"is bound to the label {f'{key}={value}'!r}, which Kubernetes does not take"
    return ""


def _reference(space: str, pods: Mapping[str, str], spaces: Mapping[str, str]) -> str:
    """Return what pods are called in a box: the same for the same selector, however it is written."""
    return json.dumps({"namespace": space, "namespace_labels": dict(spaces), "pod_labels": dict(pods)}, sort_keys=True)


def refuse(flow: Flow) -> Refusal | None:
    """Return why a policy cannot allow a flow. What is denied is never written, and so never refused here: the core must know of it."""
    if flow.rule.action == "deny":
        return None
    near, rule = flow.near, flow.rule
    if near.kind == "anywhere":
        return refusal("name-not-expressible", "the near end is anything, and a policy is for pods that its labels select")
    if near.kind != "reference":
        return refusal("endpoint-unbound", f"a policy is for pods, and no binding says which ones {near.name or 'the near end'!r} is")
    if rule.protocol not in _PROTOCOLS:
        if rule.protocol == vocabulary.ANY_PROTOCOL and rule.from_port is not None:
            return refusal("any-with-ports", "a policy limits the ports of TCP, UDP or SCTP, not those of every protocol")
        return refusal("protocol-not-expressible", f"a policy knows TCP, UDP and SCTP, and not {rule.protocol}")
    first, last = flows.values(rule)
    if first == 0 and (first, last) != EVERY_VALUE:
        return refusal("port-zero", f"ports begin with 1 in a policy, and the rule is about {first}-{last}")
    return None


def limit(flows: Sequence[Flow]) -> Mapping[str, Refusal]:
    """Return nothing: a policy takes any number of rules."""
    return {}


def implies(flow: Flow, written: Sequence[Flow]) -> bool:
    """Return whether nothing else lets through what a denial stops: only where a policy for the same pods and direction is written."""
    return any((one.near, one.direction) == (flow.near, flow.direction) for one in written)


def blocks(options: Options) -> str:
    """Return what policies block by being there."""
    beside = "what was refused, and name lookups (DNS) too where it is egress"
    return f"all other traffic of the selected pods in the direction of a policy: {beside}"


def write(work: Work) -> Files:
    """Return the policies in one file, in the order of namespaces and names; within a policy, in the order of protocols and ports."""
    policies: dict[tuple[str, str], list[Flow]] = {}
    labels = {_MANAGED: "docrules", _OF: _of(work)}
    for flow in work.flows:
        name = _policy(work, str(flow.direction), flow.near.reference)
        policies.setdefault((json.loads(flow.near.reference)["namespace"], name), []).append(flow)
    lines = [comment(f"Made by docrules of the rules of {work.options.scope}; do not edit it: change the bindings, and export again.")]
    lines.append(comment("A policy blocks what it does not allow; where it is egress, name lookups (DNS) too."))
    lines.append(comment(f"To delete what is gone, too: kubectl apply --prune -l {_OF}={_of(work)} -f {FILE}"))
    for (space, name), some in sorted(policies.items()):
        lines += _text({"name": name, "namespace": Text(space), "labels": labels}, some)
    return {FILE: "".join(lines).encode()}


def _policy(work: Work, direction: str, reference: str) -> str:
    """Return the name of a policy: the same in the next release, which replaces this one; another one for another product or document."""
    return f"docrules-{direction}-{_digest([*_product(work), reference])}"


def _of(work: Work) -> str:
    """Return what the policies of one product or document have in common, in every release, as a label."""
    return f"p-{_digest(_product(work))}"


def _product(work: Work) -> list[str]:
    """Return the product that the rules are of, without its release; else the scope."""
    document = work.documents[0]
    scope = scope_of(document)
    of = scope[:-1] if document.product and document.release else scope
    return ["/".join(of), work.options.document]


def _digest(named: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(named).encode()).hexdigest()[:12]


def _text(metadata: Mapping[str, object], some: Sequence[Flow]) -> Iterator[str]:
    """Yield the lines of one policy."""
    way = str(some[0].direction).capitalize()
    pods = json.loads(some[0].near.reference)["pod_labels"]
    yield "---\n"
    yield comment(f"{way}: {', '.join(sorted({flow.near.name for flow in some}))}")
    yield dump({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy"})
    yield dump({"metadata": metadata})
    yield dump({"spec": {"podSelector": _selector(pods), "policyTypes": [way]}})
    yield f"  {way.lower()}:\n"
    order = sorted(some, key=lambda flow: (_PROTOCOLS.index(flow.rule.protocol), flows.values(flow.rule), flow.rule.fingerprint))
    for flow in order:
        place = f"{flow.place.document}:{flow.place.table}:{flow.place.row}"
        yield comment(f"{flow.rule.fingerprint} {place}: {flow.far.name or 'not stated'}: {flow.rule.description}", 2)
        yield dump([{_WAYS[way][1]: list(_peers(flow.far)), "ports": [_port(flow)]}], 2)


def _selector(labels: Mapping[str, str]) -> Mapping[str, object]:
    return {"matchLabels": {Text(key): Text(value) for key, value in sorted(labels.items())}}


def _peers(far: End) -> Iterator[Mapping[str, object]]:
    if far.kind != "reference":
        for network in _ANYWHERE if far.kind == "anywhere" else _collapsed(far.networks):
            yield {"ipBlock": {"cidr": Text(network)}}
        return
    said = json.loads(far.reference)
    spaces = said["namespace_labels"] | ({_NAMESPACE: said["namespace"]} if said["namespace"] else {})
    peer = {"namespaceSelector": _selector(spaces)}
    if said["pod_labels"]:
        peer["podSelector"] = _selector(said["pod_labels"])
    yield peer


def _collapsed(networks: Iterable[Network]) -> Iterator[Network]:
    for family in (4, 6):
        yield from ipaddress.collapse_addresses([one for one in networks if one.version == family])  # type: ignore[type-var]


def _port(flow: Flow) -> Mapping[str, object]:
    first, last = flows.values(flow.rule)
    port: dict[str, object] = {"protocol": flow.rule.protocol.upper()}
    if (first, last) != EVERY_VALUE:
        port["port"] = first
        if last != first:
            port["endPort"] = last
    return port


def read(files: Files, symbols: Symbols) -> Sequence[Entry]:
    """Return what the policies of an output allow. Raises ValueError for what is not written here, and for two policies of one name."""
    if set(files) != {FILE}:
        raise ValueError(f"the output should be {FILE}, and is {', '.join(files)}")
    found: list[Entry] = []
    names: set[tuple[str, str]] = set()
    for document in load_all(files[FILE]):
        if document is None and not names:
            # The comment above the first policy, where there is none.
            continue
        policy = fields(document, {"apiVersion", "kind", "metadata", "spec"})
        if (policy["apiVersion"], policy["kind"]) != ("networking.k8s.io/v1", "NetworkPolicy"):
            raise ValueError(f"{policy['apiVersion']!r} {policy['kind']!r} is no policy of a network")
        metadata = fields(policy["metadata"], {"name", "namespace", "labels"})
        labels = fields(metadata["labels"], {_MANAGED, _OF})
        if labels[_MANAGED] != "docrules" or not _LABEL.fullmatch(str(labels[_OF])):
            raise ValueError(f"{labels} are no labels of a policy")
        name, space = str(metadata["name"]), str(metadata["namespace"])
        if not _POLICY.fullmatch(name) or not _NAME.fullmatch(space) or (space, name) in names:
            raise ValueError(f"{space!r} {name!r} is no name of a policy, or stands twice")
        names.add((space, name))
        found.append(Entry(True, tuple(_read_policy(name, space, policy["spec"], symbols))))
    return found


def _read_policy(name: str, space: str, spec: object, symbols: Symbols) -> Iterator[Box]:
    way = name.split("-")[1]
    said = fields(spec, {"podSelector", "policyTypes", way})
    if said["policyTypes"] != [way.capitalize()]:
        raise ValueError(f"{name} should be of {way} alone")
    direction, peer = _WAYS[way.capitalize()]
    near = symbols.interval(f"reference:{_reference(space, _labels(said['podSelector']), {})}")
    for rule in _items(said[way]):
        allowed = fields(rule, {peer, "ports"})
        ports = [_read_port(port) for port in _items(allowed["ports"])]
        for family, far in (found for one in _items(allowed[peer]) for found in _read_peer(one, symbols)):
            ends = (far, near) if direction is Direction.INGRESS else (near, far)
            for protocol, values in ports:
                yield Box((direction, direction), (family, family), protocol, values, *ends)


def _items(value: object) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise ValueError(f"{value!r} should be a list; an empty one means everything")
    return value


def _labels(value: object) -> Mapping[str, str]:
    labels = fields(value, {"matchLabels"})["matchLabels"]
    texts = isinstance(labels, dict) and all(isinstance(text, str) for item in labels.items() for text in item)
    if not texts or not labels or _untaken("", labels, {}):
        raise ValueError(f"{labels!r} should be labels; none means everything")
    return dict(labels)


def _read_peer(value: object, symbols: Symbols) -> Iterator[tuple[int, Interval]]:
    """Yield the family and the interval of what a peer is."""
    if isinstance(value, dict) and "ipBlock" in value:
        block = fields(fields(value, {"ipBlock"})["ipBlock"], {"cidr"})["cidr"]
        if not isinstance(block, str) or "/" not in block:
            raise ValueError(f"{block!r} is no network")
        network = ipaddress.ip_network(block)
        yield network.version, (int(network.network_address), int(network.broadcast_address))
        return
    said = fields(value, {"namespaceSelector"}, {"podSelector"})
    spaces = dict(_labels(said["namespaceSelector"]))
    pods = _labels(said["podSelector"]) if "podSelector" in said else {}
    far = symbols.interval(f"reference:{_reference(spaces.pop(_NAMESPACE, ''), pods, spaces)}")
    yield from ((family, far) for family in (4, 6))


def _read_port(value: object) -> tuple[Interval, Interval]:
    """Return the protocol and the ports that an entry says, by its numbers."""
    said = fields(value, {"protocol"}, {"port", "endPort"})
    protocol = str(said["protocol"]).lower()
    if protocol not in _PROTOCOLS or said["protocol"] != protocol.upper():
        raise ValueError(f"{said['protocol']!r} is no protocol of a policy")
    number = flows.number_of(protocol)
    if "port" not in said and "endPort" not in said:
        return (number, number), EVERY_VALUE
    first, last = said.get("port"), said.get("endPort", said.get("port"))
    if type(first) is not int or type(last) is not int or not 1 <= first <= last <= 65535:
        raise ValueError(f"{first!r}-{last!r} are no ports of a policy")
    return (number, number), (first, last)
