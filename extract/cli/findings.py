"""`docrules findings`: what the findings mean, and what to do about them."""

from __future__ import annotations

import difflib
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator

import click
import msgspec

from extract.catalogue import FindingKind, catalogue
from extract.cli.terminal import COLOURS, columns, has_colours, write_to_stdout
from extract.errors import UsageError
from extract.regex import late

# Longer lines of prose are hard to read, and shorter ones break after every other word.
_MAX_WIDTH = 100
_MIN_WIDTH = 40
_MIN_TITLE = 16
_INDENT = "    "
_QUOTED = late("`[^`]*`")
# textwrap breaks at ASCII white space only.
_NO_BREAK = "\N{NO-BREAK SPACE}"

_EPILOG = """\b
Severities:
  error    something is lost or unreadable; by default it fails `docrules run`
  warning  a person must decide before a rule can be used
  note     the rest; `docrules run` prints it only with --verbose

A finding about a table or page without rules is always a note. `docrules explain` shows what you have to decide, and `docrules patch`
writes a patch for your answer.

`docrules run` exits with 1 for errors; --fail-on changes this. It always exits with 3 for a document that could not be read, and with 4
for a defect of this program.

\b
Exit codes:
  0  listed, or explained
  2  there is no finding of that CODE
  4  a defect of this program
"""


@click.command("findings", epilog=_EPILOG)
@click.argument("code", required=False, metavar="[CODE]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: a list of all entries, or the one entry.")
def command(code: str | None, as_json: bool) -> None:
    """List the findings, or explain one.

    `docrules run` prints the code of a finding in brackets at the end of the line. In the report, it is the field `code`. With a CODE,
    this command says what the finding means, what docrules did with the value, and what you can do, and shows a page that gives the
    finding. Without a CODE, it lists every code with its severity and title.

    \b
    Examples:
      docrules findings
      docrules findings port-out-of-range
      docrules findings --json | jq -r '.[] | select(.severity == "error") | .code'
    """
    known = catalogue()
    if code is not None and code not in known:
        raise UsageError(unknown(code))
    if as_json:
        shown = msgspec.json.encode(list(known.values()) if code is None else known[code])
        write_to_stdout(msgspec.json.format(shown, indent=2) + b"\n")
        return
    colour = has_colours(sys.stdout)
    lines = _listed(known.values(), colour) if code is None else _explained(known[code], colour)
    write_to_stdout("".join(f"{line}\n" for line in lines).encode())


def unknown(code: str) -> str:
    """Return that there is no finding of a code, with those that may have been meant."""
    known = catalogue()
    close = difflib.get_close_matches(code.lower(), known)
    hint = f"did you mean {' or '.join(close)}? " if close else ""
    return f"there is no finding {code!r}; {hint}`docrules findings` lists all"


def _severity(entry: FindingKind, colour: bool) -> str:
    return click.style(entry.severity, fg=COLOURS[entry.severity]) if colour else entry.severity


def _listed(entries: Iterable[FindingKind], colour: bool) -> Iterator[str]:
    """Yield one line for each entry, in columns; on a narrow terminal a title goes on below."""
    entries = list(entries)
    codes = max(len(entry.code) for entry in entries)
    severities = max(len(entry.severity) for entry in entries)
    width = columns()
    for entry in entries:
        gap = " " * (severities - len(entry.severity))
        before = codes + severities + 4
        title = [entry.title] if width is None else textwrap.wrap(entry.title, max(width - before, _MIN_TITLE))
        yield f"{entry.code:<{codes}}  {_severity(entry, colour)}{gap}  {title[0]}"
        yield from (" " * before + line for line in title[1:])


def _explained(entry: FindingKind, colour: bool) -> Iterator[str]:
    """Yield the lines that explain an entry."""
    width = max(min(shutil.get_terminal_size().columns, _MAX_WIDTH), _MIN_WIDTH)
    yield f"{entry.code} ({_severity(entry, colour)})"
    yield from textwrap.wrap(entry.title, width)
    yield ""
    yield from _wrapped(entry.description, width)
    if entry.page is not None:
        yield from ("", "A page that gives it:", "")
        # As is: a page that is wrapped is another page.
        yield from textwrap.indent(entry.page.strip("\n"), _INDENT).split("\n")
    if entry.case is not None:
        yield from ("", "What gives it:", "")
        yield from _wrapped(entry.case, width, _INDENT)
    yield from ("", "What to do:", "")
    yield from _wrapped(entry.advice, width, _INDENT)


def _wrapped(text: str, width: int, indent: str = "") -> Iterator[str]:
    """Yield the lines of paragraphs, with an empty line between two of them. What is quoted in backticks stays in one line."""
    for number, paragraph in enumerate(text.split("\n\n")):
        if number:
            yield ""
        kept = _QUOTED.sub(lambda match: match[0].replace(" ", _NO_BREAK), paragraph)
        for line in textwrap.wrap(kept, width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False):
            yield line.replace(_NO_BREAK, " ")
