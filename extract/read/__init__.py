"""Reading: bytes to a Page. Knows nothing about rules."""

from extract.read.formats import HTML_SUFFIXES, MARKDOWN_SUFFIXES
from extract.read.page import read

__all__ = ["HTML_SUFFIXES", "MARKDOWN_SUFFIXES", "read"]
