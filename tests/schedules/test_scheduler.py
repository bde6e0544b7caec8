"""Jobs as the scheduler holds them, and real runs of them."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from apscheduler import events
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from core import BadInput
from schedules import build_scheduler, plan, serve
from tests.schedules.test_dispatch import SHANGHAI, calls, dispatcher, started
from tests.schedules.test_plan import target

TARGETS = [target("exit-0", "30 9 * * *"), target("asked", ""), target("until-told", "0 * * * *")]


def test_each_scheduled_target_and_the_report_is_a_job(tmp_path: Path) -> None:
    async def run() -> None:
        scheduler = build_scheduler(TARGETS, dispatcher(tmp_path), SHANGHAI)
        scheduler.start(paused=True)
        jobs = {job.id: job for job in scheduler.get_jobs()}

        assert set(jobs) == {"scan:exit-0", "scan:until-told", "report"}
        for job in jobs.values():
            assert (job.coalesce, job.max_instances, job.misfire_grace_time) == (True, 1, 3600)
            assert job.next_run_time.tzinfo is SHANGHAI
        scheduler.shutdown(wait=False)
        await asyncio.sleep(0)

    asyncio.run(run())


def test_the_plan_agrees_with_what_the_scheduler_will_do(tmp_path: Path) -> None:
    async def run() -> dict[str, datetime]:
        scheduler = build_scheduler(TARGETS, dispatcher(tmp_path), SHANGHAI)
        scheduler.start(paused=True)
        found = {job.id: job.next_run_time for job in scheduler.get_jobs()}
        scheduler.shutdown(wait=False)
        await asyncio.sleep(0)
        return found

    before = plan(TARGETS, SHANGHAI, datetime.now(UTC))
    jobs = asyncio.run(run())
    after = plan(TARGETS, SHANGHAI, datetime.now(UTC))
    for first, last in zip(before, after, strict=True):
        assert jobs[f"scan:{first.target_id}"] in (first.next_at, last.next_at)


def test_a_wrong_schedule_keeps_the_scheduler_from_starting(tmp_path: Path) -> None:
    wrong, work = [target("shop", "whenever")], dispatcher(tmp_path)
    with pytest.raises(BadInput, match="target `shop`"):
        build_scheduler(wrong, work, SHANGHAI)
    with pytest.raises(BadInput, match="target `shop`"):
        asyncio.run(serve(wrong, work, SHANGHAI))


async def _event(scheduler: AsyncIOScheduler, code: int) -> events.JobEvent:
    """The next event of a kind."""
    loop = asyncio.get_running_loop()
    came: asyncio.Future[events.JobEvent] = loop.create_future()

    def note(event: events.JobEvent) -> None:
        if not came.done():
            loop.call_soon_threadsafe(came.set_result, event)

    scheduler.add_listener(note, code)
    return await came


def test_a_due_target_is_scanned(tmp_path: Path) -> None:
    async def run() -> None:
        scheduler = build_scheduler(TARGETS, dispatcher(tmp_path), SHANGHAI)
        done = asyncio.create_task(_event(scheduler, events.EVENT_JOB_EXECUTED))
        scheduler.start()
        scheduler.modify_job("scan:exit-0", next_run_time=datetime.now(UTC))
        assert (await done).retval == 0
        scheduler.shutdown(wait=False)
        await asyncio.sleep(0)

    asyncio.run(run())
    assert [call[:2] for call in calls(tmp_path)] == [["scan", "exit-0"]]


def test_runs_slept_through_become_one(tmp_path: Path) -> None:
    async def run() -> None:
        scheduler = build_scheduler([target("exit-0", "* * * * *")], dispatcher(tmp_path), SHANGHAI)
        done = asyncio.create_task(_event(scheduler, events.EVENT_JOB_EXECUTED))
        scheduler.start()
        half_an_hour_ago = datetime.now(UTC) - timedelta(minutes=30)
        scheduler.modify_job("scan:exit-0", next_run_time=half_an_hour_ago)
        await done
        scheduler.shutdown(wait=False)
        await asyncio.sleep(0)

    asyncio.run(run())
    assert len(calls(tmp_path)) == 1


def test_a_run_far_too_late_is_reported_as_missed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> None:
        scheduler = build_scheduler([target("exit-0", "0 0 1 1 *")], dispatcher(tmp_path), SHANGHAI)
        missed = asyncio.create_task(_event(scheduler, events.EVENT_JOB_MISSED))
        scheduler.start()
        yesterday = datetime.now(UTC) - timedelta(days=1)
        scheduler.modify_job("scan:exit-0", next_run_time=yesterday)
        await missed
        scheduler.shutdown(wait=False)
        await asyncio.sleep(0)

    with caplog.at_level(logging.ERROR, "promowatch.schedules"):
        asyncio.run(run())
    assert any("scan:exit-0 missed its run of" in message for message in caplog.messages)
    assert not (tmp_path / "calls").exists()


def test_a_target_is_never_scanned_twice_at_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> None:
        work = dispatcher(tmp_path)
        scheduler = build_scheduler(TARGETS, work, SHANGHAI)
        scheduler.start()
        scheduler.modify_job("scan:until-told", next_run_time=datetime.now(UTC))
        await started(tmp_path)
        refused = asyncio.create_task(_event(scheduler, events.EVENT_JOB_MAX_INSTANCES))
        await asyncio.sleep(0)
        scheduler.modify_job("scan:until-told", next_run_time=datetime.now(UTC))
        await refused
        done = asyncio.create_task(_event(scheduler, events.EVENT_JOB_EXECUTED))
        await work.stop()
        await done
        scheduler.shutdown(wait=False)
        await asyncio.sleep(0)

    with caplog.at_level(logging.WARNING, "promowatch.schedules"):
        asyncio.run(run())
    assert len(calls(tmp_path)) == 1
    assert "scan:until-told is due again while still running; that run is left out" in caplog.text


def test_a_signal_ends_the_scheduler_and_what_it_started(tmp_path: Path) -> None:
    async def run() -> None:
        work = dispatcher(tmp_path)
        serving = asyncio.create_task(serve(TARGETS, work, SHANGHAI))
        scan = asyncio.create_task(work.scan("until-told"))
        await started(tmp_path)
        os.kill(os.getpid(), signal.SIGTERM)
        await serving
        assert await scan == 130

    asyncio.run(run())
