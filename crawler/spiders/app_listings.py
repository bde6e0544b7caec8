"""App and mini-program listings: HTML lists, JSON APIs and exports, page by page."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import msgspec
from scrapy.http import Response

from core.capture import Capture
from core.document import Document, Locator
from core.gap import Gap, GapKind
from core.target import ExportListing, HtmlListing, JsonListing
from core.urls import LinkJoiner
from crawler.extractors import Extraction, PictureReference, data_uri, decode_text, extract
from crawler.extractors.packages import PackageName
from crawler.items import NotSeen
from crawler.sources import (
    EntryFields,
    ListingPage,
    entry_id,
    listing_document,
    read_export,
    read_html_listing,
    read_json_listing,
)
from crawler.spiders.base import Output, SurfaceSpider, capture_of, noticed


class AppListingsSpider(SurfaceSpider):
    """`scrapy crawl app_listings -a target=demonstration-market`."""

    name = "app_listings"
    surface = "app_listing"

    def __init__(self, target: Any, **kwargs: Any) -> None:
        super().__init__(target, **kwargs)
        self.surface = target.surface
        self._pages_read = 0
        self._contents: set[str] = set()
        self._packages_asked = 0
        self._packages_left = 0

    async def start(self) -> AsyncIterator[Any]:
        """Requests for the first pages, or the entries of an export on disk."""
        for seed in self.target.seeds:
            if "://" in seed:
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
        output = items if isinstance(items, list) else await items
        return [*output, *self._package(entry, capture)]

    # -- packages that entries link ---------------------------------------------------------

    def _package(self, entry: EntryFields, capture: Capture) -> Output:
        """The request for the entry's own package, within the budget for packages."""
        written = entry.fields.get("package_url", "")
        try:
            url = LinkJoiner(capture.requested_url).join(written) if written else ""
        except ValueError:
            url = ""
        if not url.startswith(("http://", "https://")) or not self.first_visit(url):
            return []
        if self._packages_asked >= self.target.limits.max_packages:
            self._packages_left += 1
            return []
        self._packages_asked += 1
        limit = self.target.limits.max_package_bytes
        return [
            self.page_request(
                url,
                callback=self.parse_package,
                cb_kwargs={"entry": entry},
                meta={"download_maxsize": limit},
            )
        ]

    async def parse_package(self, response: Response, entry: EntryFields) -> Output:
        """What the package of an entry says, as a surface of its own beside the entry."""
        refused = self.refused(response)
        if refused is not None:
            return [item for item in refused if isinstance(item, NotSeen)]
        name = PurePosixPath(urlsplit(response.url).path).name or response.url
        platform = entry.fields.get("platform") or self.target.platform
        capture = capture_of(response)
        known = PackageName(name, entry_id(entry), platform)
        items = self.seen(capture, await self.packages.read(capture, known))
        return items if isinstance(items, list) else await items

    def closing_gaps(self) -> list[NotSeen]:
        """Those of every spider, and the packages that were not fetched."""
        gaps = super().closing_gaps()
        if self._packages_left:
            limit = self.target.limits.max_packages
            reason = f"{self._packages_left} packages not fetched: limits.max_packages ({limit})"
            gaps.append(noticed(Gap(GapKind.BUDGET_REACHED, self.target.id, reason)))
        return gaps

    # -- exports ----------------------------------------------------------------------------

    async def parse_export(self, response: Response) -> AsyncIterator[Any]:
        """Every entry of an export on disk, or of one that was downloaded."""
        path = response.meta.get("local_file")
        if path is not None:
            async for item in self._export(Path(path), path):
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
        for row in read_export(path, self.target.source):
            if self.stopping:
                return
            if isinstance(row, Gap):
                subject = row.subject.replace(str(path), name)
                yield noticed(msgspec.structs.replace(row, subject=subject))
                continue
            capture = Capture(
                requested_url=name,
                final_url=row.fields.get("url") or name,
                body=msgspec.json.encode(row.fields),
                taken_at=taken_at,
                headers=(("content-type", "application/json"),),
            )
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
