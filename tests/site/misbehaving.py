"""A server that does everything wrong, for tests of bad input: `with MisbehavingSite() as site:`.

`site.address(Endpoint.SILENT)` is the URL of an endpoint; `endpoints.py` says what each one does.
The site serves on 127.0.0.3, so that a target may allow that address by name and every other
spelling of loopback must be refused; `SECRET` waits on 127.0.0.1 at the same port, and
`site.asked` shows whether anybody came.
"""

from __future__ import annotations

import asyncio
import ssl
from types import TracebackType
from typing import Literal, Self

from tests.site.endpoints import LOCATIONS, Endpoint
from tests.site.loopback import LoopbackServer, Request
from tests.site.odd_answers import BODIES, FINE, HTML, ODD_ANSWERS, answer_status, send

HOST = "127.0.0.3"
SECRET_HOST = "127.0.0.1"
SECRET = "/secret"

Robots = Literal["allow", "missing", "failing", "disallow_all", "silent", "huge", "html"]

_ROBOTS: dict[str, tuple[int, bytes]] = {
    "allow": (200, b"User-agent: *\nDisallow:\n"),
    "missing": (404, b"no robots"),
    "failing": (500, b"broken"),
    "disallow_all": (200, b"User-agent: *\nDisallow: /\n"),
    "huge": (200, b"User-agent: *\nDisallow: /none\n" + b"# filler\n" * 500_000),
    "html": (200, FINE),
}


class MisbehavingSite:
    """Context manager over a plain and a TLS listener; `robots` chooses what robots.txt does."""

    def __init__(self, robots: Robots = "allow") -> None:
        self.robots = robots
        self.asked: list[tuple[str, str]] = []
        """Host header and path of every request, in order."""
        self._plain = LoopbackServer(self._answer, hosts=(HOST, SECRET_HOST))
        self._secure = LoopbackServer(self._answer, hosts=(HOST,), tls=_untrusted_certificate())

    @property
    def url(self) -> str:
        return self._plain.url

    @property
    def tls_url(self) -> str:
        """Address of the listener whose certificate nobody vouches for."""
        return self._secure.url

    def address(self, endpoint: Endpoint) -> str:
        """URL of `endpoint` on the plain listener."""
        return self.url.rstrip("/") + endpoint

    def __enter__(self) -> Self:
        self._plain.__enter__()
        self._secure.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._secure.__exit__(kind, error, trace)
        self._plain.__exit__(kind, error, trace)

    async def _answer(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        self.asked.append((request.headers.get("host", ""), request.path))
        if request.path == "/robots.txt":
            return await self._answer_robots(writer)
        if request.path == "/":
            return send(writer, 200, (HTML,), _index())
        try:
            endpoint = Endpoint(request.path)
        except ValueError:
            return send(writer, 200 if request.path == SECRET else 404, (HTML,), b"secret")
        if endpoint in LOCATIONS:
            location = LOCATIONS[endpoint].format(port=self._plain.port)
            return send(writer, 302, (HTML, ("Location", location)), b"")
        if endpoint in BODIES:
            headers, body = BODIES[endpoint]
            return send(writer, 200, headers, body())
        return await ODD_ANSWERS.get(endpoint, answer_status)(request, writer)

    async def _answer_robots(self, writer: asyncio.StreamWriter) -> bool:
        if self.robots == "silent":
            await asyncio.Event().wait()
        status, body = _ROBOTS[self.robots]
        return send(writer, status, (("Content-Type", "text/plain"),), body)


def _index() -> bytes:
    return "".join(f'<p><a href="{path}">{path.name}</a></p>' for path in Endpoint).encode()


def _untrusted_certificate() -> ssl.SSLContext:
    import trustme

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert(HOST).configure_cert(context)
    return context
