"""Documents in reStructuredText, AsciiDoc, DocBook and DITA: golden pages, the lines of rows, what is not read, and hostile documents."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from extract import Extraction, extract_text
from tests import goldens

PAGES = sorted((goldens.PAGES / "markup").glob("*/expected.txt"))
needs_asciidoctor = pytest.mark.skipif(shutil.which("asciidoctor") is None, reason="asciidoctor is not installed")

RST_TABLE = """\
.. list-table::
   :header-rows: 1

   * - Protocol
     - Port
     - Source
   * - TCP
     - {port}
     - {source}
"""
CALS = """\
<informaltable><tgroup cols="3"><thead><row><entry>Protocol</entry><entry>Port</entry><entry>Source</entry></row></thead>
<tbody>{rows}</tbody></tgroup></informaltable>"""
# What files hold that no document may bring in. Digests of a document are part of what is read, and may hold any number.
UNREAD = "kept out of reach"
ROW = "<row><entry>TCP</entry><entry>22</entry><entry>Any</entry></row>"


def docbook(rows: str, head: str = "") -> Extraction:
    return extract_text(f"{head}<article><title>Inbound ports</title>{CALS.format(rows=rows)}</article>", path="page.dbk")


def found(extraction: Extraction) -> dict[str, list[str]]:
    """Return the messages of findings by their codes."""
    codes: dict[str, list[str]] = {}
    for one in extraction.findings:
        codes.setdefault(one.code, []).append(one.message)
    return codes


def rules(extraction: Extraction) -> list[str]:
    return [line for line in goldens.render(extraction) if " | " in line]


@pytest.mark.parametrize("expected", PAGES, ids=lambda path: path.parent.name)
def test_page(expected: Path, request: pytest.FixtureRequest) -> None:
    if expected.parent.name.startswith("adoc") and shutil.which("asciidoctor") is None:
        pytest.skip("asciidoctor is not installed")
    purpose, *lines = expected.read_text("utf-8").splitlines()
    rendered = goldens.render(goldens.extract_page(expected.parent))
    if request.config.getoption("--regenerate"):
        expected.write_text("\n".join([purpose, *rendered]) + "\n", "utf-8")
    assert lines == rendered


@pytest.mark.parametrize("expected", PAGES, ids=lambda path: path.parent.name)
def test_evidence_names_the_line_of_the_row(expected: Path) -> None:
    page = goldens.page_of(expected.parent)
    if page.suffix == ".adoc" and shutil.which("asciidoctor") is None:
        pytest.skip("asciidoctor is not installed")
    lines = page.read_text("utf-8").splitlines()
    extraction = goldens.extract_page(expected.parent)
    for rule in extraction.rules:
        for evidence in rule.evidence:
            # A cell of the row stands there, or in one of the lines right below: elements of a row may have lines of their own.
            near = " ".join(lines[evidence.line - 1 : evidence.line + 3])
            assert any(cell and cell.split()[0] in near for cell in evidence.cells.values()), (evidence.line, near)


class TestRestructuredText:
    @pytest.mark.parametrize(
        ("cell", "ports"),
        [
            ("22", "22"),
            ("``22``", "22"),
            (":samp:`22`", "22"),
            (":unknown:role:`22`", "22"),
            (":ref:`22 <ssh>`", "22"),
            # An unknown role may mean anything: what it holds stays.
            (":unknown:`22 <except>`", '"22 <except>"'),
            ("22 |more|", '"22 substitution-more"'),
            ("22 |more|_", '"22 substitution-more"'),
            ("|not this| 22", '"substitution-not-this 22"'),
            ("22 |ports|", '"22 substitution-ports"'),
            ("22 [1]_", "22"),
            ("_`22`", "22"),
            ("22 _`except 23`", '"22 except 23"'),
            (".. parsed-literal:: 22", "22"),
            (".. math:: 22", "22"),
            (".. code-block:: text\n          :caption: except 23\n\n          22", '"except 23 22"'),
        ],
    )
    def test_roles_keep_their_text(self, cell: str, ports: str) -> None:
        (line,) = rules(extract_text(RST_TABLE.format(port=cell, source="Any") + "\n.. [1] Note.\n", path="page.rst"))
        assert line.split(" | ")[4] == ports

    @pytest.mark.parametrize(
        ("role", "definition"),
        [
            ("strike", ""),
            ("del", ".. role:: del"),
            ("strike", ".. role:: strike"),
            ("old", ".. role:: old\n   :class: other line-through"),
            ("older", ".. role:: strike\n.. role:: older(strike)\n   :class: other"),
        ],
    )
    def test_what_a_role_strikes_out_is_taken_back(self, role: str, definition: str) -> None:
        text = f"{definition}\n\n{RST_TABLE.format(port=f':{role}:`22` 23', source='Any')}"
        (rule,) = extract_text(text, path="page.rst").rules
        assert rule.from_port == 23

    @pytest.mark.parametrize(
        "struck",
        [
            ".. class:: strike\n\n       22",
            ".. class:: strike\n\n          22",
            ".. _target:\n\n       .. rst-class:: strike\n       .. _other:\n\n       22",
            ".. container:: wide strike\n\n          22",
            ".. note::\n          :class: strike\n\n          22",
            ".. default-role:: strike\n\n       `22`",
        ],
    )
    def test_what_a_class_strikes_out_is_taken_back(self, struck: str) -> None:
        (rule,) = extract_text(RST_TABLE.format(port=f"{struck}\n\n       23", source="Any"), path="page.rst").rules
        assert rule.from_port == 23

    def test_a_target_in_a_heading_is_a_part_of_it(self) -> None:
        text = f"_`Inbound` ports\n================\n\n{RST_TABLE.format(port=22, source='Any')}"
        (rule,) = extract_text(text, path="page.rst").rules
        assert rule.direction == "ingress"

    @pytest.mark.parametrize(
        "directive", ["versionremoved:: 5.2", "versionremoved:: 5.2\n\n          Use 23.", "deprecated:: 5.2\n\n          Use 23."]
    )
    def test_a_port_that_was_removed_is_no_rule(self, directive: str) -> None:
        extraction = extract_text(RST_TABLE.format(port=f"22\n\n       .. {directive}\n", source="Any"), path="page.rst")
        assert not extraction.rules
        assert directive.partition("::")[0].removeprefix("version") in str(extraction.unresolved[0].port_text)

    def test_a_part_of_a_table_that_stands_in_some_editions_only_is_told(self) -> None:
        text = RST_TABLE.format(port="22\n\n       .. only:: internal\n\n          23\n", source="Any")
        assert "'internal'" in found(extract_text(text, path="page.rst"))["conditional-text"][0]

    @pytest.mark.parametrize("directive", ["note", "versionadded", "tab-item", "only", "unknown:thing", "container", "hint", "dropdown"])
    def test_directives_keep_what_they_hold(self, directive: str) -> None:
        table = RST_TABLE.format(port=22, source="Any").replace("\n", "\n   ")
        extraction = extract_text(f"Ports\n=====\n\n.. {directive}:: 5.0\n   :some-option: yes\n\n   {table}\n", path="page.rst")
        assert len(rules(extraction)) == 1
        assert ("conditional-text" in found(extraction)) == (directive == "only")

    @pytest.mark.parametrize(
        "text",
        [
            ".. include:: {path}",
            ".. include:: {path}\n   :literal:",
            ".. literalinclude:: {path}",
            ".. csv-table::\n   :file: {path}",
            ".. csv-table::\n   :url: file://{path}",
            ".. raw:: html\n   :file: {path}",
            ".. raw:: html\n   :url: file://{path}",
            ".. figure:: {path}\n   :figwidth: image",
        ],
    )
    def test_nothing_is_read_from_a_file(self, text: str, tmp_path: Path) -> None:
        named = tmp_path / "ports.txt"
        named.write_text(f"TCP,{UNREAD}\n")
        extraction = extract_text(text.format(path=named) + "\n\n" + RST_TABLE.format(port=22, source="Any"), path="page.rst")
        assert UNREAD not in repr(extraction)
        assert len(rules(extraction)) == 1
        if "figure" not in text:
            assert str(named) in "".join(found(extraction)["reference-not-followed"]) or "html" in text

    def test_a_broken_table_is_told_and_its_words_are_kept(self) -> None:
        codes = found(extract_text("+----+----+\n| 22 | b  |\n+----+---+\n\n" + RST_TABLE.format(port=1, source="x"), path="page.rst"))
        assert any("Malformed table" in message for message in codes["markup-not-understood"])

    @pytest.mark.parametrize(
        "text", ["x\n\n   y\n  z\n   Title\n   =====", ".. list-table::\n\n   x", "=====\nTitle\n====", "+--+\n|a |\n+-+"]
    )
    def test_no_line_lies_behind_the_end(self, text: str) -> None:
        from extract.read.kinds import rst

        converted = rst.convert(text.encode())
        assert len(converted.lines) == len(converted.text.split("\n"))
        assert max(converted.lines) <= len(text.split("\n"))

    def test_rows_of_different_lengths_are_not_lost(self) -> None:
        text = RST_TABLE.format(port=22, source="Any") + "   * - UDP\n     - 53\n"
        assert len(rules(extract_text(text, path="page.rst"))) == 2

    def test_docutils_prints_nothing_and_forgets_nothing(self, capfd: pytest.CaptureFixture[str]) -> None:
        from docutils.parsers.rst import directives, roles, states

        def state() -> tuple[object, ...]:
            return dict(vars(directives)["_directives"]), dict(vars(roles)["_roles"]), list(vars(states.RSTState)["nested_sm_cache"])

        before = state()
        text = ".. role:: port\n.. default-role:: port\n\n:port:`x` `y` :unknown:`z` |a|\n\n.. unknown:: x\n\n* a\n\n  * b\n"
        extract_text(text + RST_TABLE.format(port=22, source="Any"), path="page.rst")
        assert state() == before
        assert capfd.readouterr() == ("", "")

    @pytest.mark.parametrize(
        "text",
        [
            "- " * 3000,
            "\n\n".join(" " * depth + "x" for depth in range(300)),
            "\n\n".join("   " * depth + ".. note::" for depth in range(200)),
            ".. |a| replace:: " + "lol " * 2000 + "\n\n" + "|a| " * 2000,
            "\n".join(f".. |a{n}| replace:: |a{n + 1}| |a{n + 1}|" for n in range(25)) + "\n\n|a0|\n",
        ],
        ids=["bullets", "quotes", "directives", "substitution", "substitutions"],
    )
    def test_what_would_take_too_much_is_refused(self, text: str) -> None:
        assert [*found(extract_text(text, path="page.rst"))] == ["unsupported-format"]

    @pytest.mark.parametrize(
        "text", ["*a " * 20_000, "`a " * 20_000, "a-" * 50_000, "|a " * 20_000], ids=["stars", "ticks", "words", "bars"]
    )
    def test_a_paragraph_of_marks_is_left_as_it_is(self, text: str) -> None:
        lines = "\n".join(text[start : start + 3000] for start in range(0, len(text), 3000))
        codes = found(extract_text(f"{lines}\n\n{RST_TABLE.format(port=22, source='Any')}", path="page.rst"))
        assert any("more marks" in message for message in codes["markup-not-understood"])


class TestXML:
    @pytest.mark.parametrize(
        ("head", "row", "line"),
        [
            ("", ROW, "tcp | 22 | Any"),
            ('<!DOCTYPE article [<!ENTITY who "Web server">]>', ROW.replace("Any", "&who;"), "tcp | 22 | Web server"),
            ("", ROW.replace("Any", "<!-- x -->An<?pi x?>y"), "tcp | 22 | Any"),
            ("", ROW.replace("Any", "<emphasis>An</emphasis>y"), "tcp | 22 | Any"),
            ("", ROW.replace("22", "<para>22</para><para>23</para>"), "tcp | 22 | Any"),
            ("", ROW.replace("22", "<port>22</port><port>23</port>"), "tcp | 22 | Any"),
            ("", ROW.replace("22", '<phrase os="a">22</phrase><phrase os="b">23</phrase>'), "tcp | 22 | Any"),
            ("", ROW.replace("22", "22<footnote><para>Only by day.</para></footnote>"), "tcp | 22 | Any"),
            ("", ROW.replace("22", "<remark>23</remark>22"), "tcp | 22 | Any"),
            ("", '<row><entry>TCP</entry><entry morerows="1">22</entry><entry>Any</entry></row><row><entry>UDP</entry></row>', "tcp | 22"),
        ],
    )
    def test_cells(self, head: str, row: str, line: str) -> None:
        assert line in rules(docbook(row, head))[0]

    @pytest.mark.parametrize(
        ("suffix", "cell"),
        [
            ("dbk", '<emphasis role="strikethrough">22</emphasis> 23'),
            ("dbk", '<para role="line-through">22</para><para>23</para>'),
            ("dbk", '<phrase revisionflag="deleted">22</phrase> 23'),
            ("dbk", '<phrase role="other &#10; hidden">22</phrase> 23'),
            ("dita", "<line-through>22</line-through> 23"),
            ("dita", '<ph outputclass="line-through">22</ph> 23'),
            ("dita", '<ul><li outputclass="strike">22</li><li>23</li></ul>'),
            ("dita", '<ph status="deleted">22</ph> 23'),
        ],
    )
    def test_what_is_struck_out_or_hidden_is_no_rule(self, suffix: str, cell: str) -> None:
        table = CALS.format(rows=ROW.replace("22", cell)).replace("informaltable", "table" if suffix == "dita" else "informaltable")
        whole = f"<topic><title>Inbound</title><body>{table}</body></topic>" if suffix == "dita" else f"<article>{table}</article>"
        (rule,) = extract_text(whole, path=f"page.{suffix}").rules
        assert rule.from_port == 23

    @pytest.mark.parametrize("row", ['role="strikethrough"', 'revisionflag="deleted"', 'role="hidden"'])
    def test_a_row_that_is_struck_out_or_hidden_is_no_rule(self, row: str) -> None:
        assert len(docbook(ROW + ROW.replace("<row", f"<row {row}").replace("22", "23")).rules) == 1

    @pytest.mark.parametrize("tag", ["row", "tbody", "table"])
    def test_no_cell_stands_for_what_its_row_or_table_refers_to(self, tag: str) -> None:
        """What it holds is there so that the document is complete; readers see what it refers to."""
        table = CALS.replace("informaltable", "table").format(rows=ROW).replace(f"<{tag}>", f'<{tag} conref="ports.dita#a/b">')
        extraction = extract_text(f"<topic><title>Inbound</title><body>{table}</body></topic>", path="page.dita")
        assert not extraction.rules
        assert "reference-not-followed" in found(extraction)

    @pytest.mark.parametrize(
        "entry",
        ["&ports;", '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="x.xml"/>', "<xref linkend='table-of-exceptions'/>"],
    )
    @pytest.mark.parametrize("cell", ["22", "Any"])
    def test_what_stands_elsewhere_leaves_no_cell_whole(self, cell: str, entry: str) -> None:
        """Any reference may narrow what is said: it is not read as if nothing were there."""
        for beside in (f"{cell} {entry}", f"{entry} {cell}"):
            extraction = docbook(ROW.replace(cell, beside))
            assert not any("| tcp | 22 | Any |" in line for line in rules(extraction))
        if "linkend" not in entry:
            assert "reference-not-followed" in found(extraction)

    def test_what_text_takes_from_one_file_is_one_finding(self) -> None:
        """A set of topics has hundreds of such references; each in a table is told on its own."""
        row = '<row conref="shared.dita#ports/ssh"><entry/></row>'
        table = f"<table>{CALS.format(rows=ROW + row + row).removeprefix('<informaltable>').removesuffix('</informaltable>')}</table>"
        text = "".join(f'<p conref="shared.dita#notes/{number}"/>' for number in range(3)) + '<p conref="other.dita#notes/4"/>'
        extraction = extract_text(f"<topic id='t'><title>Inbound ports</title><body>{text}{table}</body></topic>", path="page.dita")
        told = sorted(line.split(" not followed")[0] for line in found(extraction)["reference-not-followed"])
        assert told == [
            'conref="other.dita#notes/4" was',
            'conref="shared.dita#notes/0" and 2 more to the same file were',
            *['conref="shared.dita#ports/ssh" was'] * 2,
        ]

    @pytest.mark.parametrize(
        ("row", "why"),
        [
            ('<row><entry colname="nowhere">TCP</entry><entry>22</entry><entry>Any</entry></row>', "does not declare"),
            (ROW.replace("</row>", "<entry>x</entry></row>"), "more entries"),
            ('<row><entry namest="col2" nameend="col1">TCP</entry></row>', "back to"),
            ('<row><entry colname="col2">TCP</entry><entry colname="col1">22</entry></row>', "has taken"),
            ('<row><entry/><entry morerows="1">x</entry></row><row><entry namest="col1" nameend="col3">y</entry></row>', "reaches down"),
            ('<row><entry colname="col3">x</entry></row>' * 3 + '<row><entry spanname="all">x</entry></row>', "the span all"),
        ],
    )
    def test_a_grid_that_contradicts_itself_is_doubtful(self, row: str, why: str) -> None:
        extraction = docbook(ROW * 3 + row)
        assert rules(extraction) == []
        (table,) = [table for report in extraction.reports for table in report.tables]
        assert table.verdict != "rules"
        assert any(why in message for message in found(extraction).get("table-doubtful", [])), found(extraction)

    def test_properties_without_a_cell_stay_in_their_columns(self) -> None:
        rows = "<property><proptype>TCP</proptype><propvalue>22</propvalue><propdesc>Console</propdesc></property>"
        rows += "<property><proptype>UDP</proptype><propdesc>Logs</propdesc></property>"
        head = "<prophead><proptypehd>Protocol</proptypehd><propvaluehd>Port</propvaluehd><propdeschd>Description</propdeschd></prophead>"
        text = f"<reference><title>Ports</title><refbody><properties>{head}{rows}</properties></refbody></reference>"
        extraction = extract_text(text, path="page.dita")
        assert [line for line in rules(extraction) if "Console" in line]
        assert not any("Logs" in line and "22" in line for line in rules(extraction))

    def test_lines_beyond_the_first_65535_are_known(self) -> None:
        (rule,) = docbook("\n" * 70_000 + ROW).rules
        assert rule.evidence[0].line == 70_002

    @pytest.mark.parametrize(
        "text",
        [
            '<!DOCTYPE article [<!ENTITY a SYSTEM "file://{path}">]><article><para>&a;</para>{table}</article>',
            '<!DOCTYPE article [<!ENTITY % a SYSTEM "file://{path}">%a;]><article><para>&b;</para>{table}</article>',
            '<!DOCTYPE article SYSTEM "file://{path}"><article><para>&b;</para>{table}</article>',
            '<article xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include parse="text" href="{path}"/>{table}</article>',
        ],
    )
    def test_nothing_is_read_from_a_file(self, text: str, tmp_path: Path) -> None:
        named = tmp_path / "secret.txt"
        named.write_text(f"<!ENTITY b 'port {UNREAD}'>")
        extraction = extract_text(text.format(path=named, table=CALS.format(rows=ROW)), path="page.dbk")
        assert UNREAD not in repr(extraction)
        assert len(rules(extraction)) == 1

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("", "empty-document"),
            ("<article><para>x</article>", "broken-document"),
            ("<article>" * 300, "broken-document"),
            ("Ports", "broken-document"),
            (
                '<!DOCTYPE article [<!ENTITY a0 "lol">'
                + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
                + "]><article><para>&a11;</para></article>",
                "broken-document",
            ),
            ('<!DOCTYPE article [<!ENTITY a "' + "x" * 50_000 + '">]><article>' + "&a;" * 50_000 + "</article>", "broken-document"),
            ("<map><topicref href='ports.dita'/></map>", "unsupported-format"),
            ("<project><dependency>x</dependency></project>", "unsupported-format"),
        ],
        ids=["empty", "unclosed", "deep", "text", "laughs", "quadratic", "map", "data"],
    )
    @pytest.mark.parametrize("suffix", [".dbk", ".dita", ".xml"])
    def test_what_cannot_be_read_is_refused(self, text: str, code: str, suffix: str) -> None:
        assert [*found(extract_text(text, path=f"page{suffix}"))] == [code]

    @pytest.mark.parametrize(
        "rows",
        [
            "<row>" + '<entry morerows="99999999">x</entry>' * 5_000 + "</row>" + "<row/>" * 5_000,
            '<row><entry colname="col3">x</entry></row>' * 5_000,
            '<row><entry namest="col1" nameend="col3" morerows="9999">x</entry></row>' * 2_000,
            "<row><entry>" + "<unknown/>" * 20_000 + "</entry></row>",
            "".join(f'<row os="{n}"><entry>&a{n};</entry></row>' for n in range(3_000)),
        ],
        ids=["down", "named", "over", "unknown", "told"],
    )
    def test_hostile_tables_end(self, rows: str) -> None:
        extraction = docbook(rows)
        assert rules(extraction) == []
        assert len(extraction.findings) < 500


@needs_asciidoctor
class TestAsciiDoc:
    TABLE = "|===\n|Protocol |Port |Source\n\n|TCP |{port} |Any\n{more}|===\n"

    def read(self, text: str) -> Extraction:
        return extract_text(f"= Inbound ports\n\n{text}\n", path="page.adoc")

    def test_nothing_is_read_from_a_file(self, tmp_path: Path) -> None:
        named = tmp_path / "rows.adoc"
        named.write_text(f"|TCP |{UNREAD} |Any\n")
        ways = [
            f"include::{named}[]",
            f"image::{named}[opts=inline]",
            f":docinfodir: {tmp_path}",
            f":stylesheet: {named}",
            f"video::{named}[]",
        ]
        extraction = self.read("\n\n".join(ways) + "\n\n" + self.TABLE.format(port=22, more=f"include::{named}[]\n"))
        assert UNREAD not in repr(extraction)
        assert len(found(extraction)["reference-not-followed"]) == 2

    @pytest.mark.parametrize("more", ["include::rows.adoc[]\n", "{more}\n", "{ports}\n"])
    def test_what_stands_elsewhere_leaves_no_cell_whole(self, more: str) -> None:
        extraction = self.read(self.TABLE.format(port=22, more=more))
        assert not any("| tcp | 22 | Any |" in line for line in rules(extraction))
        assert "reference-not-followed" in found(extraction)

    def test_a_table_that_lacks_cells_is_doubtful(self) -> None:
        extraction = self.read(self.TABLE.format(port=22, more="|UDP\n"))
        assert "markup-not-understood" in found(extraction)
        assert rules(extraction) == []

    @pytest.mark.parametrize(("cell", "code"), [("include::x.adoc[]", "reference-not-followed"), ("ifdef::x[23]\n22", "conditional-text")])
    def test_what_a_cell_begins_with_is_told_as_in_a_line(self, cell: str, code: str) -> None:
        assert code in found(self.read(f"[cols=3*a]\n{self.TABLE.format(port=cell, more='')}"))

    def test_the_version_is_a_number(self) -> None:
        from extract.read.kinds import asciidoctor

        assert str(asciidoctor.version()).replace(".", "").isalnum()
        assert str(asciidoctor.version())[0].isdigit()

    def test_a_condition_that_is_not_met_is_told(self) -> None:
        extraction = self.read("ifdef::x[]\n" + self.TABLE.format(port=22, more="") + "endif::[]\n")
        assert "conditional-text" in found(extraction)

    @pytest.mark.parametrize("text", ["{docdate} {localtime} {user-home} {docdir}", ":a: b\n\n{asciidoctor}"])
    def test_the_machine_and_the_day_do_not_show(self, text: str) -> None:
        """Twice the same, wherever it runs; a document cannot ask where that is."""
        first = self.read(f"{text}\n\n" + self.TABLE.format(port=22, more=""))
        assert first == self.read(f"{text}\n\n" + self.TABLE.format(port=22, more=""))
        assert str(Path.home()) not in repr(first)

    def test_a_document_cannot_name_other_lines(self) -> None:
        extraction = self.read("[.line-5]\n" + self.TABLE.format(port=22, more=""))
        assert extraction.rules[0].evidence[0].line == 7

    def test_few_bytes_that_ask_for_a_huge_table_are_refused(self) -> None:
        assert [*found(self.read("|===\n100000*|x\n|==="))] == ["broken-document"]


def test_without_asciidoctor_a_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (message,) = found(extract_text("= Ports\n", path="page.adoc"))["unsupported-format"]
    assert "gem install asciidoctor" in message
