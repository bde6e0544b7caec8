"""Cron expressions as cron means them, on top of APScheduler's trigger, which differs in three.

APScheduler 3 counts weekdays from Monday = 0 where cron counts from Sunday = 0 (its issue 286), it
wants day and weekday both to match where cron takes either, and it fires a fixed hour twice on the
night when clocks go back. See crontab(5).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger

from core import BadInput

_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_HINT = "write minute, hour, day, month and weekday, as in `30 9 * * mon-fri`"


class Cron(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """When a cron expression comes round in a time zone.

    Raises BadInput when `expression` is none. A time that a change of the clock skips comes an
    hour later; one that the change repeats comes once, unless the hours are open (`*`, `*/2`).
    """

    def __init__(self, expression: str, tz: ZoneInfo) -> None:
        fields = expression.split()
        if len(fields) != 5:
            raise _no_cron(expression, f"{len(fields)} fields instead of 5")
        minute, hour, day, month, weekday = fields
        try:
            days = _weekdays(weekday)
            either = ({"day": day}, {"day_of_week": days})
            both: tuple[dict[str, str], ...] = ({"day": day, "day_of_week": days},)
            self._triggers = [
                CronTrigger(minute=minute, hour=hour, month=month, timezone=tz, **dates)
                for dates in (either if "*" not in (day[:1], weekday[:1]) else both)
            ]
        except ValueError as error:
            raise _no_cron(expression, str(error)) from error
        self._open_hours = hour.startswith("*")
        self.expression = expression

    def get_next_fire_time(
        self, previous_fire_time: datetime | None, now: datetime
    ) -> datetime | None:
        """The first due moment after `previous_fire_time` and not before `now`."""
        comes = self._earliest(previous_fire_time, now)
        while comes is not None and comes.fold and not self._open_hours:
            comes = self._earliest(comes, comes)
        return comes

    def _earliest(self, previous: datetime | None, now: datetime) -> datetime | None:
        found = [trigger.get_next_fire_time(previous, now) for trigger in self._triggers]
        return min((moment for moment in found if moment is not None), default=None)

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def __str__(self) -> str:
        return f"cron[{self.expression}]"


def _weekdays(field: str) -> str:
    """The weekday field with names for numbers: `0` and `7` are Sunday, ranges written out."""
    if field == "*":
        return field
    days: list[str] = []
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = ("0-6" if span == "*" else span).partition("-")
        begin = _weekday(first)
        end = _weekday(last) if last else 6 if step else begin
        if last and end == 0 and begin > 0:
            end = 7
        if end < begin or (step and not (step.isdecimal() and int(step))):
            raise ValueError(f"`{part}` is no span of weekdays")
        days += [_WEEKDAYS[day % 7] for day in range(begin, end + 1, int(step or 1))]
    return ",".join(dict.fromkeys(days))


def _weekday(name: str) -> int:
    if name.isdecimal() and int(name) <= 7:
        return int(name)
    if name.lower() in _WEEKDAYS:
        return _WEEKDAYS.index(name.lower())
    raise ValueError(f"`{name}` is no weekday")


def _no_cron(expression: str, reason: str) -> BadInput:
    return BadInput(f"`{expression}` is no cron expression: {reason}", hint=_HINT)
