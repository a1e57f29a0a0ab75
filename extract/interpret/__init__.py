"""Interpreting: a Page to rule tables with drafts. Knows nothing about documents on disk or about other pages."""

from extract.interpret.tables import may_hold_rules
from extract.interpret.tables import read as read_tables

__all__ = ["may_hold_rules", "read_tables"]
