"""Due runs in the database: entered, claimed, settled, and what their scans came to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Table,
    and_,
    case,
    delete,
    func,
    insert,
    select,
    update,
)

from storage.models import Scan
from storage.schedule_models import ScheduleAlarm, ScheduleJob, ScheduleNote, ScheduleRun
from storage.schedule_records import (
    OPEN_STATES,
    Accounting,
    Alarm,
    DueEntry,
    Job,
    NoteRecord,
    RunRecord,
    ScheduleState,
    Settlement,
)
from storage.upsert import Upsert, table_of

_JOBS = Upsert(ScheduleJob, key=("job_id",), update=("fingerprint", "accounted_to"))
_ENTRIES = Upsert(ScheduleRun, key=("job_id", "due_at"))


def schedule_state(connection: Connection) -> ScheduleState:
    """Jobs, open runs in the order they are due, and the notes of paused jobs."""
    job, run = table_of(ScheduleJob), table_of(ScheduleRun)
    jobs = (
        Job(row["job_id"], row["fingerprint"], row["accounted_to"])
        for row in connection.execute(select(job)).mappings()
    )
    is_open = run.c.state.in_(OPEN_STATES)
    query = select(run).where(is_open).order_by(run.c.due_at, run.c.id)
    return ScheduleState(
        jobs={one.job_id: one for one in jobs},
        open_runs=tuple(run_record(row) for row in connection.execute(query).mappings()),
        paused=paused_jobs(connection),
        started_ahead=_started_ahead(connection),
    )


def _started_ahead(connection: Connection) -> frozenset[tuple[str, datetime]]:
    job, run = table_of(ScheduleJob), table_of(ScheduleRun)
    query = (
        select(run.c.job_id, run.c.due_at)
        .join(job, job.c.job_id == run.c.job_id)
        .where(run.c.due_at > job.c.accounted_to, run.c.asked_by == "")
    )
    return frozenset((row[0], row[1]) for row in connection.execute(query))


def paused_jobs(connection: Connection) -> dict[str, NoteRecord]:
    """The jobs that a person paused, with the note on why."""
    note = table_of(ScheduleNote)
    newest = (
        select(func.max(note.c.id))
        .where(note.c.kind.in_(("pause", "resume")))
        .group_by(note.c.job_id)
    )
    query = select(note).where(note.c.id.in_(newest), note.c.kind == "pause")
    return {row["job_id"]: note_record(row) for row in connection.execute(query).mappings()}


def write_accounting(
    connection: Connection, accounting: Accounting, holder: str, now: datetime
) -> tuple[RunRecord, ...]:
    """Write a turn of the scheduler; the runs it has claimed, in the order of `claims`.

    A run that is there already is not entered again, and one that has started is not claimed.
    """
    for job_id, after in accounting.reopened.items():
        _forget_unstarted(connection, job_id, after)
    enter(connection, accounting.entries)
    _JOBS.run(
        connection,
        [
            {"job_id": job.job_id, "fingerprint": job.fingerprint, "accounted_to": job.accounted_to}
            for job in accounting.jobs
        ],
    )
    for settlement in accounting.settlements:
        _settle(connection, settlement, now)
    add_alarms(connection, accounting.alarms, now)
    claimed = [_claim(connection, job, due, holder, now) for job, due in accounting.claims]
    return tuple(run for run in claimed if run is not None)


def _forget_unstarted(connection: Connection, job_id: str, after: datetime) -> None:
    run = table_of(ScheduleRun)
    connection.execute(
        delete(run).where(
            run.c.job_id == job_id,
            run.c.due_at > after,
            run.c.state.in_(("waiting", "missed")),
            run.c.asked_by == "",
        )
    )


def enter(connection: Connection, entries: Sequence[DueEntry]) -> None:
    """Enter due runs; those that are there already stay as they are."""
    _ENTRIES.run(connection, [_entry_row(entry) for entry in entries])


def _entry_row(entry: DueEntry) -> dict[str, Any]:
    return {
        "job_id": entry.job_id,
        "due_at": entry.due_at,
        "start_at": entry.start_at,
        "state": entry.state,
        "why": entry.why,
        "detail": entry.detail,
        "asked_by": entry.asked_by,
        "attempts": 0,
        "holder": "",
        "host": "",
        "pid": 0,
        "process_started": "",
        "after_scan": 0,
        "beat": 0,
    }


def _settle(connection: Connection, settlement: Settlement, now: datetime) -> None:
    run = table_of(ScheduleRun)
    over = settlement.state not in OPEN_STATES
    connection.execute(
        update(run)
        .where(
            _named(run, settlement.job_id, settlement.due_at), run.c.state.in_(("waiting", "cut"))
        )
        .values(
            state=settlement.state,
            why=settlement.why,
            detail=settlement.detail,
            finished_at=now if over else None,
        )
    )


def _claim(
    connection: Connection, job_id: str, due_at: datetime, holder: str, now: datetime
) -> RunRecord | None:
    """The run, now `running` for `holder`; None where it is not to be had."""
    run, scan = table_of(ScheduleRun), table_of(Scan)
    newest = connection.scalar(select(func.max(scan.c.id)))
    claimed = connection.execute(
        update(run)
        .where(_named(run, job_id, due_at), run.c.state.in_(("waiting", "cut")))
        .values(
            state="running",
            why="",
            attempts=run.c.attempts + 1,
            holder=holder,
            host="",
            pid=0,
            process_started="",
            after_scan=case((run.c.attempts == 0, newest or 0), else_=run.c.after_scan),
            started_at=now,
            finished_at=None,
        )
        .returning(run)
    )
    row = claimed.mappings().first()
    return run_record(row) if row else None


def record_process(connection: Connection, run: RunRecord) -> bool:
    """Write which process does a run; False where the run was taken from its scheduler."""
    table = table_of(ScheduleRun)
    written = connection.execute(
        update(table)
        .where(
            table.c.id == run.run_id,
            table.c.state == "running",
            table.c.holder == run.holder,
            table.c.attempts == run.attempts,
        )
        .values(host=run.host, pid=run.pid, process_started=run.process_started)
    )
    return bool(written.rowcount)


def beat_runs(connection: Connection, run_ids: Sequence[int], holder: str) -> None:
    """Say that `holder` still waits for the end of these runs."""
    run = table_of(ScheduleRun)
    mine = and_(run.c.id.in_(run_ids), run.c.holder == holder, run.c.state == "running")
    connection.execute(update(run).where(mine).values(beat=run.c.beat + 1))


def end_run(connection: Connection, ended: RunRecord, alarms: Sequence[Alarm]) -> bool:
    """Write how a running run ended, with its alarms; False where somebody else has done so."""
    run = table_of(ScheduleRun)
    done = connection.execute(
        update(run)
        .where(
            run.c.id == ended.run_id,
            run.c.state == "running",
            run.c.attempts == ended.attempts,
        )
        .values(
            state=ended.state,
            why=ended.why,
            detail=ended.detail,
            scan_id=ended.scan_id,
            finished_at=ended.finished_at,
            exit_status=ended.exit_status,
        )
    )
    if done.rowcount and ended.finished_at is not None:
        add_alarms(connection, alarms, ended.finished_at)
    return bool(done.rowcount)


def add_alarms(connection: Connection, alarms: Sequence[Alarm], at: datetime) -> None:
    """Append alarms."""
    if not alarms:
        return
    connection.execute(
        insert(table_of(ScheduleAlarm)),
        [
            {
                "job_id": alarm.job_id,
                "kind": alarm.kind,
                "words_zh": alarm.words.zh,
                "words_en": alarm.words.en,
                "scan_id": alarm.scan_id,
                "at": at,
                "acknowledged_by": "",
                "note": "",
            }
            for alarm in alarms
        ],
    )


def run_record(row: RowMapping) -> RunRecord:
    """A row of `schedule_runs` as a record."""
    names = (name for name in RunRecord.__struct_fields__ if name != "run_id")
    return RunRecord(run_id=row["id"], **{name: row[name] for name in names})


def note_record(row: RowMapping) -> NoteRecord:
    """A row of `schedule_notes` as a record."""
    return NoteRecord(**{name: row[name] for name in NoteRecord.__struct_fields__})


def _named(run: Table, job_id: str, due_at: datetime) -> ColumnElement[bool]:
    return and_(run.c.job_id == job_id, run.c.due_at == due_at)
