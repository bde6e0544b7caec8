"""Everything that knows Playwright: which Chromium, how it is started, what is taken of a page.

The browser is started only when the first page needs it. All its traffic goes through the guard
proxy of `crawler.browser_proxy`, which resolves, checks and connects; nothing goes around it.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import math
import os
import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import msgspec
from playwright.async_api import Browser, Page, Route
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeout
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler
from scrapy_playwright.page import PageMethod

from core.capture import Box
from crawler.browser_proxy import GuardProxy
from crawler.page_layout import element_boxes

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

_ARGUMENTS = (
    "--disable-quic",  # QUIC would go around the proxy
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-gpu",
    "--no-first-run",
    "--disable-features=OptimizationHints,MediaRouter,Translate",
)
_SETTLE_MILLISECONDS = 4_000
_SCREENSHOT_HEIGHT = 8_000
_SCREENSHOT_WIDTH = 1_280
_VIEW_SECONDS = 10.0
_DEPARTURES_KEPT = 20
_EXTRA_SECONDS = 30.0
"""Beyond the time for navigation: starting the browser, settling, the screenshot."""

_CLOSE_SECONDS = 10.0


def chromium_path() -> str | None:
    """The Chromium on PATH that starts, or None: then Playwright's own is used."""
    named = os.environ.get("PROMOWATCH_CHROMIUM")
    found = (path for name in CHROMIUM_NAMES if (path := shutil.which(name)))
    return named or next((path for path in found if _starts(path)), None)


