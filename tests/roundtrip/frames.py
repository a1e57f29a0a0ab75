"""Where the direction and the owner of rules stand: around a table, in its columns, or nowhere."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.roundtrip.draw import GROUPS, Draw
from tests.roundtrip.model import Block, Heading, Paragraph

WAYS = ("ingress", "egress")
OTHER = {"ingress": "egress", "egress": "ingress"}
# The column that holds the far side under a direction.
FAR = {"ingress": "source", "egress": "destination"}


@dataclass
class Frame:
    """What holds for all rows of a table, and which columns its rows need for the rest."""

    name: str
    # Columns of ends and of the direction.
    columns: tuple[str, ...]
    before: list[Block] = field(default_factory=list)
    caption: str | None = None
    direction: str | None = None
    owner: str | None = None
    # A transport that the surroundings state.
    protocol: str | None = None
    # Rows are grouped under labels that state their direction.
    grouped: bool = False
    style: dict[str, str] = field(default_factory=dict)


def neutral(draw: Draw) -> Heading:
    """Return the heading of a section, which ends what an earlier one stated."""
    return Heading(2, draw.phrase("titles", "neutral"))


def place(draw: Draw, frame: Frame, words: str, places: tuple[str, ...] = ("heading", "heading", "caption", "bold line")) -> str:
    """Put the words that state direction or owner somewhere around the table, and return where."""
    chosen = draw.choose(places)
    if chosen == "heading":
        frame.before.append(Heading(2, words))
        return chosen
    frame.before.append(neutral(draw))
    if draw.chance(0.3):
        frame.before.append(Paragraph(draw.phrase("text", "prose")))
    if chosen == "caption":
        frame.caption = words
    else:
        frame.before.append(Paragraph(words, bold=chosen == "bold line"))
    return chosen


def plain(draw: Draw) -> Frame:
    """Return two columns of ends and nothing else: a flow without a direction."""
    frame = Frame("flow", ("source", "destination"))
    if draw.chance(0.25):
        frame.protocol = draw.choose(("tcp", "udp"))
        words = draw.phrase("titles", "protocol_ports", protocol=frame.protocol.upper())
        frame.style["protocol"] = place(draw, frame, words)
    else:
        frame.before.append(neutral(draw))
    return frame


def arrows(draw: Draw) -> Frame:
    return Frame("arrow", ("flow",), [neutral(draw)]) if draw.has("headers", "flow") else plain(draw)


def directed(draw: Draw) -> Frame:
    """Return a direction around the table; with both ends, the far one, or none."""
    way = draw.choose(WAYS)
    columns = draw.choose((("source", "destination"), (FAR[way],), ()))
    frame = Frame("direction", columns, direction=way)
    if draw.chance(0.25):
        where = place(draw, frame, draw.phrase("sentences", way), ("sentence",))
    elif draw.chance(0.3):
        frame.protocol = draw.choose(("tcp", "udp"))
        where = place(draw, frame, draw.phrase("titles", f"{way}_ports", protocol=frame.protocol.upper()))
        frame.style["protocol"] = where
    else:
        where = place(draw, frame, draw.phrase("titles", way))
    frame.style["direction"] = where
    return frame


def owned(draw: Draw) -> Frame:
    """Return owner and direction in one phrase around the table."""
    way = draw.choose(WAYS)
    frame = Frame("owner and direction", draw.choose(((FAR[way],), (FAR[way],), ())), direction=way, owner=draw.owner())
    where = place(draw, frame, draw.phrase("titles", f"{way}_of", owner=frame.owner or ""))
    frame.style |= {"direction": where, "owner": where}
    return frame


def group_page(draw: Draw) -> Frame:
    """Return a group that is named above a table; its one column of ends tells the direction."""
    way = draw.choose(WAYS)
    frame = Frame("owner", (FAR[way],), direction=way, owner=draw.owner())
    if draw.has("sentences", "group") and draw.chance(0.2):
        frame.owner = draw.choose(GROUPS)
        where = place(draw, frame, draw.phrase("sentences", "group", owner=frame.owner), ("sentence",))
    else:
        where = place(draw, frame, draw.phrase("titles", "group", owner=frame.owner or ""), ("heading", "heading", "caption"))
    frame.style |= {"direction": "end column", "owner": where}
    return frame


def direction_column(draw: Draw) -> Frame:
    """Return the direction in a column; the ends in two columns, or one column of whoever is on the far side of the owner."""
    if draw.has("headers", "peer") and draw.chance(0.4):
        frame = Frame("direction column", ("direction", "peer"), owner=draw.owner())
        frame.before.append(Heading(2, draw.phrase("titles", "group", owner=frame.owner or "")))
        frame.style["owner"] = "heading"
    else:
        frame = Frame("direction column", draw.choose((("direction", "source", "destination"), ("direction",))), [neutral(draw)])
    frame.style["direction"] = "column"
    return frame


def words_in_cells(draw: Draw) -> Frame:
    """Return a column of directions of which each cell names the far side as well."""
    if not draw.has("cells", "ingress_words"):
        return direction_column(draw)
    return Frame("words in cells", ("words",), [neutral(draw)], style={"direction": "column with the other end"})


def group_column(draw: Draw) -> Frame:
    """Return the owner of every rule in a column of its own."""
    columns = ("group", "direction", "peer") if draw.has("headers", "peer") else ("group", "direction")
    return Frame("group column", columns, [neutral(draw)], style={"direction": "column", "owner": "column"})


def near_column(draw: Draw) -> Frame:
    """Return a column of the machines that listen."""
    return Frame("host column", ("near",), [neutral(draw)])


def grouped(draw: Draw) -> Frame:
    """Return groups of rows under a label that states the direction."""
    columns = draw.choose((("source", "destination"), ()))
    return Frame("group rows", columns, [neutral(draw)], grouped=True, style={"direction": "group row"})


def lone_source(draw: Draw) -> Frame:
    """Return one column of ends below a heading that names nobody: no direction."""
    return Frame("one end", (draw.choose(("source", "destination")),), [neutral(draw)])


def component(draw: Draw) -> list[Frame]:
    """Return two tables below the heading of a component, one for each direction."""
    owner = draw.owner()
    frames = []
    for way in draw.sample(WAYS, draw.number(1, 2)):
        columns = (FAR[way],) if draw.chance(0.8) else ()
        style = {"direction": "heading", "owner": "parent heading"}
        frames.append(Frame("component", columns, [Heading(3, draw.phrase("titles", way))], direction=way, owner=owner, style=style))
    frames[0].before.insert(0, Heading(2, owner))
    return frames


SINGLE = (
    *(plain, plain, arrows, directed, directed, directed, owned, owned, group_page, direction_column, words_in_cells),
    *(group_column, near_column, grouped, lone_source),
)


def draw_frames(draw: Draw) -> list[Frame]:
    """Return what surrounds the tables of one section."""
    return component(draw) if draw.chance(0.12) else [draw.choose(SINGLE)(draw)]
