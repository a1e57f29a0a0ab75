"""Publishing: files are written whole or not at all, and nothing is written that breaks the contract."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from extract import extract_text, schema
from extract.errors import DocrulesError, SchemaViolationError, UsageError
from extract.model import Extraction
from extract.publish import files, render

PAGE = """<h1>Inbound rules for Web Security Group</h1>
<table>
<tr><th>Type</th><th>Protocol</th><th>Port</th><th>Source</th><th>Description</th></tr>
<tr><td>Custom UDP Rule</td><td>TCP</td><td>443</td><td>Client Security Group</td><td>Zugriff für „alle“ – 日本語</td></tr>
<tr><td>Custom TCP Rule</td><td>TCP</td><td>User-defined range</td><td>Client Security Group</td><td>FTP</td></tr>
</table>
"""


@pytest.fixture(scope="module")
def extraction() -> Extraction:
    return extract_text(PAGE, path="acme/gate/1.0/page.html")


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


# --- targets ----------------------------------------------------------------------------------------------------------


def test_a_new_file_in_a_folder_that_exists_is_a_target(tmp_path: Path) -> None:
    files.check_target(tmp_path / "rules.json")


def test_a_file_that_exists_is_a_target(tmp_path: Path) -> None:
    (tmp_path / "rules.json").write_text("old")
    files.check_target(tmp_path / "rules.json")
    assert (tmp_path / "rules.json").read_text() == "old"


def test_a_folder_is_no_target(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder"):
        files.check_target(tmp_path)


def test_a_file_in_a_missing_folder_is_no_target(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="missing does not exist"):
        files.check_target(tmp_path / "missing" / "rules.json")
    assert names(tmp_path) == []


def test_a_document_is_no_target_by_whatever_path(tmp_path: Path) -> None:
    document, other = tmp_path / "page.html", tmp_path / "other.html"
    document.write_text("page")
    (tmp_path / "link.json").symlink_to(document)
    for spelling in (document, tmp_path / ".." / tmp_path.name / "page.html", tmp_path / "link.json"):
        with pytest.raises(UsageError, match="is one of the files that are read"):
            files.check_target(spelling, [other, document])
    files.check_target(tmp_path / "rules.json", [other, document])
    files.check_target(other, [document])


# --- writing ----------------------------------------------------------------------------------------------------------


def test_files_are_written_with_exactly_these_bytes_and_nothing_beside_them(tmp_path: Path) -> None:
    contents = {tmp_path / "rules.json": b"{}\r\n\xff\x00", tmp_path / "report.json": b""}
    files.write_all(contents)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == contents


def test_a_file_is_replaced_not_rewritten(tmp_path: Path) -> None:
    # Who has the old file open goes on reading the old file, whole.
    path = tmp_path / "rules.json"
    path.write_bytes(b"old and longer than the new one")
    with path.open("rb") as reader:
        files.write_all({path: b"new"})
        assert reader.read() == b"old and longer than the new one"
    assert path.read_bytes() == b"new"


def test_an_unchanged_file_keeps_its_time_and_its_inode(tmp_path: Path) -> None:
    path = tmp_path / "rules.json"
    files.write_all({path: b"same"})
    os.utime(path, ns=(1, 1))
    before = path.stat()
    files.write_all({path: b"same"})
    after = path.stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)


def test_of_two_files_only_the_changed_one_is_written(tmp_path: Path) -> None:
    rules, report = tmp_path / "rules.json", tmp_path / "report.json"
    files.write_all({rules: b"same", report: b"old"})
    for path in (rules, report):
        os.utime(path, ns=(1, 1))
    files.write_all({rules: b"same", report: b"new"})
    assert rules.stat().st_mtime_ns == 1
    assert report.stat().st_mtime_ns != 1
    assert report.read_bytes() == b"new"


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_new_file_gets_the_mode_that_the_umask_leaves(tmp_path: Path, mask: int, mode: int) -> None:
    before = os.umask(mask)
    try:
        files.write_all({tmp_path / "rules.json": b"new"})
        assert os.umask(mask) == mask, "the umask must be put back"
    finally:
        os.umask(before)
    assert (tmp_path / "rules.json").stat().st_mode & 0o777 == mode


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_a_replaced_file_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "rules.json"
    path.write_bytes(b"old")
    path.chmod(mode)
    files.write_all({path: b"new"})
    assert path.stat().st_mode & 0o777 == mode
    assert path.read_bytes() == b"new"


def test_a_link_is_written_through(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    target = tmp_path / "store" / "rules-1.json"
    target.write_bytes(b"old")
    link = tmp_path / "rules.json"
    link.symlink_to(target)
    files.write_all({link: b"new"})
    assert link.is_symlink()
    assert target.read_bytes() == link.read_bytes() == b"new"
    assert names(tmp_path / "store") == ["rules-1.json"]


def test_a_link_that_leads_nowhere_yet_is_written_through(tmp_path: Path) -> None:
    link = tmp_path / "rules.json"
    link.symlink_to("rules-1.json")
    files.write_all({link: b"new"})
    assert link.is_symlink()
    assert (tmp_path / "rules-1.json").read_bytes() == b"new"


def test_what_is_no_regular_file_is_written_to_and_stays(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    try:
        files.write_all({fifo: b"new", Path(os.devnull): b"new"})
        assert os.read(reader, 16) == b"new"
    finally:
        os.close(reader)
    assert fifo.is_fifo()
    assert Path(os.devnull).is_char_device()
    assert names(tmp_path) == ["fifo"]


def test_when_one_file_cannot_be_prepared_no_file_changes(tmp_path: Path) -> None:
    rules = tmp_path / "rules.json"
    rules.write_bytes(b"old")
    with pytest.raises(UsageError, match=r"missing.*cannot be written: No such file or directory"):
        files.write_all({rules: b"new", tmp_path / "missing" / "report.json": b"new"})
    assert rules.read_bytes() == b"old"
    assert names(tmp_path) == ["rules.json"]


def test_when_a_file_cannot_be_replaced_nothing_is_left_behind(tmp_path: Path) -> None:
    folder = tmp_path / "rules.json"
    folder.mkdir()
    with pytest.raises(UsageError, match="cannot be written"):
        files.write_all({folder: b"new"})
    assert names(tmp_path) == ["rules.json"]
    assert names(folder) == []


def test_whatever_stops_the_writing_leaves_nothing_behind(tmp_path: Path) -> None:
    text: Any = "text where bytes must be"
    with pytest.raises(TypeError):
        files.write_all({tmp_path / "rules.json": text})
    assert names(tmp_path) == []


# For each stop: writes two old files into a folder of its own, replaces both, and raises the given exception when the program is about
# to do what the audit event says (PEP 578), the given time that it does so. A hook stays for as long as its process: hence a process.
STOPPED = """
import json, os, sys
from pathlib import Path
from extract.errors import UsageError
from extract.publish import files

