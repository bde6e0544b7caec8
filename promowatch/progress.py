"""The live progress bars: of a crawl (pages, candidates, gaps, pages per second), and of an export
(entries, candidates, entries per second, time left)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from crawler.exports.scan import ExportProgress

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

_REFRESH_SECONDS = 0.2


class ProgressBar:
    """A Scrapy extension that shows the crawl's own counters on standard error."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._started = time.monotonic()
        self._task: asyncio.Task[None] | None = None
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn(
                "{task.fields[pages]} pages · {task.fields[hits]} hits · "
                "{task.fields[gaps]} gaps · {task.fields[rate]:.1f} pages/s"
            ),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ProgressBar:
        from scrapy import signals

        bar = cls(crawler)
        crawler.signals.connect(bar.opened, signals.spider_opened)
        crawler.signals.connect(bar.closed, signals.spider_closed)
        return bar

    def opened(self, spider: Any) -> None:
        self._progress.add_task(
            "scanning", total=None, pages=0, hits=0, gaps=0, rate=0.0, start=True
        )
        self._progress.start()
        self._task = asyncio.get_running_loop().create_task(self._keep_drawing())

    def closed(self, reason: str) -> None:
        if self._task is not None:
            self._task.cancel()
        self._draw()
        self._progress.stop()

    async def _keep_drawing(self) -> None:
        while True:
            self._draw()
            await asyncio.sleep(_REFRESH_SECONDS)

    def _draw(self) -> None:
        stats = self._crawler.stats
        pages = stats.get_value("promowatch/looks", 0)
        labels = [stats.get_value(f"promowatch/labels/{x}", 0) for x in ("violation", "review")]
        spider: Any = self._crawler.spider
        known = max(pages, spider.surfaces_known)
        self._progress.update(
            self._progress.task_ids[0],
            total=known or None,
            completed=pages,
            pages=pages,
            hits=sum(labels),
            gaps=stats.get_value("promowatch/gaps", 0),
            rate=pages / max(0.001, time.monotonic() - self._started),
        )


@contextmanager
def rows_bar(*, shown: bool) -> Iterator[Callable[[ExportProgress], None]]:
    """A bar for the scan of an export, on standard error; give it what the scan tells. How far it
    is, is measured in bytes of the file, so that the time left is known from the start."""
    bar = Progress(
        SpinnerColumn(),
        BarColumn(bar_width=24),
        TextColumn(
            "{task.fields[entries]:,} entries · {task.fields[hits]:,} hits · "
            "{task.fields[unchanged]:,} unchanged · {task.fields[gaps]:,} gaps · "
            "{task.fields[rate]:,.0f}/s ·"
        ),
        TimeRemainingColumn(),
        TextColumn("left"),
        console=Console(stderr=True),
        transient=True,
        disable=not shown,
    )
    task = bar.add_task("", total=None, entries=0, hits=0, unchanged=0, gaps=0, rate=0.0)
    started = time.monotonic()

    def tell(progress: ExportProgress) -> None:
        bar.update(
            task,
            total=max(1, progress.size),
            completed=progress.position,
            entries=progress.entries,
            hits=progress.hits,
            unchanged=progress.unchanged,
            gaps=progress.gaps,
            rate=progress.entries / max(0.001, time.monotonic() - started),
        )

    with bar:
        yield tell
