"""Whether scripts build what a reader sees, so that the static page says little."""

from __future__ import annotations

import re

from crawler.extractors.found_codes import SCAN
from crawler.extractors.html_page import LITTLE_TEXT, HtmlPage

_WRITES = re.compile(
    r"document\.write|(?:inner|outer)HTML|insertAdjacentHTML|(?:innerText|textContent)\s*=[^=]|"
    r"createElement\(\s*(?!['\"](?:script|link|style|i?frame)\b)|\.(?:html|append|render)\(|"
    r"createApp|new Vue|ReactDOM|createRoot|fetch\(|XMLHttpRequest|axios|\$\.(?:get|post|ajax)|"
    r"eval\(|new Function|location(?:\.href)?\s*=\s*(?!['\"`=])|"
    r"location\.(?:replace|assign)\(\s*(?!['\"`])"
)
"""Scripts that write text or fetch it, or go where a computed address leads. Scripts that only
load further scripts (visitor counters do) are not among them."""


_DRAWS = re.compile(
    r"createElement\(\s*['\"]canvas|new QRCode\b|QRCode\.to[A-Z]|\.qrcode\(|\.getContext\("
)
"""Scripts that draw: on a canvas of their own, or by the usual libraries for codes."""

_DRAWING_WORDS = ("canvas", "QRCode", ".qrcode(", ".getContext(")
"""One of them stands in every such script; looking for words costs far less than the pattern."""


def is_shell(page: HtmlPage) -> bool:
    """Whether the static page says little and scripts are there to say the rest, or to draw the
    code that the page asks its reader to scan."""
    if _draws_code(page):
        return True
    if page.visible_chars >= LITTLE_TEXT or not (page.scripts or page.outer_scripts):
        return False
    if page.has_mount_point or page.asks_for_scripts:
        return True
    if page.visible_chars < 20 and page.outer_scripts:
        return True
    return any(_WRITES.search(script[:200_000]) for script in page.scripts)


def _draws_code(page: HtmlPage) -> bool:
    if not page.scripts and not (page.has_canvas and page.outer_scripts):
        return False
    draws = page.has_canvas or any(
        any(word in script for word in _DRAWING_WORDS) and _DRAWS.search(script[:200_000])
        for script in page.scripts
    )
    return draws and any(SCAN.search(block.text) for block in page.blocks)
