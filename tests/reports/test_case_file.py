"""A case file holds all that proves a candidate, and can be checked without this program."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from core import BadInput, StorageError
from reports import write_case_file
from reports.case_words import CASE_TABLE
from storage import Store, stamp_ledger
from tests.storage.samples import at, look
from tests.storage.samples_evidence import PAGE, filled, keep
from tests.storage.time_stamp_authority import Authority, serving

URL = "https://pages.test/offer"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Three candidates; the one of the case was seen in two scans."""
    folder = filled(tmp_path / "data", "/first", "/offer", "/other")
    with Store.open(folder) as store:
        scan_id = store.begin_scan("sample", "Sample", started_at=at(24))
        store.record(scan_id, [keep(store, "/offer", 24, b"<script>alert(1)</script>")])
        keep(store, "/other", 25)
    return folder


def exported(data: Path, out: Path, named: str = URL, lang: str = "en") -> zipfile.ZipFile:
    with Store.open(data) as store:
        write_case_file(store, named, out, lang)
    return zipfile.ZipFile(out)


def test_everything_of_both_sightings_is_in_it(data: Path, tmp_path: Path) -> None:
    archive = exported(data, tmp_path / "case.zip")
    kept = (
        "capture.warc.gz",
        "document.json",
        "manifest.json",
        "response.bin",
        "screenshot.jpg",
        "verdict.json",
    )
    assert archive.testzip() is None
    assert set(archive.namelist()) == {
        "index.html",
        "summary.json",
        "ledger/entries.jsonl",
        "ledger/proof.json",
        *(f"sightings/{number}/{name}" for number in ("001", "002") for name in kept),
    }
    assert archive.read("sightings/001/response.bin") == PAGE


def test_each_file_is_what_manifest_and_ledger_say(data: Path, tmp_path: Path) -> None:
    archive = exported(data, tmp_path / "case.zip")
    entries = [json.loads(line) for line in archive.read("ledger/entries.jsonl").splitlines()]
    vouched = {entry["sha256"] for entry in entries if entry["kind"] == "capture"}
    by_hash = {hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}
    for number in ("001", "002"):
        manifest = archive.read(f"sightings/{number}/manifest.json")
        assert hashlib.sha256(manifest).hexdigest() in vouched
        assert {file["sha256"] for file in json.loads(manifest)["files"]} <= by_hash


def test_the_proof_is_enough_to_follow_the_chain(data: Path, tmp_path: Path) -> None:
    """With nothing but the archive and the standard library, as an outsider would."""
    archive = exported(data, tmp_path / "case.zip")
    proof = json.loads(archive.read("ledger/proof.json"))
    entries = [json.loads(line) for line in archive.read("ledger/entries.jsonl").splitlines()]
    hashes, previous = {}, proof["previous"]
    for number, content in enumerate(proof["contents"], start=proof["first_number"]):
        previous = _sha256({"content": content, "number": number, "previous": previous})
        hashes[number] = previous

    assert [entry["number"] for entry in entries] == [3, 4, 7, 8]
    assert [entry["hash"] for entry in entries] == [hashes[entry["number"]] for entry in entries]
    for entry in entries:
        said = {name: entry[name] for name in ("at", "kind", "sha256", "subject")}
        assert proof["contents"][entry["number"] - proof["first_number"]] == _sha256(said)
    assert (proof["last_number"], proof["last_hash"]) == (10, previous)
    assert json.loads((data / "ledger.head").read_bytes())["hash"] == previous


def test_other_candidates_are_not_told(data: Path, tmp_path: Path) -> None:
    archive = exported(data, tmp_path / "case.zip")
    told = b"".join(archive.read(name) for name in archive.namelist() if "ledger" in name)
    with Store.open(data) as store:
        other = store.case("https://pages.test/other").candidate.key
    assert other.encode() not in told


def test_a_stamped_chain_ends_at_its_stamp(data: Path, tmp_path: Path) -> None:
    authority = Authority(tmp_path / "authority")
    with serving(authority) as url, Store.open(data) as store:
        entry = stamp_ledger(store.ledger, store.evidence, url)
        keep(store, "/later", 30)
    archive = exported(data, tmp_path / "case.zip")
    proof = json.loads(archive.read("ledger/proof.json"))
    assert entry is not None
    assert (proof["stamped"], proof["last_hash"]) == (True, entry.subject)
    assert hashlib.sha256(archive.read("ledger/time-stamp.tsr")).hexdigest() == entry.sha256
    assert entry.subject in archive.read("index.html").decode()
    assert archive.read("ledger/entries.jsonl").endswith(entry.line)


def test_the_warc_opens(data: Path, tmp_path: Path) -> None:
    archive = exported(data, tmp_path / "case.zip")
    stream = io.BytesIO(archive.read("sightings/002/capture.warc.gz"))
    bodies = [
        r.content_stream().read() for r in ArchiveIterator(stream) if r.rec_type == "response"
    ]
    assert bodies == [b"moved", b"<script>alert(1)</script>"]


