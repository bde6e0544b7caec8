"""Crawl benchmark: this pipeline against a bare Scrapy spider, on the same local pages.

`python -m benchmarks.crawl --pages 2000 --rounds 3`

Both sides fetch every page of one local site, in turn (A B A B ...), each as a program of its own:

  A  benchmarks/bare_spider.py: LinkExtractor and parsel, writes JSON Lines
  B  `promowatch scan`: fetch, extract, classify, store

with robots.txt obeyed, no AutoThrottle, and the same number of requests at once. Pages per second
count from a program's first request to its end, so that start-up is out of it and the last flush
is in it; the whole command's time is printed beside it. The server is the witness of what was
fetched. Exit status 1 when a page was missed or a planted violation was not found.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from benchmarks.local_pages import path_of, planted_numbers
from benchmarks.measured_process import Measured, run_measured
from benchmarks.page_server import RECORD

PROJECT = Path(__file__).resolve().parents[1]
FEW_PAGES = 500
MEGABYTE = 1024 * 1024


class Run(NamedTuple):
    """One crawl: its cost, and what the server and the crawl's own output say of it."""

    cost: Measured
    crawl_seconds: float
    fetched: dict[str, int]
    found: frozenset[str]
    errors: str

    def pages_per_second(self, pages: int) -> float:
        return pages / self.crawl_seconds

    def cpu_ms_per_page(self, pages: int) -> float:
        return self.cost.cpu_seconds * 1000 / pages


class Arguments(NamedTuple):
    pages: int
    rounds: int
    concurrency: int
    seed: int


