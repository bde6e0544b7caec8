"""A small forward proxy that stands between the browser and the network.

Chromium gives it host names; it resolves them, asks the address policy about what it will connect
to, and connects to that very address. So neither a redirect, a sub-resource, a WebSocket nor a
name that changes its answer reaches an address that is not allowed.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from urllib.parse import urlsplit

from core.errors import AddressRefused
from crawler.network_guard import active_policy, literal_address

_HEAD_LIMIT = 64 * 1024
_CONNECT_SECONDS = 15.0
_IDLE_SECONDS = 60.0
_CHUNK = 64 * 1024
_MOST_BYTES = 100 * 1024 * 1024


class GuardProxy:
    """An HTTP proxy (CONNECT and absolute-form requests) on a free loopback port.

    A connection is cut after `most_bytes` of its answer, a tunnel (which carries many answers)
    after `most_tunnel_bytes`.
    """

    def __init__(self, most_bytes: int = _MOST_BYTES, most_tunnel_bytes: int = _MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._most_tunnel_bytes = most_tunnel_bytes
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> str:
        """Begin to listen; gives the proxy's address for the browser."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=_HEAD_LIMIT)
        port = self._server.sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    async def close(self) -> None:
        """Stop listening and end what is under way."""
        if self._server is not None:
            self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            await self._serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            pass  # either side went away; the browser reports it for its page
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _IDLE_SECONDS)
        line, _, rest = head.partition(b"\r\n")
        parts = line.decode("latin-1").split(" ")
        if len(parts) != 3:
            await _answer(writer, 400, "Bad Request")
            return
        method, address, version = parts
        host, port, path = _destination(method, address)
        if not host:
            await _answer(writer, 400, "Bad Request")
            return
        try:
            there = await _connect(host, port)
        except AddressRefused:
            await _answer(writer, 403, "Address refused")
            return
        except (OSError, TimeoutError):
            await _answer(writer, 502, "Bad Gateway")
            return
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            there[1].write(f"{method} {path} {version}\r\n".encode("latin-1"))
            there[1].write(_without_proxy_headers(rest))
        tunnel = method == "CONNECT"
        most = self._most_tunnel_bytes if tunnel else self._most_bytes
        await _pump_both(reader, writer, *there, most, one_answer=not tunnel)


def _destination(method: str, address: str) -> tuple[str, int, str]:
    """(host, port, path) of a request line; an empty host for what is no such thing."""
    try:
        if method == "CONNECT":
            parts = urlsplit(f"//{address}")
            return parts.hostname or "", parts.port or 443, ""
        parts = urlsplit(address)
        if parts.scheme != "http":
            return "", 0, ""
        path = address.split("/", 3)[3:] or [""]
        return parts.hostname or "", parts.port or 80, "/" + path[0]
    except ValueError:
        return "", 0, ""


async def _connect(host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to the first address of `host` that the policy allows. Raises AddressRefused."""
    policy = active_policy()
    loop = asyncio.get_running_loop()
    infos = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    refused: AddressRefused | None = None
    failed: OSError | None = None
    for family, _, _, _, place in infos:
        address = literal_address(str(place[0]))
        if address is None:
            continue
        try:
            policy.check(host, address)
            return await asyncio.wait_for(
                asyncio.open_connection(str(address), port, family=family), _CONNECT_SECONDS
            )
        except AddressRefused as error:
            refused = error
        except OSError as error:
            failed = error
    raise failed or refused or OSError(f"no address for {host}")


def _without_proxy_headers(headers: bytes) -> bytes:
    """One request per connection: the next one may be for another host and is checked anew."""
    kept = _without_connection(headers)
    if b"\nupgrade:" in b"\n" + headers.lower():
        return b"Connection: Upgrade\r\n" + kept
    return b"Connection: close\r\n" + kept


def _without_connection(headers: bytes) -> bytes:
    named = (b"proxy-", b"connection:", b"keep-alive:")
    lines = headers.split(b"\r\n")
    return b"\r\n".join(line for line in lines if not line.lower().startswith(named))


async def _answer(writer: asyncio.StreamWriter, status: int, reason: str) -> None:
    writer.write(
        f"HTTP/1.1 {status} {reason}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
    )
    await writer.drain()


async def _pump_both(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    far_reader: asyncio.StreamReader,
    far_writer: asyncio.StreamWriter,
    most_bytes: int,
    *,
    one_answer: bool,
) -> None:
    async def back() -> None:
        if one_answer:
            await _pass_last_head(far_reader, writer)
        await _pump(far_reader, writer, most_bytes)

    try:
        await asyncio.gather(_pump(reader, far_writer), back())
    finally:
        far_writer.close()


async def _pass_last_head(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """The head of an answer, changed so that the browser closes the connection after it.

    A server that keeps it open would be sent the browser's next request, for whichever host that
    is, and could answer in that host's name.
    """
    status = b"100"
    while status[:1] == b"1" and status != b"101":
        head = await source.readuntil(b"\r\n\r\n")
        line, _, headers = head.partition(b"\r\n")
        status = line.split(b" ", 2)[1][:3] if b" " in line else b""
        if status[:1] != b"1":
            head = line + b"\r\nConnection: close\r\n" + _without_connection(headers)
        sink.write(head)


async def _pump(
    source: asyncio.StreamReader, sink: asyncio.StreamWriter, most_bytes: int = _MOST_BYTES
) -> None:
    """Carry bytes until either side ends. Raises OSError when there are more than `most_bytes`."""
    carried = 0
    try:
        while data := await source.read(_CHUNK):
            carried += len(data)
            if carried > most_bytes:
                raise OSError(f"more than {most_bytes} bytes on one connection")
            sink.write(data)
            await sink.drain()
    finally:
        with contextlib.suppress(OSError, RuntimeError):
            if sink.can_write_eof():
                sink.write_eof()
