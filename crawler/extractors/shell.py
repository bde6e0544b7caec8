"""Whether scripts build what a reader sees, so that the static page says little."""

from __future__ import annotations

import re

from crawler.extractors.html_page import LITTLE_TEXT, HtmlPage

_WRITES = re.compile(
    r"document\.write|innerHTML|outerHTML|insertAdjacentHTML|appendChild|append\(|createElement|"
    r"createApp|new Vue|ReactDOM|createRoot|\.render\(|fetch\(|XMLHttpRequest|\$\(|location"
)


def is_shell(page: HtmlPage) -> bool:
    """Whether the static page says little and scripts are there to say the rest."""
    if page.visible_chars >= LITTLE_TEXT or not (page.scripts or page.outer_scripts):
        return False
    if page.has_mount_point or page.asks_for_scripts:
        return True
    if page.visible_chars < 20 and page.outer_scripts:
        return True
    return any(_WRITES.search(script[:200_000]) for script in page.scripts)
