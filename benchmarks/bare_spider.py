"""The other side of the crawl benchmark: Scrapy as its documentation teaches it.

LinkExtractor finds the links, parsel reads title and text, every link becomes a Request, FEEDS
writes JSON Lines. Settings are Scrapy's defaults but for robots.txt (obeyed), the log level, and
the concurrency that both sides share.

`python -m benchmarks.bare_spider http://127.0.0.1:8000/ out.jsonl 16`
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response, TextResponse
from scrapy.linkextractors import LinkExtractor


class BareSpider(Spider):
    """Title, text and links of every page of one site."""

    name = "bare"

    def __init__(self, url: str, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.start_urls = [url]
        self.links = LinkExtractor(allow_domains=[urlsplit(url).netloc])

    def parse(self, response: Response, **_: Any) -> Iterator[Request | dict[str, Any]]:
        if not isinstance(response, TextResponse):
            return
        words = response.xpath("//body//text()[not(parent::script or parent::style)]").getall()
        links = self.links.extract_links(response)
        yield {
            "url": response.url,
            "title": response.css("title::text").get(default=""),
            "text": " ".join(word.strip() for word in words if word.strip()),
            "links": [link.url for link in links],
        }
        for link in links:
            yield response.follow(link)


def main(url: str, output: str, concurrency: int) -> int:
    process = CrawlerProcess(
        {
            "FEEDS": {output: {"format": "jsonlines"}},
            "ROBOTSTXT_OBEY": True,
            "CONCURRENT_REQUESTS": concurrency,
            "CONCURRENT_REQUESTS_PER_DOMAIN": concurrency,
            "LOG_LEVEL": "WARNING",
        }
    )
    process.crawl(BareSpider, url=url)
    process.start()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
