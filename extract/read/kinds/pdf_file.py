"""A PDF file through pdfplumber and pdfminer.six, with limits on all that an untrusted file can make them do.

pdfminer unpacks streams and goes through ranges of numbers as large as a file says. Its classes are derived from here where they do so, so
that a file that was made to fill memory or to take hours is refused, after the same work on any machine.
"""

from __future__ import annotations

import io
import itertools
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pdfminer.pdfcolor import PDFColorSpace
from pdfminer.pdfdocument import PDFDocument, PDFPasswordIncorrect
from pdfminer.pdffont import PDFFont
from pdfminer.pdfinterp import PDFGraphicState, PDFPageInterpreter, PDFResourceManager, PDFStackT, PDFTextState
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser
from pdfminer.pdftypes import PDFStream, dict_value, list_value, resolve1, stream_value
from pdfminer.psparser import PSKeyword, PSLiteral, literal_name
from pdfplumber.page import Page as PlumbedPage
from pdfplumber.page import PDFPageAggregatorWithMarkedContent
from pdfplumber.pdf import PDF

from extract.read.kinds.pdf_layers import Layers
from extract.read.kinds.pdf_limits import (
    SHOWS,
    Budget,
    EncryptedError,
    PdfError,
    TooMuchError,
    check_codes,
    check_copies,
    check_file,
    check_widths,
)
from extract.read.kinds.pdf_streams import Stream, is_form, whole

# The longest guides of vendors have some 1,500 pages.
MAX_PAGES = 2_000
# So many bytes are read in the time that it takes to begin with a drawing.
_BEGUN = 10_000
# Modes in which text is not painted (ISO 32000-2, table 104): the text below a scanned page.
_UNSEEN = (3, 7)


class _Parser(PDFParser):
    """Makes streams that are unpacked up to a limit."""

    def __init__(self, file: io.BytesIO, budget: Budget) -> None:
        super().__init__(file)
        self._budget = budget

    def do_keyword(self, pos: int, token: PSKeyword) -> None:
        super().do_keyword(pos, token)
        if token is self.KEYWORD_STREAM and self.curstack and isinstance(stream := self.curstack[-1][1], PDFStream):
            self.curstack[-1] = (self.curstack[-1][0], Stream(stream, self._budget))


class _Resources(PDFResourceManager):
    """Makes fonts, when the ranges of numbers in them are as long as those of a font are."""

    def get_font(self, objid: object, spec: Mapping[str, object]) -> PDFFont:
        for key in ("W", "W2"):
            check_widths(list_value(spec.get(key) or []))
        for key in ("ToUnicode", "Encoding"):
            if isinstance(resolve1(spec.get(key)), PDFStream):
                check_codes(whole(spec[key]))
        descriptor = dict_value(spec.get("FontDescriptor") or {})
        if isinstance(resolve1(descriptor.get("FontFile")), PDFStream):
            check_copies(stream_value(descriptor["FontFile"]).get_data(), SHOWS)
        if "FontFile2" in descriptor:
            # What its glyphs mean is looked up in the file of a font where nothing else says it, in ranges as long as the font says.
            spec = {**spec, "FontDescriptor": {key: value for key, value in descriptor.items() if key != "FontFile2"}}
        return super().get_font(objid, spec)


class _Device(PDFPageAggregatorWithMarkedContent):
    """Takes what a page shows: no text that is not painted, and not more than a page holds."""

    budget: Budget
    layers: Layers
    # For each part of the page that is marked, whether it lies on a layer that is turned off; and how many parts do.
    marked: list[bool]
    off = 0
    has_off = False
    hidden = False

    def begin_part(self, *, off: bool) -> None:
        """Begin a part that is marked."""
        self.marked.append(off)
        self.off += off

    def end_part(self) -> None:
        """End the part that began last."""
        if self.marked:
            self.off -= self.marked.pop()

    def render_string(
        self, textstate: PDFTextState, seq: Iterable[int | float | bytes], ncs: PDFColorSpace, graphicstate: PDFGraphicState
    ) -> None:
        self.hidden = textstate.render in _UNSEEN
        super().render_string(textstate, seq, ncs, graphicstate)

    def render_char(self, *args: object, **named: object) -> float:
        self.budget.take("characters")
        before = len(self.cur_item._objs)
        advance = super().render_char(*args, **named)
        self.has_off = self.has_off or self.off > 0
        if self.hidden or self.off:
            del self.cur_item._objs[before:]
        return float(advance)

    def paint_path(self, *args: object, **named: object) -> None:
        self.budget.take("lines")
        if not self.off:
            super().paint_path(*args, **named)


