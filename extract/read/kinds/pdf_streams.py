"""The streams of a PDF: the instructions of a page, what says what its signs mean. They are unpacked up to a limit, or told of as lost."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

from pdfminer.ascii85 import ascii85decode, asciihexdecode
from pdfminer.lzw import LZWDecoder
from pdfminer.pdftypes import PDFStream, resolve1
from pdfminer.psparser import PSLiteral, literal_name
from pdfminer.runlength import rldecode

from extract.read.kinds.pdf_limits import MAX_SLOW, Budget, PdfError, TooMuchError, inflated, limited, predicted

_FLATE, _LZW, _RUNS = ("FlateDecode", "Fl"), ("LZWDecode", "LZW"), ("RunLengthDecode", "RL")
_SIMPLE: Mapping[str, Callable[[bytes], bytes]] = {
    **dict.fromkeys(_RUNS, rldecode),
    **dict.fromkeys(("ASCII85Decode", "A85"), ascii85decode),
    **dict.fromkeys(("ASCIIHexDecode", "AHx"), asciihexdecode),
}
_DAMAGED = "it is packed, and damaged"
# So much of a name is shown.
_SHOWN = 30


class Stream(PDFStream):
    """A stream that is unpacked up to a limit; of a picture nothing is unpacked."""

    def __init__(self, stream: PDFStream, budget: Budget) -> None:
        super().__init__(stream.attrs, stream.rawdata or b"", stream.decipher)
        self._budget = budget
        # Why what it unpacks to is not all that it holds.
        self._damage = "it stands in another file" if "F" in stream.attrs else ""

    def whole(self) -> bytes:
        """Return what it holds. Raises PdfError where that cannot be unpacked, or only a part of it."""
        data = self.get_data()
        if self._damage:
            raise PdfError(f"a part of it is lost: {self._damage}")
        return data

    def get_filters(self) -> list[tuple[object, object]]:
        kinds, params = resolve1(self.attrs.get("Filter")) or [], resolve1(self.attrs.get("DecodeParms"))
        kinds = kinds if isinstance(kinds, list) else [kinds]
        given = [*params, *[None] * len(kinds)] if isinstance(params, list) else [params] * len(kinds)
        return [(resolve1(kind), resolve1(said)) for kind, said in zip(kinds, given, strict=False)]

    def decode(self) -> None:
        data = self.rawdata or b""
        if self.decipher and self.objid is not None and self.genno is not None:
            data = self.decipher(self.objid, self.genno, data, self.attrs)
        for kind, params in self.get_filters():
            data = self._unpacked(str(literal_name(kind)), data, params)
            if isinstance(params, dict) and "Predictor" in params:
                data = predicted(data, params)
        self._budget.unpack(len(data))
        self.data, self.rawdata = data, None

    def _unpacked(self, kind: str, data: bytes, params: object) -> bytes:
        if len(data) > MAX_SLOW and kind in (*_LZW, *_RUNS):
            raise TooMuchError("it is packed in a way that takes too long to unpack")
        if kind in _FLATE:
            data, whole = inflated(data, self._budget)
            return self._told(data, "" if whole else _DAMAGED)
        if kind in _LZW:
            packed = io.BytesIO(data)
            data = limited(LZWDecoder(packed).run(), self._budget)
            # It stops at what it does not understand.
            return self._told(data, _DAMAGED if packed.read(1) else "")
        if simple := _SIMPLE.get(kind):
            return simple(data)
        if kind == "Crypt" and not (isinstance(params, dict) and "Name" in params):
            return data
        # A picture, or a filter that is none.
        return self._told(b"", f"it is packed in a way that nobody knows ({kind[:_SHOWN]})")

    def _told(self, data: bytes, damage: str) -> bytes:
        self._damage = self._damage or damage
        return data


def whole(stream: object) -> bytes:
    """Return what a stream of the file holds. Raises PdfError where it is missing, or a part of it."""
    found = resolve1(stream)
    if not isinstance(found, PDFStream):
        raise PdfError("a part of it is missing")
    return found.whole() if isinstance(found, Stream) else found.get_data()


def is_form(stream: PDFStream) -> bool:
    """Return whether a stream is a part of a page that is drawn where the page names it."""
    kind = resolve1(stream.attrs.get("Subtype"))
    return isinstance(kind, PSLiteral) and kind.name == "Form"
