"""Each due run is started once or missed with a reason: on both databases, with a moved clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from core.schedule import Schedule
from schedules import REPORT_JOB, DueRecheck, Timetable
from tests.schedules.desk import BERLIN, Desks, moment, target

HOURLY = target("shop", "0 * * * *")


def test_a_due_run_begins_once(desks: Desks) -> None:
    desk = desks.open([HOURLY], moment("2026-03-02 08:30"))
    assert desk.at("2026-03-02 08:30") == []
    assert desk.at("2026-03-02 08:59") == []
    (run,) = desk.at("2026-03-02 09:00")
    assert (run.job_id, run.due_at, run.attempts) == ("scan:shop", moment("2026-03-02 09:00"), 1)
    assert desk.at("2026-03-02 09:00") == []
    desk.end(run)
    assert desk.at("2026-03-02 09:00") == []
    assert desk.outcomes() == [("02 09:00", "done", "")]


def test_a_new_target_counts_from_when_it_is_first_seen(desks: Desks) -> None:
    desk = desks.open([HOURLY], moment("2026-03-02 08:30"))
    assert desk.at("2026-03-02 12:30") == []
    assert desk.outcomes() == []


def test_two_schedulers_that_both_believe_to_lead_start_a_run_once(desks: Desks) -> None:
    first = desks.open([HOURLY], moment("2026-03-02 08:30"))
    first.at("2026-03-02 08:30")
    second = desks.open([HOURLY], moment("2026-03-02 08:30"))
    assert first.clerk.turn(moment("2026-03-02 09:00")) is None
    assert len(second.at("2026-03-02 09:00")) == 1
    assert first.clerk.turn(moment("2026-03-02 10:00")) is None


def test_a_scheduler_that_was_started_again_goes_on_where_the_other_ended(desks: Desks) -> None:
    first = desks.open([HOURLY], moment("2026-03-02 08:30"))
    first.at("2026-03-02 08:30")
    first.run_all(moment("2026-03-02 09:00"))
    second = desks.open([HOURLY], moment("2026-03-02 09:01"))
    assert second.at("2026-03-02 09:01") == []
    assert len(second.at("2026-03-02 10:05")) == 1


def test_of_runs_slept_through_the_newest_stands_for_the_others(desks: Desks) -> None:
    desk = desks.open([HOURLY], moment("2026-03-02 08:30"))
    desk.at("2026-03-02 08:30")
    begun = desk.run_all(moment("2026-03-02 12:20"))
    assert [run.due_at for run in begun] == [moment("2026-03-02 12:00")]
    assert desk.outcomes() == [
        ("02 09:00", "missed", "late"),
        ("02 10:00", "missed", "late"),
        ("02 11:00", "missed", "late"),
        ("02 12:00", "done", ""),
    ]
    assert desk.alarms() == [("scan:shop", "missed")]
    assert "3 due run(s) missed (2026-03-02 09:00 CET" in desks.book.alarms()[0].words.en


def test_a_run_within_the_grace_stands_for_one_that_is_too(desks: Desks) -> None:
    patient = target("shop", Schedule(cron="0 * * * *", grace="3h"))
    desk = desks.open([patient], moment("2026-03-02 08:30"))
    desk.at("2026-03-02 08:30")
    desk.run_all(moment("2026-03-02 10:20"))
    assert desk.outcomes() == [("02 09:00", "missed", "joined"), ("02 10:00", "done", "")]
    assert desk.alarms() == []


def test_a_machine_asleep_over_the_due_time_runs_late_within_the_grace(desks: Desks) -> None:
    desk = desks.open([target("shop", "0 9 * * *")], moment("2026-03-02 08:30"))
    desk.at("2026-03-02 08:30")
    assert len(desk.run_all(moment("2026-03-02 10:00"))) == 1
    desk.run_all(moment("2026-03-03 10:01"))
    assert desk.outcomes() == [("02 09:00", "done", ""), ("03 09:00", "missed", "late")]


def test_a_run_that_comes_due_while_the_one_before_goes_on_is_left_out_with_an_alarm(
    desks: Desks,
) -> None:
    desk = desks.open([HOURLY], moment("2026-03-02 08:30"))
    desk.at("2026-03-02 08:30")
    (run,) = desk.at("2026-03-02 09:00")
    assert desk.at("2026-03-02 10:00") == []
    desk.end(run)
    assert len(desk.run_all(moment("2026-03-02 11:00"))) == 1
    assert [(when, why) for when, _, why in desk.outcomes()] == [
        ("02 09:00", ""),
        ("02 10:00", "overlap"),
        ("02 11:00", ""),
    ]
    assert desk.alarms() == [("scan:shop", "too_long")]


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (
            ["2026-03-28 12:00", "2026-03-29 01:59", "2026-03-29 03:00", "2026-03-29 03:30"],
            [("29 03:30", "done", "")],
        ),
        (
            ["2026-10-24 12:00", "2026-10-25 02:30", "2026-10-25 02:45", "2026-10-25 03:30"],
            [("25 02:30", "done", "")],
        ),
    ],
)
def test_the_hour_that_is_missing_and_the_one_that_is_there_twice_have_one_run(
    desks: Desks, times: list[str], expected: list[tuple[str, str, str]]
) -> None:
    desk = desks.open([target("shop", "30 2 * * *")], moment(times[0]))
    for text in times:
        for fold in (0, 1):
            clock = datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold)
            desk.run_all(clock.astimezone(UTC))
    assert desk.outcomes() == expected


def test_a_clock_set_forward_misses_what_it_jumped_over(desks: Desks) -> None:
    desk = desks.open([HOURLY], moment("2026-03-02 08:30"))
    desk.at("2026-03-02 08:30")
    desk.run_all(moment("2026-03-04 08:30"))
    outcomes = desk.outcomes()
    assert len(outcomes) == 48
    assert [why for _, state, why in outcomes if state == "missed"] == ["late"] * 47
    assert outcomes[-1] == ("04 08:00", "done", "")


def test_a_clock_set_back_runs_nothing_twice(desks: Desks) -> None:
    desk = desks.open([HOURLY], moment("2026-03-02 08:30"))
    desk.at("2026-03-02 08:30")
    for hour in (9, 10, 11):
        desk.run_all(moment(f"2026-03-02 {hour:02}:00"))
    for hour in (9, 10, 11, 12):
        for minute in (0, 30):
            desk.run_all(moment(f"2026-03-02 {hour:02}:{minute:02}"))
    assert [run.due_at for run in desk.began] == [
        moment(f"2026-03-02 {hour:02}:00") for hour in (9, 10, 11, 12)
    ]
    assert all(run.attempts == 1 for run in desks.book.runs())
    assert desk.alarms() == [("scheduler", "clock")]


def test_a_clock_that_was_years_ahead_loses_nothing_once_it_is_right(desks: Desks) -> None:
    desk = desks.open([target("shop", "0 9 * * *")], moment("2026-03-02 08:30"))
    desk.at("2026-03-02 08:30")
    assert len(desk.run_all(moment("2031-03-02 09:00"))) == 1
    far = desk.outcomes()
    assert len(far) == 1002
    assert [why for _, _, why in far].count("uncounted") == 1

    assert desk.run_all(moment("2026-03-02 08:40")) == []
    for day in (2, 3):
        assert len(desk.run_all(moment(f"2026-03-0{day} 09:00"))) == 1
    assert [outcome[1] for outcome in desk.outcomes()] == ["done", "done", "done"]


def test_a_clock_put_right_by_a_moment_is_no_news(desks: Desks) -> None:
    desk = desks.open([HOURLY], moment("2026-03-02 08:30"))
    desk.at("2026-03-02 08:30")
    desk.run_all(moment("2026-03-02 09:00"))
    desk.turn(moment("2026-03-02 09:00") - timedelta(milliseconds=40))
    assert desk.run_all(moment("2026-03-02 09:01")) == []
    assert desk.alarms() == []


def test_blackout_hours_put_off_and_nothing_starts_late_into_them(desks: Desks) -> None:
    night = target("shop", Schedule(cron="0 * * * *", blackout=("09:00-18:00",)))
    desk = desks.open([night], moment("2026-03-02 07:30"))
    desk.at("2026-03-02 07:30")
    assert desk.run_all(moment("2026-03-02 09:00")) == []  # that of 08:00 was slept through
    for hour in range(9, 18):
        assert desk.run_all(moment(f"2026-03-02 {hour:02}:05")) == []
    (run,) = desk.run_all(moment("2026-03-02 18:00"))
    assert run.due_at == moment("2026-03-02 18:00")
    assert desk.outcomes()[0] == ("02 08:00", "missed", "late")
    assert [why for _, _, why in desk.outcomes()[1:-1]] == ["joined"] * 9


def test_what_is_due_while_paused_is_written_down_without_an_alarm(desks: Desks) -> None:
    desk = desks.open([HOURLY], moment("2026-03-02 08:30"))
    desk.at("2026-03-02 08:30")
    desks.book.add_note("scan:shop", "pause", who="Wu", reason="moved", at=desk.now)
    assert desk.run_all(moment("2026-03-02 11:10")) == []
    desks.book.add_note("scan:shop", "resume", who="Li", reason="", at=desk.now)
    assert len(desk.run_all(moment("2026-03-02 12:00"))) == 1
    assert [why for _, _, why in desk.outcomes()] == ["paused", "paused", "paused", ""]
    assert desk.alarms() == []
    notes = desks.book.notes("scan:shop")
    assert [(one.kind, one.who, one.reason) for one in notes] == [
        ("pause", "Wu", "moved"),
        ("resume", "Li", ""),
    ]


def test_a_run_that_is_asked_for_runs_even_when_paused_or_without_a_schedule(desks: Desks) -> None:
    desk = desks.open([HOURLY, target("asked", "")], moment("2026-03-02 08:30"))
    desk.at("2026-03-02 08:30")
    desks.book.add_note("scan:shop", "pause", who="Wu", reason="moved", at=desk.now)
    for job in ("scan:shop", "scan:asked", "scan:gone"):
        desks.book.add_note(job, "run_now", who="Li", reason="", at=desk.now)
    begun = desk.run_all(desk.now)
    assert sorted((run.job_id, run.asked_by) for run in begun) == [
        ("scan:asked", "Li"),
        ("scan:shop", "Li"),
    ]
    assert desk.outcomes("scan:gone") == [("02 08:30", "missed", "removed")]


def test_an_asked_run_waits_for_the_one_that_goes_on(desks: Desks) -> None:
    desk = desks.open([HOURLY], moment("2026-03-02 08:30"))
    desk.at("2026-03-02 08:30")
    (run,) = desk.at("2026-03-02 09:00")
    asked_at = moment("2026-03-02 09:10")
    desks.book.add_note("scan:shop", "run_now", who="Li", reason="", at=asked_at)
    assert desk.at("2026-03-02 09:10") == []
    desk.end(run)
    assert [one.due_at for one in desk.run_all(moment("2026-03-02 09:20"))] == [asked_at]


def test_more_than_may_go_on_at_once_wait_for_room_and_are_not_late(desks: Desks) -> None:
    targets = [target(f"shop-{number}", "0 9 * * *") for number in range(5)]
    desk = desks.open(targets, moment("2026-03-02 08:30"), most_at_once=2)
    desk.at("2026-03-02 08:30")
    going = desk.at("2026-03-02 09:00")
    assert len(going) == 2
    assert desk.at("2026-03-02 12:00") == []
    while going:
        desk.end(going.pop())
        going += desk.at("2026-03-02 12:00")
        assert len(going) <= 2
    assert [state for _, state, _ in desk.outcomes()] == ["done"] * 5


def test_scans_in_the_queue_take_no_room_from_what_is_done_here(desks: Desks) -> None:
    report = Timetable(REPORT_JOB, "report", Schedule(cron="0 9 * * *"), BERLIN, one_for_all=True)
    targets = [target(f"shop-{number}", "0 9 * * *") for number in range(5)]
    desk = desks.open(
        targets, moment("2026-03-02 08:30"), more=[report], most_at_once=1, most_queued=3
    )
    desk.at("2026-03-02 08:30")
    begun = sorted(run.job_id for run in desk.at("2026-03-02 09:00"))
    assert begun == ["report", "scan:shop-0", "scan:shop-1", "scan:shop-2"]


def test_each_report_slept_through_is_written_one_after_the_other(desks: Desks) -> None:
    report = Timetable(
        REPORT_JOB, "report", Schedule(cron="10 0 * * *", grace="30d"), BERLIN, one_for_all=False
    )
    desk = desks.open([], moment("2026-03-02 08:30"), more=[report])
    desk.at("2026-03-02 08:30")
    begun = desk.run_all(moment("2026-03-05 08:30"))
    assert [f"{run.due_at.astimezone(BERLIN):%d %H:%M}" for run in begun] == [
        "03 00:10",
        "04 00:10",
        "05 00:10",
    ]


class _OneCase:
    """A case that is due for a look since nine o'clock, until somebody says otherwise."""

    outcome_known = False

    def due_rechecks(self, now: datetime) -> Sequence[DueRecheck]:
        due = moment("2026-03-02 09:00")
        there = now >= due and not self.outcome_known
        return [DueRecheck("118", "https://pages.test/", "shop", due)] if there else []


