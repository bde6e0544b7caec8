"""Saved captures: an HTML file or a WARC archive, judged without touching the network."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
from scrapy.http import Response

from core.capture import Capture, Picture
from core.gap import Gap
from crawler.extractors import extract
from crawler.sources import read_saved_page, read_warc, sniff
from crawler.spiders.base import SurfaceSpider, noticed, with_destinations


class SavedCapturesSpider(SurfaceSpider):
    """`promowatch scan page.html` and `promowatch scan archive.warc.gz`."""

    name = "saved_captures"
    resolves_links = False

    async def start(self) -> AsyncIterator[Any]:
        """One request per file, answered at once."""
        for seed in self.target.seeds:
            if self.first_visit(seed):
                yield self.local_file_request(seed, self.parse)

    async def parse(self, response: Response) -> AsyncIterator[Any]:
        """The items of every capture in a file; pictures of an archive are read from it."""
        path = Path(response.meta["local_file"])
        archive = sniff(path) == "warc"
        limits = self.target.limits
        if archive:
            for record in read_warc(path, limits=limits):
                if isinstance(record, Picture):
                    await self.pictures.remember(record.url, record.body)
        records = (
            read_warc(path, limits=limits) if archive else [read_saved_page(path, limits=limits)]
        )
        for record in records:
            if self.stopping:
                return
            if isinstance(record, Gap):
                yield noticed(record)
            elif isinstance(record, Capture):
                for item in await self._items(record):
                    yield item

    async def _items(self, capture: Capture) -> list[Any]:
        extraction = extract(capture, self.surface)
        leads_to = [url for url in (capture.leads_to, extraction.next_hop) if url]
        at_hand = tuple(
            picture
            for picture in extraction.pictures
            if picture.data is not None or self.pictures.knows(picture.url)
        )
        offline = msgspec.structs.replace(extraction, pictures=at_hand)
        items = self.seen(capture, offline, with_destinations(extraction.document, leads_to))
        return items if isinstance(items, list) else await items
