"""What alarms say, in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from core import Words


def late_words(due: Sequence[datetime], grace: timedelta, zone: ZoneInfo) -> Words:
    """Runs that could not start in time."""
    span, allowed = _span(due, zone), _hours(grace)
    return Words(
        f"{len(due)} 次到期运行未进行（{span}）：超过允许的延迟 {allowed}",
        f"{len(due)} due run(s) missed ({span}): later than the {allowed} allowed",
    )


def overlap_words(due: Sequence[datetime], zone: ZoneInfo) -> Words:
    """Runs that came due while the one before was still going."""
    span = _span(due, zone)
    return Words(
        f"上一次运行尚未结束，{len(due)} 次到期运行未进行（{span}）",
        f"the run before was still going: {len(due)} due run(s) left out ({span})",
    )


def clock_words(before: datetime, now: datetime) -> Words:
    """The clock was set back."""
    shown = [f"{one.astimezone(UTC):%Y-%m-%d %H:%M} UTC" for one in (before, now)]
    return Words(
        f"时钟被回拨：先前已计到 {shown[0]}，现在是 {shown[1]}；其后未开始的运行将重新到期",
        f"the clock was set back: runs were accounted for up to {shown[0]}, now it is {shown[1]}; "
        "what had not started since comes due again",
    )


def given_up_words(reason: str) -> Words:
    """A run that was cut is not taken up again."""
    return Words(f"中断的运行不再重试：{reason}", f"a run that was cut was given up: {reason}")


def _span(due: Sequence[datetime], zone: ZoneInfo) -> str:
    ends = dict.fromkeys(f"{one.astimezone(zone):%Y-%m-%d %H:%M %Z}" for one in (due[0], due[-1]))
    return " – ".join(ends)


def _hours(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"
