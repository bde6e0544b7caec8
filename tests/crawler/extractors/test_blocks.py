"""Text into blocks: where one ends, what joins, roles, paths, order."""

from __future__ import annotations

import pytest

from tests.crawler.extractors.captured import kinds, read, texts

VISIBLE = {
    "block elements delimit": ("<p>甲</p><div>乙</div>丙", ["甲", "乙", "丙"]),
    "text around a block is apart": ("<div>前<p>中</p>后</div>", ["前", "中", "后"]),
    "inline elements join without blanks": ("<p>币<b>安</b><i>注</i>册</p>", ["币安注册"]),
    "inline elements without tags of their own": (
        "<p>邀<span>请</span><x-tag>码</x-tag></p>",
        ["邀请码"],
    ),
    "blanks fold": ("<p>  a \n\t b&nbsp; c\u3000d </p>", ["a b c d"]),
    "a break is a line": ("<p>第一行<br>第二行</p>", ["第一行\n第二行"]),
    "two breaks end a paragraph": ("<p>一<br><br>二<br> <br/>三</p>", ["一", "二", "三"]),
    "breaks at the edges are nothing": ("<p><br>一<br></p>", ["一"]),
    "preformatted lines stay": ("<pre>a  b\n c\n\nd</pre>", ["a b\nc", "d"]),
    "text area": ("<textarea>一\n二</textarea>", ["一\n二"]),
    "list items": ("<ul><li>一<li>二<ul><li>三</ul></ul>", ["一", "二", "三"]),
    "table cells": ("<table><tr><td>邀请码<td>AB12</table>", ["邀请码", "AB12"]),
    "options of one list": ("<select><option>甲<option>乙</select>", ["甲\n乙"]),
    "a button is a block": ("<div>前<button>提交</button>后</div>", ["前", "提交", "后"]),
    "value of a button": ('<input type="submit" value="立即注册">', ["立即注册"]),
    "value of a text field": ('<input value="邀请码 AB12">', ["邀请码 AB12"]),
    "definition lists": ("<dl><dt>词<dd>义</dl>", ["词", "义"]),
    "text in a drawing": ("<svg><text>扫码</text><text>进群</text></svg>", ["扫码", "进群"]),
    "scripts, styles and comments are no text": (
        "<p>一<script>var x=1</script><style>p{}</style><!-- 二 -->三</p>",
        ["一三"],
    ),
    "contents of a frame tag are no text": ("<iframe><p>旧</p></iframe><p>新</p>", ["新"]),
    "markup without end": ("<div><p>甲<p>乙<b>丙", ["甲", "乙丙"]),
    "entities": ("<p>A&amp;B &lt;C&gt; &#24065;&#x5b89;</p>", ["A&B <C> 币安"]),
    "text without any element": ("只有文字", ["只有文字"]),
    "what a sheet writes": ("<style>.x:before{content:'返佣'}</style><p>甲</p>", ["甲", "返佣"]),
    "what a sheet writes escaped": ('<style>.x:after{content:"\\8fd4\\4f63"}</style>', ["返佣"]),
    "shadow root": ('<div><template shadowrootmode="open"><p>甲</p></template></div>', ["甲"]),
    "surrogate and NUL references": ("<p>a&#xD800;b&#0;c</p>", ["a\ufffdb\ufffdc"]),
}


@pytest.mark.parametrize("html, expected", VISIBLE.values(), ids=VISIBLE)
def test_visible_text(html: str, expected: list[str]) -> None:
    assert texts(html) == expected


def test_blocks_stand_in_document_order_title_and_meta_first() -> None:
    html = """<html><head><title> 标 题 </title><meta name="description" content="说明">
    <meta property="og:title" content="分享题"><meta name="twitter:description" content="推">
    <meta name="viewport" content="width=device-width"><meta name="keywords" content="a,b"></head>
    <body><h1>大标题</h1><img src="/x.png" alt="图片说明" title="图题">
    <p title="提示">正文</p></body>"""
    assert kinds(html) == [
        ("title", "标 题"),
        ("meta", "说明"),
        ("meta", "分享题"),
        ("meta", "推"),
        ("meta", "a,b"),
        ("visible", "大标题"),
        ("alt", "图片说明"),
        ("attribute", "图题"),
        ("attribute", "提示"),
        ("visible", "正文"),
    ]
    assert read(html).document.title == "标 题"


