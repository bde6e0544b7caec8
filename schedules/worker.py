"""A worker: takes scans from the queue, does each as a process, and says that it lives."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from datetime import timedelta
from typing import Any, TypeVar

import msgspec

from core import StorageError
from schedules.leashed import LeashedProcess
from schedules.queue import JOB_VARIABLE, JobQueue, QueuedJob, ScanJob
from schedules.queue_statements import MOST_ATTEMPTS

_log = logging.getLogger("promowatch.worker")
T = TypeVar("T")
_DONE = (0, 3)
_BAD_INPUT = 2
_LONGEST_PAUSE = 5.0
_FORGET_SECONDS = 3600.0
FIRST_RETRY = timedelta(minutes=1)


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How fast workers are taken for dead; the same for all workers of a queue. In seconds.

    A worker silent for `rescue_seconds` is dead, and its jobs are done by others. Before that its
    own scans have ended: they are asked to after `silent_seconds` and killed `grace_seconds` later.
    """

    rescue_seconds: float = 120.0
    poll_seconds: float = 1.0
    stop_seconds: float = 60.0

    @property
    def beat_seconds(self) -> float:
        """Between two signs of life."""
        return self.rescue_seconds / 24

    @property
    def silent_seconds(self) -> float:
        """Without a sign of life from their worker scans go on so long."""
        return self.rescue_seconds * 0.6

    @property
    def grace_seconds(self) -> float:
        """What a scan that is asked to end may take for it."""
        return self.rescue_seconds * 0.15


