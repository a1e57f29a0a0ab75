"""The kinds of documents that are read, as data: their suffixes, the library that each needs, and the module that makes HTML of it.

To add a kind, write a module beside this one with `convert` (see `converted.Converter`) and add an entry to `KINDS`.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
from collections.abc import Mapping
from typing import NamedTuple, cast

from extract.read.kinds.converted import Converter


class Kind(NamedTuple):
    """One kind of documents."""

    # What `format` of a document says.
    name: str
    # In words, for people.
    title: str
    suffixes: tuple[str, ...]
    # The module of this package that makes HTML of it; empty for what the reader reads itself.
    module: str = ""
    # The library that it needs beyond those of every installation, by the names of its import, of its package and of our extra.
    library: str = ""
    package: str = ""
    extra: str = ""
    # The program that it needs, by the name of its command and of its package.
    program: str = ""
    # Its bytes are no text.
    binary: bool = False
    # A message (RFC 5322) with a page in it.
    is_message: bool = False
    # A search of a folder reads it. Other kinds are read when somebody names a file.
    searched: bool = True

    @property
    def install(self) -> str:
        """The command that installs what it needs."""
        if self.program:
            return f"gem install {self.program}"
        return f"pip install 'docrules[{self.extra}]'"


KINDS: tuple[Kind, ...] = (
    Kind("html", "web page", (".html", ".htm", ".xhtml")),
    Kind("markdown", "Markdown", (".md", ".mdx", ".markdown")),
    Kind("mhtml", "web page saved with its pictures", (".mhtml", ".mht"), is_message=True),
    Kind("eml", "message with an HTML part", (".eml",), is_message=True),
    Kind("csv", "comma-separated values", (".csv",), "delimited", searched=False),
    Kind("tsv", "tab-separated values", (".tsv",), "delimited", searched=False),
    Kind("xlsx", "Excel workbook", (".xlsx", ".xlsm"), "workbook", "openpyxl", "openpyxl", "xlsx", binary=True),
    Kind("rst", "reStructuredText", (".rst",), "rst", "docutils", "docutils", "rst"),
    Kind("asciidoc", "AsciiDoc", (".adoc", ".asciidoc"), "adoc", package="asciidoctor", program="asciidoctor"),
    Kind("docbook", "DocBook", (".dbk", ".docbook"), "docbook"),
    Kind("dita", "DITA topic", (".dita",), "dita"),
    # Most files of that name are data.
    Kind("xml", "DocBook or DITA", (".xml",), "xml_document", searched=False),
    Kind("docx", "Word document", (".docx", ".docm"), "docx", binary=True),
    Kind("pdf", "PDF", (".pdf",), "pdf", library="pdfplumber", package="pdfplumber", extra="pdf", binary=True),
)
"""Every kind that is read."""

PACKS: tuple[Kind, ...] = (
    Kind("zip", "archive of documents", (".zip",), searched=False),
    Kind("epub", "electronic book", (".epub",), searched=False),
    Kind("warc", "web archive", (".warc", ".warc.gz"), library="fastwarc", package="fastwarc", extra="warc", searched=False),
)
"""What holds documents, each of a kind of its own."""

BY_SUFFIX: Mapping[str, Kind] = {suffix: kind for kind in KINDS for suffix in kind.suffixes}
BY_NAME: Mapping[str, Kind] = {kind.name: kind for kind in KINDS}


@functools.cache
def version(kind: Kind) -> str | None:
    """Return the version of the library or program that a kind needs, empty where it needs none; None when it is not installed."""
    if kind.program:
        from extract.read.kinds import adoc  # noqa: PLC0415 - few documents need a program

        return adoc.version()
    if not kind.library:
        return ""
    from importlib import metadata  # noqa: PLC0415 - few documents need a library, and it takes 8 ms to import

    try:
        return metadata.version(kind.package) if importlib.util.find_spec(kind.library) else None
    except (ModuleNotFoundError, ValueError):
        return None


def is_installed(kind: Kind) -> bool:
    """Return whether what a kind needs is installed. No program is run to know it."""
    if not kind.program:
        return version(kind) is not None
    import shutil  # noqa: PLC0415 - few documents need a program

    return shutil.which(kind.program) is not None


def converter(kind: Kind) -> Converter:
    """Return the module that makes HTML of a kind, which is loaded when somebody needs it."""
    return cast("Converter", importlib.import_module(f"{__package__}.{kind.module}"))
