"""What the schedule keeps in the database: due runs, notes of people, alarms, who schedules."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from core import Words

RunState = Literal["waiting", "running", "cut", "done", "failed", "missed"]
"""`cut`: its process or the scheduler died or was stopped; it is taken up again."""
Why = Literal["", "queued", "late", "joined", "overlap", "paused", "removed", "uncounted"]
"""Why a run waits or was missed: `joined`: a newer or an asked one stood for it; `overlap`: the one
before was still going; `uncounted`: very many together, see `detail`."""
NoteKind = Literal["pause", "resume", "run_now"]
AlarmKind = Literal[
    "found_nothing",
    "lost_selector",
    "login_wall",
    "block_page",
    "expectation",
    "too_long",
    "missed",
    "cut",
    "failed",
    "clock",
]
OPEN_STATES: tuple[RunState, ...] = ("waiting", "running", "cut")


class RunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One due run of a job. `asked_by` is empty where its timetable made it due.

    `attempts` counts starts. `holder` is the scheduler that started it; `host`, `pid` and
    `process_started` are its process. Scans numbered above `after_scan` may be its own. `beat`
    rises as long as a scheduler waits for its end.
    """

    run_id: int
    job_id: str
    due_at: datetime
    start_at: datetime
    state: RunState
    why: Why = ""
    detail: str = ""
    asked_by: str = ""
    attempts: int = 0
    holder: str = ""
    host: str = ""
    pid: int = 0
    process_started: str = ""
    after_scan: int = 0
    beat: int = 0
    scan_id: int | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    exit_status: int | None = None


class DueEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A run to be entered into the table of due runs; one that is there already stays."""

    job_id: str
    due_at: datetime
    start_at: datetime
    state: Literal["waiting", "missed"] = "waiting"
    why: Why = ""
    detail: str = ""
    asked_by: str = ""


class Settlement(msgspec.Struct, frozen=True):
    """How an open run that is not going on is to stand from now on."""

    job_id: str
    due_at: datetime
    state: RunState
    why: Why
    detail: str = ""


class Job(msgspec.Struct, frozen=True):
    """A job as far as it is accounted for: every run due up to `accounted_to` is in the table."""

    job_id: str
    fingerprint: str
    accounted_to: datetime


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """Something about a run that a person should know of."""

    job_id: str
    kind: AlarmKind
    words: Words
    scan_id: int | None = None


class AlarmRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A stored alarm; acknowledged by a person or open."""

    alarm_id: int
    job_id: str
    kind: AlarmKind
    words: Words
    scan_id: int | None
    at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str
    note: str


class NoteRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What a person said about a job: who, when, why."""

    job_id: str
    kind: NoteKind
    at: datetime
    who: str
    reason: str


class Accounting(msgspec.Struct, frozen=True, kw_only=True):
    """One turn of the scheduler, to be written as a whole.

    `reopened` maps a job to the moment after which its runs that never started are forgotten,
    because the clock was set back: they come again. `claims` are (job, due moment).
    """

    jobs: tuple[Job, ...] = ()
    reopened: dict[str, datetime] = {}
    entries: tuple[DueEntry, ...] = ()
    settlements: tuple[Settlement, ...] = ()
    claims: tuple[tuple[str, datetime], ...] = ()
    alarms: tuple[Alarm, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return self == Accounting()


class ScheduleState(msgspec.Struct, frozen=True, kw_only=True):
    """What a turn of the scheduler begins with: jobs, runs that are not over, who is paused.

    `started_ahead` are runs due later than their job is accounted for that have started: the clock
    showed more then.
    """

    jobs: dict[str, Job] = {}
    open_runs: tuple[RunRecord, ...] = ()
    paused: dict[str, NoteRecord] = {}
    started_ahead: frozenset[tuple[str, datetime]] = frozenset()


class SchedulerRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The scheduler that holds the lock, or held it last. `beat` rises while it lives."""

    holder: str
    host: str
    pid: int
    process_started: str
    beat: int
    renewed_at: datetime
