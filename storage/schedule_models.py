"""The tables of the schedule, typed and without behaviour."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.models import Base
from storage.schedule_records import AlarmKind, NoteKind, RunState, Why


class ScheduleJob(Base):
    """How far a job is accounted for."""

    __tablename__ = "schedule_jobs"
    __table_args__ = ({"sqlite_with_rowid": False},)

    job_id: Mapped[str] = mapped_column(String(220), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(Text)
    accounted_to: Mapped[datetime]


class ScheduleRun(Base):
    """A due run: one row for a job and a moment, whatever becomes of it."""

    __tablename__ = "schedule_runs"
    __table_args__ = (UniqueConstraint("job_id", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[str] = mapped_column(String(220))
    due_at: Mapped[datetime] = mapped_column(index=True)
    start_at: Mapped[datetime]
    state: Mapped[RunState] = mapped_column(String(16), index=True)
    why: Mapped[Why] = mapped_column(String(16))
    detail: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[str] = mapped_column(String(200))
    attempts: Mapped[int]
    holder: Mapped[str] = mapped_column(String(300))
    host: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int]
    process_started: Mapped[str] = mapped_column(String(64))
    after_scan: Mapped[int]
    beat: Mapped[int]
    scan_id: Mapped[int | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    exit_status: Mapped[int | None]


class ScheduleNote(Base):
    """What a person said about a job. Append-only: the newest pause or resume counts."""

    __tablename__ = "schedule_notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[str] = mapped_column(String(220), index=True)
    kind: Mapped[NoteKind] = mapped_column(String(16))
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(Text)


class ScheduleAlarm(Base):
    """An alarm, and who has seen it."""

    __tablename__ = "schedule_alarms"

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[str] = mapped_column(String(220), index=True)
    kind: Mapped[AlarmKind] = mapped_column(String(16))
    words_zh: Mapped[str] = mapped_column(Text)
    words_en: Mapped[str] = mapped_column(Text)
    scan_id: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(index=True)
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str] = mapped_column(String(200))
    note: Mapped[str] = mapped_column(Text)


class SchedulerLease(Base):
    """The one scheduler that may start runs: at most one row."""

    __tablename__ = "scheduler_lease"
    __table_args__ = ({"sqlite_with_rowid": False},)

    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    holder: Mapped[str] = mapped_column(String(300))
    host: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int]
    process_started: Mapped[str] = mapped_column(String(64))
    beat: Mapped[int]
    renewed_at: Mapped[datetime]
