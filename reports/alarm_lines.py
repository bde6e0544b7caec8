"""What went wrong on the day with what runs by itself: one line for a job and a kind of alarm."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from core import Words
from reports.report import AlarmLine
from storage import AlarmRecord, Store

_MOST = 10_000


def alarm_lines(
    store: Store, start: datetime, end: datetime, tz: ZoneInfo, shown: Callable[[str], str]
) -> tuple[AlarmLine, ...]:
    """The alarms from `start` to before `end`, those of one job and kind together, in the order
    they began. Raises StorageError."""
    groups: dict[tuple[str, str], list[AlarmRecord]] = {}
    for alarm in reversed(store.schedule.alarms(since=start, until=end, limit=_MOST)):
        groups.setdefault((alarm.job_id, alarm.kind), []).append(alarm)
    return tuple(
        AlarmLine(
            job_id=alarms[-1].job_id,
            kind=alarms[-1].kind,
            words=Words(shown(alarms[-1].words.zh), shown(alarms[-1].words.en)),
            count=len(alarms),
            first_at=alarms[0].at.astimezone(tz),
            last_at=alarms[-1].at.astimezone(tz),
        )
        for alarms in groups.values()
    )
