"""Addresses written in plain text. Found by their dots, so that text without any costs next to
nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_CANDIDATE = re.compile(
    r"(?i)(?:[a-z][a-z0-9+.-]{1,20}://|#小程序://|www\.)[^\s<>\"'`\u3000-\u303f\uff00-\uff65\u4e00-\u9fff，。）】》]{2,}"
    r"|(?<![a-z0-9@._/-])(?:[a-z0-9-]{1,63}\.){1,4}(?:com|net|org|io|me|cc|co|top|xyz|vip|pro|app|fun|gg|dog|im|"
    r"info|biz|link|finance|exchange|trade|click|site|online|club|live|world|tech|dev|gl|ly|to|cn|hk|tw|jp|ai|so|"
    r"run|one|us|eu|id|lol|win|art|fit|kim|blue|red|black|care|chat|wiki|work|ws|ac|sc|li|be|ink|mobi|ee|bio|page|"
    r"gd|at|is|la|in|uk|de|fi|fm|tv|sh|space|shop|store|zone|network|bz|pm|best|asia|cool|plus|market|money|"
    r"games|group|website|host|press|life|today|news|email|icu|cyou|bond|sbs|cfd|monster|buzz|rest|quest|mom)"
    r"(?![a-z0-9.-])(?:[:/?#][^\s<>\"'`\u3000-\u303f\uff00-\uff65\u4e00-\u9fff，。）】》]*)?"
)
_TRAILING = ".,;:!?)]}>*_'\""


def bare_links(text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of each address in `text`, trailing punctuation left out."""
    if "." not in text and "://" not in text:
        return
    for match in _CANDIDATE.finditer(text):
        start, end = match.span()
        while end > start and text[end - 1] in _TRAILING and not _closes(text, start, end):
            end -= 1
        if end - start >= 4:
            yield start, end


def blank_links(text: str, spans: Sequence[tuple[int, int]] | None = None) -> str:
    """`text` with its addresses (or those at `spans`) overwritten with blanks, so that their
    letters are not read as words."""
    pieces: list[str] = []
    last = 0
    for start, end in bare_links(text) if spans is None else spans:
        pieces += (text[last:start], " " * (end - start))
        last = end
    return "".join((*pieces, text[last:])) if pieces else text


def _closes(text: str, start: int, end: int) -> bool:
    """Whether a closing bracket at the end belongs to the address."""
    return text[end - 1] == ")" and "(" in text[start:end]
