"""What one day holds, read back whole."""

from __future__ import annotations

from datetime import timedelta

from core import Gap, GapKind
from storage import EvidenceFile, Look, Store
from tests.storage.samples import MORNING, at, look

DAY_START = MORNING.replace(hour=0)
DAY_END = DAY_START + timedelta(days=1)
DOCUMENT = EvidenceFile("document", "d" * 64, 10)


def scan(store: Store, looks: list[Look], *, hours: float, target: str = "sample") -> int:
    scan_id = store.begin_scan(target, target.title(), started_at=at(hours))
    store.record(scan_id, looks)
    store.finish_scan(scan_id, state="finished", finished_at=at(hours + 0.5))
    return scan_id


def test_events_carry_what_a_report_needs(store: Store) -> None:
    scan(store, [look("/offer", hours=-30), look("/old", hours=-30)], hours=-30)
    scan_id = scan(
        store,
        [
            look("/offer", 404, hours=1),
            look("/old", hours=1, evidence=(DOCUMENT,)),
            look("/new", hours=1),
        ],
        hours=1,
    )
    day = store.day(DAY_START, DAY_END)
    by_title = {event.candidate.title: event for event in day.events}

    assert {title: event.kind for title, event in by_title.items()} == {
        "Page /offer": "gone",
        "Page /old": "still_up",
        "Page /new": "new",
    }
    gone, old = by_title["Page /offer"], by_title["Page /old"]
    assert (gone.status, gone.seen, gone.scan_id, gone.target_id) == (
        404,
        "absent",
        scan_id,
        "sample",
    )
    assert gone.sighting.seen_at == at(-30), "the last sighting before it went"
    assert gone.sighting.verdict.services[0].service == "marketing"
    assert (old.status, old.seen, old.at) == (200, "violation", at(1))
    assert old.sighting.evidence == (DOCUMENT,)
    assert old.candidate.first_seen == at(-30)


def test_a_day_ends_where_the_next_begins(store: Store) -> None:
    scan(store, [look("/late", hours=15.99)], hours=15)
    scan(store, [look("/next", hours=16)], hours=16)

    today = store.day(DAY_START, DAY_END)
    tomorrow = store.day(DAY_END, DAY_END + timedelta(days=1))
    assert [e.candidate.title for e in today.events] == ["Page /late"]
    assert [e.candidate.title for e in tomorrow.events] == ["Page /next"]


def test_a_scan_over_midnight_counts_in_each_day_what_fell_into_it(store: Store) -> None:
    scan_id = store.begin_scan("night", "Night", started_at=at(15))
    timeout = Gap(GapKind.TIMEOUT, "https://pages.test/slow", "no answer")
    store.record(scan_id, [look("/a", hours=15.5)], [(timeout, at(15.5))])
    store.record(scan_id, [look("/b", "clear", hours=16.5), look("/c", hours=16.5)])
    store.finish_scan(scan_id, state="finished", finished_at=at(17))

    (before,) = store.day(DAY_START, DAY_END).scans
    (after,) = store.day(DAY_END, DAY_END + timedelta(days=1)).scans
    assert (before.looks, before.gaps, before.events) == (1, {GapKind.TIMEOUT: 1}, {"new": 1})
    assert (after.looks, after.gaps, after.events) == (2, {}, {"new": 1})
    assert store.day(DAY_END + timedelta(days=1), DAY_END + timedelta(days=2)).scans == ()


def test_a_killed_scan_shows_on_its_own_day_only(store: Store) -> None:
    scan_id = store.begin_scan("killed", "Killed", started_at=at())
    store.record(scan_id, [look("/a")])

    (shown,) = store.day(DAY_START, DAY_END).scans
    assert (shown.state, shown.looks) == ("running", 1)
    assert store.day(DAY_END, DAY_END + timedelta(days=1)).scans == ()


def test_an_old_capture_is_news_of_the_day_it_was_looked_at(store: Store) -> None:
    scan(store, [look("/archived", hours=-5000)], hours=2)
    (event,) = store.day(DAY_START, DAY_END).events

    assert (event.kind, event.at) == ("new", at(2))
    assert event.candidate.first_seen == at(-5000)


def test_candidates_nobody_looked_at_are_named_with_the_gap_that_hid_them(store: Store) -> None:
    scan(
        store,
        [
            look("/hidden", hours=-30),
            look("/skipped", hours=-30),
            look("/seen", hours=-30),
            look("/down", hours=-30),
        ],
        hours=-30,
    )
    scan(store, [look("/down", 410, hours=-29)], hours=-29)
    scan_id = scan(store, [look("/seen", hours=1)], hours=1)
    gap = Gap(GapKind.UNREACHABLE, "https://pages.test/hidden", "connection refused")
    store.record(scan_id, [], [(gap, at(1.1))])

    unseen = {one.candidate.title: one.gap for one in store.day(DAY_START, DAY_END).unseen}
    assert set(unseen) == {"Page /hidden", "Page /skipped"}
    hidden = unseen["Page /hidden"]
    assert hidden is not None
    assert hidden.kind is GapKind.UNREACHABLE
    assert unseen["Page /skipped"] is None


def test_an_old_day_reads_the_same_whatever_came_after(store: Store) -> None:
    scan(store, [look("/offer", hours=1, score=0.7)], hours=1)
    before = store.day(DAY_START, DAY_END)
    scan(store, [look("/offer", hours=30, score=0.99, content="changed")], hours=30)
    scan(store, [look("/offer", 404, hours=40)], hours=40)
    after = store.day(DAY_START, DAY_END)

    assert [(e.kind, e.sighting) for e in after.events] == [
        (e.kind, e.sighting) for e in before.events
    ]
    assert (after.scans, after.gaps, after.unseen) == (before.scans, before.gaps, before.unseen)
    assert after.events[0].candidate.score == 0.7


def test_of_two_contents_in_one_scan_the_graver_is_shown(store: Store) -> None:
    scan(store, [look(score=0.9, content="a"), look(score=0.6, content="b", hours=0.1)], hours=0)
    (event,) = store.day(DAY_START, DAY_END).events
    assert event.sighting.score == 0.9


def test_gap_examples_are_bounded_by_kind_and_counts_are_not(store: Store) -> None:
    scan_id = store.begin_scan("sample", "Sample", started_at=at())
    store.record(scan_id, [], [(Gap(GapKind.TIMEOUT, f"/{n}", "slow"), at()) for n in range(120)])
    store.record(scan_id, [], [(Gap(GapKind.BAD_ROW, "row 1", "short"), at())])
    day = store.day(DAY_START, DAY_END)

    assert len([gap for gap in day.gaps if gap.kind is GapKind.TIMEOUT]) == 50
    assert day.scans[0].gaps == {GapKind.TIMEOUT: 120, GapKind.BAD_ROW: 1}


def test_an_empty_day_is_a_record_too(store: Store) -> None:
    day = store.day(DAY_START, DAY_END)
    assert (day.scans, day.events, day.unseen, day.gaps) == ((), (), (), ())
