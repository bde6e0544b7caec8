"""Sites on loopback addresses of their own that keep a log of who asked for what, and when."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from itertools import combinations
from typing import NamedTuple, Self

from tests.site.loopback import LoopbackServer, Request, head

_WHO = re.compile(r"\+https?://([a-z0-9-]+)\.worker\.test")


class Asked(NamedTuple):
    """One request: who made it, for which path, when it came and was answered (monotonic)."""

    who: str
    path: str
    came_at: float
    answered_at: float


class WatchedSite(LoopbackServer):
    """`sections` (`/a/`, `/b/`) of `pages` pages each, every one with a promotion of its own.

    A page takes `seconds`; `before` is called with the path before it is answered, in a thread.
    Who asks is told by the host `NAME.worker.test` in the user agent (PROMOWATCH_CONTACT_URL).
    """

    def __init__(
        self,
        host: str,
        *,
        sections: Sequence[str] = ("a",),
        pages: int = 4,
        seconds: float = 0.0,
        before: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__(self._answer, hosts=(host,))
        self.host, self.sections, self.pages = host, tuple(sections), pages
        self._seconds, self._before = seconds, before
        self.log: list[Asked] = []

    def targets(self) -> list[Mapping[str, object]]:
        """A target for each section."""
        return [
            {
                "id": f"{section}.{self.host}",
                "title": f"{section} on {self.host}",
                "surface": "marketing_page",
                "seeds": [f"{self.url}{section}/0"],
                "rendering": "never",
                "scope": {"depth": self.pages, "stay_on": "host"},
                "politeness": {"autothrottle": False, "reason": "a local site of the tests"},
                "network": {"allow": [self.host]},
            }
            for section in self.sections
        ]

    async def _answer(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        came_at = time.monotonic()
        if self._before is not None:
            await asyncio.to_thread(self._before, request.path)
        _, section, number = (*request.path.split("/"), "")[:3]
        found = section in self.sections and number.isdecimal()
        await asyncio.sleep(self._seconds if found else 0)
        body = self._page(section, int(number)) if found else "<title>none</title>"
        data = body.encode()
        kind = [("Content-Type", "text/html; charset=utf-8")]
        who = _WHO.search(request.headers.get("user-agent", ""))
        name = who[1] if who else ""
        self.log.append(Asked(name, request.path, came_at, time.monotonic()))
        writer.write(head(200 if found else 404, kind, length=len(data)) + data)
        return True

    def _page(self, section: str, number: int) -> str:
        links = ""
        if number + 1 < self.pages:
            links = f'<a href="/{section}/{number + 1}">下一页</a>'
        code = f"DEMO{section.upper()}{number:03}"
        return (
            f"<title>开户福利 {section} {number}</title><p>欧易注册链接："
            f"<a href='https://www.okx.com/join/{code}'>点击注册</a>，填写邀请码 {code} 手续费返佣"
            f" 20%。</p>{links}"
        )


class WatchedSites:
    """Several sites, up together."""

    def __init__(self, sites: Sequence[WatchedSite]) -> None:
        self.sites = tuple(sites)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        for site in self.sites:
            self._stack.enter_context(site)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def overlaps(self) -> list[str]:
        """Hosts that two scans fetched from at once, with what each of them did."""
        return [found for site in self.sites for found in overlaps_of(site)]

    @property
    def page_count(self) -> int:
        """Pages of all sites, each of which is a candidate."""
        return sum(len(site.sections) * site.pages for site in self.sites)


def overlaps_of(site: WatchedSite) -> list[str]:
    """Where two scans of a site, of different sections or by different workers, overlap in time."""
    spans: dict[tuple[str, str], tuple[float, float]] = {}
    for asked in site.log:
        section = asked.path.split("/")[1]
        if section in site.sections:
            first, last = spans.get((asked.who, section), (asked.came_at, asked.answered_at))
            spans[asked.who, section] = (
                min(first, asked.came_at),
                max(last, asked.answered_at),
            )
    return [
        f"{site.host}: {one} and {other}"
        for (one, a), (other, b) in combinations(spans.items(), 2)
        if a[0] < b[1] and b[0] < a[1]
    ]
