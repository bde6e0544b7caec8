"""Saved pages: where they came from and when, as far as the file tells."""

from __future__ import annotations

import gzip
import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from core.errors import BadInput
from core.target import Limits
from crawler.sources import read_saved_page

SAVED = "<!-- saved from url=(0031)https://saved.example/page?x=1 -->"
SINGLE = "<!--\n Page saved with SingleFile \n url: https://single.example/a \n saved date: x\n-->"
CANONICAL = '<link rel="canonical" href="https://canonical.example/">'
OG = '<meta property="og:url" content="https://og.example/">'


@pytest.mark.parametrize(
    ("head", "url", "expected"),
    [
        (SAVED + CANONICAL + OG, "https://given.example/", "https://given.example/"),
        (SAVED + CANONICAL + OG, "", "https://saved.example/page?x=1"),
        (SINGLE + CANONICAL, "", "https://single.example/a"),
        (CANONICAL + OG, "", "https://canonical.example/"),
        (OG, "", "https://og.example/"),
        ("<!-- saved from url=(0014)about:internet -->" + OG, "", "https://og.example/"),
        (
            CANONICAL.replace("https://canonical.example/", "/relative") + OG,
            "",
            "https://og.example/",
        ),
        (OG.replace("https:", "javascript:"), "", "saved-page:page%20%E4%B8%80.html#"),
        ("", "", "saved-page:page%20%E4%B8%80.html#"),
    ],
)
def test_the_address_is_the_best_the_file_knows(
    tmp_path: Path, head: str, url: str, expected: str
) -> None:
    path = tmp_path / "page 一.html"
    path.write_text(f"<!doctype html>\n{head}<title>T</title><p>text", encoding="utf-8")
    capture = read_saved_page(path, url)
    found = capture.final_url
    assert found == expected if not expected.endswith("#") else found.startswith(expected)
    assert capture.requested_url == found


def test_pages_of_one_name_stay_apart_and_the_same_page_stays_itself(tmp_path: Path) -> None:
    first, second, again = (tmp_path / folder / "index.html" for folder in "abc")
    for path, text in ((first, "one"), (second, "two"), (again, "one")):
        path.parent.mkdir()
        path.write_text(f"<p>{text}", encoding="utf-8")
    urls = [read_saved_page(path).final_url for path in (first, second, again)]
    assert urls[0] == urls[2] != urls[1]
    assert "/" not in urls[0]


def test_the_time_is_the_one_given_or_the_files(tmp_path: Path) -> None:
    path = tmp_path / "x.html"
    path.write_bytes(b"<p>x")
    moment = datetime(2026, 11, 21, 8, tzinfo=UTC)
    os.utime(path, (moment.timestamp(), moment.timestamp()))
    assert read_saved_page(path).taken_at == moment
    given = datetime(2026, 1, 2, 8, tzinfo=timezone(timedelta(hours=8)))
    taken_at = read_saved_page(path, taken_at=given).taken_at
    assert (taken_at, taken_at.tzinfo) == (given, UTC)


def test_the_body_is_kept_byte_for_byte(tmp_path: Path) -> None:
    body = "<meta charset=gbk><p>天气".encode("gbk") + b"\x00\xff"
    path = tmp_path / "x.html.gz"
    path.write_bytes(gzip.compress(body))
    assert read_saved_page(path).body == body


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"x" * 1_001, "larger than"),
        (gzip.compress(b"x" * 1_001), "larger than"),
        (gzip.compress(os.urandom(500))[:-20], "ends early"),
        (b"\x1f\x8b\x01garbage, not deflate", "damaged"),
    ],
)
def test_a_file_that_is_no_page_is_bad_input(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "x.html"
    path.write_bytes(data)
    with pytest.raises(BadInput, match=words):
        read_saved_page(path, limits=Limits(max_response_bytes=1_000))


def test_a_missing_file_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot read"):
        read_saved_page(tmp_path / "missing.html")
