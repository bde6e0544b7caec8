from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core import GapKind
from reports import DailyReport, build_daily
from storage import Store
from tests.reports.sample_day import DAY, OFFER, POSTER, SHANGHAI, look


def test_a_day_is_told_by_what_happened(sample: DailyReport) -> None:
    assert [one.title for one in sample.new] == [
        "三步开通海外账户，返佣到账看得见",
        "行情宝盒 Pro",
        "这个币圈周报值得订阅吗？",
    ]
    assert [one.title for one in sample.returned] == ["内部福利限时领取"]
    assert [one.title for one in sample.still_up] == ["稳赚理财日记"]
    assert [(one.title, one.seen, one.http_status) for one in sample.gone] == [
        ("老用户带你上车", "absent", 404)
    ]
    assert [(one.title, one.gap, one.reason) for one in sample.unseen] == [
        ("挖矿机托管收益表", GapKind.TIMEOUT, "no answer within 30 s")
    ]


def test_what_was_looked_at_is_counted_by_target(sample: DailyReport) -> None:
    by_id = {target.target_id: target for target in sample.targets}

    assert list(by_id) == ["blog-platform", "mini-programs", "partner-site"]
    blog = by_id["blog-platform"]
    assert blog.labels == {"clear": 214, "violation": 3, "review": 1, "absent": 1}
    assert (blog.looks, blog.scans) == (219, {"finished": 1})
    assert blog.notes == ("politeness relaxed (obey_robots): 本平台自查，已获授权",)
    assert by_id["partner-site"].scans == {"failed": 1}
    assert (sample.looks, sample.scan_count, sample.gap_count) == (316, 3, 6)


def test_gaps_are_grouped_by_reason_most_first(sample: DailyReport) -> None:
    assert (sample.gaps[0].kind, sample.gaps[0].count) == (GapKind.TIMEOUT, 2)
    assert {group.kind for group in sample.gaps} == {
        GapKind.TIMEOUT,
        GapKind.ROBOTS_DISALLOWED,
        GapKind.PICTURE_TOO_LARGE,
        GapKind.BAD_ROW,
        GapKind.UNREACHABLE,
    }


def test_evidence_is_split_by_side_strongest_first_and_masked(sample: DailyReport) -> None:
    (offer, *_) = sample.new

    assert [reason.points for reason in offer.for_promotion] == [3.2, 1.4, 1.1]
    assert [reason.points for reason in offer.against] == [-0.9]
    assert sorted(one.number for one in (*offer.for_promotion, *offer.against)) == [1, 2, 3, 4]
    assert "138****1234" in offer.for_promotion[2].quote
    assert "h***@mail.example" in offer.for_promotion[2].quote
    assert offer.conflict
    assert offer.legal_basis[0].number == "示发〔2026〕7号"


def test_masking_can_be_switched_off(sample_store: Store) -> None:
    report = build_daily(sample_store, DAY, SHANGHAI, mask_personal_data=False)
    assert "13800001234" in report.new[0].for_promotion[2].quote
    assert not report.personal_data_masked


def test_times_are_the_teams(sample: DailyReport) -> None:
    assert sample.start.isoformat() == "2026-03-02T00:00:00+08:00"
    assert sample.end.isoformat() == "2026-03-03T00:00:00+08:00"
    assert sample.new[0].first_seen.isoformat() == "2026-03-02T09:30:00+08:00"


def test_the_same_day_reads_the_same_twice(sample_store: Store, sample: DailyReport) -> None:
    assert build_daily(sample_store, DAY, SHANGHAI) == sample


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 5, 1), 24)]
)
def test_a_day_has_the_hours_the_clock_gives_it(empty_store: Store, day: date, hours: int) -> None:
    report = build_daily(empty_store, day, ZoneInfo("Europe/Berlin"))
    length = report.end.astimezone(UTC) - report.start.astimezone(UTC)
    assert length == timedelta(hours=hours)


SERIES = [
    (["hit"], "new"),
    (["hit", "hit"], "new"),
    (["hit", "404"], "gone"),
    (["hit", "404", "hit"], "new"),
]
LATER = [
    (["hit"], "still_up"),
    (["404"], "gone"),
    (["404", "hit"], "returned"),
    (["404", "hit", "404"], "gone"),
    (["404", "hit", "hit"], "returned"),
]


@pytest.mark.parametrize(
    ("known", "looks", "expected"),
    [
        *((False, looks, kind) for looks, kind in SERIES),
        *((True, looks, kind) for looks, kind in LATER),
    ],
)
def test_several_scans_of_a_day_make_one_finding(
    empty_store: Store, known: bool, looks: list[str], expected: str
) -> None:
    morning = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
    moments = [(morning + timedelta(hours=n), one) for n, one in enumerate(looks)]
    if known:
        moments.insert(0, (morning - timedelta(days=3), "hit"))
    for moment, one in moments:
        scan_id = empty_store.begin_scan("t", "T", started_at=moment)
        judged = POSTER if one == "hit" else None
        empty_store.record(scan_id, [look("https://pages.test/a", "标题", judged, moment)])
        empty_store.finish_scan(scan_id, state="finished", finished_at=moment)
    report = build_daily(empty_store, DAY, SHANGHAI)

    counts = {kind: len(report.findings(kind)) for kind in ("new", "returned", "still_up", "gone")}
    assert counts == {kind: int(kind == expected) for kind in counts}


def test_an_empty_day_is_a_report(empty_store: Store) -> None:
    report = build_daily(empty_store, DAY, SHANGHAI)
    assert (report.targets, report.looks, report.gap_count, report.new) == ((), 0, 0, ())


def test_a_gone_candidate_is_shown_with_its_last_finding(sample: DailyReport) -> None:
    (gone,) = sample.gone
    assert gone.score == OFFER.score
    assert gone.last_seen.date() == date(2026, 2, 27)
    assert len(gone.evidence_files) == 3
