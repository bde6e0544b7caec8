"""`promowatch scan` as a user meets it: what it accepts, refuses, prints, and how it ends."""

import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.scanning import ROOT, run_promowatch, scan, write_target
from tests.site import DemonstrationSite

DATABASE = "promowatch.sqlite3"
PROMOTION = (
    "<html><head><meta charset=utf-8><title>开户福利</title></head><body><p>欧易注册链接："
    "<a href='https://www.okx.com/join/DEMO7788'>点击注册</a>，填写邀请码 DEMO7788 手续费返佣 20%。"
    "</p></body></html>"
)
ORDINARY = "<title>菜谱</title><body><p>今天教大家做山东大饼，先和面。</p></body>"


@pytest.mark.parametrize(
    ("argument", "says"),
    [
        ("demonstratoin", "unknown target `demonstratoin`; did you mean `demonstration"),
        ("example.com", "a site is https://example.com/"),
        ("ftp://example.com/", "`ftp:` is not scanned"),
        ("https://", "has no host name"),
        ("no-such-file.html", "neither a target nor a file"),
    ],
)
def test_a_target_that_is_none_is_one_line_and_status_2(
    tmp_path: Path, argument: str, says: str
) -> None:
    done = run_promowatch("scan", argument, "--data", str(tmp_path / "data"))
    assert done.returncode == 2
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("yaml", "says"),
    [
        ("targets: [", "malformed YAML"),
        ("targets:\n  - id: a\n    titel: x\n", "did you mean `title`?"),
        ("targets:\n  - id: a\n    id: b\n", "duplicate key `id`, first on line 2"),
        ("targets: []\n", "has 0 targets"),
        (
            "targets:\n  - id: a\n    title: a\n    surface: marketing_page\n    seeds: [http://a.test/]\n"
            "    politeness: {obey_robots: false}\n",
            "without a `reason`",
        ),
    ],
)
def test_a_wrong_target_file_names_the_line(tmp_path: Path, yaml: str, says: str) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(yaml, encoding="utf-8")
    done = run_promowatch("scan", str(path), "--data", str(tmp_path / "data"))
    assert done.returncode == 2
    assert says in done.stderr
    assert "wrong.yaml" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "content"), [("picture.html", b"\x89PNG\r\n\x1a\n" + bytes(80)), ("empty.html", b"")]
)
def test_a_file_that_is_none_of_ours_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    done = run_promowatch("scan", str(path), "--data", str(tmp_path / "data"))
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_saved_page_is_judged_with_reason_and_evidence(tmp_path: Path) -> None:
    page = tmp_path / "saved.html"
    page.write_text(PROMOTION, encoding="utf-8")
    scanned = scan(str(page), tmp_path / "data")
    assert scanned.status == 0
    (line,) = scanned.lines
    assert line["label"] == "violation"
    assert line["reason_zh"]
    assert line["reason_en"]
    kinds = {path.suffix for path in (tmp_path / "data").rglob("*") if path.is_file()}
    assert {".html", ".json"} & kinds or kinds


def test_a_saved_page_with_nothing_in_it_is_status_0_and_an_empty_list(tmp_path: Path) -> None:
    page = tmp_path / "saved.html"
    page.write_text(ORDINARY, encoding="utf-8")
    scanned = scan(str(page), tmp_path / "data")
    assert (scanned.status, scanned.lines) == (0, ())


def test_the_table_is_harmless_and_worst_first(tmp_path: Path) -> None:
    page = tmp_path / "saved.html"
    page.write_text(PROMOTION.replace("开户福利", "开户\x1b[31m福利\u202e"), encoding="utf-8")
    done = run_promowatch("scan", str(page), "--data", str(tmp_path / "data"), "--lang", "zh")
    assert done.returncode == 0
    assert "\x1b[31m" not in done.stdout
    assert "\u202e" not in done.stdout
    assert "违规" in done.stdout


