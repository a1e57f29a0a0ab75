"""Rules as comma-separated values: what stands in the file, what a sheet makes of it, and that a change of it is noticed."""

from __future__ import annotations

import csv
import io
import itertools
import re

import msgspec
import pandas
import pytest
from hypothesis import given, settings

from extract import vocabulary
from extract.export import plan, sheet
from extract.export.boxes import Symbols
from extract.export.targets import all_targets
from extract.export.targets import csv as target
from extract.model import COLUMNS, Endpoint, Flat
from extract.publish.diff_scopes import Snapshot
from extract.publish.wording import UNSEEN
from tests.exports import PAGES, every_scope, page, shipped, snapshot
from tests.sheets import TEXT, TRAFFIC, WORDS, expected, flows, hostile_rules, listed, small

CSV = all_targets()["csv"]
NAME = "rules.csv"
GOLDEN = """\
status,action,direction,protocol,from_port,to_port,icmp_type,icmp_code,source_kind,source,destination_kind,destination,description,\
complete,missing,port_text,reason,document,table,row,line,at,url,id,fingerprint
rule,allow,ingress,tcp,443,443,,,any,any,group,Web Security Group,"Browsers, ""old"" ones too",\
true,,,,page,1,1,5,,,6c40023e79377db4,6c40023e79377db4
rule,deny,ingress,udp,161,162,,,cidr,10.0.0.0/8,group,Web Security Group,"'=HYPERLINK(""https://example.com"")",\
true,,,,page,1,2,6,,,bc8fbf786f8a59b5,bc8fbf786f8a59b5
rule,allow,ingress,icmp,,,8,,role,Monitoring,group,Web Security Group,'1-5,\
true,,,,page,1,3,7,,,a3118c13378294a9,a3118c13378294a9
open,allow,ingress,tcp,,,,,role,Load Balancer,group,Web Security Group,Data,\
false,ports,Passive range,the page names no port number but 'Passive range',page,1,4,8,,,59bfac8f9c0f5d2c,59bfac8f9c0f5d2c
"""


def written() -> bytes:
    return listed(CSV, small()).files[NAME]


def test_a_page_as_a_file() -> None:
    assert written() == b"\xef\xbb\xbf" + GOLDEN.replace("\n", "\r\n").encode()


def test_the_rows_are_those_of_the_rules() -> None:
    for chosen in every_scope(shipped()):
        data = listed(CSV, chosen).files[NAME]
        rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
        wanted = [{name: "" if value is None else str(value) for name, value in row.items()} for row in expected(chosen)]
        for row in rows:
            # One of the ids looks like a number: `514e358321449…`.
            row.update({name: row[name].removeprefix("'") for name in ("id", "fingerprint")}, complete=row["complete"].title())
        assert rows == wanted
        assert target.decoded(data) == expected(chosen)


def test_a_data_frame_has_whole_numbers_and_texts() -> None:
    frame = pandas.read_csv(io.BytesIO(written()), dtype={"id": str, "fingerprint": str})
    assert list(frame.columns) == list(COLUMNS)
    assert frame["to_port"].astype("Int64").tolist()[:2] == [443, 162]
    assert frame["complete"].tolist() == [True, True, True, False]


@pytest.mark.parametrize("folder", sorted(path for path in PAGES.iterdir() if path.is_dir()), ids=lambda path: path.name)
def test_every_rule_and_every_open_one_has_its_row(folder) -> None:
    from extract import extract_paths

    for chosen in every_scope(snapshot(extract_paths([folder]))):
        assert target.decoded(listed(CSV, chosen).files[NAME]) == [sheet.as_shown(row) for row in expected(chosen)]


def test_denials_in_several_documents_are_rows_like_others() -> None:
    """A sheet is no firewall, in which a denial in one document would stand before what another one allows."""
    rules = page(TEXT)
    again = msgspec.structs.replace(rules.documents[0], id="other", path="other.md")
    evidence = msgspec.structs.replace(rules.rules[1].evidence[0], document="other")
    denial = msgspec.structs.replace(rules.rules[1], id="0" * 16, fingerprint="0" * 16, evidence=(evidence,))
    (chosen,) = every_scope(Snapshot((rules.documents[0], again), (*rules.rules, denial), ()))
    done = listed(CSV, chosen)
    assert done.report.counts["exported"] == 4
    assert [row["action"] for row in target.decoded(done.files[NAME])] == ["allow", "deny", "allow", "deny"]


def test_every_protocol_and_every_kind_of_end_is_read_back() -> None:
    rules = page(TEXT)
    ends = [
        *(Endpoint("cidr", name) for name in ("0.0.0.0/0", "::/0", "192.0.2.1/32", "2001:db8::/32")),
        *(Endpoint("host", "192.0.2.1"), Endpoint("host", "*.example.com"), Endpoint("any", "任意"), Endpoint("role", "任意"), None),
    ]
    keywords = ["any", *(one.keyword for one in vocabulary.protocol_numbers().values())]
    every = [
        msgspec.structs.replace(
            rules.rules[0],
            **{
                "id": f"{number:016x}",
                "fingerprint": f"{number:016x}",
                "protocol": protocol,
                "source": end,
                "destination": ends[-number % 9],
            },
            **dict.fromkeys(("from_port", "to_port"), 443 if protocol in ("tcp", "udp") else None),
        )
        for number, (protocol, end) in enumerate(itertools.product(keywords, ends))
    ]
    (chosen,) = every_scope(Snapshot(rules.documents, tuple(every), ()))
    assert listed(CSV, chosen).report.counts["exported"] == len(every) > 200


