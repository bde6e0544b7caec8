"""The pages of a listing, one after another, and what becomes of those that cannot be had."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

import msgspec
from scrapy import Request
from scrapy.http import Response

from core.capture import Capture
from core.frontier import FrontierPage
from core.gap import Gap, GapKind
from core.listing_source import FeedListing, HtmlListing, JsonListing
from core.target import ExportListing
from crawler.browser import page_gaps
from crawler.browser_lists import more_gaps
from crawler.extractors import extract
from crawler.frontier import CURRENT, Page, remember
from crawler.items import Listed
from crawler.listing_reader import read_listing
from crawler.listing_requests import ListingRequests
from crawler.sources import Asked, ListingPage, counted, page_number
from crawler.spiders.base import Output, SurfaceSpider, capture_of, noticed

_GONE = (404, 410)
_MOST_INDEXES = 4
"""Indexes within indexes; the sitemap protocol knows one level."""
_MOST_FAILURES = 3
"""Numbered pages in a row that cannot be had before a listing is given up."""


class Turn(msgspec.Struct, frozen=True):
    """One page of the listing that begins at `seed`; `again` after its server stumbled over it;
    `indexes` named it, one naming the next."""

    asked: Asked
    seed: str
    first: bool = False
    again: bool = False
    indexes: int = 0

    @property
    def key(self) -> str:
        """What tells pages apart: addresses, and bodies where pages are posted for."""
        return f"{self.asked.url} {self.asked.body}" if self.asked.body else self.asked.url


class ListingPagesSpider(SurfaceSpider):
    """Reads the pages of a listing; what an entry becomes is up to the subclass."""

    def __init__(self, target: Any, **kwargs: Any) -> None:
        super().__init__(target, **kwargs)
        self.surface = target.surface
        self.asking = ListingRequests(target, self.scope)
        self._pages_read = 0
        self._failures: Counter[str] = Counter()
        self._contents: set[tuple[str, bytes]] = set()
        for seed, digest in self.earlier.of("read"):
            self._count_read(seed, digest)
        for seed, had in self.earlier.of("had"):
            self._failures[seed] = 0 if had else self._failures[seed] + 1

    async def entries(self, page: ListingPage, capture: Capture, output: Output) -> Output:
        """`output` and what comes of the entries of `page`."""
        raise NotImplementedError

    def first_requests(self, seed: str) -> Iterator[Request]:
        """The request for the first page of the listing at `seed`."""
        asked = Asked(seed, self.asking.first_body)
        number = self.target.scope.first_page
        begins = self._numbered(asked, seed, number) if number > 1 else None
        turn = Turn(begins or asked, seed, first=True)
        if "://" in seed and self.first_visit(turn.key):
            yield self.listing_request(turn)

    def asked_again(self, page: FrontierPage, data: dict[str, Any]) -> Request:
        """The request for a page that was found before the scan was cut off."""
        return self.listing_request(msgspec.convert(data["turn"], Turn))

    def listing_request(
        self, turn: Turn, *, render: bool = False, page: Page | None = None
    ) -> Request:
        """Request for one page of a listing; `page` where it is the one that is being read."""
        return self.page_request(
            turn.asked.url,
            callback=self.parse,
            errback=partial(self._page_failed, turn),
            cb_kwargs={"turn": turn},
            page=page or Page(turn.key, "parse", {"turn": turn}),
            priority=-1 if turn.again else 0,
            **self.asking.arguments(turn.asked, render=render),
        )

    def parse(self, response: Response, turn: Turn | None = None) -> Any:
        """Entries of one listing page, and the requests for the next ones."""
        turn = turn or Turn(Asked(response.url), response.url, first=True)
        refused = self.refused(response)
        if refused is None and response.status >= 300:
            reason = f"answered {response.status}; a redirect out of scope, or of a request with "
            reason += "a secret, is not followed"
            refused = [noticed(Gap(GapKind.HTTP_STATUS, response.url, reason))]
        if refused is not None:
            return self._broken(turn, refused, response.status)
        source = self.target.source
        assert not isinstance(source, ExportListing | None)  # noqa: S101  (exports are no pages)
        asked = turn.asked
        page = read_listing(response, source, seed=turn.seed, body=asked.body, first=turn.first)
        if self._needs_browser(response, page, turn):
            return [self.listing_request(turn, render=True, page=CURRENT.get())]
        return self._taken(page, response, turn)

    def _taken(self, page: ListingPage, response: Response, turn: Turn) -> Any:
        """What comes of a page that was read, unless it is one that came before."""
        self._failures[turn.seed] = 0
        remember("had", turn.seed, True)
        entries = msgspec.json.encode(page.entries) if page.entries else response.body
        digest = (turn.seed, hashlib.sha256(entries).digest())
        if digest in self._contents:
            reason = "the same page came again under another address; stopped there"
            return [noticed(Gap(GapKind.SHAPE_CHANGED, response.url, reason))]
        self._count_read(*digest)
        remember("read", *digest)
        found = (*page.gaps, *page_gaps(response.meta), *more_gaps(response.meta, response.url))
        output: Output = [noticed(gap) for gap in found]
        if page.next_page:
            output += self._next([Asked(page.next_page, page.next_body)], turn)
        output += self._indexed(page.more_pages, turn)
        capture = capture_of(response)
        if self.settings.getlist("PROMOWATCH_RECHECK"):
            output.append(Listed(capture))
        return self.entries(page, capture, output)

    def _count_read(self, seed: str, digest: bytes) -> None:
        self._contents.add((seed, digest))
        self._pages_read += 1

    def _needs_browser(self, response: Response, page: ListingPage, turn: Turn) -> bool:
        """Whether a first page without entries is one that scripts fill."""
        if page.entries or not turn.first or self.target.rendering != "auto":
            return False
        if response.meta.get("playwright") or not isinstance(self.target.source, HtmlListing):
            return False
        return extract(capture_of(response), self.surface).is_shell

    def _indexed(self, addresses: tuple[str, ...], turn: Turn) -> Output:
        if addresses and turn.indexes >= _MOST_INDEXES:
            reason = f"more than {_MOST_INDEXES} indexes, each inside the other; stopped there"
            return [noticed(Gap(GapKind.SHAPE_CHANGED, turn.asked.url, reason))]
        deeper = msgspec.structs.replace(turn, indexes=turn.indexes + 1)
        return self._next([Asked(url) for url in addresses], deeper)

    def _numbered(self, asked: Asked, seed: str, number: int) -> Asked | None:
        source = self.target.source
        if isinstance(source, HtmlListing | JsonListing):
            return page_number(source, asked, seed, number)
        return None

    def _next(self, following: list[Asked], turn: Turn) -> Output:
        output: Output = []
        last = self.target.scope.last_page
        behind = self._numbered(turn.asked, turn.seed, last + 1) if last else None
        for asked in following:
            if asked == behind:
                continue  # another scan reads on from there
            coming = Turn(asked, turn.seed, indexes=turn.indexes)
            if not self.scope.admits(asked.url):
                reason = "the next page lies outside the target's scope; what follows was not seen"
                output.append(noticed(Gap(GapKind.BUDGET_REACHED, asked.url, reason)))
            elif self._pages_read + len(output) >= self.target.scope.max_pages:
                self.note_over_budget()
            elif self.first_visit(coming.key):
                output.append(self.listing_request(coming))
        return output

    # -- pages that cannot be had -------------------------------------------------------------

    def _page_failed(self, turn: Turn, failure: Any) -> Output:
        return self._broken(turn, self.not_seen(failure), 0)

    def _broken(self, turn: Turn, gaps: Output, status: int) -> Output:
        """A page that could not be had: asked for once more later if its server stumbled, then
        left out; those behind it are asked for where their addresses are known without it."""
        if status >= 500 and not turn.again:
            turn = msgspec.structs.replace(turn, again=True)
            return [self.listing_request(turn, page=CURRENT.get())]
        source = self.target.source
        following: Asked | None = None
        if isinstance(source, HtmlListing | JsonListing):
            following, _ = counted(source, turn.asked, turn.seed)
        if following is None:
            reason = "the listing broke off here; pages behind this one were not seen"
            broken_off = noticed(Gap(GapKind.INTERRUPTED, turn.asked.url, reason))
            return [*gaps, broken_off] if _names_its_next(source) else gaps
        if status in _GONE and not turn.first:
            return []  # behind the last page
        self._failures[turn.seed] += 1
        remember("had", turn.seed, False)
        if self._failures[turn.seed] >= _MOST_FAILURES:
            reason = f"given up after {_MOST_FAILURES} pages in a row that could not be had"
            return [*gaps, noticed(Gap(GapKind.INTERRUPTED, turn.asked.url, reason))]
        return [*gaps, *self._next([following], turn)]


def _names_its_next(source: object) -> bool:
    """Whether each page alone says where the next one is."""
    if isinstance(source, FeedListing):
        return True
    if isinstance(source, JsonListing):
        return bool(source.next_page or source.cursor)
    return isinstance(source, HtmlListing) and bool(source.next_page)
