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
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from playwright.async_api import Browser, Page
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeout
from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler
from scrapy_playwright.page import PageMethod

from core.capture import Box
from core.gap import Gap
from core.profile import Profile
from core.target import Limits
from crawler.browser_contexts import ContextTurns
from crawler.browser_page import CLOSE_SECONDS, PageWatch
from crawler.browser_profile import context_options
from crawler.browser_proxy import GuardProxy
from crawler.page_layout import element_boxes

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

_ARGUMENTS = (
    "--disable-quic",  # QUIC would go around the proxy
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",  # read by Chromium
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",  # read by its headless shell
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # names are the proxy's business
    "--dns-prefetch-disable",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-gpu",
    "--no-first-run",
    "--disable-features=OptimizationHints,MediaRouter,Translate",
)
ONE_VISIT = "one_visit"
"""Request meta: the browser context is closed after this page."""

_SETTLE_MILLISECONDS = 4_000
_SCREENSHOT_HEIGHT = 8_000
_SCREENSHOT_WIDTH = 1_280
_VIEW_SECONDS = 10.0
_EXTRA_SECONDS = 20.0
"""Starting the browser, and closing a page that had all its time (see `PageWatch`)."""

_MEMORY_BYTES = 2 * 1024**3
"""Data of one process of the browser; one that wants more crashes, and its page is a gap."""


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


def launch_options(proxy: str) -> dict[str, Any]:
    """How Chromium is started behind `proxy`. Root cannot use Chromium's own sandbox."""
    arguments = list(_ARGUMENTS)
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    options: dict[str, Any] = {"headless": True, "args": arguments, "handle_sigint": False}
    options["ignore_default_args"] = ["--disable-popup-blocking"]
    options["proxy"] = {"server": proxy, "bypass": "<-loopback>"}  # no way around it for loopback
    path = chromium_path()
    if path:
        options["executable_path"] = path
    return options


