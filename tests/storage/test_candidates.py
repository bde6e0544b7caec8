"""What a series of scans makes of one surface."""

from __future__ import annotations

import pytest
from msgspec import structs

from core.verdict import Label
from storage import EvidenceFile, Look, Store, surface_key
from tests.storage.raw import change, rows
from tests.storage.samples import at, look, verdict

RESPONSE = EvidenceFile("response", "a" * 64, 1200)
DOCUMENT = EvidenceFile("document", "b" * 64, 800)


def scan(store: Store, *batches: list[Look], hours: float = 0.0) -> int:
    """One finished scan that records `batches` one after the other."""
    scan_id = store.begin_scan("sample", "Sample", started_at=at(hours))
    for batch in batches:
        store.record(scan_id, batch, ())
    store.finish_scan(scan_id, state="finished", finished_at=at(hours + 0.5))
    return scan_id


def events(store: Store) -> list[str]:
    return [kind for (kind,) in rows(store, "SELECT kind FROM candidate_events ORDER BY scan_id")]


LIVES: list[tuple[str, list[Label | int], list[str], str]] = [
    ("found", ["violation"], ["new"], "up"),
    ("a page for review is a candidate too", ["review"], ["new"], "up"),
    ("found again", ["violation", "violation"], ["new", "still_up"], "up"),
    ("weaker but still there", ["violation", "review"], ["new", "still_up"], "up"),
    ("cleaned", ["violation", "clear"], ["new", "gone"], "gone"),
    ("answers 404", ["violation", 404], ["new", "gone"], "gone"),
    ("answers 410", ["violation", 410], ["new", "gone"], "gone"),
    ("gone is told once", ["violation", 404, 404, "clear"], ["new", "gone"], "gone"),
    ("back", ["violation", 404, "violation"], ["new", "gone", "returned"], "up"),
    (
        "back and up",
        ["review", 404, "review", "review"],
        ["new", "gone", "returned", "still_up"],
        "up",
    ),
    ("could not tell is not gone", ["violation", "undetermined"], ["new"], "up"),
]


@pytest.mark.parametrize(("name", "seen", "expected", "presence"), LIVES)
def test_a_life_over_several_scans(
    store: Store, name: str, seen: list[Label | int], expected: list[str], presence: str
) -> None:
    for hours, one in enumerate(seen):
        scan(store, [look("/offer", one, hours=hours)], hours=hours)

    assert events(store) == expected, name
    assert rows(store, "SELECT presence FROM candidates") == [(presence,)]


@pytest.mark.parametrize("seen", ["clear", "undetermined", 404])
def test_a_surface_never_found_guilty_is_no_candidate(store: Store, seen: Label | int) -> None:
    scan_id = scan(store, [look("/calm", seen)])

    assert rows(store, "SELECT * FROM candidates") == []
    assert store.scan_summary(scan_id).looks == 1


@pytest.mark.parametrize(
    "later",
    [
        look("/offer", "clear", hours=1, degraded=True),
        look("/offer", "clear", hours=1, status=503),
        look("/offer", "clear", hours=1, status=403),
        look("/offer", "clear", hours=-1),
    ],
    ids=["degraded", "server error", "block page", "older capture"],
)
def test_a_clear_look_that_proves_nothing_leaves_the_candidate_up(
    store: Store, later: Look
) -> None:
    scan(store, [look("/offer")])
    scan(store, [later], hours=1)

    assert events(store) == ["new"]
    assert rows(store, "SELECT presence, gone_at FROM candidates") == [("up", None)]


@pytest.mark.parametrize(
    "batches",
    [
        [[look(seen="clear"), look(seen="violation", hours=0.1)]],
        [[look(seen="clear")], [look(seen="violation", hours=0.1)]],
        [[look(seen="violation"), look(seen="clear", hours=0.1)]],
        [[look(seen="violation")], [look(seen=404, hours=0.1)]],
    ],
)
def test_seen_outweighs_not_seen_within_one_scan(store: Store, batches: list[list[Look]]) -> None:
    """A page that hides from one client profile and shows itself to another is up."""
    scan(store, [look(hours=-3)], hours=-3)
    scan_id = scan(store, *batches)

    assert events(store) == ["new", "still_up"]
    assert rows(store, "SELECT presence FROM candidates") == [("up",)]
    assert store.scan_summary(scan_id).labels == {"violation": 1}


def test_scanning_twice_gives_the_same_candidates(store: Store) -> None:
    pages = [look(f"/{n}", "violation" if n % 3 == 0 else "clear") for n in range(30)]
    first = scan(store, pages)
    second = scan(
        store,
        [look(f"/{n}", "violation" if n % 3 == 0 else "clear", hours=1) for n in range(30)],
        hours=1,
    )

    assert rows(store, "SELECT count(*) FROM candidates") == [(10,)]
    assert store.scan_summary(first).events == {"new": 10}
    assert store.scan_summary(second).events == {"still_up": 10}
    assert [row.key for row in store.scan_candidates(first)] == [
        row.key for row in store.scan_candidates(second)
    ]


