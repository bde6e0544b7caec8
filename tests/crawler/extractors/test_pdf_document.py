"""What a PDF adds to the document of its surface, or of the page that links to it."""

from __future__ import annotations

import pytest

from core import Document, Locator
from core.document import PayloadType
from crawler.extractors import PdfReading, PictureReference, QrPayload, is_pdf, with_pdfs
from crawler.extractors.pdf_document import PdfPage, paragraphs
from tests.crawler.extractors.captured import capture, read
from tests.crawler.extractors.drawn_pdf import Sheet, pdf

FLYER = "https://shop.example.com/flyer.pdf"
CODE = QrPayload("https://www.okx.com/join/1", (5, 6, 70, 70))

PARAGRAPHS = {
    "a line runs on": (
        "注册欧易交易所并完成首笔交\n易返佣四成\n\n另一段",
        ["注册欧易交易所并完成首笔交易返佣四成", "另一段"],
    ),
    "words get a blank": (
        "Register with this link and get\nforty percent",
        ["Register with this link and get forty percent"],
    ),
    "a short line ends": (
        "活动规则\n一、注册账号并完成实名认证即可",
        ["活动规则", "一、注册账号并完成实名认证即可"],
    ),
    "a sentence ends": (
        "今天的活动到此为止，谢谢大家。\n明天的活动请看下一张海报。",
        ["今天的活动到此为止，谢谢大家。", "明天的活动请看下一张海报。"],
    ),
    "blank lines": ("\r\n \r\na\r\n\r\n", ["a"]),
    "nothing": ("", []),
}


@pytest.mark.parametrize("text, expected", PARAGRAPHS.values(), ids=PARAGRAPHS)
def test_paragraphs(text: str, expected: list[str]) -> None:
    assert paragraphs(text) == expected


def test_a_linked_pdf_stands_after_the_page() -> None:
    extraction = read('<p>一</p><p>下载 <a href="/flyer.pdf">活动详情</a></p><p>二</p>')
    (picture,) = extraction.pictures
    assert (picture.url, picture.text, picture.is_pdf) == (FLYER, "活动详情", True)
    first = PdfPage(1, "返佣见 https://t.me/x\n", links=("https://a.example/y", "javascript:1"))
    reading = PdfReading((first, PdfPage(2, codes=(CODE, QrPayload("进群", (0, 0, 9, 9))))), 2)
    document = with_pdfs(extraction.document, [(picture, reading)])
    assert [(one.kind, one.text) for one in document.blocks] == [
        ("visible", "一"),
        ("visible", "下载 活动详情"),
        ("visible", "二"),
        ("visible", "返佣见 https://t.me/x"),
        ("qr_text", "进群"),
    ]
    assert [(one.kind, one.url, one.block) for one in document.references] == [
        ("link", FLYER, 1),
        ("link", "https://t.me/x", 3),
        ("link", "https://a.example/y", 3),
        ("qr", CODE.text, 1),
    ]
    code = document.references[-1]
    assert code.locator == Locator(f"{FLYER}#page=2", CODE.box)
    assert (code.text, code.payload) == ("活动详情", PayloadType.URL)
    assert document.degraded == ()


def test_what_was_not_read_of_it_makes_the_document_degraded() -> None:
    document = Document(surface="marketing_page", url=FLYER)
    picture = PictureReference(FLYER, Locator(""), data=b"%PDF-")
    cut = PdfReading((PdfPage(1, "Words"),), 30)
    damaged = PdfReading((PdfPage(1, "Words"), PdfPage(2, failure="page 2 cannot be read")), 2)
    assert with_pdfs(document, [(picture, cut)]).degraded == ("29 of 30 pages of the PDF not read",)
    assert with_pdfs(document, [(picture, damaged)]).degraded == ("page 2 cannot be read",)
    assert with_pdfs(document, [(picture, cut)]).title == "Words"


def test_a_surface_that_is_a_pdf_is_handed_on_to_be_read() -> None:
    body = pdf([Sheet(("Words",))])
    extraction = read(body, "application/octet-stream", FLYER)
    (picture,) = extraction.pictures
    assert (picture.address, picture.data, picture.is_pdf) == (FLYER, body, True)
    assert (extraction.gaps, extraction.document.degraded) == ((), ())


BODIES = {
    "plain": (b"%PDF-1.4 ...", "", True),
    "behind a mark": (b"\xef\xbb\xbf\r\n%PDF-1.4", "", True),
    "behind rubbish, called PDF": (b"rubbish\n" * 50 + b"%PDF-1.4", "application/pdf", True),
    "behind rubbish": (b"rubbish\n" * 50 + b"%PDF-1.4", "text/html", False),
    "a page about PDFs": (b"<p>%PDF-1.4</p>", "text/html", False),
    "a page called PDF": (b"<p>not found</p>", "application/pdf", False),
}


@pytest.mark.parametrize("body, kind, expected", BODIES.values(), ids=BODIES)
def test_what_is_a_pdf(body: bytes, kind: str, expected: bool) -> None:
    assert is_pdf(body, kind) is expected
    assert any(one.is_pdf for one in read(body, kind).pictures) is expected
    assert capture(body, kind).body == body
