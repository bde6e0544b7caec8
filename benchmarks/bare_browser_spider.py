"""The other side of the rendered crawl: scrapy-playwright as its documentation teaches it.

Every page is rendered; parsel reads title, text and links of what the browser holds. No picture is
taken, nothing is judged.

`python -m benchmarks.bare_browser_spider http://127.0.0.1:8000/ out.jsonl 4`
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any

from scrapy import Request
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response

from benchmarks.bare_spider import BareSpider
from crawler.browser import chromium_path

_HANDLER = "scrapy_playwright.handler.ScrapyPlaywrightDownloadHandler"


class BareBrowserSpider(BareSpider):
    """The bare spider with every request rendered."""

    name = "bare_browser"

    async def start(self) -> Any:
        for url in self.start_urls:
            yield Request(url, meta={"playwright": True})

    def parse(self, response: Response, **_: Any) -> Iterator[Request | dict[str, Any]]:
        for found in super().parse(response):
            if isinstance(found, Request):
                found.meta["playwright"] = True
            yield found


def _launch_options() -> dict[str, Any]:
    """The same Chromium as the other side has; root cannot use its sandbox."""
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    path = chromium_path()
    return {"args": sandbox, **({"executable_path": path} if path else {})}


def main(url: str, output: str, concurrency: int) -> int:
    process = CrawlerProcess(
        {
            "FEEDS": {output: {"format": "jsonlines"}},
            "ROBOTSTXT_OBEY": True,
            "CONCURRENT_REQUESTS": concurrency,
            "CONCURRENT_REQUESTS_PER_DOMAIN": concurrency,
            "DOWNLOAD_HANDLERS": {"http": _HANDLER, "https": _HANDLER},
            "PLAYWRIGHT_LAUNCH_OPTIONS": _launch_options(),
            "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": concurrency,
            "LOG_LEVEL": "WARNING",
        }
    )
    process.crawl(BareBrowserSpider, url=url)
    process.start()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
