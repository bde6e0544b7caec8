"""What changes with every visit is no other destination; a referral code is."""

from __future__ import annotations

import pytest

from core.destination import same_destination

HERE = "https://pages.example/landing"
UUID = "8c5f3f0a-6a0e-4d6e-9f43-0b6f6d1d2a10"
SAME = [
    ("", ""),
    ("?t=1700000000", "?t=1700000100"),
    ("?ts=1700000000123&code=DEMO1", "?code=DEMO1&ts=1800000000123"),
    ("?token=abc", "?token=def"),
    ("?x=" + "a1" * 16, "?x=" + "b2" * 16),
    (f"?visit={UUID}", f"?visit={UUID.replace('8', '9')}"),
    ("?clickid=a1b2", "?clickid=c3d4"),
    ("?gclid=1&ttclid=2", ""),
    ("?sessionId=ab12", "?sessionId=cd34"),
    ("?s=eyJhbGciOiJIUzI1.eyJzdWIiOiIx.abc", "?s=eyJhbGciOiJIUzI1.eyJzdWIiOiIy.def"),
    ("?k=Ab3dEf6hIj9lMn2pQr5tUv8x", "?k=Zb3dEf6hIj9lMn2pQr5tUv8y"),
    (";jsessionid=0A1B", ";jsessionid=2C3D"),
    ("/", ""),
    ("#/join?ref=DEMO1&t=1", "#/join?ref=DEMO1&t=2"),
]
OTHER = [
    ("?code=DEMO1", "?code=DEMO2"),
    ("?ref=DEMO1", ""),
    ("?inviteCode=" + "a1" * 16, "?inviteCode=" + "b2" * 16),
    ("?channelId=1700000000", "?channelId=1700000100"),
    ("?vipCode=abc", "?vipCode=abd"),
    ("?unknown=DEMO1", "?unknown=DEMO2"),
    ("?page=1", "?page=2"),
    ("/DEMO1", "/DEMO2"),
    ("#/join?ref=DEMO1", "#/join?ref=DEMO2"),
    ("?to=https://a.example/", "?to=https://b.example/"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_is_made_up_for_every_visit_does_not_count(one: str, other: str) -> None:
    assert same_destination(HERE + one, HERE + other)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_codes_and_places_count(one: str, other: str) -> None:
    assert not same_destination(HERE + one, HERE + other)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://pages.example/a", "https://PAGES.example:443/a/", True),
        ("https://pages.example/a", "https://www.pages.example/a", False),
        ("okx://join?code=D1&ts=1700000000", "okx://join?code=D1&ts=1700000009", True),
        ("okx://join?code=D1", "okx://join?code=D2", False),
        ("http://[", "http://[", True),
        ("http://[", "http://]", False),
        ("", "https://pages.example/", False),
    ],
)
def test_hosts_schemes_and_what_is_no_address(one: str, other: str, same: bool) -> None:
    assert same_destination(one, other) is same
