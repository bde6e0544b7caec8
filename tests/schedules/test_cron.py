"""Cron as crontab(5) has it, the nights when clocks change included."""

from __future__ import annotations

import pickle
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from core import BadInput
from schedules import Cron

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")


def coming(expression: str, tz: ZoneInfo, after: datetime, count: int) -> list[datetime]:
    cron, found = Cron(expression, tz), []
    previous: datetime | None = None
    for _ in range(count):
        moment = cron.get_next_fire_time(previous, previous or after.replace(tzinfo=tz))
        assert moment is not None
        found.append(moment)
        previous = moment
    return found


def shown(moments: list[datetime]) -> list[str]:
    return [f"{moment:%a %m-%d %H:%M %z}" for moment in moments]


MONDAY = datetime(2026, 3, 2)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("30 9 * * *", ["Mon 03-02 09:30", "Tue 03-03 09:30"]),
        ("30 9 * * 1", ["Mon 03-02 09:30", "Mon 03-09 09:30"]),
        ("30 9 * * 0", ["Sun 03-08 09:30", "Sun 03-15 09:30"]),
        ("30 9 * * 7", ["Sun 03-08 09:30", "Sun 03-15 09:30"]),
        ("30 9 * * sun", ["Sun 03-08 09:30", "Sun 03-15 09:30"]),
        ("0 6 * * 6-7", ["Sat 03-07 06:00", "Sun 03-08 06:00"]),
        ("0 6 * * FRI-SUN", ["Fri 03-06 06:00", "Sat 03-07 06:00", "Sun 03-08 06:00"]),
        ("0 6 * * 0-2", ["Mon 03-02 06:00", "Tue 03-03 06:00", "Sun 03-08 06:00"]),
        ("0 6 * * */3", ["Wed 03-04 06:00", "Sat 03-07 06:00", "Sun 03-08 06:00"]),
        ("0 6 * * 1-5/2", ["Mon 03-02 06:00", "Wed 03-04 06:00", "Fri 03-06 06:00"]),
        ("*/20 23 * * *", ["Mon 03-02 23:00", "Mon 03-02 23:20", "Mon 03-02 23:40"]),
        ("0 6 1 * *", ["Wed 04-01 06:00", "Fri 05-01 06:00"]),
        ("0 6 13 * fri", ["Fri 03-06 06:00", "Fri 03-13 06:00", "Fri 03-20 06:00"]),
        ("0 6 10 * fri", ["Fri 03-06 06:00", "Tue 03-10 06:00", "Fri 03-13 06:00"]),
    ],
)
def test_an_expression_comes_when_cron_says(expression: str, expected: list[str]) -> None:
    found = coming(expression, SHANGHAI, MONDAY, len(expected))
    assert shown(found) == [f"{text} +0800" for text in expected]


def test_a_time_the_clock_skips_comes_once_that_day() -> None:
    found = coming("30 2 * * *", BERLIN, datetime(2026, 3, 28, 12), 2)
    assert [moment.astimezone(ZoneInfo("UTC")).strftime("%d %H:%M") for moment in found] == [
        "29 01:30",
        "30 00:30",
    ]


def test_a_time_the_clock_repeats_comes_once() -> None:
    found = coming("30 2 * * *", BERLIN, datetime(2026, 10, 24, 12), 2)
    assert shown(found) == ["Sun 10-25 02:30 +0200", "Mon 10-26 02:30 +0100"]


def test_open_hours_go_through_the_repeated_hour() -> None:
    found = coming("*/30 * * * *", BERLIN, datetime(2026, 10, 25, 1, 45), 5)
    moments = [moment.timestamp() for moment in found]
    assert [b - a for a, b in pairwise(moments)] == [1800.0] * 4


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "daily",
        "* * * *",
        "* * * * * *",
        "61 * * * *",
        "0 25 * * *",
        "0 0 * * 8",
        "0 0 * * 5-2",
        "0 0 * * mo",
        "0 0 * * 1/0",
        "0 0 * * ,",
        "0 0 x * *",
        "0 0 * * -",
    ],
)
def test_what_is_no_cron_is_one_clear_line(expression: str) -> None:
    with pytest.raises(BadInput, match=r"is no cron expression: .*; write minute, hour") as error:
        Cron(expression, SHANGHAI)
    assert "\n" not in str(error.value)


def test_a_trigger_can_be_kept_in_a_job_store() -> None:
    kept = pickle.loads(pickle.dumps(Cron("30 9 * * 1-5", SHANGHAI)))
    assert shown([kept.get_next_fire_time(None, MONDAY.replace(tzinfo=SHANGHAI))]) == [
        "Mon 03-02 09:30 +0800"
    ]
    assert str(kept) == "cron[30 9 * * 1-5]"
