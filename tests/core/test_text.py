"""Crawled text where people see it: one line, printable, defanged, measured."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import defang, one_line, printable

LINES = {
    "  a \n\t b  ": "a b",
    "a\x1b[31mb\x07": "a[31mb",
    "注\u200b册\u202e\ufeff": "注册",
    "a\u2028b\x85c": "a b c",
    "a \x00 b": "a b",
    "": "",
    "\x00\u200b": "",
}


@pytest.mark.parametrize("text, expected", LINES.items())
def test_one_line(text: str, expected: str) -> None:
    assert one_line(text) == expected


CUTS = [
    ("abcdef", 6, "abcdef"),
    ("abcdefg", 6, "abcde…"),
    ("a" * 1_000, 10, "a" * 9 + "…"),
    (" " * 1_000 + "abc", 10, "abc"),
    ("abc" + " " * 1_000 + "def", 10, "abc…"),
    ("abc" + " " * 1_000, 10, "abc"),
    ("ab   cd" * 5, 6, "ab cd…"),
]


@pytest.mark.parametrize(("text", "limit", "expected"), CUTS)
def test_what_is_cut_ends_with_an_ellipsis(text: str, limit: int, expected: str) -> None:
    assert one_line(text, limit) == expected


@given(st.text(max_size=200), st.integers(1, 40))
def test_one_line_is_one_harmless_line(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert len(line) <= limit
    assert len(line.splitlines()) <= 1
    assert not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 for char in line)
    assert not set(line) & set("\u200b\u202e\u2066\ufeff")


def test_printable_keeps_line_breaks_only() -> None:
    assert printable("一\x1b行\n二\u202e行\r\n三\x0b四") == "一行\n二行\n三\n四"


DEFANGED = {
    "https://www.okx.com/join/1.html": "hxxps://www[.]okx[.]com/join/1.html",
    "HTTP://A.EXAMPLE": "hxxp://A[.]EXAMPLE",
    "ftp://a.example/x": "fxp://a[.]example/x",
    "https://www。okx．com/": "hxxps://www[.]okx[.]com/",
    "okx://join?x=1": "okx://join?x=1",
    "mailto:a@b.example": "mailto[:]a@b.example",
    "https://a.example/\x1b[2J\u202ex": "hxxps://a[.]example/[2Jx",
}


@pytest.mark.parametrize("url, expected", DEFANGED.items())
def test_defang(url: str, expected: str) -> None:
    assert defang(url) == expected
