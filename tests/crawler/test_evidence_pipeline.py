"""What a real scan leaves behind: WARC, manifest and ledger that agree with each other."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from storage import SOFTWARE, Case, Manifest, Store, read_manifest, verify_evidence
from storage.ledger_entry import read_entry
from tests.scanning import Scanned, scan, write_target
from tests.site import DemonstrationSite

FIXED = ("/s/a", "/old/gb")


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Scanned, Store, str]]:
    folder = tmp_path_factory.mktemp("evidence")
    with DemonstrationSite() as site:
        url = site.url.rstrip("/")
        target = write_target(
            folder / "fixed.yaml",
            seeds=[url + path for path in FIXED],
            rendering="never",
            scope={"depth": 0},
        )
        done = scan(target, folder / "data")
    with Store.open(folder / "data") as store:
        yield done, store, url


def manifest_of(store: Store, case: Case) -> Manifest:
    (file,) = [file for file in case.sightings[0].evidence if file.kind == "manifest"]
    return read_manifest(store.evidence, file.sha256)


def test_a_scan_leaves_evidence_that_stands(scanned: tuple[Scanned, Store, str]) -> None:
    done, store, _ = scanned
    found = verify_evidence(store.ledger, store.evidence, store.recorded_manifests())
    assert done.status == 0
    assert (found.broken, found.remarks) == (None, ())
    assert found.entries == 2 * len(done.candidates) == 4
    assert len(store.recorded_manifests()) == 2


def test_capture_and_verdict_of_each_candidate_are_in_the_ledger(
    scanned: tuple[Scanned, Store, str],
) -> None:
    done, store, _ = scanned
    written = {
        (entry.subject, entry.kind, entry.sha256) for entry in map(read_entry, store.ledger.lines())
    }
    for candidate in done.candidates:
        case = store.case(candidate.key)
        hashes = {file.kind: file.sha256 for file in case.sightings[0].evidence}
        assert (candidate.key, "capture", hashes["manifest"]) in written
        assert (candidate.key, "verdict", hashes["verdict"]) in written


def test_the_manifest_says_how_the_files_came_about(scanned: tuple[Scanned, Store, str]) -> None:
    _, store, url = scanned
    case = store.case(f"{url}/s/a")
    manifest = manifest_of(store, case)

    assert manifest.key == case.candidate.key
    assert manifest.requested_url == f"{url}/s/a"
    assert manifest.final_url == f"{url}/s/b"
    assert [(hop.url, hop.kind, hop.status) for hop in manifest.hops] == [
        (f"{url}/s/a", "http", 302)
    ]
    assert manifest.leads_to.startswith("https://www.okx.com/")
    assert (manifest.profile, manifest.software) == ("promowatch", SOFTWARE)
    assert manifest.ruleset_version == case.sightings[0].verdict.ruleset_version
    assert manifest.taken_at == case.sightings[0].seen_at
    for file in manifest.files:
        data = store.evidence.path(file.sha256, file.kind).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (file.size_bytes, file.sha256)


def test_the_warc_holds_what_the_site_sent(scanned: tuple[Scanned, Store, str]) -> None:
    _, store, url = scanned
    manifest = manifest_of(store, store.case(f"{url}/old/gb"))
    hashes = {file.kind: file.sha256 for file in manifest.files}
    stream = io.BytesIO(store.evidence.read(hashes["warc"], "warc"))
    (response,) = [
        (record.http_headers.headers, record.content_stream().read())
        for record in ArchiveIterator(stream)
        if record.rec_type == "response"
    ]

    assert response[1] == store.evidence.read(hashes["response"], "response")
    assert tuple(response[0]) == manifest.headers
    assert "老网页存档" in response[1].decode("gb18030")


def test_redirects_are_records_of_their_own(scanned: tuple[Scanned, Store, str]) -> None:
    _, store, url = scanned
    manifest = manifest_of(store, store.case(f"{url}/s/a"))
    (sha256,) = [file.sha256 for file in manifest.files if file.kind == "warc"]
    answers = [
        (
            record.rec_headers.get_header("WARC-Target-URI"),
            record.http_headers.get_statuscode(),
            record.http_headers.get_header("location"),
        )
        for record in ArchiveIterator(io.BytesIO(store.evidence.read(sha256, "warc")))
        if record.rec_type == "response"
    ]
    assert answers == [
        (f"{url}/s/a", "302", "/s/b"),
        (f"{url}/s/b", "302", manifest.leads_to),
    ]


def test_two_scans_at_once_share_one_ledger(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    pages = []
    for name in ("one", "two"):
        page = tmp_path / f"{name}.html"
        page.write_text(
            f"<title>开户福利 {name}</title><p>欧易注册链接：<a href='https://www.okx.com/join/D{name}'>"
            "点击注册</a>，填写邀请码 DEMO7788 手续费返佣 20%。</p>",
            encoding="utf-8",
        )
        pages.append(str(page))
    with ThreadPoolExecutor() as pool:
        scans = list(pool.map(lambda page: scan(page, tmp_path / "data"), pages))
    assert [done.status for done in scans] == [0, 0]
    with Store.open(tmp_path / "data") as store:
        found = verify_evidence(store.ledger, store.evidence, store.recorded_manifests())
    assert (found.broken, found.entries) == (None, 4)
