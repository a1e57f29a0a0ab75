"""Files called .xml: DocBook or DITA, by the element that they begin with. XML of other kinds is data."""

from __future__ import annotations

from extract.read.kinds import dita, docbook
from extract.read.kinds.converted import Converted
from extract.read.kinds.xml_source import local, parse
from extract.read.refused import refused


def convert(data: bytes) -> Converted:
    """Return a document as HTML. Raises RefusedError for what is no well-formed XML, and for XML that is no documentation."""
    source = parse(data)
    if docbook.is_docbook(source):
        return docbook.of(source)
    if dita.is_dita(source) and not dita.is_map(source):
        return dita.of(source)
    said = f"its outermost element is <{local(source.root)}>"
    raise refused(f"of XML, DocBook and DITA topics are read, and this is neither: {said}; read the page that documents it", line=1)
