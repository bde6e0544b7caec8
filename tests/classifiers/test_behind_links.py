"""An address behind a link is where its reader may go, not where the page sends everybody."""

from datetime import date

import pytest

from classifiers import Ruleset, classify
from core.document import Block, Document, Locator, Reference

ON = date(2026, 3, 2)
END = "https://www.okx.com/join/DEMO8899"


def document(text: str, redirect: Reference) -> Document:
    short = Reference("link", "https://t.cn/A6abcd", Locator("body/p[1]/a[1]"), "这里", 0)
    return Document(
        surface="marketing_page",
        url="https://pages.example/1",
        blocks=(Block("visible", text, Locator("body/p[1]")),),
        references=(short, redirect),
    )


BEHIND = Reference("redirect", END, Locator("body/p[1]/a[1]/hop[1]:http"), "这里", 0)
FORWARDED = Reference("redirect", END, Locator("redirect"))


@pytest.mark.parametrize(("reference", "forwards"), [(BEHIND, False), (FORWARDED, True)])
def test_only_a_page_that_sends_its_reader_on_forwards(
    ruleset: Ruleset, reference: Reference, forwards: bool
) -> None:
    verdict = classify(document("点这里看活动", reference), ruleset, on=ON)
    assert ("forwarded_to_venue" in {one.rule for one in verdict.evidence}) is forwards


def test_what_lies_behind_a_short_link_counts_like_the_link_itself(ruleset: Ruleset) -> None:
    text = "注册开户请点这里，新用户有礼。"
    direct = Reference("link", END, Locator("body/p[1]/a[1]"), "这里", 0)
    hidden = classify(document(text, BEHIND), ruleset, on=ON)
    open_ = classify(document(text, direct), ruleset, on=ON)
    assert hidden.label == open_.label == "violation"
