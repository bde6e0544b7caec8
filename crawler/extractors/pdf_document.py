"""What the pages of a PDF add to the document of the surface that is it or links to it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from core import Block, Document, Locator, Reference
from core.payloads import PayloadShapes
from crawler.extractors.extraction import PictureReference
from crawler.extractors.found_codes import code_block, code_references
from crawler.extractors.links import address_in, urls_in
from crawler.extractors.prose import HAN
from crawler.extractors.qr_codes import QrPayload

MEDIA_TYPE = "application/pdf"

_PATH = re.compile(r"[^?#]*\.pdf(?:[?#]|\Z)", re.IGNORECASE)
_FULL_LINE = 0.8
"""Share of the longest line of the page from which a line is taken to run on into the next."""
_SENTENCE_ENDS = ".!?:;。！？：；…"


class PdfPage(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one page says; `failure` why it could not be read. Boxes of codes are in pixels of the
    page drawn at 144 dpi."""

    number: int
    text: str = ""
    links: tuple[str, ...] = ()
    codes: tuple[QrPayload, ...] = ()
    failure: str = ""


class PdfReading(msgspec.Struct, frozen=True, omit_defaults=True):
    """The pages that were read, of `count`."""

    pages: tuple[PdfPage, ...] = ()
    count: int = 0
    title: str = ""

    @property
    def cut(self) -> str:
        """Why not all was read, or the empty string."""
        if len(self.pages) < self.count:
            return f"{self.count - len(self.pages)} of {self.count} pages of the PDF not read"
        return next((page.failure for page in self.pages if page.failure), "")


def is_pdf(body: bytes, media_type: str = "") -> bool:
    """Whether `body` is a PDF: its mark stands at the start, or near it where it says so."""
    if body[:64].lstrip(b"\xef\xbb\xbf\0\t\n\x0c\r ").startswith(b"%PDF-"):
        return True
    return media_type.startswith(MEDIA_TYPE) and b"%PDF-" in body[:1024]


def linked_pdfs(references: Iterable[Reference]) -> Iterator[PictureReference]:
    """The PDFs that a page links to or frames, by the ending of their path, each once."""
    seen: set[str] = set()
    for reference in references:
        if reference.kind not in ("link", "frame") or not _PATH.match(reference.url):
            continue
        url = reference.url.partition("#")[0]
        if url not in seen and url[:4].lower() == "http":
            seen.add(url)
            yield PictureReference(
                url, reference.locator, reference.block, reference.text, media_type=MEDIA_TYPE
            )


def with_pdfs(
    document: Document,
    found: Sequence[tuple[PictureReference, PdfReading]],
    shapes: PayloadShapes | None = None,
) -> Document:
    """`document` with the text, links and codes of PDFs after all it has.

    To be called before blocks are put in between (`with_pictures`). Text is `visible`, a block a
    paragraph. Locators are `ADDRESS#page=NUMBER`. What could not be read of them makes the document
    degraded.
    """
    blocks, references = list(document.blocks), list(document.references)
    title = document.title
    for picture, reading in found:
        for page in reading.pages:
            _add_page(blocks, references, picture, page, shapes or PayloadShapes())
        if picture.data is not None and not title:
            title = reading.title or _first_line(reading)
    cuts = dict.fromkeys(reading.cut for _, reading in found if reading.cut)
    return msgspec.structs.replace(
        document,
        title=title,
        blocks=tuple(blocks),
        references=tuple(references),
        degraded=(*document.degraded, *cuts),
    )


def _add_page(
    blocks: list[Block],
    references: list[Reference],
    picture: PictureReference,
    page: PdfPage,
    shapes: PayloadShapes,
) -> None:
    path = f"{picture.address}#page={page.number}"
    first = len(blocks)
    for text in paragraphs(page.text):
        references += (
            Reference("link", url, Locator(path), block=len(blocks)) for url in urls_in(text)
        )
        blocks.append(Block("visible", text, Locator(path)))
    beside = first if len(blocks) > first else picture.block
    references += (
        Reference("link", url, Locator(path), picture.text, beside)
        for url in dict.fromkeys(page.links)
        if address_in(url)
    )
    for code in page.codes:
        where = Locator(path, code.box)
        block = code_block(code.text, where)
        if block is not None:
            blocks.append(block)
        references += code_references(code.text, where, picture.text, beside, shapes)


def _first_line(reading: PdfReading) -> str:
    lines = (line.strip() for page in reading.pages for line in page.text.splitlines())
    return next((line[:200] for line in lines if line), "")


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a page's text, in which every line is a line of print.

    A line nearly as long as the longest, that ends no sentence, runs on into the next one.
    """
    lines = [" ".join(line.split()) for line in text.splitlines()]
    full = max(map(len, lines), default=0) * _FULL_LINE
    found: list[str] = []
    runs_on = False
    for line in lines:
        if line and runs_on:
            found[-1] += line if HAN.match(line) and HAN.match(found[-1][-1]) else f" {line}"
        elif line:
            found.append(line)
        runs_on = bool(line) and len(line) >= max(full, 10) and line[-1] not in _SENTENCE_ENDS
    return found
