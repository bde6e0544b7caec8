"""Proven -> storage, in batches, so that a crawl is never held up by the disk."""

from __future__ import annotations

import asyncio
import hashlib
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from scrapy import signals
from scrapy.crawler import Crawler

from core.errors import StorageError
from core.frontier import FrontierPage, Progress
from core.gap import Gap
from core.urls import canonical_url
from crawler.frontier import CURRENT, Page, PageDone
from crawler.items import Item, Missing, NotSeen
from crawler.pipelines.evidence import Proven
from crawler.pipelines.failure import FAILURE, end_scan
from crawler.pipelines.keeping import look_at, scan_notes
from storage import Look, RunningScan, Store, surface_key

_BATCH = 500
_SECONDS = 1.0


class PersistPipeline:
    """Collects looks and gaps and writes them by 500 or once a second, in a thread.

    What comes of a page is held until all of it is there, and written in one transaction with the
    page's place in the frontier. Only a file of many surfaces is written piece by piece: its looks
    are known again when it has to be read anew. A store that fails ends the scan.
    """

    def __init__(self, crawler: Crawler, store: Store) -> None:
        self._crawler = crawler
        self._store = store
        self._rechecked = frozenset(crawler.settings.getlist("PROMOWATCH_RECHECK"))
        self._looks: list[Look] = []
        self._gaps: list[tuple[Gap, datetime]] = []
        self._recorded: set[asyncio.Task[None]] = set()
        self._pages: list[Page] = []
        self._cut_short: list[Page] = []
        self._number = 0
        self._flushed_at = time.monotonic()
        self._writing = asyncio.Lock()
        self._scan = 0
        self._running: RunningScan | None = None
        self._loose = Page("", "", {})

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> PersistPipeline:
        store = Store.open(Path(crawler.settings["PROMOWATCH_DATA"]))
        pipeline = cls(crawler, store)
        crawler.signals.connect(pipeline.finish, signals.spider_closed)
        crawler.signals.connect(pipeline._lost, signals.item_error)
        return pipeline

    def open_spider(self) -> None:
        self._scan = self._crawler.settings.getint("PROMOWATCH_SCAN") or self._begin()
        self._number = self._store.last_number(self._scan)
        self._crawler.stats.set_value("promowatch/scan", self._scan)

    def _begin(self) -> int:
        target = self._spider.target
        scan = self._store.begin_scan(
            target.id,
            target.title,
            started_at=datetime.now(UTC),
            notes=scan_notes(target),
            plan=self._spider.plan,
        )
        self._running = RunningScan(self._store.folder, scan)
        return scan

    async def process_item(self, item: Item | Proven) -> Item | Proven:
        page = CURRENT.get() or self._loose
        if isinstance(item, PageDone):
            self._end_page(item.page)
        else:
            self._keep(item, page)
            self._count_down(page)
        due = time.monotonic() - self._flushed_at >= _SECONDS
        many = len(self._looks) >= _BATCH or len(self._pages) >= _BATCH
        if (due or many) and not self._writing.locked():
            await self._flush()
        return item

    def _keep(self, item: Item | Proven, page: Page) -> None:
        if isinstance(item, NotSeen):
            page.gaps.append((item.gap, item.at))
        elif isinstance(item, Missing):
            page.looks += filter(self._wanted, [_nothing_there(item)])
        elif isinstance(item, Proven):
            page.looks += filter(self._wanted, [look_at(item.judged, item.kept)])
            if item.recorded is not None:
                page.recorded.add(item.recorded)
            page.gaps += ((gap, item.judged.capture.taken_at) for gap in item.kept.gaps)
            self._count("looks")
            if not item.judged.verdict.repeated:
                self._count(f"labels/{item.judged.verdict.label}")
        if len(page.looks) >= _BATCH:
            self._take_looks(page)

    def _count_down(self, page: Page) -> None:
        if page.expects:
            page.expects -= 1
            if not page.expects:
                self._end_page(page)

    def _lost(self) -> None:
        """A pipeline failed over an item: the rest of its page is kept."""
        self._count_down(CURRENT.get() or self._loose)

    def _end_page(self, page: Page) -> None:
        """All of a page is there. One that was cut short because the scan is being stopped is kept
        as it is, and looked at anew when the scan is taken up again."""
        for gap, _ in page.gaps:
            self._count("gaps")
            self._count(f"gaps/{gap.kind}")
        failed = self._crawler.stats.get_value(FAILURE) is not None
        stopped = not self._crawler.engine.running
        if failed or page.cut_short or (stopped and page.gaps):
            self._cut_short.append(page)
            return
        self._take_looks(page)
        self._gaps += page.gaps
        self._pages.append(page)

    def _take_looks(self, page: Page) -> None:
        self._looks += page.looks
        self._recorded |= page.recorded
        page.looks, page.recorded = [], set()

    async def close_spider(self) -> None:
        await self._flush()
        for page in (*self._cut_short, self._loose):
            self._take_looks(page)
            self._gaps += page.gaps
        for noticed in self._spider.closing_gaps():
            self._gaps.append((noticed.gap, noticed.at))
            self._count("gaps")
        await self._flush(closing=True)

    def finish(self, reason: str) -> None:
        """Write how the scan ended; Scrapy says why only after the pipelines are closed."""
        failed = self._crawler.stats.get_value(FAILURE)
        state: Literal["finished", "interrupted"] = (
            "finished" if reason == "finished" else "interrupted"
        )
        try:
            self._store.finish_scan(
                self._scan, state="failed" if failed else state, finished_at=datetime.now(UTC)
            )
        except StorageError as error:
            self._crawler.stats.set_value(FAILURE, str(error))
        self._store.close()
        if self._running is not None:
            self._running.release()

    @property
    def _spider(self) -> Any:
        return self._crawler.spider

    def _wanted(self, look: Look) -> bool:
        """A scan that looks at cases again makes no other candidates."""
        return not self._rechecked or look.key in self._rechecked

    def _count(self, name: str) -> None:
        self._crawler.stats.inc_value(f"promowatch/{name}")

    async def _flush(self, *, closing: bool = False) -> None:
        async with self._writing:
            looks, gaps, pages = self._looks, self._gaps, self._pages
            recorded = self._recorded
            self._looks, self._gaps, self._pages, self._recorded = [], [], [], set()
            self._flushed_at = time.monotonic()
            if not looks and not gaps and not pages:
                return
            rows = self._frontier(pages)
            progress = Progress(number=self._number, pages=rows, closing=closing)
            try:
                await asyncio.gather(*recorded)  # the ledger first, the database after it
                await asyncio.to_thread(self._store.record, self._scan, looks, gaps, progress)
            except StorageError as error:
                end_scan(self._crawler, error)

    def _frontier(self, pages: list[Page]) -> tuple[FrontierPage, ...]:
        """Rows of pages that are done, and of those that they found, numbered on."""
        rows = []
        for page in pages:
            self._number += 1
            rows.append(page.stored(self._number))
            for found in page.found:
                self._number += 1
                rows.append(found.stored(self._number, waiting=True))
        self._number += 1
        return tuple(rows)


def _nothing_there(item: Missing) -> Look:
    capture = item.capture
    url = canonical_url(capture.final_url)
    return Look(
        key=surface_key("marketing_page", url),
        surface="marketing_page",
        url=url,
        title="",
        seen_at=capture.taken_at,
        status=capture.status,
        content_sha256=hashlib.sha256(capture.body).hexdigest(),
        verdict=None,
    )