class Worker:
    """Does up to `at_once` scans at a time, each as the process that `command_of` names."""

    def __init__(
        self,
        queue: JobQueue,
        command_of: Callable[[ScanJob], Sequence[str]],
        *,
        at_once: int = 1,
        pace: Pace | None = None,
    ) -> None:
        self._queue = queue
        self._command_of = command_of
        self._at_once = at_once
        self._pace = pace or Pace()
        self._number = 0
        self._scans: dict[int, LeashedProcess | None] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()
        self._stopping = False
        self._closed = False
        self._calm_since = time.monotonic()

    async def serve(self, stop: asyncio.Event, *, until_empty: bool = False) -> None:
        """Work until `stop`, or until the queue is empty; then end what runs and put it back.

        Survives a database server that is restarted. Raises StorageError when it is not there at
        the start.
        """
        self._number = await self._queue.register()
        _log.info("worker %d takes scans, %d at once", self._number, self._at_once)
        sides = [asyncio.create_task(one) for one in (self._live(), self._rescue())]
        told = asyncio.create_task(self._wait_for(stop))
        try:
            while not stop.is_set():
                if await self._fill() or self._tasks or not until_empty:
                    await self._pause()
                elif await self._is_empty():
                    break
        finally:
            await self._end_scans()
            self._closed = True
            for task in (*sides, told):
                task.cancel()
            await asyncio.gather(*sides, told, return_exceptions=True)
            await self._leave()

    # -- scans -------------------------------------------------------------------------------

    async def _fill(self) -> bool:
        """Take jobs while there is room and there are any; whether one was taken."""
        taken = False
        while len(self._tasks) < self._at_once:
            try:
                job = await self._queue.take(self._number)
            except StorageError as error:
                _log.warning("%s", error)
                return True
            if job is None:
                return taken
            taken = True
            self._scans[job.job_id] = None
            task = asyncio.create_task(self._do(job, self._number))
            self._tasks.add(task)
            task.add_done_callback(self._over)
        return taken

    async def _do(self, job: QueuedJob, worker: int) -> None:
        name = f"job {job.job_id} ({job.job.name})"
        try:
            status = await self._scan(job)
            _log.info("%s: exit status %d", name, status)
            mine = await self._settle(job, worker, status)
            if not mine:
                _log.warning("%s is not this worker's any more", name)
        finally:
            self._scans.pop(job.job_id, None)

    def _over(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._changed.set()
        if not task.cancelled() and task.exception() is not None:
            _log.error("a job could not be done", exc_info=task.exception())

    async def _scan(self, job: QueuedJob) -> int:
        process = await LeashedProcess.start(
            self._command_of(job.job),
            silent_seconds=self._pace.silent_seconds,
            grace_seconds=self._pace.grace_seconds,
            environment={JOB_VARIABLE: str(job.job_id)},
        )
        self._scans[job.job_id] = process
        _log.info("job %d (%s): process %d", job.job_id, job.job.name, process.pid)
        if self._stopping:
            process.ask_to_end()
        return await process.wait()

    async def _settle(self, job: QueuedJob, worker: int, status: int) -> bool:
        """Say how a scan ended, however long the server takes to hear it."""
        number = job.job_id
        if status in _DONE:
            return await self._persistently(
                lambda: self._queue.end(number, worker, "succeeded", exit_status=status)
            )
        if self._stopping:
            return await self._persistently(
                lambda: self._queue.put_back(number, worker, counts=False)
            )
        if status == _BAD_INPUT or job.attempts + 1 >= MOST_ATTEMPTS:
            _log.error("job %d (%s) failed: exit status %d", number, job.job.name, status)
            return await self._persistently(
                lambda: self._queue.end(number, worker, "failed", exit_status=status)
            )
        after = FIRST_RETRY * 4**job.attempts
        _log.warning("job %d (%s) is tried again in %s", number, job.job.name, after)
        return await self._persistently(lambda: self._queue.put_back(number, worker, after=after))

    async def _end_scans(self) -> None:
        """Ask the scans to end, wait, and end them."""
        self._stopping = True
        for process in self._scans.values():
            if process is not None:
                process.ask_to_end()
        if not self._tasks:
            return
        _, running = await asyncio.wait(self._tasks, timeout=self._pace.stop_seconds)
        for process in self._scans.values():
            if process is not None:
                process.let_go()
        if running:
            _, running = await asyncio.wait(running, timeout=2 * self._pace.grace_seconds)
        self._closed = bool(running)
        for task in running:
            task.cancel()  # the server does not hear how it ended: the job is taken up later

    async def _is_empty(self) -> bool:
        try:
            return not await self._queue.jobs()
        except StorageError as error:
            _log.warning("%s", error)
            return False

    # -- signs of life -----------------------------------------------------------------------

    async def _live(self) -> None:
        """Tell the queue and the scans that this worker lives; the scans only when the queue has
        heard it, for else another worker may take their jobs.

        A cancellation may come back from the database as an error: the flag ends this too.
        """
        while not self._closed:
            await asyncio.sleep(self._pace.beat_seconds)
            try:
                known = await self._queue.beat(self._number)
            except StorageError as error:
                _log.warning("%s", error)
                self._calm_since = time.monotonic()
                continue
            if not known:
                await self._begin_anew()
                continue
            for process in self._scans.values():
                if process is not None:
                    process.sign_of_life()

    async def _begin_anew(self) -> None:
        """This worker was taken for dead: its jobs are others' now."""
        _log.error("worker %d was silent too long; its scans are ended", self._number)
        for process in self._scans.values():
            if process is not None:
                process.let_go()
        self._number = await self._persistently(self._queue.register)

    async def _rescue(self) -> None:
        """Look for dead workers; after trouble only when the others had time to say they live."""
        forget_at = time.monotonic()
        while not self._closed:
            await asyncio.sleep(self._pace.beat_seconds)
            if time.monotonic() - self._calm_since < 2.5 * self._pace.beat_seconds:
                continue
            try:
                rescued = await self._queue.rescue(silent_seconds=self._pace.rescue_seconds)
                if time.monotonic() >= forget_at:
                    await self._queue.forget_old()
                    forget_at = time.monotonic() + _FORGET_SECONDS
            except StorageError as error:
                _log.warning("%s", error)
                self._calm_since = time.monotonic()
                continue
            for number in rescued:
                _log.warning("job %d lost its worker and is done anew", number)

    async def _leave(self) -> None:
        try:
            await self._queue.unregister(self._number)
        except StorageError as error:
            _log.warning("%s", error)

    async def _pause(self) -> None:
        """Until a scan has ended, this worker is to stop, or a while has gone by."""
        try:
            async with asyncio.timeout(self._pace.poll_seconds):
                await self._changed.wait()
        except TimeoutError:
            pass
        self._changed.clear()

    async def _wait_for(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._changed.set()

    async def _persistently(self, ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What `ask` gives, asked again until the server answers. Raises StorageError at the end of
        this worker."""
        pause = 0.5
        while True:
            try:
                return await ask()
            except StorageError as error:
                _log.warning("%s", error)
                if self._closed:
                    raise
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
