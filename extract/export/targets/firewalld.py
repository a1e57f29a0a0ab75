"""firewalld: two policies, for what comes in and what goes out, and a service for each pair of ends (firewalld.policy(5))."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from lxml import etree

from extract import vocabulary
from extract.cells.limits import shortened
from extract.export.bindings import Binding
from extract.export.boxes import EVERY_ADDRESS, EVERY_PROTOCOL, EVERY_VALUE, Box, Direction, Entry, Interval, Symbols
from extract.export.firewalld_icmp import NAMES
from extract.export.flows import ICMP, End, Flow, families, number_of
from extract.export.refusals import Refusal
from extract.export.refusals import refuse as refusal
from extract.export.target import Files, Options, Work, unported
from extract.publish.wording import legible

NAME = "firewalld"
SUMMARY = "policies and services for /etc/firewalld, that let through before the zones decide"
LIMITS = (
    "ports of every protocol at once, and ports of UDP-Lite: refused",
    "types and codes of ICMP that firewalld has no name for: refused",
    "denials: refused, because zones allow services that no page names; firewalld handles traffic without a rule by its zones",
    "firewalld allows all outgoing traffic, so egress rules change nothing until you block outgoing traffic",
    "the names of files contain the scope: files of an earlier release have other names, and stay until you remove them",
)
NEEDS_BINDINGS = True
ORDERED = False
OPTIONS: tuple[str, ...] = ()

_LINE = 200
_MACHINE = r' This machine is ("(?:[^"\\]|\\.)*")\.'
_EVERY = {4: "0.0.0.0/0", 6: "::/0"}
_PORTED = ("tcp", "udp", "sctp", "dccp")


class _Policy(NamedTuple):
    direction: str
    way: Direction
    # The end of the name, of 18 characters at most.
    suffix: str
    # Where the traffic comes from and goes to, by zones; HOST is the machine.
    zones: tuple[str, str]
    says: str


_POLICIES = (
    _Policy("ingress", Direction.INGRESS, "in", ("ANY", "HOST"), "What comes in."),
    _Policy("egress", Direction.EGRESS, "out", ("HOST", "ANY"), "What goes out."),
)


def end(name: str, binding: Binding | None, *, near: bool) -> End | Refusal | None:
    """Return None: ends are networks, and nothing of firewalld."""
    del name, binding, near
    return None


def refuse(flow: Flow) -> Refusal | None:
    """Return why firewalld cannot express a flow."""
    rule = flow.rule
    if rule.protocol in ICMP and rule.icmp_type is not None and _icmp_name(flow) is None:
        code = "" if rule.icmp_code is None else f", code {rule.icmp_code}"
        return refusal("icmp-type-unnamed", f"{rule.protocol} type {rule.icmp_type}{code}")
    return unported(rule, _PORTED, NAME)


def _icmp_name(flow: Flow) -> str | None:
    said = (flow.rule.icmp_type, flow.rule.icmp_code)
    return next((name for name, meant in NAMES[ICMP[flow.rule.protocol]].items() if meant == said), None)


def limit(flows: Sequence[Flow]) -> Mapping[str, Refusal]:
    """Return nothing: firewalld has no limit that rules reach."""
    del flows
    return {}


# --- write ------------------------------------------------------------------------------------------------------------


def implies(flow: Flow, written: Sequence[Flow]) -> bool:
    """Return whether nothing else lets through what a denial stops: zones let some services in, and all out."""
    del flow, written
    return False


def blocks(options: Options) -> str:
    """Return nothing: the output blocks nothing by being there."""
    return ""


def write(work: Work) -> Files:
    """Return both policies, also where one has no rules, so that they take the place of earlier ones, and the services that they name."""
    scope = work.options.subject
    files: dict[str, bytes] = {}
    for policy in _POLICIES:
        root = etree.Element("policy", target="CONTINUE")
        _text(root, "short", f"{scope}: {policy.says}")
        names = sorted({one.name for flow in work.flows for one in (flow.source, flow.destination) if one.kind == "self"})
        # As JSON in ASCII, so that it is read back as it was.
        machine = "".join(f" This machine is {json.dumps(name)}." for name in names)
        etree.SubElement(root, "description").text = f"Rules of {_plain(scope)}. {policy.says}{machine}"
        for zone, name in zip(("ingress-zone", "egress-zone"), policy.zones, strict=True):
            etree.SubElement(root, zone, name=name)
        files |= _grouped(root, [flow for flow in work.flows if flow.direction == policy.direction], scope)
        files[f"policies/docr-{_token(scope)}-{policy.suffix}.xml"] = _xml(root)
    return dict(sorted(files.items()))


def _grouped(root: etree._Element, flows: Sequence[Flow], scope: str) -> Files:
    """Add the rules of flows to a policy, those of the same ends together, and return the services that they name."""
    groups: dict[tuple[str, ...], list[Flow]] = {}
    for flow in flows:
        groups.setdefault((*_called(flow.source), *_called(flow.destination)), []).append(flow)
    files: dict[str, bytes] = {}
    for ends, group in groups.items():
        title = f"{ends[1]} -> {ends[3]}"
        root.append(etree.Comment(f" {_commented(title)} "))
        listed = [flow for flow in group if _in_service(flow)]
        if listed:
            service = f"docrules-{_digest(scope, str(group[0].direction), *ends)[:16]}"
            files[f"services/{service}.xml"] = _service(listed, title)
            _rules(root, listed[0], "service", service)
        for flow in group:
            if not _in_service(flow):
                root.append(etree.Comment(f" {_origin(flow)} "))
                _rules(root, flow, *_element(flow))
    return files


def _called(one: End) -> tuple[str, str]:
    """Return what tells an end from others, in two parts: what a page calls it, or the networks of what it does not state."""
    return ("named", one.name) if one.name else ("unstated", ", ".join(map(str, one.networks)))


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()


def _token(scope: str) -> str:
    """Return what tells the policies of a scope from others, in the nine characters that are left of the 18 of a name."""
    return base64.b32encode(hashlib.sha256(scope.encode("utf-8", "surrogatepass")).digest())[:9].decode().lower()


def _in_service(flow: Flow) -> bool:
    """Return whether the traffic of a flow is the same in both families, as that of a service is."""
    return flow.rule.protocol not in (*ICMP, vocabulary.ANY_PROTOCOL)


def _service(flows: Sequence[Flow], title: str) -> bytes:
    root = etree.Element("service")
    _text(root, "short", title)
    for flow in flows:
        rule = flow.rule
        root.append(etree.Comment(f" {_origin(flow)} "))
        if rule.from_port is None:
            etree.SubElement(root, "protocol", value=str(number_of(rule.protocol)))
        else:
            ports = f"{rule.from_port}" if rule.to_port == rule.from_port else f"{rule.from_port}-{rule.to_port}"
            etree.SubElement(root, "port", port=ports, protocol=rule.protocol)
    return _xml(root)


def _element(flow: Flow) -> tuple[str, str]:
    """Return what a rule is about that names no service: a tag and a value; both are empty where it is about everything."""
    rule = flow.rule
    if rule.protocol == vocabulary.ANY_PROTOCOL:
        return "", ""
    name = _icmp_name(flow)
    return ("protocol", str(number_of(rule.protocol))) if rule.icmp_type is None or name is None else ("icmp-type", name)


def _rules(root: etree._Element, flow: Flow, tag: str, value: str) -> None:
    """Add a rule for each pair of addresses of the ends of a flow in each family."""
    for family in families(flow):
        for source, destination in itertools.product(_addresses(flow.source, family), _addresses(flow.destination, family)):
            rule = etree.SubElement(root, "rule", family=f"ipv{family}")
            said = {"source": source, "destination": destination}
            if not (source or destination or tag):
                # firewalld takes no rule that says nothing.
                said["source" if flow.direction == "ingress" else "destination"] = _EVERY[family]
            for side, address in said.items():
                if address:
                    etree.SubElement(rule, side, address=address)
            if tag:
                etree.SubElement(rule, tag, {_VALUE[tag]: value})
            etree.SubElement(rule, "accept")


_VALUE = {"service": "name", "icmp-type": "name", "protocol": "value"}


def _addresses(one: End, family: int) -> Sequence[str]:
    """Return the addresses of an end in a family; an empty one where it is this machine, or every address."""
    if one.kind != "networks":
        return ("",)
    networks = ipaddress.collapse_addresses(network for network in one.networks if network.version == family)  # type: ignore[type-var]
    return ["" if str(network) == _EVERY[family] else str(network) for network in networks]


def _text(root: etree._Element, tag: str, text: str) -> None:
    etree.SubElement(root, tag).text = shortened(_plain(text), _LINE)


def _plain(text: str) -> str:
    """Return vendor text as one line that XML 1.0 can hold."""
    return re.sub("[\ufffe\uffff]", "\N{MIDDLE DOT}", legible(" ".join(text.split())))


def _commented(text: str) -> str:
    """Return vendor text as it may stand in a comment of XML."""
    return re.sub("-(?=-)", "- ", shortened(_plain(text), _LINE))


def _origin(flow: Flow) -> str:
    place, rule = flow.place, flow.rule
    return _commented(f"{rule.fingerprint} {place.document}:{place.table}:{place.row} {rule.description}".rstrip())


def _xml(root: etree._Element) -> bytes:
    etree.indent(root)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


# --- read -------------------------------------------------------------------------------------------------------------

_NUMBER = r"(?:0|[1-9][0-9]{0,4})"
_Traffic = Sequence[tuple[Interval, Interval]]
"""Protocols and values."""


def read(files: Files, symbols: Symbols) -> Sequence[Entry]:
    """Return the rules of both policies. ValueError for what `write` does not write."""
    services: dict[str, _Traffic] = {}
    policies: dict[str, etree._Element] = {}
    for name, content in files.items():
        found = re.fullmatch(r"(?:services/(docrules-[0-9a-f]{16})|policies/docr-[a-z2-7]{9}-(in|out))\.xml", name)
        if found is None:
            raise ValueError(f"no such file: {name}")
        root = _parsed(content)
        if found[1]:
            services[found[1]] = _read_service(root)
        elif policies.setdefault(found[2], root) is not root:
            raise ValueError(f"two policies: {name}")
    if len(policies) != len(_POLICIES):
        raise ValueError("there are two policies")
    entries = [entry for policy in _POLICIES for entry in _read_policy(policies[policy.suffix], policy, services, symbols)]
    if {element.get("name") for root in policies.values() for element in root.iter("service")} != set(services):
        raise ValueError("there is a service that no rule names")
    return entries


def _parsed(content: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"no XML: {error}") from error
    if root.getroottree().docinfo.doctype:
        raise ValueError("there is a document type")
    return root


def _is(element: etree._Element, tag: str, *names: str) -> bool:
    """Return whether an element has a tag and just these attributes."""
    return element.tag == tag and sorted(map(str, element.attrib)) == sorted(names)


def _read_service(root: etree._Element) -> _Traffic:
    if not _is(root, "service") or not len(root) or not _is(root[0], "short"):
        raise ValueError("no service")
    return [_read_part(element) for element in root[1:]]


def _read_part(element: etree._Element) -> tuple[Interval, Interval]:
    if _is(element, "protocol", "value"):
        number = element.get("value", "")
        if re.fullmatch(_NUMBER, number) and int(number) <= EVERY_PROTOCOL[1]:
            return (int(number), int(number)), EVERY_VALUE
    if _is(element, "port", "port", "protocol") and element.get("protocol") in _PORTED:
        protocol = number_of(element.get("protocol", ""))
        found = re.fullmatch(rf"({_NUMBER})(?:-({_NUMBER}))?", element.get("port", ""))
        if found and int(found[1]) <= int(found[2] or found[1]) <= EVERY_VALUE[1]:
            return (protocol, protocol), (int(found[1]), int(found[2] or found[1]))
    raise ValueError(f"no part of a service: {etree.tostring(element)!r}")


def _read_policy(root: etree._Element, policy: _Policy, services: Mapping[str, _Traffic], symbols: Symbols) -> Iterator[Entry]:
    heads = (("short",), ("description",), ("ingress-zone", "name"), ("egress-zone", "name"))
    if not _is(root, "policy", "target") or root.get("target") != "CONTINUE" or len(root) < len(heads):
        raise ValueError("no policy")
    if not all(_is(element, *head) for element, head in zip(root, heads, strict=False)):
        raise ValueError("no head of a policy")
    if (root[2].get("name"), root[3].get("name")) != policy.zones:
        raise ValueError("other zones")
    machine = re.search(rf"{re.escape(policy.says)}(?:{_MACHINE})?\Z", root[1].text or "")
    if machine is None:
        raise ValueError("another description")
    near = symbols.interval(f"self:{json.loads(machine[1])}") if machine[1] else None
    for element in root[len(heads) :]:
        yield _read_rule(element, policy.way, services, near)


def _read_rule(element: etree._Element, way: Direction, services: Mapping[str, _Traffic], near: Interval | None) -> Entry:
    if not _is(element, "rule", "family") or element.get("family") not in ("ipv4", "ipv6"):
        raise ValueError("no rule")
    family = 4 if element.get("family") == "ipv4" else 6
    parts = list(element)
    if len(parts) < 2 or not _is(parts.pop(), "accept"):
        raise ValueError("no rule that lets through")
    source, destination = _read_ends(parts, family, way, near)
    traffic = [_read_element(part, family, services) for part in parts] or [[(EVERY_PROTOCOL, EVERY_VALUE)]]
    if len(traffic) > 1:
        raise ValueError("a rule is about one thing")
    boxes = (Box((way, way), (family, family), protocol, value, source, destination) for protocol, value in traffic[0])
    return Entry(True, tuple(boxes))


def _read_ends(parts: list[etree._Element], family: int, way: Direction, near: Interval | None) -> tuple[Interval, Interval]:
    """Take both ends from the parts of a rule; `near` is this machine, None where it is matched by its addresses."""
    source, destination = _read_end(parts, "source", family), _read_end(parts, "destination", family)
    if near is not None:
        if (destination if way is Direction.INGRESS else source) is not None:
            raise ValueError("this machine has no address here")
        source, destination = (source, near) if way is Direction.INGRESS else (near, destination)
    return source or EVERY_ADDRESS[family], destination or EVERY_ADDRESS[family]


def _read_end(parts: list[etree._Element], side: str, family: int) -> Interval | None:
    """Take an end from the parts of a rule. None where it is not stated."""
    if not parts or not _is(parts[0], side, "address"):
        return None
    network = ipaddress.ip_network(parts.pop(0).get("address", ""))
    if network.version != family:
        raise ValueError(f"an address of the other family: {network}")
    return int(network.network_address), int(network.broadcast_address)


def _read_element(element: etree._Element, family: int, services: Mapping[str, _Traffic]) -> _Traffic:
    name = element.get("name", "")
    if _is(element, "service", "name") and name in services:
        return services[name]
    if _is(element, "icmp-type", "name") and name in NAMES[family]:
        kind, code = NAMES[family][name]
        number = 1 if family == 4 else 58
        return [((number, number), (kind * 256 + (code or 0), kind * 256 + (255 if code is None else code)))]
    if _is(element, "protocol", "value"):
        return [_read_part(element)]
    raise ValueError(f"no such thing: {etree.tostring(element)!r}")
