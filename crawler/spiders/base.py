"""What all spiders of ours share: a target, its scope, captures, pictures, gaps."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import msgspec
import scrapy
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.defer import deferred_from_coro, maybe_deferred_to_future

from core.capture import OWN_PROFILE, Capture, Picture
from core.document import Document, Locator, Reference, Surface
from core.errors import BadInput
from core.frontier import FrontierPage
from core.gap import Gap, GapKind
from core.link_hosts import LinkHosts
from core.payloads import PayloadShapes
from core.profile import Profile, profiles_named
from core.strict_yaml import load_yaml
from core.target import Target, load_targets, target_by_id
from core.text import one_line
from crawler.browser import view_of
from crawler.browser_view import MOST_VIEW_BYTES
from crawler.extractors import (
    Extraction,
    PictureReference,
    asks_to_scan,
    with_links,
    with_mini_programs,
    with_pdfs,
    with_pictures,
)
from crawler.extractors.packages import PackageWords
from crawler.failures import gap_for
from crawler.frontier import CURRENT, Earlier, Page, PageDone, count, remember
from crawler.headers import header_pairs
from crawler.items import Item, Missing, NotSeen, Seen
from crawler.link_resolver import LinkResolver, hop_request
from crawler.network_guard import AddressPolicy, activate
from crawler.package_reader import PackageReader
from crawler.picture_memo import PictureMemo
from crawler.pictures import PictureReader, opaque_gap
from crawler.scope import ScopeGate, looks_like_page
from crawler.settings import settings_for
from crawler.traps import TrapGuard
from crawler.words import word_reader

Output = list[Request | Item]

_GONE = (404, 410)
_DEGRADING = (GapKind.READER_FAILED, GapKind.DOCUMENT_UNREADABLE)
_CATALOGUE_SETTING = "PROMOWATCH_CATALOGUE"
_SCREENSHOT = PictureReference(url="", locator=Locator("screenshot"))


class SurfaceSpider(scrapy.Spider):
    """Base of the spiders. `-a target=ID` names a target of the catalogue; `-a url=URL` makes an
    ad-hoc one of surface `marketing_page`."""

    surface: Surface = "marketing_page"
    resolves_links = True

    def __init__(
        self,
        target: Target,
        *,
        data_folder: Path | None = None,
        link_hosts: LinkHosts | None = None,
        profiles: tuple[Profile, ...] = (),
        payloads: PayloadShapes | None = None,
        package_words: PackageWords | None = None,
        earlier: Earlier | None = None,
        plan: bytes | None = None,
        **kwargs: Any,
    ) -> None:
        """`earlier` is what the scan did before it was cut off, `plan` what the command line needs
        to take it up again."""
        super().__init__(**kwargs)
        self.target = target
        self.earlier = earlier or Earlier()
        self.plan = plan
        self.scope = ScopeGate(target)
        self.traps = TrapGuard(target.limits, target.scope.max_pages)
        words = word_reader(target.limits, data_folder, lambda: self.stopping)
        self.pictures = PictureReader(self._fetch_picture, gap_for, target.limits, words=words)
        if data_folder is not None:
            self.pictures.use_memo(PictureMemo(data_folder))
        self.payloads = payloads
        self.links: LinkResolver | None = None
        if link_hosts is not None:
            self.links = LinkResolver(
                self._fetch_hop, gap_for, target.limits, link_hosts, lambda: self.stopping
            )
        self.profiles = profiles
        self.packages = PackageReader(target.limits, package_words or PackageWords())
        self.suspects: Callable[[Document, datetime], bool] = lambda *_: True
        """Whether a document seen at a time is a finding as it stands; the judge sets it."""
        self._visited: set[str] = set()
        self._over_budget = 0
        self._stumbles: list[NotSeen] = []
        self._recall()

    @classmethod
    def from_crawler(
        cls, crawler: Crawler, *args: Any, target: Target | str = "", url: str = "", **kwargs: Any
    ) -> Self:
        """Build the spider and lay its target's settings over the project's.

        Raises BadInput when neither a known target nor a URL is given.
        """
        catalogue = Path(crawler.settings[_CATALOGUE_SETTING] or "catalogue")
        resolved = _resolve(target, url, catalogue)
        crawler.settings.update(settings_for(resolved), priority="spider")
        activate(AddressPolicy(resolved.network.allow))
        if resolved.profiles:
            kwargs["profiles"] = profiles_named(resolved.profiles, catalogue)
        if cls.resolves_links and resolved.limits.resolves_links:
            kwargs["link_hosts"] = LinkHosts.load(catalogue)
        kwargs["payloads"] = PayloadShapes.load(catalogue)
        if (catalogue / "packages.yaml").exists():
            kwargs["package_words"] = load_yaml(catalogue / "packages.yaml", PackageWords).value
        folder = Path(crawler.settings["PROMOWATCH_DATA"])
        return super().from_crawler(crawler, *args, target=resolved, data_folder=folder, **kwargs)

    # -- the frontier ---------------------------------------------------------------------

    def _recall(self) -> None:
        """Know again what the scan knew before it was cut off."""
        self._visited |= self.earlier.identities
        self._visited.update(url for (url,) in self.earlier.of("passed"))
        self._over_budget += sum(times for (times,) in self.earlier.of("over_budget"))
        self.traps.recall(self.earlier)
        self.pictures.recall(self.earlier)
        if self.links is not None:
            self.links.recall(self.earlier)

    def earlier_requests(self) -> Iterator[Request]:
        """Requests for what was found and not done before the scan was cut off."""
        for page in self.earlier.waiting:
            yield self.asked_again(page, msgspec.json.decode(page.data))

    def asked_again(self, page: FrontierPage, data: dict[str, Any]) -> Request:
        """The request for a page that was found before the scan was cut off."""
        return self.page_request(page.identity, cb_kwargs=data)

    def first_visit(self, url: str) -> bool:
        """Whether `url` (without fragment) is new to this scan; from now on it is not."""
        if url in self._visited:
            return False
        self._visited.add(url)
        return True

    @property
    def surfaces_known(self) -> int:
        """How many surfaces the scan has seen or will see, for the progress bar."""
        return len(self._visited)

    def page_request(
        self,
        url: str,
        *,
        callback: Callable[..., Any] | None = None,
        errback: Callable[..., Any] | None = None,
        cb_kwargs: dict[str, Any] | None = None,
        page: Page | None = None,
        meta: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> Request:
        """Request for a surface; failures become gaps.

        `page` is given where it is not the address and `cb_kwargs` alone that ask for it again, or
        where it is the page whose answer is being taken: then more of that page is to come.
        """
        callback = callback or self.parse
        if page is None:
            page = Page(url, callback.__name__, cb_kwargs or {})
        taken = CURRENT.get()
        if page is taken:
            page.goes_on = True
        elif taken is not None:
            taken.found.append(page)
        page.callback, page.errback = callback, errback or self.not_seen
        page.arguments = cb_kwargs or {}
        meta = {"page": page, **(meta or {})}
        return Request(url, callback=self.answered, errback=self.failed, meta=meta, **kwargs)

    def local_file_request(self, path: str, callback: Callable[..., Any]) -> Request:
        """Request whose callback reads the file at `path`; nothing is fetched."""
        page = Page(path, "file", {})
        meta = {"local_file": path}
        return self.page_request(
            "data:,", callback=callback, page=page, meta=meta, dont_filter=True
        )

    def answered(self, response: Response) -> Any:
        """Scrapy calls this with every answer: what the page's own callback makes of it, and the
        end of the page behind it."""
        page: Page = response.meta["page"]
        CURRENT.set(page)
        return self._taken_of(page, lambda: page.callback(response, **page.arguments))

    def failed(self, failure: Any) -> Any:
        """Scrapy calls this where there is no answer."""
        page: Page = failure.request.meta["page"]
        CURRENT.set(page)
        page.failed = True
        return self._taken_of(page, lambda: page.errback(failure))

    def _taken_of(self, page: Page, take: Callable[[], Any]) -> Any:
        page.goes_on = False
        try:
            output = take()
        except Exception as error:  # noqa: BLE001  (a page that breaks a reader is a gap)
            return self._stumbled(page, error)
        if isinstance(output, list):
            return self._told(page, output)
        if hasattr(output, "__await__"):
            return self._awaited(page, output)
        return self._streamed(page, output)

    async def _awaited(self, page: Page, output: Awaitable[Output]) -> Output:
        try:
            items = await output
        except Exception as error:  # noqa: BLE001  (a page that breaks a reader is a gap)
            return self._stumbled(page, error)
        return self._told(page, items)

    @staticmethod
    def _told(page: Page, output: Output) -> Output:
        """`output`, and how one knows that nothing more comes of its page."""
        if page.goes_on:
            return output
        page.expects = sum(not isinstance(one, Request) for one in output)
        return output if page.expects else [*output, PageDone(page)]

    @property
    def stopping(self) -> bool:
        """Whether the scan was told to stop: long readers look at this between items. Whoever asks
        leaves something out then, so the current page is looked at anew when the scan goes on."""
        failed = self.crawler.stats.get_value("promowatch/failure") is not None
        stopping = failed or not self.crawler.engine.running
        page = CURRENT.get()
        if stopping and page is not None:
            page.cut_short = True
        return stopping

    async def _streamed(self, page: Page, items: AsyncIterator[Any]) -> AsyncIterator[Any]:
        try:
            async for item in items:
                yield item
        except Exception as error:  # noqa: BLE001  (a page that breaks a reader is a gap)
            for item in self._stumbled(page, error):
                yield item
        else:
            yield PageDone(page)

    def follow(self, references: Iterable[str], depth: int) -> Output:
        """Requests for those of `references` that are new, in scope and within the budget."""
        if depth > self.target.scope.depth:
            return []
        requests: Output = []
        admits, visited = self.scope.admits, self._visited
        for url in references:
            if url in visited or not admits(url) or not looks_like_page(url):
                continue
            if len(visited) >= self.target.scope.max_pages:
                self.note_over_budget()
                continue
            if not self.traps.admit(url, depth):
                continue
            visited.add(url)
            requests.append(self.page_request(url, cb_kwargs={"depth": depth}))
        return requests

    def follow_waiting(self, capture: Capture, extraction: Extraction) -> Output:
        """Requests for links that waited until a page like them gave something new."""
        requests: Output = []
        for url, depth in self.traps.saw(capture.requested_url, extraction):
            if len(self._visited) >= self.target.scope.max_pages:
                self.note_over_budget()
                remember("trap_released", url)
            elif not self.first_visit(url):
                remember("trap_released", url)
            else:
                requests.append(self.page_request(url, cb_kwargs={"depth": depth}))
        return requests

    def note_over_budget(self, links: int = 1) -> None:
        """So many links are not followed, for `scope.max_pages` others were before."""
        self._over_budget += links
        for _ in range(links):
            count("over_budget")

    # -- from response to item ------------------------------------------------------------

    def refused(self, response: Response) -> Output | None:
        """What an answer other than 2xx or a redirect yields; None for an ordinary answer."""
        if response.status < 400:
            return None
        gap = Gap(GapKind.HTTP_STATUS, response.url, f"answered {response.status}")
        items: Output = [noticed(gap)]
        if response.status in _GONE:
            items.append(Missing(capture_of(response)))
        return items

    def seen(
        self, capture: Capture, extraction: Extraction, document: Document | None = None
    ) -> Output | Coroutine[Any, Any, Output]:
        """Items of one captured surface: the document (with what its pictures say and where its
        opaque links lead) and its gaps.

        A coroutine only when there are pictures or such links, for most pages have none.
        """
        document = document or extraction.document
        gaps: Output = [noticed(gap) for gap in extraction.gaps]
        pictures = extraction.pictures
        document, opaque = with_mini_programs(document, (picture.url for picture in pictures))
        gaps += (noticed(gap) for gap in opaque)
        if not self.target.pictures:
            pictures = tuple(picture for picture in pictures if picture.data is not None)
        if not pictures and not capture.screenshot:
            if self.links is None or not self.links.wanted(document):
                return [Seen(capture, document), *gaps]
            return self._seen_with_links(capture, document, gaps)
        return self._seen_with_pictures(capture, pictures, document, gaps)

    async def _seen_with_pictures(
        self,
        capture: Capture,
        pictures: tuple[PictureReference, ...],
        document: Document,
        gaps: Output,
    ) -> Output:
        sights = await self.pictures.read(pictures, capture.final_url, document)
        found, unread = sights.found, sights.gaps
        if capture.screenshot:
            payloads, gap = await self.pictures.decode(
                capture.screenshot,
                "screenshot",
                thorough=_draws(capture.body) and asks_to_scan(document),
                max_bytes=MOST_VIEW_BYTES,
            )
            known = {payload.text for _, of_picture in found for payload in of_picture}
            fresh = [payload for payload in payloads if payload.text not in known]
            if fresh:
                found.append((_SCREENSHOT, fresh))
            unread += filter(None, (gap, opaque_gap(fresh, "screenshot")))
        document = with_pdfs(document, sights.pdfs, self.payloads)
        document = with_pictures(document, found, sights.words, self.payloads)
        if found:
            document, opaque = with_mini_programs(document)
            told = {item.gap for item in gaps if isinstance(item, NotSeen)}
            unread += (gap for gap in opaque if gap not in told)
        failures = [gap.reason for gap in unread if gap.kind in _DEGRADING]
        if failures or sights.missed:
            degraded = (*document.degraded, *sights.missed, *failures[:1])
            document = msgspec.structs.replace(document, degraded=degraded)
        gaps += (noticed(gap) for gap in unread)
        return await self._seen_with_links(capture, document, gaps, sights.pictures)

    async def _seen_with_links(
        self,
        capture: Capture,
        document: Document,
        gaps: Output,
        pictures: tuple[Picture, ...] = (),
    ) -> Output:
        links = self.links.wanted(document) if self.links is not None else []
        if self.links is None or not links:
            return [Seen(capture, document, pictures=pictures), *gaps]
        chains, unresolved = await self.links.resolve(links)
        seen = Seen(capture, with_links(document, chains), tuple(chains.values()), pictures)
        return [seen, *gaps, *(noticed(gap) for gap in unresolved)]

    # -- what was not seen ----------------------------------------------------------------

    def not_seen(self, failure: Any) -> Output:
        """Errback of page requests: the gap with its reason."""
        request = failure.request
        gap = gap_for(failure.value, request.url)
        if gap is None:
            return []
        asked = request.meta.get("redirect_urls", (request.url,))[0]
        if asked != request.url:
            reason = f"redirected to {one_line(request.url)}: {gap.reason}"
            gap = msgspec.structs.replace(gap, subject=asked, reason=reason)
        return [noticed(gap)]

    def _stumbled(self, page: Page, error: Exception) -> Output:
        """An exception in a callback of ours: that surface was not seen."""
        self.logger.error("reading %s failed", one_line(page.identity), exc_info=error)
        reason = one_line(f"{type(error).__name__}: {error}", 300)
        return [noticed(Gap(GapKind.INTERNAL_ERROR, page.identity, reason)), PageDone(page)]

    def note(self, gap: Gap) -> None:
        """Keep a gap that belongs to no item."""
        page = CURRENT.get()
        if page is None:
            self._stumbles.append(noticed(gap))
        else:
            page.note(gap)

    def closing_gaps(self) -> list[NotSeen]:
        """Gaps that are known only at the end of a scan."""
        gaps = [*self._stumbles, *(noticed(gap) for gap in self.pictures.closing_gaps())]
        gaps += (noticed(gap) for gap in self.traps.closing_gaps())
        over_budget = self._over_budget + self.traps.over_budget
        if over_budget:
            reason = (
                f"{over_budget} links not followed: scope.max_pages "
                f"({self.target.scope.max_pages}) reached"
            )
            gaps.append(noticed(Gap(GapKind.BUDGET_REACHED, self.target.id, reason)))
        unresolved = self.links.closing_gaps(self.target.id) if self.links is not None else []
        return [*gaps, *map(noticed, unresolved)]

    async def closed(self, reason: str) -> None:
        """Scrapy calls this at the end."""
        await self.pictures.close()
        await self.packages.close()
        if self.links is not None:
            self.links.close()

    # -- fetching on the side -------------------------------------------------------------

    async def download(self, request: Request) -> Response:
        """Fetch `request` at once, through guard, robots and throttling; raises what it raises."""
        engine = self.crawler.engine
        return await maybe_deferred_to_future(deferred_from_coro(engine.download_async(request)))

    async def _fetch_picture(self, url: str) -> tuple[bytes, str]:
        response = await self.download(Request(url, callback=NO_CALLBACK, priority=1))
        if response.status != 200:
            raise BadInput(f"answered {response.status}")
        media_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
        return response.body, media_type

    async def _fetch_hop(self, url: str, seconds: float) -> Capture:
        seconds = min(seconds, self.target.limits.timeout_seconds)
        return capture_of(await self.download(hop_request(url, seconds)))


def _draws(body: bytes) -> bool:
    """Whether a page has what is seen in its screenshot alone. Its other pictures are read from
    their own bytes, as hard as need be; on a long screenshot that takes half a second."""
    return b"<canvas" in body or b"<video" in body


def capture_of(response: Response) -> Capture:
    """The capture of a Scrapy response, rendered or not."""
    request = response.request
    meta: dict[str, Any] = request.meta if request is not None else {}
    asked = [*meta.get("redirect_urls", ()), response.url]
    rendered = bool(meta.get("playwright"))
    view = view_of(meta) if rendered else None
    return Capture(
        requested_url=asked[0],
        final_url=response.url,
        body=response.body,
        taken_at=datetime.now(UTC),
        status=response.status,
        headers=header_pairs(response.headers),
        hops=tuple(meta.get("hops", ())),
        leads_to=_leads_to(response, meta),
        rendered=rendered,
        screenshot=view.picture if view else None,
        element_boxes=view.boxes if view else (),
        request_headers=header_pairs(request.headers, meta.get("withheld_headers", ()))
        if request and not rendered
        else (),
        server_address=str(response.ip_address or ""),
        profile=meta.get("profile", OWN_PROFILE),
    )


def _leads_to(response: Response, meta: dict[str, Any]) -> str:
    """Where a 30x answer that was not followed points: out of scope, or no web address at all."""
    if not 300 <= response.status < 400:
        return ""
    location = (response.headers.get("Location") or b"").decode("latin-1")
    return str(meta.get("leads_to") or location)


def with_destinations(document: Document, urls: Iterable[str]) -> Document:
    """`document` with a `redirect` reference for each place it takes its visitor to."""
    redirects = tuple(Reference("redirect", url, Locator("redirect")) for url in urls)
    if not redirects:
        return document
    return msgspec.structs.replace(document, references=(*document.references, *redirects))


def noticed(gap: Gap) -> NotSeen:
    """`gap` at this moment."""
    return NotSeen(gap, datetime.now(UTC))


def _resolve(target: Target | str, url: str, catalogue: Path) -> Target:
    if isinstance(target, Target):
        return target
    if target:
        return target_by_id(load_targets(catalogue / "targets"), target)
    if url:
        return Target(id=url, title=url, surface="marketing_page", seeds=(url,))
    raise BadInput("no target", hint="give one: -a target=ID or -a url=https://...")