def test_two_rules_that_let_through_the_same_are_two_rows() -> None:
    rules = page(TEXT)
    twin = msgspec.structs.replace(rules.rules[0], id="0" * 16, fingerprint="0" * 16, source=Endpoint("any", "everyone"))
    (chosen,) = every_scope(Snapshot(rules.documents, (*rules.rules, twin), ()))
    assert [row["source"] for row in target.decoded(listed(CSV, chosen).files[NAME])].count("everyone") == 1


def test_an_end_whose_name_no_cell_holds_is_refused() -> None:
    rules = page(TEXT)
    long = msgspec.structs.replace(rules.rules[0], source=Endpoint("role", "x" * (sheet.MAX_TEXT + 1)))
    (chosen,) = every_scope(Snapshot(rules.documents, (long, *rules.rules[1:]), rules.unresolved))
    report = listed(CSV, chosen).report
    assert [one.code for one in report.rules] == ["name-not-expressible", None, None, "unresolved"]


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("x" * 16_000, "x" * 16_000),
        ("x" * 16_001, "x" * 1599 + "…"),
        ("\x00" * 2000, "<U+0000>" * 2000),
        ("\x00" * 2001, "<U+0000>" * 1599 + "…"),
        ("\U000e0001" * 2001, "<U+E0001>" * 1599 + "…"),
    ],
)
def test_a_text_that_no_cell_holds_is_cut_and_says_so(text: str, cell: str) -> None:
    rules = page(TEXT)
    long = msgspec.structs.replace(rules.rules[0], description=text)
    (chosen,) = every_scope(Snapshot(rules.documents, (long,), ()))
    (row,) = target.decoded(listed(CSV, chosen).files[NAME])
    assert row["description"] == cell


# --- words that a sheet would obey ------------------------------------------------------------------------------------

CELLS = [
    ("Web servers", "Web servers"),
    ("10.0.0.0/8", "10.0.0.0/8"),
    ("2001:db8::/32", "2001:db8::/32"),
    ("6c40023e79377db4", "6c40023e79377db4"),
    ("=1+1", "'=1+1"),
    # A sheet that parts cells at semicolons sees a formula there.
    ("a;=1+1", "a;'=1+1"),
    ("a; '=1+1", "a; ''=1+1"),
    ("=1;-1", "'=1;'-1"),
    ("a;1", "a;1"),
    ("+49 30", "'+49 30"),
    ("-", "'-"),
    ("@SUM(A1)", "'@SUM(A1)"),
    (" =1", "' =1"),
    ("＝1", "'＝1"),
    ("'quoted'", "''quoted'"),
    ("1e5", "'1e5"),
    ("1234567890123456", "'1234567890123456"),
    ("12345678901234e5", "'12345678901234e5"),
    ("1-5", "'1-5"),
    ("1/2/2024", "'1/2/2024"),
    ("12:30", "'12:30"),
    ("007", "'007"),
    (".5", "'.5"),
    ("5 %", "'5 %"),
    ("\t=1", "<U+0009>=1"),
    ("\r\n=1", "<U+000D><U+000A>=1"),
    ("a\u202eb", "a<U+202E>b"),
    ("<U+202E>", "<U+003C>U+202E>"),
    ("<U+202E", "<U+202E"),
    ("_x0041_", "<U+005F>x0041_"),
    ("x005F_", "<U+0078>005F_"),
]


@pytest.mark.parametrize(("text", "cell"), CELLS)
def test_what_stands_in_a_cell(text: str, cell: str) -> None:
    rules = page(TEXT)
    rule = msgspec.structs.replace(rules.rules[0], description=text)
    (chosen,) = every_scope(Snapshot(rules.documents, (rule,), ()))
    data = listed(CSV, chosen).files[NAME]
    (row,) = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert row["description"] == cell
    assert sheet.meant(str(target.decoded(data)[0]["description"])) == text


def test_an_id_of_digits_stays_text() -> None:
    rules = page(TEXT)
    rule = msgspec.structs.replace(rules.rules[0], id="1234567890123456", fingerprint="12345678901234e5")
    (chosen,) = every_scope(Snapshot(rules.documents, (rule,), ()))
    assert b",'1234567890123456,'12345678901234e5\r\n" in listed(CSV, chosen).files[NAME]


