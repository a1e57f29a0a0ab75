"""How a drawing looks, in a file of its own and within a page."""

from __future__ import annotations

# Colours say the kind of a node a second time (the shape and a word say it first), and what of the traffic is out of the ordinary.
GRAPH_CSS = """
.graph { color-scheme: light dark; --g-page: #ffffff; --g-text: #1c1f23; --g-quiet: #59636e; --g-line: #6b7681; --g-edge: #c9d1d9;
  --g-group: #eaf2fd; --g-group-line: #3b74b9; --g-role: #f1ecfb; --g-role-line: #7a5bb5; --g-host: #e8f5f0; --g-host-line: #2f8468;
  --g-cidr: #f0f2f4; --g-cidr-line: #5b6672; --g-any: #fff1e0; --g-any-line: #a85b00; --g-deny: #b42318; --g-open: #8a5a00;
  --g-mark: #0b5fb4; }
@media (prefers-color-scheme: dark) { .graph { --g-page: #14171a; --g-text: #e6e8eb; --g-quiet: #9aa4ae; --g-line: #87929d;
  --g-edge: #3a4149; --g-group: #16263a; --g-group-line: #6aa5ea; --g-role: #251d38; --g-role-line: #a98be0; --g-host: #12291f;
  --g-host-line: #5bb896; --g-cidr: #22272c; --g-cidr-line: #97a2ad; --g-any: #33230d; --g-any-line: #e8a04a; --g-deny: #ff8a7a;
  --g-open: #e0b04a; --g-mark: #79b8ff; } }
.graph text {
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif;
  fill: var(--g-text); unicode-bidi: plaintext; }
.graph-page { fill: var(--g-page); }
.graph .graph-title { font-weight: 600; }
.graph .node-kind, .graph .graph-note { fill: var(--g-quiet); }
.graph .node-name { font-weight: 600; }
.node-shape { stroke-width: 1.5; }
.node-group .node-shape { fill: var(--g-group); stroke: var(--g-group-line); }
.node-role .node-shape { fill: var(--g-role); stroke: var(--g-role-line); }
.node-host .node-shape { fill: var(--g-host); stroke: var(--g-host-line); }
.node-cidr .node-shape { fill: var(--g-cidr); stroke: var(--g-cidr-line); }
.node-any .node-shape { fill: var(--g-any); stroke: var(--g-any-line); stroke-dasharray: 6 4; }
.node-unstated .node-shape { fill: var(--g-page); stroke: var(--g-quiet); stroke-dasharray: 1.5 4; stroke-linecap: round; }
.graph .node-unstated .node-name { font-weight: 400; font-style: italic; fill: var(--g-quiet); }
.edge-line { fill: none; stroke: var(--g-line); stroke-width: 1.5; }
.edge-hit { fill: none; stroke: transparent; stroke-width: 12; }
.edge-head { fill: var(--g-line); stroke: none; }
.edge-label rect { fill: var(--g-page); stroke: var(--g-edge); }
.graph .edge-protocol { font-weight: 600; }
.edge-open .edge-line { stroke: var(--g-open); stroke-dasharray: 1.5 5; stroke-width: 2; stroke-linecap: round; }
.edge-open .edge-head { fill: var(--g-open); }
.edge-open .edge-label rect { stroke: var(--g-open); stroke-dasharray: 1.5 4; stroke-linecap: round; }
.edge-deny .edge-line { stroke: var(--g-deny); }
.edge-deny .edge-head { fill: none; stroke: var(--g-deny); stroke-width: 2; }
.edge-deny .edge-label rect { stroke: var(--g-deny); }
.graph .edge-deny .edge-label text { fill: var(--g-deny); }
.graph [role="button"] { cursor: pointer; }
.edge:hover .edge-line, .edge:focus .edge-line { stroke: var(--g-mark); stroke-width: 2.5; }
.edge:hover .edge-head, .edge:focus .edge-head { fill: var(--g-mark); stroke: var(--g-mark); }
.edge:hover .edge-label rect, .edge:focus .edge-label rect, .node:hover .node-shape, .node:focus .node-shape {
  stroke: var(--g-mark); stroke-width: 2.5; }
.graph g:focus { outline: none; }
.graph .node:focus-visible, .graph .edge:focus-visible .edge-label { outline: 2px solid var(--g-mark); outline-offset: 3px; }
@media print { .graph { --g-page: #ffffff; --g-text: #000000; --g-quiet: #333333; --g-line: #333333; --g-edge: #999999; --g-group: #ffffff;
  --g-role: #ffffff; --g-host: #ffffff; --g-cidr: #ffffff; --g-any: #ffffff; --g-deny: #8a1a10; --g-open: #5a3a00; } }
@media (forced-colors: active) { .graph { --g-page: Canvas; --g-text: CanvasText; --g-quiet: CanvasText; --g-line: CanvasText;
  --g-edge: CanvasText; --g-mark: Highlight; --g-deny: CanvasText; --g-open: CanvasText; } }
"""
"""The style of drawings, for a page or file that shows some: names of classes all begin with graph, node or edge."""
