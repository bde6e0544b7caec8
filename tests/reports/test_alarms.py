"""Alarms of scheduled runs, in the day's report."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core import Words
from reports import build_daily, render_html, render_json
from storage import Accounting, Alarm, Store
from tests.reports.sample_day import DAY, SHANGHAI

MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
HOSTILE = "https://shop.example/<script>alert(1)</script>: no match; ask 13800138000"


def raise_alarm(store: Store, at: datetime, alarm: Alarm) -> None:
    lock = store.schedule.leadership("me", "here", 1, "")
    assert lock.take(at, lambda _holder: True) is None
    assert store.schedule.account(Accounting(alarms=(alarm,)), "me", at) == ()


def alarm(said: str, job_id: str = "scan:shop") -> Alarm:
    return Alarm(job_id=job_id, kind="lost_selector", words=Words(said, said))


def test_alarms_of_one_job_and_kind_are_one_line(empty_store: Store) -> None:
    for hours, one in enumerate((alarm("first"), alarm("second"), alarm("third", "scan:other"))):
        raise_alarm(empty_store, MORNING + timedelta(hours=hours), one)
    raise_alarm(empty_store, MORNING + timedelta(days=1), alarm("tomorrow"))
    first, other = build_daily(empty_store, DAY, SHANGHAI).alarms
    assert (first.job_id, first.count, first.words.en) == ("scan:shop", 2, "second")
    assert (first.first_at, first.last_at) == (MORNING, MORNING + timedelta(hours=1))
    assert (other.job_id, other.count) == ("scan:other", 1)


def test_acknowledging_does_not_change_a_report(empty_store: Store) -> None:
    raise_alarm(empty_store, MORNING, alarm("first"))
    before = build_daily(empty_store, DAY, SHANGHAI)
    empty_store.schedule.acknowledge(1, who="Wu", note="mended", at=MORNING)
    assert build_daily(empty_store, DAY, SHANGHAI) == before


@pytest.mark.parametrize(("lang", "heading"), [("zh", "页面结构已变"), ("en", "Lost its selector")])
def test_the_page_shows_alarms_defanged_and_masked(
    empty_store: Store, lang: str, heading: str
) -> None:
    raise_alarm(empty_store, MORNING, alarm(HOSTILE))
    daily = build_daily(empty_store, DAY, SHANGHAI)
    page = render_html(daily, lang)
    assert heading in page
    assert "<script>" not in page
    assert "https://shop.example" not in page
    assert "13800138000" not in page
    assert b"lost_selector" in render_json(daily)


def test_a_day_without_alarms_has_no_section(empty_store: Store) -> None:
    assert "Alarms" not in render_html(build_daily(empty_store, DAY, SHANGHAI), "en")
