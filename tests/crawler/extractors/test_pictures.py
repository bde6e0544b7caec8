"""Where pictures come from, what stands next to them, and what their codes add."""

from __future__ import annotations

import pytest

from core import Document, Locator
from core.target import Limits
from crawler.extractors import PictureReference, QrPayload, decode_picture, with_pictures
from crawler.extractors.picture_sources import (
    css_pictures,
    data_uri,
    largest_candidate,
    may_hold_code,
    payload_in_url,
)
from tests.crawler.extractors import drawn
from tests.crawler.extractors.captured import read

HOST = "https://shop.example.com"

SOURCES = {
    "img": ('<img src="/a.png">', ["/a.png"]),
    "largest of a set": ('<img srcset="/s.png 100w, /l.png 900w, /m.png 300w">', ["/l.png"]),
    "lazy": ('<img src="/wait.gif" data-src="/a.png">', ["/wait.gif", "/a.png"]),
    "lazy, other names": (
        '<img data-original="/a.png"><img data-lazy-src="/b.png">',
        ["/a.png", "/b.png"],
    ),
    "picture element": (
        '<picture><source srcset="/a.webp 2x, /b.webp"><img src="/c.png"></picture>',
        ["/a.webp", "/c.png"],
    ),
    "style attribute": ("<div style=\"background:url('/a.png') no-repeat\">x</div>", ["/a.png"]),
    "style sheet": (
        "<style>.q{background-image:url(/a.png)} @font-face{src:url(/f.woff2)}</style>",
        ["/a.png"],
    ),
    "poster of a film": ('<video poster="/a.jpg"></video>', ["/a.jpg"]),
    "poster that a script loads": (
        '<video data-poster="/a.jpg"></video><video poster="/b.jpg" data-cover="/c.jpg"></video>',
        ["/a.jpg", "/b.jpg", "/c.jpg"],
    ),
    "picture for sharing": (
        '<meta property="og:image" content="/a.png">'
        '<meta name="twitter:image" content="https://shop.example.com/b.png">'
        '<link rel="image_src" href="/c.png">',
        ["/a.png", "/b.png", "/c.png"],
    ),
    "still of a film": (
        '<meta itemprop="thumbnailUrl" content="/a.png">'
        '<link itemprop="thumbnailUrl" href="/b.png">',
        ["/a.png", "/b.png"],
    ),
    "still of a film in JSON-LD": (
        '<script type="application/ld+json">{"@type":"VideoObject","name":"a",'
        '"thumbnailUrl":["/a.png", "https://shop.example.com/b.png"]}</script>'
        '<script type="application/ld+json">{"thumbnailUrl": "\\/c.png", "url": "/d"}</script>',
        ["/a.png", "/b.png", "/c.png"],
    ),
    "linked and framed PDFs": (
        '<a href="/a.pdf">a</a><embed src="/b.PDF?v=1"><a href="/a.pdf#page=2">b</a>'
        '<a href="/pdf">c</a>',
        ["/a.pdf", "/b.PDF?v=1"],
    ),
    "image button": ('<input type="image" src="/a.png">', ["/a.png"]),
    "picture inside a drawing": (
        '<svg><image href="/a.png"/><image xlink:href="/b.png"/></svg>',
        ["/a.png", "/b.png"],
    ),
    "each once": ('<img src="/a.png"><img src="/a.png#x"><img src="/a.png">', ["/a.png"]),
    "counting pixels": ('<img src="/t.gif" width="1" height="1"><img src="/u.gif" height=0>', []),
    "icons of the page": ('<link rel="icon" href="/favicon.ico">', []),
    "no address": ('<img><img src=""><img src="about:blank"><img src="javascript:1">', []),
}


@pytest.mark.parametrize("html, paths", SOURCES.values(), ids=SOURCES)
def test_sources(html: str, paths: list[str]) -> None:
    assert [picture.url for picture in read(html).pictures] == [HOST + path for path in paths]


