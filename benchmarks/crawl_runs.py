"""One crawl of the local pages, by either side, and what the server says of it."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from benchmarks.local_pages import Style, path_of
from benchmarks.measured_process import Measured, run_measured
from benchmarks.page_server import RECORD
from storage import Store

PROJECT = Path(__file__).resolve().parents[1]
MEGABYTE = 1024 * 1024
_NO_COST = Measured(0, 0, 0, 0, 0)


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


class Site(NamedTuple):
    """A local site that is being served."""

    url: str
    pages: int


@contextmanager
def server(pages: int, seed: int, style: Style = "static") -> Iterator[Site]:
    """The page server as a process of its own, until the block ends."""
    options = [f"--pages={pages}", f"--seed={seed}", f"--style={style}"]
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.page_server", *options],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield Site(process.stdout.readline().strip(), pages)
    finally:
        process.terminate()
        process.communicate()


def crawl_bare(site: Site, folder: Path, concurrency: int, module: str = "bare_spider") -> Run:
    """The other side: a bare spider; `found` are the paths of the pages it wrote."""
    output = folder / "bare.jsonl"
    output.unlink(missing_ok=True)
    command = [sys.executable, "-m", f"benchmarks.{module}", site.url, str(output)]
    run = _crawl([*command, str(concurrency)], site, folder)
    with output.open(encoding="utf-8") as lines:
        found = frozenset(urlsplit(json.loads(line)["url"]).path for line in lines)
    return run._replace(found=found)


def crawl_promowatch(
    site: Site, folder: Path, concurrency: int, *, rendering: str = "never", pictures: bool = True
) -> Run:
    """This product; `found` are the paths of its candidates."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        data = Path(name)
        target = _target(site, concurrency, rendering, pictures=pictures)
        run = _crawl(scan_command(target, data / "target.yaml", data / "data"), site, folder)
    return run._replace(found=found_in(folder / "output"))


def scan_command(target: dict[str, object], file: Path, data: Path) -> list[str]:
    """The command that scans `target`, which is written to `file`, into the folder `data`."""
    file.write_text(json.dumps({"targets": [target]}), encoding="utf-8")
    command = [sys.executable, "-m", "promowatch", "scan", str(file), "--json"]
    return [*command, "--data", str(data)]


def found_in(output: Path) -> frozenset[str]:
    """The paths of the candidates that a scan printed."""
    lines = output.read_text(encoding="utf-8").splitlines()
    return frozenset(urlsplit(json.loads(line)["url"]).path for line in lines)


def _target(site: Site, concurrency: int, rendering: str, *, pictures: bool) -> dict[str, object]:
    return {
        "id": f"benchmark-{urlsplit(site.url).port}",
        "title": "benchmark",
        "surface": "marketing_page",
        "seeds": [site.url],
        "scope": {"depth": 1_000, "max_pages": site.pages + 100},
        "rendering": rendering,
        "pictures": pictures,
        "limits": {"words_seconds": 0},
        "politeness": {
            "autothrottle": False,
            "concurrent_requests_per_host": concurrency,
            "reason": "the pages are on this machine and ours",
        },
        "network": {"allow": ["127.0.0.1"]},
    }


def _crawl(command: list[str], site: Site, folder: Path) -> Run:
    record(site)
    errors = folder / "errors"
    cost = run_measured(command, folder=PROJECT, output=folder / "output", errors=errors)
    seen = record(site)
    complaints = errors.read_text(encoding="utf-8", errors="replace")
    if seen.first_asked is None:
        raise SystemExit(f"nothing was fetched by {' '.join(command)}\n{complaints[-2_000:]}")
    crawl_seconds = cost.ended - seen.first_asked
    return Run(cost, crawl_seconds, seen.asked, frozenset(), complaints)


class Record(NamedTuple):
    """What the server was asked since the last record."""

    first_asked: float | None
    asked: dict[str, int]


def record(site: Site) -> Record:
    """What `site` was asked since this was last called."""
    with urllib.request.urlopen(site.url.rstrip("/") + RECORD) as answer:
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


class TwoSites(NamedTuple):
    """Two crawls: seconds from the first request to the end of the last program."""

    seconds: float
    found: frozenset[str]
    complaints: list[str]


def one_after_the_other(sites: tuple[Site, Site], folder: Path, concurrency: int) -> TwoSites:
    """Two crawls by one process each, the second begun when the first has ended."""
    runs = [crawl_promowatch(site, folder, concurrency) for site in sites]
    return TwoSites(
        sum(run.crawl_seconds for run in runs),
        frozenset().union(*(run.found for run in runs)),
        [line for site, run in zip(sites, runs, strict=True) for line in _of(site, run)],
    )


def both_at_once(sites: tuple[Site, Site], folder: Path, concurrency: int) -> TwoSites:
    """Two crawls by two processes at the same time, into one data folder."""
    for site in sites:
        record(site)
    with tempfile.TemporaryDirectory(dir=folder) as name:
        data = Path(name)
        Store.open(data / "data").close()
        outputs = [data / f"output-{number}" for number in range(len(sites))]
        started = [
            _started(site, data / f"target-{number}.yaml", output, concurrency)
            for number, (site, output) in enumerate(zip(sites, outputs, strict=True))
        ]
        for process in started:
            process.wait()
        ended = time.monotonic()
        found = frozenset().union(*(found_in(output) for output in outputs))
    records = [record(site) for site in sites]
    first = min(one.first_asked or ended for one in records)
    runs = [Run(_NO_COST, 0, one.asked, frozenset(), "") for one in records]
    lines = [line for site, run in zip(sites, runs, strict=True) for line in _of(site, run)]
    return TwoSites(ended - first, found, lines)


def _started(site: Site, file: Path, output: Path, concurrency: int) -> subprocess.Popen[bytes]:
    target = _target(site, concurrency, "never", pictures=False)
    command = scan_command(target, file, file.parent / "data")
    with output.open("wb") as out:
        return subprocess.Popen(command, cwd=PROJECT, stdout=out, stderr=subprocess.DEVNULL)


def _of(site: Site, run: Run) -> list[str]:
    return complaints(f"B on {site.url}", run, site.pages)
