"""The manifest of sources: where documents come from and what their folders mean, as people write it in `sources.toml` among them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from extract import written
from extract.catalogue import finding
from extract.errors import UsageError
from extract.model import Document, Finding, Origin, SourceReport
from extract.read import layout
from extract.read.formats import SUFFIXES
from extract.read.layout import Layout, Names
from extract.read.sources import MANIFEST, Source
from extract.regex import late
from extract.written import lines

NAME = MANIFEST
"""What the file is called."""

_OF_A_PAGE = ("url", "title")
_CREDENTIALS = late(r"https?://[^/?#]*@")


class SourceEntry(Origin, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the manifest says about a document, or about all documents below a folder."""

    path: str
    line: int = 1

    @property
    def is_document(self) -> bool:
        """Return whether the entry is about a document and not a folder. Its name decides, because the file may not exist yet."""
        return _is_document(self.path)


class Manifest(msgspec.Struct, frozen=True):
    """A manifest that was loaded."""

    file: Path
    # By path, without a final slash, in the order of the file.
    entries: Mapping[str, SourceEntry]
    # None when the file says nothing of the folders.
    layouts: tuple[Layout, ...] | None = None
    # What layouts do not name.
    others: Names = Names()

    @property
    def source(self) -> Source:
        """Return the manifest as a file that findings are about."""
        return Source.of(NAME, str(self.file))

    def origin_of(self, path: str) -> Origin:
        """Return what is said about a document. For each value the entry with the longest path counts, then what the layout names."""
        _, names = self.layout_of(path)
        known = {name: value for name, value in names._asdict().items() if value is not None}
        for entry in self._about(path):
            known |= {name: value for name in (*layout.NAMES, *_OF_A_PAGE, "licence") if (value := getattr(entry, name)) is not None}
        return Origin(**known)

    def layout_of(self, path: str) -> tuple[str | None, Names]:
        """Return the layout that a path fits, None when it fits none, and what its folders name by it."""
        if self.layouts is None:
            found = layout.default_names(path)
            return (layout.DEFAULT, found) if found is not None else (None, Names())
        for one in self.layouts:
            if (found := one.names(path)) is not None:
                return one.text, found if not one.named else Names(*(mine or other for mine, other in zip(found, self.others, strict=True)))
        return None, Names()

    def is_placed(self, path: str) -> bool:
        """Return whether an entry says the vendor, the product and the release of a document."""
        return any(entry.release is not None for entry in self._about(path))

    def reports(self, documents: Iterable[Document], complete: bool) -> tuple[SourceReport, ...]:
        """Return what became of every entry; `complete` when the run was given whole folders.

        They stand in the order of lines. A run over single files skips entries for other documents, because it cannot know whether these
        exist.
        """
        described = Counter(entry.path for document in documents for entry in self._about(document.path))
        return tuple(
            SourceReport(
                path=NAME,
                line=entry.line,
                describes=entry.path,
                documents=described[entry.path],
                findings=() if described[entry.path] else (_unmatched(entry),),
            )
            for entry in sorted(self.entries.values(), key=lambda entry: (entry.line, entry.path))
            if complete or described[entry.path]
        )

    def _about(self, path: str) -> Iterator[SourceEntry]:
        """Yield the entries about a document, that of the outermost folder first."""
        pure = PurePosixPath(path)
        return (self.entries[str(one)] for one in (*reversed(pure.parents), pure) if str(one) in self.entries)


def find(folders: Iterable[Path]) -> Manifest | None:
    """Return the manifest of the folders that the paths of the data are relative to; None when there is none.

    Raises UsageError if there is one and the run has several folders, because it would apply to all of them. Also raises what `load`
    raises.
    """
    every = sorted({folder.resolve(): folder for folder in folders}.values())
    held = [folder / NAME for folder in every if (folder / NAME).is_file()]
    if held and len(every) > 1:
        raise UsageError(f"{held[0]} says where the documents of one folder come from, and these are of {len(every)}; give their --root")
    return load(held[0]) if held else None


