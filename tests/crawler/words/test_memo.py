"""What was read before is not read again, and a broken memo costs nothing but time."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.extractors import TextLine
from crawler.words import WordMemo

LINES = (TextLine("填邀请码", (1, 2, 3, 4), 0.98), TextLine("返佣", (1, 9, 3, 4), 0.5))


def _kept(folder: Path, reader: str = "a") -> WordMemo:
    return WordMemo(folder, reader)


def test_lines_come_back_from_another_scan(tmp_path: Path) -> None:
    memo = _kept(tmp_path / "data")
    assert memo.get("11") is None
    memo.put("11", LINES)
    memo.put("22", ())
    memo.close()
    again = _kept(tmp_path / "data")
    assert (again.get("11"), again.get("22"), again.get("33")) == (LINES, (), None)
    again.close()


def test_another_reader_reads_for_itself(tmp_path: Path) -> None:
    memo = _kept(tmp_path, "a")
    memo.put("11", LINES)
    memo.close()
    other = _kept(tmp_path, "b")
    assert other.get("11") is None
    other.close()


def test_two_scans_at_once(tmp_path: Path) -> None:
    first, second = _kept(tmp_path), _kept(tmp_path)
    first.put("11", LINES)
    second.put("11", LINES)
    assert second.get("11") == LINES
    first.close()
    second.close()


def test_it_stays_bounded(tmp_path: Path) -> None:
    memo = _kept(tmp_path)
    for number in range(30):
        memo.put(f"{number:02}", LINES)
    memo.close()
    bounded = WordMemo(tmp_path, "a", most=20)
    assert sum(bounded.get(f"{number:02}") is not None for number in range(30)) == 20
    bounded.close()


@pytest.mark.parametrize("broken", ["garbage", "folder"])
def test_a_broken_file_is_told_and_passed_over(tmp_path: Path, broken: str) -> None:
    path = tmp_path / "picture-words.sqlite3"
    if broken == "garbage":
        path.write_bytes(b"no database" * 500)
    else:
        path.mkdir()
    memo = _kept(tmp_path)
    memo.put("11", LINES)
    assert memo.get("11") is None
    assert "picture-words.sqlite3 cannot be used" in memo.trouble
    memo.close()


def test_without_a_folder_nothing_is_remembered() -> None:
    memo = WordMemo(None, "a")
    memo.put("11", LINES)
    assert (memo.get("11"), memo.trouble) == (None, "")
