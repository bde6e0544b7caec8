"""What hostile pages may cost."""

from __future__ import annotations

import time

import pytest

from core import GapKind
from crawler.extractors.extraction import BOUNDS
from crawler.extractors.nesting import tamed
from tests.crawler.extractors.captured import read, texts

N = 100_000

HOSTILE = {
    "nested divisions": "<div>" * N + "末",
    "nested divisions, closed": "<div>" * N + "末" + "</div>" * N,
    "nested lists": "<ul><li>" * N + "末",
    "nested tables": "<table><tr><td>" * N + "末",
    "nested spans and blocks": "<span>" * N + "<p>末</p>" * N,
    "bold again and again": "".join(f"<p><b x={n}>" for n in range(N)) + "末",
    "bold inside objects": (
        "".join(f"<p><b x={n}><object></b></object></p>" for n in range(N)) + "末"
    ),
    "many attributes": f"<div {' '.join(f'a{n}=1' for n in range(N))}>末</div>",
    "many attributes, many bodies": "".join(f"<body a{n}=1>" for n in range(N)) + "末",
    "fake ends in attributes": '<div a="</div>">' * N + "末",
    "fake ends in comments": "<div><!--</div>-->" * N + "末",
    "fake ends for readers without scripts": "<div><noscript></div></noscript>" * N + "末",
    "fake comments for them": "<noscript><!--</noscript>" + "<div>" * N + "末-->",
    "fake ends in drawings": "<svg><title>" + "<div>" * N + "末",
    "ends without start": "<span>" * 1_000 + "</x>" * N + "末",
    "links in links": "".join(f"<a href={n}><object>" for n in range(N // 10)) + "末",
    "templates in templates": "<template>" * N + "末",
    "frames in frames": "末" + '<iframe srcdoc="' * 1_000,
    "forms": "<form><div>" * N + "末",
    "unclosed tag": "末" + "<a " * N,
    "unclosed comment": "末" + "<!--" * N,
    "unclosed script": "末<script>" + "<!--<script>" * N,
    "unclosed quotes in scripts": "末<script>" + '\\"' * N + "</script>",
    "sums without end": "末<script>" + "'a'+" * N + "</script>",
    "sums of sums": "末<script>var a='" + "x" * 900 + "';" + "a+=a+a;" * N + "</script>",
    "names without end": "末<script>" + "var a='b';x=a+a;" * N + "</script>",
    "arrays": "末<script>[" + "'a'," * N + "].join('')</script>",
    "codes": "末<script>fromCharCode(" + "1  ,  " * N + "x</script>",
    "open brackets": "末<script>location.href='/x'" + "{" * N + "</script>",
    "rules": "<style>" + ".x{display:none}" * N + "</style>末",
    "rules without end": "<style>" + "@media x{" * N + "</style>末",
    "comments in rules": "<style>" + "/*" * N + "</style>末",
    "addresses in rules": "<style>" + "url(" * N + "</style>末",
    "style attribute": f'<p style="{"color:" * N}">末</p>',
    "set of pictures": f'<img srcset="{"a 1x " * N}">末',
    "written addresses": "末" + "https://" * N,
    "dots": "末 www." + "a." * N,
    "brackets": "末" + "https://a.example/" + ")" * N,
    "addresses with brackets": "末 " + ("https://a.example/" + ")" * 1_900 + " ") * 3_000,
    "entities": "末" + "&amp" * N,
    "breaks": "末" + "<br>" * N,
    "blank lines": "<pre>末" + "\n \n" * N + "</pre>",
    "data": f"末<script type=application/json>{'[' * N}</script>",
    "refresh": f'末<meta http-equiv=refresh content="0;{" " * N}url=x">',
    "classes": f'<div class="{"nav- " * N}">末</div>',
    "drawings": "<svg><text>" * 5_000 + "末",
}  # fmt: skip


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_are_read_in_bounded_time(name: str) -> None:
    start = time.process_time()
    extraction = read("<html><body>" + HOSTILE[name])
    assert time.process_time() - start < 8
    said = "".join(block.text for block in extraction.document.blocks)
    assert "末" in said or extraction.gaps


def test_flattening_loses_no_text_and_no_links() -> None:
    script = "<script>'<div>'</script><style>p{}</style>"
    html = "".join(f"<div>{script}<p>段{n}<a href=/{n}>链{n}</a>" for n in range(3_000))
    html += "</div>" * 3_000
    html = "<b id=1>" * 3_000 + html
    assert tamed(html)[0] != html
    document = read(html).document
    assert len(document.references) == 3_000
    said = "".join(block.text for block in document.blocks)
    assert said == "".join(f"段{n}链{n}" for n in range(3_000))


ORDINARY = {
    "long list": "<ul>" + "<li>项<b>目</b>" * 20_000 + "</ul>",
    "long table": "<table>" + "<tr><td>a<td><font color=red>b</font>" * 10_000 + "</table>",
    "paragraphs without end tags": "<p>段<i>落</i>" * 20_000,
    "icons": "<div><i class=icon></i><strong>题</strong></div>" * 10_000,
    "markup in scripts": "<script>var x='" + "<div><b>" * 10_000 + "'</script>",
}


@pytest.mark.parametrize("html", ORDINARY.values(), ids=ORDINARY)
def test_long_ordinary_pages_are_left_alone(html: str) -> None:
    assert tamed(html) == (html, False)


CUT = {
    "text blocks": "<p>段</p>" * (BOUNDS.blocks + 1),
    "references": '<a href="/x">x</a>' * (BOUNDS.references + 1),
    "pictures": "".join(f'<img src="/{n}.png">' for n in range(BOUNDS.pictures + 1)) + "x",
    "scripts": f"<p>x</p><script>{'x' * BOUNDS.script_chars}1</script>",
    "script texts": "<p>x</p><script>" + "'注册';" * (BOUNDS.script_blocks + 1) + "</script>",
    "embedded data": '<p>x</p><script type="application/json">['
    + '"x",' * (BOUNDS.data_strings + 1)
    + '"x"]</script>',
    "elements": "<p>x</p>" + "<i></i>" * 500_001,
}


@pytest.mark.parametrize("name", CUT)
def test_what_is_cut_is_a_gap(name: str) -> None:
    extraction = read(CUT[name])
    (gap,) = extraction.gaps
    assert gap.kind == GapKind.BUDGET_REACHED
    assert name in gap.reason
    assert extraction.document.degraded == (gap.reason,)


def test_long_texts_become_several_blocks() -> None:
    long = "字" * (2 * BOUNDS.block_chars + 5)
    assert [len(text) for text in texts(f"<p>{long}</p>")] == [20_000, 20_000, 5]


def test_references_of_a_cut_page_point_at_blocks_that_exist() -> None:
    document = read('<p>段<a href="/x">链</a></p>' * (BOUNDS.blocks + 10)).document
    assert max(one.block for one in document.references) < len(document.blocks)
