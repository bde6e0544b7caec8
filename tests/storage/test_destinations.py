"""Where links led last, and what counts as a change."""

import msgspec

from core import Gap, GapKind
from core.link_chain import LinkChain, LinkHop
from storage import Look, Store
from tests.storage.samples import at, look

LINK = "https://t.cn/A6abcd"
FIRST, SECOND = "https://one.example/", "https://two.example/"


def leading(to: str, path: str = "/offer", hours: float = 0.0) -> Look:
    chain = LinkChain(LINK, (LinkHop(to, "http"),))
    return msgspec.structs.replace(look(path, hours=hours), chains=(chain,))


def scanned(store: Store, *batches: list[Look], target: str = "sample") -> int:
    scan_id = store.begin_scan(target, "Sample", started_at=at())
    for batch in batches:
        store.record(scan_id, batch)
    return scan_id


def changes(store: Store, scan_id: int) -> list[tuple[str, str, str]]:
    return [(one.url, one.before, one.after) for one in store.destination_changes(scan_id)]


def test_the_first_scan_changes_nothing_and_keeps_the_hops(store: Store) -> None:
    scan_id = scanned(store, [leading(FIRST)])
    assert changes(store, scan_id) == []
    (kept,) = store.link_destinations("sample")
    assert (kept.link, kept.destination, kept.scan_id) == (LINK, FIRST, scan_id)
    assert kept.hops == ((FIRST, "http"),)


def test_a_change_is_told_for_every_surface_of_the_scan_that_met_it(store: Store) -> None:
    scanned(store, [leading(FIRST)])
    second = scanned(store, [leading(SECOND)], [leading(SECOND, "/more")])
    assert changes(store, second) == [
        ("https://pages.test/more", FIRST, SECOND),
        ("https://pages.test/offer", FIRST, SECOND),
    ]
    assert changes(store, scanned(store, [leading(SECOND)])) == []


def test_an_end_that_was_not_reached_is_no_change(store: Store) -> None:
    scanned(store, [leading(FIRST)])
    lost = LinkChain(LINK, gap=Gap(GapKind.TIMEOUT, LINK, "no answer in time"))
    silent = scanned(store, [msgspec.structs.replace(look(), chains=(lost,))])
    assert changes(store, silent) == []
    assert changes(store, scanned(store, [leading(SECOND)])) != []


def test_spelling_and_tracking_parameters_are_no_change(store: Store) -> None:
    scanned(store, [leading("https://one.example/?utm_source=a")])
    same = scanned(store, [leading("HTTPS://ONE.example:443/?utm_source=b")])
    assert changes(store, same) == []


def test_targets_do_not_mix(store: Store) -> None:
    scanned(store, [leading(FIRST)])
    assert changes(store, scanned(store, [leading(SECOND)], target="other")) == []


def test_a_day_holds_the_changes_met_on_it(store: Store) -> None:
    scanned(store, [leading(FIRST)])
    scanned(store, [leading(SECOND, hours=2)])
    day = store.day(at(1), at(3)).destination_changes
    assert [(one.link, one.after) for one in day] == [(LINK, SECOND)]
    assert store.day(at(3), at(9)).destination_changes == ()
