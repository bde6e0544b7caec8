"""A reference or picture while the page is still being read."""

from __future__ import annotations

import msgspec

from core import Locator, Reference
from core.document import ReferenceKind
from crawler.extractors.extraction import PictureReference

_TEXT_CHARS = 300


class Mention(msgspec.Struct):
    """Something that leads away, its neighbouring block perhaps not known yet.

    `room` is how many characters of text it still takes while its element is open. `low` is the
    least depth of the walk between it and the block before it (see `Blocks`).
    """

    kind: ReferenceKind
    url: str
    path: str
    hidden: bool = False
    text: str = ""
    title: str = ""
    block: int = -1
    low: int = -1
    room: int = _TEXT_CHARS
    pieces: list[str] = []
    data: bytes | None = None
    media_type: str = ""

    def add(self, text: str) -> None:
        """Takes a piece of what the reader sees of it."""
        self.pieces.append(text)
        self.room -= len(text)

    def text_so_far(self) -> str:
        """What was collected, blanks folded."""
        return " ".join("".join(self.pieces).split())[:_TEXT_CHARS]

    def close(self) -> None:
        """Its element has ended: what was collected becomes its text."""
        self.text = self.text_so_far() or self.text or self.title
        self.pieces = []

    def reference(self) -> Reference:
        """The finished reference."""
        return Reference(
            self.kind, self.url, Locator(self.path), self.text, self.block, self.hidden
        )

    def picture(self) -> PictureReference:
        """The finished picture."""
        return PictureReference(
            self.url, Locator(self.path), self.block, self.text, self.data, self.media_type
        )
