"""Downloader middlewares of ours: network guard, robots.txt, and redirects that stay in scope."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urljoin

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.http import Response
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.defer import Deferred

from core.capture import HOP_BODY_BYTES, Hop
from core.errors import AddressRefused
from core.gap import Gap, GapKind
from core.urls import scheme_of, split_host, without_fragment
from crawler.failures import GapFound, SeenBefore
from crawler.headers import header_pairs
from crawler.network_guard import active_policy


class LocalFileMiddleware:
    """Answers a request for a local file at once, with nothing: its callback reads the file.

    Items of a callback are taken as fast as the pipelines can, and a scan that is stopped waits
    for them; items yielded by `start()` are neither (Scrapy 2.19 never ends such a scan).
    """

    def process_request(self, request: Request) -> Response | None:
        return Response(request.url) if "local_file" in request.meta else None


class NetworkGuardMiddleware:
    """Refuses what is no web address, and a host that may not be reached in any spelling.

    Names are checked by the resolver, on the address that is connected to.
    """

    def process_request(self, request: Request) -> None:
        scheme = scheme_of(request.url)
        if scheme not in ("http", "https"):
            reason = f"`{scheme}:` is no web address; give one with http:// or https://"
            raise GapFound(Gap(GapKind.ADDRESS_REFUSED, request.url, reason))
        host = split_host(request.url)
        try:
            active_policy().check_literal(host)
        except AddressRefused as error:
            raise GapFound(Gap(GapKind.ADDRESS_REFUSED, request.url, str(error))) from error


class RobotsMiddleware(RobotsTxtMiddleware):
    """Scrapy's, but every request that waits for a host's robots.txt gets to see its rules.

    In Scrapy 2.19 those who wait share one Deferred, whose result the first of them takes: the
    others find no rules and are let through. Here they queue for it.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._turns: dict[str, asyncio.Lock] = {}

    async def robot_parser(self, request: Request) -> RobotParser | None:
        netloc = urlparse_cached(request).netloc
        parser = self._parsers.get(netloc)
        if parser is not None and not isinstance(parser, Deferred):
            return parser
        async with self._turns.setdefault(netloc, asyncio.Lock()):
            return await super().robot_parser(request)


class ScopedRedirectMiddleware(RedirectMiddleware):
    """Follows redirects inside the target's scope and hands the others to the spider.

    A redirect that leaves the scope is itself what is looked for (diversion): the spider gets
    the 30x answer and its place in `meta["leads_to"]`. Requests without `meta["page"]` (pictures,
    robots.txt) follow redirects anywhere the network guard lets them.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler.settings)
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ScopedRedirectMiddleware:
        return cls(crawler)

    def handle_referer(self, request: Request, response: Response) -> None:
        if not request.meta.get("profile"):  # a client profile's own stays, as in a browser
            request.headers.pop("Referer", None)

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        if not _leads_to_the_web(request, response):
            return response  # `okx://...`, `javascript:...`: the spider records where it leads
        result = super().process_response(request, response)
        if not isinstance(result, Request) or not request.meta.get("page"):
            return result
        spider: Any = self.crawler.spider
        url = without_fragment(result.url)
        if not spider.scope.admits(url):
            request.meta["leads_to"] = result.url
            return response
        if url in {without_fragment(u) for u in result.meta["redirect_urls"]}:
            raise GapFound(Gap(GapKind.REDIRECT_LOOP, request.url, "redirects in a circle"))
        if not request.meta.get("chain"):
            if not spider.first_visit(url):
                raise SeenBefore(url)
            request.meta["page"].remember("passed", url)
        result.meta["hops"] = (*request.meta.get("hops", ()), hop_of(request, response))
        return result


def hop_of(request: Request, response: Response) -> Hop:
    """The step of a chain that `response` was."""
    return Hop(
        request.url,
        "http",
        response.status,
        request_headers=header_pairs(request.headers),
        headers=header_pairs(response.headers),
        body=response.body[:HOP_BODY_BYTES],
    )


def _leads_to_the_web(request: Request, response: Response) -> bool:
    """False only for a redirect to a scheme other than http and https."""
    location = response.headers.get("Location")
    if location is None or not 300 <= response.status < 400:
        return True
    scheme = scheme_of(urljoin(request.url, location.decode("latin-1").strip()))
    return scheme in ("http", "https")
