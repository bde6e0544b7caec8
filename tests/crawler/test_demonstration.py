"""The demonstration site, scanned by the real command in a real browser, held to its table."""

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import psutil
import pytest

from core.document import Document
from core.gap import GapKind
from core.target import Target, load_targets
from core.verdict import Verdict
from storage import CandidateEvent, EvidenceStore, Store
from tests.scanning import ROOT, Scanned, run_promowatch, scan
from tests.site import DemonstrationSite
from tests.site.expectation import Expectation, shortfalls
from tests.site.expected import CLEAR, PAGES, VIOLATIONS
from tests.site.expected_listings import API, EXPORT, MARKET

TARGETS = load_targets(ROOT / "catalogue" / "targets")


class Kept(msgspec.Struct, frozen=True):
    """What a data folder holds after a scan: labels by place, and what is kept of candidates."""

    scanned: Scanned
    labels: dict[str, str]
    candidates: dict[str, CandidateEvent]
    evidence: EvidenceStore

    def document(self, place: str) -> Document:
        return msgspec.json.decode(self._file(place, "document"), type=Document)

    def verdict(self, place: str) -> Verdict:
        return msgspec.json.decode(self._file(place, "verdict"), type=Verdict)

    def _file(self, place: str, kind: str) -> bytes:
        files = self.candidates[place].sighting.evidence
        (found,) = [file for file in files if file.kind == kind]
        return self.evidence.read(found.sha256, found.kind)

    def holds(self, expected: Expectation, place: str) -> list[str]:
        """What the stored verdict lacks against the table."""
        if expected.label == "clear":
            assert self.labels[place] in ("clear", "undetermined"), self.candidates.get(place)
            return []
        assert place in self.candidates, f"{place} is {self.labels.get(place, 'not seen')}"
        return shortfalls(expected, self.document(place), self.verdict(place))


def _place(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _kept(scanned: Scanned, data: Path) -> Kept:
    now = datetime.now(UTC)
    with Store.open(data) as store:
        events = store.day(now - timedelta(days=1), now + timedelta(days=1)).events
    with sqlite3.connect(data / "promowatch.sqlite3") as database:
        visits = database.execute("select url, seen from visits").fetchall()
    return Kept(
        scanned=scanned,
        labels={_place(url): seen for url, seen in visits},
        candidates={e.candidate.app_id or _place(e.candidate.url): e for e in events},
        evidence=EvidenceStore(data),
    )


def _served(target: Target, site: DemonstrationSite, folder: Path) -> str:
    """A target file for `target` as `site` serves it."""
    port = urlsplit(site.url).netloc
    seeds = [
        urlsplit(seed)._replace(netloc=port).geturl() if "://" in seed else seed
        for seed in target.seeds
    ]
    path = folder / f"{target.id}.yaml"
    path.write_bytes(
        msgspec.json.encode({"targets": [{**msgspec.to_builtins(target), "seeds": seeds}]})
    )
    return str(path)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    folder = tmp_path_factory.mktemp("demonstration")
    with DemonstrationSite() as site:
        target = _served(TARGETS["demonstration"], site, folder)
        scanned = scan(target, folder / "data")
        assert "/private/draft" not in site.asked
    yield _kept(scanned, folder / "data")


@pytest.mark.parametrize(
    "expected", [e for e in VIOLATIONS if not e.robots_disallowed], ids=lambda e: e.path
)
def test_every_planted_promotion_is_found_with_its_evidence(
    pages: Kept, expected: Expectation
) -> None:
    places = [p for p in (expected.path, *expected.also_seen_as) if p in pages.labels]
    assert places, f"{expected.path} was not looked at"
    lacking = [pages.holds(expected, place) for place in places]
    assert [] in lacking, lacking


@pytest.mark.parametrize("expected", CLEAR, ids=lambda e: e.path)
def test_no_ordinary_page_is_accused(pages: Kept, expected: Expectation) -> None:
    if expected.path not in pages.labels:
        pytest.fail(f"{expected.path} was not looked at")
    pages.holds(expected, expected.path)


def test_nothing_is_reported_that_the_table_does_not_know(pages: Kept) -> None:
    known = {path for e in PAGES.values() for path in (e.path, *e.also_seen_as)}
    assert {place for place in pages.candidates if urlsplit(place).path not in
            {urlsplit(path).path for path in known}} == set()  # fmt: skip


def test_what_robots_forbid_is_not_fetched_and_is_a_gap(pages: Kept) -> None:
    assert pages.scanned.gap_kinds("/private/draft") == {"robots_disallowed"}
    assert "/private/draft" not in pages.labels


def test_the_scan_ends_well_and_prints_worst_first(pages: Kept) -> None:
    assert pages.scanned.status == 0
    scores = [line["score"] for line in pages.scanned.lines]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) == len(pages.candidates)


def test_a_rendered_page_keeps_its_screenshot(pages: Kept) -> None:
    kinds = {file.kind for file in pages.candidates["/spa/"].sighting.evidence}
    assert kinds == {"response", "warc", "full_page", "marked", "document", "verdict", "manifest"}


def test_the_page_that_hides_is_seen_only_in_wechat(pages: Kept) -> None:
    views = pages.verdict("/life/summer-noodles").views
    assert views is not None
    assert (views.seen_only_by, views.hidden_from) == (("wechat",), ("promowatch",))
    told = {e.candidate.url: e.sighting.verdict.views for e in pages.candidates.values()}
    assert [one for one in told.values() if one is not None and one.cloaking] == [views]