def test_one_scan_keeps_one_sighting_per_content(store: Store) -> None:
    same = look(content="one", evidence=(RESPONSE,))
    other = look(content="two", evidence=(RESPONSE, DOCUMENT))
    scan_id = scan(store, [same, same], [same, other])

    assert rows(store, "SELECT count(*) FROM candidates") == [(1,)]
    assert rows(store, "SELECT count(*) FROM sightings") == [(2,)]
    assert rows(store, "SELECT count(*) FROM evidence_files") == [(3,)]
    assert len(store.scan_candidates(scan_id)) == 1
    assert store.scan_summary(scan_id).events == {"new": 1}


def test_recording_a_batch_again_changes_nothing(store: Store) -> None:
    batch = [look(evidence=(RESPONSE,)), look("/calm", "clear")]
    scan(store, batch, batch)

    for table, count in (("candidates", 1), ("sightings", 1), ("visits", 2), ("evidence_files", 1)):
        assert rows(store, f"SELECT count(*) FROM {table}") == [(count,)], table
    assert events(store) == ["new"]


def test_first_seen_last_seen_and_best_score_follow_the_captures(store: Store) -> None:
    scan(store, [look(hours=0, score=0.7)])
    scan(store, [look(hours=5, score=0.9)], hours=5)
    scan(store, [look(hours=-48, score=0.8)], hours=6)
    (row,) = store.scan_candidates(3)

    assert (row.first_seen, row.last_seen) == (at(-48), at(5))
    assert row.score == pytest.approx(0.8)
    assert rows(store, "SELECT best_score FROM candidates") == [(0.9,)]


def test_an_old_capture_does_not_bring_a_candidate_back(store: Store) -> None:
    scan(store, [look()])
    scan(store, [look(seen=404, hours=5)], hours=5)
    scan(store, [look(hours=2, content="archived")], hours=9)

    assert events(store) == ["new", "gone"]
    assert rows(store, "SELECT presence FROM candidates") == [("gone",)]
    assert rows(store, "SELECT count(*) FROM sightings") == [(2,)]
    assert store.scan_candidates(3)[0].event is None


def test_a_rescan_never_touches_what_a_person_decided(store: Store) -> None:
    scan(store, [look()])
    change(store, "UPDATE candidates SET status = 'dismissed'")
    scan(store, [look(hours=1, score=0.99)], hours=1)
    scan(store, [look(seen=404, hours=2)], hours=2)

    assert rows(store, "SELECT status, best_score FROM candidates") == [("dismissed", 0.99)]


def test_a_listing_entry_is_one_candidate_wherever_its_page_moves(store: Store) -> None:
    def entry(url: str, hours: float) -> Look:
        return Look(
            key=surface_key("mini_program", url, "demo-platform", "wx01"),
            surface="mini_program",
            url=url,
            title="行情助手",
            platform="demo-platform",
            app_id="wx01",
            seen_at=at(hours),
            status=None,
            content_sha256="c" * 64,
            verdict=verdict("violation"),
        )

    scan(store, [entry("https://list.test/p/1", 0)])
    second = scan(store, [entry("https://list.test/q/7", 1)], hours=1)
    (row,) = store.scan_candidates(second)

    assert rows(store, "SELECT count(*) FROM candidates") == [(1,)]
    assert (row.url, row.platform, row.app_id) == ("https://list.test/q/7", "demo-platform", "wx01")


HOSTILE = "\x1b[31m\u202eevil\x00\ud83d"


def test_hostile_text_is_stored_and_never_costs_the_batch(store: Store) -> None:
    import msgspec

    bad = look("/bad")
    assert bad.verdict
    evidence = msgspec.structs.replace(bad.verdict.evidence[0], quote=HOSTILE)
    bad = msgspec.structs.replace(
        bad,
        url=f"https://pages.test/{HOSTILE}",
        title=HOSTILE,
        platform=HOSTILE,
        app_id=HOSTILE,
        verdict=msgspec.structs.replace(bad.verdict, evidence=(evidence,)),
    )
    scan_id = scan(store, [look("/good"), bad])
    shown = store.scan_candidates(scan_id)

    assert len(shown) == 2
    for row in shown:
        for text in (
            row.url,
            row.title,
            row.platform,
            row.app_id,
            *map(row.headline.text, ("zh", "en")),
        ):
            assert text.isprintable(), text
    (event,) = [e for e in store.day(at(-1), at(1)).events if "evil" in e.candidate.title]
    assert event.sighting.verdict.evidence[0].quote == "\x1b[31m\u202eevil\ufffd?"


def repeated(path: str, hours: float = 0.0) -> Look:
    found = look(path, "violation", hours=hours)
    assert found.verdict is not None
    return structs.replace(found, verdict=structs.replace(found.verdict, repeated=True))


def test_a_finding_of_the_whole_site_opens_no_candidate_and_closes_none(store: Store) -> None:
    scan(store, [look("/first"), repeated("/second")])
    scan(store, [repeated("/first", 24), repeated("/second", 24)], hours=24)
    assert rows(store, "SELECT count(*) FROM candidates") == [(1,)]
    assert events(store) == ["new", "still_up"]
    seen = rows(store, "SELECT seen, count(*) FROM visits GROUP BY seen ORDER BY seen")
    assert seen == [("repeated", 3), ("violation", 1)]
