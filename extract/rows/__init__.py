"""Rows: a row under its columns, and what is stated around it, to atomic rules or open entries. Asks `cells`, never `interpret`."""

from extract.rows.page import RowRead
from extract.rows.page import read as read_rows
from extract.rows.prose import Prose

__all__ = ["Prose", "RowRead", "read_rows"]
