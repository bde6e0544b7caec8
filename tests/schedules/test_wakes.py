"""What is foretold is what then happens, and what wakes the scheduler wakes it then."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.schedule import Schedule
from schedules import DueRecheck, Scheduler
from tests.schedules.desk import Desk, Desks, moment, target
from tests.schedules.test_dispatch import dispatcher


@pytest.mark.parametrize(
    ("schedule", "minutes", "count"),
    [
        (Schedule(cron="*/20 * * * *", jitter="10m"), 1, 12),
        (Schedule(cron="0 * * * *", blackout=("09:00-18:00", "22:00-03:00"), jitter="45m"), 5, 12),
        (Schedule(every="90m", blackout=("02:00-02:30",)), 5, 12),
        (Schedule(cron="30 2 * * *"), 30, 3),
    ],
    ids=["jitter", "blackout", "interval", "nightly"],
)
@pytest.mark.parametrize("begin", ["2026-03-28 20:00", "2026-10-24 20:00"])
def test_the_forecast_agrees_with_what_then_happens(
    desks: Desks, schedule: Schedule, minutes: int, count: int, begin: str
) -> None:
    desk = desks.open([target("shop", schedule)], moment(begin))
    desk.turn(desk.now)
    expected = desk.tables["scan:shop"].forecast(desk.now, count)
    step = timedelta(minutes=minutes)
    happened: list[tuple[datetime, datetime]] = []
    while len(happened) < count:
        happened += [(run.due_at, desk.now) for run in desk.run_all(desk.now + step)]
        assert desk.now < moment(begin) + timedelta(days=20)
    for run, (due_at, began) in zip(expected, happened, strict=True):
        assert due_at == run.due_at
        assert run.start_at <= began < run.start_at + step


def test_what_wakes_the_scheduler_is_explicit_and_agrees_with_the_forecast(
    desks: Desks, tmp_path: Path
) -> None:
    schedules = {"night": Schedule(cron="0 2 * * *", jitter="20m"), "often": Schedule(every="6h")}
    targets = [target(name, schedule) for name, schedule in schedules.items()]
    desk = desks.open(targets, datetime.now(UTC))

    before = _foretold(desk)
    found = asyncio.run(_wakes(desk, tmp_path))
    after = _foretold(desk)

    assert set(found) == {"scan:night", "scan:often", "heartbeat"}
    assert {one[1:] for one in found.values()} == {(True, 1, None)}
    for job_id in before:
        assert found[job_id][0] in (before[job_id], after[job_id])


class _Broken:
    """A recheck plan with a mistake in it."""

    def due_rechecks(self, now: datetime) -> Sequence[DueRecheck]:
        raise ZeroDivisionError(f"at {now}")


def test_a_scheduler_with_a_mistake_ends_and_gives_the_lock_back(
    desks: Desks, tmp_path: Path
) -> None:
    desk = desks.open([], datetime.now(UTC), rechecks=_Broken())

    async def run() -> None:
        scheduler = Scheduler(desk.clerk, dispatcher(tmp_path), desk.lock, desk.tables)
        await scheduler.serve(asyncio.Event())

    with pytest.raises(ZeroDivisionError):
        asyncio.run(run())
    left = desks.book.scheduler()
    assert left is not None
    assert left.holder == ""


def _foretold(desk: Desk) -> dict[str, datetime]:
    now = datetime.now(UTC)
    return {job: table.forecast(now, 1)[0].start_at for job, table in desk.tables.items()}


async def _wakes(desk: Desk, folder: Path) -> dict[str, tuple[datetime, bool, int, int | None]]:
    """Of each job of APScheduler the next time, coalesce, max_instances, misfire_grace_time."""
    scheduler = Scheduler(desk.clerk, dispatcher(folder), desk.lock, desk.tables)
    clock = scheduler.alarm_clock()
    clock.start(paused=True)
    found = {
        job.id: (job.next_run_time, job.coalesce, job.max_instances, job.misfire_grace_time)
        for job in clock.get_jobs()
    }
    clock.shutdown(wait=False)
    await asyncio.sleep(0)
    return found
