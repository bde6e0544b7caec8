"""What is due when: the targets that carry a schedule, in the team's time zone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from core import Target
from schedules.timetable import timetable_of


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A target and when its next run starts (aware, in the zone of its schedule)."""

    target_id: str
    title: str
    schedule: str
    next_at: datetime


def plan(targets: Iterable[Target], tz: ZoneInfo, after: datetime) -> tuple[Due, ...]:
    """The targets with a `schedule`, soonest first, as seen at `after` (aware).

    Raises BadInput, naming the target, where a schedule is no cron expression or never comes.
    """
    due = [_due(target, tz, after) for target in targets if target.timing]
    return tuple(sorted(due, key=lambda one: (one.next_at, one.target_id)))


def _due(target: Target, tz: ZoneInfo, after: datetime) -> Due:
    table = timetable_of(target, tz)
    (run,) = table.forecast(after, 1)
    return Due(
        target_id=target.id,
        title=target.title,
        schedule=table.schedule.words,
        next_at=run.start_at.astimezone(table.zone),
    )