def test_a_recheck_is_started_once_for_each_time_it_is_due(desks: Desks) -> None:
    plan = _OneCase()
    desk = desks.open([], moment("2026-03-02 08:30"), rechecks=plan)
    assert desk.run_all(moment("2026-03-02 08:30")) == []
    desk.turn(moment("2026-03-05 09:00"))
    (run,) = desk.run_all(moment("2026-03-05 09:00"))
    assert (run.job_id, run.due_at) == ("recheck:118", moment("2026-03-02 09:00"))
    assert desk.run_all(moment("2026-03-05 09:01")) == []
    plan.outcome_known = True
    assert desk.run_all(moment("2026-03-05 09:02")) == []


def test_a_changed_schedule_counts_from_when_it_is_seen(desks: Desks) -> None:
    first = desks.open([HOURLY], moment("2026-03-02 08:30"))
    first.at("2026-03-02 08:30")
    second = desks.open([target("shop", "45 * * * *")], moment("2026-03-02 09:50"))
    assert second.at("2026-03-02 09:50") == []
    assert len(second.at("2026-03-02 10:45")) == 1


def test_what_waits_for_a_target_that_is_gone_is_missed(desks: Desks) -> None:
    targets = [HOURLY, target("other", "0 9 * * *")]
    first = desks.open(targets, moment("2026-03-02 08:30"), most_at_once=1)
    first.at("2026-03-02 08:30")
    (run,) = first.at("2026-03-02 09:00")
    second = desks.open([], moment("2026-03-02 09:10"))
    second.at("2026-03-02 09:10")
    waiting = {"scan:shop", "scan:other"} - {run.job_id}
    assert second.outcomes(waiting.pop()) == [("02 09:00", "missed", "removed")]