@contextmanager
def server(pages: int, seed: int) -> Iterator[str]:
    """The page server as a process of its own; gives its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.page_server", f"--pages={pages}", f"--seed={seed}"],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.communicate()


def crawl_bare(url: str, folder: Path, concurrency: int) -> Run:
    """Side A."""
    output = folder / "bare.jsonl"
    output.unlink(missing_ok=True)
    module = [sys.executable, "-m", "benchmarks.bare_spider"]
    run = _crawl([*module, url, str(output), str(concurrency)], url, folder)
    with output.open(encoding="utf-8") as lines:
        found = frozenset(urlsplit(json.loads(line)["url"]).path for line in lines)
    return run._replace(found=found)


def crawl_promowatch(url: str, folder: Path, concurrency: int, pages: int) -> Run:
    """Side B: `found` are the paths of its candidates."""
    target = folder / "target.yaml"
    target.write_text(json.dumps(_target(url, concurrency, pages)), encoding="utf-8")
    with tempfile.TemporaryDirectory(dir=folder) as data:
        run = _crawl(
            [sys.executable, "-m", "promowatch", "scan", str(target), "--json", "--data", data],
            url,
            folder,
        )
    lines = (folder / "output").read_text(encoding="utf-8").splitlines()
    return run._replace(found=frozenset(urlsplit(json.loads(line)["url"]).path for line in lines))


def _target(url: str, concurrency: int, pages: int) -> dict[str, object]:
    return {
        "targets": [
            {
                "id": "benchmark",
                "title": "benchmark",
                "surface": "marketing_page",
                "seeds": [url],
                "scope": {"depth": 1_000, "max_pages": pages + 100},
                "rendering": "never",
                "politeness": {
                    "autothrottle": False,
                    "concurrent_requests_per_host": concurrency,
                    "reason": "the pages are on this machine and ours",
                },
                "network": {"allow": ["127.0.0.1"]},
            }
        ]
    }


def _crawl(command: list[str], url: str, folder: Path) -> Run:
    _record(url)
    errors = folder / "errors"
    cost = run_measured(command, folder=PROJECT, output=folder / "output", errors=errors)
    record = _record(url)
    complaints = errors.read_text(encoding="utf-8", errors="replace")
    if record.first_asked is None:
        raise SystemExit(f"nothing was fetched by {' '.join(command)}\n{complaints[-2_000:]}")
    crawl_seconds = cost.ended - record.first_asked
    return Run(cost, crawl_seconds, record.asked, frozenset(), complaints)


class Record(NamedTuple):
    """What the server was asked since the last record."""

    first_asked: float | None
    asked: dict[str, int]


def _record(url: str) -> Record:
    with urllib.request.urlopen(url.rstrip("/") + RECORD) as answer:
        return Record(**json.load(answer))


def show(side: str, run: Run, pages: int) -> None:
    print(
        f"  {side}  {run.pages_per_second(pages):7.1f} pages/s"
        f"  {run.cpu_ms_per_page(pages):6.2f} CPU ms/page"
        f"  {run.cost.peak_bytes / MEGABYTE:6.0f} MB peak"
        f"  {run.cost.wall_seconds:6.1f} s whole command"
    )


def complaints(side: str, run: Run, pages: int) -> list[str]:
    """What was missed or fetched twice, by the server's record.

    Scrapy asks for start URLs without looking whether it has seen them, so the bare spider
    fetches the home page twice; nothing else may be.
    """
    wanted = {path_of(number) for number in range(pages)}
    missed = wanted - set(run.fetched)
    twice = sorted(path for path in wanted if run.fetched.get(path, 0) > 1)
    lines = []
    if run.cost.status:
        lines.append(f"{side} ended with status {run.cost.status}: {run.errors[-500:]}")
    if missed:
        lines.append(f"{side} missed {len(missed)} of {pages} pages, e.g. {min(missed)}")
    if twice and (side, twice) != ("A", ["/"]):
        lines.append(f"{side} fetched {len(twice)} pages more than once, e.g. {twice[0]}")
    return lines


def compare(arguments: Arguments, folder: Path) -> list[str]:
    """All rounds; prints figures and gives the complaints."""
    pages, seed = arguments.pages, arguments.seed
    planted = {path_of(number) for number in planted_numbers(pages, seed)}
    wrong: list[str] = []
    speed, cpu = [], []
    with server(pages, seed) as url:
        for number in range(1, arguments.rounds + 1):
            bare = crawl_bare(url, folder, arguments.concurrency)
            ours = crawl_promowatch(url, folder, arguments.concurrency, pages)
            print(f"round {number}")
            show("A", bare, pages)
            show("B", ours, pages)
            speed.append(ours.pages_per_second(pages) / bare.pages_per_second(pages))
            cpu.append(bare.cost.cpu_seconds / ours.cost.cpu_seconds)
            print(f"  B is {speed[-1]:.2f} times A by time, {cpu[-1]:.2f} times by CPU", flush=True)
            wrong += complaints("A", bare, pages) + complaints("B", ours, pages)
            if bare.found != {path_of(n) for n in range(pages)}:
                wrong.append(f"A wrote {len(bare.found)} pages, not {pages}")
            wrong += _judged(ours, planted)
    if wrong:
        print("no ratio is stated: the two sides did not do the same work")
        return wrong
    print(
        f"median of {arguments.rounds}: B is {statistics.median(speed):.2f} times A by time, "
        f"{statistics.median(cpu):.2f} times by CPU ({pages} pages, {len(planted)} planted)"
    )
    return wrong


def _judged(run: Run, planted: set[str]) -> list[str]:
    lines = []
    if planted - run.found:
        lacking = sorted(planted - run.found)
        lines.append(f"B missed {len(lacking)} planted violations, e.g. {lacking[0]}")
    if run.found - planted:
        extra = sorted(run.found - planted)
        lines.append(f"B reported {len(extra)} harmless pages, e.g. {extra[0]}")
    return lines


def memory(arguments: Arguments, folder: Path) -> None:
    """Peak memory of side B at few and at all pages."""
    for pages in sorted({min(FEW_PAGES, arguments.pages), arguments.pages}):
        with server(pages, arguments.seed) as url:
            run = crawl_promowatch(url, folder, arguments.concurrency, pages)
        print(f"B at {pages} pages: {run.cost.peak_bytes / MEGABYTE:.0f} MB peak", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.crawl",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--pages", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--concurrency", type=int, default=16, help="requests at once, both sides")
    parser.add_argument("--seed", type=int, default=1)
    arguments = Arguments(**vars(parser.parse_args()))
    with tempfile.TemporaryDirectory(prefix="promowatch-benchmark-") as name:
        wrong = compare(arguments, Path(name))
        if not wrong:
            memory(arguments, Path(name))
    for line in dict.fromkeys(wrong):
        print(f"WRONG: {line}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