@contextlib.contextmanager
def _bounded_memory() -> Iterator[None]:
    """What is started inside may have so much data in each of its processes.

    The limit is ours for that moment, since Playwright starts its driver and the driver Chromium.
    (A limit of address space will not do: Chromium reserves terabytes that it never uses.)
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    bounded = _MEMORY_BYTES if hard == resource.RLIM_INFINITY else min(_MEMORY_BYTES, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (bounded, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


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


async def view(page: Page, device_scale: float = 1.0) -> View:
    """The page from its top down to a bounded height, one pixel of the picture to one of CSS;
    `device_scale` is how many pixels the device has for one.

    Asked of the browser itself, not of scripts in the page, which a page may bend.
    """
    try:
        return await asyncio.wait_for(_viewed(page, device_scale), _VIEW_SECONDS)
    except TimeoutError as error:
        raise PlaywrightTimeout(f"no picture of the page: Timeout {_VIEW_SECONDS:g} s") from error


async def _viewed(page: Page, device_scale: float) -> View:
    browser = await page.context.new_cdp_session(page)
    metrics = await browser.send("Page.getLayoutMetrics")
    height = max(1, min(math.ceil(metrics["cssContentSize"]["height"]), _SCREENSHOT_HEIGHT))
    width = page.viewport_size["width"] if page.viewport_size else _SCREENSHOT_WIDTH
    size = (width, height)
    snapshot = await browser.send("DOMSnapshot.captureSnapshot", {"computedStyles": []})
    clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1 / device_scale}
    taken = await browser.send(
        "Page.captureScreenshot",
        {"format": "png", "optimizeForSpeed": True, "captureBeyondViewport": True, "clip": clip},
    )
    await browser.detach()
    return View(base64.b64decode(taken["data"]), element_boxes(snapshot, size))


def render_meta(
    admits: Callable[[str], bool], limits: Limits, profile: Profile | None = None
) -> dict[str, Any]:
    """Request meta that makes the browser handler render a page and take its picture, as the
    visitor `profile` where one is given.

    What the page may do is said in `crawler.browser_page`; see `left_for` and `page_gaps`.
    """
    watch = PageWatch(admits, limits, profile)
    return {
        "playwright": True,
        "playwright_page_init_callback": watch.watch,
        "watch": watch,
        "playwright_context_kwargs": {
            "viewport": {"width": _SCREENSHOT_WIDTH, "height": 900},
            "accept_downloads": False,
            "permissions": [],  # all are refused; without this, sensors and clipboard are granted
            "service_workers": "block",
            "ignore_https_errors": False,
            "java_script_enabled": True,
            **(context_options(profile) if profile is not None else {}),
        },
        "playwright_page_goto_kwargs": {"referer": profile.referer}
        if profile is not None and profile.referer
        else {},
        "playwright_page_methods": [
            PageMethod(settle),
            PageMethod(view, profile.device_scale if profile is not None else 1.0),
        ],
    }


def left_for(meta: dict[str, Any]) -> tuple[str, ...]:
    """Addresses outside the scope that a rendered page tried to take its visitor to."""
    watch = meta.get("watch")
    return tuple(dict.fromkeys(watch.departures)) if isinstance(watch, PageWatch) else ()


def page_gaps(meta: dict[str, Any]) -> list[Gap]:
    """What a rendered page asked for beyond its budgets."""
    watch = meta.get("watch")
    return watch.gaps() if isinstance(watch, PageWatch) else []


def view_of(meta: dict[str, Any]) -> View | None:
    """The view that `render_meta` asked for, from the meta of the request that was rendered."""
    methods = meta.get("playwright_page_methods") or ()
    taken = methods[-1].result if methods else None
    return taken if isinstance(taken, View) else None


class GuardedBrowserHandler(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc]
    """scrapy-playwright behind the guard proxy, started when the first page needs it."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._proxy = GuardProxy(
            crawler.settings.getint("DOWNLOAD_MAXSIZE"),
            crawler.settings.getint("PROMOWATCH_MAX_TUNNEL_BYTES"),
        )
        self._turns = ContextTurns()
        self._pages_at_once = asyncio.Semaphore(self.config.max_pages_per_context)
        self._started = False

    async def _maybe_launch_in_thread(self) -> None:
        """The parent starts Playwright with the engine; most scans never render a page."""

    async def _maybe_launch_browser(self) -> None:
        if not self._started:
            self._started = True
            address = await self._proxy.start()
            self.config.launch_options = launch_options(address)
            with _bounded_memory():
                await self._launch()
        await super()._maybe_launch_browser()

    async def _download_request(self, request: Request) -> Response:
        """Draw one page, in its turn: Scrapy 2.19 lets requests that come together all begin."""
        watch: PageWatch = request.meta["watch"]
        own = request.meta.get(ONE_VISIT)
        async with self._pages_at_once:
            name = request.meta["playwright_context"] = own or self._turns.take()
            try:
                response = await self._drawn(request, watch)
            finally:
                if not await watch.close():
                    self._turns.retire()
                if own or self._turns.give_back(name):
                    await self._close_context(name)
        watch.check_place()
        return response

    async def _drawn(self, request: Request, watch: PageWatch) -> Response:
        """The page within a bound: a call to a browser that has died may wait for ever."""
        seconds = 2 * (self.config.navigation_timeout_ms or 0) / 1_000 + _EXTRA_SECONDS
        try:
            response: Response = await asyncio.wait_for(super()._download_request(request), seconds)
        except TimeoutError as error:
            if not await watch.close():
                self._forget_browser()
            raise PlaywrightError(f"the browser did not answer within {seconds:g} s") from error
        except PlaywrightError:
            watch.check_open()
            raise
        watch.check_open()
        return response

    async def _download_request_with_retry(self, request: Request, spider: Spider) -> Response:
        """The parent draws a page again that was closed; not where it was closed for good."""
        watch: PageWatch = request.meta["watch"]
        watch.check_open()
        response: Response = await super()._download_request_with_retry(
            request=request, spider=spider
        )
        return response

    async def _close_context(self, name: str) -> None:
        """Close a context without pages; one that does not answer goes with the browser."""
        wrapper = self.context_wrappers.get(name)
        if wrapper is not None:
            with contextlib.suppress(PlaywrightError, TimeoutError):
                await asyncio.wait_for(wrapper.context.close(), CLOSE_SECONDS)

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
            await asyncio.wait_for(super()._close(), CLOSE_SECONDS)
        except (PlaywrightError, TimeoutError) as error:
            # a browser that was killed cannot be closed; its pages are gaps already
            self._crawler.stats.set_value("promowatch/browser_close_error", str(error))
        await self._proxy.close()


_closing: set[asyncio.Future[None]] = set()
"""Keeps the tasks alive: an event loop holds only weak references."""


async def _closed(browser: Browser) -> None:
    """Close `browser` if it still answers."""
    with contextlib.suppress(PlaywrightError, TimeoutError):
        await asyncio.wait_for(browser.close(), CLOSE_SECONDS)
