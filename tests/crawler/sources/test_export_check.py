"""The validator names file, line and what is wrong, in the order of the file."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

import pytest

from core.errors import BadInput
from core.target import ExportListing
from crawler.sources import check_export

GOOD = {
    "platform": "wechat",
    "app_id": "wx1",
    "name": "天气",
    "request_domains": ["https://api.example.com", "wss://push.example.com:8443", "*.example.org"],
    "icon": "https://cdn.example/i.png",
    "qr_pictures": ["data:image/png;base64,AAAA"],
    "url": "https://mini.example/wx1",
    "snapshot_time": "2026-11-21T08:00:00+08:00",
}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, None),
        ({"snapshot_time": "2026-11-21"}, None),
        ({"name": ""}, "no `name`"),
        ({"app_id": ""}, "no `app_id`"),
        ({"app_id": "", "package": "com.example.a"}, None),
        ({"snapshot_time": "yesterday"}, "`snapshot_time` is `yesterday`"),
        ({"request_domains": ["api"]}, "`api` is no domain"),
        ({"icon": "i.png"}, "picture `i.png`"),
        ({"url": "javascript:x"}, "no web address"),
        ({"url": "x\u202ey"}, "`url` is `xy`"),
    ],
)
def test_a_row_is_judged(tmp_path: Path, change: dict[str, object], words: str | None) -> None:
    path = tmp_path / "x.jsonl"
    rows = [GOOD, GOOD | change, GOOD]
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    problems = list(check_export(path))
    assert len(problems) == (words is not None)
    for problem in problems:
        assert problem.startswith(f"{path}:2: ")
        assert words is not None
        assert words in problem


def test_problems_come_one_by_one_as_they_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("app_id,name\n" + ",A\n" * 100_000, encoding="utf-8")
    first = list(islice(check_export(path), 3))
    assert [problem.split(":")[-3] for problem in first] == ["2", "3", "4"]


def test_an_unreadable_row_and_a_strange_heading_are_problems(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("app_id,title\n1\n2,B\n", encoding="utf-8")
    problems = list(check_export(path, ExportListing(format="csv")))
    assert "no column `name`" in problems[0]
    assert problems[1] == f"{path}:2: the row has 1 cells, the heading 2"


def test_a_page_is_no_export(tmp_path: Path) -> None:
    path = tmp_path / "x.html"
    path.write_text("<html><body>x</body></html>", encoding="utf-8")
    with pytest.raises(BadInput, match="not an export but html"):
        list(check_export(path))
