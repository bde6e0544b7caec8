"""Telling text for readers from identifiers, class names and numbers."""

from __future__ import annotations

import re

HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
"""A Chinese character."""

_WORDS = re.compile(r"[A-Za-z]{2,20}(?:[ ,]{1,3}[A-Za-z]{2,20}){3}")


def is_prose(text: str) -> bool:
    """Whether `text` holds Chinese or at least four words in a row."""
    return HAN.search(text) is not None or (text.count(" ") > 2 and bool(_WORDS.search(text)))
