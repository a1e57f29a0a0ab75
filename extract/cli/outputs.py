"""The files of a run: where they go, what is in them, and how they name the documents."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import combinations
from pathlib import Path

from extract.cli.terminal import version
from extract.errors import UsageError
from extract.model import Extraction
from extract.publish import files, render
from extract.read.formats import is_searched
from extract.read.sources import Source

STDOUT = "-"
# The options whose files are about a run and not data: they are also written when a run gives no data.
ABOUT_THE_RUN = frozenset({"sarif", "markdown"})
_PATCH_SUFFIX = ".toml"


def targets(
    named: Mapping[str, str | None],
    sources: Iterable[Source],
    folders: Iterable[Path] = (),
    patches: Path | None = None,
    configuration: Path | None = None,
) -> dict[str, Path]:
    """Return option -> file, of the options that name one; what goes to standard output has none. The rules come last.

    `folders` and `patches` are the folders in which documents and patches are looked for, and `configuration` is the file that says how to
    run. Raises UsageError when a file cannot be written there, is one that is read, would be taken for a document or patch by the next
    run, or is named twice.
    """
    found = _files(named)
    documents: dict[str | Path, None] = dict.fromkeys(source.file for source in sources if source.file is not None)
    if configuration is not None:
        documents[configuration] = None
    for option, path in found.items():
        files.check_target(path, documents)
        if named["out"] == STDOUT and _is_stdout(path):
            raise UsageError(f"--{option} names standard output, where the rules go; name a file")
        if any(_is_document(path, folder) for folder in folders):
            raise UsageError(f"{path} lies among the documents, and the next run would take it for one; name a file elsewhere")
        if patches is not None and path.suffix == _PATCH_SUFFIX and _below(path, patches) is not None:
            raise UsageError(f"{path} lies among the patches, and the next run would take it for one; name a file elsewhere")
    # Files are replaced in this order. Whoever sees new rules finds all that belongs to them in place, even after a run that was killed.
    return {option: found[option] for option in sorted(found, key=lambda option: option == "out")}


def _files(named: Mapping[str, str | None]) -> dict[str, Path]:
    """Return option -> file. Raises UsageError when a file is named twice, and for standard output where only a file will do."""
    found: dict[str, Path] = {}
    for option, name in named.items():
        if name == STDOUT and option != "out":
            raise UsageError(f"--{option} names a file; only --out may be {STDOUT}")
        if name is not None and name != STDOUT:
            found[option] = Path(name)
    for (option, path), (other, same) in combinations(found.items(), 2):
        if os.path.realpath(path) == os.path.realpath(same):
            raise UsageError(f"--{option} and --{other} name the same file")
    return found


def _is_stdout(path: Path) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(sys.stdout.fileno()))
    except (AttributeError, OSError):
        # Not there; or standard output is closed, or no file at all.
        return False


def _below(path: Path, folder: Path) -> Path | None:
    """Return the path of a file relative to a folder, None when it does not lie there."""
    file = Path(os.path.realpath(path.parent), path.name)
    inside = os.path.realpath(folder)
    return file.relative_to(inside) if file.is_relative_to(inside) else None


def _is_document(path: Path, folder: Path) -> bool:
    """Return whether a search of the folder for documents, which passes over what is hidden, finds the file."""
    relative = _below(path, folder)
    return relative is not None and is_searched(path.suffix.lower()) and not any(part.startswith(".") for part in relative.parts)


def contents(options: Iterable[str], extraction: Extraction, sources: Iterable[Source]) -> dict[str, files.Content]:
    """Return option -> what is written for it, but for the rules. Raises SchemaViolationError when that would break its schema.

    The report, which may be ten times as large as the rules, is made in parts when it is written, and raises the same then.
    """
    renderers: dict[str, Callable[[], files.Content]] = {
        "report": lambda: partial(render.report_parts, extraction),
        "sarif": lambda: _sarif(extraction, sources),
        "markdown": lambda: _markdown(extraction, sources),
    }
    return {option: renderers[option]() for option in options}


def _sarif(extraction: Extraction, sources: Iterable[Source]) -> bytes:
    from extract.publish import sarif  # noqa: PLC0415 - few runs write it

    return sarif.sarif(extraction, in_repository(sources), version())


def _markdown(extraction: Extraction, sources: Iterable[Source]) -> bytes:
    from extract.publish import summary  # noqa: PLC0415 - few runs write it

    return summary.markdown(extraction, in_repository(sources)).encode()


def in_repository(sources: Iterable[Source]) -> dict[str, str]:
    """Return the path of each document in the data -> its path from the root of the checkout, else from the current folder.

    Not in it are documents outside of that folder, pages of archives, and standard input. Links are followed, for GitHub finds no file
    through a link.
    """
    return dict(_in_repository(sources, _root(Path(os.path.realpath(Path.cwd())))))


def _root(folder: Path) -> Path:
    """Return the checkout that a folder is in: the nearest folder with an entry .git, which is a file in a linked worktree."""
    return next((one for one in (folder, *folder.parents) if (one / ".git").exists()), folder)


def _in_repository(sources: Iterable[Source], root: Path) -> Iterator[tuple[str, str]]:
    for source in sources:
        # The lines of a page of an archive are no lines of the archive.
        if source.file is None or source.record is not None or source.entry is not None:
            continue
        file = Path(os.path.realpath(source.file))
        if not os.path.exists(file):  # noqa: PTH110 - Path.exists() raises where a folder may not be looked into
            # A link that leads nowhere is itself what is wrong.
            file = Path(os.path.realpath(Path(source.file).parent), Path(source.file).name)
        if file.is_relative_to(root):
            yield source.path, file.relative_to(root).as_posix()
