"""Codes, accounts and QR payloads as promoters, on both databases."""

from __future__ import annotations

import pytest

from core import BadInput
from core.fingerprint import Mark
from core.verdict import SignalKind
from storage import (
    Store,
    merge_promoters,
    promoter,
    promoters,
    read_decision,
    read_entry,
    split_promoter,
    verify_evidence,
)
from tests.storage.samples import at, look
from tests.storage.test_work import scan, step, with_marks

CODE: tuple[SignalKind, str, str] = ("code", "code", "AB77CD21")
OTHER: tuple[SignalKind, str, str] = ("code", "code", "ZZ11YY22")
HANDLE: tuple[SignalKind, str, str] = ("handle", "handle", "signal_room")
SAME: tuple[SignalKind, str, str] = ("handle", "handle", "ab77cd21")


@pytest.fixture
def seen(store: Store) -> Store:
    scan(store, with_marks(look("/a"), CODE), with_marks(look("/b"), CODE, HANDLE))
    scan(store, with_marks(look("/c", hours=5), OTHER), hours=5)
    return store


def names(store: Store) -> dict[str, tuple[int, int]]:
    return {row.name: (row.marks, row.surfaces) for row in promoters(store)}


def test_every_mark_is_a_promoter_with_the_places_where_it_was_seen(seen: Store) -> None:
    assert list(names(seen).items()) == [
        ("code:AB77CD21", (1, 2)), ("code:ZZ11YY22", (1, 1)), ("handle:signal_room", (1, 1)),
    ]  # fmt: skip
    found = promoter(seen, "ab77cd21")
    assert found.marks == (Mark("code", "AB77CD21"),)
    assert [place.url for place in found.places] == [
        "https://pages.test/a", "https://pages.test/b",
    ]  # fmt: skip
    assert promoters(seen, limit=1)[0].first_seen == at(0)


def test_merge_and_split_stand_in_the_ledger(seen: Store) -> None:
    merge_promoters(seen, "AB77CD21", "@signal_room", step(why="one page"))
    merged = merge_promoters(seen, "handle:signal_room", "ZZ11YY22", step(why="same telephone"))
    assert names(seen) == {"code:AB77CD21": (3, 3)}
    assert merged.name == "code:AB77CD21"
    assert [one.why for one in merged.decisions] == ["one page", "same telephone"]
    split_promoter(seen, "signal_room", step(why="another person"))
    assert names(seen) == {"code:AB77CD21": (2, 3), "handle:signal_room": (1, 1)}
    told = [(one.after, one.decided_by) for one in promoter(seen, "signal_room").decisions]
    assert told == [("code:AB77CD21", "Wang Li"), ("handle:signal_room", "Wang Li")]

    entries = [read_entry(line) for line in seen.ledger.lines()]
    assert [(entry.kind, entry.subject) for entry in entries] == [
        ("decision", "handle:signal_room"),
        ("decision", "code:ZZ11YY22"),
        ("decision", "handle:signal_room"),
    ]
    last = read_decision(seen.evidence.read(entries[2].sha256, "decision"))
    assert (last.before, last.after) == ("code:AB77CD21", "handle:signal_room")
    assert last.previous == entries[0].sha256
    assert last.basis == {"marks": ["handle:signal_room"]}
    assert verify_evidence(seen.ledger, seen.evidence).broken is None


def test_groups_are_merged_whole(seen: Store) -> None:
    merge_promoters(seen, "ZZ11YY22", "signal_room", step())
    merge_promoters(seen, "AB77CD21", "signal_room", step())
    assert names(seen) == {"code:AB77CD21": (3, 3)}
    merged = promoter(seen, "ZZ11YY22")
    assert {mark.value for mark in merged.marks} == {"AB77CD21", "ZZ11YY22", "signal_room"}


def test_a_merge_can_be_turned_round(seen: Store) -> None:
    merge_promoters(seen, "AB77CD21", "signal_room", step())
    split_promoter(seen, "signal_room", step())
    merge_promoters(seen, "signal_room", "AB77CD21", step())
    assert names(seen) == {"handle:signal_room": (2, 2), "code:ZZ11YY22": (1, 1)}


def test_what_cannot_be_merged_or_split_is_told(seen: Store) -> None:
    scan(seen, with_marks(look("/d", hours=7), SAME), hours=7)
    with pytest.raises(BadInput, match="no mark is called `nobody`"):
        promoter(seen, "nobody")
    with pytest.raises(BadInput, match="is more than one mark; give one of code:AB77CD21, handle:"):
        promoter(seen, "AB77CD21")
    with pytest.raises(BadInput, match="are one promoter already"):
        merge_promoters(seen, "code:AB77CD21", "code:AB77CD21", step())
    with pytest.raises(BadInput, match="is not counted under another mark"):
        split_promoter(seen, "signal_room", step())
    assert list(seen.ledger.lines()) == []
