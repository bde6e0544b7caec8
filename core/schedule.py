"""When a target is scanned, and what is expected of such a scan: the schema of `schedule` and
`expectations` in target files, and what it is to be within blackout hours. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from core.duration import duration

_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")
_DAY = 24 * 60


class Schedule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a target is scanned: a `cron` expression, or `every` so often (`30m`, `6h`, `7d`).

    `cron` is read in `time_zone` (empty: the team's). `every` counts from midnight of 1 January
    2000 there, so that a restart moves nothing. Raises ValueError on what cannot be meant.
    """

    cron: str = ""
    every: str = ""
    time_zone: str = ""
    jitter: str = ""
    """A run starts up to so much later, each by its own share, the same whoever asks."""
    blackout: tuple[str, ...] = ()
    """Hours of the day, `09:00-18:00` or `22:00-06:00`, in which no run starts: what is due in them
    starts at their end."""
    grace: str = "1h"
    """A run that could not start when it was due still starts so much later; then it is missed."""

    def __post_init__(self) -> None:
        if bool(self.cron) == bool(self.every):
            raise ValueError("a schedule needs either `cron` or `every`")
        for span in (self.every, self.jitter, self.grace):
            if span:
                duration(span)
        if self.time_zone:
            try:
                ZoneInfo(self.time_zone)
            except (ZoneInfoNotFoundError, ValueError):
                raise ValueError(f"unknown time zone `{self.time_zone}`") from None
        if self.blackout and not _some_time_left(self.blackout):
            raise ValueError("`blackout` leaves no time of the day")

    @property
    def words(self) -> str:
        """The schedule in a few words, as tables show it."""
        parts = [self.cron or f"every {self.every}", self.time_zone]
        parts += [f"jitter {self.jitter}"] if self.jitter else []
        parts += [f"not {hours}" for hours in self.blackout]
        return " · ".join(part for part in parts if part)


class Expectations(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a scheduled scan should come to; otherwise there is an alarm.

    Entries are surfaces looked at: pages, or entries of a listing. `max_duration`: `90m`, `6h`.
    """

    min_entries: int | None = None
    max_entries: int | None = None
    max_gaps: int | None = None
    max_duration: str = ""

    def __post_init__(self) -> None:
        if self.max_duration:
            duration(self.max_duration)
        if None not in (self.min_entries, self.max_entries) and (
            (self.min_entries or 0) > (self.max_entries or 0)
        ):
            raise ValueError("`min_entries` is more than `max_entries`")


def after_blackout(moment: datetime, blackout: tuple[str, ...], tz: ZoneInfo) -> datetime:
    """`moment` (aware), or the end of the blackout hours it falls into, as clocks in `tz` show."""
    moved = True
    while moved:
        moved = False
        for begin, end in map(_minutes, blackout):
            local = moment.astimezone(tz)
            at = local.hour * 60 + local.minute
            if begin <= at < end or (end <= begin and (at >= begin or at < end)):
                moment = _clock_shows(end, local, tz)
                moved = True
    return moment


def _clock_shows(minute: int, local: datetime, tz: ZoneInfo) -> datetime:
    """The first moment after `local` at which clocks show this minute of the day.

    A time that is left out on that day comes as much later as the clock is set forward.
    """
    passed = local.hour * 60 + local.minute
    day = local.date() + timedelta(days=int(minute <= passed))
    day, clock = (day + timedelta(days=1), 0) if minute == _DAY else (day, minute)
    shown = datetime.combine(day, time(clock // 60, clock % 60), tz)
    for fold in (0, 1):
        found = shown.replace(fold=fold).astimezone(UTC)
        if found > local.astimezone(UTC):
            return found
    raise ValueError(f"no {clock // 60:02}:{clock % 60:02} after {local}")


def _minutes(hours: str) -> tuple[int, int]:
    found = _HOURS.fullmatch(hours)
    if found is None:
        raise ValueError(f"`{hours}` are no hours: write 09:00-18:00")
    first, minute, last, end_minute = map(int, found.groups())
    begin, end = first * 60 + minute, last * 60 + end_minute
    if begin == end or end > _DAY:
        raise ValueError(f"`{hours}` are no hours: write 09:00-18:00")
    return begin, end


def _some_time_left(blackout: tuple[str, ...]) -> bool:
    return len({minute for hours in blackout for minute in _covered(hours)}) < _DAY


def _covered(hours: str) -> Iterator[int]:
    begin, end = _minutes(hours)
    return (minute % _DAY for minute in range(begin, end if end > begin else end + _DAY))
