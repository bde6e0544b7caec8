"""The queue on a real PostgreSQL: order, locks, jobs that change hands."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from core import BadInput, StorageError
from schedules import JobQueue, ScanJob, open_queue
from schedules.queue_statements import MOST_ATTEMPTS
from storage import Store, check, upgrade

A = ScanJob(target="shop-a", lock="site:a.test")
A2 = ScanJob(target="https://a.test/other", lock="site:a.test")
B = ScanJob(target="shop-b", lock="site:b.test")
FAR = timedelta(hours=1)
_EVENTS = "procrastinate_trigger_function_status_events_update_v1"


def with_queue(
    folder: Path, url: str, act: Callable[[JobQueue], Awaitable[None]], *, times: int = 1
) -> None:
    async def run(store: Store) -> None:
        async with open_queue(store.database) as queue:
            await asyncio.gather(*(act(queue) for _ in range(times)))

    with Store.open(folder, url=url) as store:
        asyncio.run(run(store))


def test_one_job_of_a_site_at_a_time(tmp_path: Path, postgresql_url: str) -> None:
    async def act(queue: JobQueue) -> None:
        assert await queue.add([A, A2, B]) == [1, 2, 3]
        first, second = await queue.register(), await queue.register()
        taken = [await queue.take(worker) for worker in (first, second, first)]
        assert [one.job if one else None for one in taken] == [A, B, None]

        assert await queue.end(1, first, "succeeded")
        assert (await queue.take(second) or taken[0]).job == A2  # type: ignore[union-attr]

    with_queue(tmp_path, postgresql_url, act)


def test_no_job_is_given_to_two(tmp_path: Path, postgresql_url: str) -> None:
    """Eight workers at once over one connection pool each: what is taken is taken once."""
    jobs = [ScanJob(target=f"t{n}", lock=f"site:{n % 10}") for n in range(40)]
    done: list[int] = []
    doing: set[str] = set()

    async def act(queue: JobQueue) -> None:
        worker = await queue.register()
        while await queue.jobs():
            taken = await queue.take(worker)
            if taken is None:
                continue
            assert taken.job.lock not in doing
            doing.add(taken.job.lock)
            done.append(taken.job_id)
            doing.discard(taken.job.lock)
            assert await queue.end(taken.job_id, worker, "succeeded")

    async def fill(queue: JobQueue) -> None:
        await queue.add(jobs)

    with_queue(tmp_path, postgresql_url, fill)
    with_queue(tmp_path, postgresql_url, act, times=8)
    assert sorted(done) == list(range(1, 41))


def test_what_waits_is_not_added_twice(tmp_path: Path, postgresql_url: str) -> None:
    async def act(queue: JobQueue) -> None:
        assert await queue.add([A, A]) == [1, None]
        worker = await queue.register()
        await queue.take(worker)
        again = await queue.add([A])
        assert again != [None], "it runs: the next one may wait"
        assert await queue.put_back(1, worker), "but then it need not go back"
        first = await queue.job(1)
        assert first is not None
        assert first.state == "aborted"

    with_queue(tmp_path, postgresql_url, act)


def test_higher_priority_first_and_later_means_later(tmp_path: Path, postgresql_url: str) -> None:
    async def act(queue: JobQueue) -> None:
        await queue.add([A])
        await queue.add([B], priority=5)
        worker = await queue.register()
        taken = await queue.take(worker)
        assert taken is not None
        assert taken.job == B
        assert await queue.put_back(taken.job_id, worker, after=FAR)
        assert [one.attempts for one in await queue.jobs()] == [0, 1]
        next_one = await queue.take(worker)
        assert next_one is not None
        assert next_one.job == A
        assert await queue.take(worker) is None

    with_queue(tmp_path, postgresql_url, act)


def silence(url: str, worker: int) -> None:
    """As if a worker had last said two minutes ago that it lives."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute(
            "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '2 minutes' "
            "WHERE id = %s",
            [worker],
        )


