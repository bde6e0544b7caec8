"""Texts that say the same are near each other, others are not; visits do not matter."""

from __future__ import annotations

import pytest

from core.simhash import BITS, distance, simhash, stable_text

PAGE = (
    "镇上的图书馆周六上午开放，新到的书放在进门左手边的架子上，欢迎带孩子来看。"
    "河边的步道本周维修，散步的居民请走东岸，施工到周五傍晚结束。"
    "菜市场东门的手擀面口感最好，早上七点前去能买到，老板娘说下个月开始卖凉面。"
)
OTHER = (
    "欧易新用户从本页注册，邀请码自动生效，交易手续费返佣，名额有限，先到先得，速来领取新人礼包。"
)


@pytest.mark.parametrize(
    "again",
    [
        PAGE,
        PAGE.replace("，", " , "),
        f"{PAGE} 2026-07-01 12:03:44 您是第 88123 位访客 9f3ac01b77",
        PAGE.upper(),
    ],
)
def test_the_same_page_at_another_visit_is_near(again: str) -> None:
    assert distance(simhash(PAGE), simhash(again)) <= 8


def test_a_word_more_is_near_and_another_text_is_far() -> None:
    near = distance(simhash(PAGE), simhash(PAGE + "另外提醒居民带伞。"))
    far = distance(simhash(PAGE), simhash(OTHER))
    assert near < 16 < far


@pytest.mark.parametrize("text", ["", "12 34", "\ud800\ud801", "!?"])
def test_text_without_letters_has_a_hash_too(text: str) -> None:
    assert 0 <= simhash(text) < 1 << BITS


def test_what_changes_with_each_visit_is_left_out() -> None:
    assert stable_text("编号 a81f09 共 3,200 元 ABC") == "编号共元abc"
