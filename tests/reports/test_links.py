from __future__ import annotations

import time

import pytest

from core.text import defang_text
from reports.links import defanged_url


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("去 https://www.okx.com/join/1，现在", "去 hxxps://www[.]okx[.]com/join/1，现在"),
        ("群 t.me/room_1 等你", "群 t[.]me/room_1 等你"),
        ("okx.com 和 a.b.example", "okx[.]com 和 a[.]b[.]example"),
        ("okx://invite?code=1", "okx://invite?code=1"),
        ("HTTP://A.TEST/x", "hxxp://A[.]TEST/x"),
        ("robots.txt, export.jsonl, 1.5 倍, v2.0", "robots.txt, export.jsonl, 1.5 倍, v2.0"),
        ("h***@mail.example", "h***@mail.example"),
        ("没有链接", "没有链接"),
    ],
)
def test_addresses_in_text_are_defanged(text: str, expected: str) -> None:
    assert defang_text(text) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://pages.test/a.html", "hxxps://pages[.]test/a.html"),
        ("www.okx.com/join/1", "www[.]okx[.]com/join/1"),
        ("export.jsonl", "export.jsonl"),
        ("mailto:a@b.test", "mailto[:]a@b.test"),
    ],
)
def test_an_address_is_defanged_with_or_without_its_scheme(url: str, expected: str) -> None:
    assert defanged_url(url) == expected


@pytest.mark.parametrize("text", ["a." * 50_000, "a" * 100_000, "http://" * 10_000, "a-." * 30_000])
def test_hostile_text_costs_little(text: str) -> None:
    begun = time.process_time()
    defang_text(text[:2_000])
    assert time.process_time() - begun < 0.2
