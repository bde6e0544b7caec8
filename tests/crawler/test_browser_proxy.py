"""The proxy between browser and network: what passes, and what is refused."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from crawler.browser_proxy import GuardProxy
from crawler.network_guard import AddressPolicy, activate


@pytest.fixture(autouse=True)
def _strict_policy_again() -> Iterator[None]:
    yield
    activate(AddressPolicy())


@asynccontextmanager
async def _site() -> AsyncIterator[int]:
    """A server that answers every request with the request line it got."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        body = head.partition(b"\r\n")[0] + b"|" + str(b"proxy-" in head.lower()).encode()
        writer.write(
            b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
        )
        writer.write(body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def _ask(request: str) -> bytes:
    proxy = GuardProxy()
    address = await proxy.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", int(address.rpartition(":")[2]))
    writer.write(request.encode())
    await writer.drain()
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    await proxy.close()
    return answer


def _through_proxy(template: str, allow: tuple[str, ...]) -> bytes:
    async def run() -> bytes:
        activate(AddressPolicy(allow))
        async with _site() as port:
            return await _ask(template.replace("PORT", str(port)))

    return asyncio.run(run())


def test_a_request_to_an_allowed_address_passes_without_proxy_headers() -> None:
    answer = _through_proxy(
        "GET http://127.0.0.1:PORT/a?b=c HTTP/1.1\r\nHost: x\r\n"
        "Proxy-Connection: keep-alive\r\n\r\n",
        ("127.0.0.1",),
    )
    assert answer.endswith(b"GET /a?b=c HTTP/1.1|False")


def test_a_tunnel_to_an_allowed_address_carries_bytes() -> None:
    answer = _through_proxy(
        "CONNECT 127.0.0.1:PORT HTTP/1.1\r\n\r\nGET /inside HTTP/1.1\r\n\r\n", ("127.0.0.1",)
    )
    assert b"200 Connection established" in answer
    assert b"GET /inside" in answer


@pytest.mark.parametrize(
    "request_line",
    [
        "GET http://127.0.0.1:PORT/ HTTP/1.1",
        "GET http://localhost:PORT/ HTTP/1.1",
        "GET http://2130706433:PORT/ HTTP/1.1",
        "GET http://[::ffff:127.0.0.1]:PORT/ HTTP/1.1",
        "CONNECT 127.0.0.1:PORT HTTP/1.1",
        "CONNECT localhost:PORT HTTP/1.1",
    ],
)
def test_addresses_that_are_not_public_are_refused(request_line: str) -> None:
    answer = _through_proxy(f"{request_line}\r\nHost: x\r\n\r\n", ())
    assert answer.startswith(b"HTTP/1.1 403")


@pytest.mark.parametrize(
    "request_line", ["GET file:///etc/passwd HTTP/1.1", "NONSENSE", "GET http://[ HTTP/1.1"]
)
def test_what_is_no_web_request_is_a_bad_request(request_line: str) -> None:
    assert _through_proxy(f"{request_line}\r\n\r\n", ()).startswith(b"HTTP/1.1 400")


def test_an_answer_that_keeps_its_connection_open_is_told_to_the_browser_as_the_last() -> None:
    """Else the browser sends its next request, for any host, to the same server."""

    async def stubborn(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nKeep-Alive: timeout=60\r\n")
        writer.write(b"Content-Length: 2\r\n\r\nhi")
        await writer.drain()
        await reader.read()  # until the other side has closed
        writer.close()

    async def run() -> bytes:
        activate(AddressPolicy(("127.0.0.1",)))
        proxy = GuardProxy()
        address = await proxy.start()
        async with await asyncio.start_server(stubborn, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            near = int(address.rpartition(":")[2])
            reader, writer = await asyncio.open_connection("127.0.0.1", near)
            writer.write(b"GET http://127.0.0.1:%d/ HTTP/1.1\r\nHost: x\r\n\r\n" % port)
            answer = await asyncio.wait_for(reader.readuntil(b"hi"), 10)
            writer.close()
            await writer.wait_closed()
            await proxy.close()
        return answer

    hints, _, answer = asyncio.run(run()).partition(b"\r\n\r\n")
    assert hints.startswith(b"HTTP/1.1 103")
    assert answer.startswith(b"HTTP/1.1 200 OK\r\nConnection: close\r\n")
    assert b"keep-alive" not in answer.lower()


@pytest.mark.parametrize("request_line", ["GET http://127.0.0.1:PORT/", "CONNECT 127.0.0.1:PORT"])
def test_an_answer_without_end_is_cut(request_line: str) -> None:
    async def run() -> int:
        activate(AddressPolicy(("127.0.0.1",)))
        proxy = GuardProxy(most_bytes=300_000, most_tunnel_bytes=300_000)
        address = await proxy.start()
        server = await asyncio.start_server(_flood, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", int(address.rpartition(":")[2])
            )
            asked = f"{request_line} HTTP/1.1\r\nHost: x\r\n\r\n"
            writer.write(asked.replace("PORT", str(port)).encode())
            received = len(await asyncio.wait_for(reader.read(), 10))
            writer.close()
            await proxy.close()
        return received

    assert 200_000 < asyncio.run(run()) <= 300_100


async def _flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):  # cut, as it should be
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 50_000)
            await writer.drain()
    writer.close()
