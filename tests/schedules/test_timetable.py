"""When jobs are due and start: intervals, jitter, blackout hours, nights when clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.schedule import Schedule, after_blackout
from schedules import Timetable

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Shanghai", "UTC")
CRONS = ("30 2 * * *", "*/20 * * * *", "0 */6 * * *", "5 1-3 * * *", "0 9 * * mon-fri")
MOMENTS = st.datetimes(
    datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC), allow_imaginary=False
)


def table(schedule: Schedule, zone: ZoneInfo = BERLIN, *, one_for_all: bool = True) -> Timetable:
    return Timetable("scan:shop", "Shop", schedule, zone, one_for_all=one_for_all)


def starts(schedule: Schedule, after: str, count: int) -> list[str]:
    moment = datetime.fromisoformat(after).replace(tzinfo=BERLIN)
    runs = table(schedule).forecast(moment, count)
    return [f"{run.start_at.astimezone(BERLIN):%d %H:%M %z}" for run in runs]


def test_an_interval_counts_from_a_fixed_midnight_not_from_the_start_of_the_program() -> None:
    due = [
        [run.due_at for run in islice(table(Schedule(every="6h")).due_after(moment), 3)]
        for moment in (
            datetime(2026, 3, 2, 6, 1, tzinfo=BERLIN),
            datetime(2026, 3, 2, 11, 59, tzinfo=BERLIN),
        )
    ]
    assert due[0] == due[1]
    assert [f"{moment.astimezone(BERLIN):%H:%M}" for moment in due[0]] == [
        "12:00",
        "18:00",
        "00:00",
    ]


def test_an_interval_stays_as_long_over_a_change_of_the_clock() -> None:
    assert starts(Schedule(every="6h"), "2026-03-28 23:00", 3) == [
        "29 00:00 +0100",
        "29 07:00 +0200",
        "29 13:00 +0200",
    ]


@pytest.mark.parametrize(
    ("cron", "after", "expected"),
    [
        ("30 2 * * *", "2026-03-28 12:00", ["29 03:30 +0200", "30 02:30 +0200"]),
        ("30 2 * * *", "2026-10-24 12:00", ["25 02:30 +0200", "26 02:30 +0100"]),
        ("0 * * * *", "2026-10-25 01:30", ["25 02:00 +0200", "25 02:00 +0100", "25 03:00 +0100"]),
        ("0 * * * *", "2026-03-29 00:30", ["29 01:00 +0100", "29 03:00 +0200", "29 04:00 +0200"]),
    ],
)
def test_nights_when_clocks_change(cron: str, after: str, expected: list[str]) -> None:
    assert starts(Schedule(cron=cron), after, len(expected)) == expected


def test_what_is_due_in_blackout_hours_starts_once_at_their_end() -> None:
    schedule = Schedule(cron="0 * * * *", blackout=("09:00-18:00", "22:00-06:00"))
    assert starts(schedule, "2026-03-02 07:30", 7) == [
        "02 08:00 +0100",
        "02 18:00 +0100",
        "02 19:00 +0100",
        "02 20:00 +0100",
        "02 21:00 +0100",
        "03 06:00 +0100",
        "03 07:00 +0100",
    ]


@pytest.mark.parametrize(
    ("moment", "hours", "expected"),
    [
        ("2026-03-29 01:10", "01:00-02:30", "03:30 +0200"),
        ("2026-10-25 02:10", "02:00-02:30", "02:30 +0200"),
        ("2026-10-25 23:10", "22:00-24:00", "00:00 +0100"),
        ("2026-10-25 12:00", "22:00-06:00", "12:00 +0100"),
    ],
)
def test_the_end_of_blackout_hours_is_as_clocks_show_it(
    moment: str, hours: str, expected: str
) -> None:
    found = after_blackout(datetime.fromisoformat(moment).replace(tzinfo=BERLIN), (hours,), BERLIN)
    assert f"{found.astimezone(BERLIN):%H:%M %z}" == expected


def test_the_second_of_a_repeated_hour_has_its_own_end_of_blackout() -> None:
    second = datetime(2026, 10, 25, 2, 10, tzinfo=BERLIN, fold=1)
    found = after_blackout(second, ("02:00-02:30",), BERLIN)
    assert found - second == timedelta(minutes=20)


def test_jitter_is_a_runs_own_and_the_same_whoever_asks() -> None:
    schedule = Schedule(cron="0 * * * *", jitter="10m")
    moment = datetime(2026, 3, 2, tzinfo=UTC)
    first, second = (table(schedule).forecast(moment, 50) for _ in range(2))
    delays = {(run.start_at - run.due_at).total_seconds() for run in first}
    assert first == second
    assert len(delays) > 30
    assert min(delays) >= 0
    assert max(delays) < 600


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(CRONS), st.sampled_from(ZONES), MOMENTS)
def test_due_runs_rise_and_do_not_depend_on_where_one_begins(
    cron: str, zone: str, moment: datetime
) -> None:
    found = table(Schedule(cron=cron), ZoneInfo(zone))
    due = [run.due_at for run in islice(found.due_after(moment), 30)]
    assert all(first < second for first, second in pairwise([moment, *due]))
    again = [run.due_at for run in islice(found.due_after(due[9]), 20)]
    assert again == due[10:]


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(CRONS),
    st.sampled_from(ZONES),
    st.sampled_from([(), ("09:00-18:00",), ("22:00-03:30", "04:00-05:00"), ("02:00-24:00",)]),
    st.sampled_from(["", "25m"]),
    MOMENTS,
)
def test_no_run_starts_before_it_is_due_or_in_blackout_hours(
    cron: str, zone: str, blackout: tuple[str, ...], jitter: str, moment: datetime
) -> None:
    found = table(Schedule(cron=cron, blackout=blackout, jitter=jitter), ZoneInfo(zone))
    for run in found.forecast(moment, 5):
        assert moment < run.start_at
        assert run.due_at <= run.start_at
        assert found.may_start(run.start_at)
