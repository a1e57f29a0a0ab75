"""`docrules diff` through the command line: what is compared, in every format, with the exit codes that scripts go by."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest

from extract import schema
from extract.model import Endpoint
from extract.publish import diff_html, diff_markdown, diff_text
from extract.publish.diff import compare
from extract.publish.sections import MAX_LENGTH
from tests.terminals import on_terminal
from tests.test_cli import BINARY, CONTROL, EXIT_CLEAN, EXIT_INTERNAL, EXIT_UNREADABLE, EXIT_USAGE, Result, docrules
from tests.test_diff import release, table
from tests.test_wording import ACTIVE, HOSTILE, Rendered

EXIT_CHANGES = 1

SSH = ("TCP", "22", "Jump Security Group", "SSH")
HTTPS = ("TCP", "443", "App Security Group", "HTTPS")
MOVED = ("TCP", "8443", "App Security Group", "HTTPS")
SPARE = ("TCP", "9000-9010", "App Security Group", "Nodes")
WIDER = ("TCP", "9000-9020", "App Security Group", "Nodes")
OPEN = ("TCP", "User-defined range", "App Security Group", "Passive FTP")
DNS = ("UDP", "53", "Any", "DNS")


def page(*rows: tuple[str, ...], before: str = "") -> str:
    lines = [("Protocol", "Port", "Source", "Description"), ("---",) * 4, *rows]
    return f"# Inbound rules for Web Security Group\n\n{before}" + "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def write(folder: Path, pages: dict[str, str | bytes]) -> Path:
    for name, text in pages.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    return folder


def published(folder: Path, pages: dict[str, str | bytes], name: str = "rules.json") -> Path:
    """Extract pages and return the file of their rules."""
    write(folder / "docs", pages)
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    assert docrules("run", "docs", "--out", name, "--quiet", cwd=folder).code == EXIT_CLEAN
    return folder / name


def diff(*args: str | Path, cwd: Path) -> Result:
    return docrules("diff", *args, cwd=cwd)


def lines(result: Result) -> list[str]:
    assert (result.code, result.err) == (EXIT_CLEAN, "")
    return result.out.decode().splitlines()


def changes(result: Result) -> list[dict[str, Any]]:
    assert (result.code, result.err) == (EXIT_CLEAN, "")
    found: list[dict[str, Any]] = json.loads(result.out)["changes"]
    return found


def refused(result: Result) -> str:
    assert (result.code, result.out) == (EXIT_USAGE, b"")
    assert result.err.startswith("error: ") and result.err.count("\n") == 1
    return result.err


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """A folder with the documents of two states: one release each."""
    write(tmp_path / "old" / "docs", {"acme/gate/5.4/web.md": page(SSH, HTTPS, SPARE, OPEN)})
    write(tmp_path / "new" / "docs", {"acme/gate/5.5/web.md": page((*HTTPS[:2], "Any", "HTTPS"), WIDER, OPEN, DNS)})
    return tmp_path


@pytest.fixture
def releases(tmp_path: Path) -> Path:
    """A folder with data/rules.json, which holds two releases of one product and one of another one."""
    pages: dict[str, str | bytes] = {
        "acme/gate/5.4/web.md": page(SSH, HTTPS),
        "acme/gate/5.5/web.md": page(SSH, MOVED),
        "acme/wall/5.4/web.md": page(DNS, SSH),
    }
    published(tmp_path, pages, "data/rules.json")
    return tmp_path


# --- text -----------------------------------------------------------------------------------------------------------------


def test_changes_are_grouped_by_impact_what_matters_most_first(two: Path) -> None:
    assert lines(diff("old/docs", "new/docs", cwd=two)) == [
        "acme/gate 5.4 → 5.5",
        "",
        "opens access (1)",
        "  + allow ingress udp 53 from Any to Web Security Group  (acme/gate/5.5/web:8)",
        "",
        "widens access (2)",
        "  ~ allow ingress tcp 443 from Any to Web Security Group  [source App Security Group → Any]  (acme/gate/5.5/web:5)",
        "  ~ allow ingress tcp 9000-9020 from App Security Group to Web Security Group  [ports 9000-9010 → 9000-9020]"
        "  (acme/gate/5.5/web:6)",
        "",
        "closes access (1)",
        "  - allow ingress tcp 22 from Jump Security Group to Web Security Group  (acme/gate/5.4/web:5)",
        "",
        "5 changes: 1 opens, 2 widens, 1 closes, 1 evidence (--all shows wording and evidence)",
    ]


def test_what_opens_and_closes_says_both(releases: Path) -> None:
    found = lines(diff("5.4", "5.5", cwd=releases))
    assert "replaces access: opens the new and closes the old (1)" in found
    assert any("[ports 443 → 8443]" in line for line in found)


def test_a_row_that_is_left_open_says_why(tmp_path: Path) -> None:
    write(tmp_path / "old" / "docs", {"web.md": page(SSH, ("TCP", "20-21", *OPEN[2:]))})
    write(tmp_path / "new" / "docs", {"web.md": page(SSH, OPEN)})
    found = lines(diff("old/docs", "new/docs", cwd=tmp_path))
    assert found[:3] == ["web", "", "closes access (1)"]
    assert "[ports 20-21 → 'User-defined range']  missing ports: the page names no port number but" in found[3]


def test_wording_and_evidence_are_counted_and_shown_on_demand(tmp_path: Path) -> None:
    write(tmp_path / "old", {"web.md": page(SSH, HTTPS)})
    write(tmp_path / "new", {"web.md": page(SSH, (*HTTPS[:3], "Web access"), before="Read this.\n\n")})
    short, long = lines(diff("old", "new", cwd=tmp_path)), lines(diff("old", "new", "--all", cwd=tmp_path))
    assert short == ["web", "", "2 changes: 1 wording, 1 evidence (--all shows wording and evidence)"]
    assert "  ~ allow ingress tcp 443 from App Security Group to Web Security Group  [description 'HTTPS' → 'Web access']  (web:8)" in long
    assert "  > allow ingress tcp 22 from Jump Security Group to Web Security Group  [place web:5 → web:7]  (web:7)" in long
    assert long[-1] == "2 changes: 1 wording, 1 evidence"


def test_nothing_new_is_said_in_one_line(two: Path) -> None:
    assert lines(diff("old/docs", "old/docs", cwd=two)) == ["no changes"]


def test_colour_is_for_terminals_and_never_the_only_sign(two: Path) -> None:
    plain = diff("old/docs", "new/docs", cwd=two).out
    assert b"\x1b" not in plain
    for variables, coloured in (({"NO_COLOR": "", "COLUMNS": "60"}, True), ({"NO_COLOR": "1", "COLUMNS": "60"}, False)):
        shown = on_terminal("diff", "old/docs", "new/docs", cwd=two, environment=variables)
        assert (b"\x1b[31mopens access (1)" in shown) == coloured
        # A terminal is so wide, and what is longer goes on below.
        said = re.sub(rb"\x1b\[[0-9;]*m", b"", shown).decode()
        assert re.sub(r"\s", "", said) == re.sub(r"\s", "", plain.decode())
        assert max(map(len, said.splitlines())) <= 60 < max(map(len, plain.decode().splitlines()))


# --- what is compared -----------------------------------------------------------------------------------------------------


def test_files_folders_and_releases_give_the_same_changes(tmp_path: Path) -> None:
    states = {"5.4": page(SSH, HTTPS, OPEN), "5.5": page(SSH, MOVED, DNS)}
    for name, text in states.items():
        published(tmp_path / name, {f"acme/gate/{name}/web.md": text})
    published(tmp_path, {f"acme/gate/{name}/web.md": text for name, text in states.items()}, "all.json")
    files = diff("5.4/rules.json", "5.5/rules.json", "--format", "json", cwd=tmp_path)
    assert len(changes(files)) == 3
    assert diff("5.4/docs", "5.5/docs", "--format", "json", cwd=tmp_path).out == files.out
    assert diff("5.4/docs", "5.5/rules.json", "--format", "json", cwd=tmp_path).out == files.out
    (tmp_path / "elsewhere").mkdir()
    assert diff("5.4", "5.5", "--rules", "../all.json", "--format", "json", cwd=tmp_path / "elsewhere").out == files.out


def test_a_release_may_be_compared_with_a_file(releases: Path) -> None:
    published(releases / "next", {"acme/gate/5.6/web.md": page(SSH, MOVED, DNS)})
    found = changes(diff("5.5", "next/rules.json", "--format", "json", "--product", "acme/gate", cwd=releases))
    assert [(one["kind"], one["scope"]["previous"], one["scope"]["current"]) for one in found] == [("added", "5.5", "5.6")]


def test_a_path_comes_before_a_release_of_the_same_name(releases: Path) -> None:
    write(releases, {"5.4/acme/gate/5.4/web.md": page(SSH, HTTPS, DNS)})
    assert [one["kind"] for one in changes(diff("5.4", "5.5", "--product", "acme/gate", "--format", "json", cwd=releases))] == [
        "changed",
        "removed",
    ]


def test_of_two_releases_only_products_that_have_both_are_compared(releases: Path) -> None:
    assert {one["scope"]["product"] for one in changes(diff("5.4", "5.5", "--format", "json", cwd=releases))} == {"gate"}


def test_a_product_narrows_what_is_compared(tmp_path: Path) -> None:
    for state, row in (("old", HTTPS), ("new", MOVED)):
        write(tmp_path / state, {f"acme/{product}/1.0/web.md": page(SSH, row) for product in ("gate", "wall")})
    assert len(changes(diff("old", "new", "--format", "json", cwd=tmp_path))) == 2
    (found,) = changes(diff("old", "new", "--product", "acme/wall", "--format", "json", cwd=tmp_path))
    assert found["scope"]["product"] == "wall"


def test_folders_are_read_with_the_patches_beside_them(tmp_path: Path) -> None:
    for state in ("old", "new"):
        write(tmp_path / state / "docs", {"acme/gate/1.0/web.md": page(SSH, OPEN)})
    patch = """[[patch]]
