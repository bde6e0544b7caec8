"""The scheduler's work without its processes: turns on the clock it is given, and how runs end.

`now` is always an argument, so the tests move the clock as they like.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence, Set
from datetime import datetime, timedelta

import msgspec

from core import Target, Words
from core.duration import duration
from schedules.accounting import Turn, account
from schedules.alarms import HISTORY, ScanOutcome, alarms_of, too_long_words
from schedules.processes import IN_QUEUE, host_name, process_started, still_runs
from schedules.rechecks import DueRecheck, RecheckPlan
from schedules.timetable import Timetable, scan_job, target_of
from storage import Accounting, Alarm, GapRecord, RunRecord, RunState, ScanSummary, Store

_log = logging.getLogger("promowatch.schedules")
FAR_PATIENCE_SECONDS = 600.0
"""A run on another machine is given up when for so long neither a scheduler says that it waits for
it nor its scan records anything: its process cannot be seen from here."""
RECHECKS_EVERY = timedelta(seconds=30)
_STOPPED = 130
_TOO_MANY_GAPS = 3
_DONE = (0, _TOO_MANY_GAPS)
Progress = tuple[int, int, int] | None
Ended = tuple[ScanSummary, tuple[GapRecord, ...]] | None


class Clerk:
    """Keeps the book of due runs for one scheduler, called `holder`."""

    def __init__(
        self,
        store: Store,
        timetables: Mapping[str, Timetable],
        targets: Mapping[str, Target],
        *,
        holder: str,
        rechecks: RecheckPlan | None = None,
        most_at_once: int = 4,
        most_queued: int = 0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.holder = holder
        self._store = store
        self._book = store.schedule
        self._timetables = timetables
        self._targets = targets
        self._known = frozenset(map(scan_job, targets))
        self._rechecks = rechecks
        self._most_at_once = most_at_once
        self._most_queued = most_queued
        self._monotonic = monotonic
        self._far: dict[int, tuple[Progress, float]] = {}
        self._called_long: set[int] = set()
        self._asked_at: datetime | None = None

    def turn(self, now: datetime) -> tuple[RunRecord, ...] | None:
        """Account for all that has come due by `now` (aware); the runs to be started now.

        None where this is not the scheduler any more: then nothing was written. Raises
        StorageError.
        """
        accounting = account(
            Turn(
                now=now,
                timetables=self._timetables,
                state=self._book.state(),
                known=self._known,
                most_at_once=self._most_at_once,
                most_queued=self._most_queued,
                rechecks=self._due_rechecks(now),
            )
        )
        if accounting.is_empty:
            return ()
        claimed = self._book.account(accounting, self.holder, now)
        if claimed is not None:
            _tell(accounting)
        return claimed

    def _due_rechecks(self, now: datetime) -> Sequence[DueRecheck]:
        """Asked for once in a while: the plan goes through all cases, and no minute matters."""
        asked_at = self._asked_at
        soon = asked_at is not None and asked_at <= now < asked_at + RECHECKS_EVERY
        if self._rechecks is None or soon:
            return ()
        self._asked_at = now
        return self._rechecks.due_rechecks(now)

    def record_process(self, run: RunRecord, pid: int | None) -> bool:
        """Write that process `pid` of this machine, or the queue, does a run; False where it may
        not."""
        if pid is None:
            doer = msgspec.structs.replace(run, host=IN_QUEUE, pid=0, process_started="")
        else:
            doer = msgspec.structs.replace(
                run, host=host_name(), pid=pid, process_started=process_started(pid)
            )
        return self._book.record_process(doer)

    def running(self) -> tuple[RunRecord, ...]:
        """The runs that go on, whoever began them. Raises StorageError."""
        return tuple(run for run in self._book.state().open_runs if run.state == "running")

    def beat(self, mine: Set[int]) -> None:
        """Say, to schedulers of other machines, that this one still waits for its runs."""
        if mine:
            self._book.beat_runs(sorted(mine), self.holder)

    def look_after(self, now: datetime, mine: Set[int]) -> None:
        """See to runs that go on: those that nobody waits for, those that take too long.

        `mine` are the numbers of the runs whose end this scheduler will see. Raises StorageError.
        """
        for run in self.running():
            if run.run_id not in mine and self._is_forsaken(run):
                _log.warning("%s of %s was left without a scheduler", run.job_id, run.due_at)
                self.end(run, None, now, now - (run.started_at or now))
            else:
                self._call_long(run, now)

    def end(self, run: RunRecord, status: int | None, now: datetime, took: timedelta) -> RunState:
        """Write how a run ended, with its alarms; the state it has now.

        `status` is its exit status, negative for a signal, None where nobody saw it end.
        """
        target = self._targets.get(target_of(run.job_id) or "")
        scan = self._book.scan_of_run(run, target.id) if target else None
        state = _state(status, scan)
        alarms = self._alarms(run, state, status, scan, took)
        ended = msgspec.structs.replace(
            run,
            state=state,
            scan_id=scan[0].scan_id if scan else None,
            finished_at=now,
            exit_status=status,
            detail=f"exit status {status}" if status else "",
        )
        if self._book.end_run(ended, alarms):
            _log.info("%s due at %s: %s", run.job_id, run.due_at, state)
            for alarm in alarms:
                _log.warning("%s: %s: %s", alarm.job_id, alarm.kind, alarm.words.en)
        return state

    def _alarms(
        self,
        run: RunRecord,
        state: RunState,
        status: int | None,
        scan: Ended,
        took: timedelta,
    ) -> tuple[Alarm, ...]:
        target = self._targets.get(target_of(run.job_id) or "")
        if state == "done" and target and scan:
            before = self._book.scans_before(target.id, scan[0].scan_id, HISTORY)
            queued = self._most_queued > 0 or run.host == IN_QUEUE
            if queued and scan[0].finished_at is not None:
                took = scan[0].finished_at - scan[0].started_at  # the rest it waited for a worker
            outcome = ScanOutcome(
                target=target, scan=scan[0], gaps=scan[1], before=before, took=took
            )
            told = run.run_id in self._called_long
            alarms = alarms_of(run.job_id, outcome, too_many_gaps=status == _TOO_MANY_GAPS)
            return tuple(one for one in alarms if not (told and one.kind == "too_long"))
        if state == "failed":
            words = Words(f"运行失败（退出码 {status}）", f"failed with exit status {status}")
            return (Alarm(job_id=run.job_id, kind="failed", words=words),)
        if state == "cut" and status != _STOPPED:
            how = "nobody saw it end" if status is None else f"exit status {status}"
            words = Words(f"运行中途被中断（{how}）", f"was cut short ({how})")
            return (Alarm(job_id=run.job_id, kind="cut", words=words),)
        return ()

    def _is_forsaken(self, run: RunRecord) -> bool:
        """Whether nobody will say how a run of another scheduler ended, because nothing does it."""
        if not run.host or run.host == host_name():
            return not still_runs(run.pid, run.process_started)
        target_id = target_of(run.job_id)
        scan = self._book.scan_of_run(run, target_id) if target_id else None
        if run.host == IN_QUEUE:  # a job is never lost, and is tried again where its scan failed
            return scan is not None and scan[0].state == "finished"
        if scan is not None and scan[0].state != "running":
            return True
        progress = (run.beat, scan[0].looks if scan else 0, len(scan[1]) if scan else 0)
        before, since = self._far.get(run.run_id, (None, 0.0))
        if progress != before:
            since = self._monotonic()
            self._far[run.run_id] = (progress, since)
        return self._monotonic() - since > FAR_PATIENCE_SECONDS

    def _call_long(self, run: RunRecord, now: datetime) -> None:
        target = self._targets.get(target_of(run.job_id) or "")
        if target is None or not target.expectations.max_duration:
            return
        allowed = duration(target.expectations.max_duration)
        began = self._began(run, target)
        if began and now - began > allowed and run.run_id not in self._called_long:
            self._called_long.add(run.run_id)
            words = too_long_words(now - began, allowed)
            alarm = Alarm(job_id=run.job_id, kind="too_long", words=words)
            self._book.account(Accounting(alarms=(alarm,)), self.holder, now)
            _log.warning("%s: %s", run.job_id, words.en)

    def _began(self, run: RunRecord, target: Target) -> datetime | None:
        """When a run began to scan: one in the queue may wait for a worker."""
        if run.host != IN_QUEUE or run.started_at is None:
            return run.started_at
        scan = self._book.scan_of_run(run, target.id)
        return max(scan[0].started_at, run.started_at) if scan else None


def _state(status: int | None, scan: Ended) -> RunState:
    if status is None:
        if scan and scan[0].state == "finished":
            return "done"
        return "failed" if scan and scan[0].state == "failed" else "cut"
    if status in _DONE:
        return "done"
    return "cut" if status == _STOPPED or status < 0 else "failed"


def _tell(accounting: Accounting) -> None:
    """No run is dropped in silence."""
    groups: dict[tuple[str, str, str], list[datetime]] = defaultdict(list)
    for one in accounting.settlements:
        groups[one.job_id, one.state, one.why].append(one.due_at)
    for (job_id, state, why), due in groups.items():
        level = logging.INFO if why in ("joined", "queued", "paused") else logging.ERROR
        _log.log(level, "%s: %d %s (%s), last of %s", job_id, len(due), state, why, due[-1])
    for alarm in accounting.alarms:
        _log.error("%s: %s", alarm.job_id, alarm.words.en)
