"""What is taken of a rendered page: its picture, and where in it each element stands."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from PIL import Image
from playwright.async_api import async_playwright
from scrapy.http import HtmlResponse, Response

from core import Box, Capture
from crawler.browser import launch_options
from crawler.browser_view import View, always, look
from crawler.extractors import extract

UNUSED_PROXY = "http://127.0.0.1:9"
PAGE = """<!DOCTYPE html><title>title</title><style>p::before { content: "added" }</style>
<body style="margin:0; font:16px/20px sans-serif">
<div><p>first</p><p>second <b>bold</b> tail</p></div>
<div style="width:200px; height:100px; background:#0000ff"></div>
<table><tr><td>cell</table>
<x-box></x-box>
<iframe srcdoc="<p>framed"></iframe>
<div style="display:none"><p>hidden</p></div>
<div style="height:9000px"></div>
<p>below the picture</p>
<script>
document.querySelector("x-box").attachShadow({mode: "open"}).innerHTML = "<p>shadow</p>";
Element.prototype.getBoundingClientRect = () => ({x: 7, y: 7, width: 7, height: 7});
Object.defineProperty(document.documentElement, "scrollHeight", {get: () => 1});
scrollTo(0, 400);
</script>"""


@pytest.fixture(scope="module")
def seen() -> tuple[View, str]:
    return asyncio.run(_seen())


async def _seen() -> tuple[View, str]:
    view, body = await _looked_at(PAGE)
    assert view is not None
    return view, body


async def _looked_at(
    html: str, wanted: Callable[[Response], bool] = always
) -> tuple[View | None, str]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**launch_options(UNUSED_PROXY))
        context = await browser.new_context(viewport={"width": 1_280, "height": 900})
        page = await context.new_page()
        await page.set_content(html)
        drawn = HtmlResponse("https://pages.test/", body=(await page.content()).encode())
        response, view = await look(page, drawn, wanted=wanted)
        await browser.close()
        return view, response.body.decode()


@pytest.fixture
def boxes(seen: tuple[View, str]) -> dict[str, Box]:
    return dict(seen[0].boxes)


def test_the_picture_is_a_png_of_bounded_height_whatever_the_page_says(
    seen: tuple[View, str],
) -> None:
    with Image.open(io.BytesIO(seen[0].picture)) as picture:
        assert (picture.format, picture.size) == ("PNG", (1_280, 8_000))


def test_boxes_lie_where_the_picture_shows_the_elements(
    seen: tuple[View, str], boxes: dict[str, Box]
) -> None:
    left, top, width, height = boxes["body/div[2]"]
    assert (width, height) == (200, 100)
    with Image.open(io.BytesIO(seen[0].picture)) as picture:
        blue = picture.convert("RGB")
    assert blue.getpixel((left + 1, top + 1)) == (0, 0, 255)
    assert blue.getpixel((left + width - 1, top + height - 1)) == (0, 0, 255)
    assert blue.getpixel((left + width + 1, top + 1)) == (255, 255, 255)


def test_every_visible_block_of_the_document_has_a_box(
    seen: tuple[View, str], boxes: dict[str, Box]
) -> None:
    capture = Capture(
        requested_url="https://pages.test/",
        final_url="https://pages.test/",
        body=seen[1].encode(),
        taken_at=datetime.now(UTC),
        rendered=True,
    )
    blocks = extract(capture).document.blocks
    paths = {block.locator.path: block.text for block in blocks if block.kind == "visible"}
    shown = {path: text for path, text in paths.items() if path in boxes}
    assert set(shown.values()) == {"first", "second bold tail", "cell"}
    assert {text for path, text in paths.items() if path not in boxes} == {
        "shadow",
        "framed",
        "below the picture",
    }


def test_boxes_are_as_tight_as_the_words(boxes: dict[str, Box]) -> None:
    assert boxes["body/div[1]/p[1]"][2] < 200
    left, top, width, height = boxes["body/div[1]/p[2]/b[1]"]
    outer = boxes["body/div[1]/p[2]"]
    assert outer[0] < left and left + width < outer[0] + outer[2]
    assert (top, height) == (outer[1], outer[3])


def test_what_hides_or_stands_in_a_shadow_has_none(boxes: dict[str, Box]) -> None:
    assert "body/div[3]" not in boxes
    assert not any(path.startswith("body/x-box[1]/") for path in boxes)
    assert all(path.partition("/")[0] == "body" for path in boxes)


_DRAWING = {
    "canvas": "<canvas width=100 height=100></canvas>",
    "video": "<video width=100 height=100></video>",
    "another document": "<iframe srcdoc='<p>framed'></iframe>",
    "a background": "<div style='width:9px; height:9px; background:url(data:image/png,)'></div>",
    "a background set by a script": "<div id=d>words</div><script>"
    "const sheet = new CSSStyleSheet(); sheet.replaceSync('#d {background-image: url(/code.png)}');"
    "document.adoptedStyleSheets = [sheet]</script>",
    "shadows": "<div id=d style='width:5px; height:5px'></div><script>d.style.boxShadow ="
    "Array.from({length: 200}, (_, n) => `${n % 20 * 5}px ${n}px black`).join(',')</script>",
    "small boxes": "<style>td {width:5px; height:5px; padding:0; background:#000}</style><table>"
    + ("<tr>" + "<td></td>" * 21) * 21
    + "</table>",
    "block characters": "<pre>" + "█▀▄ ▀█▄█ ▀▄▀\n" * 12 + "</pre>",
}


@pytest.mark.parametrize("html", _DRAWING.values(), ids=_DRAWING)
def test_a_page_that_draws_is_pictured_though_nobody_asked(html: str) -> None:
    view, _ = asyncio.run(_looked_at(html, lambda _: False))
    assert view is not None


def test_a_page_of_words_is_pictured_only_where_that_is_wanted() -> None:
    html = "<h1>Opening hours</h1><ul>" + "<li>Monday</li>" * 300 + "</ul>"
    asked = []
    view, body = asyncio.run(_looked_at(html, lambda response: bool(asked.append(response))))
    assert view is None
    assert "Opening hours" in body
    assert len(asked) == 1
    assert asyncio.run(_looked_at(html))[0] is not None


@pytest.mark.parametrize("mode", ["open", "closed"])
def test_words_in_a_shadow_tree_are_read(mode: str) -> None:
    html = f"""<p>outside</p><x-box></x-box><script>document.querySelector("x-box")
    .attachShadow({{mode: "{mode}"}}).innerHTML = "<p>in the shadow</p>"</script>"""
    _, body = asyncio.run(_looked_at(html))
    capture = Capture(
        requested_url="https://pages.test/",
        final_url="https://pages.test/",
        body=body.encode(),
        taken_at=datetime.now(UTC),
    )
    texts = [block.text for block in extract(capture).document.blocks if block.kind == "visible"]
    assert texts == ["outside", "in the shadow"]
