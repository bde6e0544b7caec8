"""The queue of scans that many machines share: Procrastinate's, on the PostgreSQL of the data.

Procrastinate's own tables, functions and job manager put jobs in, give each to one worker, hold
back a job whose lock another one has, and keep the workers' heartbeats. What a worker says of a job
is said under the condition that the job is still its own: Procrastinate 3.10 would let one that was
taken for dead put a job back that another worker runs by now.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from core import BadInput, StorageError
from schedules import queue_statements
from storage import Database, prepare_queue, server_conninfo

if TYPE_CHECKING:  # a tenth of a second that commands without a queue need not spend
    from procrastinate import PsycopgConnector
    from procrastinate.jobs import Job

TASK = "promowatch.scan"
QUEUE = "scans"
JOB_VARIABLE = "PROMOWATCH_JOB"
"""The environment variable that tells a scan the number of its job, so that it goes on with what
was done of the job before."""
_KEPT_HOURS = 14 * 24
"""How long jobs that are over are kept for `queue list`."""

_MANY = 100
"""After so many new jobs PostgreSQL is told to count them: without statistics Procrastinate's query
for the next job looks at all of them for each (20,000 waiting: 3 s a job, with them 6 ms)."""
_ANSWER_SECONDS = 10.0
_AT_ONCE = timedelta()
_CONNECTION = {"connect_timeout": 10, "application_name": "promowatch worker", "autocommit": True}

JobState = Literal["todo", "doing", "succeeded", "failed", "cancelled", "aborted"]
_OVER: tuple[JobState, ...] = ("succeeded", "failed", "cancelled", "aborted")


class ScanJob(msgspec.Struct, frozen=True, kw_only=True):
    """A scan that any worker may do: `promowatch scan TARGET`, of some pages of a listing or all.

    `target` is the id of a target that every worker's catalogue has, or a URL. Of jobs with the
    same `lock` one is done at a time.
    """

    target: str
    lock: str
    pages: str = ""
    asked_for: str = ""
    """What the asker calls it, so that it finds it again; empty: nobody waits for it."""

    @property
    def name(self) -> str:
        """What messages call it; no two jobs that wait have the same."""
        return f"{self.target} pages {self.pages}" if self.pages else self.target


class QueuedJob(msgspec.Struct, frozen=True, kw_only=True):
    """A job of the queue: where it stands, how often it was begun, when it may begin again."""

    job_id: int
    job: ScanJob
    state: JobState
    attempts: int
    not_before: datetime | None = None
    exit_status: int | None = None
    """Of its scan, once it is over by itself."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in _OVER


