"""The schedule's part of a store: due runs, notes, alarms, and which scheduler may start runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, insert, select, update

from core import BadInput, Words
from core.text import one_line
from storage import schedule_history, schedule_runs
from storage.leadership import Leadership, current_holder, scheduler_record
from storage.patience import patiently
from storage.records import GapRecord, ScanSummary, storable
from storage.scans import scan_gaps
from storage.schedule_models import ScheduleAlarm, ScheduleNote
from storage.schedule_records import (
    Accounting,
    Alarm,
    AlarmRecord,
    DueEntry,
    NoteKind,
    NoteRecord,
    RunRecord,
    SchedulerRecord,
    ScheduleState,
)
from storage.session import Database, reading, writing
from storage.upsert import table_of

_NAME_LIMIT = 200
_REASON_LIMIT = 1_000


class ScheduleBook:
    """Due runs, alarms and notes of a store. Every call is one transaction.

    Every method raises StorageError as those of Store do.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def leadership(self, holder: str, host: str, pid: int, process_started: str) -> Leadership:
        """The lock of the one scheduler that starts runs, not yet taken."""
        return Leadership(self._database, holder, host, pid, process_started)

    def scheduler(self) -> SchedulerRecord | None:
        """The scheduler that holds the lock or held it last; None where there never was one."""
        with reading(self._database) as connection:
            return scheduler_record(connection)

    def state(self) -> ScheduleState:
        """What a turn of the scheduler begins with."""
        with reading(self._database) as connection:
            return schedule_runs.schedule_state(connection)

    def account(
        self, accounting: Accounting, holder: str, now: datetime
    ) -> tuple[RunRecord, ...] | None:
        """Write a turn of the scheduler; the runs claimed, to be started now.

        None, and nothing is written, where `holder` is not the scheduler any more.
        """
        with writing(self._database) as connection:
            if current_holder(connection) != holder:
                return None
            return schedule_runs.write_accounting(connection, accounting, holder, now)

    def record_process(self, run: RunRecord) -> bool:
        """Write which process does a run, before it does anything.

        False where the run was taken from its scheduler meanwhile: then it may not go on.
        """
        with writing(self._database) as connection:
            return schedule_runs.record_process(connection, run)

    def beat_runs(self, run_ids: Sequence[int], holder: str) -> None:
        """Say that the scheduler `holder` still waits for the end of these runs."""
        with writing(self._database) as connection:
            schedule_runs.beat_runs(connection, run_ids, holder)

    def end_run(self, ended: RunRecord, alarms: Sequence[Alarm] = ()) -> bool:
        """Write how a running run ended, with its alarms; False where that is written already.

        Blocks while a database server is being restarted.
        """

        def written() -> bool:
            with writing(self._database) as connection:
                return schedule_runs.end_run(connection, ended, alarms)

        return patiently(written)

    def scan_of_run(
        self, run: RunRecord, target_id: str
    ) -> tuple[ScanSummary, tuple[GapRecord, ...]] | None:
        """The scan that a run made, and its gaps; None where it did not begin one."""
        with reading(self._database) as connection:
            summary = schedule_history.scan_of_run(connection, run, target_id)
            if summary is None:
                return None
            return summary, scan_gaps(connection, summary.scan_id)

    def scans_before(self, target_id: str, scan_id: int, count: int) -> tuple[ScanSummary, ...]:
        """The last `count` finished scans of a target before `scan_id`, newest first."""
        with reading(self._database) as connection:
            return schedule_history.scans_before(connection, target_id, scan_id, count)

    def runs(self, *, job_id: str | None = None, limit: int = 50) -> tuple[RunRecord, ...]:
        """The last runs, newest due first, of one job or of all."""
        with reading(self._database) as connection:
            return schedule_history.newest_runs(connection, job_id=job_id, limit=limit)

    def last_runs(self) -> dict[str, RunRecord]:
        """Of each job the run that was due last and is not waiting."""
        with reading(self._database) as connection:
            return schedule_history.last_runs(connection)

    def add_note(self, job_id: str, kind: NoteKind, *, who: str, reason: str, at: datetime) -> None:
        """Pause a job, let it go on, or ask for a run of it now; who did so and why is kept."""
        note = table_of(ScheduleNote)
        row = {"job_id": job_id, "kind": kind, "at": at, "who": _name(who)}
        row["reason"] = one_line(storable(reason), _REASON_LIMIT)
        asked = DueEntry(job_id=job_id, due_at=at, start_at=at, asked_by=_name(who))
        with writing(self._database) as connection:
            connection.execute(insert(note), [row])
            if kind == "run_now":
                schedule_runs.enter(connection, [asked])

    def notes(self, job_id: str) -> tuple[NoteRecord, ...]:
        """All that was said about a job, oldest first."""
        note = table_of(ScheduleNote)
        query = select(note).where(note.c.job_id == job_id).order_by(note.c.id)
        with reading(self._database) as connection:
            rows = connection.execute(query).mappings()
            return tuple(schedule_runs.note_record(row) for row in rows)

    def alarms(
        self,
        *,
        only_open: bool = False,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 500,
    ) -> tuple[AlarmRecord, ...]:
        """Alarms, newest first: all, the open ones, or those from `since` to before `until`."""
        alarm = table_of(ScheduleAlarm)
        query = select(alarm).order_by(alarm.c.id.desc()).limit(limit)
        if only_open:
            query = query.where(alarm.c.acknowledged_at.is_(None))
        if since is not None:
            query = query.where(alarm.c.at >= since)
        if until is not None:
            query = query.where(alarm.c.at < until)
        with reading(self._database) as connection:
            rows = connection.execute(query).mappings()
            return tuple(
                AlarmRecord(
                    alarm_id=row["id"],
                    job_id=row["job_id"],
                    kind=row["kind"],
                    words=Words(row["words_zh"], row["words_en"]),
                    scan_id=row["scan_id"],
                    at=row["at"],
                    acknowledged_at=row["acknowledged_at"],
                    acknowledged_by=row["acknowledged_by"],
                    note=row["note"],
                )
                for row in rows
            )

    def open_alarms(self) -> int:
        """How many alarms nobody has acknowledged."""
        alarm = table_of(ScheduleAlarm)
        query = select(func.count()).where(alarm.c.acknowledged_at.is_(None))
        with reading(self._database) as connection:
            return int(connection.scalar(query) or 0)

    def acknowledge(self, alarm_id: int, *, who: str, note: str, at: datetime) -> int:
        """Acknowledge an alarm and the older open ones of its job and kind; how many those are.

        Raises BadInput where there is none of that number, or it was acknowledged before.
        """
        alarm = table_of(ScheduleAlarm)
        with writing(self._database) as connection:
            row = connection.execute(select(alarm).where(alarm.c.id == alarm_id)).mappings().first()
            if row is None:
                raise BadInput(f"there is no alarm {alarm_id}", hint="see `schedule alarms`")
            if row["acknowledged_at"] is not None:
                raise BadInput(
                    f"alarm {alarm_id} was acknowledged by {row['acknowledged_by']} "
                    f"at {row['acknowledged_at']:%Y-%m-%d %H:%M} UTC"
                )
            done = connection.execute(
                update(alarm)
                .where(
                    alarm.c.id <= alarm_id,
                    alarm.c.job_id == row["job_id"],
                    alarm.c.kind == row["kind"],
                    alarm.c.acknowledged_at.is_(None),
                )
                .values(
                    acknowledged_at=at,
                    acknowledged_by=_name(who),
                    note=one_line(storable(note), _REASON_LIMIT),
                )
            )
            return done.rowcount


def _name(who: str) -> str:
    return one_line(storable(who), _NAME_LIMIT) or "unknown"
