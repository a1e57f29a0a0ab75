"""Cells: what the text of one cell, or of one sentence, says. Knows nothing about columns, rows or the rest of the page."""
