from __future__ import annotations

import pytest

from core import Gap, GapKind, StorageError
from storage import Store
from tests.storage.samples import at, look


def test_a_summary_counts_looks_labels_gaps_and_events(store: Store) -> None:
    scan_id = store.begin_scan(
        "sample", "Sample site", started_at=at(), notes=["robots.txt not obeyed: own platform"]
    )
    store.record(
        scan_id,
        [look("/a"), look("/b", "review"), look("/c", "clear"), look("/d", 404)],
        [
            (Gap(GapKind.TIMEOUT, "https://pages.test/e", "no answer in 30 s"), at(0.1)),
            (Gap(GapKind.TIMEOUT, "https://pages.test/f", "no answer in 30 s"), at(0.1)),
            (Gap(GapKind.TOO_LARGE, "https://pages.test/g", "over 20 MB"), at(0.1)),
        ],
    )
    running = store.scan_summary(scan_id)
    store.finish_scan(scan_id, state="interrupted", finished_at=at(0.2))
    summary = store.scan_summary(scan_id)

    assert (running.state, running.finished_at) == ("running", None)
    assert (summary.state, summary.started_at, summary.finished_at) == (
        "interrupted",
        at(),
        at(0.2),
    )
    assert (summary.target_id, summary.title) == ("sample", "Sample site")
    assert summary.notes == ("robots.txt not obeyed: own platform",)
    assert summary.looks == 4
    assert summary.labels == {"violation": 1, "review": 1, "clear": 1, "absent": 1}
    assert summary.gaps == {GapKind.TIMEOUT: 2, GapKind.TOO_LARGE: 1}
    assert summary.events == {"new": 2}


def test_candidates_come_worst_first_with_their_reason(store: Store) -> None:
    scan_id = store.begin_scan("sample", "Sample", started_at=at())
    store.record(
        scan_id,
        [
            look("/low", "review", score=0.5),
            look("/calm", "clear"),
            look("/top", score=0.99),
            look("/mid", score=0.8),
        ],
    )
    rows = store.scan_candidates(scan_id)

    assert [row.title for row in rows] == ["Page /top", "Page /mid", "Page /low"]
    assert rows[0].headline.text("zh") == "推荐链接: 用我的链接开户"
    assert rows[0].event == "new"


def test_gaps_keep_their_order_and_lose_control_characters(store: Store) -> None:
    scan_id = store.begin_scan("sample", "Sample", started_at=at())
    store.record(scan_id, [], [(Gap(GapKind.HTTP_STATUS, "https://pages.test/x", "403"), at())])
    store.record(
        scan_id, [], [(Gap(GapKind.BAD_ROW, "export.csv, row 7\x1b[2J\ud800", "a\nb"), at())]
    )
    gaps = store.gaps(scan_id)

    assert [gap.kind for gap in gaps] == [GapKind.HTTP_STATUS, GapKind.BAD_ROW]
    assert gaps[1].subject == "export.csv, row 7[2J?"
    assert gaps[1].reason == "a b"


def test_a_scan_that_is_not_there_is_one_clear_line(store: Store) -> None:
    for call in (
        lambda: store.record(7, [look()]),
        lambda: store.scan_summary(7),
        lambda: store.finish_scan(7, state="finished", finished_at=at()),
    ):
        with pytest.raises(StorageError, match="there is no scan 7 in this data folder; "):
            call()


def test_an_empty_scan_is_still_a_scan(store: Store) -> None:
    scan_id = store.begin_scan("sample", "Sample", started_at=at())
    store.record(scan_id, [], [])
    store.finish_scan(scan_id, state="finished", finished_at=at(0.1))

    assert store.scan_summary(scan_id).looks == 0
    assert store.scan_candidates(scan_id) == ()
    assert store.gaps(scan_id) == ()
