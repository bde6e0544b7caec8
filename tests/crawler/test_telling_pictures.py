"""Pictures stay at hand within a bound of bytes, the oldest go first."""

from __future__ import annotations

from core import Locator, Picture
from crawler.extractors import PictureReference
from crawler.telling_pictures import TellingPictures


def at(url: str, data: bytes | None = None) -> PictureReference:
    return PictureReference(url, Locator("body/img[1]"), data=data, media_type="image/gif")


def test_the_oldest_go_when_there_are_too_many_bytes() -> None:
    kept = TellingPictures(most_bytes=10)
    for url, body in (("a", b"12345"), ("b", b"12345"), ("a", b"1234"), ("c", b"1")):
        kept.keep(url, body, "image/png")
    assert kept.get(at("a")) == Picture("a", b"1234", "image/png", "body/img[1]")
    kept.keep("d", b"12345", "")
    assert [kept.get(at(url)) is not None for url in "abcd"] == [True, False, True, True]
    kept.keep("e", b"12345678901", "")
    assert not any(kept.get(at(url)) for url in "abcde")


def test_what_stands_in_the_page_is_at_hand_anyway() -> None:
    found = TellingPictures().get(at("", b"GIF"))
    assert found == Picture("", b"GIF", "image/gif", "body/img[1]")
    assert found.address == "body/img[1]"
