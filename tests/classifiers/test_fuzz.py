"""No text breaks the judge, none costs more than its length, and the same text is judged alike."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers import Ruleset, classify, document_from_text

ON = date(2026, 7, 1)
PIECES = st.sampled_from(
    [
        "币安",
        "b",
        "i",
        "安",
        "🪜",
        "\u200b",
        "USDT",
        "收U",
        "邀请码",
        "：",
        "12345678",
        "@abc_def",
        "0x" + "a" * 40,
        "https://okx.com/join/1234567",
        "http://[",
        "%25" * 9,
        "\n",
        " ",
        "。",
        "不要",
        "$ABC",
        "100x",
        "\ud800",
        "加微信",
        "警方",
        "诈骗",
        "T" * 34,
        "&#x5E01;",
        "[a](b)",
        "<a href='x'>",
        "```",
        "返佣20%",
    ]
)


@given(st.lists(st.one_of(PIECES, st.text(max_size=20)), max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_is_judged(pieces: list[str]) -> None:
    text = "".join(pieces)
    document = document_from_text(text)
    verdict = classify(document, shared(), ON)
    assert 0 <= verdict.score <= 1
    for signal in verdict.signals:
        if signal.start >= 0 and signal.block >= 0:
            block = document.blocks[signal.block].text
            assert block[signal.start : signal.end] == signal.raw[: signal.end - signal.start]
    assert classify(document, shared(), ON) == verdict


_SHARED: list[Ruleset] = []


@pytest.fixture(autouse=True, scope="module")
def _share(ruleset: Ruleset) -> None:
    _SHARED.append(ruleset)


def shared() -> Ruleset:
    return _SHARED[0]


HOSTILE = {
    "one ideograph": "币" * 300_000,
    "one letter": "u" * 1_000_000,
    "near matches": "币安币按比特币币安全" * 30_000,
    "doubled": "币币安安" * 75_000,
    "separators": "币-" * 150_000,
    "zero width": "币\u200b" * 150_000,
    "code words": "邀请码：12345678 " * 20_000,
    "links": "https://okx.com/join/1234567 " * 10_000,
    "dots": "a." * 150_000,
    "lines": "收U\n" * 100_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_costs_no_more_than_its_length(name: str, ruleset: Ruleset) -> None:
    text = HOSTILE[name]
    seconds = []
    for part in (text[: len(text) // 4], text):
        began = time.process_time()
        classify(document_from_text(part), ruleset, ON)
        seconds.append(time.process_time() - began)
    assert seconds[1] < max(8 * seconds[0], 1.5), seconds
    assert seconds[1] < 20
