"""Rules as a workbook: what another reader finds in it, that nothing in it is computed or hidden, and that a change of it is noticed."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator

import msgspec
import openpyxl
import pytest
from hypothesis import given, settings

from extract.export import plan, sheet
from extract.export.boxes import Symbols
from extract.export.targets import all_targets, csv, xlsx
from extract.model import COLUMNS, Endpoint, Flat
from extract.publish.diff_scopes import Snapshot
from tests.exports import every_scope, page, shipped
from tests.sheets import TEXT, TRAFFIC, expected, flows, hostile_rules, listed, small

XLSX = all_targets()["xlsx"]
NAME = "rules.xlsx"
GOLDEN = """\
# rules: frozen A2, filter A1:Y4
status | action | direction | protocol | from_port | to_port | icmp_type | icmp_code | source_kind | source | destination_kind \
| destination | description | complete | missing | port_text | reason | document | table | row | line | at | url | id | fingerprint
rule | allow | ingress | tcp | 443 | 443 |  |  | any | any | group | Web Security Group \
| Browsers, "old" ones too | True |  |  |  | page | 1 | 1 | 5 |  |  | 6c40023e79377db4 | 6c40023e79377db4
rule | deny | ingress | udp | 161 | 162 |  |  | cidr | 10.0.0.0/8 | group | Web Security Group \
| =HYPERLINK("https://example.com") | True |  |  |  | page | 1 | 2 | 6 |  |  | bc8fbf786f8a59b5 | bc8fbf786f8a59b5
rule | allow | ingress | icmp |  |  | 8 |  | role | Monitoring | group | Web Security Group \
| 1-5 | True |  |  |  | page | 1 | 3 | 7 |  |  | a3118c13378294a9 | a3118c13378294a9
# open rules: frozen A2, filter A1:Y2
status | action | direction | protocol | from_port | to_port | icmp_type | icmp_code | source_kind | source | destination_kind \
| destination | description | complete | missing | port_text | reason | document | table | row | line | at | url | id | fingerprint
open | allow | ingress | tcp |  |  |  |  | role | Load Balancer | group | Web Security Group \
| Data | False | ports | Passive range | the page names no port number but 'Passive range' \
| page | 1 | 4 | 8 |  |  | 59bfac8f9c0f5d2c | 59bfac8f9c0f5d2c
# documents: frozen A2, filter A1:K2
id | title | vendor | product | release | url | path | sha256 | licence | rules | open rules
page | Inbound rules for Web Security Group |  |  |  |  | page.md | {sha256} |  | 3 | 1
"""


def written() -> bytes:
    return listed(XLSX, small()).files[NAME]


def opened(data: bytes):
    """Return the workbook as a reader takes it that is not ours."""
    return openpyxl.load_workbook(io.BytesIO(data), rich_text=True)


def rows(book, name: str) -> list[Flat]:
    """Return the rows of a sheet of a workbook."""
    head, *found = book[name].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in found]


def test_a_page_as_a_workbook() -> None:
    lines = []
    for one in opened(written()):
        lines.append(f"# {one.title}: frozen {one.freeze_panes}, filter {one.auto_filter.ref}")
        lines += [" | ".join("" if value is None else str(value) for value in row) for row in one.iter_rows(values_only=True)]
    assert "\n".join(lines) + "\n" == GOLDEN.format(sha256=small().documents[0].sha256)


def test_header_and_columns_are_made_to_be_read() -> None:
    one = opened(written())["rules"]
    assert all(cell.font.bold for cell in one[1])
    widths = {cell.value: one.column_dimensions[cell.column_letter].width for cell in one[1]}
    assert widths["description"] > widths["source"] > widths["status"] > 10


def test_the_rows_are_those_of_the_rules_and_of_the_csv() -> None:
    for chosen in every_scope(shipped()):
        book = opened(listed(XLSX, chosen).files[NAME])
        found = [*rows(book, "rules"), *rows(book, "open rules")]
        assert found == expected(chosen) == csv.decoded(listed(all_targets()["csv"], chosen).files["rules.csv"])
        assert [row["id"] for row in rows(book, "documents")] == [one.id for one in chosen.documents]
        assert sum(int(row["rules"] or 0) + int(row["open rules"] or 0) for row in rows(book, "documents")) == len(chosen.entries)


def test_every_text_is_text_and_every_number_a_number() -> None:
    for one in opened(written()):
        for row in one.iter_rows(min_row=2):
            for name, cell in zip((head.value for head in one[1]), row, strict=True):
                if cell.value is not None:
                    kind = "n" if name in sheet.NUMBERS | {"rules", "open rules"} else "b" if name == "complete" else "s"
                    assert (name, cell.data_type) == (name, kind)
                    assert kind != "s" or cell.number_format == "@"


def test_an_id_of_digits_stays_text() -> None:
    rules = page(TEXT)
    rule = msgspec.structs.replace(rules.rules[0], id="1234567890123456", fingerprint="12345678901234e5")
    (chosen,) = every_scope(Snapshot(rules.documents, (rule,), ()))
    (row,) = rows(opened(listed(XLSX, chosen).files[NAME]), "rules")
    assert (row["id"], row["fingerprint"]) == ("1234567890123456", "12345678901234e5")


def test_a_file_holds_nothing_of_the_machine_or_the_day() -> None:
    data = written()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {(one.date_time, one.create_system, one.compress_type) for one in archive.infolist()} == {((1980, 1, 1, 0, 0, 0), 3, 0)}
        assert set(re.findall(rb"\d{4}-\d\d-\d\dT[\d:]+Z", archive.read("docProps/core.xml"))) == {b"1980-01-01T00:00:00Z"}
    assert data == written()


def test_an_end_whose_name_no_cell_holds_is_refused() -> None:
    rules = page(TEXT)
    long = msgspec.structs.replace(rules.rules[0], source=Endpoint("role", "x" * (sheet.MAX_TEXT + 1)))
    (chosen,) = every_scope(Snapshot(rules.documents, (long, *rules.rules[1:]), rules.unresolved))
    report = listed(XLSX, chosen).report
    assert [one.code for one in report.rules] == ["name-not-expressible", None, None, "unresolved"]


def test_more_rules_than_a_sheet_has_rows_are_refused() -> None:
    first, second, *_ = flows(XLSX, small())
    most = 2**20 - 1
    assert XLSX.limit([first] * most) == {}
    (refused,) = XLSX.limit([*[first] * most, second]).items()
    assert (refused[0], refused[1].code) == (second.rule.fingerprint, "limit-exceeded")


# --- links ------------------------------------------------------------------------------------------------------------

URLS = [
    ("https://docs.example.com/ports.html", True),
    ("https://docs.example.com/ports.html#inbound", True),
    ("http://docs.example.com/a?b=1&c=2#d.e", True),
    ("https://docs.example.com/a%20b", False),
    ("https://docs.example.com/日本語", False),
    ("https://docs.example.com/#a#b", False),
    ("javascript:alert(1)", False),
    ("file:///etc/passwd", False),
    ("internal:rules!A1", False),
    ("=HYPERLINK(1)", False),
    ("https://docs.example.com/" + "a" * 2000, False),
]


@pytest.mark.parametrize(("url", "linked"), URLS)
def test_a_link_leads_where_its_text_says(url: str, linked: bool) -> None:
    rules = page(TEXT)
    evidence = msgspec.structs.replace(rules.rules[0].evidence[0], url=url)
    rule = msgspec.structs.replace(rules.rules[0], evidence=(evidence,))
    (chosen,) = every_scope(Snapshot(rules.documents, (rule,), ()))
    one = opened(listed(XLSX, chosen).files[NAME])["rules"]
    cell = one.cell(2, COLUMNS.index("url") + 1)
    assert cell.value == url
    assert (cell.hyperlink is not None) == linked
    if cell.hyperlink is not None:
        assert "#".join(filter(None, (cell.hyperlink.target, cell.hyperlink.location))) == url


def test_a_link_that_leads_elsewhere_is_noticed() -> None:
    rules = page(TEXT)
    evidence = msgspec.structs.replace(rules.rules[0].evidence[0], url="https://docs.example.com/#inbound")
    (chosen,) = every_scope(
        Snapshot(rules.documents, (msgspec.structs.replace(rules.rules[0], evidence=(evidence,)), *rules.rules[1:]), rules.unresolved)
    )
    data = listed(XLSX, chosen).files[NAME]
    for part, old, new in (
        ("xl/worksheets/_rels/sheet1.xml.rels", b"docs.example.com", b"docs.example.org"),
        ("xl/worksheets/sheet1.xml", b'location="inbound"', b'location="outbound"'),
        ("xl/worksheets/sheet1.xml", b'<hyperlink ref="W2"', b'<hyperlink ref="X2"'),
        ("xl/worksheets/sheet1.xml", b'<hyperlink ref="W2"', b'<hyperlink ref="W9"'),
        ("xl/worksheets/sheet1.xml", re.search(rb"<hyperlinks>.*</hyperlinks>", part_of(data, "xl/worksheets/sheet1.xml"))[0], b""),  # type: ignore[index]
    ):
        with pytest.raises(ValueError, match="link"):
            XLSX.read({NAME: replaced(data, part, lambda text, old=old, new=new: text.replace(old, new))}, Symbols())  # type: ignore[misc]


# --- words that a reader would obey -----------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(hostile_rules())
def test_no_word_of_a_page_is_more_than_text(rules: Snapshot) -> None:
    (chosen,) = every_scope(rules)
    book = opened(listed(XLSX, chosen).files[NAME])
    assert not [cell for one in book for row in one.iter_rows() for cell in row if cell.data_type not in ("s", "n", "b")]
    found: list[Flat] = []
    for row in [*rows(book, "rules"), *rows(book, "open rules")]:
        found.append({name: sheet.meant(value) if isinstance(value, str) else value for name, value in row.items()})
    assert found == expected(chosen)


# --- a change is noticed ----------------------------------------------------------------------------------------------


def part_of(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name)


def replaced(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """Return a workbook of which one part is changed; it must be another one then."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == part:
                assert change(content) != content, part
                content = change(content)
            new.writestr(name, content)
    return made.getvalue()


