"""Runs asciidoctor, the only program that reading starts, and only for a document in AsciiDoc that a user gave.

It runs in its safest mode (`--safe-mode secure`): it reads no file but the document, and includes become links. It is told so by options,
which a document cannot change. Time, memory and the length of what it writes are limited.
"""

from __future__ import annotations

import functools
import os
import resource
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import IO, NamedTuple

from extract.regex import late

_PROGRAM = "asciidoctor"
_NUMBER = late(r"\d[\w.-]*")
_LINES = Path(__file__).with_name("lines.rb")
# Seconds of work, and how many more for each megabyte: one of tables takes some twenty. On a busy machine they take longer.
_SECONDS = 20
_SECONDS_EACH = 60
_BUSY = 4
_MEMORY = 2 << 30
# Bytes of HTML, and how many more for each byte: tables take some thirty times as many.
_OUTPUT = 8 << 20
_OUTPUT_EACH = 100
_ATTRIBUTES = (
    "showtitle",
    # What asciidoctor adds in words of its own language.
    "table-caption!",
    "figure-caption!",
    "example-caption!",
    "listing-caption!",
    "sectnums!",
    "toc!",
    # A name without a value is kept as it is written, and told.
    "attribute-missing=warn",
)


class Ran(NamedTuple):
    """What asciidoctor wrote, and what it said; `failed` says why there is nothing."""

    html: bytes
    said: str
    failed: str = ""


def is_installed() -> bool:
    """Return whether asciidoctor is on the path of the user."""
    return shutil.which(_PROGRAM) is not None


@functools.cache
def version() -> str | None:
    """Return the number of the version of asciidoctor; None where it is not installed or does not run."""
    if not is_installed():
        return None
    ran = _run(["--version"], b"")
    # `Asciidoctor 2.0.18 [https://asciidoctor.org]`
    number = _NUMBER.search(ran.html.decode("utf-8", "replace").partition("\n")[0])
    return number[0] if number else None


def convert(text: str, mark: str) -> Ran:
    """Return a document as HTML, where a class made of `mark` and a number says the line of each block and of each cell of a table."""
    options = ["--safe-mode", "secure", "--embedded", "--backend", "html5", "--require", str(_LINES), "--out-file", "-"]
    attributes = [word for name in (*_ATTRIBUTES, f"docrules-mark={mark}") for word in ("--attribute", name)]
    return _run([*options, *attributes, "-"], text.encode("utf-8", "replace"))


def _run(arguments: list[str], given: bytes) -> Ran:
    """Run asciidoctor. What it reads and writes are files without a name, so that neither waits for the other."""
    program = shutil.which(_PROGRAM)
    if program is None:
        return Ran(b"", "", "it is not installed")
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as said:
        source.write(given)
        source.seek(0)
        try:
            process = subprocess.Popen(
                [program, *arguments], stdin=source, stdout=out, stderr=said, env=_environment(), cwd="/", start_new_session=True
            )
        except OSError as error:
            return Ran(b"", "", f"it cannot be run: {error.strerror or error}")
        seconds, most = _SECONDS + _SECONDS_EACH * len(given) // 1_000_000, _OUTPUT + _OUTPUT_EACH * len(given)
        _limit(process.pid, seconds, most)
        try:
            status = process.wait(_BUSY * seconds)
        except subprocess.TimeoutExpired:
            status = None
        finally:
            _end(process)
        words = _read(said, 1 << 20).decode("utf-8", "replace")
        if status is None or status in (-signal.SIGXCPU, -signal.SIGKILL):
            return Ran(b"", words, f"it took more than {seconds} seconds")
        if out.seek(0, os.SEEK_END) > most:
            return Ran(b"", words, f"it wrote more than {most >> 20} MB")
        if status:
            return Ran(b"", words, f"it failed with status {status}: {(words.strip() or 'without a word').splitlines()[0][:200]}")
        return Ran(_read(out, most), words)


def _read(file: IO[bytes], most: int) -> bytes:
    file.seek(0)
    return file.read(most)


def _environment() -> dict[str, str]:
    """Return the environment: times that a document asks for are those of 1970, and texts are UTF-8."""
    return {**os.environ, "SOURCE_DATE_EPOCH": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8", "RUBYOPT": "-EUTF-8:UTF-8"}


def _limit(process: int, seconds: int, output: int) -> None:
    """Limit what a process may take, where the system can."""
    if not hasattr(resource, "prlimit"):
        return
    for what, most in ((resource.RLIMIT_AS, _MEMORY), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_FSIZE, output + 1)):
        try:
            resource.prlimit(process, what, (most, most))
        except (OSError, ValueError):
            # It has ended already, or the system allows less.
            return


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and what it started, if it still runs."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
