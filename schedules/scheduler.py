"""One process that decides when, and starts what is due; it never scans itself."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from apscheduler import events
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from core import Target
from schedules.cron import Cron
from schedules.dispatch import Dispatcher
from schedules.plan import plan, trigger_of

_log = logging.getLogger("promowatch.schedules")

REPORT_CRON = "10 0 * * *"
"""The report of a day is written ten minutes after it has ended."""

JOB_DEFAULTS = {
    "coalesce": True,
    "max_instances": 1,
    "misfire_grace_time": 3600,
}
"""APScheduler's own grace is one second: a machine that was busy or asleep for two would lose the
run without a word. Late by up to an hour a run still starts, once; later than that it is reported
as missed. One run of a target at a time; what comes due meanwhile is reported too."""


def build_scheduler(
    targets: Iterable[Target],
    dispatcher: Dispatcher,
    tz: ZoneInfo,
    *,
    report_cron: str = REPORT_CRON,
) -> AsyncIOScheduler:
    """A scheduler, not started, with one job a scheduled target (`scan:<id>`) and `report`.

    Raises BadInput where a schedule is wrong.
    """
    scheduler = AsyncIOScheduler(timezone=tz, job_defaults=JOB_DEFAULTS)
    for target in targets:
        if target.schedule:
            trigger = trigger_of(target, tz)
            scheduler.add_job(dispatcher.scan, trigger, [target.id], id=f"scan:{target.id}")
    scheduler.add_job(dispatcher.report, Cron(report_cron, tz), id="report")
    scheduler.add_listener(
        _tell, events.EVENT_JOB_MISSED | events.EVENT_JOB_MAX_INSTANCES | events.EVENT_JOB_ERROR
    )
    return scheduler


async def serve(
    targets: Iterable[Target],
    dispatcher: Dispatcher,
    tz: ZoneInfo,
    *,
    report_cron: str = REPORT_CRON,
) -> None:
    """Run the schedule until SIGINT or SIGTERM; then end what runs, cleanly.

    Raises BadInput where a schedule is wrong.
    """
    scheduled = tuple(targets)
    for due in plan(scheduled, tz, datetime.now(UTC)):
        _log.info("scan %s is next due at %s", due.target_id, due.next_at.isoformat())
    scheduler = build_scheduler(scheduled, dispatcher, tz, report_cron=report_cron)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    scheduler.start()
    try:
        await stop.wait()
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
        scheduler.pause()
        await dispatcher.stop()
        scheduler.shutdown(wait=False)


def _tell(event: events.JobExecutionEvent) -> None:
    """No run is dropped in silence."""
    if event.code == events.EVENT_JOB_MISSED:
        _log.error("%s missed its run of %s", event.job_id, event.scheduled_run_time)
    elif event.code == events.EVENT_JOB_MAX_INSTANCES:
        _log.warning("%s is due again while still running; that run is left out", event.job_id)
    else:
        _log.error("%s could not be started: %s", event.job_id, event.exception)
