"""A PDF file through pdfplumber and pdfminer.six, with limits on all that an untrusted file can make them do.

pdfminer unpacks streams and goes through ranges of numbers as large as a file says. Its classes are derived from here where they do so, so
that a file that was made to fill memory or to take hours is refused, after the same work on any machine.
"""

from __future__ import annotations

import io
import itertools
import logging
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pdfminer.ascii85 import ascii85decode, asciihexdecode
from pdfminer.lzw import LZWDecoder
from pdfminer.pdfcolor import PDFColorSpace
from pdfminer.pdfdocument import PDFDocument, PDFPasswordIncorrect
from pdfminer.pdffont import PDFFont
from pdfminer.pdfinterp import PDFGraphicState, PDFPageInterpreter, PDFResourceManager, PDFStackT, PDFTextState
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser
from pdfminer.pdftypes import PDFStream, dict_value, int_value, list_value, resolve1, stream_value
from pdfminer.psparser import PSKeyword, literal_name
from pdfminer.runlength import rldecode
from pdfminer.utils import apply_png_predictor, apply_tiff_predictor
from pdfplumber.page import Page, PDFPageAggregatorWithMarkedContent
from pdfplumber.pdf import PDF

from extract.regex import late

# The longest guides of vendors have some 1,500 pages.
MAX_PAGES = 2_000
# What a page of text unpacks to is 20 kB; fonts are up to some MB each.
MAX_STREAM = 16 << 20
MAX_UNPACKED = 256 << 20
# For one page, and for all. The densest page of print has some 10,000 characters, each of which takes 3 kB while the page is read. Maps and
# drawings have more lines than tables. Of instructions there are so many bytes; what is drawn again counts again.
MAX_CHARS, ALL_CHARS = 30_000, 6_000_000
MAX_PATHS, ALL_PATHS = 30_000, 1_000_000
MAX_DRAWN, ALL_DRAWN = 6 << 20, 96 << 20
# So many bytes are read in the time that it takes to begin with a drawing.
_BEGUN = 10_000
# Each code of a font; CJK fonts have 65,536.
MAX_CODES = 400_000
# Filters that are written in Python and take a microsecond a byte.
_MAX_SLOW = 1 << 20
# pdfminer copies a string for each bracket in it: so many bytes take seconds.
_MAX_COPIED = 4_000_000_000
_FLATE, _LZW, _RUNS = ("FlateDecode", "Fl"), ("LZWDecode", "LZW"), ("RunLengthDecode", "RL")
_85, _HEX = ("ASCII85Decode", "A85"), ("ASCIIHexDecode", "AHx")
_SHOWS = late(rb"T[jJ]\b")
_OBJECT_END = late(rb"endobj|stream")
_RANGES = late(rb"begin(?:bf|cid)range(.*?)(?:end(?:bf|cid)range|\Z)", re.DOTALL)
_COMMENT = late(rb"%[^\r\n]*")
_MAP_PART = late(rb"<[0-9A-Fa-f\s]*>|\[[^\]]*\]?|[^\s<>\[\]]+")
# Modes in which text is not painted (ISO 32000-2, table 104): the text below a scanned page.
_UNSEEN = (3, 7)


class PdfError(Exception):
    """A PDF that cannot be read, or a page of it; the message says why."""


class TooMuchError(PdfError):
    """What a PDF asks for is more than a document needs."""


class EncryptedError(PdfError):
    """A PDF that nobody opens without a password."""


class _Budget:
    """What a file may still make the library do."""

    def __init__(self) -> None:
        self.unpacked = MAX_UNPACKED
        self._all = {"characters": ALL_CHARS, "lines": ALL_PATHS, "bytes of instructions": ALL_DRAWN}
        self._page: dict[str, int] = {}

    def begin_page(self) -> None:
        self._page = {"characters": MAX_CHARS, "lines": MAX_PATHS, "bytes of instructions": MAX_DRAWN}

    def unpack(self, size: int) -> None:
        self.unpacked -= size
        if size > MAX_STREAM or self.unpacked < 0:
            raise TooMuchError("it unpacks to more bytes than are read")

    def take(self, what: str, number: int = 1) -> None:
        self._page[what] -= number
        self._all[what] -= number
        if self._all[what] < 0:
            raise TooMuchError(f"it holds more {what} than are read")
        if self._page[what] < 0:
            raise PdfError(f"it holds more {what} than are read of a page")


