"""A scheduler without processes, on a clock that the test moves: for the tests of due runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from core import Target
from core.schedule import Expectations, Schedule
from schedules import Clerk, RecheckPlan, Timetable, new_holder, timetable_of
from storage import RunRecord, Store

BERLIN = ZoneInfo("Europe/Berlin")


def moment(text: str) -> datetime:
    """A time in Berlin, `2026-03-02 09:00`, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


def target(name: str, schedule: str | Schedule, expectations: Expectations | None = None) -> Target:
    return Target(
        id=name,
        title=name.title(),
        surface="marketing_page",
        seeds=("https://pages.test/",),
        schedule=schedule,
        expectations=expectations or Expectations(),
    )


class Desk:
    """A clerk that leads, and its clock. `began` are the runs it started, in order."""

    def __init__(
        self,
        store: Store,
        targets: Iterable[Target],
        now: datetime,
        *,
        more: Sequence[Timetable] = (),
        rechecks: RecheckPlan | None = None,
        most_at_once: int = 4,
        most_queued: int = 0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.store = store
        self.book = store.schedule
        self.now = now
        self.began: list[RunRecord] = []
        known = {one.id: one for one in targets}
        timed = [timetable_of(one, BERLIN) for one in known.values() if one.timing]
        self.tables = {one.job_id: one for one in (*timed, *more)}
        self.clerk = Clerk(
            store,
            self.tables,
            known,
            holder=new_holder(),
            rechecks=rechecks,
            most_at_once=most_at_once,
            most_queued=most_queued,
            monotonic=monotonic,
        )
        self.lock = self.book.leadership(self.clerk.holder, "desk", 1, "")
        assert self.lock.take(now, lambda _holder: True) is None

    def at(self, text: str) -> list[RunRecord]:
        """Set the clock and take a turn; the runs that begin."""
        return self.turn(moment(text))

    def turn(self, now: datetime) -> list[RunRecord]:
        """The runs that begin in a turn at `now`."""
        self.now = now
        claimed = self.clerk.turn(now)
        assert claimed is not None
        self.began += claimed
        return list(claimed)

    def end(self, run: RunRecord, status: int | None = 0, *, minutes: float = 1) -> str:
        """A run ends, so long after it began."""
        return self.clerk.end(run, status, self.now, timedelta(minutes=minutes))

    def run_all(self, now: datetime) -> list[RunRecord]:
        """Take turns at `now` and have each run end at once, until nothing begins."""
        found: list[RunRecord] = []
        while begun := self.turn(now):
            for run in begun:
                self.end(run)
            found += begun
        return found

    def outcomes(self, job_id: str | None = None) -> list[tuple[str, str, str]]:
        """All runs in the order they were due: time in Berlin, state, why."""
        runs = self.book.runs(job_id=job_id, limit=100_000)
        return [
            (f"{run.due_at.astimezone(BERLIN):%d %H:%M}", run.state, run.why)
            for run in sorted(runs, key=lambda one: one.due_at)
        ]

    def alarms(self) -> list[tuple[str, str]]:
        """All alarms, oldest first: job, kind."""
        return [(one.job_id, one.kind) for one in reversed(self.book.alarms())]


class Desks:
    """Opens one desk after the other on a store: with the next one, the last is dead."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.book = store.schedule
        self._open: Desk | None = None

    def open(
        self,
        targets: Iterable[Target],
        now: datetime,
        *,
        more: Sequence[Timetable] = (),
        rechecks: RecheckPlan | None = None,
        most_at_once: int = 4,
        most_queued: int = 0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> Desk:
        """A desk that leads."""
        self.close()
        self._open = Desk(
            self.store,
            targets,
            now,
            more=more,
            rechecks=rechecks,
            most_at_once=most_at_once,
            most_queued=most_queued,
            monotonic=monotonic,
        )
        return self._open

    def close(self) -> None:
        """The desk that is open dies."""
        if self._open is not None:
            self._open.lock.close()
            self._open = None
