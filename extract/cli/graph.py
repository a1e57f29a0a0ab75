"""`docrules graph`: who talks to whom, as a drawing."""

from __future__ import annotations

import os
from pathlib import Path

import click

from extract.cli.configured import Configured
from extract.cli.inputs import default_rules
from extract.cli.terminal import write_to_stdout
from extract.errors import UsageError
from extract.publish import files, published
from extract.publish.graph import Drawing, drawings

_EPILOG = """\b
Exit codes:
  0  drawn
  2  a file cannot be read or written, or there is no such release, scope or document
  4  a defect of this program
"""


@click.command("graph", cls=Configured, epilog=_EPILOG)
@click.argument("rules", required=False, metavar="[RULES.json]")
@click.option(
    "--format",
    "form",
    type=click.Choice(["svg", "mermaid", "dot"]),
    default="svg",
    show_default=True,
    metavar="FORMAT",
    help="svg (a picture), mermaid (for Markdown) or dot (for Graphviz).",
)
@click.option("--out", default=None, metavar="FILE", help="Where the drawing goes.  [default: standard output]")
@click.option("--release", default=None, metavar="RELEASE", help="Draw only this release of each product.")
@click.option(
    "--scope", default=None, metavar="SCOPE", help="Draw this release of a product only, VENDOR/PRODUCT/RELEASE, or this folder, FOLDER/."
)
@click.option("--document", default=None, metavar="ID", help="Draw the rules of this document only.")
def command(rules: str | None, form: str, out: str | None, release: str | None, scope: str | None, document: str | None) -> None:
    """Draw who talks to whom: groups, roles, hosts and networks as nodes, and the traffic between two of them as one arrow.

    RULES.json is the published rules: by default data/rules.json, else rules.json.

    A name means the same only within one release, so each release has its own drawing. Documents without a release have one drawing for
    each folder. Arrows go from source to destination. An arrow for denied traffic ends at a bar. What a page leaves open is dotted: it
    is "not stated", or shows the page's words with a question mark.

    A picture (svg) needs the extra docrules[graph], which brings Graphviz; the other forms need nothing.

    \b
    Examples:
      docrules graph --out rules.svg
      docrules graph --scope vendor/product/1.0 --format mermaid
      docrules graph rules.json --document vendor/product/1.0/page --format dot | dot -Tpdf > page.pdf
    """
    source = Path(rules) if rules is not None else default_rules("name it")[0]
    target = Path(out) if out is not None else None
    if target is not None:
        files.check_target(target)
        if os.path.realpath(target) == os.path.realpath(source):
            raise UsageError(f"{target} holds the rules and would be overwritten; name another file")
    found = drawings(published.load_rules(source), release=release, scope=scope, document=document)
    drawn = _rendered(found, form).encode("utf-8", "replace")
    if target is None:
        write_to_stdout(drawn)
    else:
        files.write_all({target: drawn})


def _rendered(found: tuple[Drawing, ...], form: str) -> str:
    if form == "mermaid":
        from extract.publish.graph_mermaid import mermaid  # noqa: PLC0415 - only what is asked for

        return mermaid(found)
    if form == "dot":
        from extract.publish.graph_dot import dot  # noqa: PLC0415 - as above

        return dot(found)
    from extract.publish.graph_svg import svg_file  # noqa: PLC0415 - as above

    return svg_file(found)
