"""PDFs are read in the picture process; those that cannot be are gaps with their reason."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from core.document import Locator
from core.gap import Gap, GapKind
from core.payloads import OPAQUE_MINI_PROGRAM
from core.target import Limits
from crawler.extractors import PdfReading, PictureReference
from crawler.extractors.pdf_document import MEDIA_TYPE
from crawler.picture_decoder import MOST_FAILURES, PictureDecoder
from crawler.picture_memo import PictureMemo
from crawler.picture_process import PdfAnswer
from crawler.pictures import PictureReader, Sights
from tests.crawler.extractors.drawn import INVITATION, code, encoded
from tests.crawler.extractors.drawn_pdf import Sheet, encrypted, endless, exploding, pdf
from tests.crawler.extractors.drawn_round import mini_program_code

BROKEN = Path(__file__).parent / "broken_readers"
FLYER = "https://a.example/flyer.pdf"


def _read(*bodies: bytes, **limits: Any) -> list[PdfAnswer]:
    async def answers() -> list[PdfAnswer]:
        decoder = PictureDecoder(Limits(**limits))
        try:
            return [await decoder.read_pdf(body) for body in bodies]
        finally:
            await decoder.close()

    return asyncio.run(answers())


def _sights(
    served: dict[str, tuple[bytes, str]], memo: Path | None = None, **limits: Any
) -> Sights:
    """What the reader of a scan says of a page that links to all that is served."""

    async def fetch(url: str) -> tuple[bytes, str]:
        return served[url]

    async def sights() -> Sights:
        reader = PictureReader(fetch, lambda *_: None, Limits(**limits))
        if memo is not None:
            reader.use_memo(PictureMemo(memo))
        linked = [PictureReference(url, Locator("a"), media_type=MEDIA_TYPE) for url in served]
        try:
            return await reader.read(linked, "https://a.example/")
        finally:
            await reader.close()

    return asyncio.run(sights())


def test_text_links_and_codes_of_pages() -> None:
    first = Sheet(
        ("注册欧易享返佣", "空投"), code(), links=("https://a.example/x",), hidden=("隐藏的字",)
    )
    (answer,) = _read(pdf([first, Sheet(("Page two",))], title="返佣"))
    reading = answer.reading
    assert (answer.refused, answer.failure, reading.count, reading.title) == ("", "", 2, "返佣")
    one, two = reading.pages
    assert one.text.split() == ["注册欧易享返佣", "空投", "隐藏的字"]
    assert one.links == ("https://a.example/x",)
    assert (two.number, two.text.strip(), two.codes) == (2, "Page two", ())
    (found,) = one.codes
    left, top, width, height = found.box
    assert found.text == INVITATION
    # at 144 dpi a point is two pixels; the quiet zone is four modules of 33
    assert 200 <= left <= 245
    assert (842 - 220) * 2 <= top <= (842 - 220) * 2 + 45
    assert 160 <= width <= 240
    assert 160 <= height <= 240


def test_a_circular_mini_program_code_on_a_page() -> None:
    (answer,) = _read(pdf([Sheet(("扫码",), mini_program_code(300))]))
    assert [one.text for one in answer.reading.pages[0].codes] == [OPAQUE_MINI_PROGRAM]
    seen = _sights({FLYER: (pdf([Sheet((), mini_program_code(300))]), MEDIA_TYPE)})
    assert [(gap.kind, gap.subject) for gap in seen.gaps] == [(GapKind.OPAQUE_CODE, FLYER)]


SIZES = {
    "a wall": ((14_000, 14_000), True),
    "beyond all measure": ((1e30, 1e30), False),
    "no area": ((0, 0), False),
    "a stamp": ((130, 130), True),
}


@pytest.mark.parametrize("size, is_read", SIZES.values(), ids=SIZES)
def test_pages_of_any_size(size: tuple[float, float], is_read: bool) -> None:
    side = 100 if is_read and size[0] < 1_000 else 2_000
    (answer,) = _read(pdf([Sheet((), code(), place=(10, 10, side), size=size)]))
    assert answer.refused == ""
    codes = [one.text for page in answer.reading.pages for one in page.codes]
    assert codes == ([INVITATION] if is_read else [])


REFUSED = {
    "encrypted": (encrypted, "the PDF is encrypted and asks for a password"),
    "its beginning alone": (lambda: pdf([Sheet(("a",))])[:200], "the PDF is damaged"),
    "its end is missing": (lambda: pdf([Sheet(("a",), code())])[:-400], "the PDF is damaged"),
    "its mark alone": (lambda: b"%PDF-1.7\n", "the PDF is damaged"),
    "no page": (lambda: pdf([]), "the PDF is damaged"),
    "a page that is a line": (
        lambda: pdf([Sheet(("a",), size=(0.001, 80_000))]),
        "the PDF is damaged: page 1 cannot be read (ValueError)",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_says_why(name: str) -> None:
    make, reason = REFUSED[name]
    (answer,) = _read(make())
    assert (answer.refused, answer.reading) == (reason, PdfReading())
    seen = _sights({FLYER: (make(), MEDIA_TYPE)})
    assert (seen.pdfs, seen.gaps) == ([], [Gap(GapKind.DOCUMENT_UNREADABLE, FLYER, reason)])


def test_a_tree_of_pages_without_end_is_read_as_far_as_it_goes() -> None:
    (answer,) = _read(endless())
    assert len(answer.reading.pages) <= Limits().max_pdf_pages
    assert answer.failure == ""


def test_many_pages_are_a_gap() -> None:
    body = pdf([Sheet((f"page {number}",)) for number in range(30)])
    seen = _sights({FLYER: (body, MEDIA_TYPE)}, max_pdf_pages=3)
    ((_, reading),) = seen.pdfs
    assert [page.text.strip() for page in reading.pages] == ["page 0", "page 1", "page 2"]
    (gap,) = seen.gaps
    assert gap.kind is GapKind.BUDGET_REACHED
    assert gap.reason.startswith("27 of 30 pages of the PDF not read")


def test_a_page_that_draws_for_ever_costs_its_document_only() -> None:
    again = pdf([Sheet(("Words",))])
    broken = [exploding()] * MOST_FAILURES
    *refused, last = _read(exploding(), again, *broken, again, pdf_seconds=1)
    first, between, *rest = refused
    assert first.refused == "the PDF was not read within 1 s"
    assert between.reading.pages[0].text.strip() == "Words"
    assert {one.refused for one in rest} == {"the PDF was not read within 1 s"}
    assert last.refused.startswith("PDFs broke their reader again and again")


def test_more_linked_pdfs_than_allowed_are_a_gap() -> None:
    body = pdf([Sheet(("Words",))])
    served = {f"https://a.example/{number}.pdf": (body, MEDIA_TYPE) for number in range(7)}
    seen = _sights(served, max_pdfs_per_page=2)
    assert len(seen.pdfs) == 2
    assert [gap.reason for gap in seen.gaps] == ["5 of 7 PDFs not read (limits.max_pdfs_per_page)"]


def test_a_link_to_a_pdf_that_leads_to_a_page_is_a_gap() -> None:
    seen = _sights({FLYER: (b"<p>sign in</p>", "text/html")})
    reason = "a link to a PDF leads to `text/html`"
    assert seen.gaps == [Gap(GapKind.DOCUMENT_UNREADABLE, FLYER, reason)]


def test_a_picture_in_place_of_a_pdf_and_the_other_way_round() -> None:
    body = pdf([Sheet((), code())])

    async def fetch(url: str) -> tuple[bytes, str]:
        return body, "image/png"

    async def sights() -> Sights:
        reader = PictureReader(fetch, lambda *_: None, Limits())
        try:
            return await reader.read([PictureReference("https://a.example/q", Locator("img"))], "")
        finally:
            await reader.close()

    ((_, reading),) = asyncio.run(sights()).pdfs
    assert [one.text for one in reading.pages[0].codes] == [INVITATION]
    seen = _sights({FLYER: (encoded(code()), "image/png")})
    assert [gap.kind for gap in seen.gaps] == [GapKind.DOCUMENT_UNREADABLE]


def test_a_pdf_seen_in_an_earlier_scan_is_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = {FLYER: (pdf([Sheet(("Words",), code())]), MEDIA_TYPE)}
    first = _sights(served, tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(BROKEN / "crashes"))  # whoever reads now fails
    assert _sights(served, tmp_path).pdfs == first.pdfs
    assert _sights(served, tmp_path, max_pdf_pages=1).gaps  # not read as far as this before


@pytest.mark.parametrize("broken", ["hangs", "crashes", "raises"])
def test_a_broken_second_reader_is_a_gap(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(BROKEN / broken))
    seen = _sights({FLYER: (pdf([Sheet(("Words",), code())]), MEDIA_TYPE)}, pdf_seconds=2)
    (gap,) = seen.gaps
    assert gap.kind in (GapKind.DOCUMENT_UNREADABLE, GapKind.READER_FAILED)
    assert bool(seen.pdfs) == (broken == "raises")
