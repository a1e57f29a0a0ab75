"""The manual page, in the language of man(7): what the help texts say, one section for each command."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import click

from extract.regex import late

# A line that begins with a dot or an apostrophe is an instruction (groff(7)); a backslash begins one anywhere, and a mere hyphen may
# become a dash.
_INSTRUCTION = late(r"^(?=[.'])", re.MULTILINE)
_UNFILLED = "\b"
_WIDTH = 1000


def page(root: click.Group, version: str) -> str:
    """Return the manual page of a program and all of its commands."""
    context = click.Context(root, info_name="docrules")
    first = (root.help or "").partition("\n")[0].rstrip(".")
    parts = [f'.TH DOCRULES 1 "" "docrules {_escaped(version)}"\n.SH NAME\ndocrules \\- {_escaped(first)}\n']
    for named, command in _commands(context, root):
        # As wide as no terminal: the list of commands is cut at the width.
        formatter = _Formatter(width=_WIDTH)
        command.format_help(named, formatter)
        parts.append(f".SH {_escaped(named.command_path.upper() if command is not root else 'Synopsis'.upper())}\n{formatter.getvalue()}")
    return "".join(parts)


def _commands(context: click.Context, root: click.Group) -> Iterator[tuple[click.Context, click.Command]]:
    yield context, root
    for name in root.list_commands(context):
        command = root.get_command(context, name)
        if command is not None:
            yield click.Context(command, info_name=name, parent=context), command


class _Formatter(click.HelpFormatter):
    """Takes what click would lay out for a terminal, and leaves the layout to man."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write how a command is called."""
        del prefix
        self.write(f"\\fB{_escaped(prog)}\\fP {_escaped(args)}\n")

    def write_heading(self, heading: str) -> None:
        """Write the heading of a part."""
        self.write(f".SS {_escaped(heading)}\n")

    def write_paragraph(self) -> None:
        """Begin a paragraph."""
        self.write(".PP\n")

    def write_text(self, text: str) -> None:
        """Write paragraphs; the lines of one that begins with the mark of click stay as they are."""
        for paragraph in re.split(r"\n\s*\n", text.strip("\n")):
            mark, _, lines = paragraph.partition("\n")
            if mark.strip() == _UNFILLED:
                self.write(f".PP\n.nf\n{_escaped(lines)}\n.fi\n")
            else:
                self.write(f".PP\n{_escaped(paragraph)}\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write a list of terms, each with what is said of it."""
        del col_max, col_spacing
        for term, said in rows:
            self.write(f".TP\n\\fB{_escaped(term)}\\fP\n{_escaped(said)}\n")


def _escaped(text: str) -> str:
    return _INSTRUCTION.sub(r"\\&", text.replace("\\", "\\e").replace("-", "\\-"))
