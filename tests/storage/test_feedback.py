"""What people decided, beside what the machine found, on both databases."""

from __future__ import annotations

import msgspec

from core import Signal
from storage import Look, Step, Store, decide, decided_cases
from tests.storage.samples import at, look


def with_term(path: str, hours: float = 0.0) -> Look:
    seen = look(path, hours=hours)
    assert seen.verdict is not None
    term = Signal(kind="term", family="reward", entry="promo/返佣", raw="返佣", normalised="返佣")
    reason = msgspec.structs.replace(seen.verdict.evidence[0], signals=(0,))
    verdict = msgspec.structs.replace(seen.verdict, signals=(term,), evidence=(reason,))
    return msgspec.structs.replace(seen, verdict=verdict)


def decided(store: Store, path: str, after: str, hours: float) -> None:
    for state in ("in_review", after):
        step = Step(by="Wang Li", why="looked at it", at=at(hours))
        decide(store, f"https://pages.test{path}", state, step)  # type: ignore[arg-type]


def test_the_last_decision_counts_with_what_was_seen_before_it(store: Store) -> None:
    scan_id = store.begin_scan("one", "One", started_at=at())
    store.record(scan_id, [with_term("/a"), look("/b"), look("/open")])
    decided(store, "/a", "confirmed", 2)
    decided(store, "/b", "dismissed", 3)
    later = store.begin_scan("two", "Two", started_at=at(24))
    store.record(later, [look("/a", hours=24, content="new")])
    first, second = decided_cases(store)
    assert (first.confirmed, first.terms, first.targets) == (True, {"promo/返佣"}, {"one"})
    assert (second.confirmed, second.rules, second.terms) == (False, {"referral_link"}, set())
    assert [one.confirmed for one in decided_cases(store, at(2.5))] == [False]
