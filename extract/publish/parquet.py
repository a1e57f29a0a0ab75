"""Rows as Apache Parquet (https://parquet.apache.org/docs/file-format/). What writes it is an extra, and is loaded when it is asked for."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from extract.errors import UsageError
from extract.model import Flat


def require() -> Any:
    """Return the library that writes Parquet. Raises UsageError, with what to install, where it is not there."""
    try:
        import pyarrow.parquet  # noqa: PLC0415 - 40 MB that only this needs
    except ImportError as error:
        raise UsageError("--format parquet needs pyarrow, which is not installed: pip install 'docrules[parquet]'") from error
    return pyarrow


def rows(data: bytes) -> list[Flat]:
    """Return the rows of a file. Raises UsageError where what reads it is not installed."""
    found: list[Flat] = require().parquet.ParquetFile(io.BytesIO(data)).read().to_pylist()
    return found


def content(rows: Sequence[Flat], columns: Mapping[str, type]) -> bytes:
    """Return a file of rows. The same rows give the same bytes with the same version of pyarrow, which the file names."""
    arrow = require()
    types = {str: arrow.string(), int: arrow.int32(), bool: arrow.bool_()}
    fields = arrow.schema([(name, types[kind]) for name, kind in columns.items()])
    file = io.BytesIO()
    arrow.parquet.write_table(arrow.Table.from_pylist(list(rows), fields), file, compression="zstd")
    return file.getvalue()
