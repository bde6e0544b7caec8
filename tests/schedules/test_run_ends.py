"""How runs end: what their scans came to, what becomes of a cut one, and the alarms."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from core import Gap, GapKind
from core.schedule import Expectations
from storage import RunRecord
from tests.schedules.desk import Desk, Desks, moment, target
from tests.storage.samples import look

SHOP = target("shop", "0 * * * *")
BEGIN = "2026-03-02 08:30"


def scan(desk: Desk, looks: int = 3, *, gaps: tuple[Gap, ...] = (), finished: bool = True) -> int:
    """A scan of the shop, as its process would leave it in the storage."""
    store, now = desk.store, desk.now
    number = store.begin_scan("shop", "Shop", started_at=now)
    seen = [look(f"/{page}", "clear") for page in range(looks)]
    store.record(number, seen, [(gap, now) for gap in gaps])
    if finished:
        store.finish_scan(number, state="finished", finished_at=now + timedelta(minutes=1))
    return number


def begin(desks: Desks, expectations: Expectations | None = None) -> tuple[Desk, RunRecord]:
    desk = desks.open([target("shop", "0 * * * *", expectations)], moment(BEGIN))
    desk.at(BEGIN)
    (run,) = desk.at("2026-03-02 09:00")
    return desk, run


@pytest.mark.parametrize(
    ("status", "state", "alarms"),
    [
        (0, "done", []),
        (3, "done", ["expectation"]),
        (1, "failed", ["failed"]),
        (2, "failed", ["failed"]),
        (-9, "cut", ["cut"]),
        (130, "cut", []),
    ],
)
def test_a_run_ends_as_its_process_did(
    desks: Desks, status: int, state: str, alarms: list[str]
) -> None:
    desk, run = begin(desks)
    number = scan(desk)
    assert desk.end(run, status) == state
    (ended,) = desks.book.runs()
    assert (ended.state, ended.scan_id, ended.exit_status) == (state, number, status)
    assert [kind for _, kind in desk.alarms()] == alarms


def test_a_run_is_ended_once(desks: Desks) -> None:
    desk, run = begin(desks)
    desk.end(run, 0)
    desk.end(run, 1)
    assert desk.outcomes() == [("02 09:00", "done", "")]
    assert desk.alarms() == []


def test_a_cut_run_is_taken_up_again_in_the_next_turn_and_once(desks: Desks) -> None:
    desk, run = begin(desks)
    first = scan(desk, finished=False)
    desk.end(run, -9)
    (again,) = desk.at("2026-03-02 09:05")
    assert (again.due_at, again.attempts, again.scan_id) == (run.due_at, 2, first)
    second = scan(desk)
    desk.end(again, 0)
    (ended,) = desks.book.runs()
    assert (ended.state, ended.scan_id) == ("done", second)


@pytest.mark.parametrize(
    ("what", "detail"),
    [
        ("paused", "cut, and paused since"),
        ("too late", "cut, and too long ago to be taken up again"),
        ("gone", "cut, and its target is gone"),
    ],
)
def test_a_cut_run_that_makes_no_sense_any_more_has_failed(
    desks: Desks, what: str, detail: str
) -> None:
    desk, run = begin(desks)
    desk.end(run, 130)
    if what == "paused":
        desks.book.add_note("scan:shop", "pause", who="Wu", reason="moved", at=desk.now)
    later = "2026-03-03 09:30" if what == "too late" else "2026-03-02 09:30"
    second = desks.open([] if what == "gone" else [SHOP], moment(later))
    second.turn(moment(later))
    ended = desks.book.runs(limit=1000)[-1]
    assert (ended.state, ended.detail) == ("failed", detail)
    assert ("scan:shop", "failed") in second.alarms()


def test_the_next_scheduler_sees_what_became_of_a_run_that_nobody_waited_for(desks: Desks) -> None:
    desk, run = begin(desks)
    number = scan(desk)
    second = desks.open([SHOP], moment("2026-03-02 09:10"))
    second.clerk.look_after(moment("2026-03-02 09:10"), frozenset())
    (ended,) = desks.book.runs()
    assert (ended.run_id, ended.state, ended.scan_id) == (run.run_id, "done", number)


def test_a_run_taken_from_its_scheduler_may_not_begin_there(desks: Desks) -> None:
    desk, run = begin(desks)
    second = desks.open([SHOP], moment("2026-03-02 09:10"))
    second.clerk.look_after(moment("2026-03-02 09:10"), frozenset())
    (again,) = second.at("2026-03-02 09:10")
    assert not desk.clerk.record_process(run, 4321)
    assert second.clerk.record_process(again, 4322)
    assert desks.book.runs()[0].pid == 4322


def test_a_run_on_another_machine_is_cut_when_nothing_is_heard_of_it(desks: Desks) -> None:
    desk, run = begin(desks)
    far = msgspec.structs.replace(run, host="far.example", pid=1, process_started="then")
    assert desks.book.record_process(far)
    seconds = [0.0]
    now = moment("2026-03-02 09:10")
    second = desks.open([SHOP], now, monotonic=lambda: seconds[0])

    def state_after(more: float) -> str:
        seconds[0] += more
        second.clerk.look_after(now, frozenset())
        return desks.book.runs()[0].state

    assert state_after(0) == "running"
    assert state_after(599) == "running"
    desk.clerk.beat({run.run_id})  # its scheduler lost the lock and still waits for it
    assert state_after(2) == "running"
    assert state_after(599) == "running"
    number = scan(desk, 1, finished=False)  # its scan records something
    assert state_after(2) == "running"
    desk.store.record(number, [look("/later", "clear")])
    assert state_after(599) == "running"
    assert state_after(601) == "cut"


def test_a_run_on_another_machine_ends_with_its_scan(desks: Desks) -> None:
    desk, run = begin(desks)
    far = msgspec.structs.replace(run, host="far.example", pid=1, process_started="then")
    assert desks.book.record_process(far)
    number = scan(desk)
    second = desks.open([SHOP], desk.now)
    second.clerk.look_after(desk.now, frozenset())
    (ended,) = desks.book.runs()
    assert (ended.state, ended.scan_id) == ("done", number)


def _usual(desks: Desks, expectations: Expectations | None = None) -> Desk:
    """A desk on which the shop was scanned three times and had three entries each time."""
    desk, run = begin(desks, expectations)
    for hour in (10, 11, 12):
        scan(desk)
        desk.end(run)
        (run,) = desk.at(f"2026-03-02 {hour}:00")
    scan(desk)
    desk.end(run)
    return desk


def test_a_scan_that_sees_nothing_where_there_always_was_something(desks: Desks) -> None:
    desk = _usual(desks)
    (run,) = desk.at("2026-03-02 13:00")
    scan(desk, looks=0)
    desk.end(run)
    (alarm,) = desks.book.alarms()
    assert (alarm.kind, alarm.words.en) == (
        "found_nothing",
        "saw nothing; the median of the last 4 scans is 3 entries",
    )


def gap(kind: GapKind, reason: str) -> Gap:
    return Gap(kind, "https://pages.test/list", reason)


WALLS = {
    "lost_selector": gap(GapKind.SHAPE_CHANGED, "`ul.apps > li` matches nothing on the page"),
    "login_wall": gap(GapKind.SHAPE_CHANGED, "matches nothing: it asks for a login or a captcha"),
    "block_page": gap(GapKind.CHALLENGED, "asked for a human check"),
}


@pytest.mark.parametrize(("kind", "found"), WALLS.items(), ids=WALLS)
def test_what_stood_before_the_content(desks: Desks, kind: str, found: Gap) -> None:
    desk, run = begin(desks)
    scan(desk, gaps=(found, found))
    desk.end(run)
    assert desk.alarms() == [("scan:shop", kind)]
    assert "https://pages.test/list" in desks.book.alarms()[0].words.en


@pytest.mark.parametrize("answered", ["answered 401", "answered 403", "answered 500"])
def test_an_answer_that_keeps_out(desks: Desks, answered: str) -> None:
    desk, run = begin(desks)
    scan(desk, gaps=(gap(GapKind.HTTP_STATUS, answered),))
    desk.end(run)
    expected = {"answered 401": ["login_wall"], "answered 403": ["block_page"]}.get(answered, [])
    assert [kind for _, kind in desk.alarms()] == expected


@pytest.mark.parametrize(
    ("expectations", "minutes", "said"),
    [
        (Expectations(min_entries=4), 1, "3 entries, min 4"),
        (Expectations(max_entries=2), 1, "3 entries, max 2"),
        (Expectations(max_gaps=0), 1, "1 gaps, max 0"),
        (Expectations(max_duration="30m"), 31, "took 31 min, expected at most 30"),
        (Expectations(3, 3, 1, "30m"), 29, ""),
    ],
)
def test_expectations(desks: Desks, expectations: Expectations, minutes: int, said: str) -> None:
    desk, run = begin(desks, expectations)
    scan(desk, gaps=(gap(GapKind.TIMEOUT, "no answer in time"),))
    desk.end(run, minutes=minutes)
    assert [one.words.en for one in desks.book.alarms()] == ([said] if said else [])


def test_a_scan_that_takes_many_times_what_is_usual(desks: Desks) -> None:
    desk = _usual(desks)
    (run,) = desk.at("2026-03-02 13:00")
    scan(desk)
    desk.end(run, minutes=11)
    assert desk.alarms() == [("scan:shop", "too_long")]


def test_a_run_that_goes_on_too_long_is_told_while_it_goes_on_and_once(desks: Desks) -> None:
    desk, run = begin(desks, Expectations(max_duration="30m"))
    for minute in (29, 31, 35):
        now = moment(f"2026-03-02 09:{minute}")
        desk.clerk.look_after(now, frozenset({run.run_id}))
    scan(desk)
    desk.end(run, minutes=40)
    assert desk.alarms() == [("scan:shop", "too_long")]


def test_acknowledging_covers_the_older_alarms_of_the_kind(desks: Desks) -> None:
    desk, run = begin(desks)
    for _ in range(2):
        desk.end(run, 1)
        (run,) = desk.turn(desk.now + timedelta(hours=1))
    desk.end(run, -9)
    assert [one.kind for one in desks.book.alarms()] == ["cut", "failed", "failed"]
    assert desks.book.acknowledge(2, who="Wu", note="mended", at=desk.now) == 2
    (left,) = desks.book.alarms(only_open=True)
    assert left.kind == "cut"
    assert desks.book.open_alarms() == 1
    assert {one.note for one in desks.book.alarms()} == {"", "mended"}
