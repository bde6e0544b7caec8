from __future__ import annotations

import resource
from pathlib import Path

import pytest

from core import StorageError
from reports import DailyReport, render_csv, render_html, render_json, write_daily


def test_three_files_named_by_day_and_language(sample: DailyReport, tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    paths = write_daily(sample, folder, "zh-CN")

    assert [path.name for path in paths] == [
        "takedown-2026-03-02.zh.html",
        "takedown-2026-03-02.zh.csv",
        "takedown-2026-03-02.json",
    ]
    assert paths[0].read_text(encoding="utf-8") == render_html(sample, "zh")
    assert paths[1].read_bytes() == render_csv(sample, "zh").encode()
    assert paths[2].read_bytes() == render_json(sample)
    assert sorted(folder.iterdir()) == sorted(paths), "no temporary file stays"


def test_writing_again_replaces(sample: DailyReport, tmp_path: Path) -> None:
    first = write_daily(sample, tmp_path, "en")
    first[0].write_text("old")
    assert write_daily(sample, tmp_path, "en") == first
    assert first[0].read_text() != "old"


def test_a_file_in_place_of_the_folder_is_one_clear_line(
    sample: DailyReport, tmp_path: Path
) -> None:
    taken = tmp_path / "reports"
    taken.write_text("")
    with pytest.raises(StorageError, match=r"was not written \(.*\); choose another folder"):
        write_daily(sample, taken, "en")


def test_a_full_disk_leaves_the_old_report_whole(sample: DailyReport, tmp_path: Path) -> None:
    page, *_ = write_daily(sample, tmp_path, "en")
    before = page.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, hard))
    try:
        with pytest.raises(StorageError, match="was not written"):
            write_daily(sample, tmp_path, "en")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert page.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 3