id = "passive-range"
reason = "the installation guide names the range"
match = { description = "Passive FTP" }
set = { from_port = 40000, to_port = 40100 }
"""
    write(tmp_path / "new" / "patches", {"acme/gate.toml": patch})
    (found,) = changes(diff("old/docs", "new/docs", "--format", "json", cwd=tmp_path))
    assert (found["impact"], found["current"]["from_port"]) == ("opens", 40000)


def test_the_findings_of_a_folder_that_are_errors_are_printed(two: Path) -> None:
    write(two / "new" / "patches", {"acme/gate.toml": '[[patch]]\nid = "old"\nreason = "x"\nmatch = { from_port = 1 }\ndrop = true\n'})
    result = diff("old/docs", "new/docs", cwd=two)
    assert result.code == EXIT_CLEAN
    assert [found["severity"] for found in result.findings] == ["error"]


# --- formats --------------------------------------------------------------------------------------------------------------


def test_json_is_what_its_schema_says_and_the_same_every_time(two: Path) -> None:
    first, second = (diff("old/docs", "new/docs", "--format", "json", cwd=two) for _ in range(2))
    assert first.out == second.out
    assert schema.fault("diff", first.out) is None
    found = changes(first)
    assert [one["impact"] for one in found] == ["opens", "widens", "widens", "closes", "evidence"]
    assert {one["kind"] for one in found} == {"added", "removed", "changed", "moved"}


def test_markdown_shows_the_same_changes(two: Path) -> None:
    text = diff("old/docs", "new/docs", "--format", "markdown", cwd=two).out.decode()
    assert text.startswith("## docrules diff\n\n- `acme/gate 5.4 → 5.5`\n\n**5 changes: 1 opens, 2 widens, 1 closes, 1 evidence**")
    assert "1 change of wording and evidence not shown" in text
    assert "### Opens access (1)\n" in text
    assert "| `+` | allow ingress udp 53 from Any to Web Security Group |  | `acme/gate/5.5/web:8` |" in text
    assert "ports 9000-9010 → 9000-9020" in text
    assert "### Evidence only (1)" in diff("old/docs", "new/docs", "--format", "markdown", "--all", cwd=two).out.decode()


def test_markdown_fits_a_comment_whatever_there_is_to_say() -> None:
    rows = [f"allow | in | tcp | {port} | App SG | Web SG | HTTPS" for port in range(1000, 3000)]
    nothing = release("1.0")._replace(rules=())
    text = diff_markdown.markdown(compare(nothing, release("1.0", *rows)), every=False)
    assert MAX_LENGTH / 2 < len(text) <= MAX_LENGTH
    assert re.search(r"\n… and \d+ more\n$", text)


class Page(HTMLParser):
    """The elements, the attributes and the text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.style = ""
        self._inside = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = tag

    def handle_data(self, data: str) -> None:
        if self._inside == "style":
            self.style += data
            self._inside = ""
        else:
            self.text += data


