"""Scheduled scans over the queue, on a real PostgreSQL; the workers are the test's own hands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest

from schedules import JobQueue, QueueDispatcher, QueuedJob, ScanJob
from storage import RunRecord
from tests.schedules.test_queue import with_queue

T = TypeVar("T")
AT = datetime(2026, 3, 2, tzinfo=UTC)
SHOP = ScanJob(target="shop", lock="site:shop.test")
RUN = RunRecord(run_id=7, job_id="scan:shop", due_at=AT, start_at=AT, state="running", attempts=1)
POLL = timedelta(milliseconds=20)


class Here:
    """What is done on the scheduler's own machine."""

    def __init__(self) -> None:
        self.did: list[str] = []
        self.stopped = False

    async def run(self, run: RunRecord, may_go: Callable[[int | None], bool]) -> int | None:
        self.did.append(run.job_id)
        return 0 if may_go(1) else None

    def takes_up(self, run: RunRecord) -> bool:
        return run.host == "here"

    async def stop(self) -> None:
        self.stopped = True


def go(_: int | None) -> bool:
    return True


def dispatcher(queue: JobQueue, here: Here | None = None) -> QueueDispatcher:
    return QueueDispatcher(queue, {"shop": SHOP}, here or Here(), poll=POLL)


async def taken(queue: JobQueue, worker: int) -> QueuedJob:
    """The next job, as soon as there is one."""
    return await soon(lambda: queue.take(worker))


async def soon(ask: Callable[[], Awaitable[T | None]]) -> T:
    """What `ask` gives as soon as it gives something."""
    for _ in range(2_000):
        found = await ask()
        if found:
            return found
        await asyncio.sleep(0.01)
    raise AssertionError("nothing came")


@asynccontextmanager
async def going(queue: JobQueue, run: RunRecord = RUN) -> AsyncIterator[asyncio.Task[int | None]]:
    """A run on its way; stopped at the end."""
    one = dispatcher(queue)
    task = asyncio.create_task(one.run(run, go))
    yield task
    await one.stop()
    await task


@pytest.mark.parametrize(
    ("state", "status", "ends"),
    [
        ("succeeded", 0, 0),
        ("succeeded", 3, 3),
        ("failed", 2, 2),
        ("failed", 130, 1),
        ("failed", -9, 1),
    ],
)
def test_a_run_ends_as_its_scan_did(
    tmp_path: Path, postgresql_url: str, state: str, status: int, ends: int
) -> None:
    async def act(queue: JobQueue) -> None:
        async with going(queue) as run:
            worker = await queue.register()
            job = await taken(queue, worker)
            assert (job.job.target, job.job.lock) == (SHOP.target, SHOP.lock)
            await queue.end(job.job_id, worker, state, exit_status=status)  # type: ignore[arg-type]
            assert await run == ends

    with_queue(tmp_path, postgresql_url, act)


def test_a_scheduler_that_stops_leaves_the_scan_and_the_next_one_waits_for_it(
    tmp_path: Path, postgresql_url: str
) -> None:
    async def act(queue: JobQueue) -> None:
        worker = await queue.register()
        async with going(queue) as first:
            job = await taken(queue, worker)
        assert await first is None
        async with going(queue) as second:
            await asyncio.sleep(0.1)
            assert [one.job_id for one in await queue.jobs(over=True)] == [job.job_id], "doubled 0"
            await queue.end(job.job_id, worker, "succeeded", exit_status=0)
            assert await second == 0
        async with going(queue) as third:
            assert await third == 0, "what ended while no scheduler ran is known too"

    with_queue(tmp_path, postgresql_url, act)


def test_a_run_that_is_taken_up_again_is_a_job_of_its_own(
    tmp_path: Path, postgresql_url: str
) -> None:
    async def act(queue: JobQueue) -> None:
        worker = await queue.register()
        async with going(queue) as first:
            job = await taken(queue, worker)
            await queue.end(job.job_id, worker, "failed", exit_status=1)
            assert await first == 1
        async with going(queue, msgspec.structs.replace(RUN, attempts=2)):
            assert (await taken(queue, worker)).job_id != job.job_id

    with_queue(tmp_path, postgresql_url, act)


def test_a_scan_that_waits_already_stands_for_the_run(tmp_path: Path, postgresql_url: str) -> None:
    async def act(queue: JobQueue) -> None:
        assert await queue.add([SHOP]) == [1]
        async with going(queue) as run:
            await asyncio.sleep(0.1)
            worker = await queue.register()
            assert (await taken(queue, worker)).job_id == 1
        assert await run is None
        await queue.end(1, worker, "succeeded", exit_status=0)
        async with going(queue) as run:
            assert await run == 0, "after a restart too"
        assert len(await queue.jobs(over=True)) == 1

    with_queue(tmp_path, postgresql_url, act)


def test_a_job_that_a_person_cancelled_has_failed(tmp_path: Path, postgresql_url: str) -> None:
    async def act(queue: JobQueue) -> None:
        async with going(queue) as run:
            await soon(lambda: queue.cancel(1))
            assert await run == 1

    with_queue(tmp_path, postgresql_url, act)


def test_reports_and_rechecks_are_done_here_and_what_may_not_go_is_not_queued(
    tmp_path: Path, postgresql_url: str
) -> None:
    async def act(queue: JobQueue) -> None:
        here = Here()
        one = dispatcher(queue, here)
        for job_id in ("report", "recheck:118"):
            assert await one.run(msgspec.structs.replace(RUN, job_id=job_id), go) == 0
        assert here.did == ["report", "recheck:118"]
        assert await one.run(RUN, lambda _: False) is None
        await one.stop()
        assert here.stopped
        assert await one.run(RUN, go) == 130
        assert await queue.jobs(over=True) == ()

    with_queue(tmp_path, postgresql_url, act)


def test_only_scans_in_the_queue_are_taken_up(tmp_path: Path, postgresql_url: str) -> None:
    async def act(queue: JobQueue) -> None:
        one = dispatcher(queue)
        for host, job_id, expected in (
            ("(queue)", "scan:shop", True),
            ("(queue)", "scan:gone", True),
            ("elsewhere", "scan:shop", False),
            ("", "scan:shop", False),
        ):
            run = msgspec.structs.replace(RUN, host=host, job_id=job_id)
            assert one.takes_up(run) is expected
        gone = msgspec.structs.replace(RUN, host="(queue)", job_id="scan:gone")
        assert await one.run(gone, go) == 1, "its target is gone, and it is nowhere"

    with_queue(tmp_path, postgresql_url, act)
