"""One open element of the page while it is walked, and its path."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crawler.extractors.blocks import Saved

_DEEPEST_WRITTEN = 40
"""Elements nested deeper get a shortened path, so that a path's length is bounded."""


class Frame:
    """An open element: `tag[index]` under `parent`, `saved` when leaving it undoes something."""

    __slots__ = ("_path", "counts", "depth", "index", "parent", "saved", "tag")

    def __init__(self, parent: Frame | None, tag: str) -> None:
        self.parent = parent
        self.tag = tag
        self.saved: Saved | None = None
        self.counts: dict[str, int] | None = None
        self._path = ""
        if parent is None:
            self.index = self.depth = 0
        else:
            counts = parent.counts
            if counts is None:
                parent.counts = {tag: 1}
                self.index = 1
            else:
                self.index = counts[tag] = counts.get(tag, 0) + 1
            self.depth = parent.depth + 1

    @property
    def path(self) -> str:
        """`body/div[2]/p[1]`; beyond forty levels `.../~/p[1]`."""
        if self._path:
            return self._path
        chain = [self]
        parent = self.parent
        while parent is not None and not parent._path:
            chain.append(parent)
            parent = parent.parent
        above = "" if parent is None else parent._path
        for frame in reversed(chain):
            above = frame._path = _step(above, frame)
        return self._path


def _step(above: str, frame: Frame) -> str:
    tag = frame.tag[:40]
    if frame.parent is None:
        return ""
    if frame.depth <= 1 and tag in ("html", "body", "head"):
        return f"{above}/{tag}" if above else tag
    if frame.depth > _DEEPEST_WRITTEN:
        above = above.partition("/~/")[0] + "/~"
    return f"{above}/{tag}[{frame.index}]" if above else f"{tag}[{frame.index}]"
