"""Patches to fill in: for each open question of a document one patch, which is valid, is not applied before it is answered, and then is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from extract import extract_paths
from extract.catalogue import FindingKind, catalogue
from extract.check import patch_files
from extract.publish.skeleton import toml
from tests.test_cli import Result, docrules

ANSWERABLE = [entry for entry in catalogue().values() if entry.answered_by and entry.page]
GOLDEN = sorted(path.parent for path in (Path(__file__).parent / "pages").glob("*/page.*"))
PORTS = "# Inbound ports\n\n| Port | Source | Description |\n| --- | --- | --- |\n| 8443 | Agents | Uploads |\n| some | Agents | Rest |\n"


def run(folder: Path, text: str, path: str = "page.md") -> Result:
    """Run over one page, in a folder of documents."""
    page = folder / "docs" / path
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(text, "utf-8")
    return docrules("run", "docs", "--report", "report.json", "--max-shrink", "100", cwd=folder)


def codes(folder: Path) -> set[str]:
    """Return the codes of the findings of patches in the report."""
    return {found["code"] for patch in json.loads((folder / "report.json").read_text("utf-8"))["patches"] for found in patch["findings"]}


def answered(text: str) -> str:
    """Return patches in which every question has an answer, which differs from what the rules say."""
    away = "ingress" if 'direction = "egress"' in text else "egress"
    answers = {"reason": '"asked"', "protocol": '"sctp"', "action": '"deny"', "direction": f'"{away}"', "icmp_type": "7"}
    answers |= {"from_port": "7", "to_port": "7", "source": '"Answer"', "destination": '"Answer"'}
    return re.sub(r'^(\w+) = "\?"$', lambda match: f"{match[1]} = {answers[match[1]]}", text, flags=re.MULTILINE)


def check(folder: Path, text: str, path: str, code: str) -> None:
    """Check that the patches for a code are valid, change nothing as they are, and answer its findings when they are filled in."""
    run(folder, text, path)
    before = (folder / "rules.json").read_bytes()
    written = docrules("patch", code, path, cwd=folder)
    assert (written.code, written.err) == (0, "")
    patches = written.out.decode()
    assert all(patch.open for patch in patch_files.parse(patches, "skeleton"))
    (folder / "patches").mkdir()
    (folder / "patches" / "page.toml").write_text(patches, "utf-8")
    run(folder, text, path)
    assert (folder / "rules.json").read_bytes() == before
    assert codes(folder) == {"patch-unanswered"}
    (folder / "patches" / "page.toml").write_text(answered(patches), "utf-8")
    run(folder, text, path)
    assert codes(folder) == set()


@pytest.mark.parametrize("entry", ANSWERABLE, ids=lambda entry: entry.code)
def test_the_finding_of_a_code_is_answered(tmp_path: Path, entry: FindingKind) -> None:
    check(tmp_path, entry.page or "", "page.html" if (entry.page or "").startswith("<") else "page.md", entry.code)


@pytest.mark.parametrize("folder", GOLDEN, ids=lambda folder: folder.name)
def test_the_open_rows_of_a_page_are_answered(tmp_path: Path, folder: Path) -> None:
    page = next(folder.glob("page.*"))
    extraction = extract_paths([page])
    found = sorted(
        {one.code for one in extraction.findings if one.severity != "note" and catalogue()[one.code].concern == "open" and one.row}
    )
    for code in found:
        if not catalogue()[code].answered_by:
            continue
        check(tmp_path / code, page.read_text("utf-8"), page.name, code)


def test_rows_with_one_question_share_a_patch_and_rows_with_others_do_not(tmp_path: Path) -> None:
    rows = "| 8444 | Agents | More |\n| other | Agents | Rest |\n"
    run(tmp_path, PORTS + rows)
    patches = tomli.loads(docrules("patch", "protocol-missing", "page", cwd=tmp_path).out.decode())["patch"]
    assert [(patch["expect"]["rules"], patch["set"]) for patch in patches] == [
        (4, {"protocol": "?"}),
    ]
    patches = tomli.loads(docrules("patch", "port-not-a-number", "page", cwd=tmp_path).out.decode())["patch"]
    assert [(patch["match"]["port_text"], patch["set"]) for patch in patches] == [
        ("some", {"from_port": "?", "to_port": "?"}),
        ("other", {"from_port": "?", "to_port": "?"}),
    ]


def test_rows_whose_protocol_cells_differ_are_asked_apart(tmp_path: Path) -> None:
    rows = ["TPC | 443", "TPC | 8443", "Qorvel | 9000", " | 9001"]
    run(tmp_path, "# Inbound ports\n\n| Protocol | Port |\n| --- | --- |\n" + "".join(f"| {row} |\n" for row in rows))
    asked = [
        (patch["match"]["cells"], patch["expect"]["rules"])
        for code in ("protocol-unknown", "protocol-missing")
        for patch in tomli.loads(docrules("patch", code, "page", cwd=tmp_path).out.decode())["patch"]
    ]
    assert asked == [({"Protocol": "TPC"}, 2), ({"Protocol": "Qorvel"}, 1), ({"Protocol": ""}, 1)]


def test_a_protocol_without_its_ports_is_answered_with_a_rule_beside_the_row(tmp_path: Path) -> None:
    run(tmp_path, catalogue()["port-missing"].page or "")
    (patch,) = tomli.loads(docrules("patch", "port-missing", "page", cwd=tmp_path).out.decode())["patch"]
    assert patch["match"]["protocol"] == "icmp"
    assert patch["add"] == {"protocol": "?", "from_port": "?", "to_port": "?"}


def test_a_table_may_be_named(tmp_path: Path) -> None:
    run(tmp_path, PORTS + "\n## More inbound ports\n\n| Port | Source |\n| --- | --- |\n| 9000 | Any |\n")
    tables = [
        [patch["match"]["table"] for patch in tomli.loads(docrules("patch", "protocol-missing", place, cwd=tmp_path).out.decode())["patch"]]
        for place in ("page:1", "page:2", "page", "page.md:2", "page:2:1")
    ]
    assert tables == [[1], [2], [1, 2], [2], [2]]


def test_patches_are_added_to_a_file(tmp_path: Path) -> None:
    run(tmp_path, PORTS)
    file = tmp_path / "patches.toml"
    file.write_text('# Ours.\n[[patch]]\nid = "first"\nreason = "r"\nalias = { "A" = "B" }\n', "utf-8")
    done = docrules("patch", "port-not-a-number", "page:1", "--out", "patches.toml", cwd=tmp_path)
    assert (done.code, done.err) == (0, "1 patch to fill in -> patches.toml\n")
    assert file.read_text("utf-8").startswith("# Ours.\n[[patch]]\n")
    assert len(patch_files.parse(file.read_text("utf-8"), "patches.toml")) == 2
    kept = file.read_bytes()
    twice = docrules("patch", "port-not-a-number", "page:1", "--out", "patches.toml", cwd=tmp_path)
    assert (twice.code, file.read_bytes()) == (2, kept)
    assert "is taken by patches.toml:" in twice.err


def test_the_file_of_a_product_may_have_any_name(tmp_path: Path) -> None:
    """What no output may be called, a product may."""
    run(tmp_path, PORTS)
    assert docrules("patch", "port-not-a-number", "page:1", "--out", "sources.toml", cwd=tmp_path).code == 0
    kept = (tmp_path / "pyproject.toml", "[project]\nname = 'a'\n")
    kept[0].write_text(kept[1])
    assert docrules("patch", "port-not-a-number", "page:1", "--out", "pyproject.toml", cwd=tmp_path).code == 2
    assert kept[0].read_text() == kept[1]


@pytest.mark.parametrize(
    ("code", "place", "said"),
    [
        ("protocol-mising", "page", "did you mean protocol-missing"),
        ("prose-not-covered", "page", "no value of a rule answers prose-not-covered"),
        ("protocol-missing", "pages", "no document 'pages' in this run; there is page"),
        ("protocol-missing", "page:7", "page has no table 7: it has 1 table"),
        ("action-unknown", "page:1", "there is no action-unknown in table 1 of page.md"),
    ],
)
def test_what_cannot_be_asked_is_refused(tmp_path: Path, code: str, place: str, said: str) -> None:
    run(tmp_path, PORTS)
    refused = docrules("patch", code, place, cwd=tmp_path)
    assert (refused.code, refused.out) == (2, b"")
    assert said in refused.err


def test_a_run_says_which_command_answers(tmp_path: Path) -> None:
    said = run(tmp_path, PORTS).err.splitlines()
    assert said[said.index("next:") + 1 :] == [
        "  docrules patch protocol-missing page.md:1   (2 findings)",
        "  docrules patch port-not-a-number page.md:1   (1 finding)",
    ]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_texts_are_written_as_toml(text: str) -> None:
    assert tomli.loads(f"value = {toml(text)}\n") == {"value": text}
