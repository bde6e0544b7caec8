"""The pages of a PDF: their text, their links, the codes drawn on them.

PDFium is native code that reads hostile files: only the picture process loads this module
(`crawler/picture_process.py`), where a crash or a hang costs one document. The build used has no
JavaScript and no forms (XFA), and PDFium fetches nothing.
"""

from __future__ import annotations

import ctypes
import math
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image

from core.errors import Unreadable
from core.target import Limits
from core.text import printable
from crawler.extractors.pdf_document import PdfPage, PdfReading
from crawler.extractors.qr_codes import QrPayload

PIXELS_PER_POINT = 2.0
"""Pages are drawn at 144 dpi: a code of 2 cm is 113 pixels wide, three for each module."""

_MOST_PIXELS = 16_000_000
_MOST_CHARS = 300_000
_MOST_LINKS = 500
_MOST_LINK_CHARS = 2_000
_MOST_CODES = 200
_SHARE_OF_TIME = 0.6
"""Of `limits.pdf_seconds`, after which no further page is begun: what was read until then stands,
while a page that hangs costs the whole document."""

Decode = Callable[[Image.Image], list[QrPayload]]
_REASONS = {
    pdfium.FPDF_ERR_PASSWORD: "the PDF is encrypted and asks for a password",
    pdfium.FPDF_ERR_SECURITY: "the PDF is encrypted in a way that is not supported",
    pdfium.FPDF_ERR_FORMAT: "the PDF is damaged",
}


def read_pdf(body: bytes, limits: Limits, decode: Decode) -> PdfReading:
    """The first `limits.max_pdf_pages` pages of the PDF `body`; `decode` reads a page's codes.

    Raises Unreadable when it is encrypted with a password, damaged, or has no page.
    """
    until = time.monotonic() + limits.pdf_seconds * _SHARE_OF_TIME
    try:
        document = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as error:
        reason = _REASONS.get(error.err_code or 0, "the PDF is damaged")
        raise Unreadable(reason) from error
    with closing(document):
        count = len(document)
        if count < 1:
            raise Unreadable("the PDF is damaged: it has no page")
        pages: list[PdfPage] = []
        room = _Room()
        for number in range(1, min(count, limits.max_pdf_pages) + 1):
            if pages and time.monotonic() > until:
                break
            pages.append(_page(document, number, limits, decode, room))
        title = printable(document.get_metadata_value("Title"))[:300].strip()
    if all(page.failure for page in pages):
        raise Unreadable(f"the PDF is damaged: {pages[0].failure}")
    return PdfReading(tuple(pages), count, title)


class _Room:
    """What one document may still add."""

    def __init__(self) -> None:
        self.chars = _MOST_CHARS
        self.links = _MOST_LINKS
        self.codes = _MOST_CODES


def _page(
    document: pypdfium2.PdfDocument, number: int, limits: Limits, decode: Decode, room: _Room
) -> PdfPage:
    try:
        with closing(document[number - 1]) as page:
            text = _text(page)[: room.chars]
            links = tuple(_links(document, page, room.links))
            codes = tuple(_codes(page, limits, decode))[: room.codes]
    except (pypdfium2.PdfiumError, ValueError, OverflowError) as error:
        return PdfPage(number, failure=f"page {number} cannot be read ({type(error).__name__})")
    room.chars -= len(text)
    room.links -= len(links)
    room.codes -= len(codes)
    return PdfPage(number, text, links, codes)


def _text(page: pypdfium2.PdfPage) -> str:
    with closing(page.get_textpage()) as text:
        found: str = text.get_text_range()
        return found


def _codes(page: pypdfium2.PdfPage, limits: Limits, decode: Decode) -> Iterator[QrPayload]:
    """Codes of the drawn page, their boxes in pixels at 144 dpi whatever it was drawn at."""
    width, height = page.get_size()
    if not (0 < width < math.inf and 0 < height < math.inf):
        raise ValueError("a page without an area")
    most = min(limits.max_picture_pixels, _MOST_PIXELS)
    scale = min(PIXELS_PER_POINT, math.sqrt(most / (width * height)))
    if min(width, height) * scale < 1:
        raise ValueError("a page that is a mere line")
    with closing(page.render(scale=scale, grayscale=True, may_draw_forms=False)) as bitmap:
        picture = bitmap.to_pil().convert("L")
    enlarged = PIXELS_PER_POINT / scale
    for code in decode(picture):
        left, top, wide, high = (round(side * enlarged) for side in code.box)
        yield QrPayload(code.text, (left, top, wide, high))


def _links(document: pypdfium2.PdfDocument, page: pypdfium2.PdfPage, most: int) -> Iterator[str]:
    """Addresses of the page's link annotations (ISO 32000-1, 12.6.4.7), in their order."""
    at, link = ctypes.c_int(0), pdfium.FPDF_LINK()
    for _ in range(most):
        if not pdfium.FPDFLink_Enumerate(page.raw, ctypes.byref(at), ctypes.byref(link)):
            return
        action = pdfium.FPDFLink_GetAction(link)
        size = pdfium.FPDFAction_GetURIPath(document.raw, action, None, 0) if action else 0
        if not 1 < size <= _MOST_LINK_CHARS:
            continue
        buffer = ctypes.create_string_buffer(size)
        pdfium.FPDFAction_GetURIPath(document.raw, action, buffer, size)
        yield printable(buffer.value.decode("utf-8", "replace")).strip()