class _Stream(PDFStream):
    """A stream that is unpacked up to a limit; of a picture nothing is unpacked."""

    def __init__(self, stream: PDFStream, budget: _Budget) -> None:
        super().__init__(stream.attrs, stream.rawdata or b"", stream.decipher)
        self._budget = budget

    def decode(self) -> None:
        data = self.rawdata or b""
        if self.decipher and self.objid is not None and self.genno is not None:
            data = self.decipher(self.objid, self.genno, data, self.attrs)
        for kind, params in self.get_filters():
            data = self._unpacked(literal_name(kind), data)
            if isinstance(params, dict) and "Predictor" in params:
                data = _predicted(data, params)
        self._budget.unpack(len(data))
        self.data, self.rawdata = data, None

    def _unpacked(self, kind: str, data: bytes) -> bytes:
        if kind in _FLATE:
            return _inflated(data, self._budget)
        if len(data) > _MAX_SLOW and kind in (*_LZW, *_RUNS):
            raise TooMuchError("it is packed in a way that takes too long to unpack")
        if kind in _LZW:
            return _limited(LZWDecoder(io.BytesIO(data)).run(), self._budget)
        if kind in _RUNS:
            return rldecode(data)
        if kind in _85:
            return ascii85decode(data)
        if kind in _HEX:
            return asciihexdecode(data)
        # A picture, or a filter that is none.
        return b""


def _inflated(data: bytes, budget: _Budget) -> bytes:
    """Unpack what zlib packed; of damaged data, what stands before the damage."""
    unpacker = zlib.decompressobj()

    def pieces() -> Iterator[bytes]:
        rest = data
        while rest and not unpacker.eof:
            try:
                piece = unpacker.decompress(rest, 1 << 16)
            except zlib.error:
                return
            rest = unpacker.unconsumed_tail
            if not piece and not rest:
                return
            yield piece

    return _limited(pieces(), budget)


def _limited(pieces: Iterator[bytes], budget: _Budget) -> bytes:
    data = bytearray()
    for piece in pieces:
        data += piece
        if len(data) > min(MAX_STREAM, budget.unpacked):
            raise TooMuchError("it unpacks to more bytes than are read")
    return bytes(data)


def _predicted(data: bytes, params: Mapping[str, object]) -> bytes:
    """Undo a predictor (ISO 32000-2, 7.4.4.4)."""
    kind = int_value(params.get("Predictor", 1))
    colors, columns = int_value(params.get("Colors", 1)), int_value(params.get("Columns", 1))
    bits = int_value(params.get("BitsPerComponent", 8))
    if kind == 1 or not data:
        return data
    if not 0 < colors * columns * bits <= 8 * max(len(data), 1):
        raise TooMuchError("one of its streams has rows that are longer than itself")
    if kind == 2:
        return apply_tiff_predictor(colors, columns, bits, data)
    return apply_png_predictor(kind, colors, columns, bits, data)


class _Parser(PDFParser):
    """Makes streams that are unpacked up to a limit."""

    def __init__(self, file: io.BytesIO, budget: _Budget) -> None:
        super().__init__(file)
        self._budget = budget

    def do_keyword(self, pos: int, token: PSKeyword) -> None:
        super().do_keyword(pos, token)
        if token is self.KEYWORD_STREAM and self.curstack and isinstance(stream := self.curstack[-1][1], PDFStream):
            self.curstack[-1] = (self.curstack[-1][0], _Stream(stream, self._budget))


class _Resources(PDFResourceManager):
    """Makes fonts, when the ranges of numbers in them are as long as those of a font are."""

    def get_font(self, objid: object, spec: Mapping[str, object]) -> PDFFont:
        for key in ("W", "W2"):
            _check_widths(list_value(spec.get(key) or []))
        for key in ("ToUnicode", "Encoding"):
            if isinstance(resolve1(spec.get(key)), PDFStream):
                _check_codes(stream_value(spec[key]).get_data())
        descriptor = dict_value(spec.get("FontDescriptor") or {})
        if isinstance(resolve1(descriptor.get("FontFile")), PDFStream):
            _check_copies(stream_value(descriptor["FontFile"]).get_data(), _SHOWS)
        if "FontFile2" in descriptor:
            # What its glyphs mean is looked up in the file of a font where nothing else says it, in ranges as long as the font says.
            spec = {**spec, "FontDescriptor": {key: value for key, value in descriptor.items() if key != "FontFile2"}}
        return super().get_font(objid, spec)


def _check_widths(widths: Sequence[object]) -> None:
    """Raise TooMuchError where ranges of codes, each given by the first and the last, are too long together."""
    numbers = [value for value in map(resolve1, widths) if isinstance(value, int)]
    if sum(max(last - first, 0) for first, last in itertools.pairwise(numbers)) > 100 * MAX_CODES:
        raise TooMuchError("one of its fonts names more characters than there are")
    if any(last - first > MAX_CODES for first, last in itertools.pairwise(numbers)):
        raise TooMuchError("one of its fonts names more characters than there are")


def _check_codes(data: bytes) -> None:
    """Raise TooMuchError where the ranges of a character map (Adobe technical note 5014) are too long together."""
    _check_copies(data, _SHOWS)
    total = 0
    for block in _RANGES.findall(_COMMENT.sub(b"", data)):
        parts = _MAP_PART.findall(block)
        # As the library does, three by three: the first code, the last one, and what they mean.
        for first, last in zip(parts[::3], parts[1::3], strict=False):
            if first.startswith(b"<") and last.startswith(b"<"):
                total += max(_code(last) - _code(first), 0) + 1
    if total > MAX_CODES:
        raise TooMuchError("one of its fonts names more characters than there are")


