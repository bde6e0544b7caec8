"""A small HTTP/1.1 server on loopback, for sites that tests serve: asyncio in a thread of its own.

Standard library only. What is answered is up to a `Responder`, which writes to the connection
itself, so that a hostile server is as easy to write as a kind one.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from types import TracebackType
from typing import NamedTuple, Self

MAX_HEAD_BYTES = 64 * 1024
_PORT_ATTEMPTS = 50


class Request(NamedTuple):
    """What was asked: the raw path and query (still percent-encoded), header names in lower
    case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes = b""


Responder = Callable[[Request, asyncio.StreamWriter], Awaitable[bool]]
"""Writes one answer; returns whether the connection may serve another request (a client that asks
for `Connection: close` gets what it asks for either way)."""


def head(
    status: int, headers: Sequence[tuple[str, str]], *, length: int | None, keep_alive: bool = True
) -> bytes:
    """Status line and headers, blank line included. `length` None leaves Content-Length out."""
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    lines.append("Connection: keep-alive" if keep_alive else "Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8")


def bind(hosts: Sequence[str], port: int) -> list[socket.socket]:
    """One listening socket for each of `hosts`, all on the same port (0 = a free one).

    Raises OSError when no port is free on all of them, or the given one is taken.
    """
    for _ in range(_PORT_ATTEMPTS):
        sockets: list[socket.socket] = []
        try:
            chosen = port
            for host in hosts:
                one = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
                sockets.append(one)
                one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                one.bind((host, chosen))
                chosen = one.getsockname()[1]
            for one in sockets:
                one.listen(256)
            return sockets
        except OSError:
            for one in sockets:
                one.close()
            if port:
                raise
    raise OSError(f"no port is free on all of {', '.join(hosts)}")


class LoopbackServer:
    """Context manager: serves `respond` on `hosts` from entry to exit.

    The first host is the one that `url` names. With `tls` the listener speaks TLS.
    """

    def __init__(
        self,
        respond: Responder,
        *,
        hosts: Sequence[str] = ("127.0.0.1",),
        port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._respond = respond
        self._tls = tls
        self._hosts = tuple(hosts)
        self._sockets = bind(self._hosts, port)
        self.port: int = self._sockets[0].getsockname()[1]
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread: threading.Thread | None = None
        self._ready = threading.Event()

    @property
    def url(self) -> str:
        """Address of the first host, with a slash at the end."""
        return self.url_on(self._hosts[0])

    def url_on(self, host: str) -> str:
        """Address on another of the hosts."""
        scheme = "https" if self._tls else "http"
        return f"{scheme}://{host}:{self.port}/"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve()), name="loopback-server", daemon=True
        )
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._loop and self._stop and self._thread:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(_ignore_broken_connections)
        self._stop = asyncio.Event()
        tasks: set[asyncio.Task[None]] = set()

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            if task is not None:
                tasks.add(task)
                task.add_done_callback(tasks.discard)
            await self._converse(reader, writer)

        servers = [
            await asyncio.start_server(accept, sock=one, limit=MAX_HEAD_BYTES, ssl=self._tls)
            for one in self._sockets
        ]
        self._ready.set()
        await self._stop.wait()
        for server in servers:
            server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                request = await _read_request(reader)
                if request is None or not await self._respond(request, writer):
                    break
                await writer.drain()
                if request.headers.get("connection", "").lower() == "close":
                    break
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the client went away or talks nonsense; nobody is left to tell
        except asyncio.CancelledError:
            pass  # the server stops; open connections are cut
        finally:
            writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()


async def _read_request(reader: asyncio.StreamReader) -> Request | None:
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    lines = raw.decode("latin-1").split("\r\n")
    method, _, rest = lines[0].partition(" ")
    target = rest.rpartition(" ")[0] or "/"
    headers = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in lines[1:] if line)
    }
    length = headers.get("content-length", "0")
    body = b""
    if length.isdigit() and 0 < int(length) <= MAX_HEAD_BYTES:
        body = await reader.readexactly(int(length))
    path, _, query = target.partition("?")
    return Request(method, path, query, headers, body)


def _ignore_broken_connections(loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    if not isinstance(context.get("exception"), OSError):
        loop.default_exception_handler(context)
