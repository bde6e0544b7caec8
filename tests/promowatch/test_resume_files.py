"""Files that are cut off: one that was not finished is read again, and nothing is there twice."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests import package_files as made
from tests.crawler.sources.test_warc_file import Archive
from tests.promowatch.resuming import done_identities, outcome, resume_to_the_end, run_scan
from tests.promowatch.test_scan import DATABASE, PROMOTION, wait_for_looks

PACKAGES = 150
RECORDS = 2_500


def killed_after(looks: int, data: Path) -> Callable[[subprocess.Popen[str]], None]:
    """Kills a scan once it has stored some looks."""

    def kill(running: subprocess.Popen[str]) -> None:
        wait_for_looks(data, at_least=looks)
        running.send_signal(signal.SIGKILL)

    return kill


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    folder = tmp_path / "packages"
    folder.mkdir()
    for number in range(PACKAGES):
        promoting = number % 7 == 3
        text = PROMOTION if promoting else f"<view>今天的第{number}道菜，先和面。</view>"
        body = made.wxapkg({**made.MEMBERS, f"pages/{number}.wxml": text.encode()})
        (folder / f"{number:03}.wxapkg").write_bytes(body[:40] if number % 20 == 9 else body)
    return folder


def test_a_folder_of_packages_goes_on_at_its_file(packages: Path, tmp_path: Path) -> None:
    whole, data = tmp_path / "whole", tmp_path / "data"
    assert run_scan(str(packages), data=whole).returncode in (0, 3)
    expected = outcome(whole)
    assert expected.count("candidates") > 15
    assert expected.count("gaps") > 5
    killed = run_scan(str(packages), data=data, meanwhile=killed_after(1, data))
    assert killed.returncode == -signal.SIGKILL
    done = done_identities(data)
    assert 0 < len(done) < PACKAGES
    resume_to_the_end(data)
    assert expected.differs(outcome(data)) == {}


def test_an_archive_that_was_not_finished_is_read_again(tmp_path: Path) -> None:
    archive, whole, data = tmp_path / "saved.warc.gz", tmp_path / "whole", tmp_path / "data"
    written = Archive()
    for number in range(RECORDS):
        body = PROMOTION if number % 50 == 7 else f"<p>第{number}页：今天的菜谱，先和面。</p>"
        body = "" if number % 500 == 9 else body
        written.response(f"https://pages.test/{number}", body.encode())
    archive.write_bytes(written.file.getvalue())
    assert run_scan(str(archive), data=whole).returncode in (0, 3)
    expected = outcome(whole)
    assert expected.count("gaps") == RECORDS / 500
    killed = run_scan(str(archive), data=data, meanwhile=killed_after(500, data))
    assert killed.returncode == -signal.SIGKILL
    with closing(sqlite3.connect(data / DATABASE)) as database:
        assert database.execute("SELECT count(*) FROM visits").fetchone()[0] < RECORDS
    resume_to_the_end(data)
    assert expected.differs(outcome(data)) == {}
