"""Waiting as long as a host asks: status 429 with Retry-After (RFC 6585, RFC 9110 10.2.3)."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from core.gap import Gap, GapKind
from core.urls import split_host
from crawler.failures import GapFound
from crawler.frontier import Page

_TOO_MANY = 429
_MOST_TRIES = 3
_SLICE_SECONDS = 0.5
"""A scan that is told to stop notices it after so long at most."""


class RetryAfterMiddleware:
    """After a 429 nobody asks that host before the time it named; then the request goes again.

    A wait longer than `limits.max_wait_seconds` is a gap, for this request and for all others to
    that host until then. A 429 without Retry-After is left to Scrapy's own retrying.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._until: dict[str, float] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RetryAfterMiddleware:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Wait while the host wants to be left alone."""
        host = split_host(request.url)
        while (left := self._until.get(host, 0.0) - time.monotonic()) > 0:
            self._check(left, request.url)
            if self._spider.stopping:
                _cut_short(request)
                return
            await asyncio.sleep(min(left, _SLICE_SECONDS))

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """The same request once more after a 429 that says how long to wait."""
        if response.status != _TOO_MANY:
            return response
        seconds = seconds_of(response.headers.get("Retry-After"), datetime.now(UTC))
        if seconds is None:
            return response
        host = split_host(request.url)
        self._until[host] = max(self._until.get(host, 0.0), time.monotonic() + seconds)
        self._check(seconds, request.url)
        tries = request.meta.get("retry_after_tries", 0) + 1
        if tries > _MOST_TRIES:
            reason = f"answered 429 {tries} times although each wait it asked for was kept"
            raise GapFound(Gap(GapKind.HTTP_STATUS, request.url, reason))
        return request.replace(meta={**request.meta, "retry_after_tries": tries}, dont_filter=True)

    @property
    def _spider(self) -> Any:
        return self._crawler.spider

    def _check(self, seconds: float, url: str) -> None:
        most = self._spider.target.limits.max_wait_seconds
        if seconds > most:
            reason = (
                f"answered 429 and asks to wait {seconds:.0f} s, longer than "
                f"limits.max_wait_seconds ({most:g}); scan again later"
            )
            raise GapFound(Gap(GapKind.HTTP_STATUS, url, reason))


def _cut_short(request: Request) -> None:
    """Its page is looked at anew when the scan is taken up again."""
    page = request.meta.get("page")
    if isinstance(page, Page):
        page.cut_short = True


def seconds_of(value: bytes | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for, a number or a date; None for neither."""
    text = (value or b"").decode("latin-1").strip()
    if text.isascii() and text.isdigit() and len(text) <= 9:
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - now).total_seconds())
