"""The benchmark's web server, a process of its own: every answer is made before the first request.

`python -m benchmarks.page_server --pages 2000 --seed 1` prints its address when ready; `--style`
says what kind of pages (see `benchmarks.local_pages`).
`GET /-/record` answers with what was asked since the last such request, and forgets it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import signal
import sys
import time
from collections import Counter
from typing import get_args

from benchmarks.local_pages import Picture, Style, make_page, planted_numbers
from benchmarks.posters import small_poster

RECORD = "/-/record"


class Site:
    """Ready answers by path, and a record of what was asked and when (monotonic seconds)."""

    def __init__(self, count: int, seed: int, style: Style = "static") -> None:
        planted = planted_numbers(count, seed)
        self.answers: dict[bytes, bytes] = {}
        for number in range(count):
            page = make_page(number, count, seed, planted=number in planted, style=style)
            self.answers[page.path.encode()] = _answer(page.body)
            for picture in page.pictures:
                self.answers[picture.path.encode()] = _answer(_drawn(picture), b"image/png")
        self.answers[b"/robots.txt"] = _answer(b"User-agent: *\nDisallow:\n", b"text/plain")
        self.missing = _answer(b"", status=b"404 Not Found")
        self.asked: Counter[str] = Counter()
        self.first_asked: float | None = None

    def answer(self, path: bytes) -> bytes:
        if path == RECORD.encode():
            return self._record()
        if self.first_asked is None:
            self.first_asked = time.monotonic()
        self.asked[path.decode("latin-1")] += 1
        return self.answers.get(path, self.missing)

    def _record(self) -> bytes:
        record = {"first_asked": self.first_asked, "asked": dict(self.asked)}
        self.first_asked = None
        self.asked.clear()
        return _answer(json.dumps(record).encode(), b"application/json")


class Connection(asyncio.Protocol):
    """HTTP/1.1 with keep-alive for GET requests, as small as it can be."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.waiting = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        assert self.transport is not None
        self.waiting += data
        while b"\r\n\r\n" in self.waiting:
            request, _, self.waiting = self.waiting.partition(b"\r\n\r\n")
            self.transport.write(self.site.answer(request.split(b" ", 2)[1]))


def _drawn(picture: Picture) -> bytes:
    return small_poster(picture.payload, random.Random(picture.path))


def _answer(
    body: bytes, kind: bytes = b"text/html; charset=utf-8", status: bytes = b"200 OK"
) -> bytes:
    return (
        b"HTTP/1.1 %b\r\nContent-Type: %b\r\nContent-Length: %d\r\nConnection: keep-alive\r\n\r\n%b"
        % (status, kind, len(body), body)
    )


async def serve(site: Site) -> None:
    """Serve on a free port of 127.0.0.1 until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(ending, stop.set)
    server = await loop.create_server(lambda: Connection(site), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    print(f"http://127.0.0.1:{port}/", flush=True)
    await stop.wait()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page_server", description=__doc__)
    parser.add_argument("--pages", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--style", choices=get_args(Style), default="static")
    options = parser.parse_args()
    asyncio.run(serve(Site(options.pages, options.seed, options.style)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
