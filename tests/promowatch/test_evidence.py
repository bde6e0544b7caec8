"""`promowatch evidence` as a user meets it."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from storage import Store
from tests.promowatch.test_scan import PROMOTION, wait_for_looks
from tests.scanning import ROOT, run_promowatch, scan
from tests.storage.samples_evidence import filled
from tests.storage.time_stamp_authority import Authority, serving


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return filled(tmp_path / "data", "/a", "/b")


def test_evidence_that_stands_is_one_line_and_status_0(data: Path) -> None:
    done = run_promowatch("evidence", "verify", "--data", str(data))
    assert done.returncode == 0
    assert done.stdout.startswith("evidence holds: 4 ledger entries, 10 files, ")
    assert done.stderr == ""


def test_a_break_names_entry_file_and_difference_and_is_status_1(data: Path) -> None:
    path = data / "ledger.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"number":3', b'"number":8'))
    done = run_promowatch("evidence", "verify", "--data", str(data))
    assert done.returncode == 1
    assert done.stdout.startswith("BROKEN at entry 3, ledger.jsonl: the entry was edited")

    told = json.loads(run_promowatch("evidence", "verify", "--json", "--data", str(data)).stdout)
    assert told["broken"]["entry"] == 3
    assert told["broken"]["file"] == "ledger.jsonl"
    assert told["entries"] == 2


def test_checking_makes_no_data_folder(tmp_path: Path) -> None:
    done = run_promowatch("evidence", "verify", "--data", str(tmp_path / "none"))
    assert done.returncode == 2
    assert "there is no data folder" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_copy_without_its_database_is_checked_and_none_is_made(data: Path) -> None:
    for path in data.glob("promowatch.sqlite3*"):
        path.unlink()
    done = run_promowatch("evidence", "verify", "--data", str(data))
    assert done.returncode == 0
    assert done.stdout.startswith("note: there is no database here: ledger and files alone")
    assert "evidence holds: 4 ledger entries" in done.stdout
    assert list(data.glob("promowatch.sqlite3*")) == []


def test_a_damaged_database_keeps_nobody_from_checking(data: Path) -> None:
    (data / "promowatch.sqlite3").write_bytes(b"no database at all" * 1_000)
    done = run_promowatch("evidence", "verify", "--data", str(data))
    assert done.returncode == 0
    assert "is damaged or no database" in done.stdout


def test_a_scanned_page_becomes_a_case_file(tmp_path: Path) -> None:
    page = tmp_path / "saved.html"
    page.write_text(PROMOTION, encoding="utf-8")
    scanned = scan(str(page), tmp_path / "data")
    key = scanned.candidates[0].key
    out = tmp_path / "case.zip"
    arguments = ("--out", str(out), "--data", str(tmp_path / "data"), "--lang", "zh")
    done = run_promowatch("evidence", "export", key[:8], *arguments, "--json")

    assert done.returncode == 0
    assert json.loads(done.stdout) == {
        "file": str(out),
        "key": key,
        "sightings": 1,
        "files": 5,
        "ledger_entries": 2,
    }
    assert "案件材料" in zipfile.ZipFile(out).read("index.html").decode()
    assert run_promowatch("evidence", "export", "0" * 32, *arguments).returncode == 2


def test_a_scan_killed_at_once_leaves_evidence_that_stands(tmp_path: Path) -> None:
    rows, data = tmp_path / "rows.jsonl", tmp_path / "data"
    row = {"platform": "wechat", "name": "行情助手", "intro": "欧易合约带单，邀请码 DEMO7788 返佣"}
    rows.write_text(
        "".join(json.dumps({**row, "app_id": f"wx{n:016x}"}) + "\n" for n in range(5_000)),
        encoding="utf-8",
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "promowatch", "scan", str(rows), "--data", str(data)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_for_looks(data, at_least=10)
    process.kill()
    process.wait(60)

    killed = run_promowatch("evidence", "verify", "--json", "--data", str(data))
    assert killed.returncode == 0, killed.stdout
    entries = json.loads(killed.stdout)["entries"]
    assert 20 <= entries < 10_000
    changed = rows.read_text().replace("DEMO7788", "DEMO7799").splitlines(keepends=True)[:20]
    rows.write_text("".join(changed), encoding="utf-8")
    assert scan(str(rows), data).status == 0
    again = run_promowatch("evidence", "verify", "--json", "--data", str(data))
    assert again.returncode == 0, again.stdout
    assert json.loads(again.stdout)["entries"] >= entries + 40


def test_a_scan_is_stamped_at_its_end_and_goes_well_without(tmp_path: Path) -> None:
    page = tmp_path / "saved.html"
    page.write_text(PROMOTION, encoding="utf-8")
    data, authority = tmp_path / "data", Authority(tmp_path / "authority")
    with serving(authority) as url:
        arguments = ("scan", str(page), "--data", str(data))
        assert run_promowatch(*arguments, PROMOWATCH_TSA_URL=url).returncode == 0
    certificates = ("--tsa-certificates", str(authority.root))
    done = run_promowatch("evidence", "verify", "--data", str(data), *certificates)
    assert done.returncode == 0
    assert "UTC, signature checked" in done.stdout

    unreachable = run_promowatch(*arguments, PROMOWATCH_TSA_URL="http://127.0.0.1:1/")
    assert unreachable.returncode == 0
    assert "gave no time stamp" in unreachable.stderr
    assert "run `promowatch evidence stamp` later" in unreachable.stderr
    with serving(authority) as url:
        later = run_promowatch("evidence", "stamp", "--tsa-url", url, "--data", str(data))
    assert later.stdout.startswith("stamped up to entry 5: ")
    with Store.open(data) as store:
        assert len(list(store.ledger.lines())) == 6


def test_stamping_needs_an_authority(data: Path) -> None:
    done = run_promowatch("evidence", "stamp", "--data", str(data), PROMOWATCH_TSA_URL="")
    assert done.returncode == 2
    assert "PROMOWATCH_TSA_URL" in done.stderr
