"""Telling text for readers from identifiers, class names and numbers."""

from __future__ import annotations

import re
from html import unescape

HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
"""A Chinese character."""

_WORDS = re.compile(r"[A-Za-z]{2,20}(?:[ ,]{1,3}[A-Za-z]{2,20}){3}")

TAG = re.compile(r"<[^<>]{0,2000}>")
"""A tag in text that is not parsed as HTML."""


def is_prose(text: str) -> bool:
    """Whether `text` holds Chinese or at least four words in a row."""
    return HAN.search(text) is not None or (text.count(" ") > 2 and bool(_WORDS.search(text)))


def without_markup(text: str) -> str:
    """Text of HTML that stands in a string: tags out, entities resolved, blanks folded."""
    if "<" in text:
        text = TAG.sub(" ", text)
    if "&" in text:
        text = unescape(text)
    return " ".join(text.split())