def test_html_is_one_page_that_may_load_and_run_nothing(two: Path) -> None:
    result = diff("old/docs", "new/docs", "--format", "html", cwd=two)
    shown = Page(result.out.decode())
    (policy,) = [attributes["content"] for tag, attributes in shown.elements if attributes.get("http-equiv") == "Content-Security-Policy"]
    digest = base64.b64encode(hashlib.sha256(shown.style.encode()).digest()).decode()
    assert policy is not None
    assert policy.split("; ")[:2] == ["default-src 'none'", f"style-src 'sha256-{digest}'"]
    assert {tag for tag, _ in shown.elements}.isdisjoint({"script", "link", "img", "iframe", "a", "form"})
    assert not any(name.startswith("on") or name in ("src", "href", "style") for _, attributes in shown.elements for name in attributes)
    assert "prefers-color-scheme: dark" in shown.style and "@media print" in shown.style
    for text in ("acme/gate 5.4 → 5.5", "Opens access (1)", "+ added", "- removed", "9000-9010", "acme/gate/5.5/web:8"):
        assert text in shown.text
    assert "> moved" in Page(diff("old/docs", "new/docs", "--format", "html", "--all", cwd=two).out.decode()).text


def test_html_closes_what_it_opens(two: Path) -> None:
    text = diff("old/docs", "new/docs", "--format", "html", "--all", cwd=two).out.decode()
    for tag in ("html", "head", "body", "main", "section", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "bdi", "del", "ins"):
        assert len(re.findall(rf"<{tag}[ >]", text)) == text.count(f"</{tag}>") > 0, tag


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_a_document_is_never_markup_and_drives_nothing(text: str) -> None:
    # What is published can be written, so it holds no half of a character.
    text = text.replace("\ud800", "")
    old = table("allow | in | tcp | 443 | App SG | Web SG | HTTPS", "allow | in | tcp | 22 | App SG | Web SG | SSH")
    first, second = old.rules
    evil = Endpoint("role", text)
    place = msgspec.structs.replace(first.evidence[0], document=f"acme/gate/1.0/{text}")
    document = msgspec.structs.replace(old.documents[0], id=place.document, path=place.document)
    changed = msgspec.structs.replace(first, source=evil, description=text, evidence=(place,))
    worded = msgspec.structs.replace(second, description=text, evidence=(place,))
    moved = msgspec.structs.replace(second, evidence=(msgspec.structs.replace(place, cells={text: text}),))
    for current in (worded, moved):
        found = compare(old, old._replace(documents=(document,), rules=(changed, current)))
        assert len(found) == 2
        rendered = Rendered(diff_markdown.markdown(found, every=True))
        assert rendered.elements <= {"h2", "h3", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "code", "ul", "li"}
        assert not ACTIVE.search(rendered.prose.replace("\n", " "))
        shown, harmless = Page(diff_html.page(found, every=True)), Page(diff_html.page(compare(old, old), every=True))
        assert {tag for tag, _ in shown.elements} <= {tag for tag, _ in harmless.elements} | set(
            "section h2 table thead tbody tr th td bdi ul li span del ins".split()
        )
        assert not any(
            name not in {"class", "scope"} for tag, attributes in shown.elements if tag in {"td", "bdi", "li"} for name in attributes
        )
        assert not CONTROL.search(diff_html.page(found, every=True))
        assert all(len(part) == 2 for line in diff_text.render(found, every=True) for part in line)


