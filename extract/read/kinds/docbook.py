"""DocBook 4 and 5 (OASIS) as HTML. Tables are CALS tables or those of HTML."""

from __future__ import annotations

from extract.read.kinds.converted import Converted
from extract.read.kinds.xml_names import Names
from extract.read.kinds.xml_source import Source, local, parse
from extract.read.kinds.xml_walk import Walk
from extract.read.refused import refused

_SECTIONS = frozenset(
    (
        "set book part article chapter appendix preface partintro section sect1 sect2 sect3 sect4 sect5 simplesect topic glossary "
        "bibliography reference refentry refsect1 refsect2 refsect3 refsection refsynopsisdiv colophon dedication index module assembly"
    ).split()
)
_DIVS = (
    "para simpara formalpara abstract blockquote epigraph sidebar note tip warning caution important danger example informalexample figure "
    "informalfigure equation procedure task taskprerequisites taskrelated step substeps refnamediv refname refpurpose bridgehead subtitle "
    "qandaset qandadiv qandaentry question answer legalnotice address glossdiv bibliodiv caption msgset msgentry simplemsgentry msgtext "
    "revhistory revision cmdsynopsis funcsynopsis stepalternatives variablelist-title"
).split()
_BLOCKS = {
    **dict.fromkeys(_DIVS, "div"),
    **dict.fromkeys("itemizedlist orderedlist simplelist segmentedlist calloutlist bibliolist".split(), "ul"),
    **dict.fromkeys("variablelist glosslist".split(), "dl"),
    **dict.fromkeys("listitem member callout".split(), "li"),
    **dict.fromkeys("term glossterm".split(), "dt"),
    "glossdef": "dd",
}
_INLINE = frozenset(
    (
        "abbrev accel acronym application anchor author citation citerefentry citetitle classname code command computeroutput constant "
        "database date email emphasis envar errorcode errorname errortext filename firstname firstterm foreignphrase function guibutton "
        "guiicon guilabel guimenu guimenuitem guisubmenu hardware interface interfacename jobtitle keycap keycode keycombo keysym lineage "
        "link literal markup menuchoice methodname mousebutton option optional olink orgname package parameter personname phrase port "
        "productname productnumber prompt property quote replaceable returnvalue sgmltag shortcut subscript superscript "
        "structfield structname surname symbol systemitem tag token trademark type ulink uri userinput varname wordasword xref "
        "footnoteref footnote inlinemediaobject inlinegraphic"
    ).split()
)
NAMES = Names(
    sections=_SECTIONS,
    blocks=_BLOCKS,
    inline=_INLINE,
    strong=frozenset({"guilabel", "guibutton"}),
    struck=frozenset(),
    raised=frozenset({"superscript", "subscript"}),
    preformatted=frozenset("programlisting screen literallayout synopsis".split()),
    footnotes=frozenset({"footnote"}),
    pictures=frozenset("mediaobject inlinemediaobject graphic inlinegraphic mediaobjectco screenshot".split()),
    hidden=frozenset("remark indexterm toc lot tocentry titleabbrev colspec spanspec col colgroup".split()),
    about=frozenset(
        (
            "info articleinfo bookinfo chapterinfo sectioninfo sect1info sect2info sect3info sect4info sect5info appendixinfo prefaceinfo "
            "partinfo refentryinfo refsect1info refsect2info refsect3info refsectioninfo setinfo blockinfo objectinfo"
        ).split()
    ),
    simple_tables=frozenset(),
    simple_rows=frozenset(),
    simple_heads=frozenset(),
    simple_cells=frozenset(),
    ordered_cells=(),
    conditions=tuple("arch audience condition conformance os outputformat revision security userlevel vendor wordsize".split()),
    references=(),
    names="",
    style="role",
    deleted=("revisionflag", "deleted"),
    targets=("endterm", "linkend", "url", "targetdoc"),
    notes_by_reference=False,
)


def convert(data: bytes) -> Converted:
    """Return a DocBook document as HTML. Raises RefusedError for what is no well-formed XML, and for XML of another kind."""
    source = parse(data)
    if not is_docbook(source):
        raise refused(f"this is no DocBook: its outermost element is <{local(source.root)}>; give the document that holds it", line=1)
    return of(source)


def of(source: Source) -> Converted:
    """Return the HTML of a tree of DocBook."""
    return Walk(source, NAMES).convert()


def is_docbook(source: Source) -> bool:
    """Return whether a tree is one of DocBook: by its namespace, its document type, or the element that it begins with."""
    root = source.root
    if str(root.tag).startswith("{"):
        return str(root.tag).startswith("{http://docbook.org/ns/docbook}")
    named = "DocBook" in (root.getroottree().docinfo.public_id or "")
    return named or local(root) in (_SECTIONS - {"topic", "reference", "module", "index", "set", "assembly"}) | {"informaltable"}
