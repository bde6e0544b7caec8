"""What a scan keeps in mind is the same for one that was cut off after any of its pages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from core.frontier import FrontierPage
from core.target import Limits
from crawler.extractors import Extraction
from crawler.frontier import CURRENT, Earlier, Page, count, remember
from crawler.suspicious_links import SuspiciousLinks
from crawler.traps import TrapGuard
from crawler.words.memo import WordMemo
from crawler.words.reader import WordReader
from tests.crawler.test_link_resolver import _DeadHost, one_by_one, resolver
from tests.crawler.test_suspicious_links import PITCH, page_with_links
from tests.crawler.test_traps import SITE, _in_letters, _page

_LIMITS = Limits(max_stale_pages=4, max_pages_per_host=60, max_segment_repeats=2)


@contextmanager
def page_of(identity: str = SITE, depth: int = 0) -> Iterator[Page]:
    """A page whose answer is being taken."""
    page = Page(identity, "parse", {"depth": depth})
    token = CURRENT.set(page)
    try:
        yield page
    finally:
        CURRENT.reset(token)


class Crawl:
    """A crawl with a trap guard alone, which can be cut off between two pages."""

    def __init__(self, show: Callable[[str], Extraction]) -> None:
        self.guard = TrapGuard(_LIMITS, 500)
        self.followed: list[str] = []
        self.rows: list[FrontierPage] = []
        self._show = show

    def begin(self, links: list[str]) -> None:
        with page_of() as page:
            self._note(page, [url for url in links if self.guard.admit(url, 1)])

    def step(self, number: int) -> None:
        url = self.followed[number]
        with page_of(url, 1) as page:
            self._note(page, [waiting for waiting, _ in self.guard.saw(url, self._show(url))])

    def cut_off(self) -> None:
        """All that is left is what was stored."""
        self.guard = TrapGuard(_LIMITS, 500)
        self.guard.recall(Earlier(self.rows))

    def _note(self, page: Page, found: list[str]) -> None:
        self.followed += found
        waiting = [Page(url, "parse", {"depth": 1}).stored(0, waiting=True) for url in found]
        self.rows = [row for row in self.rows if row.identity != page.identity]
        self.rows += [page.stored(len(self.rows)), *waiting]


def _shown(url: str) -> Extraction:
    if "/day/" in url:
        return _page("日历", f"第 {url.rpartition('/')[2]} 天")
    return _page("菜单", _in_letters(url), pictures=("https://b.example/p.png",))


LINKS = [
    *(f"{SITE}/day/{number}" for number in range(40)),
    *(f"{SITE}/article/{number}" for number in range(40)),
    *(f"{SITE}/list?b={number}&a=1&sid=9{number}" for number in range(9)),
    *(f"{SITE}/list?a=1&b={number}" for number in range(9)),
    f"{SITE}/x/x/x/x/",
]


@pytest.mark.parametrize("cut_after", [0, 1, 3, 9, 20, 45])
def test_the_trap_guard_goes_on_as_if_nothing_had_been(cut_after: int) -> None:
    ended = []
    for cut in (False, True):
        crawl = Crawl(_shown)
        crawl.begin(LINKS)
        number = 0
        while number < len(crawl.followed):
            if cut and number == cut_after:
                crawl.cut_off()
            crawl.step(number)
            number += 1
        ended.append((sorted(crawl.followed), sorted(crawl.guard.closing_gaps(), key=str)))
    assert ended[0] == ended[1]
    assert len(ended[0][1]) >= 3


def test_links_that_were_told_are_not_told_again_and_dead_hosts_are_left_alone() -> None:
    host = _DeadHost()
    with page_of() as page:
        one_by_one(resolver(host), host, 2)
    again = resolver(host)
    again.recall(Earlier([page.stored(1)]))
    with page_of() as later:
        known, fresh = f"http://127.0.0.1:{host.port}/1", f"http://127.0.0.1:{host.port}/new"
        chains, told = asyncio.run(again.resolve([known, fresh]))
    assert host.asked == 2
    assert [gap.subject for gap in told] == [fresh]
    assert all(chain.gap is not None for chain in chains.values())
    assert [what for (what,) in Earlier([later.stored(2)]).of("link")] == [fresh]


def test_budgets_of_suspicious_links_are_kept() -> None:
    limits = Limits(max_suspicious_links=1, suspicious_links_per_page=1)
    document = page_with_links((PITCH, "https://a.test/1"), (PITCH, "https://b.test/2"))
    first = SuspiciousLinks(limits)
    with page_of() as page:
        chosen = first.of(document, lambda _: True)
    second = SuspiciousLinks(limits)
    second.recall(Earlier([page.stored(1)]))
    assert (second.count, second.closing_gap("t")) == (first.count, first.closing_gap("t"))
    other = page_with_links((PITCH, "https://c.test/3"))
    assert (len(chosen), second.of(other, lambda _: True)) == (1, [])


def test_words_that_were_left_out_stay_counted(tmp_path: Path) -> None:
    memory = [["words_left_out", "why", 2], ["words_seconds", 7.5], ["words_left_out", "why", 1]]
    row = FrontierPage(
        identity="/", number=1, state="done", kind="parse", memory=msgspec.msgpack.encode(memory)
    )
    reader = WordReader(Limits(), WordMemo(None, "none"), stopping=lambda: False)
    reader.recall(Earlier([row]))
    assert [gap.reason for gap in reader.closing_gaps()] == ["words in 3 pictures not read: why"]


def test_what_is_counted_is_stored_once_and_a_waiting_page_has_taught_nothing() -> None:
    with page_of("/x") as page:
        for _ in range(3):
            count("over_budget")
        remember("passed", "/y")
    earlier = Earlier([page.stored(1)])
    assert (list(earlier.of("over_budget")), list(earlier.of("passed"))) == ([[3]], [["/y"]])
    assert page.stored(1, waiting=True).memory == b""
    remember("passed", "nobody listens")
    assert list(Earlier().of("passed")) == []
