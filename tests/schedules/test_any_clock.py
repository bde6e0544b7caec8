"""Whatever the clock does, each due run is in the table once and starts at most once."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import takewhile

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from core.schedule import Schedule
from storage import Store
from storage.schedule_models import ScheduleAlarm, ScheduleJob, ScheduleRun
from storage.session import writing
from storage.upsert import table_of
from tests.schedules.desk import Desks, moment, target

BEGIN = moment("2026-10-24 21:00")
MOVES = st.lists(
    st.one_of(
        st.integers(0, 45),  # from one turn to the next
        st.integers(0, 45),
        st.integers(-90, -1),  # the clock is put right
        st.integers(45, 40 * 60),  # asleep for up to 40 hours
        st.integers(-36 * 60, -90),  # the clock is set back
    ),
    min_size=30,
    max_size=60,
)
SCHEDULES = st.sampled_from(
    [
        Schedule(cron="0 * * * *", grace="30m"),
        Schedule(cron="30 2 * * *", grace="2h"),
        Schedule(every="45m", jitter="20m"),
        Schedule(cron="*/30 * * * *", blackout=("23:00-04:00",), grace="3h"),
    ]
)
LIVES = st.lists(st.sampled_from(["ends", "goes on", "scheduler dies"]), min_size=60, max_size=60)


@settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(schedule=SCHEDULES, moves=MOVES, lives=LIVES)
def test_every_due_run_is_accounted_for_once(
    desks: Desks, schedule: Schedule, moves: list[int], lives: list[str]
) -> None:
    _forget(desks.store)
    shop = target("shop", schedule)
    desk = desks.open([shop], BEGIN)
    desk.turn(BEGIN)
    now = latest = BEGIN
    starts: dict[datetime, int] = {}
    for move, life in zip(moves, lives, strict=False):
        now += timedelta(minutes=move)
        latest = max(latest, now)
        for run in desk.turn(now):
            starts[run.due_at] = starts.get(run.due_at, 0) + 1
            assert run.attempts == 1
            assert run.start_at <= now
            assert desk.tables["scan:shop"].may_start(now)
            if life != "goes on":
                desk.end(run)
        if life == "scheduler dies":
            desk = desks.open([shop], now)
        elif life == "ends":
            for run in desks.book.state().open_runs:
                if run.state == "running":
                    desk.end(run)
    assert all(count == 1 for count in starts.values())
    _each_due_run_once(desks, schedule, now, latest)


def _each_due_run_once(desks: Desks, schedule: Schedule, now: datetime, latest: datetime) -> None:
    """All that has come due by the clock that is right now is in the table, and nothing else."""
    found = [run.due_at for run in desks.book.runs(limit=100_000)]
    table = desks.open([target("shop", schedule)], now).tables["scan:shop"]
    after_begin = table.due_after(min(now, BEGIN))
    expected = [one.due_at for one in takewhile(lambda one: one.due_at <= latest, after_begin)]
    assert len(found) == len(set(found))
    missing = {due for due in expected if BEGIN < due <= now} - set(found)
    assert not missing
    assert all(due in expected or due <= BEGIN for due in found)


def _forget(store: Store) -> None:
    with writing(store.database) as connection:
        for model in (ScheduleRun, ScheduleJob, ScheduleAlarm):
            connection.execute(delete(table_of(model)))
