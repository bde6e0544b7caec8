"""Promotion is found however it is written; ordinary sentences stay silent."""

from __future__ import annotations

from datetime import date

import pytest

from classifiers import Ruleset, classify, document_from_text
from tests.classifiers.evasions import EVASIONS, HTML_EVASIONS, ORDINARY, PROMOTIONS
from tests.crawler.extractors.captured import read

ON = date(2026, 7, 1)
WANTED_RECALL = 0.95


def flagged(text: str, ruleset: Ruleset) -> bool:
    return classify(document_from_text(text), ruleset, ON).label in ("violation", "review")


def test_the_sentences_are_found_as_they_are(ruleset: Ruleset) -> None:
    missed = [text for text in PROMOTIONS if not flagged(text, ruleset)]
    assert missed == []


@pytest.mark.parametrize("evasion", EVASIONS)
def test_recall_under_each_evasion(evasion: str, ruleset: Ruleset) -> None:
    disguise = EVASIONS[evasion]
    changed = [(text, disguise(text)) for text in PROMOTIONS if disguise(text) != text]
    missed = [written for _, written in changed if not flagged(written, ruleset)]
    assert changed
    assert 1 - len(missed) / len(changed) >= WANTED_RECALL, missed


@pytest.mark.parametrize("evasion", HTML_EVASIONS)
def test_recall_under_each_trick_of_markup(evasion: str, ruleset: Ruleset) -> None:
    disguise = HTML_EVASIONS[evasion]
    missed = []
    for text in PROMOTIONS:
        markup = f"<html><body><h1>小镇新闻</h1><p>{disguise(text)}</p></body></html>"
        if classify(read(markup).document, ruleset, ON).label not in ("violation", "review"):
            missed.append(markup)
    assert 1 - len(missed) / len(PROMOTIONS) >= WANTED_RECALL, missed


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_sentences_are_silent(text: str, ruleset: Ruleset) -> None:
    verdict = classify(document_from_text(text), ruleset, ON)
    assert verdict.label == "clear", verdict
