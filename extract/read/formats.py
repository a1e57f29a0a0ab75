"""Formats of documentation that are not read, by suffix, with what makes a page of them that is."""

from __future__ import annotations

from collections.abc import Mapping

_ASCIIDOC = "convert it with asciidoctor"
_RST = "convert it with rst2html, or build the pages with sphinx-build"
_DITA = "publish it as HTML with the DITA Open Toolkit"
_DOCBOOK = "publish it as HTML with the DITA Open Toolkit or the DocBook stylesheets"
_DELIMITED = "make an HTML or Markdown table of it"
_SHEET = "save its sheets as HTML"
_WORD = "save it as HTML, or convert it with pandoc"
_PDF = "read the HTML page of the vendor instead"
_DATA = "it is data; read the page that documents it"

ADVICE: Mapping[str, str] = {
    ".adoc": _ASCIIDOC,
    ".asciidoc": _ASCIIDOC,
    ".rst": _RST,
    ".dita": _DITA,
    ".ditamap": _DITA,
    ".xml": _DOCBOOK,
    ".csv": _DELIMITED,
    ".tsv": _DELIMITED,
    ".xls": _SHEET,
    ".xlsx": _SHEET,
    ".ods": _SHEET,
    ".doc": _WORD,
    ".docx": _WORD,
    ".odt": _WORD,
    ".rtf": _WORD,
    ".epub": _WORD,
    ".pdf": _PDF,
    ".ipynb": "convert it with nbconvert",
    ".json": _DATA,
    ".yaml": _DATA,
    ".yml": _DATA,
}
"""Suffix in lower case -> what to do with a file that has it."""

READ_BY_NAME: Mapping[str, str] = {
    ".txt": "name the file to have it read as Markdown",
    ".asp": "name the file to have it read as HTML",
    ".aspx": "name the file to have it read as HTML",
    ".jsp": "name the file to have it read as HTML",
    ".php": "name the file to have it read as HTML",
    ".shtml": "name the file to have it read as HTML",
}
"""The same for formats that a search of a folder passes over, and that are read when somebody names a file."""