stops, outcomes, armed, seen = json.loads(sys.argv[1]), [], [], []

def hook(name, arguments):
    if armed and name == armed[0]["event"]:
        seen.append(name)
        if len(seen) == armed[0]["time"]:
            raise {"ENOSPC": OSError(28, "No space left on device"), "INT": KeyboardInterrupt()}[armed[0]["error"]]

sys.addaudithook(hook)
for number, stop in enumerate(stops):
    folder = Path(str(number))
    folder.mkdir()
    paths = [folder / "rules.json", folder / "report.json"]
    for path in paths:
        path.write_text("old")
    seen.clear()
    armed.append(stop)
    try:
        files.write_all({path: b"new" for path in paths})
        raised = "nothing"
    except (UsageError, KeyboardInterrupt) as stopped:
        raised = type(stopped).__name__
    armed.clear()
    outcomes.append([raised, {path.name: path.read_text() for path in sorted(folder.iterdir())}])
print(json.dumps(outcomes))
"""
BEFORE = [("tempfile.mkstemp", 1), ("tempfile.mkstemp", 2), ("os.chmod", 1), ("os.chmod", 2), ("os.rename", 1)]
ERRORS = [("ENOSPC", "UsageError"), ("INT", "KeyboardInterrupt")]


@pytest.fixture(scope="module")
def stops(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, int, str], tuple[str, dict[str, str]]]:
    """What each stop raised, and the files that it left."""
    cases = [(event, time, error) for event, time in [*BEFORE, ("os.rename", 2)] for error, _ in ERRORS]
    argument = json.dumps([dict(zip(("event", "time", "error"), case, strict=True)) for case in cases])
    folder = tmp_path_factory.mktemp("stops")
    command = [sys.executable, "-c", STOPPED, argument]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return {case: (raised, left) for case, (raised, left) in zip(cases, json.loads(done.stdout), strict=True)}


@pytest.mark.parametrize(("error", "raised"), ERRORS)
@pytest.mark.parametrize(("event", "time"), BEFORE)
def test_a_stop_before_the_first_replacement_keeps_both_old_files(stops: Any, event: str, time: int, error: str, raised: str) -> None:
    assert stops[event, time, error] == (raised, {"report.json": "old", "rules.json": "old"})


@pytest.mark.parametrize(("error", "raised"), ERRORS)
def test_a_stop_between_the_replacements_leaves_whole_files_only(stops: Any, error: str, raised: str) -> None:
    assert stops["os.rename", 2, error] == (raised, {"report.json": "old", "rules.json": "new"})


# --- rendering --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("renderer", [render.rules_json, render.report_json], ids=["rules", "report"])
def test_json_is_indented_by_two_ends_with_one_line_feed_and_is_utf_8(
    extraction: Extraction, renderer: Callable[[Extraction], bytes]
) -> None:
    data = renderer(extraction)
    text = data.decode("utf-8")
    assert text == json.dumps(json.loads(data), indent=2, ensure_ascii=False) + "\n"


def test_text_that_is_not_ascii_is_written_as_it_is(extraction: Extraction) -> None:
    assert "Zugriff für „alle“ – 日本語".encode() in render.rules_json(extraction)


def test_the_file_begins_with_its_version_and_keeps_the_order_of_the_contract(extraction: Extraction) -> None:
    data = json.loads(render.rules_json(extraction))
    assert list(data) == ["schema_version", "documents", "rules", "unresolved"]
    common = ["action", "direction", "protocol", "from_port", "to_port", "icmp_type", "icmp_code", "source", "destination", "description"]
    for rule in [*data["rules"], *data["unresolved"]]:
        keys = list(rule)
        assert keys[:2] == ["id", "fingerprint"]
        assert [key for key in keys if key in common] == common
        assert keys.index("trace") < keys.index("evidence")
    report = json.loads(render.report_json(extraction))
    assert list(report) == ["schema_version", "summary", "documents", "patches", "sources"]


def plain(value: object) -> object:
    return json.loads(msgspec.json.encode(value))


def test_what_is_written_says_what_was_extracted(extraction: Extraction) -> None:
    data = json.loads(render.rules_json(extraction))
    for key in ("documents", "rules", "unresolved"):
        assert data[key] == plain(tuple(getattr(extraction, key)))
    report = json.loads(render.report_json(extraction))
    assert report["documents"] == plain(tuple(extraction.reports))
    assert report["summary"] == plain(extraction.summary)


def test_nothing_extracted_is_a_valid_file() -> None:
    nothing = extract_text("")
    assert json.loads(render.rules_json(nothing))["rules"] == []
    assert json.loads(render.report_json(nothing))["summary"]["rules"] == 0


def broken(extraction: Extraction) -> Iterator[tuple[Extraction, Callable[[Extraction], bytes], str]]:
    """Yield extractions that no correct program makes, who must refuse them, and the place that the message must name."""
    replace = msgspec.structs.replace
    [rule], [open_rule] = extraction.rules, extraction.unresolved
    yield replace(extraction, rules=(replace(rule, to_port=None),)), render.rules_json, "rules.json .*/rules/0"
    yield replace(extraction, rules=(rule, replace(rule, protocol="TCP"))), render.rules_json, "rules.json .*/rules/1/protocol.*TCP"
    yield replace(extraction, rules=(replace(rule, evidence=()),)), render.rules_json, "rules.json .*/rules/0/evidence"
    yield replace(extraction, unresolved=(replace(open_rule, missing=()),)), render.rules_json, "rules.json .*/unresolved/0/missing"
    document = replace(extraction.documents[0], path="/srv/page.html")
    yield replace(extraction, documents=(document,)), render.rules_json, "rules.json .*/documents/0/path"
    summary = replace(extraction.summary, rules=-1)
    yield replace(extraction, summary=summary), render.report_json, "report.json .*/summary/rules"


@pytest.mark.parametrize("index", range(6))
def test_a_result_that_breaks_the_contract_is_refused_with_its_place(extraction: Extraction, index: int) -> None:
    wrong, renderer, place = list(broken(extraction))[index]
    with pytest.raises(SchemaViolationError, match=place) as caught:
        renderer(wrong)
    assert isinstance(caught.value, DocrulesError)


def test_data_without_an_error_passes_validation(extraction: Extraction) -> None:
    schema.validate("rules", render.rules_json(extraction))
    schema.validate("report", render.report_json(extraction))


def test_a_schema_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        schema.load("nothing")


# --- in parts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("together", [1, 2, 3])
def test_a_file_made_in_parts_is_the_file_made_at_once(extraction: Extraction, monkeypatch: pytest.MonkeyPatch, together: int) -> None:
    [rule], [report] = extraction.rules, extraction.reports
    several = msgspec.structs.replace(extraction, rules=(rule,) * 5, reports=(report,) * 3)
    monkeypatch.setattr(render, "_TOGETHER", together)
    for one in (extraction, several, extract_text("no table")):
        rules = {"documents": tuple(one.documents), "rules": one.rules, "unresolved": one.unresolved}
        report_of = {"summary": one.summary, "documents": tuple(one.reports), "patches": one.patches, "sources": one.sources}
        for name, data, made in (("rules", rules, render.rules_json(one)), ("report", report_of, render.report_json(one))):
            whole = msgspec.json.encode({"schema_version": schema.version(name), **data})
            assert made == msgspec.json.format(whole, indent=2) + b"\n"


def test_a_fault_in_a_later_part_is_told_by_its_number_in_the_whole(extraction: Extraction, monkeypatch: pytest.MonkeyPatch) -> None:
    [rule] = extraction.rules
    wrong = msgspec.structs.replace(extraction, rules=(*(rule,) * 4, msgspec.structs.replace(rule, protocol="TCP")))
    monkeypatch.setattr(render, "_TOGETHER", 2)
    with pytest.raises(SchemaViolationError, match=r"rules.json .*/rules/4/protocol.*TCP"):
        render.rules_json(wrong)


def test_what_is_written_in_parts_holds_all_of_them(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    files.write_all({path: lambda: iter((b"one", b"", b"two"))})
    assert path.read_bytes() == b"onetwo"


@pytest.mark.parametrize("old", [b"", b"onetw", b"onetwothree", b"other"])
def test_a_file_in_parts_replaces_what_differs_from_it(tmp_path: Path, old: bytes) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(old)
    os.utime(path, ns=(1, 1))
    for _ in range(2):
        files.write_all({path: lambda: (b"one", b"two")})
        assert path.read_bytes() == b"onetwo"
        assert path.stat().st_mtime_ns != 1
    os.utime(path, ns=(1, 1))
    files.write_all({path: lambda: (b"one", b"two")})
    assert path.stat().st_mtime_ns == 1


def test_an_error_amid_the_parts_leaves_what_was_there(tmp_path: Path) -> None:
    def stopping() -> Iterator[bytes]:
        yield b"new"
        raise SchemaViolationError("report.json would break its schema")

    rules, report, fifo = tmp_path / "rules.json", tmp_path / "report.json", tmp_path / "fifo"
    rules.write_bytes(b"old")
    report.write_bytes(b"newer")
    os.mkfifo(fifo)
    for broken_path in (report, fifo):
        with pytest.raises(SchemaViolationError):
            files.write_all({rules: b"new", broken_path: stopping})
        assert rules.read_bytes() == b"old"
        assert report.read_bytes() == b"newer"
        assert names(tmp_path) == ["fifo", "report.json", "rules.json"]
