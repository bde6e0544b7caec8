"""The same app on several platforms is one group; the case file has an entry's time line."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from core.entry_state import EntryState
from reports import DailyReport, build_daily, render_html, render_json, write_case_file
from storage import Look, Store
from tests.reports.sample_day import DAY, OFFER, SHANGHAI, look

MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
HOSTILE = "临河<script>alert(1)</script> https://okex.example/"
LEDGER = EntryState(name="账本", owner="临河软件", package="net.linhe.ledger", rules="1")


def entry(platform: str, state: EntryState, *, app_id: str = "1001", hours: float = 0) -> Look:
    moment = MORNING + timedelta(hours=hours)
    seen = look(
        f"https://{platform}.test/{app_id}",
        state.name,
        OFFER,
        moment,
        surface="app_listing",
        platform=platform,
        app_id=app_id,
    )
    return replace(seen, entry=state)


def report_of(store: Store, *looks: Look) -> DailyReport:
    for seen in looks:
        scan_id = store.begin_scan("t", "T", started_at=seen.seen_at)
        store.record(scan_id, [seen])
        store.finish_scan(scan_id, state="finished", finished_at=seen.seen_at)
    return build_daily(store, DAY, SHANGHAI)


def test_a_package_and_a_name_join_three_entries_to_one_app(empty_store: Store) -> None:
    report = report_of(
        empty_store,
        entry("one", LEDGER),
        entry("two", replace(LEDGER, name="交易宝"), app_id="2"),
        entry("three", replace(LEDGER, name="交易宝", package=""), app_id="3"),
        entry("four", replace(LEDGER, name="别的", package="net.other.app"), app_id="4"),
    )
    (group,) = report.app_groups
    assert [member.platform for member in group.members] == ["one", "three", "two"]
    assert group.owner == "临河软件"


def test_numbers_that_stores_count_up_make_no_group(empty_store: Store) -> None:
    first = replace(LEDGER, package="", owner="")
    report = report_of(
        empty_store, entry("one", first, app_id="12345678"), entry("two", first, app_id="12345678")
    )
    assert report.app_groups == ()


def test_an_old_day_stays_as_it_was(empty_store: Store) -> None:
    one, two = replace(LEDGER, package=""), replace(LEDGER, package="", name="另一个")
    before = report_of(empty_store, entry("one", one), entry("two", two))
    assert before.app_groups == ()
    after = report_of(empty_store, entry("two", one, hours=48))
    assert after.app_groups == ()


def test_the_page_shows_the_group_and_nothing_of_theirs_is_live(empty_store: Store) -> None:
    state = replace(LEDGER, owner=HOSTILE)
    report = report_of(empty_store, entry("one", state), entry("two", state))
    page = render_html(report, "en")
    assert "The same app" in page
    assert "<script>" not in page
    assert "https://okex" not in page
    assert '"app_groups"' in render_json(report).decode()


def test_a_day_without_groups_does_not_speak_of_them(empty_store: Store) -> None:
    assert "The same app" not in render_html(report_of(empty_store, entry("one", LEDGER)), "en")


def test_the_case_file_has_the_time_line(empty_store: Store, tmp_path: Path) -> None:
    renamed = replace(LEDGER, name=HOSTILE, categories=("金融",))
    bare = [
        replace(one, evidence=()) for one in (entry("one", LEDGER), entry("one", renamed, hours=3))
    ]
    report_of(empty_store, *bare)
    out = tmp_path / "case.zip"
    write_case_file(empty_store, bare[0].key, out, "en")
    archive = zipfile.ZipFile(out)
    page = archive.read("index.html").decode()
    assert "How the entry changed" in page
    assert "<script>" not in page
    changes = json.loads(archive.read("summary.json"))["entry"]["changes"]
    assert [(one["field"], one["before"]) for one in changes] == [
        ("category", ""),
        ("name", "账本"),
    ]
