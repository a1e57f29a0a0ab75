"""Vendor documentation in, canonical network rules out.

from extract import extract_paths
for rule in extract_paths(["data/docs"]).rules: print(rule.protocol, rule.from_port, rule.source)
"""

from extract.model import Document, Endpoint, Evidence, Extraction, Finding, Rule, Trace, Unresolved
from extract.pipeline import extract_paths, extract_text

__all__ = ["Document", "Endpoint", "Evidence", "Extraction", "Finding", "Rule", "Trace", "Unresolved", "extract_paths", "extract_text"]