def _starts(path: str) -> bool:
    """Whether the program at `path` tells its version; a snap's stub alone does not."""
    try:
        asked = subprocess.run([path, "--version"], capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0


def launch_options() -> dict[str, Any]:
    """How Chromium is started, but for its proxy. Root cannot use Chromium's own sandbox."""
    arguments = list(_ARGUMENTS)
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    options: dict[str, Any] = {"headless": True, "args": arguments, "handle_sigint": False}
    path = chromium_path()
    if path:
        options["executable_path"] = path
    return options


async def settle(page: Page) -> None:
    """Wait until the page stops fetching, but not for ever: some never do."""
    try:
        await page.wait_for_load_state("networkidle", timeout=_SETTLE_MILLISECONDS)
    except PlaywrightTimeout:
        return


MOST_VIEW_BYTES = 64 * 1024 * 1024
"""More than the picture of any page can have: 1,280 x 8,000 pixels of noise are 31 MB."""


class View(msgspec.Struct, frozen=True):
    """A rendered page as its reader sees it: a PNG picture, and where in it each element stands."""

    picture: bytes
    boxes: tuple[tuple[str, Box], ...]


async def view(page: Page) -> View:
    """The page from its top down to a bounded height.

    Asked of the browser itself, not of scripts in the page, which a page may bend.
    """
    try:
        return await asyncio.wait_for(_viewed(page), _VIEW_SECONDS)
    except TimeoutError as error:
        raise PlaywrightTimeout(f"no picture of the page within {_VIEW_SECONDS:g} s") from error


async def _viewed(page: Page) -> View:
    browser = await page.context.new_cdp_session(page)
    metrics = await browser.send("Page.getLayoutMetrics")
    height = max(1, min(math.ceil(metrics["cssContentSize"]["height"]), _SCREENSHOT_HEIGHT))
    size = (_SCREENSHOT_WIDTH, height)
    snapshot = await browser.send("DOMSnapshot.captureSnapshot", {"computedStyles": []})
    taken = await browser.send(
        "Page.captureScreenshot",
        {
            "format": "png",
            "optimizeForSpeed": True,
            "captureBeyondViewport": True,
            "clip": {"x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1},
        },
    )
    await browser.detach()
    return View(base64.b64decode(taken["data"]), element_boxes(snapshot, size))


def render_meta(admits: Callable[[str], bool]) -> dict[str, Any]:
    """Request meta that makes the browser handler render one page and take its picture; it takes
    up what comes of it, so each request needs its own.

    The page may load what it likes, but where it takes the browser to a page that `admits`
    refuses, the browser gets an empty page instead, and the address is kept: see `left_for`.
    (Aborting that navigation would leave the page without a load event.)
    """
    departures: list[str] = []

    async def watch(page: Page, request: Request) -> None:
        async def decide(route: Route) -> None:
            wanted = route.request
            leaving = wanted.is_navigation_request() and wanted.frame == page.main_frame
            if leaving and wanted.url != request.url and not admits(wanted.url):
                if len(departures) < _DEPARTURES_KEPT:
                    departures.append(wanted.url)
                await route.fulfill(status=200, content_type="text/html", body="")
            else:
                await route.fallback()

        await page.route("**", decide)

    return {
        "playwright": True,
        "playwright_page_init_callback": watch,
        "departures": departures,
        "playwright_context": "scan",
        "playwright_context_kwargs": {
            "viewport": {"width": _SCREENSHOT_WIDTH, "height": 900},
            "accept_downloads": False,
            "service_workers": "block",
            "ignore_https_errors": False,
            "java_script_enabled": True,
        },
        "playwright_page_methods": [PageMethod(settle), PageMethod(view)],
    }


def left_for(meta: dict[str, Any]) -> tuple[str, ...]:
    """Addresses outside the scope that a rendered page tried to take its visitor to."""
    return tuple(dict.fromkeys(meta.get("departures") or ()))


def view_of(meta: dict[str, Any]) -> View | None:
    """The view that `render_meta` asked for, from the meta of the request that was rendered."""
    methods = meta.get("playwright_page_methods") or ()
    taken = methods[-1].result if methods else None
    return taken if isinstance(taken, View) else None


class GuardedBrowserHandler(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc]
    """scrapy-playwright behind the guard proxy, started when the first page needs it."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._proxy = GuardProxy()
        self._started = False

    async def _maybe_launch_in_thread(self) -> None:
        """The parent starts Playwright with the engine; most scans never render a page."""

    async def _maybe_launch_browser(self) -> None:
        if not self._started:
            self._started = True
            address = await self._proxy.start()
            self.config.launch_options = {
                **launch_options(),
                "proxy": {"server": address, "bypass": "<-loopback>"},
            }
            await self._launch()
        await super()._maybe_launch_browser()

    async def _download_request(self, request: Request) -> Response:
        """Render within a bound: a call to a browser that has died may wait for ever."""
        seconds = (self.config.navigation_timeout_ms or 0) / 1_000 + _EXTRA_SECONDS
        try:
            return await asyncio.wait_for(super()._download_request(request), seconds)
        except TimeoutError as error:
            self._forget_browser()
            raise PlaywrightError(f"the browser did not answer within {seconds:g} s") from error

    async def _browser_disconnected_callback(self) -> None:
        """The parent closes the contexts first, which a browser that was killed never answers."""
        self._forget_browser()

    def _forget_browser(self) -> None:
        """Have the next page rendered by a browser of its own; pages of this one fail."""
        self.context_wrappers.clear()
        self.context_launch_lock = asyncio.Lock()
        if hasattr(self, "browser"):
            abandoned = self.browser
            del self.browser
            _closing.add(task := asyncio.ensure_future(_closed(abandoned)))
            task.add_done_callback(_closing.discard)

    async def _close(self) -> None:
        if not self._started:
            return
        try:
            await asyncio.wait_for(super()._close(), _CLOSE_SECONDS)
        except (PlaywrightError, TimeoutError) as error:
            # a browser that was killed cannot be closed; its pages are gaps already
            self._crawler.stats.set_value("promowatch/browser_close_error", str(error))
        await self._proxy.close()


_closing: set[asyncio.Future[None]] = set()
"""Keeps the tasks alive: an event loop holds only weak references."""


async def _closed(browser: Browser) -> None:
    """Close `browser` if it still answers."""
    with contextlib.suppress(PlaywrightError, TimeoutError):
        await asyncio.wait_for(browser.close(), _CLOSE_SECONDS)
