"""References: what leads where, under which kind, with which text and neighbour."""

from __future__ import annotations

import pytest

from core import Capture, Hop
from crawler.extractors import extract
from crawler.extractors.links import address_in, urls_in
from tests.crawler.extractors.captured import capture, read, references

HOST = "https://shop.example.com"

KINDS = {
    "relative link": ('<a href="next.html">x</a>', [("link", f"{HOST}/dir/next.html")]),
    "link from the root": ('<a href="/a?b=1#c">x</a>', [("link", f"{HOST}/a?b=1#c")]),
    "protocol-relative link": (
        '<a href="//www.okx.com/join/1">x</a>',
        [("link", "https://www.okx.com/join/1")],
    ),
    "blanks and line breaks in an address": (
        '<a href=" \n https://www.okx.com/jo\nin/1\t ">x</a>',
        [("link", "https://www.okx.com/join/1")],
    ),
    "backslashes": (
        '<a href="https:\\\\www.okx.com\\join\\1?a=\\b">x</a>',
        [("link", "https://www.okx.com/join/1?a=\\b")],
    ),
    "one slash too few or too many": (
        '<a href="https:/www.okx.com/a">x</a><a href="https:///www.okx.com/b">x</a>',
        [("link", "https://www.okx.com/a"), ("link", "https://www.okx.com/b")],
    ),
    "upper case": ('<a href="HTTPS://WWW.OKX.COM/A">x</a>', [("link", "https://WWW.OKX.COM/A")]),
    "inner blank": ('<a href="/a b">x</a>', [("link", f"{HOST}/a%20b")]),
    "Chinese address": ('<a href="/注册?码=一">x</a>', [("link", f"{HOST}/注册?码=一")]),
    "a route in the fragment": (
        '<a href="#/join?ref=1">x</a>',
        [("link", f"{HOST}/dir/page.html#/join?ref=1")],
    ),
    "a place on the page": ('<a href="#top">x</a><a href="#">x</a><a href="">x</a>', []),
    "schemes that lead nowhere": (
        "".join(
            f'<a href="{scheme}:x">x</a>'
            for scheme in ("mailto", "tel", "javascript", "data", "file", "about", "blob", "sms")
        ),
        [],
    ),
    "deep links": (
        '<a href="okx://main?code=1">x</a><a href="weixin://dl/chat">x</a>'
        '<a href="tg:resolve?domain=a">x</a><a href="intent:#Intent;scheme=okx;end">x</a><a href="com.app.one://go">x</a>',
        [
            ("deep_link", "okx://main?code=1"),
            ("deep_link", "weixin://dl/chat"),
            ("deep_link", "tg:resolve?domain=a"),
            ("deep_link", "intent:#Intent;scheme=okx;end"),
            ("deep_link", "com.app.one://go"),
        ],
    ),
    "broken addresses": ('<a href="http://[x">x</a><a href="https://[::1">x</a>', []),
    "base": (
        '<base href="https://cdn.example.net/x/"><base href="/y/"><a href="z">x</a>',
        [("link", "https://cdn.example.net/x/z")],
    ),
    "area": ('<map><area href="/a" alt="注册"></map>', [("link", f"{HOST}/a")]),
    "form": ('<form action="/go"></form>', [("form_action", f"{HOST}/go")]),
    "button of a form": ('<button formaction="/b">x</button>', [("form_action", f"{HOST}/b")]),
    "image button": ('<input type=image formaction="/c" src=x>', [("form_action", f"{HOST}/c")]),
    "frames": (
        '<iframe src="/i"></iframe><embed src="/e"><object data="/o"></object>',
        [("frame", f"{HOST}/i"), ("frame", f"{HOST}/e"), ("frame", f"{HOST}/o")],
    ),
    "frame set": ('<frameset><frame src="/f"></frameset>', [("frame", f"{HOST}/f")]),
    "inner document": (
        '<iframe srcdoc="&lt;a href=/in&gt;x&lt;/a&gt;"></iframe>',
        [("link", f"{HOST}/in")],
    ),
    "refresh": (
        '<meta http-equiv="Refresh" content="0; URL=\'/next\'">',
        [("meta_refresh", f"{HOST}/next")],
    ),
    "refresh that only reloads": ('<meta http-equiv="refresh" content="30">', []),
    "refresh without the word": (
        '<meta http-equiv="refresh" content="3;/next">',
        [("meta_refresh", f"{HOST}/next")],
    ),
    "canonical": ('<link rel="canonical" href="/c">', [("canonical", f"{HOST}/c")]),
    "canonical of the share card": (
        '<meta property="og:url" content="https://a.example/x">',
        [("canonical", "https://a.example/x")],
    ),
    "style sheets and icons": ('<link rel="stylesheet" href="/a.css"><link rel=icon href=/i>', []),
    "application links": (
        '<meta property="al:ios:url" content="okx://x"><link rel="alternate" href="android-app://a/b">',
        [("deep_link", "okx://x"), ("deep_link", "android-app://a/b")],
    ),
    "addresses in data": (
        '<div data-href="/d">x</div><b data-target="https://www.okx.com/join/2" data-x="a/b">x</b>',
        [("link", f"{HOST}/d"), ("link", "https://www.okx.com/join/2")],
    ),
    "value of an option": (
        '<select><option value="https://a.example/x">甲</select>',
        [("link", "https://a.example/x")],
    ),
    "value of a button": (
        '<button value="okx://join?x=1">去</button><button value="7">x</button>',
        [("deep_link", "okx://join?x=1")],
    ),
    "value of a field": (
        '<input value="https://www.okx.com/join/3" readonly>',
        [("link", "https://www.okx.com/join/3")],
    ),
    "links in a drawing": (
        '<svg><a xlink:href="/s"><text>x</text></a></svg>',
        [("link", f"{HOST}/s")],
    ),
    "addresses written out": (
        "<p>打开 https://www.okx.com/join/4。或者www.binance.com/x，勿扰</p>",
        [("link", "https://www.okx.com/join/4"), ("link", "http://www.binance.com/x")],
    ),
    "an address written out and linked": (
        '<p><a href="https://a.example/x">https://a.example/x</a></p>',
        [("link", "https://a.example/x")],
    ),
    "an address written out that lies about its link": (
        '<p><a href="https://b.example/">https://a.example/x</a></p>',
        [("link", "https://b.example/"), ("link", "https://a.example/x")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("html, expected", KINDS.values(), ids=KINDS)
def test_references(html: str, expected: list[tuple[str, str]]) -> None:
    assert references(html) == expected


TEXTS = {
    "plain": ('<a href="/a"> 立即 <b>注册</b> </a>', "立即 注册"),
    "picture": ('<a href="/a"><img src="x.png" alt="扫码"></a>', "扫码"),
    "text and picture": ('<a href="/a"><img src="x.png" alt="图">文</a>', "图 文"),
    "title only": ('<a href="/a" title="提示"></a>', "提示"),
    "blocks inside": ('<a href="/a"><h3>题</h3><p>文</p></a>', "题文"),
    "over two lines": ('<a href="/a">一<br>二</a>', "一 二"),
    "long": (f'<a href="/a">{"长" * 1000}</a>', "长" * 300),
    "button": ('<button formaction="/b">提 交</button>', "提 交"),
    "data": ('<div data-href="/d"><span>去看看</span></div>', "去看看"),
    "area": ('<area href="/a" alt="这里">', "这里"),
    "option": ('<select><option value="https://a.example/">甲</select>', "甲"),
}


@pytest.mark.parametrize("html, text", TEXTS.values(), ids=TEXTS)
def test_text_that_the_reader_sees(html: str, text: str) -> None:
    assert [one.text for one in read(html).document.references] == [text]


NEIGHBOURS = {
    "inside its block": ('<p>一</p><p>二<a href="/a">x</a></p><p>三</p>', "二x"),
    "alone in its block": ('<p>一</p><p><a href="/a">x</a></p><p>三</p>', "x"),
    "around blocks": ('<p>一</p><a href="/a"><h3>二</h3></a><p>三</p>', "二"),
    "without text, caption after it": (
        '<div><p>一</p></div><div><a href="/a"></a><p>二</p></div>',
        "二",
    ),
    "without text, caption before it": (
        '<div><p>一</p><a href="/a"></a></div><div><p>二</p></div>',
        "一",
    ),
    "without text, in a wrapper": (
        '<div><p>一</p></div><div><i><a href="/a"></a></i><p>二</p></div>',
        "二",
    ),
    "before all text": ('<div><a href="/a"></a></div><p>一</p>', "一"),
    "after all text": ("<p>一</p><div><a href='/a'></a></div>", "一"),
    "second of two in a paragraph": ('<p>一<a href="/b"></a>二<a href="/a">x</a></p>', "一二x"),
    "hidden in a line": ('<p>一<b hidden>藏<a href="/a">x</a></b>二</p>', "藏x"),
    "written out": ("<p>一</p><p>二 https://a.example/a</p><p>三</p>", "二 https://a.example/a"),
}


@pytest.mark.parametrize("html, text", NEIGHBOURS.values(), ids=NEIGHBOURS)
def test_block_a_reference_belongs_to(html: str, text: str) -> None:
    document = read(html).document
    found = next(one for one in document.references if one.url.endswith("/a"))
    assert document.blocks[found.block].text == text


def test_a_page_without_text_has_references_without_block() -> None:
    assert [one.block for one in read('<a href="/a"></a>').document.references] == [-1]


def test_redirects_on_the_way_are_references() -> None:
    plain = capture("<p>x</p>", url="https://www.okx.com/account/register")
    way = Capture(
        requested_url="https://a.example/go",
        final_url=plain.final_url,
        body=plain.body,
        taken_at=plain.taken_at,
        hops=(
            Hop("https://a.example/go", "http", 302),
            Hop("https://www.okx.com/join/5", "http", 301),
        ),
        leads_to="https://out.example/x",
    )
    assert [(one.kind, one.url) for one in extract(way).document.references] == [
        ("redirect", "https://www.okx.com/join/5"),
        ("redirect", "https://www.okx.com/account/register"),
        ("redirect", "https://out.example/x"),
    ]


WRITTEN = {
    "见https://a.example/x。": ["https://a.example/x"],
    "（https://a.example/x）": ["https://a.example/x"],
    "(https://a.example/x)": ["https://a.example/x"],
    "https://a.example/x_(y)": ["https://a.example/x_(y)"],
    "(https://a.example/x_(y)).": ["https://a.example/x_(y)"],
    "https://a.example/x_(y": ["https://a.example/x_(y"],
    "https://a.example注册": ["https://a.example"],
    "https://a.example/路": ["https://a.example/"],
    "https://a.example/x注册": ["https://a.example/x"],
    "https://商店.example/x": ["https://商店.example/x"],
    "网址https://a.example/x?b=1&c=2#d，以及": ["https://a.example/x?b=1&c=2#d"],
    "www.a.example": ["http://www.a.example"],
    "okx://join?x=1 或 weixin://a": ["okx://join?x=1", "weixin://a"],
    "https://a.example 和 https://a.example": ["https://a.example"],
    "https://a.example/x'\"<b>": ["https://a.example/x"],
    "http://": [],
    "a://": [],
    "file:///etc/x data://y javascript://z": [],
    "awww.b": [],
    "no address": [],
}


@pytest.mark.parametrize("text, expected", WRITTEN.items())
def test_addresses_in_running_text(text: str, expected: list[str]) -> None:
    assert urls_in(text) == expected


WHOLE = {
    "https://a.example/x": True,
    " HTTP://A.EXAMPLE/ ": True,
    "//cdn.example.com/x.js": True,
    "//cdn.example.com": True,
    "okx://x": True,
    "http://localhost:8080/x": True,
    "https://": False,
    "https://www": False,
    "// comment": False,
    "//x": False,
    "a/b": False,
    "https://a.example/x y": False,
    "see https://a.example": False,
    "javascript://x": False,
    "mailto:a@b.example": False,
    "": False,
}


@pytest.mark.parametrize("text, expected", WHOLE.items())
def test_whether_a_text_as_a_whole_is_an_address(text: str, expected: bool) -> None:
    assert bool(address_in(text)) is expected
