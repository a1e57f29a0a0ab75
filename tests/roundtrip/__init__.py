"""Pages made from rules: what is rendered must be what is read.

A seed makes a random set of rules and renders it as a page in a random style, such that the page states these rules and no others.
Reading it must give the same rules, or fewer with a reason, and never another one. `python -m tests.roundtrip` measures many pages and says
which styles fail; `tests/test_roundtrip.py` holds a hundred of them. The phrases of each language are in `phrases/`.

    statements  what rules say: ports, protocols, ends, and how a cell writes them
    frames      where direction and owner stand around a table
    rows        the layout of one rule a row
    layouts     cards, matrices, ticked columns
    quiet       tables without rules
    pages       all of it on one page
    html, markdown   markup
    compare     what was read against what was rendered
"""
