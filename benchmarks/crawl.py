"""Crawl benchmark: this pipeline against a bare Scrapy spider, on the same local pages.

`python -m benchmarks.crawl`                          all parts, about an hour
`python -m benchmarks.crawl static --pages 2000`      one part

  static     A: benchmarks/bare_spider.py (LinkExtractor and parsel, writes JSON Lines),
             B: `promowatch scan` (fetch, extract, classify, store), in turn (A B A B ...)
  linear     B at 500, 5,000 and 20,000 pages: CPU a page and peak memory
  processes  B over two sites of half the pages, one after the other and both at once
  pictures   B with two pictures on every page, read or not; what is planted stands in QR codes
             (words in pictures have a budget and a benchmark of their own: benchmarks/ocr.py)
  rendered   A: scrapy-playwright and parsel, B: `promowatch scan` with a browser, screenshot and
             all, on pages that a script builds; 1, 4 and 8 at once

Each side is a program of its own, robots.txt is obeyed, there is no AutoThrottle, and the number of
requests at once is the same. Pages per second count from a program's first request to its end, so
that start-up is out of it and the last flush is in it; the whole command's time is printed beside
it. The server is the witness of what was fetched. Exit status 1 when a page was missed or a planted
violation was not found: no ratio is stated then.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks.crawl_runs import (
    Run,
    Site,
    both_at_once,
    complaints,
    crawl_bare,
    crawl_promowatch,
    one_after_the_other,
    server,
    show,
)
from benchmarks.local_pages import path_of, planted_numbers

SIZES = (500, 5_000, 20_000)
TABS = (1, 4, 8)
RENDERED_PAGES = 200


class Arguments(NamedTuple):
    part: str
    pages: int
    rounds: int
    concurrency: int
    seed: int


Part = Callable[[Arguments, Path], list[str]]


def static(arguments: Arguments, folder: Path) -> list[str]:
    """Side A and side B in turn, as often as there are rounds."""
    with server(arguments.pages, arguments.seed) as site:
        return _in_turn(
            arguments,
            site,
            lambda: crawl_bare(site, folder, arguments.concurrency),
            lambda: crawl_promowatch(site, folder, arguments.concurrency),
        )


def rendered(arguments: Arguments, folder: Path) -> list[str]:
    """Side A and side B with a browser, in turn, for each number of tabs."""
    wrong: list[str] = []
    pages = min(arguments.pages, RENDERED_PAGES)
    with server(pages, arguments.seed, "scripted") as site:
        for tabs in TABS:
            print(f"{tabs} at once, {pages} pages")
            wrong += _in_turn(
                arguments,
                site,
                lambda tabs=tabs: crawl_bare(site, folder, tabs, "bare_browser_spider"),  # type: ignore[misc]
                lambda tabs=tabs: crawl_promowatch(site, folder, tabs, rendering="always"),  # type: ignore[misc]
            )
    return wrong


def _in_turn(
    arguments: Arguments, site: Site, bare: Callable[[], Run], ours: Callable[[], Run]
) -> list[str]:
    """Rounds of A and B; prints figures and gives the complaints."""
    pages = site.pages
    wrong: list[str] = []
    speed, cpu = [], []
    for number in range(1, arguments.rounds + 1):
        a, b = bare(), ours()
        print(f"round {number}")
        show("A", a, pages)
        show("B", b, pages)
        speed.append(b.pages_per_second(pages) / a.pages_per_second(pages))
        cpu.append(a.cost.cpu_seconds / b.cost.cpu_seconds)
        print(f"  B is {speed[-1]:.2f} times A by time, {cpu[-1]:.2f} times by CPU", flush=True)
        wrong += complaints("A", a, pages) + complaints("B", b, pages)
        if a.found != {path_of(n) for n in range(pages)}:
            wrong.append(f"A wrote {len(a.found)} pages, not {pages}")
        wrong += _judged(b, pages, arguments.seed)
    if wrong:
        return wrong
    print(
        f"median of {arguments.rounds}: B is {statistics.median(speed):.2f} times A by time, "
        f"{statistics.median(cpu):.2f} times by CPU ({pages} pages)"
    )
    return wrong


def linear(arguments: Arguments, folder: Path) -> list[str]:
    """Side B at growing numbers of pages."""
    wrong: list[str] = []
    costs = []
    for pages in SIZES:
        with server(pages, arguments.seed) as site:
            run = crawl_promowatch(site, folder, arguments.concurrency)
        print(f"{pages} pages")
        show("B", run, pages)
        costs.append(run.crawl_seconds / pages)
        wrong += complaints("B", run, pages) + _judged(run, pages, arguments.seed)
    if not wrong:
        ratio = costs[-1] / costs[0]
        print(f"a page costs {ratio:.2f} times as much at {SIZES[-1]} pages as at {SIZES[0]}")
    return wrong


def processes(arguments: Arguments, folder: Path) -> list[str]:
    """Two sites into one data folder: one after the other, and both at once."""
    half = arguments.pages // 2
    wrong: list[str] = []
    ratios = []
    with server(half, arguments.seed) as one, server(half, arguments.seed + 1) as two:
        for number in range(1, arguments.rounds + 1):
            alone = one_after_the_other((one, two), folder, arguments.concurrency)
            together = both_at_once((one, two), folder, arguments.concurrency)
            ratios.append(alone.seconds / together.seconds)
            print(
                f"round {number}: one process {2 * half / alone.seconds:.1f} pages/s, two "
                f"{2 * half / together.seconds:.1f} pages/s, {ratios[-1]:.2f} times",
                flush=True,
            )
            wrong += alone.complaints + together.complaints
            wrong += [] if alone.found == together.found else ["other candidates when at once"]
    if not wrong:
        print(f"median: two processes are {statistics.median(ratios):.2f} times one")
    return wrong


def pictures(arguments: Arguments, folder: Path) -> list[str]:
    """Side B on pages with pictures, without and with reading them."""
    pages = arguments.pages
    with server(pages, arguments.seed, "pictures") as site:
        unread = crawl_promowatch(site, folder, arguments.concurrency, pictures=False)
        read = crawl_promowatch(site, folder, arguments.concurrency)
    print(f"{pages} pages with two pictures each: pictures not read, and read")
    show("-", unread, pages)
    show("B", read, pages)
    fetched = sum(count for path, count in read.fetched.items() if path.endswith(".png"))
    extra = (read.cost.cpu_seconds - unread.cost.cpu_seconds) * 1000 / max(1, fetched)
    print(f"  {fetched} pictures fetched, {extra:.1f} CPU ms each (fetch, decode twice, memo)")
    return complaints("B", read, pages) + _judged(read, pages, arguments.seed)


def _judged(run: Run, pages: int, seed: int) -> list[str]:
    planted = {path_of(number) for number in planted_numbers(pages, seed)}
    lines = []
    if planted - run.found:
        lacking = sorted(planted - run.found)
        lines.append(f"B missed {len(lacking)} planted violations, e.g. {lacking[0]}")
    if run.found - planted:
        extra = sorted(run.found - planted)
        lines.append(f"B reported {len(extra)} harmless pages, e.g. {extra[0]}")
    return lines


PARTS: dict[str, Part] = {
    "static": static,
    "linear": linear,
    "processes": processes,
    "pictures": pictures,
    "rendered": rendered,
}


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.crawl",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("part", nargs="?", choices=["all", *PARTS], default="all")
    parser.add_argument("--pages", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--concurrency", type=int, default=16, help="requests at once, both sides")
    parser.add_argument("--seed", type=int, default=1)
    arguments = Arguments(**vars(parser.parse_args()))
    wrong: list[str] = []
    with tempfile.TemporaryDirectory(prefix="promowatch-benchmark-") as name:
        for part, run in PARTS.items():
            if arguments.part in ("all", part):
                print(f"== {part}")
                wrong += run(arguments, Path(name))
    for line in dict.fromkeys(wrong):
        print(f"WRONG: {line}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