def test_the_same_evidence_gives_the_same_bytes(data: Path, tmp_path: Path) -> None:
    for name in ("one.zip", "two.zip"):
        exported(data, tmp_path / name)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    infos = zipfile.ZipFile(tmp_path / "one.zip").infolist()
    times = {info.filename: info.date_time for info in infos}
    assert times["sightings/001/manifest.json"] == (2026, 3, 2, 9, 0, 0)
    assert times["sightings/002/manifest.json"] == (2026, 3, 3, 8, 0, 0)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_index_is_readable_and_nothing_of_theirs_can_be_clicked(
    data: Path, tmp_path: Path, lang: str
) -> None:
    page = exported(data, tmp_path / "case.zip", lang=lang).read("index.html").decode()
    assert CASE_TABLE["title"].text(lang) in page
    assert ("推荐链接" if lang == "zh" else "referral link") in page
    assert "hxxps://pages[.]test/offer" in page
    assert "hxxps://pages[.]test/short" in page
    assert "https://pages.test" not in page
    assert not re.search(r"<(a|script|img|iframe|form|link)\b|\bon\w+=|javascript:", page)


def test_hostile_names_reach_no_file_name_and_no_markup(tmp_path: Path) -> None:
    path = "/<img%20src=x>/../../etc"
    data = filled(tmp_path / "data", path)
    with Store.open(data) as store:
        scan_id = store.begin_scan("sample", "Sample", started_at=at())
        hostile = look(path, evidence=())
        store.record(scan_id, [hostile])
        write_case_file(store, hostile.key[:8], tmp_path / "case.zip", "en")
    archive = zipfile.ZipFile(tmp_path / "case.zip")
    assert all(re.fullmatch(r"[a-z0-9/.-]+", name) for name in archive.namelist())
    assert all(".." not in name for name in archive.namelist())
    assert "<img" not in archive.read("index.html").decode()


def test_a_sighting_older_than_the_ledger_is_exported_and_said_to_be(tmp_path: Path) -> None:
    with Store.open(tmp_path / "data") as store:
        scan_id = store.begin_scan("sample", "Sample", started_at=at())
        store.record(scan_id, [look("/old", evidence=(store.evidence.put(PAGE, "response"),))])
        write_case_file(store, "https://pages.test/old", tmp_path / "case.zip", "en")
    archive = zipfile.ZipFile(tmp_path / "case.zip")
    page = archive.read("index.html").decode()
    assert archive.namelist() == ["index.html", "summary.json", "sightings/001/response.bin"]
    assert CASE_TABLE["not_recorded"].en in page
    assert CASE_TABLE["ledger_none"].en in page


def test_changed_evidence_is_not_exported(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "case.zip"
    (path,) = [p for p in (data / "evidence").rglob("*.jpg") if b"/offer" in p.read_bytes()]
    path.write_bytes(b"another picture")
    with pytest.raises(StorageError, match="was changed: its content has another SHA-256"):
        exported(data, out)
    assert list(tmp_path.iterdir()) == [data], "nothing is left behind"


def test_a_changed_ledger_is_not_exported(data: Path, tmp_path: Path) -> None:
    path = data / "ledger.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:4], *lines[5:]]))
    with pytest.raises(StorageError, match=r"changed at entry 6: .* evidence verify`"):
        exported(data, tmp_path / "case.zip")


@pytest.mark.parametrize("named", ["ffffffff", "https://pages.test/none", "", "%", "0123\x1b[31m"])
def test_no_such_candidate(data: Path, tmp_path: Path, named: str) -> None:
    with pytest.raises(BadInput, match="no candidate is called") as error:
        exported(data, tmp_path / "case.zip", named)
    assert "\x1b" not in str(error.value)


def test_a_beginning_that_several_keys_share_is_refused(tmp_path: Path) -> None:
    with Store.open(tmp_path / "data") as store:
        scan_id = store.begin_scan("sample", "Sample", started_at=at())
        looks = [look(f"/{n}") for n in range(700)]
        store.record(scan_id, looks)
        by_start: dict[str, int] = {}
        for one in looks:
            by_start[one.key[:4]] = by_start.get(one.key[:4], 0) + 1
        shared = next(start for start, count in by_start.items() if count > 1)
        with pytest.raises(BadInput, match="names more than one candidate; give one key: "):
            store.case(shared)
        assert store.case(looks[0].key).candidate.url == looks[0].url


def test_a_place_that_cannot_be_written(data: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(StorageError, match=r"the case file .* was not written"):
        exported(data, tmp_path / "taken" / "case.zip")


def test_both_languages_say_the_same_things() -> None:
    for key, words in CASE_TABLE.items():
        fields = [
            {name for _, name, _, _ in Formatter().parse(t) if name} for t in (words.zh, words.en)
        ]
        assert fields[0] == fields[1], key
        assert words.zh != words.en, key


def _sha256(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
