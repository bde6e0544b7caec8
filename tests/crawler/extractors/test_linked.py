"""What lies behind a link stands where the link stands."""

from core.document import Block, Document, Locator, Reference
from core.gap import Gap, GapKind
from core.link_chain import LinkChain, LinkHop
from crawler.extractors import with_links

LINK = "https://t.cn/A6abcd"
END = "https://www.okx.com/join/DEMO12"
CHAIN = LinkChain(LINK, (LinkHop("https://way.example/", "http"), LinkHop(END, "meta_refresh")))


def document(*references: Reference, text: str = "点这里") -> Document:
    block = Block("visible", text, Locator("body/p[1]"))
    return Document(
        surface="marketing_page", url="https://a.example/", blocks=(block,), references=references
    )


def test_hops_stand_in_the_block_of_the_link_with_number_and_step() -> None:
    link = Reference("link", LINK, Locator("body/p[1]/a[1]"), "这里", 0)
    (_, first, second) = with_links(document(link), {LINK: CHAIN}).references
    assert (first.kind, first.url, first.block) == ("redirect", "https://way.example/", 0)
    assert first.locator == Locator("body/p[1]/a[1]/hop[1]:http")
    assert second == Reference(
        "redirect", END, Locator("body/p[1]/a[1]/hop[2]:meta_refresh"), "这里", 0
    )
    assert second.is_behind_link


def test_hops_behind_a_code_keep_its_place_in_the_picture() -> None:
    code = Reference("qr", LINK, Locator("https://a.example/p.png", (1, 2, 3, 4)), "", 0)
    references = with_links(document(code), {LINK: CHAIN}).references
    assert references[1].locator.box == (1, 2, 3, 4)


def test_an_address_that_is_merely_written_has_hops_too() -> None:
    (first, _) = with_links(document(text=f"复制 {LINK} 打开"), {LINK: CHAIN}).references
    assert (first.block, first.text) == (0, LINK)


def test_a_link_written_twice_in_a_block_has_its_hops_once() -> None:
    link = Reference("link", LINK, Locator("body/p[1]/a[1]"), LINK, 0)
    assert len(with_links(document(link, text=LINK), {LINK: CHAIN}).references) == 3


def test_an_end_that_was_not_reached_makes_the_document_degraded() -> None:
    chain = LinkChain(LINK, gap=Gap(GapKind.TIMEOUT, LINK, "no answer in time"))
    link = Reference("link", LINK, Locator("body/p[1]/a[1]"), "", 0)
    found = with_links(document(link), {LINK: chain})
    assert found.degraded == (f"where {LINK} leads is not known: no answer in time",)
    assert found.references == (link,)
