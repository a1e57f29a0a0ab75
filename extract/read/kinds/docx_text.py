"""The runs of a paragraph of a DOCX file as HTML (ISO/IEC 29500-1, 17.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from lxml import etree

from extract.read.kinds.docx_styles import Style, Styles
from extract.read.kinds.docx_xml import REMOVED, attribute, child, is_on, name, number, through
from extract.read.kinds.written import escaped

_SIGNS: Mapping[str, str] = {
    "w:tab": "\t",
    "w:ptab": "\t",
    "w:noBreakHyphen": "\u2011",
    "w:softHyphen": "\u00ad",
}
# Objects, charts and diagrams: what they say stands in parts of their own.
_EMBEDDED = frozenset({"o:OLEObject", "c:chart", "dgm:relIds"})
# What the fonts of symbols show for a character, for those signs that tables hold.
_SYMBOLS: Mapping[str, Mapping[int, str]] = {
    "wingdings": {
        0xFC: "\u2713", 0xFB: "\u2717", 0xFE: "\u2611", 0xFD: "\u2612", 0xA8: "\u2610", 0x6F: "\u2610",
        0xDF: "\u2190", 0xE0: "\u2192", 0xE7: "\u2190", 0xE8: "\u2192", 0xF3: "\u2194", 0xF0: "\u21d2",
        0x6C: "\u25cf", 0x9F: "\u2022", 0xA7: "\u25aa",
    },
    "wingdings 2": {0x50: "\u2713", 0x4F: "\u2717", 0x52: "\u2611", 0x51: "\u2612", 0x54: "\u2612", 0xA3: "\u2610"},
    "symbol": {
        0xB7: "\u2022", 0xAE: "\u2192", 0xAC: "\u2190", 0xAB: "\u2194", 0xDE: "\u21d2", 0xB3: "\u2265", 0xA3: "\u2264",
        0xB1: "\u00b1", 0xB4: "\u00d7", 0x2D: "\u2212", 0x2A: "*",
    },
}  # fmt: skip
# So many half-points above or below the line is the mark of a note.
_RAISED = 4
# Fonts of symbols lie in the private use area as well (17.3.3.30).
_PRIVATE = 0xF000


class Notes:
    """The notes of a document: the number that each reference shows, and what stands in the notes that were referred to last."""

    def __init__(self, parts: Mapping[str, etree._Element | None]) -> None:
        """Take the parts that hold them, by the name of what refers to them."""
        self._notes = {(kind, attribute(note, "w:id") or ""): note for kind, part in parts.items() if part is not None for note in part}
        self._count = 0
        self._referred: list[tuple[str, etree._Element]] = []

    def refer(self, node: etree._Element) -> str:
        """Return the mark that a reference shows; empty for one that brings its own."""
        note = self._notes.get((name(node), attribute(node, "w:id") or ""))
        mark = ""
        if attribute(node, "w:customMarkFollows") is None:
            self._count += 1
            mark = str(self._count)
        if note is not None:
            self._referred.append((mark, note))
        return mark

    def taken(self) -> Iterator[tuple[str, etree._Element]]:
        """Yield the notes that were referred to since they were last taken, each with its mark."""
        referred, self._referred = self._referred, []
        yield from referred


class Text:
    """Reads paragraphs in the order of the document; fields go on from one to the next."""

    def __init__(self, styles: Styles, notes: Notes, parts: Sequence[etree._Element]) -> None:
        """Take the parts that paragraphs are read of."""
        self._styles = styles
        self._notes = notes
        # For each field that is open, whether its instruction is being read, which nobody sees.
        self._fields: list[bool] = []
        self._boxes: list[etree._Element] = []
        # How far the text that a paragraph begins with is raised.
        self._level: int | None = None
        # A field that nothing ends hides nothing of what follows.
        self._endless = frozenset(one for part in parts for one in _endless(part))
        self.embedded = 0
        self.hidden = 0
        self.comments = 0

    def read(self, paragraph: etree._Element, style: Style) -> str:
        """Return what a paragraph shows as HTML."""
        parts: list[str] = []
        self._level = None
        for node in through(paragraph):
            kind = name(node)
            if kind == "w:r":
                parts.append(self._run(node, style))
            elif kind in ("m:oMath", "m:oMathPara"):
                parts.append(escaped("".join(one.text or "" for one in node.iter(etree.Element) if name(one) == "m:t")))
            elif kind == "w:subDoc":
                self.embedded += 1
        return "".join(parts).strip()

    def boxes(self) -> list[etree._Element]:
        """Return the text boxes that were anchored in what was read, and forget them."""
        boxes, self._boxes = self._boxes, []
        return boxes

    def _run(self, run: etree._Element, style: Style) -> str:
        properties = child(run, "w:rPr")
        own = self._styles.of(attribute(child(properties, "w:rStyle"), "w:val"))
        hidden = _stated(is_on(child(properties, "w:vanish")), own.hidden, style.hidden)
        parts = []
        for node in through(run):
            if name(node) == "w:fldChar":
                parts.append(self._field(node))
            elif hidden:
                self.hidden += name(node) == "w:t" and bool((node.text or "").strip())
            elif not any(self._fields):
                parts.append(self._shown(node))
        text = "".join(parts)
        if not text.strip():
            return text
        return self._looking(text, properties, (own.struck, style.struck))

    def _looking(self, text: str, properties: etree._Element | None, styled: tuple[bool | None, ...]) -> str:
        """Return text with what its properties make of it; `styled` says of each style whether it strikes out, the nearest first."""
        struck = [on for key in ("w:strike", "w:dstrike") if (on := is_on(child(properties, key))) is not None]
        if _stated(any(struck) if struck else None, *styled):
            text = f"<s>{text}</s>"
        if is_on(child(properties, "w:b")):
            text = f"<b>{text}</b>"
        raised = attribute(child(properties, "w:vertAlign"), "w:val") or self._raised(properties)
        return f"<sup>{text}</sup>" if raised == "superscript" else f"<sub>{text}</sub>" if raised == "subscript" else text

    def _raised(self, properties: etree._Element | None) -> str:
        """Return how text stands that is raised or lowered by hand (17.3.2.24), beside the text that its paragraph begins with."""
        said = (attribute(child(properties, "w:position"), "w:val") or "0").strip()
        level = int(said) if said.removeprefix("-").isdecimal() and len(said) < 6 and said.isascii() else 0
        self._level = level if self._level is None else self._level
        return "superscript" if level - self._level >= _RAISED else "subscript" if self._level - level >= _RAISED else ""

    def _shown(self, node: etree._Element) -> str:
        kind = name(node)
        if kind == "w:t":
            return escaped(node.text or "")
        if kind in _SIGNS:
            return escaped(_SIGNS[kind])
        reader = _READERS.get(kind)
        return reader(self, node) if reader is not None else ""

    def _break(self, node: etree._Element) -> str:
        return " " if attribute(node, "w:type") in ("page", "column") else "<br>"

    def _symbol(self, node: etree._Element) -> str:
        font = (attribute(node, "w:font") or "").lower()
        try:
            code = int(attribute(node, "w:char") or "", 16)
        except ValueError:
            return "\ufffd"
        sign = _SYMBOLS.get(font, {}).get(code - _PRIVATE if code >= _PRIVATE else code)
        return escaped(sign or (chr(code) if 0 < code < 0xD800 or 0xDFFF < code < 0xFFFE else "\ufffd"))

    def _reference(self, node: etree._Element) -> str:
        mark = self._notes.refer(node)
        return f"<sup>{mark}</sup>" if mark else ""

    def _ruby(self, node: etree._Element) -> str:
        base = child(node, "w:rubyBase")
        return self.read(base, Style()) if base is not None else ""

    def _picture(self, node: etree._Element) -> str:
        """Return the alternative text of a picture and the letters that it is made of, and keep the text boxes in it."""
        parts = []
        for one in _outermost(node, {"w:txbxContent", "wp:docPr", "v:textpath", *_EMBEDDED}):
            if name(one) == "w:txbxContent":
                self._boxes.append(one)
            elif name(one) in _EMBEDDED:
                self.embedded += 1
            elif name(one) == "v:textpath":
                parts.append(escaped(one.get("string") or ""))
            elif (words := (one.get("descr") or "").strip()) and is_on_attribute(one.get("hidden")) is False:
                parts.append(f'<img alt="{escaped(words)}">')
        return "".join(parts)

    def _field(self, node: etree._Element) -> str:
        kind = attribute(node, "w:fldCharType")
        if kind == "begin":
            seen = not any(self._fields)
            if node not in self._endless:
                self._fields.append(True)
            return escaped(_filled_in(node)) if seen else ""
        if kind == "separate" and self._fields:
            self._fields[-1] = False
        elif kind == "end" and self._fields:
            self._fields.pop()
        return ""


def _endless(part: etree._Element) -> Iterator[etree._Element]:
    """Yield what begins the fields that nothing ends."""
    begun: list[etree._Element] = []
    for one in part.iter(etree.Element):
        kind = attribute(one, "w:fldCharType") if name(one) == "w:fldChar" else None
        if kind is None or any(name(around) in REMOVED for around in one.iterancestors()):
            continue
        if kind == "begin":
            begun.append(one)
        elif kind == "end" and begun:
            begun.pop()
    yield from begun


def is_on_attribute(value: str | None) -> bool:
    """Return what an attribute says that is true or false, and false where it is missing (XML Schema, 3.2.2)."""
    return (value or "0").strip().lower() in ("1", "true")


def _stated(*said: bool | None) -> bool:
    """Return what the nearest says that says anything."""
    return next((one for one in said if one is not None), False)


def _filled_in(field: etree._Element) -> str:
    """Return what a box that is ticked, or a list that is chosen from, shows (17.16.7, 17.16.9); text stands in the result of a field."""
    box = child(field, "w:ffData", "w:checkBox")
    if box is not None:
        ticked = [on for key in ("w:checked", "w:default") if (on := is_on(child(box, key))) is not None]
        return "\u2612" if ticked and ticked[0] else "\u2610"
    choice = child(field, "w:ffData", "w:ddList")
    if choice is None:
        return ""
    entries = [attribute(one, "w:val") or "" for one in choice if name(one) == "w:listEntry"]
    chosen = child(choice, "w:result")
    index = number(chosen if chosen is not None else child(choice, "w:default"))
    return entries[index] if index < len(entries) else ""


def _outermost(node: etree._Element, kinds: set[str]) -> Iterator[etree._Element]:
    """Yield the elements of these names in a picture that stand in no other one of them."""
    stack = [iter(through(node))]
    while stack:
        one = next(stack[-1], None)
        if one is None:
            stack.pop()
        elif name(one) in kinds:
            yield one
        else:
            stack.append(iter(through(one)))


def _count_comment(text: Text, _: etree._Element) -> str:
    text.comments += 1
    return ""


_READERS: Mapping[str, Callable[[Text, etree._Element], str]] = {
    "w:commentReference": _count_comment,
    "w:br": Text._break,
    "w:cr": lambda *_: "<br>",
    "w:sym": Text._symbol,
    "w:footnoteReference": Text._reference,
    "w:endnoteReference": Text._reference,
    "w:ruby": Text._ruby,
    "w:drawing": Text._picture,
    "w:pict": Text._picture,
    "w:object": Text._picture,
}
