"""What became of runs: the scans they made, and lists of them."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from storage.models import Scan
from storage.records import ScanSummary
from storage.scans import scan_summary
from storage.schedule_models import ScheduleRun
from storage.schedule_records import RunRecord
from storage.schedule_runs import run_record
from storage.upsert import table_of


def scan_of_run(connection: Connection, run: RunRecord, target_id: str) -> ScanSummary | None:
    """The scan that a run's process made, the last one where it made several."""
    scan = table_of(Scan)
    newest = select(func.max(scan.c.id)).where(
        scan.c.target_id == target_id, scan.c.id > run.after_scan
    )
    scan_id = connection.scalar(newest)
    return None if scan_id is None else scan_summary(connection, scan_id)


def scans_before(
    connection: Connection, target_id: str, scan_id: int, count: int
) -> tuple[ScanSummary, ...]:
    """The last `count` finished scans of a target before `scan_id`, newest first."""
    scan = table_of(Scan)
    query = (
        select(scan.c.id)
        .where(scan.c.target_id == target_id, scan.c.id < scan_id, scan.c.state == "finished")
        .order_by(scan.c.id.desc())
        .limit(count)
    )
    return tuple(scan_summary(connection, one) for one in connection.scalars(query).all())


def newest_runs(connection: Connection, *, job_id: str | None, limit: int) -> tuple[RunRecord, ...]:
    """The last `limit` runs, newest due first, of one job or of all."""
    run = table_of(ScheduleRun)
    query = select(run).order_by(run.c.due_at.desc(), run.c.id.desc()).limit(limit)
    if job_id is not None:
        query = query.where(run.c.job_id == job_id)
    return tuple(run_record(row) for row in connection.execute(query).mappings())


def last_runs(connection: Connection) -> dict[str, RunRecord]:
    """Of each job the run that was due last and is not waiting."""
    run = table_of(ScheduleRun)
    place = func.row_number().over(
        partition_by=run.c.job_id, order_by=(run.c.due_at.desc(), run.c.id.desc())
    )
    ranked = select(run, place.label("place")).where(run.c.state != "waiting").subquery()
    rows = connection.execute(select(ranked).where(ranked.c.place == 1)).mappings()
    return {row["job_id"]: run_record(row) for row in rows}
