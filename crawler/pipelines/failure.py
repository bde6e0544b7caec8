"""A store that fails ends the scan: nothing more could be kept."""

from __future__ import annotations

import asyncio

from scrapy.crawler import Crawler

from core.errors import StorageError

FAILURE = "promowatch/failure"
"""Crawl statistic that holds why the scan was ended; the command line prints it."""


def end_scan(crawler: Crawler, error: StorageError) -> None:
    """Note `error` and close the spider; the first failure is the one that is told."""
    if crawler.stats.get_value(FAILURE) is not None:
        return
    crawler.stats.set_value(FAILURE, str(error))
    closing = crawler.engine.close_spider_async(reason="storage_failed")
    task = asyncio.get_running_loop().create_task(closing)
    _closing.add(task)
    task.add_done_callback(_closing.discard)


_closing: set[asyncio.Task[None]] = set()
"""Keeps the tasks alive: an event loop holds only weak references."""
