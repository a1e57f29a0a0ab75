"""The layers of a PDF that are turned off when it is opened (ISO 32000-2, 8.11 "Optional content")."""

from __future__ import annotations

from collections.abc import Mapping

from pdfminer.pdftypes import PDFObjRef, dict_value, list_value
from pdfminer.psparser import PSLiteral


class Layers:
    """Which layers of a document readers do not see."""

    def __init__(self, catalog: Mapping[str, object]) -> None:
        """Take the catalog of a document."""
        said = dict_value(catalog.get("OCProperties") or {})
        default = dict_value(said.get("D") or {})
        state = default.get("BaseState")
        turned_off = isinstance(state, PSLiteral) and state.name == "OFF"
        self._off = _groups(said.get("OCGs")) - _groups(default.get("ON")) if turned_off else _groups(default.get("OFF"))

    def is_off(self, layer: object) -> bool:
        """Return whether what a layer holds is not shown: a group that is turned off, or several of which all are."""
        if not self._off or not isinstance(layer, (PDFObjRef, dict)):
            return False
        if isinstance(layer, PDFObjRef) and layer.objid in self._off:
            return True
        held = dict_value(layer).get("OCGs")
        groups = _groups([held] if isinstance(held, PDFObjRef) and held.objid in self._off else held)
        return bool(groups) and groups <= self._off


def _groups(listed: object) -> frozenset[int]:
    return frozenset(one.objid for one in list_value(listed or []) if isinstance(one, PDFObjRef))
