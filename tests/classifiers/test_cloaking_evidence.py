"""That only some visitors see something speaks for promotion, modestly, and is told."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from classifiers import Ruleset, classify, document_from_text, load_ruleset
from core import Verdict
from core.verdict import Cloaking, ProfileViews

DAY = date(2026, 7, 1)
CLOAKED = ProfileViews(
    profiles=("promowatch", "wechat"),
    takes=6,
    found_by=("wechat",),
    cloaking=(Cloaking(seen_by=("wechat",), hidden_from=("promowatch",), quotes=("返佣 20%",)),),
)
SEEN = ProfileViews(profiles=("promowatch", "wechat"), takes=1)
UNSEEN = ProfileViews(profiles=("promowatch",), takes=1, unseen=("wechat",))


@pytest.fixture(scope="module")
def ruleset() -> Ruleset:
    return load_ruleset(Path(__file__).parents[2] / "catalogue")


def judged(ruleset: Ruleset, text: str, views: ProfileViews | None) -> Verdict:
    return classify(document_from_text(text, url="https://a.example/"), ruleset, DAY, views=views)


def test_cloaking_adds_its_points_from_the_catalogue(ruleset: Ruleset) -> None:
    text = "欧易新用户注册，手续费返佣"
    plain, cloaked = judged(ruleset, text, SEEN), judged(ruleset, text, CLOAKED)
    (evidence,) = [one for one in cloaked.evidence if one.rule == "cloaking"]
    assert evidence.points == ruleset.weights.cloaking
    assert evidence.quote == "返佣 20%"
    assert "wechat" in evidence.title.zh
    assert cloaked.score > plain.score
    assert plain.evidence == tuple(one for one in cloaked.evidence if one.rule != "cloaking")


def test_cloaking_alone_accuses_nobody(ruleset: Ruleset) -> None:
    assert judged(ruleset, "图书馆周六上午开放，欢迎带孩子来看", CLOAKED).label == "clear"


def test_a_page_that_some_visitor_could_not_see_is_degraded(ruleset: Ruleset) -> None:
    assert judged(ruleset, "图书馆周六上午开放", UNSEEN).degraded
    assert not judged(ruleset, "图书馆周六上午开放", SEEN).degraded
