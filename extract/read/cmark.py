"""GitHub's parser of Markdown, with its memory given back.

The binding does not free the tree of a page or the HTML of it. Measured, each byte of Markdown leaks five bytes until the process ends.
The library that comes with the binding can free both. If a platform does not export its functions, the memory stays.
"""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Callable, Sequence
from typing import Any

from cmarkgfm import _cmark, cmark


class _Allocator(ctypes.Structure):
    """The functions by which the library allocates and frees memory: cmark_mem of cmark-gfm.h."""

    _fields_ = (("calloc", ctypes.c_void_p), ("realloc", ctypes.c_void_p), ("free", ctypes.CFUNCTYPE(None, ctypes.c_void_p)))


def to_html(text: str, options: int, extensions: Sequence[str]) -> str:
    """Return Markdown as HTML; what is asked for is as in `cmarkgfm.cmark.markdown_to_html_with_extensions`."""
    free_tree, free_text = _freeing()
    cmark.core_extensions_ensure_registered()
    parser = cmark.parser_new(options)
    try:
        for name in extensions:
            cmark.parser_attach_syntax_extension(parser, cmark.find_syntax_extension(name))
        cmark.parser_feed(parser, text)
        root = cmark.parser_finish(parser)
        try:
            html = _cmark.lib.cmark_render_html(root, options, cmark.parser_get_syntax_extensions(parser))
        finally:
            free_tree(_address(root))
    finally:
        cmark.parser_free(parser)
    try:
        found: bytes = _cmark.ffi.string(html)
    finally:
        free_text(_address(html))
    # It writes U+FFFE and U+FFFF as the bytes FE and FF, which are no UTF-8.
    return found.decode("utf-8", "replace")


def _address(pointer: Any) -> int:
    return int(_cmark.ffi.cast("uintptr_t", pointer))


@functools.cache
def _freeing() -> tuple[Callable[[int], None], Callable[[int], None]]:
    """Return what frees a tree, and what frees a text that the library made."""
    try:
        library = ctypes.CDLL(_cmark.__file__)
        free_tree, allocator = library.cmark_node_free, library.cmark_get_default_mem_allocator
    except (OSError, AttributeError):
        return _keep, _keep
    free_tree.argtypes, free_tree.restype = (ctypes.c_void_p,), None
    allocator.argtypes, allocator.restype = (), ctypes.POINTER(_Allocator)
    return free_tree, allocator().contents.free


def _keep(_: int) -> None:
    """Leave memory as it is."""
