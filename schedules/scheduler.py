"""One process that decides when, and starts what is due; it never scans itself."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from core import StorageError
from schedules.clerk import Clerk
from schedules.dispatch import RunDispatcher
from schedules.processes import host_name, still_runs
from schedules.timetable import Timetable
from storage import Leadership, RunRecord, SchedulerRecord

_log = logging.getLogger("promowatch.schedules")

REPORT_CRON = "10 0 * * *"
"""The report of a day is written ten minutes after it has ended."""
HEARTBEAT_SECONDS = 5.0
JOB_DEFAULTS = {
    "coalesce": True,
    "max_instances": 1,
    "misfire_grace_time": None,
}
"""APScheduler wakes the scheduler and drops nothing: its own grace of one second would lose a run
without a word. Which run is too late, and which one stands for another, is decided where it is
written down (schedules.accounting). One call at a time; calls slept through are one."""


def now_utc() -> datetime:
    """The time by the machine's clock."""
    return datetime.now(UTC)


class Starts(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """When the next run of a job starts, for APScheduler."""

    def __init__(self, table: Timetable) -> None:
        self._table = table

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        """The first start after both."""
        (run,) = self._table.forecast(max(previous or now, now), 1)
        return run.start_at


class Scheduler:
    """Stands by until it holds the lock, then starts what is due, until it is told to stop."""

    def __init__(
        self,
        clerk: Clerk,
        dispatcher: RunDispatcher,
        leadership: Leadership,
        timetables: Mapping[str, Timetable],
        *,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
        clock: Callable[[], datetime] = now_utc,
    ) -> None:
        self._clerk = clerk
        self._dispatcher = dispatcher
        self._leadership = leadership
        self._timetables = timetables
        self._heartbeat_seconds = heartbeat_seconds
        self._clock = clock
        self._wanted = asyncio.Event()
        self._leads = False
        self._stands_by_for = ""
        self._beat_due = 0.0
        self._runs: dict[int, asyncio.Task[None]] = {}

    async def serve(self, stop: asyncio.Event) -> None:
        """Run the schedule until `stop`; then end what runs, cleanly, and give the lock back."""
        alarm_clock = self.alarm_clock()
        alarm_clock.start()
        self._wanted.set()
        work = asyncio.create_task(self._work())
        try:
            told = asyncio.create_task(stop.wait())
            await asyncio.wait((told, work), return_when=asyncio.FIRST_COMPLETED)
            told.cancel()
            if work.done():
                work.result()  # it never ends by itself: this raises what went wrong
        finally:
            alarm_clock.shutdown(wait=False)
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            await self._dispatcher.stop()
            await asyncio.gather(*self._runs.values(), return_exceptions=True)
            await asyncio.to_thread(self._give_back)

    def alarm_clock(self) -> AsyncIOScheduler:
        """What wakes the scheduler, not started: a job for each timetable, and the heartbeat."""
        scheduler = AsyncIOScheduler(timezone=UTC, job_defaults=JOB_DEFAULTS)
        for job_id, table in self._timetables.items():
            scheduler.add_job(self._wake, Starts(table), id=job_id)
        beat = IntervalTrigger(seconds=self._heartbeat_seconds, timezone=UTC)
        scheduler.add_job(self._wake, beat, id="heartbeat")
        return scheduler

    async def _wake(self) -> None:
        self._wanted.set()

    async def _work(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            try:
                await self._step()
            except StorageError as error:
                _log.error("%s; trying again in %g s", error, self._heartbeat_seconds)

    async def _step(self) -> None:
        if time.monotonic() >= self._beat_due:
            self._beat_due = time.monotonic() + self._heartbeat_seconds * 0.9
            await self._beat()
        if not self._leads:
            return
        claimed = await asyncio.to_thread(self._clerk.turn, self._clock())
        if claimed is None:
            self._lose()
            return
        for run in claimed:
            self._begin(run)

    async def _beat(self) -> None:
        """Hold the lock, or try to get it; see to the runs that go on."""
        await asyncio.to_thread(self._clerk.beat, set(self._runs))
        if self._leads and not await asyncio.to_thread(self._leadership.renew, self._clock()):
            self._lose()
        if not self._leads:
            holder = await asyncio.to_thread(self._leadership.take, self._clock(), _is_dead)
            self._leads = holder is None
            self._say(holder)
        if self._leads:
            for run in await asyncio.to_thread(self._clerk.running):
                if run.run_id not in self._runs and self._dispatcher.takes_up(run):
                    self._begin(run)
            await asyncio.to_thread(self._clerk.look_after, self._clock(), set(self._runs))

    def _say(self, holder: SchedulerRecord | None) -> None:
        """Tell, once, whether this scheduler leads or stands by."""
        if holder is None:
            _log.info("this scheduler starts what is due (%s)", self._clerk.holder)
        elif holder.holder != self._stands_by_for:
            _log.warning(
                "standing by: the scheduler on %s (process %d) holds the lock",
                holder.host,
                holder.pid,
            )
        self._stands_by_for = holder.holder if holder else ""

    def _lose(self) -> None:
        self._leads = False
        _log.error("the lock is lost: standing by; what runs goes on")

    def _begin(self, run: RunRecord) -> None:
        self._runs[run.run_id] = asyncio.create_task(self._do(run))

    async def _do(self, run: RunRecord) -> None:
        began = time.monotonic()
        try:
            status = await self._dispatcher.run(
                run, lambda pid: self._clerk.record_process(run, pid)
            )
            if status is not None:
                took = timedelta(seconds=time.monotonic() - began)
                await asyncio.to_thread(self._clerk.end, run, status, self._clock(), took)
        except (StorageError, OSError) as error:
            _log.error("%s: how it ended is not written yet: %s", run.job_id, error)
        finally:
            del self._runs[run.run_id]
            self._wanted.set()

    def _give_back(self) -> None:
        try:
            self._leadership.release()
        except StorageError as error:
            _log.error("the lock was not given back: %s", error)


async def until_told() -> asyncio.Event:
    """An event that SIGINT and SIGTERM set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


def _is_dead(holder: SchedulerRecord) -> bool:
    """Whether a scheduler of this machine surely does not run any more."""
    here = holder.host == host_name()
    return here and not still_runs(holder.pid, holder.process_started)
