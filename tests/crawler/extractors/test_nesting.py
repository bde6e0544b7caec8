"""Hostile markup parses in time; ordinary markup comes back as it was."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.extractors import tamed


def numbered(pattern: str) -> Callable[[int], str]:
    return lambda count: "".join(pattern.replace("#", str(n)) for n in range(count))


def repeated(*parts: str) -> Callable[[int], str]:
    return lambda count: "".join(part * count for part in parts)


HOSTILE: dict[str, Callable[[int], str]] = {
    "nested blocks": repeated("<div>"),
    "nested lists": repeated("<ul><li>"),
    "nested ruby": repeated("<rt>"),
    "nested unknown": repeated("<foo><div></foo>"),
    "nested in svg": repeated("<svg><a>", "</x>"),
    "stray ends": repeated("<span>", "</i>"),
    "ends that do not reach": repeated("<div><table></div>"),
    "misnested formatting": repeated("<b><div></b>"),
    "formatting reopened": numbered("<p><b id=#>"),
    "formatting behind stray ends": lambda n: "</b>" * n + numbered("<p><b id=#>")(n),
    "formatting in a false attribute": lambda n: "<x it's>" + numbered("<p><b id=#>")(n) + "'>",
    "formatting in a false comment": lambda n: "<!-->" + numbered("<p><b id=#>")(n) + "-->",
    "formatting in a false style": lambda n: "<svg><style>" + numbered("<p><b id=#>")(n),
    "few formatting, many paragraphs": lambda n: "<p>" + numbered("<i id=#>")(40) + "<p>x" * n,
    "attributes": lambda n: "<div " + numbered("a# ")(n) + ">",
    "attributes with brackets": lambda n: "<div " + numbered('a<#=">" ')(n) + ">",
    "attributes of many bodies": numbered("<body a#=1>"),
    "brackets": repeated("<"),
    "open ends": repeated("</"),
    "open quotes": repeated('<a b="'),
    "open comments": repeated("<!-- --"),
    "open declarations": repeated("<!"),
    "open scripts": repeated("<script></scrip"),
}


@pytest.mark.parametrize("count", [400, 5_000, 30_000])
@pytest.mark.parametrize("build", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_markup_costs_its_size_once(build: Callable[[int], str], count: int) -> None:
    started = time.perf_counter()
    html, _ = tamed(build(count) + "<p>the text stays</p>")
    LexborHTMLParser(html)
    assert time.perf_counter() - started < 5  # a minute and more, or no memory left, untamed


def test_the_text_of_hostile_markup_stays() -> None:
    text = "<div>word " * 20_000
    html, was_cut = tamed(text)
    assert not was_cut
    body = LexborHTMLParser(html).body
    assert body is not None
    assert body.text().split() == ["word"] * 20_000


ROW = "<tr><td><font color=red>名<td><b>x</b><br><img src=a><p>one<p>two<li>i<li>j"
ORDINARY = {
    "small": "<p>hello",
    "long table without end tags": f"<table>{ROW * 900}</table>",
    "long list without end tags": "<ul>" + "<li>item <a href=x>y</a>" * 3_000 + "</ul>",
    "options": "<select>" + "<option>a" * 3_000 + "</select>",
    "inline svg": "<svg>" + "<path d='M0 0'/>" * 3_000 + "</svg>" + "<div>x</div>" * 100,
    "pinyin": "<p>" + "<ruby>字<rt>zi</ruby>" * 2_000,
    "spans closed by their block": "<div><span>x</div>" * 2_000,
    "markup in scripts": "<script>x = '" + "<div>" * 3_000 + "'</script>",
    "markup in comments": "<!-- " + "<div>" * 3_000 + " -->",
    "markup in attributes": "<p title='" + "<div>" * 3_000 + "'>",
    "long attribute": "<img src='data:image/png;base64," + "A" * 300_000 + "'>",
    "deep but not mad": "<div>" * 200 + "x" + "</div>" * 200 + "<p>y</p>" * 1_000,
}


@pytest.mark.parametrize("name", [name for name in ORDINARY if not name.startswith("long table")])
def test_ordinary_markup_stays_as_it_is(name: str) -> None:
    assert tamed(ORDINARY[name]) == (ORDINARY[name], False)


def test_sloppy_markup_loses_formatting_at_most() -> None:
    text = ORDINARY["long table without end tags"]
    html, was_cut = tamed(text)
    assert isinstance(html, str)
    assert not was_cut
    assert html.count("<td>") == text.count("<td>")
