"""When a job is due, and when such a run may start: pure, the same whoever asks and whenever.

A due run is named by its job and the moment it is due. What `promowatch schedule next` shows and
what the scheduler does both come from here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
from apscheduler.triggers.base import BaseTrigger

from core import BadInput, Target
from core.duration import duration
from core.schedule import Schedule, after_blackout
from schedules.cron import Cron

REPORT_JOB = "report"
REPORT_GRACE = "30d"
"""A report is of a day that has ended: it can be written however late."""
_DAY = timedelta(days=1)


def scan_job(target_id: str) -> str:
    """The name of the job that scans a target."""
    return f"scan:{target_id}"


def target_of(job_id: str) -> str | None:
    """The target that a job scans; None where it is another job."""
    return job_id.removeprefix("scan:") if job_id.startswith("scan:") else None


class DueRun(msgspec.Struct, frozen=True, order=True):
    """A run that is due at `due_at` and may start at `start_at`, both in UTC."""

    due_at: datetime
    start_at: datetime


class Every(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """So often, counted from midnight of 1 January 2000 in a zone: no matter when it was begun."""

    def __init__(self, interval: timedelta, tz: ZoneInfo) -> None:
        self._interval = interval
        self._origin = datetime(2000, 1, 1, tzinfo=tz).astimezone(UTC)
        self._tz = tz

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """The first due moment after `previous_fire_time`, or not before `now` where None."""
        after = (previous_fire_time or now - timedelta(microseconds=1)).astimezone(UTC)
        passed = (after - self._origin) // self._interval
        return (self._origin + (passed + 1) * self._interval).astimezone(self._tz)


class Timetable:
    """The due runs of one job. Raises BadInput where its cron expression is none.

    With `one_for_all`, the newest of several due runs stands for the older ones (coalescing);
    otherwise each runs in turn.
    """

    def __init__(
        self, job_id: str, title: str, schedule: Schedule, team_zone: ZoneInfo, *, one_for_all: bool
    ) -> None:
        self.job_id = job_id
        self.title = title
        self.schedule = schedule
        self.one_for_all = one_for_all
        self.zone = ZoneInfo(schedule.time_zone) if schedule.time_zone else team_zone
        self.grace = duration(schedule.grace)
        self._jitter = duration(schedule.jitter) if schedule.jitter else timedelta()
        self._trigger = (
            Cron(schedule.cron, self.zone)
            if schedule.cron
            else Every(duration(schedule.every), self.zone)
        )

    @property
    def fingerprint(self) -> str:
        """Equal for timetables with the same due runs."""
        return f"{self.schedule.cron or self.schedule.every} {self.zone.key}"

    def due_after(self, moment: datetime) -> Iterator[DueRun]:
        """The due runs after `moment` (aware), in order; without end unless it never comes."""
        previous = moment.astimezone(self.zone)
        while (comes := self._trigger.get_next_fire_time(previous, previous)) is not None:
            due_at = comes.astimezone(UTC)
            if due_at > previous.astimezone(UTC):
                yield DueRun(due_at, self.start_of(due_at))
            previous = comes

    def start_of(self, due_at: datetime) -> datetime:
        """When the run due at `due_at` may start, in UTC: its share of the jitter later, and out of
        blackout hours."""
        share = hashlib.blake2b(f"{self.job_id} {due_at.timestamp()}".encode(), digest_size=8)
        part = int.from_bytes(share.digest()) / 2**64
        later = due_at + timedelta(seconds=int(part * self._jitter.total_seconds()))
        return after_blackout(later, self.schedule.blackout, self.zone).astimezone(UTC)

    def may_start(self, now: datetime) -> bool:
        """Whether `now` lies out of the blackout hours."""
        return after_blackout(now, self.schedule.blackout, self.zone) == now

    def surely_late(self, now: datetime) -> datetime:
        """What is due before this can no longer start in time at `now`."""
        put_off = _DAY if self.schedule.blackout else timedelta()
        return now - self.grace - self._jitter - put_off

    def forecast(self, moment: datetime, count: int) -> tuple[DueRun, ...]:
        """The next `count` runs that will start after `moment`, where nothing comes between."""
        runs: list[DueRun] = []
        pending: list[DueRun] = []
        for due in self.due_after(self.surely_late(moment)):
            while pending and min(one.start_at for one in pending) < due.due_at:
                pending, started = self._start(pending)
                runs += [started] if started.start_at > moment else []
            if len(runs) >= count:
                break
            pending.append(due)
        return tuple(runs[:count])

    def _start(self, pending: list[DueRun]) -> tuple[list[DueRun], DueRun]:
        """What still waits after the next start, and the run that starts."""
        start = min(one.start_at for one in pending)
        ready = [one for one in pending if one.start_at <= start]
        chosen = max(ready) if self.one_for_all else min(ready)
        gone = ready if self.one_for_all else [chosen]
        return [one for one in pending if one not in gone], chosen


def timetables(
    targets: Iterable[Target], team_zone: ZoneInfo, report_cron: str
) -> dict[str, Timetable]:
    """The timetables of all that runs by itself, by job. Raises BadInput, naming the target."""
    found = {scan_job(one.id): timetable_of(one, team_zone) for one in targets if one.timing}
    report = Schedule(cron=report_cron, grace=REPORT_GRACE)
    table = Timetable(REPORT_JOB, "daily report", report, team_zone, one_for_all=False)
    found[REPORT_JOB] = _that_comes(table, "the daily report")
    return found


def timetable_of(target: Target, team_zone: ZoneInfo) -> Timetable:
    """The timetable of a target with a schedule. Raises BadInput, naming the target."""
    schedule = target.timing
    if schedule is None:
        raise BadInput(f"target `{target.id}` has no schedule")
    job_id = scan_job(target.id)
    try:
        found = Timetable(job_id, target.title, schedule, team_zone, one_for_all=True)
    except BadInput as error:
        raise BadInput(f"target `{target.id}`: {error.message}", hint=error.hint) from error
    return _that_comes(found, f"target `{target.id}`")


def _that_comes(table: Timetable, what: str) -> Timetable:
    if next(table.due_after(datetime(2000, 1, 1, tzinfo=UTC)), None) is None:
        raise BadInput(
            f"{what}: the schedule `{table.schedule.cron}` never comes",
            hint="check its day and month",
        )
    return table