def test_scanning_again_gives_the_same_candidates_still_up(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("twice")
    with DemonstrationSite() as site:
        target = _served(TARGETS["demonstration"], site, folder)
        first = scan(target, folder / "data", "--render", "never")
        second = scan(target, folder / "data", "--render", "never")
    assert {c.key for c in first.candidates} == {c.key for c in second.candidates}
    assert {c.event for c in second.candidates} == {"still_up"}


@pytest.mark.parametrize(
    ("target_id", "table"),
    [
        ("demonstration-market", MARKET),
        ("demonstration-api", API),
        ("demonstration-export", EXPORT),
        ("demonstration-export-csv", EXPORT),
    ],
)
def test_listings_hold_to_their_table(
    tmp_path: Path, target_id: str, table: tuple[Expectation, ...]
) -> None:
    with DemonstrationSite() as site:
        scanned = scan(_served(TARGETS[target_id], site, tmp_path), tmp_path / "data")
    assert scanned.status == 0
    kept = _kept(scanned, tmp_path / "data")
    accused = {e.path for e in table if e.label == "violation"}
    assert set(kept.candidates) == accused
    assert scanned.summary is not None
    assert scanned.summary.looks == len(table)
    lacking = [
        line
        for expected in table
        if expected.label == "violation"
        for line in kept.holds(expected, expected.path)
    ]
    assert lacking == []


@pytest.mark.parametrize(
    ("spider", "argument", "status"),
    [
        ("marketing_pages", "target=", 0),
        ("app_listings", "target=demonstration-export", 0),
        ("marketing_pages", "target=demonstratoin", 1),
    ],
)
def test_the_spiders_run_as_plain_scrapy(
    tmp_path: Path, spider: str, argument: str, status: int
) -> None:
    with DemonstrationSite() as site:
        given = argument if argument != "target=" else f"url={site.url}"
        done = subprocess.run(
            [sys.executable, "-m", "scrapy", "crawl", spider, "-a", given],
            cwd=ROOT,
            env={**os.environ, "PROMOWATCH_DATA": str(tmp_path / "data")},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == status
    if status:
        assert "unknown target" in done.stderr
        return
    assert "Spider closed (finished)" in done.stderr
    with sqlite3.connect(tmp_path / "data" / "promowatch.sqlite3") as database:
        assert database.execute("select state from scans").fetchall() == [("finished",)]


BROKEN_READER = Path(__file__).parent / "broken_readers" / "hangs"


@pytest.mark.long
def test_a_scan_whose_second_reader_hangs_ends_with_the_gaps_named(tmp_path: Path) -> None:
    path = os.pathsep.join([str(BROKEN_READER), os.environ.get("PYTHONPATH", "")])
    with DemonstrationSite() as site:
        target = _served(TARGETS["demonstration"], site, tmp_path)
        scanned = scan(target, tmp_path / "data", PYTHONPATH=path)
    failed = [gap.reason for gap in scanned.gaps if gap.kind is GapKind.READER_FAILED]
    assert any("no answer in" in reason for reason in failed), scanned
    _ended_with_most(scanned, _kept(scanned, tmp_path / "data"))


@pytest.mark.long
def test_a_scan_whose_browser_is_killed_ends_with_the_gaps_named(tmp_path: Path) -> None:
    with DemonstrationSite() as site:
        target = _served(TARGETS["demonstration"], site, tmp_path)
        scanned = scan(target, tmp_path / "data", meanwhile=_kill_browser)
    kept = _kept(scanned, tmp_path / "data")
    drawn = [e for e in VIOLATIONS if e.needs_browser]
    unseen = [e.path for e in drawn if e.path not in kept.candidates]
    assert not unseen or "render_failed" in {gap.kind.value for gap in scanned.gaps}, unseen
    _ended_with_most(scanned, kept)


def _ended_with_most(scanned: Scanned, kept: Kept) -> None:
    assert scanned.status in (0, 3), scanned
    found = [e.path for e in VIOLATIONS if e.path in kept.candidates]
    assert len(found) > len(VIOLATIONS) / 2


def _kill_browser(running: subprocess.Popen[str]) -> None:
    """Kill Chromium as soon as it has a page, again and again until three were killed."""
    scan_process = psutil.Process(running.pid)
    killed: set[int] = set()
    while running.poll() is None and len(killed) < 3:
        with contextlib.suppress(psutil.Error):
            for child in scan_process.children(recursive=True):
                if "--type=renderer" in child.cmdline() and child.parent() is not None:
                    killed.add(_kill_all_above(child, scan_process))


def _kill_all_above(renderer: psutil.Process, scan_process: psutil.Process) -> int:
    """Kill the browser that `renderer` belongs to; gives its process id."""
    ancestors = [one for one in renderer.parents() if "chrom" in one.name()]
    browser = ancestors[-1] if ancestors else renderer
    for one in (*browser.children(recursive=True), browser):
        if one.pid != scan_process.pid:
            with contextlib.suppress(psutil.Error):
                one.kill()
    return browser.pid


def test_a_postgresql_server_keeps_what_a_file_keeps(tmp_path: Path, postgresql_url: str) -> None:
    with DemonstrationSite() as site:
        target = _served(TARGETS["demonstration"], site, tmp_path)
        in_file = scan(target, tmp_path / "file", "--render", "never")
        data = tmp_path / "server"
        arguments = ("scan", target, "--json", "--render", "never", "--data", str(data))
        done = run_promowatch(*arguments, PROMOWATCH_DATABASE_URL=postgresql_url)
    on_server = {json.loads(line)["url"] for line in done.stdout.splitlines()}
    assert on_server == {row["url"] for row in in_file.lines}
    assert len(on_server) >= 20
    assert not (data / "promowatch.sqlite3").exists()
