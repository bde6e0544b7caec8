"""Scans of exports: parts and findings in one transaction, going on, what is known next time."""

from __future__ import annotations

import msgspec
import pytest

from core import Gap, GapKind, StorageError
from storage import Fingerprints, PartDone, Store
from tests.storage.samples import at, look
from tests.storage.test_work import TO_SENT, lead

QUIET, OTHER = b"q" * 16, b"o" * 16


def begun(store: Store, day: int = 1, *, files: str = "f", basis: str = "b") -> int:
    return store.begin_export_scan("t", "title", started_at=at(day), files=files, basis=basis)


def test_a_scan_that_was_cut_off_tells_how_far_it_came(store: Store) -> None:
    scan = begun(store)
    gap = Gap(GapKind.BAD_ROW, "f:3", "the row has no `name`")
    store.record_parts(
        scan, [PartDone(file=0, rows=400, clear=398, bad_rows=1)], [], [(gap, at(1))], at=at(1)
    )
    store.record_parts(
        scan,
        [PartDone(file=0, rows=800, bad_rows=2), PartDone(file=1, rows=10, unchanged=9)],
        [],
        [],
        at=at(1),
    )
    store.finish_scan(scan, state="interrupted", finished_at=at(1))
    assert store.reopen_export_scan("t", "other files", "b") is None
    assert store.reopen_export_scan("t", "f", "other rules") is None
    assert store.reopen_export_scan("other target", "f", "b") is None
    found = store.reopen_export_scan("t", "f", "b")
    assert found is not None
    assert (found.scan_id, found.rows) == (scan, {0: 800, 1: 10})
    assert found.bad_rows == {0: 3, 1: 0}
    summary = store.scan_summary(scan)
    assert (summary.state, summary.finished_at) == ("running", None)
    assert summary.labels == {"clear": 398, "unchanged": 9}
    assert summary.looks == 407


@pytest.mark.parametrize("state", ["finished", "superseded"])
def test_only_the_newest_scan_that_did_not_end_is_gone_on_with(store: Store, state: str) -> None:
    scan = begun(store)
    if state == "finished":
        store.finish_scan(scan, state="finished", finished_at=at(1))
    else:
        store.begin_scan("t", "title", started_at=at(2))
    assert store.reopen_export_scan("t", "f", "b") is None


def test_a_part_and_its_findings_are_written_together_or_not_at_all(store: Store) -> None:
    scan = begun(store)
    part = PartDone(file=0, rows=400)
    store.record_parts(scan, [part], [look("/a")], [], at=at(1))
    again = PartDone(file=0, rows=800)
    with pytest.raises(StorageError):
        store.record_parts(scan, [again, again], [look("/b")], [], at=at(1))
    assert [row.title for row in store.scan_candidates(scan)] == [look("/a").title]


def test_a_part_whose_answer_was_lost_is_not_written_twice(store: Store) -> None:
    scan = begun(store)
    gap = Gap(GapKind.BAD_ROW, "f:3", "the row has no `name`")
    for _ in range(2):
        part = PartDone(file=0, rows=400, clear=399)
        store.record_parts(scan, [part], [look("/a")], [(gap, at(1))], at=at(1))
    assert store.scan_summary(scan).labels["clear"] == 399
    assert len(store.gaps(scan)) == 1


def test_the_row_of_a_removed_case_is_not_known(store: Store) -> None:
    first = begun(store)
    key = look("/a").key
    hits = OTHER + bytes.fromhex(key) + QUIET + bytes.fromhex(look("/b").key)
    part = PartDone(file=0, rows=2, hits=hits)
    store.record_parts(first, [part], [look("/a"), look("/b")], [], at=at(1))
    lead(store, *TO_SENT, "removed", named=key)
    known = store.export_fingerprints(begun(store, 2)).hits
    assert known == QUIET + bytes.fromhex(look("/b").key)


def test_fingerprints_are_those_of_the_scan_before_by_the_same_rules(store: Store) -> None:
    first = begun(store)
    store.record_parts(first, [PartDone(file=0, rows=1, quiet=QUIET)], [], [], at=at(1))
    store.record_parts(first, [PartDone(file=0, rows=2, hits=OTHER + QUIET)], [], [], at=at(1))
    assert store.export_fingerprints(first) == Fingerprints()
    second = begun(store, 2)
    assert store.export_fingerprints(second) == Fingerprints(QUIET, OTHER + QUIET)
    store.forget_earlier_exports(second)
    assert store.export_fingerprints(second) == Fingerprints()
    store.record_parts(second, [PartDone(file=0, rows=1, quiet=OTHER)], [], [], at=at(2))
    assert store.export_fingerprints(begun(store, 3)) == Fingerprints(OTHER)
    assert store.export_fingerprints(begun(store, 4, basis="other")) == Fingerprints()


def test_rows_left_aside_are_kept_by_file(store: Store) -> None:
    scan = begun(store)
    parts = [
        PartDone(file=0, rows=5, aside=b"0001"),
        PartDone(file=0, rows=9),
        PartDone(file=1, rows=7, aside=b"0002"),
    ]
    store.record_parts(scan, parts, [], [], at=at(1))
    store.record_parts(scan, [PartDone(file=0, rows=12, aside=b"0003")], [], [], at=at(1))
    assert store.export_rows_aside(scan) == {0: [b"0001", b"0003"], 1: [b"0002"]}


def test_a_candidate_of_an_unchanged_row_is_still_up_with_all_it_had(store: Store) -> None:
    first = begun(store)
    found = look("/a", hours=1)
    store.record_parts(first, [PartDone(file=0, rows=1)], [found], [], at=at(1))
    assert store.keys_up() == (found.key,)
    second = begun(store, 2)
    again = PartDone(file=0, rows=1, again=(found.key, found.key))
    store.record_parts(second, [again], [], [], at=at(2))
    (row,) = store.scan_candidates(second)
    assert (row.event, row.key, row.last_seen) == ("still_up", found.key, at(2))
    (before,) = store.scan_candidates(first)
    assert (row.score, row.label, row.headline) == (before.score, before.label, before.headline)
    sightings = store.case(found.key).sightings
    assert len(sightings) == 2
    assert sightings[0].verdict == sightings[1].verdict
    assert sightings[0].evidence == sightings[1].evidence


def test_the_day_counts_parts_by_the_time_they_were_recorded(store: Store) -> None:
    scan = begun(store)
    store.record_parts(scan, [PartDone(file=0, rows=5, clear=5)], [look("/a")], [], at=at(1))
    store.record_parts(scan, [PartDone(file=0, rows=9, clear=3, unchanged=1)], [], [], at=at(2))
    (today,) = store.day(at(2), at(3)).scans
    assert today.labels == {"clear": 3, "unchanged": 1}
    (whole,) = store.day(at(0), at(3)).scans
    assert whole.labels == {"clear": 8, "unchanged": 1, "violation": 1}
    assert msgspec.json.encode(whole)
