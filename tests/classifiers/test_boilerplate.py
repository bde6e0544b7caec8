"""A block on many pages of a site is judged on the first of them."""

from __future__ import annotations

from datetime import date

from classifiers import Ruleset, SiteBlocks, classify, document_from_text, mark

ON = date(2026, 7, 1)
FOOTER = "欧易开户入口 https://www.okx.com/join/5566778"


def test_a_footer_is_counted_on_the_first_pages_only(ruleset: Ruleset) -> None:
    site = SiteBlocks(familiar=2)
    labels = []
    for number in range(4):
        text = f"第 {number} 篇游记，写的是河边的集市\n{FOOTER}"
        document = document_from_text(text, url=f"https://town.example/{number}")
        boilerplate = site.repeated(document)
        labels.append(classify(document, ruleset, ON, boilerplate=boilerplate).label)
    assert labels == ["violation", "violation", "clear", "clear"]


def test_a_pages_own_promotion_is_found_beside_a_known_footer(ruleset: Ruleset) -> None:
    site = SiteBlocks(familiar=1)
    site.repeated(document_from_text(FOOTER))
    text = f"长期收U出U，需要的加微信 coin8899\n{FOOTER}"
    document = document_from_text(text, url="https://town.example/own")
    verdict = classify(document, ruleset, ON, boilerplate=site.repeated(document))
    assert verdict.label == "violation"
    assert verdict.blocks == (0,)


def test_one_page_seen_often_is_no_boilerplate() -> None:
    site = SiteBlocks(familiar=2)
    document = document_from_text(FOOTER, url="https://town.example/")
    assert [site.repeated(document) for _ in range(5)] == [frozenset()] * 5


def test_the_same_advertisement_in_many_threads_is_no_boilerplate() -> None:
    site = SiteBlocks(familiar=3)
    found = []
    for number in range(60):
        lines = [f"第 {number} 个话题，各说各的"] + [FOOTER] * (number % 4 == 0)
        document = document_from_text("\n".join(lines), url=f"https://forum.example/{number}")
        found.append(site.repeated(document))
    assert found == [frozenset()] * 60


def test_pages_that_another_process_has_seen_count() -> None:
    site = SiteBlocks(familiar=2)
    site.recall(1, [mark(FOOTER)])
    found = []
    for number in range(3):
        text = f"第 {number} 篇游记，写的是河边的集市\n{FOOTER}"
        found.append(site.repeated(document_from_text(text, url=f"https://town.example/{number}")))
    assert found == [frozenset(), {1}, {1}]
