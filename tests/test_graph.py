"""Who talks to whom: what the nodes and arrows are, and that each form of the drawing shows them and obeys no word of a document."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal
from xml.etree import ElementTree as ET

import msgspec
import pygraphviz
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.model import Action, Endpoint, EndpointKind, Rule, Unresolved
from extract.publish import published
from extract.publish.diff_scopes import Snapshot
from extract.publish.graph import Drawing, Edge, Graph, drawings, graph_of
from extract.publish.graph_dot import dot
from extract.publish.graph_figure import LABELLED_EDGES, figure
from extract.publish.graph_layout import Line, Size, layout
from extract.publish.graph_mermaid import mermaid
from extract.publish.graph_style import GRAPH_CSS
from extract.publish.graph_svg import svg, svg_file
from extract.publish.graph_text import width, wrapped
from extract.publish.wording import legible
from tests.test_cli import EXIT_CLEAN, EXIT_USAGE, REPO, docrules
from tests.test_wording import HOSTILE

RULES = REPO / "data/rules.json"
SVG = "{http://www.w3.org/2000/svg}"
NAMES = [
    *HOSTILE,
    r"\N \G \n \l \\",
    'a "quoted" name" -> n1; }',
    "<<b>bold</b>>",
    "end",
    "]); click n0 javascript:alert(1)",
    "%%{init: {'theme': 'dark'}}%%",
    "style: x#quot;y;",
    "1. first",
    "{{ 7 * 7 }} ${7} {% raw %}",
    "Gruppe für „alle“ ß ﬂ°°60¶ß",
    "サーバー ファイアウォール グループ",
    "مجموعة أمان الخادم",
    "\ufffe\uffff",
    "x" * 10_000,
    "",
]


Missing = Literal["action", "protocol", "ports"]


def end(name: str | None, kind: EndpointKind = "group") -> Endpoint | None:
    return Endpoint(kind, name) if name is not None else None


def rule(
    source: Endpoint | None, destination: Endpoint | None, protocol: str = "tcp", ports: tuple[int, int] | None = None, **more: Any
) -> Rule:
    from_port, to_port = ports or (None, None)
    fields: dict[str, Any] = {
        "action": "allow",
        "direction": "ingress",
        "icmp_type": None,
        "icmp_code": None,
        "description": "",
        "trace": (),
        "evidence": (),
        "fingerprint": "",
        **more,
    }
    fields.setdefault("id", repr((source, destination, protocol, ports, fields["action"], fields["icmp_type"])))
    return Rule(protocol=protocol, from_port=from_port, to_port=to_port, source=source, destination=destination, **fields)


def left_open(base: Rule, missing: Missing, words: str | None = None, **more: Any) -> Unresolved:
    unknown: dict[str, Any] = {missing: None} if missing != "ports" else {}
    fields = {**msgspec.structs.asdict(base), **unknown, **more}
    del fields["complete"]
    return Unresolved(**fields, port_text=words, missing=(missing,), reason="because")


def one_edge(*rules: Rule) -> Edge:
    (edge,) = graph_of(rules).edges
    return edge


A, B = end("A"), end("B")


def tree(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - made by the program under test


def having(root: ET.Element, name: str) -> list[ET.Element]:
    return [one for one in root.iter() if name in one.get("class", "").split()]


def texts(element: ET.Element) -> str:
    return " ".join("".join(one.itertext()) for one in element.iter(f"{SVG}text"))


# --- nodes and edges --------------------------------------------------------------------------------------------------


def test_rules_between_the_same_ends_are_one_arrow_with_all_their_ports() -> None:
    rules = [
        rule(A, B, "udp", (53, 53)),
        rule(A, B, "tcp", (8088, 8093)),
        rule(A, B, "tcp", (443, 443)),
        rule(A, B, "tcp", (22, 22)),
        rule(A, B, "icmp", icmp_type=8),
    ]
    assert one_edge(*rules).text() == "tcp 22, 443, 8088-8093; udp 53; icmp echo request"
    assert one_edge(*rules).rules == tuple(sorted(one.id for one in rules))


@pytest.mark.parametrize(
    ("ranges", "told"),
    [
        ([(80, 80), (80, 80)], "tcp 80"),
        ([(80, 90), (85, 100), (20, 21)], "tcp 20-21, 80-100"),
        ([(1, 100), (5, 6), (99, 99)], "tcp 1-100"),
        ([(80, 80), (81, 81)], "tcp 80, 81"),
        ([(0, 65535), (22, 22)], "tcp all ports"),
    ],
)
def test_ports_that_overlap_are_told_once(ranges: list[tuple[int, int]], told: str) -> None:
    assert one_edge(*(rule(A, B, "tcp", one) for one in ranges)).text() == told


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 9)).map(lambda one: (one[0], one[0] + one[1])), min_size=1, max_size=12))
def test_a_label_tells_just_the_ports_that_the_rules_let_through(ranges: list[tuple[int, int]]) -> None:
    told = one_edge(*(rule(A, B, "tcp", one) for one in ranges)).text().removeprefix("tcp ").split(", ")
    spans = [(int(first), int(last or first)) for first, _, last in (one.partition("-") for one in told)]
    assert {port for first, last in spans for port in range(first, last + 1)} == {p for low, high in ranges for p in range(low, high + 1)}
    assert spans == sorted(spans)


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (rule(A, B, "any"), "all traffic"),
        (rule(A, B, "any", (443, 443)), "any protocol 443"),
        (rule(A, B, "esp"), "esp"),
        (rule(A, B, "icmp"), "icmp"),
        (rule(A, B, "ipv6-icmp", icmp_type=128), "ipv6-icmp echo request"),
        (rule(A, B, "icmp", icmp_type=200, icmp_code=3), "icmp type 200 code 3"),
        (rule(A, B, "tcp", (22, 22), action="deny"), "deny tcp 22"),
    ],
)
def test_traffic_is_told_in_words_of_its_kind(made: Rule, told: str) -> None:
    assert one_edge(made).text() == told


def test_all_types_of_icmp_hold_each_of_them() -> None:
    assert one_edge(rule(A, B, "icmp", icmp_type=8), rule(A, B, "icmp")).text() == "icmp"


def test_what_is_denied_and_what_is_open_are_arrows_of_their_own() -> None:
    base = rule(A, B, "tcp", (22, 22))
    opened = [
        left_open(rule(A, B, "tcp", id="1"), "ports", "User-defined range"),
        left_open(rule(A, B, "tcp", id="2"), "ports"),
        left_open(rule(A, B, "tcp", (80, 80), id="3"), "protocol"),
        left_open(rule(A, B, "udp", (53, 53), id="4"), "action"),
        left_open(rule(A, B, "udp", (99, 99), id="5", action="deny"), "protocol"),
    ]
    graph = graph_of([base, rule(A, B, "tcp", (23, 23), action="deny")], opened)
    assert {(edge.opened, edge.action): edge.text() for edge in graph.edges} == {
        (False, "allow"): "tcp 22",
        (False, "deny"): "deny tcp 23",
        (True, "allow"): "tcp User-defined range?, ports not stated; protocol not stated 80",
        (True, None): "action not stated, udp 53",
        (True, "deny"): "deny protocol not stated 99",
    }


def test_a_long_label_counts_what_it_leaves_out_and_names_every_protocol() -> None:
    edge = one_edge(*(rule(A, B, "tcp", (port, port)) for port in range(20)), rule(A, B, "udp", (53, 53)), rule(A, B, "icmp", icmp_type=8))
    assert edge.text(8) == "tcp 0, 1, 2, 3, 4, 5 + 14 more; udp 53; icmp echo request"
    assert edge.text() == f"tcp {', '.join(map(str, range(20)))}; udp 53; icmp echo request"


def test_one_port_is_not_left_out_alone() -> None:
    assert one_edge(*(rule(A, B, "tcp", (port, port)) for port in range(9))).text(8) == "tcp 0, 1, 2, 3, 4, 5, 6, 7, 8"


def test_egress_goes_from_source_to_destination_too() -> None:
    graph = graph_of([rule(A, B, "tcp", (1, 1), direction="egress")])
    assert [graph.nodes[index].name for index in (graph.edges[0].source, graph.edges[0].target)] == ["A", "B"]


def test_every_way_to_say_any_is_one_node_and_what_is_not_stated_is_another() -> None:
    ends = [end("Any", "any"), end("任意", "any"), None]
    graph = graph_of([rule(one, B, "tcp", (1, 1), id=str(index)) for index, one in enumerate(ends)])
    assert [(node.kind, node.name, node.rules) for node in graph.nodes if node.kind != "group"] == [
        ("any", "anywhere", ("0", "1")),
        ("no-source", "not stated", ("2",)),
    ]


def test_a_source_and_a_destination_that_are_not_stated_are_not_the_same_place() -> None:
    graph = graph_of([rule(None, None, "tcp", (1, 1))])
    assert [node.kind for node in graph.nodes] == ["no-source", "no-destination"]
    assert (graph.edges[0].source, graph.edges[0].target) == (0, 1)


@pytest.mark.parametrize("name", ["0.0.0.0/0", "::/0"])
def test_the_network_of_all_addresses_is_drawn_as_such_and_keeps_its_name(name: str) -> None:
    (node, _) = sorted(graph_of([rule(end(name, "cidr"), B, "tcp", (1, 1))]).nodes, key=lambda one: one.kind)
    assert (node.kind, node.name) == ("any", name)


def test_one_name_of_two_kinds_is_two_nodes() -> None:
    assert len(graph_of([rule(end("A"), end("A", "role"), "tcp", (1, 1))]).nodes) == 2


@given(st.permutations([rule(end(a), end(b), "tcp", (port, port)) for a in "ABC" for b in "AB" for port in (1, 2)]))
def test_the_order_of_the_rules_changes_nothing(rules: list[Rule]) -> None:
    assert graph_of(rules) == graph_of(sorted(rules, key=lambda one: one.id))


# --- which drawings there are -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped() -> Snapshot:
    return published.load_rules(RULES)


def test_every_release_is_a_drawing_of_its_own_and_every_rule_is_in_one(shipped: Snapshot) -> None:
    found = drawings(shipped)
    assert [one.name for one in found] == ["axway/securetransport/5.5", "axway/securetransport/5.6"]
    ids = [name for one in found for edge in one.graph.edges for name in edge.rules]
    assert sorted(ids) == sorted([one.id for one in shipped.rules] + [one.id for one in shipped.unresolved])


def test_one_document_is_drawn_with_its_own_rules(shipped: Snapshot) -> None:
    page = "axway/securetransport/5.5/edge-security-group"
    (found,) = drawings(shipped, document=page)
    ids = {name for edge in found.graph.edges for name in edge.rules}
    stated = {one.id for one in shipped.rules if page in {row.document for row in one.evidence}}
    assert ids == stated | {one.id for one in shipped.unresolved if page in {row.document for row in one.evidence}}


# --- text and layout --------------------------------------------------------------------------------------------------


@given(st.text(max_size=200))
def test_lines_of_a_name_fit_their_room_and_lose_nothing_but_blanks(text: str) -> None:
    text = legible(text)
    lines = wrapped(text, 13, 160, 1000)
    assert all(width(line, 13) <= 160 for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_names_break_between_words_and_into_lines_of_about_one_length() -> None:
    assert wrapped("SecureTransport Server Security Group", 13, 180, 4) == ("SecureTransport", "Server Security Group")
    assert "".join(wrapped("web_server_production_security", 13, 160, 4)) == "web_server_production_security"
    assert all(line.endswith("_") for line in wrapped("web_server_production_security", 13, 160, 4)[:-1])


def test_a_very_long_word_ends_in_an_ellipsis() -> None:
    lines = wrapped("x" * 10_000, 13, 160, 4)
    assert len(lines) == 4
    assert lines[-1].endswith("…")


def test_signs_of_east_asia_are_twice_as_wide() -> None:
    assert width("日本", 100) >= 1.8 * width("ab", 100)
    assert width("e\u0301", 100) == width("e", 100)


def overlap(one: tuple[Any, Size], other: tuple[Any, Size]) -> bool:
    (a, size), (b, more) = one, other
    return abs(a.x - b.x) * 2 + 2 < size.width + more.width and abs(a.y - b.y) * 2 + 2 < size.height + more.height


def mesh(nodes: int, step: int) -> Graph:
    ends = [end(f"Group {index}") for index in range(nodes)]
    return graph_of([rule(ends[a], ends[b], "tcp", (a + b, a + b)) for a in range(nodes) for b in range(a % step, nodes, step)])


@pytest.mark.parametrize(("nodes", "step"), [(2, 1), (5, 1), (5, 2), (12, 4), (20, 5), (50, 30), (50, 20)])
def test_no_node_or_label_lies_on_another(nodes: int, step: int) -> None:
    drawn = figure(mesh(nodes, step))
    boxes = [(one.centre, one.size) for one in drawn.nodes]
    boxes += [(one.centre, one.label.size) for one in drawn.edges if one.label is not None and one.centre is not None]
    assert len(boxes) > nodes
    assert not [(one, other) for index, one in enumerate(boxes) for other in boxes[:index] if overlap(one, other)]
    assert all(at.x - size.width / 2 + 1 >= 0 and at.x + size.width / 2 - 1 <= drawn.size.width for at, size in boxes)
    assert all(at.y - size.height / 2 + 1 >= 0 and at.y + size.height / 2 - 1 <= drawn.size.height for at, size in boxes)


@pytest.mark.parametrize("columns", [(), (0, 1, 2), (2, 1, 0), (0, 0, 1)])
def test_lines_begin_and_end_at_their_boxes_whatever_the_columns(columns: tuple[int, ...]) -> None:
    box, label = Size(100, 40), Size(50, 20)
    ways = [(0, 1), (1, 0), (1, 2), (2, 0), (1, 1), (1, 1)]
    placed = layout([box] * 3, [Line(tail, head, label) for tail, head in ways], columns)
    for (tail, head), paths in zip(ways, placed.paths, strict=True):
        first, last = paths[0].points[0], paths[-1].tip
        assert last is not None
        for point, index in ((first, tail), (last, head)):
            centre = placed.boxes[index]
            assert abs(point.x - centre.x) <= box.width / 2 + 4
            assert abs(point.y - centre.y) <= box.height / 2 + 4
    if columns:
        order = sorted(range(3), key=lambda index: placed.boxes[index].x)
        assert [columns[index] for index in order] == sorted(columns)


def test_more_arrows_than_can_be_told_apart_have_no_labels_and_say_so() -> None:
    graph = mesh(30, 3)
    assert len(graph.edges) > LABELLED_EDGES
    root = tree(svg(graph, title="x"))
    assert not having(root, "edge-label")
    assert "too many for labels" in texts(root)
    assert len(having(root, "edge")) == len(graph.edges)


def test_labels_of_many_arrows_give_counts() -> None:
    ends = [end(f"Group {index}") for index in range(20)]
    graph = graph_of([rule(ends[a], ends[b], "tcp", (port, port)) for a in range(20) for b in range(6) for port in (1, 2, 3)])
    root = tree(svg(graph, title="x"))
    assert {texts(one) for one in having(root, "edge-label")} == {"3 ports"}
    assert {one.get("aria-label", "").partition(": ")[2] for one in having(root, "edge")} == {"tcp 1, 2, 3"}


# --- SVG --------------------------------------------------------------------------------------------------------------


def hostile() -> Graph:
    kinds: list[EndpointKind] = ["group", "role", "host", "cidr"]
    ends = [end(name, kinds[index % 4]) for index, name in enumerate(NAMES)]
    every = [rule(one, other, "tcp", (index, index)) for index, (one, other) in enumerate(zip(ends, [*ends[1:], ends[0]], strict=True))]
    return graph_of(every, [left_open(rule(ends[0], ends[0], "tcp", id=name), "ports", name) for name in NAMES])


def test_nodes_and_arrows_are_buttons_with_their_indices_and_their_full_text() -> None:
    deny: Action = "deny"
    graph = graph_of([rule(A, B, "tcp", (22, 22)), rule(B, B, "tcp", (1, 1)), rule(A, None, "tcp", (9, 9), action=deny)])
    root = tree(svg(graph, title="Release 1"))
    assert root.get("viewBox") and root.get("aria-label") == "Release 1"
    nodes, edges = having(root, "node"), having(root, "edge")
    assert sorted(int(one.get("data-node", "")) for one in nodes) == list(range(len(graph.nodes)))
    for one in edges:
        edge = graph.edges[int(one.get("data-edge", ""))]
        assert one.get("aria-label") == graph.sentence(edge) == one.findtext(f"{SVG}title")
        assert (one.get("data-from"), one.get("data-to")) == (str(edge.source), str(edge.target))
        assert ("edge-deny" in one.get("class", "")) == (edge.action == "deny")
    assert {one.get("aria-label") for one in edges} == {"A to B: tcp 22", "B to B: tcp 1", "A to destination not stated: deny tcp 9"}
    assert {(one.get("tabindex"), one.get("role")) for one in (*nodes, *edges)} == {("0", "button")}


def test_a_drawing_within_a_page_brings_no_style_script_or_identifier() -> None:
    root = tree(svg(hostile(), title='<b>&"'))
    assert {one.tag.removeprefix(SVG) for one in root.iter()} <= {"svg", "desc", "title", "g", "path", "rect", "text", "tspan"}
    names = {name for one in root.iter() for name in one.attrib}
    assert not [name for name in names if name in ("style", "id", "href") or name.startswith("on")]
    for one in root.iter():
        assert all(name.startswith(("graph", "node", "edge")) for name in one.get("class", "").split())


def test_the_words_of_documents_are_text_in_svg() -> None:
    graph = hostile()
    root = tree(svg_file([Drawing("<i>/&/\u202e", graph)]))
    labels = {one.get("aria-label", "") for one in having(root, "node")}
    for node in graph.nodes:
        assert any(label.startswith(re.sub("[\ufffe\uffff]", "·", node.name)) for label in labels)
    assert not {"script", "img", "a", "b", "i", "foreignObject"} & {one.tag.removeprefix(SVG) for one in root.iter()}


def test_every_class_has_a_style_and_the_dark_colours_are_all_there() -> None:
    light, dark = GRAPH_CSS.split("prefers-color-scheme: dark", 1)
    assert set(re.findall(r"(--g-[\w-]+):", light)) == set(re.findall(r"(--g-[\w-]+):", dark.split(".graph text")[0]))
    for name in ("node-group", "node-role", "node-host", "node-cidr", "node-any", "node-unstated", "edge-line", "edge-deny", "edge-open"):
        assert f".{name} " in GRAPH_CSS


def test_the_kinds_of_lines_are_told_in_a_legend() -> None:
    graph = graph_of([rule(A, B, "tcp", (1, 1))], [left_open(rule(A, B, "tcp", id="o"), "ports", "some")])
    told = texts(tree(svg(graph, title="x")))
    assert "allowed, from source to destination" in told
    assert "unresolved: what is not stated, or ends in ?, is left open" in told
    assert "denied" not in told


# --- dot and Mermaid --------------------------------------------------------------------------------------------------


def test_dot_is_read_back_with_the_same_nodes_and_arrows() -> None:
    graph = graph_of([rule(A, B, "tcp", (22, 22)), rule(A, B, "tcp", (23, 23), action="deny"), rule(B, B, "udp", (1, 1))])
    read = pygraphviz.AGraph(string=dot([Drawing("one", graph), Drawing("two", graph)]))
    assert len(read.subgraphs()) == 2
    assert [node.attr["tooltip"] for node in read.subgraphs()[0].nodes()] == ["A", "B"]
    edges = [(one[0], one[1], one.attr["label"]) for one in read.subgraphs()[1].edges()]
    assert sorted(edges) == [("s1n0", "s1n1", "deny tcp 23"), ("s1n0", "s1n1", "tcp 22"), ("s1n1", "s1n1", "udp 1")]


@pytest.mark.parametrize("name", NAMES)
def test_the_words_of_documents_are_text_in_dot(name: str) -> None:
    """Graphviz draws them, with the escapes and entities of its language resolved: what it shows is what the page says."""
    graph = graph_of([rule(end(name), end("B"), "tcp", (1, 1))])
    drawn = pygraphviz.AGraph(string=dot([Drawing(name[:50], graph)])).draw(format="svg", prog="dot").decode()
    root = tree(re.sub("[\ufffe\uffff]", "·", drawn.replace("xlink:", "")))
    said = re.sub("[\ufffe\uffff]", "·", legible(name)).replace("\N{NO-BREAK SPACE}", " ")
    tips = [one.get("title", "").replace("\N{NO-BREAK SPACE}", " ") for one in root.iter(f"{SVG}a")]
    assert said in tips or not name
    told = "".join("".join(one.itertext()) for one in root.iter(f"{SVG}text")).replace("\N{NO-BREAK SPACE}", " ")
    assert "".join(said.split())[:20] in "".join(told.split()).partition("group")[2]
    assert {one.tag.removeprefix(SVG) for one in root.iter()} <= {"svg", "g", "title", "polygon", "path", "text", "a"}


@pytest.mark.parametrize("name", NAMES)
def test_the_words_of_documents_are_text_in_mermaid(name: str) -> None:
    graph = graph_of([rule(end(name), end("B"), "tcp", (1, 1))], [left_open(rule(end("B"), end("B"), "tcp"), "ports", name)])
    text = mermaid([Drawing(name, graph)])
    assert re.sub(r'"[^"\n]*"', '""', text).splitlines() == [
        "flowchart LR",
        '  subgraph s0[""]',
        "    direction LR",
        '    s0n0("")',
        '    s0n1("")',
        *[f"    {line}" for line in sorted_lines(graph)],
        "  end",
    ]
    for quoted in re.findall(r'"([^"\n]*)"', text):
        # What is left when the numbers of signs are taken out: words, and marks within words.
        said = re.sub(r"#\d+;", "#", quoted.replace("<br/>", "#"))
        assert not re.search(r"[\x00-\x1f<>&;:`{}\[\]%|\\*_~$@!?+='ﬂ]", said)
        assert not re.search(r"(?<![0-9A-Za-z])[-./]|[-./](?![0-9A-Za-z])", said)


def sorted_lines(graph: Graph) -> list[str]:
    return [f's0n{edge.source} {"-.->" if edge.opened else "-->"}|""| s0n{edge.target}' for edge in graph.edges]


def test_mermaid_gets_no_empty_quotation_and_no_escape_for_the_end_of_a_line() -> None:
    text = mermaid([Drawing("", graph_of([rule(end(r"a\new"), end("ﬂ°°60¶ß"), "tcp", (1, 1))]))])
    assert 's0[" "]' in text
    assert "a#92;#8203;new" in text
    assert "#64258;#8203;°°60" in text


def test_mermaid_marks_what_is_denied_open_anywhere_and_not_stated() -> None:
    every = [rule(end("Any", "any"), None, "tcp", (1, 1), action="deny"), rule(end("10.0.0.0/8", "cidr"), end("h", "host"), "tcp", (2, 2))]
    text = mermaid([Drawing("x", graph_of(every))])
    assert 's0n2(["any address<br/>anywhere"]):::anywhere' in text
    assert 's0n3["destination<br/>not stated"]:::unstated' in text
    assert '{{"network<br/>10.0.0.0/8"}}' in text
    assert '--x|"deny tcp 1"|' in text


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["svg", "mermaid", "dot"])
def test_the_shipped_rules_are_drawn_the_same_each_time(form: str, tmp_path: Path) -> None:
    result = docrules("graph", "--format", form, cwd=REPO)
    assert (result.code, result.err) == (EXIT_CLEAN, "")
    out = tmp_path / "drawing"
    assert docrules("graph", RULES, "--format", form, "--out", out, cwd=tmp_path).out == b""
    assert out.read_bytes() == result.out
    for name in (b"axway/securetransport/5.5", b"axway/securetransport/5.6", b"any address", b"33060"):
        assert name in result.out


def test_rules_json_of_the_current_folder_is_drawn_where_none_is_named(tmp_path: Path) -> None:
    assert docrules("graph", cwd=tmp_path).code == EXIT_USAGE
    (tmp_path / "rules.json").write_bytes(RULES.read_bytes())
    assert docrules("graph", "--format", "mermaid", cwd=tmp_path).out.startswith(b"flowchart LR\n")


def test_release_scope_and_document_choose_what_is_drawn() -> None:
    for option, name, others in (
        ("--release", "5.6", b"securetransport/5.5"),
        ("--scope", "axway/securetransport/5.5", b"securetransport/5.6"),
        ("--document", "axway/securetransport/5.5/edge-security-group", b"securetransport/5.6"),
    ):
        result = docrules("graph", "--format", "mermaid", option, name, cwd=REPO)
        assert result.code == EXIT_CLEAN
        assert result.out.count(b"subgraph") == 1
        assert others not in result.out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--release", "9"], "there is no release '9'; there is 5.5, 5.6"),
        (["--scope", "x"], "there is no scope 'x'; there is axway/securetransport/5.5, axway/securetransport/5.6"),
        (["--document", "x"], "there is no document 'x'"),
        (["--out", "data/rules.json"], "holds the rules and would be overwritten"),
        (["--out", "data"], "is a folder"),
        (["missing.json"], "missing.json cannot be read"),
    ],
)
def test_what_cannot_be_drawn_is_said(options: list[str], said: str) -> None:
    result = docrules("graph", *options, cwd=REPO)
    assert (result.code, result.out) == (EXIT_USAGE, b"")
    assert said in result.err


def test_a_document_without_rules_gives_an_empty_drawing() -> None:
    result = docrules("graph", "--document", "axway/securetransport/5.5/overview", cwd=REPO)
    assert result.code == EXIT_CLEAN
    assert "no rules" in texts(tree(result.out.decode()))


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(*[st.sampled_from([*NAMES[:8], None, "A"])] * 2), min_size=1, max_size=8))
def test_any_graph_is_drawn_in_every_form(pairs: list[tuple[str | None, str | None]]) -> None:
    graph = graph_of([rule(end(a), end(b), "tcp", (1, 1)) for a, b in pairs])
    assert len(having(tree(svg(graph, title="x")), "edge")) == len(graph.edges)
    assert pygraphviz.AGraph(string=dot([Drawing("x", graph)])).number_of_edges() == len(graph.edges)
    assert mermaid([Drawing("x", graph)]).count("|") == 2 * len(graph.edges)
