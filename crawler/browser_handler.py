"""Pages through the browser: scrapy-playwright behind the guard proxy, each page in its turn."""

from __future__ import annotations

import asyncio
import contextlib
import resource
from collections.abc import Iterator
from typing import Any

from playwright.async_api import Browser, Download, Page
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Response as PlaywrightResponse
from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

from crawler.browser import ONE_VISIT, VIEW, launch_options, settle
from crawler.browser_contexts import ContextTurns
from crawler.browser_page import CLOSE_SECONDS, PageWatch, closed
from crawler.browser_proxy import GuardProxy
from crawler.browser_tabs import SpareTabs
from crawler.browser_view import look

_EXTRA_SECONDS = 20.0
"""Starting the browser, and closing a page that had all its time (see `PageWatch`)."""

_MEMORY_BYTES = 2 * 1024**3
"""Data of one process of the browser; one that wants more crashes, and its page is a gap."""


_NEVER_LOADS = "never_loads"
"""In the meta of a request whose page will not come to its load event."""

_LOAD_AFTER_DOWNLOAD_SECONDS = 2.0
"""What a page may take to load once it has started a download; many never do."""


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


class GuardedBrowserHandler(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc]
    """scrapy-playwright behind the guard proxy, started when the first page needs it."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._proxy = GuardProxy(
            crawler.settings.getint("DOWNLOAD_MAXSIZE"),
            crawler.settings.getint("PROMOWATCH_MAX_TUNNEL_BYTES"),
        )
        self._turns = ContextTurns()
        self._tabs = SpareTabs()
        self._waiting = 0
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
        self._waiting += 1
        try:
            await self._pages_at_once.acquire()
        finally:
            self._waiting -= 1
        try:
            return await self._drawn_in_turn(request)
        finally:
            self._pages_at_once.release()

    async def _drawn_in_turn(self, request: Request) -> Response:
        watch: PageWatch = request.meta["watch"]
        own = request.meta.get(ONE_VISIT)
        context = request.meta["playwright_context"] = own or self._turns.take()
        request.meta["playwright_page"] = self._tabs.take(context)
        tab = None
        try:
            response = await self._drawn(request, watch)
            watch.check_place()
            if not own and request.meta.get(VIEW) is None:
                tab = watch.let_go()
        finally:
            request.meta.pop("playwright_page", None)
            await self._put_away(tab, context, watch)
            if own or self._turns.give_back(context):
                self._tabs.drop(context)
                await self._close_context(context)
        return response

    async def _put_away(self, tab: Page | None, context: str, watch: PageWatch) -> None:
        """Keep the `tab` of a page that asked for nothing special for one that waits; close it
        otherwise."""
        if tab is None:
            shut = await watch.close()
        else:
            shut = self._tabs.keep(context, tab, self._waiting) or await closed(tab)
        if not shut:
            self._turns.retire()
        if not self._waiting:
            for spare in self._tabs.drop():
                await closed(spare)

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

    async def _get_response_and_download(
        self, request: Request, page: Page, spider: Spider
    ) -> tuple[Any, Any]:
        """A page that starts a download while it loads (an app package, as a rule) is a page still:
        the parent would give it up for the download, and Chromium never says that it has loaded."""
        before, answers, begun = page.url, [], asyncio.Event()

        def answered(response: PlaywrightResponse) -> None:
            asked = response.request
            if asked.is_navigation_request() and asked.frame == page.main_frame:
                answers.append(response)

        def downloads(_: Download) -> None:
            begun.set()

        page.on("response", answered)
        page.on("download", downloads)
        going = asyncio.ensure_future(super()._get_response_and_download(request, page, spider))
        waiting = asyncio.ensure_future(begun.wait())
        try:
            await asyncio.wait({going, waiting}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait({going}, timeout=_LOAD_AFTER_DOWNLOAD_SECONDS)
            document = next((one for one in answers if not 300 <= one.status < 400), None)
            if not going.done() and document is not None and page.url != before:
                request.meta[_NEVER_LOADS] = True
                return document, None
            response, download = await going
            return response, None if response is not None else download
        finally:
            waiting.cancel()
            going.cancel()
            page.remove_listener("response", answered)
            page.remove_listener("download", downloads)

    async def _apply_page_methods(self, page: Page, request: Request, spider: Spider) -> None:
        """The parent waits for the load event after each."""
        if request.meta.pop(_NEVER_LOADS, False):
            await settle(page)
        else:
            await super()._apply_page_methods(page, request, spider)

    async def _download_request_with_page(
        self, request: Request, page: Page, spider: Spider
    ) -> Response:
        """Look at the page that the parent has drawn."""
        response: Response = await super()._download_request_with_page(request, page, spider)
        wanted = request.meta["picture_wanted"]
        if wanted is not None:
            scale = request.meta["device_scale"]
            response, request.meta[VIEW] = await look(page, response, scale, wanted)
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
        self._tabs.drop()
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
