"""Links that lead elsewhere than before, in the day's report."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from core.link_chain import LinkChain, LinkHop
from reports import DailyReport, build_daily, render_html, render_json
from storage import Store
from tests.reports.sample_day import DAY, POSTER, SHANGHAI, look

MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LINK = "https://t.cn/A6abcd"
HOSTILE = "https://two.example/<script>alert(1)</script>"


def report_of(store: Store, *ends: str) -> DailyReport:
    for number, end in enumerate(ends):
        moment = MORNING + timedelta(hours=number)
        seen = look("https://pages.test/a", "标题", POSTER, moment)
        chain = LinkChain(LINK, (LinkHop(end, "http"),))
        scan_id = store.begin_scan("t", "T", started_at=moment)
        store.record(scan_id, [msgspec.structs.replace(seen, chains=(chain,))])
        store.finish_scan(scan_id, state="finished", finished_at=moment)
    return build_daily(store, DAY, SHANGHAI)


def test_a_changed_destination_is_in_the_report(empty_store: Store) -> None:
    (changed,) = report_of(empty_store, "https://one.example/", HOSTILE).changed_links
    assert (changed.url, changed.link) == ("https://pages.test/a", LINK)
    assert (changed.before, changed.after) == ("https://one.example/", HOSTILE)
    assert changed.at.utcoffset() == timedelta(hours=8)


@pytest.mark.parametrize(
    ("lang", "heading"), [("zh", "链接去向已变"), ("en", "Destination changed")]
)
def test_the_page_shows_it_without_a_live_address(
    empty_store: Store, lang: str, heading: str
) -> None:
    report = report_of(empty_store, "https://one.example/", HOSTILE)
    page = render_html(report, lang)
    assert heading in page
    assert "hxxps://t[.]cn" in page
    assert "<script>" not in page
    assert '"changed_links"' in render_json(report).decode()


def test_a_day_without_changes_does_not_speak_of_them(empty_store: Store) -> None:
    report = report_of(empty_store, "https://one.example/", "https://one.example/")
    assert report.changed_links == ()
    assert "Destination changed" not in render_html(report, "en")
