"""Dispatch over the queue: scans are done by whichever worker is free, on any machine."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import timedelta

import msgspec

from core import StorageError
from schedules.dispatch import MayGo, RunDispatcher
from schedules.processes import IN_QUEUE
from schedules.queue import JobQueue, QueuedJob, ScanJob
from schedules.timetable import target_of
from storage import RunRecord

_log = logging.getLogger("promowatch.schedules")
_POLL = timedelta(seconds=2)
_FAILED = 1
_STOPPED = 130


class QueueDispatcher:
    """Puts scans into the queue and waits for their end; reports and rechecks are done by `here`.

    A scan does not end with its scheduler: it stays in the queue, or with its worker, and the next
    scheduler waits for it. `scans` has the job of each target, by the target's id.
    """

    def __init__(
        self,
        queue: JobQueue,
        scans: Mapping[str, ScanJob],
        here: RunDispatcher,
        *,
        poll: timedelta = _POLL,
    ) -> None:
        self._queue = queue
        self._scans = scans
        self._here = here
        self._poll = poll
        self._stop = asyncio.Event()

    async def run(self, run: RunRecord, may_go: MayGo) -> int | None:
        """Have a run done; the exit status of its scan.

        None where it may not go, or where this stops first: nothing is known of its end then.
        """
        began = self.takes_up(run)
        job = self._scans.get(target_of(run.job_id) or "")
        if job is None and not began:
            return await self._here.run(run, may_go)
        if self._stop.is_set():
            return None if began else _STOPPED
        if not await asyncio.to_thread(may_go, None):
            return None
        job_id = await self._job_of(run, job)
        if job_id is None:
            _log.warning("%s: its target is gone, and it is not in the queue", run.job_id)
            return _FAILED
        _log.info("%s is job %d of the queue", run.job_id, job_id)
        return await self._end_of(run, job_id)

    def takes_up(self, run: RunRecord) -> bool:
        """Whether a running run that another scheduler began can be waited for: its scan is in the
        queue, whoever put it there."""
        return run.host == IN_QUEUE

    async def stop(self) -> None:
        """Wait no longer. Scans in the queue go on; what runs on this machine is ended."""
        self._stop.set()
        await self._here.stop()

    async def _job_of(self, run: RunRecord, job: ScanJob | None) -> int | None:
        """The number of the job that does a run; put into the queue where there is none yet."""
        asked_for = f"{run.run_id}.{run.attempts}"
        found = await self._queue.job_for(asked_for)
        while found is None and job is not None:
            (added,) = await self._queue.add([msgspec.structs.replace(job, asked_for=asked_for)])
            if added is not None:
                return added
            found = await self._queue.join(job.name, asked_for)  # None: it was taken just now
        return None if found is None else found.job_id

    async def _end_of(self, run: RunRecord, job_id: int) -> int | None:
        """The exit status of a job once it is over; a server that does not answer is waited for."""
        while not self._stop.is_set():
            try:
                found = await self._queue.job(job_id)
            except StorageError as error:
                _log.warning("%s", error)
            else:
                if found is None:
                    _log.warning("%s: job %d is in the queue no more", run.job_id, job_id)
                    return _STOPPED
                if found.is_over:
                    _log.info("%s: job %d %s", run.job_id, job_id, found.state)
                    return _status_of(found)
            await self._pause()
        return None

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self._poll.total_seconds()):
                await self._stop.wait()
        except TimeoutError:
            pass


def _status_of(job: QueuedJob) -> int:
    """What a job that is over is as the exit status of a run.

    A job is aborted because the same scan waits in the queue anew: the run is taken up again with
    that one. One that failed was tried often enough, however its last try ended.
    """
    if job.state == "succeeded":
        return job.exit_status or 0
    if job.state == "aborted":
        return _STOPPED
    status = job.exit_status or _FAILED
    return _FAILED if status < 0 or status == _STOPPED else status