def _code(written: bytes) -> int:
    return int(b"".join(written[1:-1].split()) or b"0", 16)


def _check_copies(data: bytes, separator: object) -> None:
    """Raise TooMuchError for strings that would be copied too often while they are read."""
    for piece in separator.split(data):  # type: ignore[attr-defined]
        if (piece.count(b"(") + piece.count(b")") + piece.count(b"\\")) * len(piece) > _MAX_COPIED:
            raise TooMuchError("it holds a text that takes too long to read")
    if b"ID" in data and data.count(b"E") * len(data) > 10 * _MAX_COPIED:
        raise TooMuchError("it holds a picture that takes too long to read")


class _Device(PDFPageAggregatorWithMarkedContent):
    """Takes what a page shows: no text that is not painted, and not more than a page holds."""

    budget: _Budget
    hidden = False

    def render_string(
        self, textstate: PDFTextState, seq: Iterable[int | float | bytes], ncs: PDFColorSpace, graphicstate: PDFGraphicState
    ) -> None:
        self.hidden = textstate.render in _UNSEEN
        super().render_string(textstate, seq, ncs, graphicstate)

    def render_char(self, *args: object, **named: object) -> float:
        self.budget.take("characters")
        before = len(self.cur_item._objs)
        advance = super().render_char(*args, **named)
        if self.hidden:
            del self.cur_item._objs[before:]
        return float(advance)

    def paint_path(self, *args: object, **named: object) -> None:
        self.budget.take("lines")
        super().paint_path(*args, **named)


class _Interpreter(PDFPageInterpreter):
    """Goes through the instructions of a page."""

    device: _Device

    def execute(self, streams: Sequence[object]) -> None:
        for stream in streams:
            data = stream_value(stream).get_data()
            self.device.budget.take("bytes of instructions", len(data) + _BEGUN)
            _check_copies(data, _SHOWS)
        super().execute(streams)

    def pop(self, n: int) -> list[PDFStackT]:
        # As the one above, which copies what is left.
        if n == 0:
            return []
        popped = self.argstack[-n:]
        del self.argstack[-n:]
        return popped


class _Page(Page):
    budget: _Budget

    @property
    def layout(self):  # type: ignore[no-untyped-def]
        if not hasattr(self, "_layout"):
            device = _Device(self.pdf.rsrcmgr, pageno=self.page_number, laparams=None)
            device.budget = self.budget
            self.budget.begin_page()
            _Interpreter(self.pdf.rsrcmgr, device).process_page(self.page_obj)
            self._layout = device.get_result()
        return self._layout


class File(PDF):
    """A PDF file in memory."""

    def __init__(self, data: bytes) -> None:
        """Open a file. Raises PdfError for what is no PDF, or none that is read."""
        # Without a handler, Python writes its warnings to standard error.
        logging.getLogger("pdfminer").addHandler(logging.NullHandler())
        self.stream = io.BytesIO(data)
        self.stream_is_external = True
        self.laparams = None
        self.unicode_norm = None
        self.raise_unicode_errors = False
        self.metadata = {}
        self.rsrcmgr = _Resources()
        self._budget = _Budget()
        _check_copies_of_file(data)
        try:
            self.doc = PDFDocument(_Parser(self.stream, self._budget))
        except PDFPasswordIncorrect as error:
            raise EncryptedError("it is encrypted with a password") from error
        except PdfError:
            raise
        except Exception as error:
            raise PdfError(f"it is no PDF, or a damaged one ({_said(error)})") from error

    def each(self) -> Iterator[Page | PdfError]:
        """Yield the pages in order, up to the limit and one more; in place of one that is damaged, why it cannot be read."""
        pages = PDFPage.create_pages(self.doc)
        for number in itertools.count(1):
            try:
                found = next(pages, None)
                if found is None:
                    return
                page = _Page(self, found, page_number=number)
                page.budget = self._budget
                # Everything that can fail is done here.
                page.objects  # noqa: B018
            except PdfError as error:
                yield error
                if isinstance(error, TooMuchError):
                    return
            except Exception as error:  # noqa: BLE001 - as above
                yield PdfError(_said(error))
            else:
                yield page
                page.close()


def _check_copies_of_file(data: bytes) -> None:
    for piece in _OBJECT_END.split(data):
        # Streams are not gone through bracket by bracket.
        if len(piece) > _MAX_SLOW and piece.count(b"obj") and (piece.count(b"(") + piece.count(b"\\")) * len(piece) > 100 * _MAX_COPIED:
            raise TooMuchError("it holds a text that takes too long to read")


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error)[:100]}"
