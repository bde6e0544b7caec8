"""Folding: total, monotone, and every span leads back to what the reader saw."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.fold_table import CODE_POINTS, build_table, fold_table
from classifiers.normalise import fold

ANY_TEXT = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.characters(categories=("Cs",)),
        st.sampled_from("币安欧易 \n\t.,，。-·⭐\u200b\ufe0f\u0301①㏄ＵUuU𝐔ŁВ"),
    ),
    max_size=200,
)


@pytest.mark.parametrize(
    ("raw", "folded"),
    [
        ("ＵＳＤＴ", "usdt"),
        ("幣安 歐易 返傭", "币安欧易返佣"),
        ("币\u200b安", "币安"),
        ("币-安、比 特 币", "币安比特币"),
        ("U S D T", "usdt"),
        ("Ⓤⓢⓓⓣ 𝐔𝐒𝐃𝐓", "usdt usdt"),
        ("Вinance", "binance"),
        ("biāncheng", "biancheng"),
        ("９⓿②", "902"),
        ("使用 OKX 注册", "使用okx注册"),
        ("the quick  brown -- fox", "the quick brown fox"),
        ("➕V", "+v"),
        ("㏄ ﬀ", "cc ff"),
        ("1️⃣", "1"),
        ("", ""),
    ],
)
def test_folded_forms(raw: str, folded: str) -> None:
    assert fold(raw).text == folded


@given(ANY_TEXT)
@settings(max_examples=300, deadline=None)
def test_the_map_is_total_and_monotone(raw: str) -> None:
    folded = fold(raw)
    positions = folded.positions()
    assert len(positions) == len(folded.text) == len(folded.kind)
    assert all(np.diff(positions) >= 0)
    assert not len(positions) or (positions[0] >= 0 and positions[-1] < len(raw))


@given(ANY_TEXT, st.data())
@settings(max_examples=300, deadline=None)
def test_a_span_slices_the_raw_text_that_folds_to_it(raw: str, data: st.DataObject) -> None:
    folded = fold(raw)
    start = data.draw(st.integers(0, len(folded.text)))
    end = data.draw(st.integers(start, len(folded.text)))
    first, last = folded.raw_span(start, end)
    assert 0 <= first <= last <= len(raw)
    letters = [c for c in folded.text[start:end] if c.strip()]
    again = fold(raw[first:last]).text
    assert all(letter in again for letter in letters)


@given(ANY_TEXT)
@settings(max_examples=200, deadline=None)
def test_folding_twice_changes_no_letter(raw: str) -> None:
    once = fold(raw).text
    assert fold(once).text.replace(" ", "") == once.replace(" ", "")


def test_the_committed_table_equals_a_rebuild() -> None:
    committed, rebuilt = fold_table(), build_table()
    known = committed.assigned & rebuilt.assigned
    assert known.sum() > 140_000
    assert np.array_equal(committed.fold[known], rebuilt.fold[known])
    assert np.array_equal(committed.kind[known], rebuilt.kind[known])
    assert all(
        rebuilt.expansions.get(code) == text
        for code, text in committed.expansions.items()
        if known[code]
    )
    assert len(committed.fold) == CODE_POINTS
