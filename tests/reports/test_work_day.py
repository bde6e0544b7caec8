"""Decisions, open work and what came back elsewhere, in the day's report."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from core import Signal
from core.casework import CaseState
from core.recheck import RecheckPlan
from core.target import Target
from reports import build_daily, render_csv, render_html, render_json
from reports.report import OverdueLine
from storage import Look, RecheckRecord, Step, Store, decide, record_recheck
from tests.reports.sample_day import DAY, POSTER, SHANGHAI, look

MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def found(url: str, code: str = "") -> Look:
    seen = look(url, "标题 <b>", POSTER, MORNING)
    if not code or seen.verdict is None:
        return seen
    signal = Signal(kind="code", family="code", entry="code", raw=code, normalised=code)
    verdict = msgspec.structs.replace(seen.verdict, signals=(signal,))
    return msgspec.structs.replace(seen, verdict=verdict)


def scan(store: Store, *looks: Look, hours: float = 0) -> None:
    moment = MORNING + timedelta(hours=hours)
    scan_id = store.begin_scan("t", "T", started_at=moment)
    store.record(scan_id, looks)
    store.finish_scan(scan_id, state="finished", finished_at=moment)


def lead(store: Store, number: str, *states: CaseState, hours: float, why: str = "looked") -> None:
    for state in states:
        step = Step(by="王丽 <i>", why=why, at=MORNING + timedelta(hours=hours))
        decide(store, number, state, step)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_day_shows_who_decided_what_and_why(empty_store: Store, lang: str) -> None:
    scan(empty_store, found("https://one.example/a"), found("https://two.example/b"))
    lead(empty_store, "1", "in_review", "confirmed", hours=1, why="call 13800001234 <script>")
    lead(empty_store, "2", "in_review", hours=30)

    report = build_daily(empty_store, DAY, SHANGHAI)
    assert [(one.before, one.after) for one in report.decisions] == [
        ("open", "in_review"), ("in_review", "confirmed"),
    ]  # fmt: skip
    assert report.work == {"open": 1, "confirmed": 1}
    assert report.decisions[0].at.utcoffset() == timedelta(hours=8)
    assert {one.candidate_id: one.decision for one in report.new} == {1: "confirmed", 2: "open"}
    page = render_html(report, lang)
    assert "<script>" not in page
    assert "王丽 &lt;i&gt;" in page
    assert "13800001234" not in page
    assert "已确认" in render_csv(report, "zh")


def test_a_day_long_past_comes_out_the_same(empty_store: Store) -> None:
    scan(empty_store, found("https://one.example/a"))
    lead(empty_store, "1", "in_review", hours=1)
    before = render_json(build_daily(empty_store, DAY, SHANGHAI))
    lead(empty_store, "1", "dismissed", hours=40)
    assert render_json(build_daily(empty_store, DAY, SHANGHAI)) == before


TO_SENT: list[CaseState] = ["in_review", "confirmed", "notice_prepared", "approved", "sent"]


def test_overdue_is_what_a_notice_did_not_take_down(empty_store: Store) -> None:
    scan(empty_store, found("https://one.example/a"), found("https://two.example/b"))
    lead(empty_store, "1", *TO_SENT, hours=1)
    lead(empty_store, "2", *TO_SENT, hours=2)
    lead(empty_store, "2", "removed", hours=30)
    look_at = RecheckRecord(
        candidate_id=1,
        scan_id=None,
        at=MORNING + timedelta(hours=49),
        outcome="still_there",
        why="still judged violation",
    )
    record_recheck(empty_store, look_at)

    def overdue(days: int, **targets: Target) -> tuple[OverdueLine, ...]:
        day = DAY + timedelta(days=days)
        return build_daily(empty_store, day, SHANGHAI, targets=targets).overdue

    assert overdue(6) == ()
    (line,) = overdue(7)
    assert (line.candidate_id, line.state, line.outcome) == (1, "sent", "still_there")
    assert line.deadline == MORNING + timedelta(days=7, hours=1)
    hasty = Target(
        id="t",
        title="T",
        surface="marketing_page",
        seeds=("https://one.example/",),
        recheck=RecheckPlan(deadline="1h"),
    )
    assert [one.candidate_id for one in overdue(0, t=hasty)] == [1, 2]
    page = render_html(build_daily(empty_store, DAY + timedelta(days=7), SHANGHAI), "en")
    assert "Overdue" in page
    assert "still there" in page
    assert b'"overdue":[{' in render_json(
        build_daily(empty_store, DAY + timedelta(days=7), SHANGHAI)
    ).replace(b" ", b"").replace(b"\n", b"")


def test_what_is_back_elsewhere_is_shown(empty_store: Store) -> None:
    scan(empty_store, found("https://one.example/a", "AB77CD21"))
    lead(empty_store, "1", "in_review", "confirmed", hours=1)
    scan(empty_store, found("https://two.example/b", "ab77cd21"), hours=2)

    (back,) = build_daily(empty_store, DAY, SHANGHAI).back_elsewhere
    assert (back.candidate_id, back.other_id, back.kinds) == (2, 1, ("code",))
    page = render_html(build_daily(empty_store, DAY, SHANGHAI), "en")
    assert "Back elsewhere" in page
    assert "same invite code" in page
