"""What shadow rules would have changed is kept beside what was found, on both databases."""

from __future__ import annotations

import msgspec

from core.verdict_change import verdict_change
from storage import Look, Period, Store, shadow_changes, shadow_counts
from tests.storage.samples import at, look, verdict


def shadowed(path: str, seen: str, would_be: str, hours: float = 0.0) -> Look:
    change = verdict_change(verdict(seen), verdict(would_be))  # type: ignore[arg-type]
    return msgspec.structs.replace(
        look(path, seen, hours=hours),  # type: ignore[arg-type]
        shadow=change,
    )


def record(store: Store, *looks: Look, hours: float = 0.0) -> None:
    scan_id = store.begin_scan("one", "One", started_at=at(hours))
    store.record(scan_id, looks)
    store.finish_scan(scan_id, state="finished", finished_at=at(hours + 1))


def test_it_changes_neither_candidates_nor_labels(store: Store) -> None:
    record(store, shadowed("/a", "clear", "violation"), shadowed("/b", "violation", "clear"))
    assert [one.url for one in store.scan_candidates(1)] == ["https://pages.test/b"]
    assert store.scan_summary(1).labels == {"clear": 1, "violation": 1}
    found = {one.url[-2:]: one for one in shadow_changes(store, Period())}
    assert {path: one.change.kind for path, one in found.items()} == {"/a": "gained", "/b": "lost"}
    assert found["/a"].change.reasons[0].rule == "referral_link"
    assert (found["/a"].target_id, found["/a"].title) == ("one", "Page /a")


def test_a_surface_seen_again_counts_once_as_last_seen(store: Store) -> None:
    record(store, shadowed("/a", "clear", "violation"), shadowed("/a", "clear", "review"))
    record(store, shadowed("/a", "violation", "review", 24), look("/b", hours=24), hours=24)
    assert shadow_counts(store, Period()) == {"changed": 1}
    assert shadow_counts(store, Period(end=at(12))) == {"gained": 1}
    assert shadow_counts(store, Period(start=at(48))) == {}
    (one,) = shadow_changes(store, Period(end=at(12), target_id="one"))
    assert one.change.label_after == "review"
    assert shadow_changes(store, Period(target_id="two")) == ()
