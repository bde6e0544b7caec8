"""Phrases: the fast reader finds what the learner learns from; what is weighed, and how."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers import Ruleset, classify, document_from_text
from classifiers.normalise import fold
from classifiers.wording import Wording, is_mark, is_phrase, key_of, phrases_of, weigh

ON = date(2026, 7, 1)
TEXTS = st.text(
    alphabet=st.sampled_from("ab zÜ币安返佣注册0987$%#，。\n-{'🔥") | st.characters(), max_size=60
)


def phrases(text: str) -> list[str]:
    return list(phrases_of(fold(text)))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Sign up now", ["sign", "sign up", "up", "up now", "now"]),
        ("I made", ["i made", "made"]),
        ("返佣", ["返", "佣", "返佣"]),
        ("返佣群", ["返", "佣", "群", "返佣", "佣群", "返佣群"]),
        ("返20%", ["返", "0", "返0", "0%"]),
        ("送100 USDT", ["送", "0", "送0", "0usdt", "usdt"]),
        ("only $5", ["only", "0", "$0"]),
        ("🔥", ["🔥"]),
    ],
)
def test_phrases_of_a_text(text: str, found: list[str]) -> None:
    assert Counter(p for p in phrases(text) if p not in "$%") == Counter(found)


def test_no_pair_over_a_line_or_a_stranger() -> None:
    assert "sign up" not in phrases("sign\nup")
    assert "sign up" not in phrases("sign 币 up")


@given(TEXTS)
def test_what_is_learned_is_found_again(text: str) -> None:
    folded = fold(text)
    learned = Counter(phrases_of(folded))
    assert all(map(is_phrase, learned))
    wording = Wording(dict.fromkeys(learned, 1.0))
    found = wording.occurrences(folded)
    assert len(found.term) == sum(learned.values())
    assert all(0 <= a < b <= len(text) for a, b in zip(found.start, found.end, strict=True))


@given(TEXTS)
def test_keys_tell_phrases_apart(text: str) -> None:
    different = {phrase for phrase in phrases(text) if not is_mark(phrase)}
    assert len({key_of(phrase) for phrase in different}) == len(different)


@pytest.mark.parametrize("phrase", ["up up up", "币安返佣", "Sign", "9", "0$%", "a币", "u0", ""])
def test_what_cannot_be_found_again_is_no_phrase(phrase: str) -> None:
    assert not is_phrase(phrase)


def test_a_long_text_is_worded_no_more_strongly_than_a_short_one() -> None:
    assert weigh(0.0, 10.0, 10) == pytest.approx(weigh(0.0, 34.0, 178), rel=0.1)
    assert weigh(-1.0, 0.0, 0) == 0.0


ADVERT = (
    "姐妹们跟着师兄做单每晚九点直播间见，翻身的机会不多，想进小房间的点我头像私信，名额满了就关门"
)


def test_a_short_text_that_names_no_coin_is_for_a_person_where_it_hints_at_one(
    ruleset: Ruleset,
) -> None:
    verdict = classify(document_from_text(f"{ADVERT}，不懂入金的手把手教"), ruleset, ON)
    assert verdict.label == "review"
    assert verdict.services and verdict.legal_basis and verdict.blocks == (0,)
    assert [evidence.rule for evidence in verdict.evidence] == ["page_wording"]


def test_and_clear_where_nothing_hints_at_it(ruleset: Ruleset) -> None:
    text = "美甲店新张，姐妹们扫码进群领五折券，前三十名送手膜，名额不多速来"
    assert classify(document_from_text(text), ruleset, ON).label == "clear"


OFFER = "註冊抹茶填推薦碼 QK7782，返傭三成，加 @tw_usdt88"


def test_an_offer_kept_as_a_specimen_is_only_shown(ruleset: Ruleset) -> None:
    specimen = f"def test_code():\n    assert 'code:QK7782' in found('{OFFER}')"
    verdict = classify(document_from_text(specimen), ruleset, ON)
    plain = classify(document_from_text(OFFER), ruleset, ON)
    assert plain.label == "violation"
    assert verdict.score < plain.score
    (shown,) = (e for e in verdict.evidence if e.rule == "shown_as_specimen")
    assert shown.points == ruleset.weights.points["shown_as_specimen"]


def test_no_plain_word_makes_a_specimen_of_an_offer(ruleset: Ruleset) -> None:
    verdict = classify(document_from_text(f"样例，避开敏感词：{OFFER}"), ruleset, ON)
    assert verdict.label == "violation"
    assert "shown_as_specimen" not in {evidence.rule for evidence in verdict.evidence}


def test_a_link_among_specimens_is_still_found(ruleset: Ruleset) -> None:
    text = f"def test_a(): assert x\n\n\n{OFFER} https://www.okx.com/join/5566778"
    assert classify(document_from_text(text), ruleset, ON).label == "violation"


def test_braces_between_two_words_make_no_phrase_of_them(ruleset: Ruleset) -> None:
    text = 'USDC on OKX: BadRequest okx {"code":"51000"} after the update'
    verdict = classify(document_from_text(text), ruleset, ON)
    assert verdict.label == "clear"
    assert "code_beside_name" not in {evidence.rule for evidence in verdict.evidence}
