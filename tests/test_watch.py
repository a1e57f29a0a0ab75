"""`docrules run --watch`: a process that runs again when its documents change, and says what is new."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.test_cli import EXIT_USAGE, HTTPS_ROW, REPO, docrules, docrules_process, html

# Longer than anything takes; a process that hangs must not hang the tests.
SECONDS = 120
EXIT_INTERRUPTED = 130
OTHER_ROW = ("TCP", "8443", "Load Balancer Security Group", "HTTPS")
BROKEN_ROW = ("TCP", "70000", "Load Balancer Security Group", "Broken")


class Watching:
    """A process that watches, and the lines that it prints."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.printed: list[str] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def until(self, text: str) -> list[str]:
        """Wait for a line that holds a text; return the lines up to it."""
        lines: list[str] = []
        while not lines or text not in lines[-1]:
            line = self._next()
            assert line is not None, f"there is no {text!r} in {lines}"
            lines.append(line)
        self.printed += lines
        return lines

    def _next(self) -> str | None:
        """Return the next line; None at the end, and when none comes."""
        with contextlib.suppress(queue.Empty):
            return self._lines.get(timeout=SECONDS)
        return None

    def interrupt(self) -> int:
        """Press Ctrl-C; return the exit code, with what was still printed in `printed`."""
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(SECONDS)
        while (line := self._next()) is not None:
            self.printed.append(line)
        return code

    @property
    def runs(self) -> int:
        """How often it ran again."""
        return sum(line.startswith("changed: ") for line in self.printed)