def test_text_of_a_document_does_not_drive_the_terminal(tmp_path: Path) -> None:
    evil = "\x1b[31mred\x1b[0m \u202egnirts"
    write(tmp_path / "old", {"web.md": page(SSH, HTTPS)})
    write(tmp_path / "new", {"web.md": page(SSH, (*HTTPS[:2], evil, HTTPS[3]))})
    for form in ("text", "markdown", "html"):
        text = diff("old", "new", "--format", form, cwd=tmp_path).out.decode()
        assert not CONTROL.search(text)
        assert "[31mred" in text


# --- exit codes and what cannot be compared -------------------------------------------------------------------------------


def test_the_exit_code_says_whether_there_are_changes_when_asked(two: Path) -> None:
    assert diff("old/docs", "new/docs", cwd=two).code == EXIT_CLEAN
    for form in ("text", "json", "markdown", "html"):
        assert diff("old/docs", "new/docs", "--exit-code", "--format", form, cwd=two).code == EXIT_CHANGES
        assert diff("old/docs", "old/docs", "--exit-code", "--format", form, cwd=two).code == EXIT_CLEAN


def test_an_impact_narrows_what_is_shown_and_what_the_exit_code_goes_by(two: Path) -> None:
    found = changes(diff("old/docs", "new/docs", "--impact", "closes", "--impact", "evidence", "--format", "json", cwd=two))
    assert [one["impact"] for one in found] == ["closes", "evidence"]
    assert diff("old/docs", "new/docs", "--impact", "opens", "--exit-code", cwd=two).code == EXIT_CHANGES
    assert diff("old/docs", "new/docs", "--impact", "narrows", "--exit-code", cwd=two).code == EXIT_CLEAN
    shown = lines(diff("old/docs", "new/docs", "--impact", "evidence", cwd=two))
    assert shown[-1] == "1 change: 1 evidence" and "evidence only (1)" in shown


