"""Workers on one PostgreSQL: a batch of targets by one and by two, and what the queue carries.

`python -m benchmarks.workers` starts a private PostgreSQL (or uses PROMOWATCH_TEST_POSTGRES) and 40
sites on loopback addresses of their own, each a chain of pages that take a while to answer. Some
addresses carry two targets, which must not be scanned at once. Printed: the time of the batch with
one worker and with two, their ratio, and what the sites' logs say. `--only queue` measures the
queue alone.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from schedules import JobQueue, ScanJob, open_queue
from storage import Store
from tests.postgres import empty_database, some_server
from tests.site.watched import WatchedSite, WatchedSites
from tests.workers import Team


class Batch(msgspec.Struct, frozen=True):
    """How a batch went: seconds, scans done, pages found of those there are, overlaps in logs."""

    seconds: float
    scans: int
    found: int
    pages: int
    doubled: int
    overlaps: Sequence[str]


class Load(msgspec.Struct, frozen=True):
    """What is scanned: targets on hosts (fewer: some carry two), pages a target, seconds a page."""

    targets: int = 40
    shared: int = 8
    pages: int = 12
    seconds: float = 0.25

    def sites(self) -> list[WatchedSite]:
        """The sites, `shared` of them with two targets."""
        count = self.targets - self.shared
        return [
            WatchedSite(
                f"127.0.{10 + number // 200}.{1 + number % 200}",
                sections="ab" if number < self.shared else "a",
                pages=self.pages,
                seconds=self.seconds,
            )
            for number in range(count)
        ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--targets", type=int, default=40)
    parser.add_argument("--pages", type=int, default=12, help="pages of a target")
    parser.add_argument("--seconds", type=float, default=0.25, help="what a page takes")
    parser.add_argument("--only", choices=["batch", "queue"], default="")
    given = parser.parse_args()
    load = Load(given.targets, given.targets // 5, given.pages, given.seconds)
    with some_server() as server:
        if given.only != "queue":
            print_batches(server, load)
        if given.only != "batch":
            print_queue(server)


def print_batches(server: str, load: Load) -> None:
    """One worker, then two."""
    one, two = (batch(server, load, names) for names in (("one",), ("one", "two")))
    for count, found in ((1, one), (2, two)):
        print(
            f"{count} worker{'s' if count > 1 else ' '}: {found.seconds:6.1f} s, "
            f"{found.scans} scans, {found.found} of {found.pages} candidates, "
            f"{found.doubled} doubled, {len(found.overlaps)} overlaps on a host",
            flush=True,
        )
        for overlap in found.overlaps:
            print(f"  {overlap}")
    print(f"ratio: {two.seconds / one.seconds:.2f} (aim: at most 0.60)", flush=True)


def batch(server: str, load: Load, names: Sequence[str]) -> Batch:
    """Scan every target with workers of these names; each a fresh data folder."""
    with (
        tempfile.TemporaryDirectory(prefix="promowatch-workers-") as folder,
        empty_database(server) as url,
        WatchedSites(load.sites()) as watched,
    ):
        targets = [target for site in watched.sites for target in site.targets()]
        team = Team(Path(folder), url, targets)
        team.add_all()
        began = time.monotonic()
        workers = [team.worker(name, "--until-empty") for name in names]
        for worker in workers:
            finish(worker)
        seconds = time.monotonic() - began
        now = datetime.now(UTC)
        with Store.open(Path(folder) / "look", url=url) as store:
            day = store.day(now - timedelta(days=1), now + timedelta(days=1))
        keys = [event.candidate.key for event in day.events]
        return Batch(
            seconds=seconds,
            scans=len(day.scans),
            found=len(set(keys)),
            pages=watched.page_count,
            doubled=len(keys) - len(set(keys)),
            overlaps=watched.overlaps(),
        )


def finish(worker: subprocess.Popen[str]) -> None:
    """Wait for a worker; what it said where it failed."""
    _, said = worker.communicate()
    if worker.returncode:
        sys.exit(f"a worker failed:\n{said}")


def print_queue(server: str, jobs: int = 2_000) -> None:
    """Jobs a second: put in, and taken and ended by several workers at once."""
    for workers in (1, 4, 16):
        with a_queue(server) as (folder, url):
            added, ended = asyncio.run(_queue_rates(folder, url, jobs, workers))
        print(
            f"queue, {workers:2} workers: {added:6.0f} jobs/s added, {ended:6.0f} jobs/s taken "
            "and ended",
            flush=True,
        )


@contextmanager
def a_queue(server: str) -> Iterator[tuple[Path, str]]:
    """A folder and an empty database."""
    with (
        tempfile.TemporaryDirectory(prefix="promowatch-workers-") as folder,
        empty_database(server) as url,
    ):
        yield Path(folder), url


async def _queue_rates(folder: Path, url: str, jobs: int, workers: int) -> tuple[float, float]:
    with Store.open(folder, url=url) as store:
        async with open_queue(store.database) as queue:
            began = time.monotonic()
            await queue.add(ScanJob(target=f"t{n}", lock=f"site:{n}") for n in range(jobs))
            added = jobs / (time.monotonic() - began)
        began = time.monotonic()
        await asyncio.gather(*(_empty(store) for _ in range(workers)))
        return added, jobs / (time.monotonic() - began)


async def _empty(store: Store) -> None:
    async with open_queue(store.database) as queue:
        await _take_all(queue)


async def _take_all(queue: JobQueue) -> None:
    worker = await queue.register()
    while (job := await queue.take(worker)) is not None:
        await queue.end(job.job_id, worker, "succeeded")


if __name__ == "__main__":
    main()
