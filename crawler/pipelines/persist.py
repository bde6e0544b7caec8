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
from core.gap import Gap
from core.urls import canonical_url
from crawler.items import Item, Missing, NotSeen
from crawler.pipelines.evidence import Proven
from crawler.pipelines.failure import FAILURE, end_scan
from crawler.pipelines.keeping import look_at, scan_notes
from storage import Look, Store, surface_key

_BATCH = 500
_SECONDS = 1.0


class PersistPipeline:
    """Collects looks and gaps and writes them by 500 or once a second, in a thread.

    A store that fails ends the scan.
    """

    def __init__(self, crawler: Crawler, store: Store) -> None:
        self._crawler = crawler
        self._store = store
        self._rechecked = frozenset(crawler.settings.getlist("PROMOWATCH_RECHECK"))
        self._looks: list[Look] = []
        self._gaps: list[tuple[Gap, datetime]] = []
        self._recorded: set[asyncio.Task[None]] = set()
        self._flushed_at = time.monotonic()
        self._writing = asyncio.Lock()
        self._scan = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> PersistPipeline:
        store = Store.open(Path(crawler.settings["PROMOWATCH_DATA"]))
        pipeline = cls(crawler, store)
        crawler.signals.connect(pipeline.finish, signals.spider_closed)
        return pipeline

    def open_spider(self) -> None:
        begun = self._crawler.settings.getint("PROMOWATCH_SCAN")
        self._scan = begun or self._begin()
        self._crawler.stats.set_value("promowatch/scan", self._scan)

    def _begin(self) -> int:
        target = self._spider.target
        return self._store.begin_scan(
            target.id, target.title, started_at=datetime.now(UTC), notes=scan_notes(target)
        )

    async def process_item(self, item: Item | Proven) -> Item | Proven:
        if isinstance(item, NotSeen):
            self._note(item.gap, item.at)
        elif isinstance(item, Missing):
            self._keep(_nothing_there(item))
        elif isinstance(item, Proven):
            self._keep(look_at(item.judged, item.files))
            if item.recorded is not None:
                self._recorded.add(item.recorded)
            for gap in item.gaps:
                self._note(gap, item.judged.capture.taken_at)
            self._count("looks")
            if not item.judged.verdict.repeated:
                self._count(f"labels/{item.judged.verdict.label}")
        due = time.monotonic() - self._flushed_at >= _SECONDS
        if (due or len(self._looks) >= _BATCH) and not self._writing.locked():
            await self._flush()
        return item

    async def close_spider(self) -> None:
        for noticed in self._spider.closing_gaps():
            self._gaps.append((noticed.gap, noticed.at))
            self._count("gaps")
        await self._flush()

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

    @property
    def _spider(self) -> Any:
        return self._crawler.spider

    def _note(self, gap: Gap, at: datetime) -> None:
        self._gaps.append((gap, at))
        self._count("gaps")
        self._count(f"gaps/{gap.kind}")

    def _keep(self, look: Look) -> None:
        """A scan that looks at cases again makes no other candidates."""
        if not self._rechecked or look.key in self._rechecked:
            self._looks.append(look)

    def _count(self, name: str) -> None:
        self._crawler.stats.inc_value(f"promowatch/{name}")

    async def _flush(self) -> None:
        async with self._writing:
            looks, gaps = self._looks, self._gaps
            recorded = self._recorded
            self._looks, self._gaps, self._recorded = [], [], set()
            self._flushed_at = time.monotonic()
            if not looks and not gaps:
                return
            try:
                await asyncio.gather(*recorded)  # the ledger first, the database after it
                await asyncio.to_thread(self._store.record, self._scan, looks, gaps)
            except StorageError as error:
                end_scan(self._crawler, error)


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
