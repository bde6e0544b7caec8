"""Bodies without markup: plain text and JSON, as paragraphs with the addresses written in them."""

from __future__ import annotations

import re

from crawler.extractors.html_page import HtmlPage
from crawler.extractors.prose import HAN
from crawler.extractors.script_texts import read_json

_PARAGRAPHS = re.compile(r"\n[ \t\r\f]*\n\s*")


def read_plain(page: HtmlPage, text: str) -> None:
    """Reads `text` as JSON if it is JSON, else as paragraphs.

    A line of Chinese is a paragraph of its own; other lines run on until a blank line, as they
    are often wrapped.
    """
    if text.lstrip()[:1] in ("{", "[") and read_json(page, text, page.root.child("json")):
        page.finish()
        return
    for paragraph in _PARAGRAPHS.split(text):
        lines = paragraph.splitlines() if HAN.search(paragraph) else [paragraph]
        for line in lines:
            _read_line(page, line)
    page.finish()


def _read_line(page: HtmlPage, line: str) -> None:
    if not line.strip():
        return
    page.block_frame = page.root.child("line")
    page.add_text(line)
    page.flush()
