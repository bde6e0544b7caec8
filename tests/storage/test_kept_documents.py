"""Which documents can be judged again, on both databases."""

from __future__ import annotations

from storage import Period, Store, kept_documents, kept_share
from tests.storage.samples import at, look
from tests.storage.samples_evidence import keep


def scanned(store: Store, target: str, *paths: str, hours: float = 0.0) -> None:
    scan_id = store.begin_scan(target, target, started_at=at(hours))
    kept = [keep(store, path, hours) for path in paths]
    clear = [look(f"/clear{n}", "clear", hours=hours) for n in range(3)]
    store.record(scan_id, [*kept, *clear])
    store.finish_scan(scan_id, state="finished", finished_at=at(hours + 1))


def test_a_document_seen_again_unchanged_is_one(store: Store) -> None:
    scanned(store, "one", "/a", "/b")
    scanned(store, "one", "/a", hours=24)
    found = list(kept_documents(store, Period()))
    assert [(one.url, one.seen_at) for one in found] == [
        ("https://pages.test/b", at()),
        ("https://pages.test/a", at(24)),
    ]
    share = kept_share(store, Period())
    assert (share.looks, share.kept, share.documents) == (9, 3, 2)
    assert found[0].verdict.label == "violation"
    assert store.evidence.read(found[0].sha256, "document")


def test_a_period_and_a_target_narrow_it(store: Store) -> None:
    scanned(store, "one", "/a")
    scanned(store, "two", "/b", hours=24)
    later = Period(start=at(12), end=at(48))
    assert [one.target_id for one in kept_documents(store, later)] == ["two"]
    assert kept_share(store, later).looks == 4
    assert [one.url for one in kept_documents(store, Period(target_id="one"))] == [
        "https://pages.test/a"
    ]
    assert list(kept_documents(store, Period(end=at(-1)))) == []


def test_an_empty_store_has_none(store: Store) -> None:
    share = kept_share(store, Period())
    assert (share.looks, share.kept, share.documents) == (0, 0, 0)
