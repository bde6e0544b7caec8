"""What an extractor hands back: the document, and what is left for the crawler to do."""

from __future__ import annotations

import msgspec

from core import Document, Gap, Locator


class PictureReference(msgspec.Struct, frozen=True, omit_defaults=True):
    """A picture the page shows, to be searched for QR codes, or a PDF (by its `media_type`).

    Either `url` (absolute, http or https) is to be fetched, or `data` already holds the bytes (a
    `data:` URI or an inline SVG, with `url` empty, or the surface itself where it is a PDF).
    `block` is the index of the neighbouring text block or -1, `text` the picture's alt text or the
    text of the link around it.
    """

    url: str
    locator: Locator
    block: int = -1
    text: str = ""
    data: bytes | None = None
    media_type: str = ""

    @property
    def is_pdf(self) -> bool:
        """Whether this is a PDF, to be read page by page."""
        return self.media_type.startswith("application/pdf")

    @property
    def address(self) -> str:
        """What to call the picture in a gap or locator: its URL, or its place in the page."""
        return self.url or self.locator.path


class Extraction(msgspec.Struct, frozen=True, omit_defaults=True):
    """Everything one capture yields without fetching anything.

    `pictures` begin with those most likely to hold a code, as a target may limit their number.
    `is_shell`: scripts build what a reader sees, so the page has to be rendered to be judged.
    `next_hop`: absolute URL that the page itself leads to within 5 seconds (meta refresh or a
    trivial script), or the empty string.
    """

    document: Document
    pictures: tuple[PictureReference, ...] = ()
    is_shell: bool = False
    gaps: tuple[Gap, ...] = ()
    next_hop: str = ""


class Bounds(msgspec.Struct, frozen=True):
    """What one page may cost. Beyond a bound the rest is left out and the page is degraded, so the
    numbers are far above what pages made for readers hold."""

    block_chars: int = 20_000
    title_chars: int = 1_000
    attribute_chars: int = 4_000
    blocks: int = 10_000
    references: int = 5_000
    pictures: int = 500
    nodes: int = 400_000
    drawing_chars: int = 4_000_000
    script_chars: int = 2_000_000
    data_strings: int = 20_000
    script_blocks: int = 3_000


BOUNDS = Bounds()