def test_scanning_twice_gives_the_same_candidates(tmp_path: Path) -> None:
    page = tmp_path / "saved.html"
    page.write_text(PROMOTION, encoding="utf-8")
    first = scan(str(page), tmp_path / "data")
    second = scan(str(page), tmp_path / "data")
    assert [c.key for c in first.candidates] == [c.key for c in second.candidates]
    with sqlite3.connect(tmp_path / "data" / DATABASE) as database:
        assert database.execute("select count(*) from candidates").fetchone() == (1,)


def test_ctrl_c_keeps_what_was_found(tmp_path: Path) -> None:
    with DemonstrationSite() as site:
        target = write_target(
            tmp_path / "slow.yaml",
            seeds=[site.url],
            politeness={"autothrottle": False, "delay_seconds": 0.3, "reason": "slow on purpose"},
            network={"allow": ["127.0.0.1", "127.0.0.2", "localhost"]},
        )
        process = subprocess.Popen(
            [sys.executable, "-m", "promowatch", "scan", target, "--data", str(tmp_path / "data")],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        wait_for_looks(tmp_path / "data", at_least=3)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "what was found is kept" in err
    assert "Traceback" not in err
    with sqlite3.connect(tmp_path / "data" / DATABASE) as database:
        assert database.execute("select state from scans").fetchone() == ("interrupted",)
        assert database.execute("select count(*) from visits").fetchone()[0] >= 3
    assert out


def wait_for_looks(data: Path, at_least: int) -> None:
    """Until the running scan has stored some looks; its pace is the only clock."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with sqlite3.connect(f"file:{data / DATABASE}?mode=ro", uri=True) as database:
                if database.execute("select count(*) from visits").fetchone()[0] >= at_least:
                    return
        except sqlite3.OperationalError:
            pass  # not there yet
        time.sleep(0.1)
    raise AssertionError("the scan stored nothing")


def test_a_data_folder_that_cannot_be_used_is_told_before_anything_is_fetched(
    tmp_path: Path,
) -> None:
    (tmp_path / "data").write_text("a file where a folder should be")
    page = tmp_path / "saved.html"
    page.write_text(PROMOTION, encoding="utf-8")
    done = run_promowatch("scan", str(page), "--data", str(tmp_path / "data"))
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_a_read_only_data_folder_is_one_line(tmp_path: Path) -> None:
    page = tmp_path / "saved.html"
    page.write_text(PROMOTION, encoding="utf-8")
    done = run_promowatch("scan", str(page), "--data", "/proc/self/data")
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_full_disk_ends_the_scan_with_one_line(tmp_path: Path) -> None:
    pages = tmp_path / "pages.jsonl"
    row = {"platform": "wechat", "name": "行情助手", "intro": "欧易合约带单，邀请码 DEMO7788 返佣"}
    pages.write_text(
        "".join(
            json.dumps({**row, "app_id": f"wx{n:016x}"}, ensure_ascii=False) + "\n"
            for n in range(3_000)
        ),
        encoding="utf-8",
    )

    def small_files_only() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))

    done = subprocess.run(
        [sys.executable, "-m", "promowatch", "scan", str(pages), "--data", str(tmp_path / "data")],
        cwd=ROOT,
        env={**os.environ},
        preexec_fn=small_files_only,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "promowatch:" in done.stderr


def test_a_database_locked_by_another_process_is_one_line(tmp_path: Path) -> None:
    page = tmp_path / "saved.html"
    page.write_text(PROMOTION, encoding="utf-8")
    data = tmp_path / "data"
    assert scan(str(page), data).status == 0
    holder = sqlite3.connect(data / DATABASE, isolation_level=None)
    holder.execute("begin exclusive")
    try:
        done = run_promowatch("scan", str(page), "--data", str(data))
    finally:
        holder.rollback()
        holder.close()
    assert done.returncode == 1
    assert "locked" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command",
    ["", "scan", "demo", "report", "classify", "targets", "lint", "listings", "db", "evidence"],
)
def test_every_command_has_help(command: str) -> None:
    done = run_promowatch(*([command] if command else []), "--help")
    assert done.returncode == 0
    assert "Usage" in done.stdout
