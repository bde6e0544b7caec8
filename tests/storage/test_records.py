from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from storage import surface_key
from tests.storage.samples import look


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://pages.test/offer", "HTTPS://Pages.Test:443/offer#top"),
        ("https://pages.test/offer?utm_source=a", "https://pages.test/offer"),
    ],
)
def test_spellings_of_one_page_have_one_key(one: str, other: str) -> None:
    assert surface_key("marketing_page", one) == surface_key("marketing_page", other)


def test_different_surfaces_have_different_keys() -> None:
    keys = {
        surface_key("marketing_page", "https://pages.test/offer"),
        surface_key("marketing_page", "https://pages.test/offer?ref=1"),
        surface_key("domain", "https://pages.test/offer"),
        surface_key("mini_program", "https://pages.test/offer", "demo", "wx1"),
        surface_key("mini_program", "https://pages.test/offer", "demo", "wx2"),
        surface_key("mini_program", "https://pages.test/offer", "other", "wx1"),
        surface_key("app_listing", "https://pages.test/offer", "demo", "wx1"),
    }
    assert len(keys) == 7


def test_keys_are_stored_so_they_never_change() -> None:
    assert (
        surface_key("marketing_page", "https://pages.test/offer")
        == "244d5da525f57fa67aae61e2822ecd98"
    )
    assert surface_key("mini_program", "", "demo", "wx1") == "cd1bababbaa8a810d50fe77c10d62d87"


@pytest.mark.parametrize("url", ["", "\x00", "http://[", "https://a.test/\ud83d", "javascript:1"])
def test_any_text_has_a_key(url: str) -> None:
    assert len(surface_key("marketing_page", url)) == 32


def test_a_look_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        msgspec.structs.replace(look(), seen_at=datetime(2026, 3, 2))
    msgspec.structs.replace(look(), seen_at=datetime(2026, 3, 2, tzinfo=UTC))


@pytest.mark.parametrize("status", [None, 200, 403, 500])
def test_only_404_and_410_may_come_without_a_verdict(status: int | None) -> None:
    with pytest.raises(ValueError, match="no verdict"):
        msgspec.structs.replace(look(), verdict=None, status=status)
