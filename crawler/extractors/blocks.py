"""Text into blocks, and every mention to the block it belongs to."""

from __future__ import annotations

from collections import deque

from core import Block, Locator
from core.document import BlockKind, BlockRole
from crawler.extractors.extraction import BOUNDS, Bounds
from crawler.extractors.frame import Frame, Mode, path_of
from crawler.extractors.links import urls_in
from crawler.extractors.mention import Mention

BREAK = "\x1e"
"""Stands for `<br>` until a block is finished; `str.split` counts it as a blank."""


class Blocks:
    """Collects blocks, references and pictures in document order, within bounds.

    `pieces` is the text of the block being read: empty until its first character that shows.

    A mention inside a block with text belongs to that block. One without text around it belongs
    to the neighbour it shares the deepest element with: `low` is the least `depth` since the last
    block, so a picture and its caption stay together, whichever comes first.
    """

    __slots__ = (
        "_inside", "_last", "block_frame", "blocks", "bounds", "cut", "depth", "low", "mode",
        "open_mention",
        "pictures", "pieces", "references", "root", "visible_chars", "waiting",
    )  # fmt: skip

    def __init__(self, bounds: Bounds = BOUNDS) -> None:
        self.bounds = bounds
        self.root = Frame(None, "", 0, 0)
        self.blocks: list[Block] = []
        self.references: list[Mention] = []
        self.pictures: list[Mention] = []
        self.cut: dict[str, None] = {}
        self.pieces: list[str] = []
        self.mode = Mode()
        self.block_frame = self.root
        self.visible_chars = 0
        self.depth = 0
        self.low = -1
        self.open_mention: Mention | None = None
        self.waiting: deque[Mention] = deque()
        self._inside: list[Mention] = []
        self._last = -1

    def flush(self) -> None:
        """Ends the current block, if it has any text."""
        pieces = self.pieces
        if not pieces:
            return
        raw = "".join(pieces)
        pieces.clear()
        text = " ".join(raw.split()) if BREAK not in raw else _lines(raw)
        if not text:
            return
        mode, blocks, path = self.mode, self.blocks, path_of(self.block_frame)
        block = len(blocks)
        kind: BlockKind = "hidden" if mode.hidden else "visible"
        if len(text) <= self.bounds.block_chars and block < self.bounds.blocks:
            blocks.append(Block(kind, text, Locator(path), mode.role))
        else:
            self.add(kind, text, path, mode.role)
        if not mode.hidden:
            self.visible_chars += len(text)
        if "://" in text or "www." in text:
            self._mention_written(text, path)
        mention = self.open_mention
        if mention is not None and mention.pieces and mention.block < 0:
            mention.block = min(block, len(blocks) - 1)
        if self._inside or self.waiting:
            self._settle_all(block)
        self._last = block
        self.low = self.depth

    def add(self, kind: BlockKind, text: str, path: str, role: BlockRole = "content") -> None:
        """Adds a finished block; one that is too long becomes several."""
        blocks, size = self.blocks, self.bounds.block_chars
        if len(text) <= size and len(blocks) < self.bounds.blocks:
            blocks.append(Block(kind, text, Locator(path), role))
            return
        for start in range(0, len(text), size):
            if len(blocks) >= self.bounds.blocks:
                self.cut["text blocks"] = None
                return
            blocks.append(Block(kind, text[start : start + size], Locator(path), role))

    def _mention_written(self, text: str, path: str) -> None:
        """Addresses that stand in the text and are not the target of a link around them."""
        linked = {mention.url.rstrip("/") for mention in self._inside}
        if self.open_mention is not None:
            linked.add(self.open_mention.url.rstrip("/"))
        for url in urls_in(text):
            if url.rstrip("/") not in linked:
                mention = Mention("link", url, path, self.mode.hidden, url)
                self._inside.append(mention)
                self.mention(mention, placed=False)

    def mention(self, mention: Mention, *, placed: bool = True) -> None:
        """Adds a reference, at the current place if `placed`."""
        if len(self.references) >= self.bounds.references:
            self.cut["references"] = None
            return
        self.references.append(mention)
        if placed:
            self.place(mention)

    def mention_picture(self, picture: Mention, *, placed: bool = True) -> None:
        """Adds a picture, at the current place if `placed`."""
        if len(self.pictures) >= self.bounds.pictures:
            self.cut["pictures"] = None
            return
        self.pictures.append(picture)
        if placed:
            self.place(picture)

    def place(self, mention: Mention) -> None:
        """Finds the block of a mention that stands where the walk is now."""
        if self.pieces:
            self._inside.append(mention)
        elif self.low >= self.depth:
            mention.block = self._last
        else:
            mention.low = self.low
            self.waiting.append(mention)

    def settle(self, depth: int) -> None:
        """The walk is back at `depth`: whoever waits and is nearer to the last block gets it."""
        waiting = self.waiting
        while waiting and waiting[0].low >= depth:
            waiting.popleft().block = self._last

    def _settle_all(self, block: int) -> None:
        """Everything that waits for a block gets this one, if it was not cut off."""
        block = min(block, len(self.blocks) - 1)
        for mention in (*self._inside, *self.waiting):
            mention.block = block
        self._inside.clear()
        self.waiting.clear()

    def finish(self) -> None:
        """Ends the page: what still waits for a block belongs to the last one."""
        self.flush()
        self._settle_all(self._last)


def _lines(raw: str) -> str:
    lines = (" ".join(line.split()) for line in raw.split(BREAK))
    return "\n".join(line for line in lines if line)
