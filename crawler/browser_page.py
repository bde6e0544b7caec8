"""What one page may do in the browser: where it may go, and how much it may ask for.

The network itself is the guard proxy's business (`crawler.browser_proxy`). Here a page is kept to
its scope and its budgets, so that one that never rests costs itself alone.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Route
from scrapy import Request

from core.gap import Gap, GapKind
from core.profile import Profile
from core.target import Limits
from core.text import one_line
from core.urls import scheme_of
from crawler.browser_profile import become
from crawler.failures import GapFound

_DEPARTURES_KEPT = 20
_MOST_WINDOWS = 20
_REST_FACTOR = 2
"""As long as loading may take, settling, the screenshot and taking the content may take."""

CLOSE_SECONDS = 10.0


class PageWatch:
    """Watches one page while it is drawn; made anew for every request.

    The page may load what it likes, but where it takes the browser to a page that `admits`
    refuses, the browser gets an empty page instead, and the address is kept in `departures`.
    (Aborting that navigation would leave the page without a load event.) `ended` is set once the
    page was closed for what it did. With a `profile` the page says of itself what that says.
    """

    def __init__(
        self, admits: Callable[[str], bool], limits: Limits, profile: Profile | None = None
    ) -> None:
        self.departures: list[str] = []
        self.ended: Gap | None = None
        self._admits = admits
        self._limits = limits
        self._profile = profile
        self._asked: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self._page: Page | None = None
        self._url = ""
        self._deadline: asyncio.TimerHandle | None = None

    async def watch(self, page: Page, request: Request) -> None:
        """Begin: scrapy-playwright calls this with the fresh page of `request`."""
        self._cancel_deadline()  # of the page before, where the parent tries once more
        self._page, self._url = page, request.url
        seconds = self._limits.render_seconds * _REST_FACTOR
        late = Gap(GapKind.TIMEOUT, self._url, f"the page did not come to rest in {seconds:g} s")
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(seconds, self._end, late)
        page.on("popup", self._close_window)
        page.on("crash", self._crash)
        if self._profile is not None:
            await become(page, self._profile)
        await page.route("**", self._decide)  # scrapy-playwright takes it off a page in use again

    def let_go(self) -> Page | None:
        """The page, watched no more, if another can be drawn in its tab: it kept to itself, and
        was nobody's profile. None otherwise."""
        page = self._page
        odd = self.ended or self.departures or self._refused or self._asked["windows"]
        if page is None or page.is_closed() or odd or self._profile is not None:
            return None
        self._cancel_deadline()
        page.remove_listener("popup", self._close_window)
        page.remove_listener("crash", self._crash)
        self._page = None
        return page

    async def close(self) -> bool:
        """Close the page, if there is one; False when it does not answer."""
        self._cancel_deadline()
        return self._page is None or await closed(self._page)

    def check_open(self) -> None:
        """Raise GapFound when the page was closed for what it did."""
        if self.ended is not None:
            raise GapFound(self.ended)

    def check_place(self) -> None:
        """Raise GapFound when the page has taken the browser to what is no page of the web."""
        scheme = scheme_of(self._page.url) if self._page is not None else "http"
        if scheme not in ("http", "https"):
            reason = f"the page took the browser to a `{one_line(scheme)}:` address"
            raise GapFound(Gap(GapKind.RENDER_FAILED, self._url, reason))

    def gaps(self) -> list[Gap]:
        """What the page asked for beyond its budgets and did not get."""
        return [
            Gap(GapKind.BUDGET_REACHED, self._url, f"{count} {what}")
            for what, count in self._refused.items()
        ]

    async def _decide(self, route: Route) -> None:
        wanted = route.request
        if not wanted.is_navigation_request():
            await self._admit(route, "requests", self._limits.max_page_requests)
            return
        if self._page is None or wanted.frame != self._page.main_frame:
            await self._admit(route, "frames", self._limits.max_frames)
            return
        away = wanted.url != self._url and not self._admits(wanted.url)
        if away and len(self.departures) < _DEPARTURES_KEPT:
            self.departures.append(wanted.url)
        if away or self._beyond("redirects", self._limits.max_redirects):
            await route.fulfill(status=200, content_type="text/html", body="")
        else:
            await route.fallback()

    async def _admit(self, route: Route, kind: str, most: int) -> None:
        if self._beyond(kind, most):
            await route.abort()
        else:
            await route.fallback()

    def _beyond(self, kind: str, most: int) -> bool:
        """Count one more of `kind`; whether that is more than the page may have."""
        self._asked[kind] += 1
        beyond = self._asked[kind] > most
        if beyond:
            limit = "max_page_requests" if kind == "requests" else f"max_{kind}"
            self._refused[f"{kind} of the page refused: limits.{limit} ({most}) reached"] += 1
        return beyond

    def _close_window(self, window: Page) -> None:
        """No page needs a second window; where it leads to in our scope stands in its links."""
        self._asked["windows"] += 1
        _spawn(closed(window))
        if self._asked["windows"] > _MOST_WINDOWS:
            reason = f"the page opened more than {_MOST_WINDOWS} windows"
            self._end(Gap(GapKind.RENDER_FAILED, self._url, reason))

    def _crash(self, _: Page) -> None:
        self._end(Gap(GapKind.RENDER_FAILED, self._url, "the page crashed the renderer"))

    def _end(self, gap: Gap) -> None:
        """Close the page for what it did."""
        if self.ended is None:
            self.ended = gap
            _spawn(self.close())

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()


async def closed(page: Page) -> bool:
    """Close `page`; False when the browser does not confirm it in time."""
    with contextlib.suppress(PlaywrightError, TimeoutError):
        await asyncio.wait_for(page.close(), CLOSE_SECONDS)
    return page.is_closed()


_tasks: set[asyncio.Future[bool]] = set()
"""Keeps the tasks alive: an event loop holds only weak references."""


def _spawn(work: Coroutine[Any, Any, bool]) -> None:
    _tasks.add(task := asyncio.ensure_future(work))
    task.add_done_callback(_tasks.discard)