def test_a_name_that_is_neither_path_nor_release_lists_the_releases(releases: Path) -> None:
    message = refused(diff("5.4", "6.0", cwd=releases))
    assert "'6.0' is neither a file nor a folder, and no release in data/rules.json; there is acme/gate 5.4, acme/gate 5.5," in message


def test_a_release_without_a_file_of_rules_says_how_to_name_one(tmp_path: Path) -> None:
    assert "there is no data/rules.json" in refused(diff("5.4", "5.5", cwd=tmp_path))
    assert "--rules" in refused(diff("5.4", "5.5", cwd=tmp_path))


def test_a_name_that_no_file_can_have_is_no_release(releases: Path) -> None:
    assert "neither a file nor a folder" in refused(diff("x" * 5000, "5.5", cwd=releases))


def test_releases_that_no_product_has_both_of_are_refused(releases: Path) -> None:
    message = refused(diff("5.4", "5.5", "--rules", str(only_other(releases)), cwd=releases))
    assert "no product in other.json has both releases, 5.4 and 5.5; there is acme/gate 5.5, acme/wall 5.4" in message


def only_other(folder: Path) -> Path:
    data = json.loads((folder / "data" / "rules.json").read_bytes())
    gone = {document["id"] for document in data["documents"] if (document["product"], document["release"]) == ("gate", "5.4")}
    data["documents"] = [document for document in data["documents"] if document["id"] not in gone]
    data["rules"] = [rule for rule in data["rules"] if rule["evidence"][0]["document"] not in gone]
    (folder / "other.json").write_text(json.dumps(data))
    return Path("other.json")


def test_an_unknown_product_lists_the_products(releases: Path) -> None:
    message = refused(diff("5.4", "5.5", "--product", "acme/door", cwd=releases))
    assert "neither OLD nor NEW has the product 'acme/door'; there is acme/gate" in message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"no json", "is no rules file of this version of docrules (it is no JSON"),
        (b'{"rules": []}', "is no rules file of this version of docrules"),
    ],
)
def test_a_file_that_holds_no_rules_is_refused(two: Path, content: bytes, message: str) -> None:
    (two / "broken.json").write_bytes(content)
    assert message in refused(diff("broken.json", "new/docs", cwd=two))


def test_a_file_whose_rules_are_from_nowhere_is_refused(releases: Path) -> None:
    data = json.loads((releases / "data" / "rules.json").read_bytes())
    data["documents"] = data["documents"][1:]
    (releases / "data" / "rules.json").write_text(json.dumps(data))
    assert "has rules from 'acme/gate/5.4/web', which is not among its documents" in refused(diff("5.4", "5.5", cwd=releases))


def test_a_folder_without_documents_is_refused(two: Path) -> None:
    (two / "empty").mkdir()
    refused(diff("empty", "new/docs", cwd=two))


def test_a_document_that_cannot_be_read_is_not_taken_for_one_without_rules(two: Path) -> None:
    write(two / "new" / "docs", {"acme/gate/5.5/web.md": BINARY})
    result = diff("old/docs", "new/docs", cwd=two)
    assert (result.code, result.out) == (EXIT_UNREADABLE, b"")
    assert result.err.endswith("error: not all of new/docs could be read, so nothing was compared\n")


def test_a_defect_in_one_document_is_not_taken_for_one_without_rules(two: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("extract.pipeline.read_tables", broken)
    result = diff("old/docs", "new/docs", cwd=two)
    assert (result.code, result.out) == (EXIT_INTERNAL, b"")
