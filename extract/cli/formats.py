"""The forms in which a run writes its rules: rules.json, a line a rule, a row a rule, or a folder of partitions."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import click
import msgspec
from click.core import ParameterSource

from extract.errors import UsageError
from extract.model import Extraction
from extract.publish import files, render

JSON = "json"
PARQUET, _JSONL = "parquet", "jsonl"
FORMATS = (JSON, _JSONL, "csv", PARQUET)
# What compares with the rules.json that --out holds: option -> how it is written.
_COMPARING = {"changes": "--changes", "max_shrink": "--max-shrink", "accept_shrink": "--accept-shrink"}


def is_partitioned(form: str, out: str) -> bool:
    """Return whether rules go into a folder of partitions: as Parquet, or a rule a line where a folder is named."""
    return form == PARQUET or (form == _JSONL and out != "-" and (out.endswith(("/", os.sep)) or Path(out).is_dir()))


def check(form: str, out: str, context: click.Context) -> None:
    """Raise UsageError for a form that makes no sense for a file of such a name, or beside an option that compares with a rules.json."""
    suffix = Path(out).suffix.lower()
    if form != JSON:
        _check_other(form, out, suffix, context)
    elif suffix[1:] == PARQUET:
        raise UsageError(f"{out} would hold JSON; give --format parquet and a folder, or name a file as {Path(out).with_suffix('.json')}")
    elif suffix[1:] in FORMATS[1:]:
        raise UsageError(f"{out} would hold JSON; give --format {suffix[1:]}, or name a file as {Path(out).with_suffix('.json')}")


def _check_other(form: str, out: str, suffix: str, context: click.Context) -> None:
    how = f"--format {form} needs --out {'DIR' if form == PARQUET else 'FILE or --out -'}"
    if context.get_parameter_source("out") is ParameterSource.DEFAULT:
        raise UsageError(f"{how}; without it the rules go to {out}, which holds JSON")
    if form == PARQUET and (out == "-" or Path(out).is_file() or suffix in (".parquet", ".json")):
        raise UsageError(f"--format parquet writes a folder of partitions; name one with --out, and not {out}")
    if suffix == ".json":
        raise UsageError(f"{out} would be taken for JSON by docrules diff and others; name a file as {Path(out).with_suffix('.' + form)}")
    for name, option in _COMPARING.items():
        if name != "changes" and is_partitioned(form, out):
            # Each partition is compared with the one that is there.
            continue
        source = context.get_parameter_source(name)
        # Of a configuration, what is about JSON alone may stand there for other calls.
        if source is ParameterSource.COMMANDLINE or (name == "changes" and source is ParameterSource.DEFAULT_MAP):
            raise UsageError(f"{option} compares with the rules.json that --out holds, so it makes no sense with --format {form}")


def content(form: str, extraction: Extraction) -> files.Content:
    """Return the rules of a run in a form. Raises SchemaViolationError when they break the schema of rules.json, whatever the form."""
    if form == JSON:
        return render.rules_content(extraction)
    for _ in render.rules_parts(extraction):
        pass
    return partial(_lines, extraction) if form == _JSONL else _table(extraction)


def _lines(extraction: Extraction) -> Iterator[bytes]:
    """Yield each rule as it stands in rules.json, then each unresolved one, as a line of JSON that begins with its status."""
    for status, entries in (("rule", extraction.rules), ("open", extraction.unresolved)):
        for entry in entries:
            yield msgspec.json.encode({"status": status, **msgspec.structs.asdict(entry)}) + b"\n"


def _table(extraction: Extraction) -> bytes:
    from extract.export import sheet  # noqa: PLC0415 - few runs write one
    from extract.export.targets import csv  # noqa: PLC0415

    return csv.encoded(map(sheet.as_shown, extraction.to_dicts()))
