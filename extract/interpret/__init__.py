"""Interpreting: a Page to rule tables with drafts. Knows nothing about documents on disk or about other pages."""

from extract.interpret.tables import read as read_tables

__all__ = ["read_tables"]
