"""What is old goes, what is needed stays, the ledger says so, and kill -9 costs nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from core import StorageError
from core.retention import Retention
from core.target import Target
from storage import (
    EvidenceFile,
    EvidenceStore,
    Period,
    Step,
    Store,
    Verification,
    case_history,
    check_decisions,
    decide,
    kept_share,
    plan_purge,
    purge,
    read_purge,
    verify_evidence,
)
from storage.purge import MARKER
from storage.session import reading
from tests.storage.purging import LATER, STEP, fill, make_old
from tests.storage.samples import at, look
from tests.storage.samples_evidence import PAGE, keep

ROOT = Path(__file__).parents[2]


def verified(store: Store) -> Verification:
    assert check_decisions(store) is None
    return verify_evidence(store.ledger, store.evidence, store.recorded_manifests())


def files(store: Store) -> set[str]:
    found = (path for path in (store.folder / "evidence").rglob("*") if path.is_file())
    return {path.name for path in found if not path.name.endswith(".purge.json")}


def counted(store: Store, table: str) -> int:
    with reading(store.database) as connection:
        return int(connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


def target(**retention: str) -> dict[str, Target]:
    one = Target(
        id="one",
        title="One",
        surface="marketing_page",
        seeds=("https://pages.test/",),
        retention=Retention(**retention),
    )
    return {"one": one}


def test_a_plan_changes_nothing(store: Store) -> None:
    fill(store)
    before = (files(store), store.ledger.head())
    planned = plan_purge(store, {}, STEP)
    assert {(case.rule, case.whole, len(case.sightings)) for case in planned.cases} == {
        ("dismissed", False, 1),
        ("gone", True, 1),
    }
    assert [(one.target_id, one.rows) for one in planned.clear] == [("one", 4)]
    assert (files(store), store.ledger.head()) == before


def test_what_is_old_goes_and_the_rest_stays(store: Store) -> None:
    fill(store)
    before = files(store)
    (done,) = purge(store, {}, STEP)
    gone = before - files(store)
    assert len(gone) == len(done.files)
    assert {file.kind for file in done.files} == {"document", "screenshot", "warc", "manifest"}
    assert (counted(store, "candidates"), counted(store, "sightings")) == (3, 2)
    assert [case.url[-9:] for case in store.scan_candidates(1)] == ["confirmed", "s.test/up"]
    history = case_history(store, "https://pages.test/dismissed")
    assert (history.work.candidate.status, len(history.decisions)) == ("dismissed", 2)
    assert kept_share(store, Period(start=at(40))).looks == 1  # the newest scan stays whole
    assert counted(store, "visits") == 3
    response = store.case("https://pages.test/up").sightings[0].evidence
    assert store.evidence.read(next(f.sha256 for f in response if f.kind == "response"), "response")


def test_the_ledger_knows_what_was_purged_by_whom(store: Store) -> None:
    fill(store)
    entries = verified(store).entries
    (done,) = purge(store, {}, STEP)
    found = verified(store)
    assert found.broken is None
    assert (found.entries, found.purged, found.purges) == (entries + 1, len(done.files), 1)
    last = store.ledger.last()
    assert last is not None
    assert last.kind == "purge"
    kept = read_purge(store.evidence, last.sha256)
    assert (kept.by, kept.why, kept.retention) == ("Wang Li", "yearly", {"one": Retention()})
    assert b"pages.test" not in kept.data
    assert purge(store, {}, STEP) == ()


def test_a_file_missing_without_a_purge_is_still_missed(store: Store) -> None:
    fill(store)
    (done,) = purge(store, {}, STEP)
    sighting = store.case("https://pages.test/confirmed").sightings[0]
    file = next(one for one in sighting.evidence if one.kind == "document")
    store.evidence.path(file.sha256, "document").unlink()
    broken = verified(store).broken
    assert broken is not None
    assert broken.problem == "the file is missing"
    assert file not in done.files


def test_what_comes_back_after_its_purge_is_missed_when_it_goes_missing(store: Store) -> None:
    fill(store)
    purge(store, {}, STEP)
    scan_id = store.begin_scan("one", "One", started_at=LATER)
    back = keep(store, "/gone", 24 * 400)
    store.record(scan_id, [back])
    assert verified(store).broken is None
    document = next(file for file in back.evidence if file.kind == "document")
    store.evidence.path(document.sha256, "document").unlink()
    broken = verified(store).broken
    assert broken is not None
    assert broken.entry > 9


def test_retention_of_the_target_decides(store: Store) -> None:
    fill(store)
    keeping = target(clear="keep", dismissed="keep", gone="keep")
    assert plan_purge(store, keeping, STEP).is_empty
    longer = plan_purge(store, target(dismissed="399d", clear="keep"), STEP)
    assert [case.rule for case in longer.cases] == ["gone"]


def test_a_removed_case_goes_only_where_the_target_says_so(store: Store) -> None:
    fill(store)
    for state in ("notice_prepared", "approved", "sent", "removed"):
        step = Step(by="Wang Li", why="took it down", at=at(24 * 10))
        decide(store, "https://pages.test/confirmed", state, step)
    make_old(store.folder)
    others = {"clear": "keep", "dismissed": "keep", "gone": "keep"}
    assert plan_purge(store, target(**others), STEP).is_empty
    assert plan_purge(store, target(**others, removed="395d"), STEP).is_empty, "since the removal"

    (done,) = purge(store, target(**others, removed="380d"), STEP)
    assert {file.kind for file in done.files} == {"document", "screenshot", "warc", "manifest"}
    assert verified(store).broken is None
    history = case_history(store, "https://pages.test/confirmed")
    assert (history.work.candidate.status, len(history.decisions)) == ("removed", 6)


def test_a_case_of_two_targets_is_kept_as_long_as_one_keeps_it(store: Store) -> None:
    fill(store)
    other = store.begin_scan("two", "Two", started_at=at(2))
    store.record(other, [keep(store, "/dismissed", 2)])
    two = target()["one"]
    targets = {"two": msgspec.structs.replace(two, id="two", retention=Retention(dismissed="keep"))}
    assert {case.rule for case in plan_purge(store, targets, STEP).cases} == {"gone"}
    assert {case.rule for case in plan_purge(store, {}, STEP).cases} == {"dismissed", "gone"}


def test_a_file_of_a_decision_or_of_a_running_scan_stays(store: Store) -> None:
    fill(store)
    again = keep(store, "/dismissed")  # as a scan that has kept and not stored yet
    fresh = LATER.timestamp()
    for file in again.evidence:
        os.utime(store.evidence.path(file.sha256, file.kind), (fresh, fresh))
    (done,) = purge(store, {}, STEP)
    assert all(store.evidence.read(file.sha256, file.kind) for file in again.evidence)
    assert set(again.evidence) & set(done.files)
    assert verified(store).broken is None


def test_evidence_that_proves_a_reopening_stays(store: Store) -> None:
    """The machine's decision names the manifest of what it saw, and so all files of it."""
    fill(store)
    url = "https://pages.test/dismissed"
    changed = keep(store, "/dismissed", 72, PAGE + b"<p>new")
    scan_id = store.begin_scan("one", "One", started_at=at(72))
    verdict = changed.verdict
    assert verdict is not None
    more = msgspec.structs.replace(verdict.evidence[0], rule="another_rule")
    verdict = msgspec.structs.replace(verdict, evidence=(*verdict.evidence, more))
    store.record(scan_id, [msgspec.structs.replace(changed, verdict=verdict)])
    assert store.case(url).candidate.status == "open"
    store.record(
        store.begin_scan("one", "One", started_at=at(96)), [look("/dismissed", 404, hours=96)]
    )
    make_old(store.folder)
    (done,) = purge(store, {}, STEP)
    assert {case.rule for case in done.cases} == {"gone"}
    assert (len(store.case(url).sightings), store.case(url).candidate.status) == (0, "open")
    assert all(store.evidence.read(file.sha256, file.kind) for file in changed.evidence)
    assert verified(store).broken is None