@contextmanager
def watching(folder: Path, *arguments: str) -> Iterator[Watching]:
    command = [sys.executable, "-m", "extract", "run", *arguments, "--watch", "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": str(REPO)}
    with subprocess.Popen(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            watch = Watching(process)
            watch.until("Ctrl-C ends")
            yield watch
        finally:
            process.kill()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    write(tmp_path, HTTPS_ROW)
    return tmp_path


def write(folder: Path, *rows: tuple[str, ...], name: str = "page.html") -> None:
    """Write a page as most editors do: another file, which takes the name."""
    new = folder / f".{name}.new"
    new.write_text(html(*rows))
    new.replace(folder / "docs" / name)


def ports(file: Path) -> list[int]:
    return sorted(rule["from_port"] for rule in json.loads(file.read_bytes())["rules"])


def test_a_change_is_read_and_what_it_changes_of_the_rules_is_printed(folder: Path) -> None:
    with watching(folder, "docs") as watch:
        assert ports(folder / "rules.json") == [443]
        write(folder, HTTPS_ROW, OTHER_ROW)
        printed = watch.until("1 change: 1 opens")
        assert "changed: docs/page.html" in printed
        assert any("+ allow ingress tcp 8443" in line for line in printed)
        assert ports(folder / "rules.json") == [443, 8443]
        (folder / "docs/page.html").write_text(html(HTTPS_ROW, OTHER_ROW, (*OTHER_ROW[:1], "22", *OTHER_ROW[2:])))
        watch.until("1 change: 1 opens")
        assert ports(folder / "rules.json") == [22, 443, 8443]
        assert watch.interrupt() == EXIT_INTERRUPTED
        assert watch.printed[-1] == "interrupted; what earlier runs wrote is in its place"
        assert not any("Traceback" in line for line in watch.printed)


def test_it_does_not_run_again_for_what_it_has_written_itself(folder: Path) -> None:
    outputs = ("--out", "docs/rules.json", "--report", "docs/report.json", "--sarif", "docs/x.sarif", "--changes", "docs/changes.json")
    with watching(folder, "docs", *outputs) as watch:
        for number, rows in enumerate(([HTTPS_ROW, OTHER_ROW], [HTTPS_ROW, OTHER_ROW, ("UDP", "53", *OTHER_ROW[2:])]), 1):
            write(folder, *rows)
            watch.until("1 change: 1 opens")
            assert watch.runs == number
        assert watch.interrupt() == EXIT_INTERRUPTED
        assert watch.runs == 2


def test_a_broken_page_is_told_once_and_its_repair_too(folder: Path) -> None:
    with watching(folder, "docs", "--max-shrink", "100") as watch:
        write(folder, BROKEN_ROW, HTTPS_ROW)
        printed = watch.until("findings: 1 error")
        assert [line for line in printed if "[port-out-of-range]" in line]
        write(folder, BROKEN_ROW, HTTPS_ROW, OTHER_ROW)
        assert not [line for line in watch.until("1 change: 1 opens") if "[port-out-of-range]" in line], "as before"
        (folder / "docs/page.html").write_bytes(b"\0\1\2" * 1000)
        watch.until("nothing could be read, so no rules were written")
        write(folder, HTTPS_ROW, OTHER_ROW)
        printed = watch.until("--all shows wording and evidence")
        assert [line for line in printed if line.startswith("no longer: ") and "[binary-document]" in line]
        assert ports(folder / "rules.json") == [443, 8443]
        assert watch.interrupt() == EXIT_INTERRUPTED


def test_what_cannot_be_run_ends_no_watch(folder: Path) -> None:
    with watching(folder, "docs") as watch:
        (folder / "docs/sources.toml").write_text("[[source]\n")
        watch.until("error: ")
        (folder / "docs/sources.toml").unlink()
        watch.until("findings: none")
        (folder / "docs/page.html").unlink()
        watch.until("error: the folder docs holds no documents")
        shutil.rmtree(folder / "docs")
        watch.until("error: docs does not exist")
        (folder / "docs").mkdir()
        write(folder, HTTPS_ROW, OTHER_ROW)
        watch.until("1 change: 1 opens")
        assert ports(folder / "rules.json") == [443, 8443]
        write(folder, HTTPS_ROW, name="other.html")
        watch.until("changed: docs/other.html")
        watch.until("findings: ")
        assert watch.interrupt() == EXIT_INTERRUPTED


def test_a_folder_that_gives_way_to_another_one_is_read(folder: Path) -> None:
    """As a build does that makes its output anew, and a link that comes to lead to the next release."""
    (folder / "docs").rename(folder / "1.0")
    (folder / "docs").symlink_to("1.0")
    (folder / "2.0").mkdir()
    (folder / "2.0/page.html").write_text(html(HTTPS_ROW, OTHER_ROW))
    with watching(folder, "docs", "--max-shrink", "100") as watch:
        (folder / "next").symlink_to("2.0")
        (folder / "next").replace(folder / "docs")
        watch.until("1 change: 1 opens")
        shutil.rmtree(folder / "2.0")
        (folder / "2.0").mkdir()
        (folder / "2.0/page.html").write_text(html(HTTPS_ROW))
        watch.until("1 change: 1 closes")
        (folder / "2.0/page.html").write_text(html(HTTPS_ROW, OTHER_ROW))
        watch.until("1 change: 1 opens")
        assert watch.interrupt() == EXIT_INTERRUPTED


def test_patches_are_watched_from_when_they_are_there(folder: Path) -> None:
    moved = folder / "docs/vendor/product/1.0"
    moved.mkdir(parents=True)
    (folder / "docs/page.html").replace(moved / "page.html")
    patch = '[[patch]]\nid = "closed"\nreason = "a test"\nmatch = { protocol = "tcp" }\ndrop = true\n'
    with watching(folder, "docs", "--max-shrink", "100") as watch:
        (folder / "patches/vendor").mkdir(parents=True)
        watch.until("changed: ")
        watch.until("findings: ")
        (folder / "patches/vendor/product.toml").write_text(patch)
        watch.until("closes access (1)")
        watch.until("1 change: ")
        (folder / "patches/vendor/product.toml").unlink()
        watch.until("opens access (1)")
        assert ports(folder / "rules.json") == [443]
        assert watch.interrupt() == EXIT_INTERRUPTED


def test_a_file_is_watched_and_nothing_else_in_its_folder(folder: Path) -> None:
    with watching(folder, "docs/page.html") as watch:
        write(folder, OTHER_ROW, name="other.html")
        (folder / "docs/page.html").unlink()
        watch.until("changed: docs/page.html")
        watch.until("error: docs/page.html does not exist")
        write(folder, HTTPS_ROW, OTHER_ROW)
        watch.until("1 change: 1 opens")
        assert watch.interrupt() == EXIT_INTERRUPTED
        assert not any("other.html" in line for line in watch.printed)


def test_the_manifest_beside_a_file_is_watched(folder: Path) -> None:
    with watching(folder, "docs/page.html") as watch:
        (folder / "docs/sources.toml").write_text('[[source]]\npath = "page.html"\ntitle = "Ports"\n')
        watch.until("changed: docs/sources.toml")
        watch.until("findings: ")
        assert json.loads((folder / "rules.json").read_bytes())["documents"][0]["title"] == "Ports"
        assert watch.interrupt() == EXIT_INTERRUPTED


def test_a_file_that_may_be_read_from_now_on_is_read(folder: Path) -> None:
    """Its time, its length and its number are what they were."""
    page = folder / "docs/page.html"
    with watching(folder, "docs") as watch:
        page.chmod(0o400)
        watch.until("changed: docs/page.html")
        watch.until("findings: ")
        before = page.stat()
        page.write_text(html((*HTTPS_ROW[:1], "444", *HTTPS_ROW[2:])))
        os.utime(page, ns=(before.st_atime_ns, before.st_mtime_ns))
        watch.until("1 change: ")
        assert (page.stat().st_mtime_ns, page.stat().st_size) == (before.st_mtime_ns, before.st_size)
        assert ports(folder / "rules.json") == [444]
        assert watch.interrupt() == EXIT_INTERRUPTED


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-"], "--watch looks at files, and standard input is none"),
        (["docs", "--out", "-"], "--watch compares with the file that --out names; name one"),
        (["docs", "--accept-shrink", "because"], "--accept-shrink is for one run, and --watch repeats it; publish once without --watch"),
        (["none"], "none does not exist"),
        (["docs", "--patches", "none"], "none"),
    ],
)
def test_what_cannot_be_watched_is_said(arguments: list[str], said: str, folder: Path) -> None:
    result = docrules("run", *arguments, "--watch", cwd=folder)
    assert (result.code, result.out) == (EXIT_USAGE, b"")
    assert said in result.err
    assert not (folder / "rules.json").exists()


def test_without_the_library_the_message_names_the_extra(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "absent/watchfiles").mkdir(parents=True)
    (folder / "absent/watchfiles/__init__.py").write_text("raise ModuleNotFoundError('No module named watchfiles')\n")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(folder / "absent"), str(REPO))))
    result = docrules_process("run", "docs", "--watch", cwd=folder)
    assert result.code == EXIT_USAGE
    assert result.err == "error: --watch needs watchfiles, which is not installed: pip install 'docrules[watch]'\n"
    assert not (folder / "rules.json").exists()
