"""Profiles agree with themselves, in headers and for scripts, or are refused."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from core.errors import BadInput, CatalogueError
from core.profile import Profile, load_profiles, profiles_named

CATALOGUE = Path(__file__).parents[2] / "catalogue"
PROFILES = load_profiles(CATALOGUE)


def test_the_four_profiles_are_there() -> None:
    assert set(PROFILES) == {"desktop", "search_referrer", "android", "wechat"}


@pytest.mark.parametrize("profile", PROFILES.values(), ids=str)
def test_headers_say_one_thing(profile: Profile) -> None:
    sent = profile.http_headers(secure=True)
    version = dict(profile.brands)["Chromium"]
    assert f"Chrome/{version}." in sent["User-Agent"]
    assert f'"Chromium";v="{version}"' in sent["Sec-CH-UA"]
    assert sent["Sec-CH-UA-Mobile"] == ("?1" if "Mobile" in sent["User-Agent"] else "?0")
    assert sent["Sec-CH-UA-Platform"].strip('"') in sent["User-Agent"]
    assert sent["Accept-Language"].startswith(f"{profile.languages[0]},")
    assert (sent["Sec-Fetch-Site"] == "cross-site") == ("Referer" in sent)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=str)
def test_hints_are_not_sent_in_the_clear(profile: Profile) -> None:
    assert not any(name.startswith("Sec-") for name in profile.http_headers(secure=False))


def test_languages_are_weighted_as_chromium_does() -> None:
    assert PROFILES["wechat"].accept_language == "zh-CN,zh;q=0.9,en-US;q=0.8,en;q=0.7"


@pytest.mark.parametrize(
    "change",
    [
        {"id": "promowatch"},
        {"id": "No Id"},
        {"touch": False},
        {"script_platform": "Win32"},
        {"viewport": (1280, 900)},
        {"brands": (("Chromium", "1"),)},
        {"system": "Windows"},
        {"languages": ()},
        {"user_agent": PROFILES["desktop"].user_agent},
    ],
    ids=str,
)
def test_a_profile_that_contradicts_itself_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError, match="profile `"):
        msgspec.convert({**msgspec.to_builtins(PROFILES["android"]), **change}, Profile)


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    with pytest.raises(BadInput, match="did you mean `wechat`"):
        profiles_named(["wecaht"], CATALOGUE)


def test_a_wrong_line_is_named(tmp_path: Path) -> None:
    text = (CATALOGUE / "profiles.yaml").read_text(encoding="utf-8")
    wrong = tmp_path / "profiles.yaml"
    wrong.write_text(text.replace("touch: true", "tuoch: true", 1), encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"profiles.yaml:\d+: unknown key `tuoch`"):
        load_profiles(tmp_path)
    wrong.write_text(text.replace("id: android", "id: desktop"), encoding="utf-8")
    with pytest.raises(CatalogueError, match="duplicate profile id"):
        load_profiles(tmp_path)