class JobQueue:
    """The queue, open. Every method raises StorageError when the server does not answer."""

    def __init__(self, connector: PsycopgConnector, name: str) -> None:
        from procrastinate.manager import JobManager

        self._connector = connector
        self._manager = JobManager(connector)
        self._name = name

    async def add(self, jobs: Iterable[ScanJob], *, priority: int = 0) -> list[int | None]:
        """Put jobs into the queue; their numbers, None for one that waits there already.

        Those of higher `priority` are done first.
        """
        numbers = [await self._add(job, priority) for job in jobs]
        if len(numbers) >= _MANY:
            with self._translating():
                await self._connector.execute_query_async("ANALYZE procrastinate_jobs")
        return numbers

    async def _add(self, job: ScanJob, priority: int) -> int | None:
        from procrastinate.exceptions import AlreadyEnqueued
        from procrastinate.jobs import Job

        deferred = Job(
            queue=QUEUE,
            lock=job.lock,
            queueing_lock=job.name,
            task_name=TASK,
            priority=priority,
            task_kwargs=msgspec.to_builtins(job),
        )
        with self._translating():
            try:
                return (await self._manager.defer_job_async(deferred)).id
            except AlreadyEnqueued:
                return None

    async def jobs(self, *, over: bool = False) -> tuple[QueuedJob, ...]:
        """The jobs that wait or are being done, in the order they were added; `over`: all."""
        with self._translating():
            rows = await self._connector.execute_query_all_async(
                queue_statements.JOBS, task=TASK, over=over
            )
        return tuple(map(_queued, rows))

    async def job(self, job_id: int) -> QueuedJob | None:
        """One job; None where it is known no more."""
        with self._translating():
            rows = await self._connector.execute_query_all_async(
                queue_statements.JOB, task=TASK, job=job_id
            )
        return _queued(rows[0]) if rows else None

    async def job_for(self, asked_for: str) -> QueuedJob | None:
        """The job that an asker calls so, in whatever state; None where there is none."""
        with self._translating():
            rows = await self._connector.execute_query_all_async(
                queue_statements.JOB_FOR, task=TASK, asked_for=asked_for
            )
        return _queued(rows[0]) if rows else None

    async def join(self, name: str, asked_for: str) -> QueuedJob | None:
        """The job of this name that waits, called `asked_for` from now on; None where none does."""
        with self._translating():
            rows = await self._connector.execute_query_all_async(
                queue_statements.JOIN, task=TASK, name=name, asked_for=asked_for
            )
        return _queued(rows[0]) if rows else None

    async def cancel(self, job_id: int) -> bool:
        """Take a job that waits out of the queue; False where it does not wait."""
        with self._translating():
            return await self._manager.cancel_job_by_id_async(job_id)

    # -- for workers -------------------------------------------------------------------------

    async def register(self) -> int:
        """A new worker; its number."""
        with self._translating():
            return await self._manager.register_worker()

    async def unregister(self, worker: int) -> None:
        """A worker has ended. Jobs it still holds may be taken up by others at once."""
        with self._translating():
            await self._manager.unregister_worker(worker)

    async def beat(self, worker: int) -> bool:
        """The worker lives; False where it was taken for dead and struck off."""
        with self._translating():
            return bool(
                await self._connector.execute_query_all_async(queue_statements.BEAT, worker=worker)
            )

    async def take(self, worker: int) -> QueuedJob | None:
        """The next job for a worker, now its own; None where there is none to be done now."""
        from procrastinate.exceptions import UniqueViolation

        with self._translating():
            try:
                found = await self._manager.fetch_job(queues=[QUEUE], worker_id=worker)
            except UniqueViolation:  # another worker took one with this lock at the same moment
                return None
        return _of_procrastinate(found) if found else None

    async def end(
        self,
        job_id: int,
        worker: int,
        state: Literal["succeeded", "failed"],
        *,
        exit_status: int | None = None,
    ) -> bool:
        """A job is over; False where it is not this worker's any more."""
        with self._translating():
            return bool(
                await self._connector.execute_query_all_async(
                    queue_statements.END,
                    job=job_id,
                    worker=worker,
                    state=state,
                    exit_status=exit_status,
                )
            )

    async def put_back(
        self, job_id: int, worker: int, *, after: timedelta = _AT_ONCE, counts: bool = True
    ) -> bool:
        """A job is to be done again, `after` a while; False where it is not this worker's any more.

        Where the same scan waits in the queue already, this one is over. `counts`: it was tried.
        """
        at = datetime.now(UTC) + after
        with self._translating():
            return bool(
                await self._connector.execute_query_all_async(
                    queue_statements.PUT_BACK, job=job_id, worker=worker, at=at, counts=int(counts)
                )
            )

    async def rescue(self, *, silent_seconds: float) -> tuple[int, ...]:
        """Put back the jobs of workers that gave no sign of life for so long; their numbers.

        One that was lost with its worker time and again has failed.
        """
        with self._translating():
            rows = await self._connector.execute_query_all_async(
                queue_statements.RESCUE,
                seconds=silent_seconds,
                task=TASK,
                most=queue_statements.MOST_ATTEMPTS,
            )
            await self._manager.prune_stalled_workers(silent_seconds)
        return tuple(row["id"] for row in rows)

    async def forget_old(self) -> None:
        """Delete jobs that ended well two weeks ago."""
        with self._translating():
            await self._manager.delete_old_jobs(nb_hours=_KEPT_HOURS, queue=QUEUE)

    @contextmanager
    def _translating(self) -> Iterator[None]:
        from procrastinate.exceptions import ConnectorException

        try:
            yield
        except ConnectorException as error:
            said = str(error.__cause__ or error).strip().splitlines() or ["no answer"]
            raise StorageError(
                f"the queue of {self._name} cannot be used ({said[0]})",
                hint="see that the database server runs, then run it again",
            ) from error


@asynccontextmanager
async def open_queue(database: Database) -> AsyncIterator[JobQueue]:
    """The queue of a database, made if it has none.

    Raises BadInput where the database is a file, StorageError.
    """
    from procrastinate import PsycopgConnector

    conninfo = server_conninfo(database)
    if not conninfo:
        raise BadInput(
            "a queue of scans needs PostgreSQL",
            hint="set PROMOWATCH_DATABASE_URL=postgresql+psycopg://user:password@host/database",
        )
    prepare_queue(database)
    connector = PsycopgConnector(
        conninfo=conninfo, min_size=1, max_size=3, timeout=_ANSWER_SECONDS, kwargs=_CONNECTION
    )
    queue = JobQueue(connector, database.name)
    await connector.open_async()
    try:
        yield queue
    finally:
        await connector.close_async()


def _queued(row: dict[str, Any]) -> QueuedJob:
    return QueuedJob(
        job_id=row["id"],
        job=msgspec.convert(row["args"], ScanJob),
        state=row["status"],
        attempts=row["attempts"],
        not_before=row["scheduled_at"],
        exit_status=row["args"].get("exit_status"),
    )


def _of_procrastinate(job: Job) -> QueuedJob:
    return QueuedJob(
        job_id=job.id or 0,
        job=msgspec.convert(job.task_kwargs, ScanJob),
        state="doing",
        attempts=job.attempts,
        not_before=job.scheduled_at,
    )
