"""What pictures say in words, as blocks of the document."""

from __future__ import annotations

from collections.abc import Sequence

from core import Block, Locator
from crawler.extractors.banner_text import TextLine
from crawler.extractors.extraction import PictureReference


def word_blocks(picture: PictureReference, lines: Sequence[TextLine]) -> list[Block]:
    """One `ocr` block a line, each with the picture's address and the line's box in it."""
    return [Block("ocr", line.text, Locator(picture.address, line.box)) for line in lines]
