"""One open element of the page while it is walked, and its path."""

from __future__ import annotations

import msgspec

from core.document import BlockRole
from crawler.extractors.mention import Mention

_DEEPEST_WRITTEN = 40
"""Elements nested deeper get a shortened path, so that a path's length is bounded."""

_UNNUMBERED = frozenset({"html", "head", "body"})


class Mode(msgspec.Struct, frozen=True):
    """How text is taken at one place: whether readers see it, whether line breaks count, and the
    role of the block it is in."""

    hidden: bool = False
    preserve: bool = False
    role: BlockRole = "content"


class Frame(msgspec.Struct, gc=False):
    """An open element: the `index`th `tag` under `parent`. `counts` numbers its children.

    `mode`, `outer` (the block frame), `mention` and `pieces` are what leaving the element
    restores; None where it changed nothing.
    """

    parent: Frame | None
    tag: str
    index: int
    depth: int
    mode: Mode | None = None
    mention: Mention | None = None
    outer: Frame | None = None
    pieces: list[str] | None = None
    counts: dict[str, int] | None = None
    path: str = ""

    def child(self, tag: str) -> Frame:
        """The next child element called `tag`."""
        if self.counts is None:
            self.counts = {}
        index = self.counts[tag] = self.counts.get(tag, 0) + 1
        return Frame(self, tag, index, self.depth + 1)


def path_of(frame: Frame) -> str:
    """`body/div[2]/p[1]`; beyond forty levels `body/.../~/p[1]`, so that its length is bounded."""
    if frame.path:
        return frame.path
    chain = [frame]
    parent = frame.parent
    while parent is not None and not parent.path:
        chain.append(parent)
        parent = parent.parent
    above = "" if parent is None else parent.path
    for one in reversed(chain):
        above = one.path = _step(above, one)
    return above


def _step(above: str, frame: Frame) -> str:
    tag = frame.tag
    if not tag:
        return ""
    if len(tag) > 40:
        tag = tag[:40]
    if frame.depth > _DEEPEST_WRITTEN:
        above = above.partition("/~/")[0] + "/~"
    step = tag if tag in _UNNUMBERED else f"{tag}[{frame.index}]"
    return f"{above}/{step}" if above else step
