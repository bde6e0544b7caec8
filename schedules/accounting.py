"""What a turn of the scheduler does: pure, from what the database says and what the clock says.

Every due run comes into the table of runs once, when its moment has passed, and is then started
once or missed with a reason. How far that was done is kept per job, so that it does not matter how
often, how late or in how many processes this is asked, or whether the clock was set in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime, timedelta
from itertools import islice, takewhile

import msgspec

from schedules.rechecks import DueRecheck, case_of, recheck_job
from schedules.timetable import Timetable, target_of
from schedules.words import clock_words, given_up_words, late_words, overlap_words
from storage import Accounting, Alarm, DueEntry, Job, RunRecord, ScheduleState, Settlement, Why

MOST_COUNTED = 1_000
"""So many runs slept through are entered one by one; the rest is one entry for their span."""
MOST_ATTEMPTS = 2
"""A run that was cut is taken up again once."""
TAKEN_UP_WITHIN = timedelta(hours=24)
CLOCK_TOLERANCE = timedelta(minutes=1)
"""A clock that is put right by less is no news."""
RECHECK_ASKER = "recheck plan"
SCHEDULER_JOB = "scheduler"


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """What a turn begins with. `known` are the jobs of all targets, with a schedule or without;
    `most_at_once` is how many runs may go on together, and `most_queued`, where scans go through
    the queue, how many of those wait there or are done."""

    now: datetime
    timetables: Mapping[str, Timetable]
    state: ScheduleState
    known: Set[str] = frozenset()
    most_at_once: int = 4
    most_queued: int = 0
    rechecks: Sequence[DueRecheck] = ()


def account(turn: Turn) -> Accounting:
    """What is to be written and started now: nothing where nothing has come due."""
    draft = _Draft(turn)
    for table in turn.timetables.values():
        draft.come_due(table)
    draft.enter_rechecks()
    for job_id in draft.in_order():
        draft.decide(job_id)
    return draft.finished()


class _Draft:
    """An Accounting in the making."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._jobs: list[Job] = []
        self._reopened: dict[str, datetime] = {}
        self._entries: list[DueEntry] = []
        self._settlements: list[Settlement] = []
        self._claims: list[tuple[str, datetime]] = []
        self._alarms: list[Alarm] = []
        self._waiting: dict[str, list[DueEntry]] = {}
        self._going: dict[str, list[RunRecord]] = {}
        for run in turn.state.open_runs:
            if run.state == "waiting":
                self._waiting.setdefault(run.job_id, []).append(_as_entry(run))
            else:
                self._going.setdefault(run.job_id, []).append(run)
        running = [run for run in turn.state.open_runs if run.state == "running"]
        queued = sum(self._is_queued(run.job_id) for run in running)
        self._slots = {
            True: turn.most_queued - queued,
            False: turn.most_at_once - (len(running) - queued),
        }

    def finished(self) -> Accounting:
        """What has come together."""
        return Accounting(
            jobs=tuple(self._jobs),
            reopened=self._reopened,
            entries=tuple(self._entries),
            settlements=tuple(self._settlements),
            claims=tuple(self._claims),
            alarms=tuple(self._alarms),
        )

    def come_due(self, table: Timetable) -> None:
        """Enter what has come due since the job was last accounted for."""
        now, job_id = self._turn.now, table.job_id
        job = self._turn.state.jobs.get(job_id)
        if job is None or job.fingerprint != table.fingerprint:
            self._jobs.append(Job(job_id, table.fingerprint, now))
            put_off = _entries(table, table.surely_late(now), now)
            self._entries += [one for one in put_off if one.start_at > now]
            return
        if now < job.accounted_to:
            self._set_back(job)
            return
        found = self._slept_through(table, job.accounted_to)
        after = max(job.accounted_to, table.surely_late(now))
        found += _entries(table, after, now)
        if not found:
            return
        self._jobs.append(Job(job_id, table.fingerprint, found[-1].due_at))
        new = [one for one in found if (job_id, one.due_at) not in self._turn.state.started_ahead]
        self._entries += new
        waiting = [one for one in new if one.state == "waiting"]
        self._waiting.setdefault(job_id, []).extend(waiting)

    def _set_back(self, job: Job) -> None:
        """The clock shows less than when the job was accounted for: what did not start then comes
        again; what did is in the table and will not."""
        now, job_id = self._turn.now, job.job_id
        self._jobs.append(Job(job_id, job.fingerprint, now))
        self._reopened[job_id] = now
        kept = [one for one in self._waiting.get(job_id, ()) if one.asked_by or one.due_at <= now]
        self._waiting[job_id] = kept
        told = any(alarm.kind == "clock" for alarm in self._alarms)
        if job.accounted_to - now > CLOCK_TOLERANCE and not told:
            words = clock_words(job.accounted_to, now)
            self._alarms.append(Alarm(job_id=SCHEDULER_JOB, kind="clock", words=words))

    def _slept_through(self, table: Timetable, after: datetime) -> list[DueEntry]:
        """What came due so long ago that it can only be late."""
        until = table.surely_late(self._turn.now)
        if after >= until:
            return []
        found = _entries(table, after, until, MOST_COUNTED + 1)
        if len(found) > MOST_COUNTED:
            first = found[-1].due_at
            found[-1] = msgspec.structs.replace(
                found[-1],
                state="missed",
                why="uncounted",
                detail=f"all that was due from {first.isoformat()} to {until.isoformat()}",
            )
        return found

    def enter_rechecks(self) -> None:
        """Enter the rechecks of cases; the next turn starts them."""
        stored = {(run.job_id, run.due_at) for run in self._turn.state.open_runs}
        for one in self._turn.rechecks:
            job_id = recheck_job(one.case)
            if (job_id, one.due_at) not in stored:
                self._entries.append(
                    DueEntry(
                        job_id=job_id,
                        due_at=one.due_at,
                        start_at=one.due_at,
                        asked_by=RECHECK_ASKER,
                    )
                )

    def in_order(self) -> list[str]:
        """The jobs with something open, those first that may have started first."""
        first = {
            job: min(one.start_at for one in runs) for job, runs in self._waiting.items() if runs
        }
        for job_id, runs in self._going.items():
            first.setdefault(job_id, min(run.start_at for run in runs))
        return sorted(first, key=lambda job_id: (first[job_id], job_id))

    def decide(self, job_id: str) -> None:
        """What becomes of a job's open runs."""
        table = self._turn.timetables.get(job_id)
        waiting = self._waiting.get(job_id, [])
        asked = [one for one in waiting if one.asked_by]
        due = [one for one in waiting if not one.asked_by and one.start_at <= self._turn.now]
        if table is None:
            self._miss(job_id, due, "removed")
            if not (job_id in self._turn.known or case_of(job_id)):
                self._miss(job_id, asked, "removed")
                asked = []
            due = []
        else:
            due = self._in_time(table, due)
        if self._is_going(job_id, table):
            self._overlap(table, due)
        elif asked:
            self._start(job_id, asked[0], due)
        elif table and due and table.may_start(self._turn.now):
            chosen = due[-1] if table.one_for_all else due[0]
            self._start(job_id, chosen, [one for one in due if one is not chosen])

    def _in_time(self, table: Timetable, due: list[DueEntry]) -> list[DueEntry]:
        """What may still start."""
        if table.job_id in self._turn.state.paused:
            self._miss(table.job_id, due, "paused")
            return []
        late = [one for one in due if _is_late(one, table, self._turn.now)]
        if late:
            self._miss(table.job_id, late, "late")
            words = late_words([one.due_at for one in late], table.grace, table.zone)
            self._alarms.append(Alarm(job_id=table.job_id, kind="missed", words=words))
        return [one for one in due if one not in late]

    def _is_going(self, job_id: str, table: Timetable | None) -> bool:
        """Whether a run of the job is going on; one that was cut is taken up again or given up."""
        going = False
        for run in self._going.get(job_id, ()):
            if run.state == "running":
                going = True
            elif reason := self._given_up(run):
                self._settlements.append(Settlement(job_id, run.due_at, "failed", run.why, reason))
                self._alarms.append(
                    Alarm(job_id=job_id, kind="failed", words=given_up_words(reason))
                )
            else:
                if table is None or table.may_start(self._turn.now):
                    self._claim(job_id, run.due_at)
                going = True
        return going

    def _given_up(self, run: RunRecord) -> str:
        """Why a run that was cut is not taken up again; empty where it is."""
        if run.attempts >= MOST_ATTEMPTS:
            return f"cut {run.attempts} times"
        if run.job_id in self._turn.state.paused:
            return "cut, and paused since"
        if self._turn.now - (run.started_at or run.due_at) > TAKEN_UP_WITHIN:
            return "cut, and too long ago to be taken up again"
        gone = run.job_id not in self._turn.timetables and run.job_id not in self._turn.known
        return "cut, and its target is gone" if gone and not case_of(run.job_id) else ""

    def _overlap(self, table: Timetable | None, due: list[DueEntry]) -> None:
        if table and table.one_for_all and due:
            self._miss(table.job_id, due, "overlap")
            words = overlap_words([one.due_at for one in due], table.zone)
            self._alarms.append(Alarm(job_id=table.job_id, kind="too_long", words=words))

    def _start(self, job_id: str, chosen: DueEntry, others: list[DueEntry]) -> None:
        """Start `chosen` if there is room; what it stands for need not run."""
        table = self._turn.timetables.get(job_id)
        if table is None or table.one_for_all:
            self._miss(job_id, others, "joined", f"{chosen.due_at.isoformat()} stood for it")
        if not self._claim(job_id, chosen.due_at) and chosen.why != "queued":
            self._settlements.append(Settlement(job_id, chosen.due_at, "waiting", "queued"))

    def _claim(self, job_id: str, due_at: datetime) -> bool:
        queued = self._is_queued(job_id)
        if self._slots[queued] <= 0:
            return False
        self._slots[queued] -= 1
        self._claims.append((job_id, due_at))
        return True

    def _is_queued(self, job_id: str) -> bool:
        return self._turn.most_queued > 0 and target_of(job_id) is not None

    def _miss(self, job_id: str, runs: Iterable[DueEntry], why: Why, detail: str = "") -> None:
        self._settlements += [Settlement(job_id, one.due_at, "missed", why, detail) for one in runs]


def _entries(
    table: Timetable, after: datetime, until: datetime, most: int | None = None
) -> list[DueEntry]:
    """The runs due after one moment and up to another, the first `most` of them."""
    due = takewhile(lambda one: one.due_at <= until, table.due_after(after))
    return [
        DueEntry(job_id=table.job_id, due_at=one.due_at, start_at=one.start_at)
        for one in islice(due, most)
    ]


def _as_entry(run: RunRecord) -> DueEntry:
    return DueEntry(
        job_id=run.job_id,
        due_at=run.due_at,
        start_at=run.start_at,
        why=run.why,
        asked_by=run.asked_by,
    )


def _is_late(run: DueEntry, table: Timetable, now: datetime) -> bool:
    """A run that waited for room is not late: nothing was asleep."""
    return run.why != "queued" and now - run.start_at > table.grace