ROLES = {
    "<p>x</p>": "content",
    "<h1>x</h1>": "heading",
    "<h6><b>x</b></h6>": "heading",
    '<div role="heading">x</div>': "heading",
    "<nav><ul><li>x</ul></nav>": "navigation",
    '<div role="navigation"><h2>x</h2></div>': "navigation",
    '<div class="wrap main-nav"><p>x</p></div>': "navigation",
    '<ul class="menu"><li>x</li></ul>': "navigation",
    "<header><p>x</p></header>": "content",
    "<header><div><ul><li>x</ul></div></header>": "navigation",
    "<header><h1>x</h1></header>": "heading",
    "<footer><p>x</p></footer>": "footer",
    '<div class="footer"><h3>x</h3></div>': "footer",
    '<div class="footnotes"><p>x</p></div>': "content",
    "<pre><code>x</code></pre>": "code",
    "<blockquote><p>x</p></blockquote>": "quote",
    "<blockquote><h2>x</h2></blockquote>": "heading",
    "<form><button>x</button></form>": "form",
    "<form><p>x</p></form>": "content",
    '<input value="xy" type="button">': "form",
    "<nav><p>y</p></nav><p>x</p>": "content",
}


@pytest.mark.parametrize("html, role", ROLES.items())
def test_role_of_the_last_block(html: str, role: str) -> None:
    assert read(html).document.blocks[-1].role == role


ATTRIBUTES = {
    "title": ('<b title="邀请返佣">x</b>', ["邀请返佣"]),
    "placeholder": ('<input placeholder="填写邀请码">', ["填写邀请码"]),
    "label": ('<div aria-label="立即开户">x</div>', ["立即开户"]),
    "clipboard": ('<button data-clipboard-text="AB12CD">复制</button>', ["AB12CD"]),
    "Chinese data": ('<div data-tip="注册送礼" data-id="7" data-mode="dark">x</div>', ["注册送礼"]),
    "title of a link that says the same": ('<a href="/a" title="注册">注册</a>', []),
    "title of a link that says more": ('<a href="/a" title="注册送U">注册</a>', ["注册送U"]),
    "title of what is no link": ('<a title="提示">注册</a>', ["提示"]),
}


@pytest.mark.parametrize("html, expected", ATTRIBUTES.values(), ids=ATTRIBUTES)
def test_text_in_attributes(html: str, expected: list[str]) -> None:
    assert texts(html, "attribute") == expected


PATHS = {
    "<p>a</p><p>b</p>": ["body/p[1]", "body/p[2]"],
    "<div><b>a</b></div><div><p>b<p>c</div>": [
        "body/div[1]",
        "body/div[2]/p[1]",
        "body/div[2]/p[2]",
    ],
    "<title>t</title>text": ["head/title[1]", "body"],
    '<iframe srcdoc="<p>a</p>"></iframe>': ["body/iframe[1]/html/body/p[1]"],
    "x<template><p>a</p></template>": ["body", "body/template[1]/p[1]"],
}  # fmt: skip


@pytest.mark.parametrize("html, paths", PATHS.items())
def test_paths_lead_back_into_the_page(html: str, paths: list[str]) -> None:
    assert [block.locator.path for block in read(html).document.blocks] == paths


def test_paths_of_deep_elements_are_short() -> None:
    html = "<div>" * 200 + "文" + "</div>" * 199 + "<p>字"
    deep, shallow = (block.locator.path for block in read(html).document.blocks)
    assert deep.endswith("/~/div[1]")
    assert len(deep) < 500
    assert shallow == "body/div[1]/p[1]"
