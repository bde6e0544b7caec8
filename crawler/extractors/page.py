"""A capture into a document: decoding, the page's sort, the walk, and what could not be read."""

from __future__ import annotations

import re

from core import Capture, Document, Gap, GapKind, Locator, Reference
from core.document import Surface
from crawler.extractors.charset import decode_text
from crawler.extractors.elements import RULES
from crawler.extractors.extraction import Extraction, PictureReference
from crawler.extractors.html_page import HtmlPage
from crawler.extractors.mention import Mention
from crawler.extractors.next_hop import next_hop
from crawler.extractors.pdf_document import MEDIA_TYPE, is_pdf, linked_pdfs
from crawler.extractors.plain_text import read_plain
from crawler.extractors.shell import is_shell
from crawler.extractors.signatures import binary_kind
from crawler.extractors.walk import read_html

_LOOKS_LIKE_HTML = re.compile(
    r"<(?:!doctype|html|head|body|div|p|a|script|meta|title|span|br|table|h[1-6]|ul|img|iframe|"
    r"svg|\?xml)\b",
    re.IGNORECASE,
)
_CODE_HINT = re.compile(
    r"qr|ewm|erweima|weixin|wechat|wx|poster|haibao|扫|二维码|二維碼|掃|进群|入群|加群|進群|海报|海報",
    re.IGNORECASE,
)
_PLAIN_TYPES = ("text/plain", "application/json", "text/json", "text/csv", "text/markdown",
                "application/x-ndjson", "application/javascript", "text/javascript")  # fmt: skip


def extract(capture: Capture, surface: Surface = "marketing_page") -> Extraction:
    """All that `capture` says, without fetching anything. Never raises on hostile content.

    What could not be read is in `gaps` and makes the document `degraded`.
    """
    if not capture.body or capture.body.isspace():
        return _unread(capture, surface, GapKind.EMPTY_BODY, "the response has no body")
    if is_pdf(capture.body, capture.header("content-type")):
        return _pdf(capture, surface)
    kind = binary_kind(capture.body)
    if kind:
        return _unread(capture, surface, GapKind.NOT_A_PAGE, f"the body is {kind}, not a page")
    content_type = capture.header("content-type")
    text, encoding, lossy = decode_text(capture.body, content_type)
    page = HtmlPage(capture.final_url, RULES)
    if _is_plain(content_type, text):
        read_plain(page, text)
    else:
        as_it_is = encoding == "utf-8" and not lossy and capture.body[:1] == b"<"
        read_html(page, capture.body if as_it_is else text, page.root)
        page.finish()
    return _finished(capture, surface, page, encoding, lossy)


def _pdf(capture: Capture, surface: Surface) -> Extraction:
    """A surface that is a PDF: a document without text yet, and itself as what is to be read."""
    document = Document(
        surface=surface, url=capture.final_url, references=tuple(_redirects(capture))
    )
    itself = PictureReference(
        capture.final_url, Locator(""), data=capture.body, media_type=MEDIA_TYPE
    )
    return Extraction(document=document, pictures=(itself,))


def _is_plain(content_type: str, text: str) -> bool:
    sort = content_type.partition(";")[0].strip().lower()
    if sort.startswith(_PLAIN_TYPES) or sort.endswith("+json"):
        return True
    if "html" in sort or "xml" in sort:
        return False
    return _LOOKS_LIKE_HTML.search(text[:4_096]) is None


def _finished(
    capture: Capture, surface: Surface, page: HtmlPage, encoding: str, lossy: bool
) -> Extraction:
    degraded: list[str] = []
    gaps: list[Gap] = []
    if page.cut:
        reason = f"more than one page may hold: {', '.join(page.cut)} were cut"
        degraded.append(reason)
        gaps.append(Gap(GapKind.BUDGET_REACHED, capture.final_url, reason))
    if lossy:
        degraded.append(f"some characters could not be read as {encoding}")
    document = Document(
        surface=surface,
        url=capture.final_url,
        title=page.title,
        blocks=tuple(page.blocks),
        references=(*_redirects(capture), *(mention.reference() for mention in page.references)),
        encoding=encoding,
        degraded=tuple(degraded),
    )
    return Extraction(
        document=document,
        pictures=(*_likeliest_first(page), *linked_pdfs(document.references)),
        is_shell=not capture.rendered and is_shell(page),
        gaps=tuple(gaps),
        next_hop=next_hop(page, rendered=capture.rendered),
    )


def _likeliest_first(page: HtmlPage) -> tuple[PictureReference, ...]:
    """The page's pictures: those at hand, those that are called or announced as a code, the rest,
    so that whoever reads only some of them reads these."""

    def rank(picture: Mention) -> int:
        if picture.data is not None:
            return 0
        around = page.blocks[picture.block].text[:300] if picture.block >= 0 else ""
        return 1 if _CODE_HINT.search(f"{picture.url} {picture.text} {around}") else 2

    return tuple(mention.picture() for mention in sorted(page.pictures, key=rank))


def _redirects(capture: Capture) -> list[Reference]:
    """Where the capture was led on its way: every hop after the first, the end, and beyond."""
    on_the_way = [hop.url for hop in capture.hops[1:]]
    if capture.hops:
        on_the_way.append(capture.final_url)
    if capture.leads_to:
        on_the_way.append(capture.leads_to)
    return [
        Reference("redirect", url, Locator(f"redirect[{number}]"))
        for number, url in enumerate(dict.fromkeys(on_the_way), 1)
    ]


def _unread(capture: Capture, surface: Surface, kind: GapKind, reason: str) -> Extraction:
    document = Document(
        surface=surface,
        url=capture.final_url,
        references=tuple(_redirects(capture)),
        degraded=(reason,),
    )
    return Extraction(document=document, gaps=(Gap(kind, capture.final_url, reason),))