def test_the_reports_of_that_time_still_open(store: Store) -> None:
    fill(store)
    purge(store, {}, STEP)
    day = store.day(at(), at() + timedelta(days=1))
    assert sorted(one.candidate.url[-3:] for one in day.events) == ["/up", "med"]
    assert store.case("https://pages.test/dismissed").sightings == ()


POINTS = [
    ("put", 1),
    ("_write_marker", 1),
    ("append", 1),
    ("_move_head", 1),
    ("_carry_out", 1),
    ("_remove_case", 1),
    ("_remove_case", 2),
    ("_remove_clear", 1),
    ("_remove_files", 1),
    ("_remove_file", 1),
    ("_remove_file", 5),
]


@pytest.mark.parametrize(("function", "count"), POINTS)
def test_killed_anywhere_it_verifies_and_the_next_run_ends_it(
    store: Store, database_url: str, tmp_path: Path, function: str, count: int
) -> None:
    fill(store)
    planned = plan_purge(store, {}, STEP)
    left = files(store) - {store.evidence.path(f.sha256, f.kind).name for f in planned.files}
    environment = {**os.environ, "PROMOWATCH_DATABASE_URL": database_url}
    arguments = ["-m", "tests.storage.purging", str(store.folder), function, str(count)]
    died = subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environment, check=False)
    assert died.returncode == -signal.SIGKILL
    assert verified(store).broken is None

    done = purge(store, {}, STEP)
    found = verified(store)
    assert found.broken is None
    assert found.purges == 1
    assert found.purged == len(planned.files)
    assert [one.files for one in done] == [planned.files]
    assert (files(store), counted(store, "sightings")) == (left, 2)
    assert not (store.folder / MARKER).exists()
    assert purge(store, {}, STEP) == ()


def test_evidence_elsewhere_is_not_called_purged(store: Store, tmp_path: Path) -> None:
    fill(store)
    store.evidence = EvidenceStore(store.folder, url=f"file://{tmp_path}/shared")
    with pytest.raises(StorageError, match="does not remove files yet"):
        purge(store, {}, STEP)
    assert verified(store).purges == 0


def test_one_purge_at_a_time(store: Store) -> None:
    fill(store)

    def another(_done: int, _total: int) -> None:
        with pytest.raises(StorageError, match="another purge is running"):
            purge(store, {}, STEP)

    assert purge(store, {}, STEP, another)


@pytest.mark.parametrize(
    ("retention", "says"),
    [({"clear": "12h"}, "1d or more"), ({"gone": "soon"}, "no time span"), ({"x": "1d"}, "x")],
)
def test_a_wrong_retention_is_refused(retention: dict[str, Any], says: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=says):
        msgspec.convert(retention, Retention)


def test_a_put_makes_a_file_young(store: Store) -> None:
    file: EvidenceFile = store.evidence.put(b"once", "picture")
    path = store.evidence.path(file.sha256, "picture")
    os.utime(path, (0, 0))
    store.evidence.put(b"once", "picture")
    assert path.stat().st_mtime > 0