def test_pictures_in_the_page_need_no_fetching() -> None:
    png = drawn.encoded(drawn.code())
    html = f"""<p>扫码</p><img alt="码" src="{drawn.data_uri(png)}"><p>二</p>{drawn.svg()}
    <div style="background:url({drawn.data_uri(png)})">三</div>"""
    pictures = read(html).pictures
    assert [(one.url, one.media_type, one.text) for one in pictures] == [
        ("", "image/png", "码"),
        ("", "image/svg+xml", ""),
    ]
    assert pictures[0].data == png
    assert [one.address for one in pictures] == ["body/img[1]", "body/svg[1]"]
    for picture in pictures:
        assert picture.data is not None
        found = decode_picture(picture.data, Limits(), picture.media_type)
        assert [payload.text for payload in found] == [drawn.INVITATION]


NEIGHBOURS = {
    "caption after": ('<p>一</p><div><img src="/q.png"><p>扫码进群</p></div>', "扫码进群"),
    "caption before": ('<div><p>扫码进群</p><img src="/q.png"></div><p>二</p>', "扫码进群"),
    "in the line": ('<p>一</p><p>扫码 <img src="/q.png"> 进群</p>', "扫码 进群"),
    "in a link": ('<p>一</p><p><a href="/a"><img src="/q.png"></a>扫码</p>', "扫码"),
    "style sheet": (
        "<style>.q{background:url(/q.png)}</style><p>一</p><div><p>扫码</p><i class=q></i></div>",
        "扫码",
    ),
    "style sheet, not used": ("<style>.q{background:url(/q.png)}</style><p>一</p>", None),
}


@pytest.mark.parametrize("html, text", NEIGHBOURS.values(), ids=NEIGHBOURS)
def test_neighbouring_block(html: str, text: str | None) -> None:
    extraction = read(html)
    block = extraction.pictures[0].block
    assert (extraction.document.blocks[block].text if block >= 0 else None) == text


def test_text_of_a_picture_is_its_alt_text_or_that_of_its_link() -> None:
    html = """<img src="/a.png" alt="甲"><img src="/b.png" title="乙">
    <a href="/x">去扫码<img src="/c.png"></a>"""
    assert {picture.text for picture in read(html).pictures} == {"甲", "乙", "去扫码"}


def test_pictures_most_likely_to_hold_a_code_come_first() -> None:
    html = f"""<p>山货</p><img src="/1.jpg"><img src="/2.jpg" alt="群二维码"><img src="/qr3.png">
    <div><p>扫码进群</p><img src="/4.jpg"></div><div><p>店面</p><img src="/5.jpg"></div>
    <img src="{drawn.data_uri(drawn.encoded(drawn.code()))}">"""
    assert [picture.url[-5:] for picture in read(html).pictures] == [
        "", "2.jpg", "r3.png"[-5:], "4.jpg", "1.jpg", "5.jpg",
    ]  # fmt: skip


def test_a_code_drawn_by_a_service_says_its_payload_in_its_address() -> None:
    html = '<p>加入</p><img src="https://api.qr.example/create-qr-code/?size=1&data=https%3A%2F%2Ft.me%2Fx">'
    extraction = read(html)
    assert len(extraction.pictures) == 1
    found = extraction.document.references
    assert [(one.kind, one.url, one.block) for one in found] == [("qr", "https://t.me/x", 0)]


PAYLOADS = {
    "https://chart.example/chart?cht=qr&chl=https://a.example/x": "https://a.example/x",
    "https://a.example/qrcode?text=okx%3A%2F%2Fjoin": "okx://join",
    "https://a.example/qr?url=https%3A%2F%2Fb.example%2Fy%3Fz%3D1": "https://b.example/y?z=1",
    "https://a.example/qr?text=hello": "",
    "https://a.example/photo?url=https://b.example/x.png": "",
    "https://a.example/qr.png": "",
    "https://[qr?data=https://a.example/": "",
}


@pytest.mark.parametrize("url, payload", PAYLOADS.items())
def test_payloads_in_addresses(url: str, payload: str) -> None:
    assert payload_in_url(url) == payload


CANDIDATES = {
    "a.png 1x, b.png 2x": "b.png",
    "a.png": "a.png",
    " a.png 100w , b.png 50w": "a.png",
    "data:image/png;base64,AAAA 1x, b.png 3x": "b.png",
    "a.png 1.5x, b.png 9..9x": "a.png",
    "": "",
    ", ,": "",
}


