"""Which pictures are read first."""

from __future__ import annotations

import pytest

from core import Block, Document, Locator
from crawler.extractors import PictureReference
from crawler.words import Clues, clues_of
from crawler.words.suspicion import suspicion

PLAIN = Clues(page_chars=5_000)
NEVER = [(16, 16), (48, 48), (120, 120), (1_000, 40), (20, 2_000), (1, 1)]


@pytest.mark.parametrize("size", NEVER)
def test_icons_and_rules_are_never_read(size: tuple[int, int]) -> None:
    telling = Clues("banner.png", "欧易注册", "扫码进群", 10, has_code=True)
    assert suspicion(telling, size) == 0


@pytest.mark.parametrize(
    ("more", "less"),
    [
        ((PLAIN, (1_000, 300)), (PLAIN, (600, 600))),
        ((PLAIN, (600, 900)), (PLAIN, (600, 600))),
        ((PLAIN, (600, 600)), (PLAIN, (200, 200))),
        ((Clues(alt="扫码进群", page_chars=5_000), (600, 600)), (PLAIN, (1_000, 300))),
        ((Clues("/img/invite-poster.png", page_chars=5_000), (600, 600)), (PLAIN, (600, 900))),
        ((Clues(beside="填邀请码返佣", page_chars=5_000), (600, 600)), (PLAIN, (600, 600))),
        ((Clues(has_code=True, page_chars=5_000), (600, 600)), (PLAIN, (600, 600))),
        ((Clues(page_chars=100), (600, 600)), (PLAIN, (600, 600))),
        ((PLAIN, (200, 200)), (PLAIN, None)),
    ],
)
def test_what_asks_more(
    more: tuple[Clues, tuple[int, int]], less: tuple[Clues, tuple[int, int] | None]
) -> None:
    assert suspicion(*more) > suspicion(*less)


def test_a_drawing_is_read_only_where_something_tells() -> None:
    assert suspicion(PLAIN, None) == 0
    assert suspicion(Clues(alt="海报"), None) > 0


def test_the_clues_of_a_page() -> None:
    blocks = [Block("visible", text, Locator("p")) for text in ("标题", "一" * 900, "扫码", "尾")]
    page = Document(surface="marketing_page", url="https://a.example/", blocks=tuple(blocks))
    picture = PictureReference(
        "https://a.example/%E6%B5%B7.png?x=1", Locator("img"), block=1, text="图"
    )
    assert clues_of(picture, page) == Clues("/海.png", "图", "一" * 300 + " 扫码", 905)
    apart = PictureReference("https://a.example/b.png", Locator("style"))
    assert clues_of(apart, page).beside == ""
    assert clues_of(apart, None) == Clues("/b.png")
