"""App and mini-program listings: HTML lists, JSON APIs and exports, page by page."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from scrapy.http import Response

from core.capture import Capture
from core.document import Document, Locator
from core.gap import Gap, GapKind
from core.target import ExportListing, HtmlListing, JsonListing
from crawler.extractors import Extraction, PictureReference, data_uri, decode_text, extract
from crawler.sources import (
    EntryFields,
    ListingPage,
    listing_document,
    read_export,
    read_html_listing,
    read_json_listing,
    row_capture,
)
from crawler.spiders.base import Output, SurfaceSpider, capture_of, noticed


class AppListingsSpider(SurfaceSpider):
    """`scrapy crawl app_listings -a target=demonstration-market`."""

    name = "app_listings"
    surface = "app_listing"

    def __init__(
        self,
        target: Any,
        *,
        export_rows: Mapping[str, tuple[str, frozenset[int]]] | None = None,
        **kwargs: Any,
    ) -> None:
        """`export_rows`: by seed, the file of an export and the places of the rows to look at in
        it, where the others were judged already (`crawler.exports`)."""
        super().__init__(target, **kwargs)
        self._export_rows = export_rows
        self.surface = target.surface
        self._pages_read = 0
        self._contents: set[str] = set()

    async def start(self) -> AsyncIterator[Any]:
        """Requests for the first pages, or the entries of an export on disk."""
        for seed in self.target.seeds:
            if self._export_rows is not None:
                if seed in self._export_rows:
                    path, _ = self._export_rows[seed]
                    yield self.local_file_request(path, partial(self.parse_export, name=seed))
            elif "://" in seed:
                if self.first_visit(seed):
                    yield self.page_request(seed)
            elif isinstance(self.target.source, ExportListing):
                yield self.local_file_request(seed, self.parse_export)

    def parse(self, response: Response, depth: int = 0, **kwargs: Any) -> Any:
        """Entries of one listing page, and the request for the next one."""
        refused = self.refused(response)
        if refused is not None:
            return refused
        if isinstance(self.target.source, ExportListing):
            return self.parse_export(response)
        digest = hashlib.sha256(response.body).hexdigest()
        if digest in self._contents:
            reason = "the same page came again under another address; stopped there"
            return [noticed(Gap(GapKind.SHAPE_CHANGED, response.url, reason))]
        self._contents.add(digest)
        page = self._read(response)
        output: Output = [noticed(gap) for gap in page.gaps]
        output += self._next(page)
        return self._entries(page, capture_of(response), output)

    def _read(self, response: Response) -> ListingPage:
        source = self.target.source
        first = self._pages_read == 0 or response.url in self.target.seeds
        if isinstance(source, JsonListing):
            return read_json_listing(response.body, response.url, source, first=first)
        assert isinstance(source, HtmlListing)  # noqa: S101  (the target's schema says so)
        content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
        text, _, _ = decode_text(response.body, content_type)
        return read_html_listing(text, response.url, source, first=first)

    def _next(self, page: ListingPage) -> Output:
        self._pages_read += 1
        if not page.next_page or not self.scope.admits(page.next_page):
            return []
        if self._pages_read >= self.target.scope.max_pages:
            self._over_budget += 1
            return []
        if not self.first_visit(page.next_page):
            return []
        return [self.page_request(page.next_page)]

    async def _entries(self, page: ListingPage, capture: Capture, output: Output) -> Output:
        for entry in page.entries:
            if entry.follow and self.scope.admits(entry.follow) and self.first_visit(entry.follow):
                output.append(
                    self.page_request(
                        entry.follow,
                        callback=self.parse_entry,
                        errback=partial(self._entry_alone, entry, capture),
                        cb_kwargs={"entry": entry},
                    )
                )
            else:
                output += await self._entry(entry, capture)
        return output

    async def _entry_alone(self, entry: EntryFields, capture: Capture, failure: Any) -> Output:
        """The entry as the list shows it, where its own page could not be fetched."""
        return [*self.not_seen(failure), *await self._entry(entry, capture)]

    async def parse_entry(self, response: Response, entry: EntryFields) -> Output:
        """An entry joined with its own page."""
        capture = capture_of(response)
        refused = self.refused(response)
        if refused is not None:
            return [*refused, *await self._entry(entry, capture)]
        own = extract(capture, self.surface)
        return await self._entry(entry, capture, own)

    async def _entry(
        self, entry: EntryFields, capture: Capture, own: Extraction | None = None
    ) -> Output:
        document = listing_document(entry, self.surface, self.target.platform, capture.final_url)
        pictures = tuple(_picture(url) for url in entry.pictures)
        gaps: tuple[Gap, ...] = ()
        if own is not None:
            document = _joined(document, own.document)
            pictures += own.pictures
            gaps = own.gaps
        extraction = Extraction(document=document, pictures=pictures, gaps=gaps)
        items = self.seen(capture, extraction)
        return items if isinstance(items, list) else await items

    # -- exports ----------------------------------------------------------------------------

    async def parse_export(self, response: Response, name: str = "") -> AsyncIterator[Any]:
        """Every entry of an export on disk (of `name`, if it is a copy), or of one that was
        downloaded."""
        path = response.meta.get("local_file")
        if path is not None:
            async for item in self._export(Path(path), name or path):
                yield item
            return
        suffix = Path(response.url.partition("?")[0]).suffix
        with tempfile.NamedTemporaryFile(suffix=suffix) as file:
            file.write(response.body)
            file.flush()
            async for item in self._export(Path(file.name), response.url):
                yield item

    async def _export(self, path: Path, name: str) -> AsyncIterator[Any]:
        assert isinstance(self.target.source, ExportListing)  # noqa: S101  (callers checked)
        if not path.exists():  # noqa: ASYNC240  (one look-up on a local disk)
            yield noticed(Gap(GapKind.UNREACHABLE, name, "there is no such file"))
            return
        taken_at = datetime.now(UTC)
        only = None if self._export_rows is None else self._export_rows[name][1]
        for row in read_export(path, self.target.source, only, base_url=name):
            if self.stopping:
                return
            if isinstance(row, Gap):
                subject = row.subject.replace(str(path), name)
                yield noticed(msgspec.structs.replace(row, subject=subject))
                continue
            capture = row_capture(row, name, taken_at)
            for item in await self._entry(row, capture):
                yield item


def _picture(address: str) -> PictureReference:
    inline = data_uri(address) if address.startswith("data:") else None
    if inline is None:
        return PictureReference(url=address, locator=Locator("pictures"))
    media_type, data = inline
    return PictureReference(url="", locator=Locator("pictures"), data=data, media_type=media_type)


def _joined(entry: Document, page: Document) -> Document:
    """The entry's fields first, then its own page; block indices of the page move up."""
    shift = len(entry.blocks)
    references = tuple(
        msgspec.structs.replace(r, block=r.block + shift) if r.block >= 0 else r
        for r in page.references
    )
    return msgspec.structs.replace(
        entry,
        blocks=entry.blocks + page.blocks,
        references=entry.references + references,
        degraded=entry.degraded + page.degraded,
    )