def test_a_dead_workers_job_goes_to_another_and_the_dead_has_no_say(
    tmp_path: Path, postgresql_url: str
) -> None:
    async def act(queue: JobQueue) -> None:
        await queue.add([A])
        dead, alive = await queue.register(), await queue.register()
        await queue.take(dead)
        assert await queue.rescue(silent_seconds=60) == ()
        silence(postgresql_url, dead)
        found = await asyncio.gather(*(queue.rescue(silent_seconds=60) for _ in range(3)))
        assert sorted(found) == [(), (), (1,)], "by one of those who look"

        taken = await queue.take(alive)
        assert taken is not None
        assert taken.attempts == 1
        assert not await queue.beat(dead), "it is told that it was struck off"
        assert not await queue.end(1, dead, "succeeded")
        assert not await queue.put_back(1, dead)
        assert await queue.end(1, alive, "succeeded")

    with_queue(tmp_path, postgresql_url, act)


def test_what_ends_every_worker_is_not_begun_for_ever(tmp_path: Path, postgresql_url: str) -> None:
    async def act(queue: JobQueue) -> None:
        await queue.add([A])
        for _ in range(MOST_ATTEMPTS):
            worker = await queue.register()
            assert await queue.take(worker) is not None
            silence(postgresql_url, worker)
            await queue.rescue(silent_seconds=60)
        job = await queue.job(1)
        assert job is not None
        assert job.state == "failed"

    with_queue(tmp_path, postgresql_url, act)


def test_a_job_that_waits_can_be_cancelled(tmp_path: Path, postgresql_url: str) -> None:
    async def act(queue: JobQueue) -> None:
        await queue.add([A, B])
        assert await queue.cancel(1)
        assert not await queue.cancel(1)
        assert [one.job for one in await queue.jobs()] == [B]
        assert [one.state for one in await queue.jobs(over=True)] == ["cancelled", "todo"]

    with_queue(tmp_path, postgresql_url, act)


def test_a_queue_needs_postgresql(tmp_path: Path) -> None:
    async def act(queue: JobQueue) -> None:
        raise AssertionError

    with pytest.raises(BadInput, match="needs PostgreSQL; set PROMOWATCH_DATABASE_URL"):
        with_queue(tmp_path, "", act)


def test_a_server_that_does_not_answer_is_one_line(tmp_path: Path, postgresql_url: str) -> None:
    async def act(queue: JobQueue) -> None:
        with psycopg.connect(postgresql_url.replace("+psycopg", "")) as connection:
            connection.execute("DROP TABLE procrastinate_jobs CASCADE")
        with pytest.raises(StorageError, match="cannot be used"):
            await queue.jobs()

    with_queue(tmp_path, postgresql_url, act)


def test_the_database_commands_know_the_queue(tmp_path: Path, postgresql_url: str) -> None:
    upgrade(tmp_path, url=postgresql_url)
    assert check(tmp_path, url=postgresql_url) == ()
    plain = postgresql_url.replace("+psycopg", "")
    with psycopg.connect(plain) as connection:
        connection.execute("COMMENT ON TABLE procrastinate_jobs IS '03.03.00_01_pre_priority'")
    (complaint,) = check(tmp_path, url=postgresql_url)
    assert complaint.startswith("queue tables 03.03.00_01_pre_priority, this program needs 03.")


def test_an_older_queue_is_brought_up_to_date(tmp_path: Path, postgresql_url: str) -> None:
    upgrade(tmp_path, url=postgresql_url)
    plain = postgresql_url.replace("+psycopg", "")
    with psycopg.connect(plain) as connection:
        connection.execute(f"DROP FUNCTION {_EVENTS} CASCADE")
        before = "03.04.00_01_pre_add_retry_failed_job_procedure"
        connection.execute(f"COMMENT ON TABLE procrastinate_jobs IS '{before}'")
    upgrade(tmp_path, url=postgresql_url)
    assert check(tmp_path, url=postgresql_url) == ()
    with psycopg.connect(plain) as connection:
        assert connection.execute(f"SELECT to_regproc('{_EVENTS}')").fetchone() != (None,)
