"""No addition to a cell makes what is published larger, and no restriction is lost in silence.

Cells are built from the grammar, and words are added to them, in all languages: exceptions, negations, states of connections, conditions,
labels, notes, references, nonsense. What is published before and after is compared as sets of protocols and intervals of ports. Set
DOCRULES_EXAMPLES to try more than a few.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from extract import Extraction, extract_text, vocabulary
from extract.cells import ports

EXAMPLES = int(os.environ.get("DOCRULES_EXAMPLES", "150"))
PROPERTY = settings(deadline=None, derandomize=EXAMPLES < 1000, max_examples=EXAMPLES, database=None)

# --- cells and additions ----------------------------------------------------------------------------------------------

numbers = st.sampled_from([22, 80, 443, 3389, 8080, 9443, 30000, 49152])
spans = st.one_of(numbers.map(str), st.tuples(numbers, numbers).filter(lambda two: two[0] < two[1]).map(lambda two: f"{two[0]}-{two[1]}"))
entries = st.one_of(
    spans,
    st.builds("{} {}".format, st.sampled_from(["TCP", "UDP"]), spans),
    st.builds("{}/{}".format, spans, st.sampled_from(["tcp", "udp"])),
)
lists = st.one_of(
    st.lists(entries, min_size=1, max_size=3).map(", ".join),
    st.sampled_from(["Any", "All", "TCP any", "1024 and above", "> 1023", "TCP 80, UDP any"]),
)


def words_of(*sections: str) -> st.SearchStrategy[str]:
    return st.sampled_from(sorted({word for section in sections for word in vocabulary.words(section)}))


excepted = st.builds("{} {}".format, words_of("exception"), numbers)
negated = st.builds("{} {}".format, words_of("negation"), numbers)
narrowing = words_of("narrowing")
conditions = st.builds("{} {}".format, words_of("condition"), st.sampled_from(["clustered", "TLS", "version 5.2", "more than 100 users"]))
notes = st.sampled_from(["[2]", "†", "¹", "(see note 3)", "(optional)", "See Reference 2", "[^1]", "(1)"])
variables = words_of("variable")
nonsense = st.sampled_from(["frobnicate", "plus offset", "von extern", "内部", "для админов", "<http_port>", "$PORT", "5 minutes", "v2"])
additions = st.one_of(excepted, negated, narrowing, conditions, notes, variables, nonsense)
restrictions = st.one_of(excepted, narrowing)


@st.composite
def added(draw: st.DrawFn, words: st.SearchStrategy[str]) -> tuple[str, str, tuple[str, ...]]:
    """Return a cell, the words that are added, and the lines of the cell with them."""
    cell, addition = draw(lists), draw(words)
    place = draw(st.sampled_from(["behind", "in brackets", "comma", "line", "in front"]))
    if place == "in front":
        return cell, addition, (f"{addition} {cell}",)
    if place == "line":
        return cell, addition, (cell, addition)
    return cell, addition, ({"behind": f"{cell} {addition}", "in brackets": f"{cell} ({addition})", "comma": f"{cell}, {addition}"}[place],)


# --- sets of traffic --------------------------------------------------------------------------------------------------

Traffic = dict[str, list[tuple[int, int]]]
EVERY = (0, 65535)


def traffic_of(lines: Sequence[str]) -> Traffic:
    """Return protocol -> the ports that a port cell publishes; "" stands for what the rest of the row says."""
    found: Traffic = {}
    for item in ports.parse(tuple(lines)).items:
        if item.any or (item.first is not None and item.last is not None and not item.problem):
            for protocol in item.protocols or ("",):
                found.setdefault(protocol, []).append(EVERY if item.first is None or item.last is None else (item.first, item.last))
    return found


def holds(wide: Traffic, narrow: Traffic) -> bool:
    """Return whether all that the one publishes is in the other; "any protocol" and no protocol hold every protocol."""
    return all(
        any(_covers([*wide.get(protocol, ()), *wide.get("", ()), *wide.get("any", ())], span) for _ in (0,))
        for protocol, spans_of in narrow.items()
        for span in spans_of
    )


def _covers(wide: Sequence[tuple[int, int]], span: tuple[int, int]) -> bool:
    """Return whether intervals, put together, hold another one."""
    first, last = span
    for low, high in sorted(wide):
        if low <= first <= high:
            first = high + 1
    return first > last


def left_open(lines: Sequence[str]) -> bool:
    return any(item.first is None and not item.any for item in ports.parse(tuple(lines)).items)


# --- port cells -------------------------------------------------------------------------------------------------------


@PROPERTY
@given(added(additions))
@example(("Any", "except 22", ("Any, except 22",)))
@example(("1024 and above", "not 3389", ("1024 and above", "not 3389")))
def test_no_addition_makes_a_port_cell_larger(made: tuple[str, str, tuple[str, ...]]) -> None:
    cell, _, lines = made
    assert holds(traffic_of((cell,)), traffic_of(lines))


@PROPERTY
@given(added(restrictions))
@example(("443", "established", ("443", "established")))
@example(("Any", "except 22", ("Any (except 22)",)))
def test_no_restriction_of_a_port_cell_is_lost(made: tuple[str, str, tuple[str, ...]]) -> None:
    _, _, lines = made
    assert left_open(lines)


# --- whole rows -------------------------------------------------------------------------------------------------------

COLUMNS = {"Protocol": "TCP", "Port": "9443", "Source": "10.0.0.0/8", "Direction": "Inbound", "Action": "Allow"}
CELLS = {
    "Protocol": st.sampled_from(["TCP", "UDP", "TCP/UDP", "Any", "All TCP", "HTTPS", "6"]),
    "Port": lists,
    "Source": st.sampled_from(["10.0.0.0/8", "Any", "Clients", "All nodes", "0.0.0.0/0", "Web servers, Agents"]),
    "Direction": st.sampled_from(["Inbound", "Outbound", "In", "Egress"]),
    "Action": st.sampled_from(["Allow", "Permit", "Accept", "許可"]),
}


def read(header: str, lines: Sequence[str]) -> Extraction:
    rows = [COLUMNS | {"Port": "22"}, COLUMNS | {header: "<br>".join(lines).replace("<http_port>", "&lt;http_port&gt;")}]
    body = "".join("<tr>" + "".join(f"<td>{text}</td>" for text in row.values()) + "</tr>" for row in rows)
    return extract_text(f"<h2>Ports</h2><table><tr>{''.join(f'<th>{name}</th>' for name in COLUMNS)}</tr>{body}</table>", kind="html")


def published(extraction: Extraction) -> dict[tuple[str | None, ...], Traffic]:
    """Return direction, source and destination -> what is allowed between them."""
    found: dict[tuple[str | None, ...], Traffic] = {}
    for rule in extraction.rules:
        if rule.action == "allow" and rule.evidence[0].row == 2:
            ends = (rule.direction, *(None if end is None else end.name for end in (rule.source, rule.destination)))
            spanned = EVERY if rule.from_port is None or rule.to_port is None else (rule.from_port, rule.to_port)
            found.setdefault(ends, {}).setdefault(rule.protocol, []).append(spanned)
    return found


@PROPERTY
@given(st.data(), st.sampled_from(sorted(CELLS)), additions, st.sampled_from(["{} {}", "{} ({})", "{}, {}", "{}\n{}"]))
def test_no_addition_makes_a_row_larger(data: st.DataObject, header: str, addition: str, place: str) -> None:
    cell = data.draw(CELLS[header])
    extraction = read(header, place.format(cell, addition).split("\n"))
    before, after = published(read(header, (cell,))), published(extraction)
    assume(before)
    if any(one.code == "direction-unknown" for one in extraction.findings):
        # The finding says that the direction was not understood, and the rule has none.
        before = {(None, source, destination): traffic for (_, source, destination), traffic in before.items()} | before
    for ends, traffic in after.items():
        # A name with more words is another end, and is published as written.
        wide = before.get(ends)
        if wide is None and header in ("Source",):
            named = {name for name in ends[1:] if name}
            assert any(addition.split(maxsplit=1)[0] in name for name in named) or not named - {"10.0.0.0/8"}, (ends, addition)
            continue
        assert wide is not None, ends
        assert holds(wide, traffic)


@PROPERTY
@given(
    st.data(), st.sampled_from(sorted(CELLS.keys() - {"Source"})), restrictions, st.sampled_from(["{} {}", "{} ({})", "{}, {}", "{}\n{}"])
)
def test_no_restriction_of_a_row_is_lost(data: st.DataObject, header: str, restriction: str, place: str) -> None:
    lines = place.format(data.draw(CELLS[header]), restriction).split("\n")
    extraction = read(header, lines)
    allowed = any(rule.action == "allow" and rule.evidence[0].row == 2 for rule in extraction.rules)
    assert not allowed or any(one.evidence[0].row == 2 for one in extraction.unresolved), lines