PAGE, OPEN, SOURCES = (f"xl/worksheets/sheet{number}.xml" for number in (1, 2, 3))


def cell_mutants(data: bytes) -> Iterator[tuple[str, str, bytes, bytes]]:
    """Yield what is changed, in which part, what stands there and what then: each cell that says what a rule lets through."""
    letters = {chr(ord("A") + COLUMNS.index(name)): name for name in TRAFFIC}
    for whole, letter, row, rest, value in re.findall(rb'(<c r="([A-Z])([2-9])"([^>]*)><v>(\d+)</v></c>)', part_of(data, PAGE)):
        name = letters.get(letter.decode())
        if name is None:
            continue
        said = f"{name} of row {row.decode()}"
        yield f"no {said}", PAGE, whole, b""
        head = b'<c r="' + letter + row + b'"'
        for other in {int(value) + 1, max(int(value) - 1, 0), 1, 99_999} - {int(value)}:
            yield f"{said} is {other}", PAGE, whole, head + rest + b"><v>%d</v></c>" % other
        yield f"{said} is computed", PAGE, whole, head + rest + b"><f>1+1</f><v>" + value + b"</v></c>"
        yield f"{said} is of another kind", PAGE, whole, head + b' t="e"><v>' + value + b"</v></c>"
        yield f"{said} is text inline", PAGE, whole, head + b' t="inlineStr"><is><t>tcp</t></is></c>'


