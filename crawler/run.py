"""One crawl as one call: the command line starts it in a process of its own.

Scrapy is loaded with the first crawl: whoever only reads files (worker processes, the scan of an
export, half of the commands) is 30 MB smaller without it and begins half a second earlier.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import msgspec

from core.errors import PromowatchError
from core.target import Target

SpiderName = Literal["marketing_pages", "app_listings", "saved_captures", "package_files"]


class ScanRun(msgspec.Struct, frozen=True):
    """How a crawl went. `scan_id` is None when it could not begin."""

    scan_id: int | None
    finish_reason: str
    failure: str = ""


def spider_for(target: Target) -> SpiderName:
    """Which spider reads a target of the catalogue."""
    return "marketing_pages" if target.source is None else "app_listings"


def run_scan(
    target: Target,
    *,
    spider: SpiderName,
    data: Path,
    catalogue: Path,
    extensions: dict[Any, int] | None = None,
    settings: dict[str, Any] | None = None,
    **spider_arguments: Any,
) -> ScanRun:
    """Crawl `target` to its end and store what was found under `data`.

    Blocks; installs signal handlers (first Ctrl-C ends the crawl cleanly, a second one at once).
    Raises the PromowatchError that kept the crawl from beginning.
    """
    from scrapy.crawler import AsyncCrawlerProcess
    from scrapy.settings import Settings

    import crawler.settings

    project = Settings()
    project.setmodule(crawler.settings, priority="project")
    project.setdict(
        {
            "PROMOWATCH_DATA": str(data),
            "PROMOWATCH_CATALOGUE": str(catalogue),
            "LOG_FILE": str(_log_file(data)),
            "EXTENSIONS": {**crawler.settings.EXTENSIONS, **(extensions or {})},
            **(settings or {}),
        },
        priority="cmdline",
    )
    process = AsyncCrawlerProcess(project)
    # Scrapy filters by level only in its handler: two records a page are made and thrown away
    logging.getLogger("scrapy").setLevel(project["LOG_LEVEL"])
    crawl = process.create_crawler(spider)
    task = process.crawl(crawl, target=target, **spider_arguments)
    with spared_collector():
        process.start()
    if task.done() and not task.cancelled():
        error = task.exception()
        if isinstance(error, PromowatchError):
            raise error
        if error is not None:
            logging.getLogger(__name__).error("the crawl failed", exc_info=error)
            raise PromowatchError(
                f"the crawl could not run: {type(error).__name__}: {error}",
                hint=f"the log is {_log_file(data)}",
            ) from error
    stats = crawl.stats
    return ScanRun(
        scan_id=stats.get_value("promowatch/scan"),
        finish_reason=stats.get_value("finish_reason") or "shutdown",
        failure=stats.get_value("promowatch/failure") or "",
    )


@contextmanager
def spared_collector() -> Iterator[None]:
    """What was loaded at the start lives to the end: the garbage collector need not walk it again
    and again while pages or rows come and go (a tenth of a page's time, benchmarks/crawl.py)."""
    usual = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


def _log_file(data: Path) -> Path:
    return data / "crawl.log"
