"""DITA topics (OASIS DITA 1.3) as HTML. Tables are CALS tables, and the simple ones of DITA."""

from __future__ import annotations

from extract.read.kinds.converted import Converted
from extract.read.kinds.xml_names import Names
from extract.read.kinds.xml_source import Source, local, parse
from extract.read.kinds.xml_walk import Walk
from extract.read.refused import refused

_TOPICS = frozenset(
    "dita topic concept task reference generalTask machineryTask troubleshooting glossentry glossgroup learningContent".split()
)
_MAPS = frozenset("map bookmap subjectScheme".split())
_SECTIONS = (_TOPICS - {"dita"}) | frozenset(
    "section refsyn example prereq context result postreq tasktroubleshooting condition cause remedy".split()
)
_DIVS = (
    "p shortdesc abstract body conbody taskbody refbody troublebody sectiondiv div bodydiv note hazardstatement lq fig figgroup desc cmd "
    "info stepresult stepxmp tutorialinfo steptroubleshooting choicetable-title troubleSolution responsibleParty related-links linklist "
    "linkpool link linktext linkinfo draft glossdef glossBody syntaxdiagram messagepanel typeofhazard consequence howtoavoid"
).split()
_BLOCKS = {
    **dict.fromkeys(_DIVS, "div"),
    **dict.fromkeys("ul ol sl steps steps-unordered steps-informal substeps choices".split(), "ul"),
    **dict.fromkeys("li sli step stepsection substep choice".split(), "li"),
    **dict.fromkeys("dl parml".split(), "dl"),
    **dict.fromkeys("dt dthd pt glossterm".split(), "dt"),
    **dict.fromkeys("dd ddhd pd".split(), "dd"),
}
_INLINE = frozenset(
    (
        "abbreviated-form apiname b boolean cite cmdname codeph filepath fn foreign i keyword line-through markupname menucascade msgnum "
        "msgph numcharref option overline parameterentity parmname ph q shortcut state sub sup synph systemoutput term text textentity tm "
        "tt u uicontrol userinput varname wintitle xmlatt xmlelement xmlnsname xmlpi xref"
    ).split()
)
NAMES = Names(
    sections=_SECTIONS,
    blocks=_BLOCKS,
    inline=_INLINE,
    strong=frozenset({"b", "uicontrol"}),
    struck=frozenset({"line-through"}),
    raised=frozenset({"sup", "sub"}),
    preformatted=frozenset("pre codeblock msgblock screen lines".split()),
    footnotes=frozenset({"fn"}),
    pictures=frozenset({"image"}),
    hidden=frozenset(
        (
            "draft-comment required-cleanup indexterm prolog titlealts navtitle searchtitle data data-about unknown colspec "
            "metadata topicmeta indexlist object param"
        ).split()
    ),
    about=frozenset(),
    simple_tables=frozenset("simpletable properties choicetable relrowtable".split()),
    simple_heads=frozenset("sthead prophead chhead".split()),
    simple_rows=frozenset("sthead strow prophead property chhead chrow".split()),
    simple_cells=frozenset(
        "stentry proptypehd propvaluehd propdeschd proptype propvalue propdesc choptionhd chdeschd choption chdesc".split()
    ),
    ordered_cells=("proptype", "propvalue", "propdesc"),
    conditions=tuple("audience platform product otherprops props deliveryTarget print".split()),
    references=("conref", "conkeyref", "conrefend"),
    names="keyref",
    style="outputclass",
    deleted=("status", "deleted"),
    targets=("href",),
    notes_by_reference=True,
)


def convert(data: bytes) -> Converted:
    """Return a DITA topic as HTML. Raises RefusedError for what is no well-formed XML, for a map, and for XML of another kind."""
    source = parse(data)
    if is_map(source):
        raise refused("this is a DITA map, which names topics and holds none; give the topics", line=1)
    if not is_dita(source):
        raise refused(f"this is no DITA topic: its outermost element is <{local(source.root)}>", line=1)
    return of(source)


def of(source: Source) -> Converted:
    """Return the HTML of a tree of DITA."""
    return Walk(source, NAMES).convert()


def is_map(source: Source) -> bool:
    """Return whether a tree is a map of DITA."""
    return local(source.root) in _MAPS


def is_dita(source: Source) -> bool:
    """Return whether a tree is a topic, by the class that DITA gives its elements or by the element that it begins with."""
    root = source.root
    return " topic/topic " in (root.get("class") or "") or (not str(root.tag).startswith("{") and local(root) in _TOPICS)