def load(file: Path) -> Manifest:
    """Return the manifest in a file.

    Raises UsageError, with file and line, when it cannot be read, is no TOML, breaks schemas/sources.schema.json, gives a folder what
    only a document has, says something about one path twice, or holds a layout that cannot be used.
    """
    read = written.parse(written.read(file, str(file)), str(file))
    written.check(read, "sources", _own)
    table = read.table
    entries = table.get("source", ())
    heads = lines.heads(read.text, "source", len(entries))
    found: dict[str, SourceEntry] = {}
    for raw, line in zip(entries, heads, strict=True):
        entry = msgspec.convert({**raw, "path": raw["path"].rstrip("/"), "line": line}, SourceEntry)
        twin = found.setdefault(entry.path, entry)
        if twin is not entry:
            raise UsageError(f"{file}:{line}: line {twin.line} is about {entry.path!r} already; put both into one entry")
    others = Names(table.get("vendor"), table.get("product"))
    return Manifest(file, found, _layouts(read, others), others)


def _layouts(read: written.Written, others: Names) -> tuple[Layout, ...] | None:
    """Return the layouts of a manifest. Raises UsageError for an invalid layout, and if product or release stay open."""
    given = read.table.get("layout")
    if given is None:
        return None
    found = []
    for number, text in enumerate([given] if isinstance(given, str) else given):
        try:
            one = layout.compiled(text)
        except ValueError as error:
            raise read.wrong(["layout", number], f"the layout {text!r} cannot be used: {error}") from error
        missing = {"product", "release"} - one.named - {name for name, value in others._asdict().items() if value is not None}
        if one.named and missing:
            lacks = " and no ".join(sorted(missing))
            hint = '; write product = "…" beside it' if missing == {"product"} else ""
            raise read.wrong(["layout", number], f"the layout {text!r} names no {lacks}{hint}")
        found.append(one)
    return tuple(found)


def _own(table: dict[str, Any]) -> tuple[written.Place, str] | None:
    """Return what the parts of a manifest cannot be beside each other, and where; None when nothing is wrong."""
    entries = table.get("source")
    for number, entry in enumerate(entries if isinstance(entries, list) else ()):
        problem = _problem(entry) if isinstance(entry, dict) else None
        if problem:
            return ("source", number), problem
    alone = next((name for name in ("vendor", "product") if name in table and "layout" not in table), None)
    if alone is not None:
        return [alone], f'{alone} is for what a layout leaves out, and there is none; write layout = "{{release}}/**", say'
    return None if table.keys() & {"source", "layout"} else ((), "it holds neither a [[source]] nor a layout")


def _problem(entry: dict[str, Any]) -> str | None:
    if "path" not in entry:
        return "an entry needs the path of a document or folder"
    scope = layout.NAMES
    if entry.keys() & set(scope) and not entry.keys() >= set(scope):
        return f"{', '.join(scope)} are given together or not at all; this entry has {', '.join(n for n in scope if n in entry)}"
    of_a_page = [name for name in _OF_A_PAGE if name in entry]
    if of_a_page and isinstance(entry.get("path"), str) and not _is_document(entry["path"]):
        return f"a document has a {of_a_page[0]}, a folder has none; {entry['path']!r} names no document ({' '.join(sorted(SUFFIXES))})"
    if _CREDENTIALS.match(str(entry.get("url", ""))):
        return "the url holds a user name or password, which would be published with the data; leave it out"
    return None


def _is_document(path: str) -> bool:
    return not path.endswith("/") and PurePosixPath(path).suffix.lower() in SUFFIXES


def _unmatched(entry: SourceEntry) -> Finding:
    where = f"at {entry.path!r}" if entry.is_document else f"below {entry.path!r}"
    hint = "; `docrules fetch` gets it" if entry.url is not None else ""
    return finding("source-unmatched", f"this run read no document {where}{hint}", document=NAME, line=entry.line)
