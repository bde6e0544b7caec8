"""Where the elements of a rendered page stand in its picture.

The input is what Chromium answers to `DOMSnapshot.captureSnapshot`
(https://chromedevtools.github.io/devtools-protocol/tot/DOMSnapshot/): nodes in document order as
parallel lists, names as indices into a table of strings, boxes in CSS pixels of the document.
"""

from __future__ import annotations

from math import ceil, floor
from typing import Any

from core.capture import Box
from crawler.extractors.frame import Frame, path_of

_MOST_ELEMENTS = 20_000
_ELEMENT = 1
_REPLACED = frozenset(
    {"img", "svg", "canvas", "video", "iframe", "object", "embed", "input", "button", "select",
     "textarea"}
)  # fmt: skip
"""What shows something though it has no text below it."""

_Edges = tuple[float, float, float, float]
"""Left, top, right, bottom."""


def element_boxes(snapshot: dict[str, Any], size: tuple[int, int]) -> tuple[tuple[str, Box], ...]:
    """Element path and box of each element that shows in the top left `size` (width, height).

    Paths are those that the extractors give. A box is as tight as the words and pictures in the
    element; elements in frames and shadow roots have none. At most 20,000 elements.
    """
    page, names = snapshot["documents"][0], snapshot["strings"]
    parents: list[int] = page["nodes"]["parentIndex"]
    tags = [names[name].lower() if name >= 0 else "" for name in page["nodes"]["nodeName"]]
    shown = _shown(page, parents, tags)
    found: list[tuple[str, Box]] = []
    for number, frame in enumerate(_frames(page, parents, tags)):
        edges = shown.get(number)
        box = _clipped(edges, size) if frame is not None and frame.tag and edges else None
        if box is not None and frame is not None:
            found.append((path_of(frame), box))
        if len(found) >= _MOST_ELEMENTS:
            break
    return tuple(found)


def _frames(page: dict[str, Any], parents: list[int], tags: list[str]) -> list[Frame | None]:
    """The frame of each node, as the walk over the page's HTML makes them; None for what is no
    element of it (texts, shadow roots and all below, what style sheets add)."""
    nodes = page["nodes"]
    kinds = nodes["nodeType"]
    marked = (nodes.get(name, {}).get("index", ()) for name in ("pseudoType", "shadowRootType"))
    added = {number for numbers in marked for number in numbers}
    frames: list[Frame | None] = []
    for number, parent in enumerate(parents):
        above = frames[parent] if 0 <= parent < number else None
        if kinds[number] == _ELEMENT and tags[number] == "html" and above is None:
            frames.append(Frame(None, "", 0, 0))
        elif kinds[number] == _ELEMENT and above is not None and number not in added:
            frames.append(above.child(tags[number]))
        else:
            frames.append(None)
    return frames


def _shown(page: dict[str, Any], parents: list[int], tags: list[str]) -> dict[int, _Edges]:
    """Edges of what each node shows: its words and pictures, or else itself."""
    layout = page["layout"]
    own: dict[int, _Edges] = {}
    for number, (left, top, width, height) in zip(
        layout["nodeIndex"], layout["bounds"], strict=True
    ):
        if width > 0 and height > 0:
            edges = (left, top, left + width, top + height)
            own[number] = _around(own.get(number), edges)
    ink: dict[int, _Edges] = {}
    for number in range(len(parents) - 1, -1, -1):
        if number in own and (tags[number] == "#text" or tags[number] in _REPLACED):
            ink[number] = own[number]
        if number in ink and 0 <= parents[number] < number:
            ink[parents[number]] = _around(ink.get(parents[number]), ink[number])
    return {**own, **ink}


def _around(one: _Edges | None, other: _Edges) -> _Edges:
    if one is None:
        return other
    return (
        min(one[0], other[0]), min(one[1], other[1]),
        max(one[2], other[2]), max(one[3], other[3]),
    )  # fmt: skip


def _clipped(edges: _Edges, size: tuple[int, int]) -> Box | None:
    """The whole pixels of `edges` inside the picture; None where nothing is."""
    left, top = max(floor(edges[0]), 0), max(floor(edges[1]), 0)
    right, bottom = min(ceil(edges[2]), size[0]), min(ceil(edges[3]), size[1])
    return (left, top, right - left, bottom - top) if right > left and bottom > top else None
