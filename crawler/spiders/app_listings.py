"""App and mini-program listings: lists, APIs, sitemaps, feeds and exports, page by page."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import msgspec
from scrapy import Request
from scrapy.http import Response

from core.capture import Capture
from core.document import Document, Locator
from core.frontier import FrontierPage
from core.gap import Gap, GapKind
from core.listing_source import SitemapListing
from core.target import ExportListing
from core.urls import LinkJoiner
from crawler.extractors import Extraction, PictureReference, data_uri, extract
from crawler.extractors.packages import PackageName
from crawler.frontier import CURRENT, Page, count, remember
from crawler.items import NotSeen
from crawler.listing_reader import text_of
from crawler.sources import (
    EntryFields,
    ListingPage,
    entry_id,
    entry_platform,
    listing_document,
    marked,
    missing_fields,
    read_export,
    read_page_fields,
    row_capture,
)
from crawler.spiders.base import Output, capture_of, noticed
from crawler.spiders.listing_pages import ListingPagesSpider


class AppListingsSpider(ListingPagesSpider):
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
        self._packages_asked = len(list(self.earlier.of("package")))
        self._packages_left = sum(times for (times,) in self.earlier.of("package_left"))
        self._lists = dict(self.earlier.of("list"))

    async def start(self) -> AsyncIterator[Any]:
        """Requests for the first pages, or the entries of an export on disk."""
        for request in self.earlier_requests():
            yield request
        for seed in self.target.seeds:
            if self._export_rows is not None:
                if seed in self._export_rows:
                    path, _ = self._export_rows[seed]
                    yield self.local_file_request(path, partial(self.parse_export, name=seed))
            elif isinstance(self.target.source, ExportListing):
                if not self.first_visit(seed):
                    continue
                if "://" not in seed:
                    yield self.local_file_request(seed, self.parse_export)
                else:
                    yield self.page_request(seed, callback=self.parse_export)
            else:
                for request in self.first_requests(seed):
                    yield request

    # -- entries ----------------------------------------------------------------------------

    async def entries(self, page: ListingPage, capture: Capture, output: Output) -> Output:
        bounded = isinstance(self.target.source, SitemapListing)
        kept = _Kept(capture)
        for number, entry in enumerate(page.entries):
            if bounded and not self.scope.admits(entry.follow):
                continue  # `scope.include` says which addresses of a sitemap are entries
            if bounded and len(self._visited) >= self.target.scope.max_pages:
                self.note_over_budget(len(page.entries) - number)
                break
            if entry.follow and self.scope.admits(entry.follow) and self.first_visit(entry.follow):
                output.append(self._entry_request(entry, kept))
            else:
                output += await self._entry(entry, capture)
        return output

    def _entry_request(self, entry: EntryFields, listed: _Kept) -> Request:
        """The request for an entry's own page, `listed` being the list that shows it."""
        return self.page_request(
            entry.follow,
            callback=self.parse_entry,
            errback=partial(self._entry_alone, entry, listed),
            cb_kwargs={"entry": entry},
            page=Page(entry.follow, "parse_entry", {"entry": entry, "list": listed.key()}),
        )

    def asked_again(self, page: FrontierPage, data: dict[str, Any]) -> Request:
        """The request for a page that was found before the scan was cut off."""
        if "entry" not in data:
            return super().asked_again(page, data)
        entry = msgspec.convert(data["entry"], EntryFields)
        if page.kind == "parse_package":
            return self._package_request(page.identity, entry)
        return self._entry_request(entry, _Kept.unpacked(data["list"], self._lists[data["list"]]))

    async def _entry_alone(self, entry: EntryFields, listed: _Kept, failure: Any) -> Output:
        """The entry as the list shows it, where its own page could not be fetched."""
        return [*self.not_seen(failure), *await self._entry(entry, listed.capture)]

    async def parse_entry(self, response: Response, entry: EntryFields) -> Output:
        """An entry joined with its own page."""
        capture = capture_of(response)
        refused = self.refused(response)
        if refused is not None:
            return [*refused, *await self._entry(entry, capture)]
        own = extract(capture, self.surface)
        source = self.target.source
        gaps: Output = []
        if isinstance(source, SitemapListing):
            entry, gaps = self._from_page(entry, response, source)
        return [*gaps, *await self._entry(entry, capture, own)]

    def _from_page(
        self, entry: EntryFields, response: Response, source: SitemapListing
    ) -> tuple[EntryFields, Output]:
        """An entry of a sitemap with the fields that its own page has."""
        found = read_page_fields(text_of(response), response.url, source.page_fields)
        joined = msgspec.structs.replace(
            found, fields={**found.fields, **entry.fields}, follow=entry.follow
        )
        gaps = missing_fields([joined], (), response.url, required=source.expected)
        (joined,) = marked([joined], source.expected)
        return joined, [noticed(gap) for gap in gaps]

    async def _entry(
        self, entry: EntryFields, capture: Capture, own: Extraction | None = None
    ) -> Output:
        document = listing_document(
            entry, self.surface, entry_platform(entry, self.target), capture.final_url
        )
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
            count("package_left")
            return []
        self._packages_asked += 1
        remember("package", url)
        return [self._package_request(url, entry)]

    def _package_request(self, url: str, entry: EntryFields) -> Request:
        limit = self.target.limits.max_package_bytes
        return self.page_request(
            url,
            callback=self.parse_package,
            cb_kwargs={"entry": entry},
            meta={"download_maxsize": limit},
        )

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

    async def parse_export(self, response: Response, name: str = "") -> AsyncIterator[Any]:
        """Every entry of an export on disk (of `name`, if it is a copy), or of one that was
        downloaded."""
        for item in self.refused(response) or ():
            yield item
        if response.status >= 400:
            return
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


class _Kept:
    """A list page while its entries' own pages are fetched: where one cannot be had, the entry as
    the list shows it is what was seen. Kept with the list page, once, for a scan that is cut off.
    """

    def __init__(self, capture: Capture, key: str = "") -> None:
        self.capture = capture
        self._key = key

    def key(self) -> str:
        """The identity of the list page; from now on its capture is kept."""
        page = CURRENT.get()
        if not self._key and page is not None:
            self._key = page.identity
            packed = zlib.compress(msgspec.msgpack.encode(self.capture), level=1)
            page.remember("list", self._key, packed)
        return self._key

    @classmethod
    def unpacked(cls, key: str, packed: bytes) -> _Kept:
        """What was kept before the scan was cut off."""
        return cls(msgspec.msgpack.decode(zlib.decompress(packed), type=Capture), key)


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
