"""Marketing pages: a page or a site, followed link by link within the target's scope."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any

import msgspec
from scrapy import Request
from scrapy.http import Response

from core.capture import Capture, Exchange, exchange_of, exchange_of_hop
from core.document import Document
from core.gap import Gap
from core.profile import Profile
from core.urls import without_fragment
from crawler.browser import left_for, page_gaps, render_meta
from crawler.extractors import Extraction, extract
from crawler.failures import gap_for
from crawler.frontier import CURRENT
from crawler.items import Missing, Refused
from crawler.profiles import view_request, visit_meta
from crawler.spiders.base import Output, SurfaceSpider, capture_of, noticed, with_destinations

_FOLLOWED = frozenset({"link", "frame", "canonical", "meta_refresh"})

_READ = "read"
"""Response meta: the extraction of a rendered page, made while it was still open."""


class MarketingPagesSpider(SurfaceSpider):
    """`scrapy crawl marketing_pages -a target=demonstration` or `-a url=https://...`."""

    name = "marketing_pages"
    surface = "marketing_page"

    async def start(self) -> AsyncIterator[Any]:
        """One request per seed, after those for what was found before the scan was cut off."""
        for request in self.earlier_requests():
            yield request
        for seed in self.target.seeds:
            if self.first_visit(without_fragment(seed)):
                yield self.page_request(seed)

    def page_request(self, url: str, **kwargs: Any) -> Request:
        """Request for a page, rendered at once where the target says `always`."""
        if self.target.rendering == "always":
            rendered = self._render_meta()
            kwargs["meta"] = {**rendered, **kwargs.get("meta", {})}
        return super().page_request(url, **kwargs)

    def parse(
        self,
        response: Response,
        depth: int = 0,
        unrendered: tuple[Capture, Extraction] | None = None,
    ) -> Any:
        """Items and further requests of one page; a coroutine where something must be awaited.

        `unrendered` is what was seen of a rendered page without the browser.
        """
        refused = self.refused(response)
        if refused is not None:
            return self._left_to_others(response, refused) if self.profiles else refused
        capture = capture_of(response)
        departures = left_for(response.meta)
        if capture.leads_to or (departures and not self.scope.admits(capture.final_url)):
            return self._diverted(capture, unrendered, departures)
        read = response.meta.pop(_READ, None) or extract(capture, self.surface)
        extraction = _with_gaps(read, page_gaps(response.meta))
        if self._needs_browser(capture, extraction):
            return [self._rendered(capture, extraction, depth)]
        requests = self.follow(_links(extraction.document), depth + 1)
        requests += self.follow_waiting(capture, extraction)
        if extraction.next_hop and not capture.rendered:
            return self._hopping(capture, extraction, requests)
        items = self.seen(capture, extraction, with_destinations(extraction.document, departures))
        if isinstance(items, list) and not self.profiles:
            return items + requests
        self._crawl_now(requests)
        return items

    def _left_to_others(self, response: Response, refused: Output) -> Output:
        """That nothing is there is known only when no client profile gets to see anything."""
        gaps = (item for item in refused if not isinstance(item, Missing))
        return [*gaps, Refused(capture_of(response))]

    def _needs_browser(self, capture: Capture, extraction: Extraction) -> bool:
        """A shell is rendered, but not one whose only script takes the visitor elsewhere."""
        wanted = self.target.rendering == "auto" and extraction.is_shell
        return wanted and not capture.rendered and not extraction.next_hop

    def _crawl_now(self, requests: Output) -> None:
        """Schedule `requests` without waiting for the pictures of the page they stand on."""
        for request in requests:
            if isinstance(request, Request):
                self.crawler.engine.crawl(request)

    def _diverted(
        self,
        capture: Capture,
        unrendered: tuple[Capture, Extraction] | None,
        departures: tuple[str, ...],
    ) -> Any:
        """A surface that sends its visitors out of scope: where it sends them is what it says."""
        if unrendered is not None:
            seen, extraction = unrendered
            return self.seen(seen, extraction, with_destinations(extraction.document, departures))
        document = Document(surface=self.surface, url=capture.requested_url)
        places = (capture.leads_to,) if capture.leads_to else departures
        return self.seen(
            capture, Extraction(document=document), with_destinations(document, places)
        )

    def _rendered(self, capture: Capture, extraction: Extraction, depth: int) -> Request:
        """The same surface through the browser; if that fails, what was seen without it stays."""
        return super().page_request(
            without_fragment(capture.final_url),
            callback=self.parse,
            errback=partial(self._not_rendered, capture, extraction),
            cb_kwargs={"depth": depth, "unrendered": (capture, extraction)},
            page=CURRENT.get(),
            meta=self._render_meta(),
        )

    def _render_meta(self) -> dict[str, Any]:
        return render_meta(self.scope.admits, self.target.limits, wanted=self._shows)

    def _shows(self, response: Response) -> bool:
        """Whether a rendered page has pictures, or says what a person will want to see."""
        capture = capture_of(response)
        extraction = response.meta[_READ] = extract(capture, self.surface)
        return bool(extraction.pictures) or self.suspects(extraction.document, capture.taken_at)

    def _not_rendered(self, capture: Capture, extraction: Extraction, failure: Any) -> Any:
        gap = gap_for(failure.value, failure.request.url)
        noted: Output = [] if gap is None else [noticed(gap)]
        items = self.seen(capture, extraction)
        return items + noted if isinstance(items, list) else _joined(items, noted)

    async def _hopping(self, capture: Capture, extraction: Extraction, requests: Output) -> Output:
        """Follow meta refreshes and script redirects, so that the page shows where it leads."""
        self._crawl_now(requests)
        answers: list[Exchange] = []
        hop = extraction.next_hop
        reached, gaps = await self._chain(capture.final_url, hop, None, answers)
        document = with_destinations(extraction.document, reached)
        capture = msgspec.structs.replace(capture, onward=tuple(answers))
        items = self.seen(capture, extraction, document)
        return (items if isinstance(items, list) else await items) + gaps

    async def _chain(
        self, start: str, hop: str, profile: Profile | None, answers: list[Exchange]
    ) -> tuple[list[str], Output]:
        """Every address a visitor of `start` is passed on to, in order, within the limits; adds
        what they answered to `answers`."""
        reached: list[str] = []
        while hop and hop not in reached and len(reached) < self.target.limits.max_redirects:
            reached.append(hop)
            if not self.scope.admits(hop):
                break
            try:
                response = await self.download(view_request(without_fragment(hop), profile))
            except Exception as error:  # noqa: BLE001  (any failed download is a gap)
                gap = gap_for(error, hop)
                return reached, [] if gap is None else [noticed(gap)]
            capture = capture_of(response)
            answers += (exchange_of_hop(one, capture.taken_at) for one in capture.hops)
            answers.append(exchange_of(capture))
            hop = capture.leads_to or extract(capture, self.surface).next_hop
        return [url for url in reached if url != start], []

    async def view(self, url: str, profile: Profile | None, *, rendered: bool = False) -> Output:
        """`url` as the visitor `profile` (None: the product itself) sees it once: a Seen, Missing
        or neither, and gaps. Nothing is shared with other visits; links are not followed."""
        request = view_request(url, profile)
        if rendered:
            request.meta.update(visit_meta(self.scope.admits, self.target.limits, profile))
        try:
            response = await self.download(request)
        except Exception as error:  # noqa: BLE001  (any failed download is a gap)
            gap = gap_for(error, url)
            return [] if gap is None else [noticed(gap)]
        refused = self.refused(response)
        if refused is not None:
            return refused
        capture, departures = capture_of(response), left_for(response.meta)
        if capture.leads_to or (departures and not self.scope.admits(capture.final_url)):
            return await _awaited(self._diverted(capture, None, departures))
        extraction = _with_gaps(extract(capture, self.surface), page_gaps(response.meta))
        if self._needs_browser(capture, extraction):
            return await self.view(url, profile, rendered=True)
        reached = list(departures)
        gaps: Output = []
        if extraction.next_hop and not capture.rendered:
            answers: list[Exchange] = []
            hop = extraction.next_hop
            reached, gaps = await self._chain(capture.final_url, hop, profile, answers)
            capture = msgspec.structs.replace(capture, onward=tuple(answers))
        document = with_destinations(extraction.document, reached)
        return await _awaited(self.seen(capture, extraction, document)) + gaps


async def _awaited(items: Any) -> Output:
    found: Output = items if isinstance(items, list) else await items
    return found


def _with_gaps(extraction: Extraction, gaps: list[Gap]) -> Extraction:
    if not gaps:
        return extraction
    return msgspec.structs.replace(extraction, gaps=(*extraction.gaps, *gaps))


async def _joined(items: Any, more: Output) -> Output:
    return [*await items, *more]


def _links(document: Document) -> Iterator[str]:
    for reference in document.references:
        if reference.kind in _FOLLOWED:
            url = reference.url
            yield url if "#" not in url else without_fragment(url)
