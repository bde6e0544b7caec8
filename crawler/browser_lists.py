"""Lists that load as their reader goes: a button that brings more, or the end of the page."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page
from scrapy_playwright.page import PageMethod

from core.gap import Gap, GapKind
from core.listing_source import HtmlListing

_SIZE = "document.querySelectorAll('*').length"
_CLICK_MILLISECONDS = 2_000
_LOOK_MILLISECONDS = 100
_LOOKS = 30


async def load_more(page: Page, button: str, times: int) -> bool:
    """Click `button` (CSS; without one, scroll to the end) until nothing new comes or `times` is
    reached; says whether there may be more."""
    for _ in range(times):
        before = await page.evaluate(_SIZE)
        if not await _asked_for_more(page, button):
            return False
        if not await _grew(page, before):
            return False
    return True


async def _grew(page: Page, before: int) -> bool:
    """Whether anything is added to the page within a while. (The network may have been idle once
    already, of which Playwright then says that it is.)"""
    for _ in range(_LOOKS):
        await page.wait_for_timeout(_LOOK_MILLISECONDS)
        if await page.evaluate(_SIZE) > before:
            return True
    return False


async def _asked_for_more(page: Page, button: str) -> bool:
    if not button:
        await page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
        return True
    found = page.locator(button).first
    try:
        await found.click(timeout=_CLICK_MILLISECONDS)
    except PlaywrightError:
        return False  # no button, hidden or disabled: the end
    return True


def with_more(meta: dict[str, Any], source: HtmlListing) -> dict[str, Any]:
    """Request meta of `render_meta` that loads the rest of the list before the picture is taken."""
    if not source.scrolls:
        return meta
    more = PageMethod(load_more, source.load_more, source.scrolls)
    methods = [*meta["playwright_page_methods"], more]
    return {**meta, "playwright_page_methods": methods, "load_more": more}


def more_gaps(meta: dict[str, Any], url: str) -> list[Gap]:
    """That a list still grew when the last permitted click or scroll was made."""
    more = meta.get("load_more")
    if more is None or more.result is not True:
        return []
    reason = "the list still grew at the last of source.scrolls; what follows was not seen"
    return [Gap(GapKind.BUDGET_REACHED, url, reason)]
