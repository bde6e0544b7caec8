"""The one pass over many entries says nothing that the plain path does not say."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest
import yaml

from benchmarks.listing_export import entries
from classifiers import Ruleset, classify, quiet_entries
from core.document import Block, Document, ListingEntry, Locator, Reference
from tests.classifiers.evasions import EVASIONS

ON = date(2026, 11, 27)
TEXTS = Path(__file__).parent / "texts"


def own_texts(label: str) -> list[str]:
    sections = yaml.safe_load((TEXTS / f"{label}.yaml").read_text(encoding="utf-8"))
    return [text for texts in sections.values() for text in texts]


def entry(*texts: str, name: str = "记账本", links: tuple[str, ...] = ()) -> Document:
    blocks = [Block("listing_field", name, Locator("name"))]
    blocks += [
        Block("listing_field", text, Locator(f"pages[{at}].text")) for at, text in enumerate(texts)
    ]
    return Document(
        surface="mini_program",
        url="export.jsonl",
        blocks=tuple(blocks),
        references=tuple(Reference("link", link, Locator("links")) for link in links),
        entry=ListingEntry(platform="wechat", app_id=name, name=name, owner="禾豆工作室"),
    )


def made_up(count: int) -> list[Document]:
    return [
        entry(
            one["intro"],
            *(page["text"] for page in one["pages"]),
            one["update_notes"],
            name=one["name"],
            links=tuple(f"https://{domain}" for domain in one["request_domains"]),
        )
        for one in entries(count)
    ]


def check(documents: list[Document], ruleset: Ruleset) -> float:
    """Whatever is called quiet is clear; gives the share of clear ones that are called so."""
    quiet = quiet_entries(documents, ruleset)
    clear = [classify(one, ruleset, on=ON).label == "clear" for one in documents]
    wrong = [
        document.blocks
        for document, is_quiet, is_clear in zip(documents, quiet, clear, strict=True)
        if is_quiet and not is_clear
    ]
    assert wrong == []
    return sum(quiet) / max(1, sum(clear))


def test_a_typical_catalogue_is_told_in_one_pass(ruleset: Ruleset) -> None:
    documents = made_up(2_000)
    share = check(documents, ruleset)
    assert share > 0.95


def test_promotion_is_never_quiet_whatever_stands_around_it(ruleset: Ruleset) -> None:
    chance = random.Random(5)
    clear, promotion = own_texts("clear"), own_texts("promotion")
    documents = [entry(text) for text in promotion]
    documents += [
        entry(*chance.sample(clear, 2), chance.choice(promotion), *chance.sample(clear, 1))
        for _ in range(300)
    ]
    documents += [entry(*chance.sample(clear, 3)) for _ in range(300)]
    chance.shuffle(documents)
    check(documents, ruleset)


def test_disguised_promotion_is_never_quiet(ruleset: Ruleset) -> None:
    chance = random.Random(6)
    texts = [
        disguise(text) for text in own_texts("promotion")[:60] for disguise in EVASIONS.values()
    ]
    documents = [entry(text, *chance.sample(own_texts("clear"), 1)) for text in texts]
    check(documents, ruleset)


@pytest.mark.parametrize("cut", range(1, 9))
def test_what_ends_one_entry_and_begins_the_next_is_not_read_as_one(
    ruleset: Ruleset, cut: int
) -> None:
    text = "欧易注册返佣邀请码填 OKX8866 送 U"
    halves = [entry(text[: cut * 2]), entry(text[cut * 2 :])]
    alone = [quiet_entries([one], ruleset)[0] for one in halves]
    assert quiet_entries(halves, ruleset) == alone
    check(halves, ruleset)


def test_forbidden_names_doubled_letters_links_and_accounts_get_their_own_look(
    ruleset: Ruleset,
) -> None:
    ordinary = entry("今天教大家做山东大饼")
    telling = [
        entry("记一笔", name="云溪虚拟货币服务"),
        entry("币币安安 注注册册 返返佣佣 邀邀请请码码 OKX778866"),
        entry("点这里", links=("https://www.okx.com/join/DEMO7788",)),
        entry("详情 https://www.okx.com/join/DEMO7788"),
    ]
    quiet = quiet_entries([ordinary, *telling, ordinary], ruleset)
    assert quiet[0]
    assert quiet[-1]
    assert not any(quiet[1:-1])
    check([ordinary, *telling], ruleset)


def test_pages_and_documents_with_parts_unread_are_left_to_the_plain_path(ruleset: Ruleset) -> None:
    page = Document(surface="marketing_page", url="https://a.example/", title="菜谱")
    degraded = Document(
        surface="mini_program",
        url="x",
        entry=ListingEntry(platform="wechat", app_id="a", name="a"),
        degraded=("a picture was not read",),
    )
    assert quiet_entries([page, degraded], ruleset) == [False, False]
    assert quiet_entries([], ruleset) == []
