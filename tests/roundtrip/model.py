"""What a page is made of, before it is markup, and the rules that it states."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Flow:
    """One rule, atomic in every field. None where the page does not say."""

    action: str
    direction: str | None
    protocol: str
    low: int | None
    high: int | None
    icmp_type: int | None
    source: str | None
    destination: str | None


@dataclass(frozen=True)
class Cell:
    """One cell. A span of several columns or rows covers slots that are None in the grid."""

    lines: tuple[str, ...] = ("",)
    header: bool = False
    colspan: int = 1
    rowspan: int = 1

    @property
    def text(self) -> str:
        return ", ".join(self.lines)


Grid = list[list[Cell | None]]


@dataclass(frozen=True)
class Heading:
    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    text: str
    bold: bool = False


@dataclass(frozen=True)
class Bullets:
    items: tuple[str, ...]


@dataclass(frozen=True)
class Note:
    """A remark that some generators set as a layout table."""

    text: str


@dataclass
class Table:
    """A table, the rules that it states, and how it states them."""

    grid: Grid
    caption: str | None = None
    # How many rows at the top are headers.
    head: int = 1
    flows: set[Flow] = field(default_factory=set)
    # Rules that may be read or left out.
    optional: set[Flow] = field(default_factory=set)
    # Which choices of style were taken: name of the choice -> what was chosen.
    style: dict[str, str] = field(default_factory=dict)


Block = Heading | Paragraph | Bullets | Note | Table


@dataclass
class Page:
    """A page: its sections can be rendered apart, because none depends on another."""

    seed: int
    language: str
    markup: str
    title: str
    intro: list[Block]
    sections: list[list[Block]]

    @property
    def suffix(self) -> str:
        return "md" if self.markup.startswith("markdown") else "html"