@pytest.mark.parametrize("srcset, address", CANDIDATES.items())
def test_largest_candidate(srcset: str, address: str) -> None:
    assert largest_candidate(srcset) == address


CSS = {
    "background:url(a.png)": ["a.png"],
    "background:URL( 'a b.png' ) , url(\"c.png\")": ["a b.png", "c.png"],
    "background:url(data:image/png;base64,AA==)": ["data:image/png;base64,AA=="],
    "src:url(a.woff2) format('x'), url(data:font/woff;base64,AA)": [],
    "background:url(": [],
    "background:url()": [],
    "background:url('a.png": [],
}


@pytest.mark.parametrize("style, addresses", CSS.items())
def test_pictures_in_styles(style: str, addresses: list[str]) -> None:
    assert css_pictures(style) == addresses


def test_data_uris() -> None:
    body = bytes(range(200))
    assert data_uri(drawn.data_uri(body)) == ("image/png", body)
    assert data_uri("data:image/svg+xml,%3Csvg" + "%20" * 100) == (
        "image/svg+xml",
        b"<svg" + b" " * 100,
    )
    assert data_uri(drawn.data_uri(body, "text/html")) is None
    assert data_uri(drawn.data_uri(b"tiny")) is None
    assert data_uri("data:image/png;base64") is None
    assert data_uri("data:image/png;base64," + "A" * 201) is None


def test_icons_are_not_looked_at() -> None:
    icon = "<svg viewBox='0 0 24 24'><path d='M2 2L20 20z'/></svg>"
    assert not may_hold_code(icon)
    assert not may_hold_code(icon.replace("z'", "L1 1" * 200 + "'"))
    assert may_hold_code(drawn.svg())
    assert read(icon + icon).pictures == ()


def test_codes_become_references_and_blocks_beside_their_neighbour() -> None:
    html = """<p>一</p><p>扫码<img src="/q.png" alt="群码"></p><p><a href="/x">二</a></p>"""
    extraction = read(html)
    picture = extraction.pictures[0]
    png = drawn.encoded(drawn.code("加微信 demo-88 进群"))
    say = [*decode_picture(drawn.encoded(drawn.code()), Limits()), *decode_picture(png, Limits())]
    document = with_pictures(extraction.document, [(picture, say)])
    assert [(one.kind, one.text) for one in document.blocks] == [
        ("visible", "一"),
        ("alt", "群码"),
        ("visible", "扫码"),
        ("qr_text", "加微信 demo-88 进群"),
        ("visible", "二"),
    ]
    link, code = document.references
    assert (link.url, document.blocks[link.block].text) == (f"{HOST}/x", "二")
    assert (code.kind, code.url, code.text) == ("qr", drawn.INVITATION, "群码")
    assert document.blocks[code.block].text == "扫码"
    assert code.locator.path == f"{HOST}/q.png"
    assert code.locator.box is not None


SAID = {
    "https://www.okx.com/join/1": (["https://www.okx.com/join/1"], []),
    "HTTPS://U.EXAMPLE/ABC": (["HTTPS://U.EXAMPLE/ABC"], []),
    "//a.example/x": (["https://a.example/x"], []),
    "weixin://dl/chat": (["weixin://dl/chat"], []),
    "a.example/join/1": (["http://a.example/join/1"], ["a.example/join/1"]),
    "进群 https://t.me/x": (["https://t.me/x"], ["进群 https://t.me/x"]),
    "邀请码 AB12": ([], ["邀请码 AB12"]),
    "bitcoin:bc1qdemo": ([], ["bitcoin:bc1qdemo"]),
    "": ([], []),
}


@pytest.mark.parametrize("text, expected", SAID.items())
def test_what_a_payload_adds(text: str, expected: tuple[list[str], list[str]]) -> None:
    picture = PictureReference("", Locator("body/svg[1]"))
    document = with_pictures(
        Document(surface="marketing_page", url=HOST), [(picture, [QrPayload(text, (0, 0, 9, 9))])]
    )
    assert [one.url for one in document.references] == expected[0]
    assert [one.text for one in document.blocks] == expected[1]