@settings(max_examples=150, deadline=None)
@given(hostile_rules())
def test_no_word_of_a_page_is_more_than_text(rules: Snapshot) -> None:
    (chosen,) = every_scope(rules)
    data = listed(CSV, chosen).files[NAME]
    text = data.decode("utf-8-sig")
    assert not re.search(f"[{UNSEEN}]", text.replace("\r\n", ""))
    assert text.count("\r\n") == 5
    for record in csv.reader(io.StringIO(text, newline="")):
        assert not [cell for cell in record if re.search(r"(?:^|;)\s*[=+\-@]", cell)]
    found: list[Flat] = []
    for row in target.decoded(data):
        found.append({name: sheet.meant(value) if isinstance(value, str) else value for name, value in row.items()})
    assert found == expected(chosen)


# --- a change is noticed ----------------------------------------------------------------------------------------------


def other(cell: str, name: str) -> list[str]:
    """Return what may stand in a cell instead."""
    if name in sheet.NUMBERS:
        return [str(int(cell) + 1), str(abs(int(cell) - 1)), "", "-1", "65536", f"{cell}.0", f"0{cell}"] if cell else ["0", "443"]
    words = {
        "status": ["rule", "open"],
        "action": ["allow", "deny"],
        "direction": ["ingress", "egress"],
        "protocol": ["tcp", "udp", "icmp", "any", "6"],
        "source_kind": ["group", "role", "any", "cidr"],
        "destination_kind": ["group", "role", "any", "cidr"],
        "complete": ["true", "false"],
    }.get(name, ["10.0.0.0/9", "10.0.0.1/8", "0.0.0.0/0", "Web", "'Web", "Web\u202e"])
    return [one for one in ["", *words, f"{cell} "] if one != cell]


def mutants() -> dict[str, str]:
    """Return what is changed -> the file then."""
    head, *records = GOLDEN.splitlines()
    rows = list(csv.reader(records))

    def made(rows: list[list[str]]) -> str:
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\r\n").writerows([head.split(","), *rows])
        return "\ufeff" + text.getvalue()

    found = {}
    for at, row in enumerate(rows):
        found[f"without row {at}"] = made(rows[:at] + rows[at + 1 :])
        found[f"row {at} twice"] = made([*rows[:at], row, *rows[at:]])
        found[f"row {at} first"] = made([row, *rows[:at], *rows[at + 1 :]]) if at else ""
        found[f"row {at} without its last cell"] = made([*rows[:at], row[:-1], *rows[at + 1 :]])
        for name in TRAFFIC if row[0] == "rule" else ("status", "action", "protocol", "from_port", "complete"):
            column = COLUMNS.index(name)
            for cell in other(row[column], name):
                found[f"row {at}: {name} {cell!r}"] = made([*rows[:at], [*row[:column], cell, *row[column + 1 :]], *rows[at + 1 :]])
    whole = made(rows)
    found |= {
        "no byte order mark": whole.removeprefix("\ufeff"),
        "line feeds": whole.replace("\r\n", "\n"),
        "one line feed": whole.replace("\r\n", "\n", 1),
        "no last line end": whole.removesuffix("\r\n"),
        "an empty line": whole + "\r\n",
        "a formula": whole.replace("'=", "="),
        "a needless apostrophe": whole.replace("Web", "'Web", 1),
        "another header": whole.replace("from_port", "port"),
        "an open quote": whole.replace('too"', "too"),
        "no reason": whole.replace("the page names no port number but 'Passive range'", ""),
        "nothing missing": whole.replace(",ports,", ",,"),
        "something else missing": whole.replace(",ports,", ",protocol,"),
        "no id": whole.replace("6c40023e79377db4\r\n", "\r\n"),
        "no row": whole.replace(",page,1,1,5,", ",page,1,,5,"),
        "no document": whole.replace(",page,1,1,5,", ",,1,1,5,"),
    }
    return found


# An open rule has no traffic, so what it says about it may be anything that is well formed; and anywhere is anywhere in any word.
SAME = {"row 3: action 'deny'", "row 3: protocol 'udp'", "row 3: protocol 'icmp'", "row 3: protocol 'any'"}
SAME |= {f"row 0: source {word!r}" for word in ("any ", "10.0.0.0/9", "10.0.0.1/8", "0.0.0.0/0", "Web")}


def test_a_change_of_the_file_is_noticed() -> None:
    taken = flows(CSV, small())
    found = mutants()
    assert len(found) >= 200
    plan.prove(CSV, taken, {NAME: written()}, 1)
    unseen = set()
    for what, text in found.items():
        try:
            plan.prove(CSV, taken, {NAME: text.encode()}, 1)
        except plan.WiderError:
            continue
        unseen.add(what)
    assert unseen == SAME


@pytest.mark.parametrize("files", [{}, {"other.csv": b""}, {NAME: b""}, {NAME: b"\xef\xbb\xbf\xff\r\n"}])
def test_what_is_no_file_of_this_target_is_refused(files) -> None:
    with pytest.raises(ValueError, match=r"."):
        CSV.read(files, Symbols())


def test_the_words_that_are_tried_reach_every_way_of_writing_a_cell() -> None:
    """Else the property above would show less than it says."""
    shown = [sheet.shown(word) for word in WORDS]
    assert {"<U+003C>U+202E>", "<U+005F>x0041<U+005F>x0042_"} <= set(shown)
    assert sum(one != word for one, word in zip(shown, WORDS, strict=True)) > 8
