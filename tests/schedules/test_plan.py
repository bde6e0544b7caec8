from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from core import BadInput, Target
from schedules import plan, timetables

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)


def target(name: str, schedule: str) -> Target:
    return Target(
        id=name,
        title=name.title(),
        surface="marketing_page",
        seeds=("https://pages.test/",),
        schedule=schedule,
    )


def test_targets_come_soonest_first_in_the_teams_zone() -> None:
    due = plan(
        [target("night", "0 2 * * *"), target("asked", ""), target("morning", "30 9 * * *")],
        SHANGHAI,
        NOW,
    )
    assert [(one.target_id, one.next_at.isoformat()) for one in due] == [
        ("morning", "2026-03-02T09:30:00+08:00"),
        ("night", "2026-03-03T02:00:00+08:00"),
    ]
    assert (due[0].title, due[0].schedule) == ("Morning", "30 9 * * *")


def test_no_schedule_is_an_empty_plan() -> None:
    assert plan([target("asked", "")], SHANGHAI, NOW) == ()


def test_a_wrong_schedule_names_its_target() -> None:
    with pytest.raises(BadInput, match=r"target `shop`: `every day` is no cron expression: .*; w"):
        plan([target("shop", "every day")], SHANGHAI, NOW)


def test_a_report_that_never_comes_is_refused() -> None:
    with pytest.raises(BadInput, match=r"the daily report: the schedule `0 0 31 2 .*` never comes"):
        timetables([], SHANGHAI, "0 0 31 2 *")


def test_a_schedule_that_never_comes_is_refused() -> None:
    with pytest.raises(BadInput, match=r"target `leap`: the schedule `0 0 31 2 .*` never comes; "):
        plan([target("leap", "0 0 31 2 *")], SHANGHAI, NOW)
