"""What is due when: the targets that carry a schedule, in the team's time zone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from core import BadInput, Target
from schedules.cron import Cron


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A target and the next time it is due (aware, in the team's zone)."""

    target_id: str
    title: str
    cron: str
    next_at: datetime


def plan(targets: Iterable[Target], tz: ZoneInfo, after: datetime) -> tuple[Due, ...]:
    """The targets with a `schedule`, soonest first, as seen at `after` (aware).

    Raises BadInput, naming the target, where a schedule is no cron expression or never comes.
    """
    due = [_due(target, tz, after) for target in targets if target.schedule]
    return tuple(sorted(due, key=lambda one: (one.next_at, one.target_id)))


def trigger_of(target: Target, tz: ZoneInfo) -> Cron:
    """The trigger of a target's `schedule`. Raises BadInput, naming the target."""
    try:
        return Cron(target.schedule, tz)
    except BadInput as error:
        raise BadInput(f"target `{target.id}`: {error.message}", hint=error.hint) from error


def _due(target: Target, tz: ZoneInfo, after: datetime) -> Due:
    next_at = trigger_of(target, tz).get_next_fire_time(None, after.astimezone(tz))
    if next_at is None:
        raise BadInput(
            f"target `{target.id}`: the schedule `{target.schedule}` never comes",
            hint="check its day and month",
        )
    return Due(target_id=target.id, title=target.title, cron=target.schedule, next_at=next_at)
