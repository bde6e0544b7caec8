"""Text into blocks, mentions to their neighbouring block: the state of a page while it is read."""

from __future__ import annotations

from collections import deque

from core import Block, Locator, Reference
from core.document import BlockKind, BlockRole, ReferenceKind
from crawler.extractors.extraction import BOUNDS, Bounds, PictureReference
from crawler.extractors.frame import Frame

BREAK = "\x1e"
"""Stands for `<br>` until a block is finished; `str.split` counts it as a blank."""

_MENTION_TEXT = 300


class Mention:
    """A reference or picture whose block is not known yet. `room` is how much text it still
    takes while its element is open."""

    __slots__ = ("block", "data", "hidden", "kind", "low", "media_type", "path", "pieces", "room",
                 "text", "title", "url")  # fmt: skip

    def __init__(self, kind: ReferenceKind | None, url: str, path: str, hidden: bool) -> None:
        self.kind = kind
        self.url = url
        self.path = path
        self.hidden = hidden
        self.text = ""
        self.title = ""
        self.block = -1
        self.low = -1
        self.pieces: list[str] = []
        self.room = _MENTION_TEXT
        self.data: bytes | None = None
        self.media_type = ""

    def add(self, text: str) -> None:
        """Takes a piece of what the reader sees of it."""
        self.pieces.append(text)
        self.room -= len(text)

    def reference(self) -> Reference:
        """The finished reference (`kind` is set)."""
        assert self.kind is not None  # noqa: S101
        return Reference(
            self.kind, self.url, Locator(self.path), self.text, self.block, self.hidden
        )

    def picture(self) -> PictureReference:
        """The finished picture."""
        return PictureReference(
            self.url, Locator(self.path), self.block, self.text, self.data, self.media_type
        )


Saved = tuple[bool, bool, BlockRole, Frame, "Mention | None", "list[str] | None", bool]
"""What leaving an element restores: whether it is a block, then hidden, role, block frame,
open mention, and the pieces and has_text of the block around hidden inline text."""


class Blocks:
    """Collects blocks, references and pictures in document order, within bounds.

    A mention inside a block with text belongs to that block. One without text around it belongs
    to the neighbour it shares the deepest element with: `low` is the least depth since the last
    block, so a picture and its caption stay together, whichever comes first.
    """

    def __init__(self, root: Frame, bounds: Bounds = BOUNDS) -> None:
        self.bounds = bounds
        self.blocks: list[Block] = []
        self.mentions: list[Mention] = []
        self.pictures: list[Mention] = []
        self.cut: dict[str, None] = {}
        self.pieces: list[str] = []
        self.has_text = False
        self.hidden = False
        self.role: BlockRole = "content"
        self.block_frame = root
        self.visible_chars = 0
        self.depth = 0
        self.low = -1
        self._last = -1
        self._inside: list[Mention] = []
        self._pending: deque[Mention] = deque()

    def flush(self) -> None:
        """Ends the current block, if it has any text."""
        pieces = self.pieces
        if not self.has_text:
            pieces.clear()
            return
        raw = "".join(pieces)
        pieces.clear()
        self.has_text = False
        if BREAK in raw:
            lines = (" ".join(line.split()) for line in raw.split(BREAK))
            text = "\n".join(line for line in lines if line)
        else:
            text = " ".join(raw.split())
        if not text:
            return
        first = len(self.blocks)
        self.add(
            "hidden" if self.hidden else "visible", text, self.block_frame.path, role=self.role
        )
        if not self.hidden:
            self.visible_chars += len(text)
        self._settle_on(min(first, len(self.blocks) - 1))

    def add(self, kind: BlockKind, text: str, path: str, *, role: BlockRole = "content") -> None:
        """Adds a finished block; one that is too long becomes several."""
        size = self.bounds.block_chars
        if len(self.blocks) >= self.bounds.blocks:
            self.cut["text blocks"] = None
            return
        if len(text) <= size:
            self.blocks.append(Block(kind, text, Locator(path), role))
            return
        for start in range(0, len(text), size):
            if len(self.blocks) >= self.bounds.blocks:
                self.cut["text blocks"] = None
                return
            self.blocks.append(Block(kind, text[start : start + size], Locator(path), role))

    def mention(self, mention: Mention) -> None:
        """Adds a reference at the current place."""
        if len(self.mentions) >= self.bounds.references:
            self.cut["references"] = None
            return
        self.mentions.append(mention)
        self._place(mention)

    def picture(self, mention: Mention) -> None:
        """Adds a picture at the current place."""
        if len(self.pictures) >= self.bounds.pictures:
            self.cut["pictures"] = None
            return
        self.pictures.append(mention)
        self._place(mention)

    def _place(self, mention: Mention) -> None:
        if self.has_text:
            self._inside.append(mention)
        elif self._last >= 0 and self.low >= self.depth:
            mention.block = self._last
        else:
            mention.low = self.low
            self._pending.append(mention)

    def rise(self, depth: int) -> None:
        """The walk has left an element and now stands at `depth`."""
        self.depth = depth
        self.low = min(self.low, depth)
        pending = self._pending
        while pending and pending[0].low >= depth:
            pending.popleft().block = self._last

    def _settle_on(self, block: int) -> None:
        for mention in self._inside:
            mention.block = block
        for mention in self._pending:
            mention.block = block
        self._inside.clear()
        self._pending.clear()
        self._last = block
        self.low = self.depth

    def finish(self) -> None:
        """Ends the page: what still waits for a block belongs to the last one."""
        self.flush()
        self._settle_on(self._last)
