"""Text that the page holds and does not show."""

from __future__ import annotations

import pytest

from crawler.extractors.hidden import hides
from tests.crawler.extractors.captured import kinds, read, texts

HIDING = [
    "display:none",
    "DISPLAY : None !important",
    "color:red;display:none;",
    "visibility:hidden",
    "visibility: collapse",
    "opacity:0",
    "opacity:.0",
    "opacity: 0%",
    "font-size:0",
    "font-size:0px;line-height:0",
    "font-size:1px",
    "position:absolute;left:-9999px",
    "position:fixed; top:-2000px",
    "position:absolute;left:-100em",
    "position:absolute;left:-999%",
    "margin-left:-9999px",
    "text-indent:-9999px",
    "text-indent:-100em",
    "clip:rect(0,0,0,0);position:absolute",
    "clip: rect(1px, 1px, 1px, 1px)",
    "clip-path:inset(50%)",
    "clip-path: inset(100%)",
    "height:0;overflow:hidden",
    "max-height:0px;overflow:hidden",
    "width:1px;height:1px;overflow:hidden",
    "transform:scale(0)",
    "transform: translateX(-9999px)",
    "color:#fff;background:#fff",
    "color:white;background-color:#ffffff",
    "color: rgb(255, 255, 255); background: white url(x.png)",
    "background:#000;color:black",
    "color:transparent",
    "color:rgba(0,0,0,0)",
]
SHOWING = [
    "",
    "display:block",
    "color:red",
    "opacity:0.5",
    "opacity:1",
    "font-size:10px",
    "font-size:0.8em",
    "left:-9999px",
    "position:absolute;left:-5px",
    "position:relative;top:-100px",
    "margin-left:-15px",
    "text-indent:2em",
    "text-indent:-2em",
    "height:0",
    "height:100px;overflow:hidden",
    "overflow:hidden",
    "color:#fff;background:#000",
    "color:#fff",
    "color:transparent;background-clip:text",
    "color:transparent;-webkit-background-clip:text;background:linear-gradient(red,blue)",
    "transform:scale(0.5)",
    "clip:auto",
    "display",
    "::;;:none",
]


@pytest.mark.parametrize("style", HIDING)
def test_styles_that_hide(style: str) -> None:
    assert hides(style)


@pytest.mark.parametrize("style", SHOWING)
def test_styles_that_show(style: str) -> None:
    assert not hides(style)


HIDDEN = {
    "attribute": "<p hidden>藏</p>",
    "inline style": '<p style="display:none">藏</p>',
    "inherited": '<div style="display:none"><section><p>藏</p></section></div>',
    "class": "<style>.x{display:none}</style><p class='a x'>藏</p>",
    "id": "<style>#x , h9{visibility:hidden}</style><p id=x>藏</p>",
    "tag and class": "<style>p.x{font-size:0}</style><p class=x>藏</p>",
    "sheet after the text": "<p class=x>藏</p><style>.x{opacity:0}</style>",
    "comment in the sheet": "<style>/* } */.x{/**/display:none}</style><p class=x>藏</p>",
    "after a media rule": (
        "<style>@media print{.y{color:red}}.x{display:none}</style><p class=x>藏</p>"
    ),
    "after a statement": (
        "<style>@charset 'x';@import 'y';.x{display:none}</style><p class=x>藏</p>"
    ),
    "template": "<template><p>藏</p></template>",
    "noscript": "<noscript><p>藏</p></noscript>",
    "text template": '<script type="text/template"><p>藏</p></script>',
    "hidden field": '<input type="hidden" value="藏">',
}  # fmt: skip
SHOWN = {
    "aria-hidden alone": '<p aria-hidden="true">显</p>',
    "other class": "<style>.x{display:none}</style><p class=xy>显</p>",
    "later rule": "<style>.x{display:none} .x{display:block}</style><p class=x>显</p>",
    "only when printed": "<style>@media print{.x{display:none}}</style><p class=x>显</p>",
    "only under another": "<style>.menu .x{display:none}</style><p class=x>显</p>",
    "only on hover": "<style>.x:hover{display:none}</style><p class=x>显</p>",
    "after a hidden one": "<p hidden>藏</p><p>显</p>",
}


@pytest.mark.parametrize("html", HIDDEN.values(), ids=HIDDEN)
def test_hidden_text_is_marked(html: str) -> None:
    expected = [] if html.startswith("<input") else ["藏"]
    assert [text for kind, text in kinds(html) if kind == "hidden"] == expected
    assert texts(html) == []


@pytest.mark.parametrize("html", SHOWN.values(), ids=SHOWN)
def test_shown_text_is_not(html: str) -> None:
    assert texts(html) == ["显"]


def test_hidden_parts_of_a_line_do_not_break_its_words() -> None:
    html = '<p>币<span style="display:none">杂</span>安<i hidden>字</i>注册</p>'
    assert kinds(html) == [("hidden", "杂"), ("hidden", "字"), ("visible", "币安注册")]


def test_hidden_long_value_is_kept() -> None:
    assert texts('<input type="hidden" value="注册送礼">', "hidden") == ["注册送礼"]


def test_links_in_hidden_text_are_hidden_and_do_not_lend_their_words() -> None:
    html = '<p><a href="/out">外<b hidden>藏</b></a>中<span hidden><a href="/in">内</a></span></p>'
    found = read(html).document.references
    assert [(one.text, one.hidden) for one in found] == [("外", False), ("内", True)]
