"""Mini-programs in a document: named, nested addresses kept, opaque ones told."""

from __future__ import annotations

from core.document import Block, Document, Locator, Reference
from core.gap import GapKind
from crawler.extractors import with_mini_programs

WX = "wx0123456789abcdef"
PLAIN = f"weixin://dl/business/?appid={WX}&path=pages/web&query=url%3Dhttps%253A%252F%252Ft.example"


def document(*blocks: str, links: tuple[str, ...] = ()) -> Document:
    return Document(
        surface="mini_program",
        url="https://market.example/1",
        blocks=tuple(Block("listing_field", text, Locator("intro")) for text in blocks),
        references=tuple(Reference("deep_link", url, Locator("links")) for url in links),
    )


def test_a_link_names_its_program_and_what_is_inside() -> None:
    found, gaps = with_mini_programs(document(links=(PLAIN,)))
    assert gaps == []
    assert [(r.kind, r.url, r.locator.path) for r in found.references[1:]] == [
        ("mini_program", f"mini-program:wechat/{WX}/pages/web?url=https://t.example", "links"),
        ("link", "https://t.example", "links/nested"),
    ]


def test_links_written_in_a_text_stand_in_their_block() -> None:
    found, gaps = with_mini_programs(
        document("打开", f"复制 #小程序://河边账本/AbCdEfGhIjKlMno 或 {PLAIN}")
    )
    assert [r.block for r in found.references] == [1, 1, 1, 1]
    assert [gap.kind for gap in gaps] == [GapKind.OPAQUE_CODE]
    assert "河边账本" in gaps[0].reason
    assert "needs the platform" in gaps[0].reason


def test_a_picture_called_by_an_account_names_it() -> None:
    found, _ = with_mini_programs(document(), ["https://p.example/gh_0123456789ab_430.jpg"])
    assert found.references[0].url == "mini-program:wechat/gh_0123456789ab"


def test_doing_it_twice_changes_nothing() -> None:
    once, _ = with_mini_programs(document(PLAIN, links=("https://wxaurl.cn/AbC12345",)))
    again, _ = with_mini_programs(once)
    assert again.references == once.references


def test_an_ordinary_document_stays_as_it_is() -> None:
    plain = document("天气 https://weather.example/", links=("https://weather.example/",))
    assert with_mini_programs(plain, ["https://p.example/a.png"]) == (plain, [])
