"""The demonstration site on loopback: `with DemonstrationSite() as site: site.url`."""

from __future__ import annotations

import asyncio

from tests.site.answers import Answer, Routes
from tests.site.listings import listing_routes
from tests.site.loopback import LoopbackServer, Request, head
from tests.site.pages import index_routes, page_routes, read_pages
from tests.site.redirects import redirect_routes
from tests.site.stores import Stores

HOST = "127.0.0.1"
OTHER_HOST = "127.0.0.2"
DEFAULT_PORT = 8765

_NOT_FOUND = Answer("<title>没有这一页</title><p>没有这一页。</p>".encode(), status=404)


class DemonstrationSite(LoopbackServer):
    """Serves the site on 127.0.0.1 and, for redirects to another host, on 127.0.0.2.

    `asked` holds the path and query of every request, in order, for tests that check what was
    fetched. Raises OSError when `port` is taken.
    """

    def __init__(self, port: int = 0) -> None:
        super().__init__(self._answer, hosts=(HOST, OTHER_HOST), port=port)
        self.routes = site_routes(self.url, self.url_on(OTHER_HOST))
        self.asked: list[str] = []
        self.stores = Stores()

    async def _answer(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        target = f"{request.path}?{request.query}" if request.query else request.path
        self.asked.append(target)
        if request.path.startswith("/stores/"):
            return await self.stores.respond(request, writer)
        answer = self.routes.get(target) or self.routes.get(request.path) or _NOT_FOUND
        answer = answer.for_visitor(request.headers.get("user-agent", ""))
        headers = [("Content-Type", answer.content_type)]
        if answer.location:
            headers.append(("Location", answer.location))
        writer.write(head(answer.status, headers, length=len(answer.body)))
        if request.method != "HEAD":
            writer.write(answer.body)
        return True


def site_routes(origin: str, other_origin: str) -> Routes:
    """Everything the site serves, by path."""
    pages = read_pages()
    return {
        **page_routes(pages, origin),
        **index_routes(pages, origin),
        **redirect_routes(other_origin),
        **listing_routes(),
    }
