"""The resolver alone: what it asks for again, and what not."""

import asyncio
import socket
from pathlib import Path

from scrapy.exceptions import DownloadConnectionRefusedError

from core.capture import Capture
from core.link_chain import LinkChain
from core.link_hosts import LinkHosts
from core.target import Limits
from crawler.failures import gap_for
from crawler.link_resolver import LinkResolver

CATALOGUE = Path(__file__).parents[2] / "catalogue"


class _DeadHost:
    """A port on loopback where nobody listens."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.asked = 0

    async def fetch(self, url: str, seconds: float) -> Capture:
        self.asked += 1
        try:
            await asyncio.wait_for(asyncio.open_connection("127.0.0.1", self.port), seconds)
        except OSError as error:
            raise DownloadConnectionRefusedError(str(error)) from error
        raise AssertionError(f"somebody listens for {url}")


def resolver(host: _DeadHost, *, stopping: bool = False) -> LinkResolver:
    hosts = LinkHosts.load(CATALOGUE)
    return LinkResolver(host.fetch, gap_for, Limits(), hosts, lambda: stopping)


def one_by_one(links: LinkResolver, host: _DeadHost, count: int) -> list[LinkChain]:
    async def resolve() -> list[LinkChain]:
        found: list[LinkChain] = []
        for number in range(count):
            chains, _ = await links.resolve([f"http://127.0.0.1:{host.port}/{number}"])
            found += chains.values()
        return found

    return asyncio.run(resolve())


def test_a_dead_host_is_asked_twice_and_no_more() -> None:
    host = _DeadHost()
    chains = one_by_one(resolver(host), host, 4)
    assert host.asked == 2
    reasons = [chain.gap.reason for chain in chains if chain.gap is not None]
    assert len(reasons) == 4
    assert reasons[1].endswith("connection refused")
    assert reasons[3].endswith("was silent 2 times and is not asked again")


def test_a_scan_that_stops_asks_nobody() -> None:
    host = _DeadHost()
    (chain,) = one_by_one(resolver(host, stopping=True), host, 1)
    assert host.asked == 0
    assert chain.gap is not None
    assert chain.gap.kind == "interrupted"


def test_the_gap_of_a_link_is_told_once() -> None:
    host = _DeadHost()
    links = resolver(host)
    link = f"http://127.0.0.1:{host.port}/"

    async def twice() -> list[int]:
        return [len((await links.resolve([link]))[1]) for _ in range(2)]

    assert asyncio.run(twice()) == [1, 0]
    assert host.asked == 1
