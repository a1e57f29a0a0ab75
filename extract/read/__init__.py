"""Reading: bytes to a Page. Knows nothing about rules."""

from extract.read.page import HTML_SUFFIXES, MARKDOWN_SUFFIXES, read

__all__ = ["HTML_SUFFIXES", "MARKDOWN_SUFFIXES", "read"]