class _Interpreter(PDFPageInterpreter):
    """Goes through the instructions of a page."""

    device: _Device

    def execute(self, streams: Sequence[object]) -> None:
        for stream in streams:
            data = whole(stream)
            self.device.budget.take("bytes of instructions", len(data) + _BEGUN)
            check_copies(data, SHOWS)
        super().execute(streams)

    def do_BDC(self, tag: PDFStackT, props: PDFStackT) -> None:  # noqa: N802 - the name of pdfminer
        layer = None
        if isinstance(tag, PSLiteral) and tag.name == "OC" and isinstance(props, PSLiteral):
            layer = dict_value(self.resources.get("Properties") or {}).get(str(props.name))
        self.device.begin_part(off=self.device.layers.is_off(layer))
        super().do_BDC(tag, props)

    def do_BMC(self, tag: PDFStackT) -> None:  # noqa: N802 - the name of pdfminer
        self.device.begin_part(off=False)
        super().do_BMC(tag)

    def do_EMC(self) -> None:  # noqa: N802 - the name of pdfminer
        self.device.end_part()
        super().do_EMC()

    def do_Do(self, xobjid_arg: PDFStackT) -> None:  # noqa: N802 - the name of pdfminer
        name = literal_name(xobjid_arg)
        form = resolve1(self.xobjmap.get(name))
        if name in self.xobjmap and not isinstance(form, PDFStream):
            raise PdfError("a part of it is missing")
        if isinstance(form, PDFStream) and is_form(form) and "BBox" not in form.attrs:
            raise PdfError("a part of it does not say where it is shown")
        self.device.begin_part(off=isinstance(form, PDFStream) and self.device.layers.is_off(form.attrs.get("OC")))
        super().do_Do(xobjid_arg)
        self.device.end_part()

    def do_TJ(self, seq: PDFStackT) -> None:  # noqa: N802 - the name of pdfminer
        if self.textstate.font is None:
            raise PdfError("it holds text without a font")
        super().do_TJ(seq)

    def pop(self, n: int) -> list[PDFStackT]:
        # As the one above, which copies what is left.
        if n == 0:
            return []
        popped = self.argstack[-n:]
        del self.argstack[-n:]
        return popped


class Page(PlumbedPage):
    """A page, read within the limits."""

    budget: Budget
    layers: Layers
    # Whether it has parts on layers that are turned off.
    has_off = False

    @property
    def layout(self):  # type: ignore[no-untyped-def]
        if not hasattr(self, "_layout"):
            device = _Device(self.pdf.rsrcmgr, pageno=self.page_number, laparams=None)
            device.budget, device.layers, device.marked = self.budget, self.layers, []
            self.budget.begin_page()
            _Interpreter(self.pdf.rsrcmgr, device).process_page(self.page_obj)
            self._layout, self.has_off = device.get_result(), device.has_off
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
        self._budget = Budget()
        check_file(data)
        try:
            self.doc = PDFDocument(_Parser(self.stream, self._budget))
            self._layers = Layers(self.doc.catalog)
        except PDFPasswordIncorrect as error:
            raise EncryptedError("it is encrypted with a password") from error
        except PdfError:
            raise
        except Exception as error:
            raise PdfError(f"it is no PDF, or a damaged one ({_said(error)})") from error

    @property
    def said(self) -> int:
        """How many pages it says that it has."""
        count = resolve1(dict_value(self.doc.catalog.get("Pages") or {}).get("Count"))
        return count if isinstance(count, int) else 0

    def each(self) -> Iterator[Page | PdfError]:
        """Yield the pages in order, up to the limit and one more; in place of one that is damaged, why it cannot be read."""
        pages = PDFPage.create_pages(self.doc)
        for number in itertools.count(1):
            try:
                found = next(pages, None)
                if found is None:
                    return
                page = Page(self, found, page_number=number)
                page.budget, page.layers = self._budget, self._layers
                # The library adds where the sheet begins to places that it counts from there.
                page.mediabox = page.bbox = (0, 0, page.width, page.height)
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


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error)[:100]}"