def other_mutants(data: bytes) -> Iterator[tuple[str, str, bytes, bytes]]:
    """Yield changes of rows, texts and what is around them."""
    lines = re.findall(rb"<row .*?</row>", part_of(data, PAGE))
    for number, line in enumerate(lines):
        yield f"no row {number}", PAGE, line, b""
        yield f"row {number} twice", PAGE, line, line + line
        yield f"row {number} is hidden", PAGE, line, line.replace(b"<row ", b'<row hidden="1" ')
    (open_row,) = re.findall(rb"<row .*?</row>", part_of(data, OPEN))[1:]
    yield "no open rule", OPEN, open_row, b""
    for old, new in ((b"<t>tcp<", b"<t>udp<"), (b">allow<", b">deny<"), (b"10.0.0.0/8", b"10.0.0.0/9"), (b"10.0.0.0/8", b"10.0.0.1/8")):
        yield f"{new.decode()} is a text", "xl/sharedStrings.xml", old, new
    for old, new in (
        (b"Monitoring", b"Everybody"),
        (b"Monitoring", b"Monitoring "),
        (b"<t>group<", b"<t>role<"),
        (b"Monitoring", b"a_x0041_"),
    ):
        yield f"{new.decode()} is a text", "xl/sharedStrings.xml", old, new
    yield "a text in two parts", "xl/sharedStrings.xml", b"<si><t>tcp</t></si>", b"<si><r><t>t</t></r><r><t>cp</t></r></si>"
    yield "a hidden column", PAGE, b"<col ", b'<col hidden="1" '
    yield "a filter that hides", PAGE, b'<autoFilter ref="A1:Y4"/>', b'<autoFilter ref="A1:Y4"><filterColumn colId="0"/></autoFilter>'
    yield "a hidden sheet", "xl/workbook.xml", b'<sheet name="rules"', b'<sheet state="hidden" name="rules"'
    yield "another sheet first", "xl/workbook.xml", b'"open rules"', b'"rules2"'
    yield "no XML", PAGE, b"</worksheet>", b""
    counted = re.search(rb'<c r="J2"[^>]*><v>3</v></c>', part_of(data, SOURCES))
    assert counted is not None
    yield "another count of rules", SOURCES, counted[0], counted[0].replace(b"<v>3<", b"<v>2<")


# `any` is anywhere in any word.
SAME = re.compile(r"source of row 2 is \d+")


def test_a_change_of_the_file_is_noticed() -> None:
    data = written()
    taken = flows(XLSX, small())
    plan.prove(XLSX, taken, {NAME: data}, 1)
    unseen, number = set(), 0
    for what, part, old, new in (*cell_mutants(data), *other_mutants(data)):
        number += 1
        changed = replaced(data, part, lambda text, old=old, new=new: text.replace(old, new, 1))  # type: ignore[misc]
        try:
            plan.prove(XLSX, taken, {NAME: changed}, 1)
        except plan.WiderError:
            continue
        unseen.add(what)
    assert number >= 200
    assert {what for what in unseen if not SAME.fullmatch(what)} == set()
    assert unseen, "what means the same is let pass"


@pytest.mark.parametrize("files", [{}, {"other.xlsx": b""}, {NAME: b""}, {NAME: b"PK\x05\x06" + bytes(18)}, {NAME: b"PK\x03\x04"}])
def test_what_is_no_workbook_of_this_target_is_refused(files) -> None:
    with pytest.raises(ValueError, match=r"."):
        XLSX.read(files, Symbols())


def test_an_extra_part_is_refused() -> None:
    made = io.BytesIO(written())
    with zipfile.ZipFile(made, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"")
    with pytest.raises(ValueError, match="its parts are others"):
        xlsx.decoded(made.getvalue())
