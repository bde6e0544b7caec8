"""Whether scripts build what a reader sees, so that the static page says little."""

from __future__ import annotations

import re

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


def is_shell(page: HtmlPage) -> bool:
    """Whether the static page says little and scripts are there to say the rest."""
    if page.visible_chars >= LITTLE_TEXT or not (page.scripts or page.outer_scripts):
        return False
    if page.has_mount_point or page.asks_for_scripts:
        return True
    if page.visible_chars < 20 and page.outer_scripts:
        return True
    return any(_WRITES.search(script[:200_000]) for script in page.scripts)
