"""The frontier beside the results: written once, taken up again, gone with the end of the scan."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from core import BadInput, Gap, GapKind
from core.frontier import FrontierPage, PageState, Progress
from storage import RunningScan, Store, is_running
from tests.storage.raw import rows
from tests.storage.samples import at, look


def page(identity: str, number: int, state: PageState = "waiting", **more: bytes) -> FrontierPage:
    return FrontierPage(identity=identity, number=number, state=state, kind="parse", **more)


def gap(subject: str) -> tuple[Gap, datetime]:
    return (Gap(GapKind.TIMEOUT, subject, "no answer"), at(0.1))


def begun(store: Store, target: str = "sample") -> int:
    return store.begin_scan(target, "Sample", started_at=at(), plan=b'{"by": "a test"}')


def test_what_was_found_and_done_comes_back_in_its_order(store: Store) -> None:
    scan = begun(store)
    first = (page("/", 1, "done", memory=b"\x90"), page("/b", 2), page("/a", 3, data=b'{"d":1}'))
    store.record(scan, [look("/")], progress=Progress(number=4, pages=first))
    store.record(scan, [look("/b")], progress=Progress(number=6, pages=(page("/b", 5, "failed"),)))
    (cut,) = store.cut_scans("sample")
    assert (cut.scan_id, cut.plan, cut.done, cut.waiting) == (scan, b'{"by": "a test"}', 2, 1)
    assert store.last_number(scan) == 6
    assert store.reopen_scan(scan) == (first[0], first[2], page("/b", 5, "failed"))


def test_a_page_that_is_done_does_not_wait_again(store: Store) -> None:
    scan = begun(store)
    both = (page("/a", 1, "done"), page("/a", 2))
    store.record(scan, [], progress=Progress(number=3, pages=both))
    store.record(scan, [], progress=Progress(number=5, pages=(page("/a", 4),)))
    assert store.reopen_scan(scan) == (page("/a", 1, "done"),)


def test_a_batch_whose_commit_was_not_heard_of_is_written_once(store: Store) -> None:
    scan = begun(store)
    progress = Progress(number=2, pages=(page("/", 1, "done"),))
    for _ in range(2):
        store.record(scan, [look()], [gap("/x")], progress)
    assert rows(store, "SELECT count(*) FROM gaps") == [(1,)]
    assert rows(store, "SELECT count(*) FROM sightings") == [(1,)]


def test_closing_gaps_go_when_the_scan_is_taken_up_again(store: Store) -> None:
    scan, other = begun(store), begun(store, "other")
    store.record(scan, [], [gap("/stays")], Progress(number=1))
    store.record(scan, [], [gap("/goes")], Progress(number=2, closing=True))
    store.record(other, [], [gap("/another scan's")], Progress(number=1))
    store.finish_scan(scan, state="interrupted", finished_at=at(1))
    assert len(store.gaps(scan)) == 2
    store.reopen_scan(scan)
    assert [one.subject for one in store.gaps(scan)] == ["/stays"]
    assert len(store.gaps(other)) == 1
    summary = store.scan_summary(scan)
    assert (summary.state, summary.finished_at) == ("running", None)


def test_a_finished_scan_leaves_no_frontier(store: Store) -> None:
    early, other, scan = begun(store), begun(store, "other"), begun(store)
    for one in (early, other, scan):
        store.record(one, [], progress=Progress(number=2, pages=(page("/", 1),)))
        store.finish_scan(one, state="interrupted", finished_at=at(1))
    store.reopen_scan(scan)
    store.finish_scan(scan, state="finished", finished_at=at(2))
    assert rows(store, "SELECT DISTINCT scan_id FROM frontier") == [(other,)]
    for ended in (scan, early):
        with pytest.raises(BadInput, match=f"scan {ended} cannot be taken up again; scan its"):
            store.reopen_scan(ended)


def test_odd_addresses_are_kept(store: Store) -> None:
    scan = begun(store)
    odd = "https://pages.test/" + "长" * 5_000 + "?a=%00&b=\0"
    store.record(scan, [], progress=Progress(number=2, pages=(page(odd, 1),)))
    (kept,) = store.reopen_scan(scan)
    assert kept.identity == odd.replace("\0", "\ufffd")
    assert msgspec.json.decode(kept.data) == {}


def test_a_running_scan_is_known_as_such(tmp_path: Path) -> None:
    lock = RunningScan(tmp_path, 7)
    assert is_running(tmp_path, 7)
    assert not is_running(tmp_path, 8)
    with pytest.raises(BadInput, match="scan 7 is still running"):
        RunningScan(tmp_path, 7)
    lock.release()
    assert not is_running(tmp_path, 7)
