"""`extract` never raises, and what it returns holds together, whatever it is given."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from core import Document
from crawler.extractors import Extraction
from tests.crawler.extractors.captured import read

TYPES = st.sampled_from(
    ["text/html", "", "text/plain", "application/json", "text/html; charset=gbk", "image/png"]
)
_MARKUP = r"""
<p> </p> <div> </div> <b> </b> <a_href="/x"> </a> <a_href="okx://x"_title="t"> <br> <br/> <ul> <li>
<img_src=x.png_alt=y> <table> <tr> <td> </table> </ul> <pre> </pre> <textarea> </textarea> <script>
</script> <script_type="application/json"> {"a":["https://a.example/x"]} <style> .x{display:none}
</style> <template> </template> <noscript> </noscript> <svg> </svg> <path_d="M0_0"/> <text> </text>
<iframe_srcdoc="<p>x"> </iframe> <p_hidden> <span_style="display:none"> </span> <p_class=x> <math>
<form_action=/f> </form> <input_value=vv> <button> </button> <select> <option_value="//a.example/">
</select> <base_href="/b/"> <title> </title> <object> <frameset> <plaintext> <!-- --> <![CDATA[ ]]>
<meta_http-equiv=refresh_content="0;url=/n"> & &amp; &#0; < > " ' location.href='/x'; 'a'+ \
atob('YQ==') \u0041 \ud800 https://a.example/x www.b.example 注册 文字 {"
"""
PIECES = st.sampled_from(
    [piece.replace("_", " ") for piece in _MARKUP.split()]
    + ["\x00", "\x1e", "\ufeff", "\u202e", " "]
)
SOUP = st.lists(PIECES | st.text(max_size=4), max_size=40).map("".join)


def _check(extraction: Extraction) -> None:
    document = extraction.document
    indices = range(-1, len(document.blocks))
    assert all(reference.block in indices for reference in document.references)
    assert all(picture.block in indices for picture in extraction.pictures)
    assert all(block.text.strip() for block in document.blocks)
    assert all(reference.url for reference in document.references)
    assert all(picture.url or picture.data for picture in extraction.pictures)
    assert msgspec.json.decode(msgspec.json.encode(document), type=Document) == document


@given(st.binary(max_size=400), TYPES)
def test_any_bytes(body: bytes, content_type: str) -> None:
    _check(read(body, content_type))


@given(SOUP, TYPES)
def test_any_soup(html: str, content_type: str) -> None:
    _check(read(html.encode("utf-8", "replace"), content_type))


@given(SOUP, st.sampled_from(["gbk", "big5", "utf-16", "latin-1"]))
def test_any_soup_in_any_encoding(html: str, encoding: str) -> None:
    _check(read(html.encode(encoding, "replace")))


@given(st.sampled_from(["https://shop.example.com/", "http://", "http://[", ""]), st.text(), SOUP)
def test_any_address(start: str, rest: str, html: str) -> None:
    _check(read(html.encode("utf-8", "replace"), url=start + rest))
