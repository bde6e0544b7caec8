"""Following short links, redirectors and QR payloads to their end, each only once in a scan."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable

import msgspec
from scrapy import Request
from scrapy.http.request import NO_CALLBACK

from core.capture import Capture, Exchange, exchange_of
from core.document import Document
from core.gap import Gap, GapKind
from core.link_chain import LinkChain, LinkHop
from core.link_hosts import LinkHosts
from core.target import Limits
from core.text import one_line
from core.urls import LinkJoiner, split_host, without_fragment
from crawler.extractors import next_link_hop, written_links
from crawler.extractors.links import WEB, resolve
from crawler.frontier import Earlier, remember
from crawler.scope import looks_like_page
from crawler.suspicious_links import SuspiciousLinks

Fetch = Callable[[str, float], Awaitable[Capture]]
"""Gives the answer of an address without following redirects, within so many seconds; raises what
the downloader raises."""

_NOTHING_THERE = (404, 410)
_SILENCES = 2
"""Failures after which a host is not asked again in this scan: a dead one costs seconds each."""


class LinkResolver:
    """Resolves what hides where it leads: links on opaque hosts, QR payloads, and some links of
    suspicious blocks.

    No exchange's host and no invitation to a private channel that the catalogue lists is fetched:
    that the link leads there is the finding. `fetch` goes
    through network guard, robots.txt and throttling as every request does.
    """

    def __init__(
        self,
        fetch: Fetch,
        explain: Callable[[BaseException, str], Gap | None],
        limits: Limits,
        hosts: LinkHosts,
        stopping: Callable[[], bool],
    ) -> None:
        self._fetch = fetch
        self._explain = explain
        self._limits = limits
        self._hosts = hosts
        self._stopping = stopping
        self._chains: dict[str, asyncio.Task[LinkChain]] = {}
        self._failures: Counter[str] = Counter()
        self._downloads: set[asyncio.Future[Capture]] = set()
        self._over_budget: set[str] = set()
        self._suspicious = SuspiciousLinks(limits)
        self._earlier: set[str] = set()

    def recall(self, earlier: Earlier) -> None:
        """Know again what was resolved, and told, before the scan was cut off. Where a link leads
        is asked anew when another page has it."""
        self._earlier |= {identity for (identity,) in earlier.of("link")}
        self._over_budget |= {identity for (identity,) in earlier.of("link_over_budget")}
        self._failures.update(host for (host,) in earlier.of("link_silence"))
        self._suspicious.recall(earlier)

    def wanted(self, document: Document) -> list[str]:
        """Addresses of `document` that are to be resolved, each once; for most pages none."""
        urls = [reference.url for reference in document.references]
        urls += [reference.url for reference in written_links(document)]
        wanted = self._hosts.hiding(dict.fromkeys(urls))
        for reference in document.references:
            if reference.kind == "qr" and self._goes_on(reference.url):
                wanted.append(reference.url)
        opaque = {_identity(url) for url in wanted}
        for address in opaque:
            self._suspicious.drop(address)
        more = self._suspicious.of(
            document, lambda url: _identity(url) not in opaque and self._goes_on(url)
        )
        return list(dict.fromkeys((*wanted, *more)))

    async def resolve(self, links: Iterable[str]) -> tuple[dict[str, LinkChain], list[Gap]]:
        """The chains of `links` by link, and the gaps among them that were not told before.

        Takes at most `limits.link_seconds`. Never raises.
        """
        links = list(links)
        fresh = {link for link in links if not self._is_known(_identity(link))}
        tasks = {link: self._task(link) for link in links}
        for link in fresh:
            remember("link" if tasks[link] else "link_over_budget", _identity(link))
        chains = {}
        for link, task in tasks.items():
            if task is None:
                chains[link] = LinkChain(link, gap=self._beyond_budget(link))
            else:
                chains[link] = self._known(await asyncio.shield(task))
                if chains[link].gap is not None:
                    self._stopping()  # what was left out for that is looked at anew
        gaps = [
            chain.gap
            for link, chain in chains.items()
            if chain.gap is not None and chain.opaque and link in fresh and tasks[link] is not None
        ]
        return chains, gaps

    def _is_known(self, identity: str) -> bool:
        """Whether a page of this scan had that link before."""
        return identity in self._chains or identity in self._earlier

    def _known(self, chain: LinkChain) -> LinkChain:
        """`chain`, told from those of opaque links; where its end is not known, that is counted."""
        if not self._suspicious.holds(chain.link):
            return chain
        if chain.gap is not None:
            self._suspicious.missed(chain.link, chain.gap)
        return msgspec.structs.replace(chain, opaque=False)

    def _task(self, link: str) -> asyncio.Task[LinkChain] | None:
        identity = _identity(link)
        task = self._chains.get(identity)
        if task is None:
            counts = identity not in self._earlier and not self._suspicious.holds(identity)
            if counts and self._budget_is_spent():
                self._over_budget.add(identity)
                return None
            task = asyncio.get_running_loop().create_task(self._bounded(identity))
            self._chains[identity] = task
        return task

    def _budget_is_spent(self) -> bool:
        known = self._earlier.union(self._chains) if self._earlier else self._chains
        opaque = sum(not self._suspicious.holds(one) for one in known)
        return opaque >= self._limits.max_links_resolved

    def _beyond_budget(self, link: str) -> Gap:
        reason = f"limits.max_links_resolved ({self._limits.max_links_resolved}) reached"
        return Gap(GapKind.BUDGET_REACHED, link, reason)

    def closing_gaps(self, target_id: str) -> list[Gap]:
        """What was not resolved at all, known only at the end of a scan."""
        gaps = (self._over_budget_gap(target_id), self._suspicious.closing_gap(target_id))
        return [gap for gap in gaps if gap is not None]

    def _over_budget_gap(self, target_id: str) -> Gap | None:
        if not self._over_budget:
            return None
        limit = self._limits.max_links_resolved
        count = len(self._over_budget)
        reason = f"{count} links not resolved: limits.max_links_resolved ({limit}) reached"
        return Gap(GapKind.BUDGET_REACHED, target_id, reason)

    def close(self) -> None:
        """Give up what is still being resolved."""
        for task in self._chains.values():
            task.cancel()
        for download in self._downloads:
            download.cancel()

    async def _bounded(self, link: str) -> LinkChain:
        """The chain of `link` within its time; what was found until then is kept."""
        hops: list[LinkHop] = []
        answers: list[Exchange] = []
        try:
            async with asyncio.timeout(self._limits.link_seconds):
                gap = await self._follow(link, hops, answers)
        except TimeoutError:
            reason = f"{_hop(len(hops))}: limits.link_seconds over at {_at(link, hops)}"
            gap = Gap(GapKind.TIMEOUT, link, one_line(reason, 300))
        except Exception as error:  # noqa: BLE001  (one link that breaks the resolver is a gap)
            gap = Gap(GapKind.INTERNAL_ERROR, link, one_line(repr(error), 300))
        return LinkChain(link, tuple(hops), gap, tuple(answers))

    async def _follow(self, link: str, hops: list[LinkHop], answers: list[Exchange]) -> Gap | None:
        """Fill `hops` and `answers` until nothing leads on; the gap if something kept it from
        going on."""
        known = {_identity(link)}
        while True:
            here = _at(link, hops)
            if not self._goes_on(here):
                return None
            step, gap = await self._step(link, hops, here, answers)
            if step is None or gap is not None:
                return gap
            hops.append(step)
            if _identity(step.url) in known:
                reason = f"{_hop(len(hops))} returns to {step.url}; cookies are never sent"
                return Gap(GapKind.REDIRECT_LOOP, link, one_line(reason, 300))
            known.add(_identity(step.url))
            if len(hops) >= self._limits.max_link_hops and self._goes_on(step.url):
                reason = f"limits.max_link_hops ({self._limits.max_link_hops}) reached"
                return Gap(GapKind.BUDGET_REACHED, link, reason)

    def _goes_on(self, url: str) -> bool:
        """Whether `url` has to be asked: no deep link, no file, no listed exchange."""
        is_web = url.partition(":")[0].lower() in WEB
        return is_web and looks_like_page(url) and not self._hosts.is_listed(url)

    async def _step(
        self, link: str, hops: list[LinkHop], url: str, answers: list[Exchange]
    ) -> tuple[LinkHop | None, Gap | None]:
        inside = self._hosts.redirector_target(url)
        resolved = resolve(inside, LinkJoiner(url)) if inside else None
        if resolved is not None:
            return LinkHop(resolved[1], "nested"), None
        number = len(hops)
        host = split_host(url)
        if self._stopping():
            return None, Gap(GapKind.INTERRUPTED, link, "the scan was stopped")
        if self._failures[host] >= _SILENCES:
            reason = f"{_hop(number)}: {host} was silent {_SILENCES} times and is not asked again"
            return None, Gap(GapKind.UNREACHABLE, link, one_line(reason, 300))
        try:
            capture = await self._answer(url)
        except Exception as error:  # noqa: BLE001  (any failed download is a gap with its reason)
            return None, self._failed(link, number, url, error)
        answers.append(exchange_of(capture))
        if capture.status >= 400 and capture.status not in _NOTHING_THERE:
            reason = f"{_hop(number)}: {url} answered {capture.status}"
            return None, Gap(GapKind.HTTP_STATUS, link, one_line(reason, 300))
        return next_link_hop(capture, self._hosts.nested_parameters), None

    def _failed(self, link: str, number: int, url: str, error: Exception) -> Gap:
        gap = self._explain(error, url) or Gap(GapKind.INTERNAL_ERROR, url, repr(error))
        if gap.kind in (GapKind.TIMEOUT, GapKind.UNREACHABLE, GapKind.DNS_FAILURE):
            self._failures[split_host(url)] += 1
            remember("link_silence", split_host(url))
        reason = f"{_hop(number)}: {url}: {gap.reason}"
        return msgspec.structs.replace(gap, subject=link, reason=one_line(reason, 300))

    async def _answer(self, url: str) -> Capture:
        """Fetch `url`, in half of the link's time at most: what waits for its turn is told from a
        host that is silent. A download that is given up ends by itself, for the engine keeps count
        of those under way."""
        fetching = self._fetch(without_fragment(url), self._limits.link_seconds / 2)
        download: asyncio.Future[Capture] = asyncio.ensure_future(fetching)
        self._downloads.add(download)
        download.add_done_callback(self._ended)
        return await asyncio.shield(download)

    def _ended(self, download: asyncio.Future[Capture]) -> None:
        self._downloads.discard(download)
        if not download.cancelled():
            download.exception()  # of one that was given up, nobody else asks


def hop_request(url: str, seconds: float) -> Request:
    """The request of one hop, as a stranger makes it: no cookies, nothing followed or retried."""
    meta = {
        "dont_redirect": True,
        "dont_merge_cookies": True,
        "dont_retry": True,
        "download_timeout": seconds,
    }
    return Request(url, callback=NO_CALLBACK, meta=meta)


def _hop(number: int) -> str:
    return f"hop {number} of the link" if number else "the link itself"


def _at(link: str, hops: list[LinkHop]) -> str:
    return hops[-1].url if hops else link


def _identity(url: str) -> str:
    """What a server is asked for; it never sees a fragment."""
    return without_fragment(url)
