"""A verdict laid out: spans slice the text, points add up, disguises are told."""

from __future__ import annotations

import math
from datetime import date

import pytest

from classifiers import Ruleset, classify, document_from_text, explain

ON = date(2026, 7, 1)
TEXT = "长期收Ｕ出Ｕ，量大价优\n幣-安注册填邀请码：KX8899，返佣20%\n入口 https://www.okx.com/join/5566778"


def test_marks_slice_the_text_and_do_not_overlap(ruleset: Ruleset) -> None:
    document = document_from_text(TEXT)
    explanation = explain(document, classify(document, ruleset, ON), ruleset)
    assert explanation.blocks
    for block in explanation.blocks:
        last = 0
        for mark in block.marks:
            assert last <= mark.start < mark.end <= len(block.text)
            assert block.text[mark.start : mark.end] == mark.raw
            last = mark.end


def test_bias_and_points_give_the_score(ruleset: Ruleset) -> None:
    document = document_from_text(TEXT)
    explanation = explain(document, classify(document, ruleset, ON), ruleset)
    total = explanation.bias + sum(reason.points for reason in explanation.reasons)
    assert explanation.score == pytest.approx(1 / (1 + math.exp(-total)), abs=1e-3)


def test_trace_tells_how_a_disguised_word_was_read(ruleset: Ruleset) -> None:
    document = document_from_text(TEXT)
    explanation = explain(document, classify(document, ruleset, ON), ruleset)
    traces = {m.raw: m.trace for block in explanation.blocks for m in block.marks}
    assert traces["幣-安"] == ("separators", "simplified")
    links = {link.signal: link for link in explanation.links}
    assert links["exchange_referral"].entry == "okx"


def test_a_clear_page_has_nothing_to_show(ruleset: Ruleset) -> None:
    document = document_from_text("今天天气很好 " * 500)
    explanation = explain(document, classify(document, ruleset, ON), ruleset)
    assert (explanation.label, explanation.blocks, explanation.reasons) == ("clear", (), ())


def test_a_line_that_says_nothing_of_coins_is_told_by_its_wording_alone(ruleset: Ruleset) -> None:
    document = document_from_text("群里的老师每天带单，想跟的私我")
    explanation = explain(document, classify(document, ruleset, ON), ruleset)
    total = explanation.bias + sum(reason.points for reason in explanation.reasons)
    assert explanation.score == pytest.approx(1 / (1 + math.exp(-total)), abs=1e-3)
