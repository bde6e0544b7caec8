"""The texts written for this project: how many are found, how many wrongly accused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import yaml

from classifiers import Ruleset, classify, document_from_text

TEXTS = Path(__file__).parent / "texts"
ON = date(2026, 7, 1)


def labels(name: str, ruleset: Ruleset) -> list[tuple[str, str]]:
    sections = yaml.safe_load((TEXTS / f"{name}.yaml").read_text(encoding="utf-8"))
    return [
        (classify(document_from_text(text), ruleset, ON).label, text)
        for texts in sections.values()
        for text in texts
    ]


def test_nearly_all_promotion_is_found(ruleset: Ruleset) -> None:
    found = labels("promotion", ruleset)
    missed = [text for label, text in found if label == "clear"]
    assert len(missed) <= len(found) * 0.05, missed
    assert sum(label == "violation" for label, _ in found) >= len(found) * 0.9


def test_nothing_sober_is_accused(ruleset: Ruleset) -> None:
    accused = [text for label, text in labels("clear", ruleset) if label == "violation"]
    assert accused == []
