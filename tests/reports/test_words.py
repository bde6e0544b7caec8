"""The table of words is complete: every value that can occur has its words in both languages."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

import reports
from core import GapKind
from core.casework import CASE_STATES
from core.document import Surface
from core.fingerprint import STRONG_KINDS
from core.recheck import RecheckOutcome
from core.verdict import LABELS, Asset, Service
from reports.case_words import CASE_TABLE
from reports.render_csv import COLUMNS
from reports.words import TABLE, language, say
from storage import EVENT_KINDS, EvidenceKind, ScanState

VALUES = [
    *(f"gap.{kind.value}" for kind in GapKind),
    *(f"label.{label}" for label in (*LABELS, "absent", "repeated", "unchanged")),
    *(f"surface.{surface}" for surface in get_args(Surface)),
    *(f"service.{service}" for service in get_args(Service)),
    *(f"asset.{asset}" for asset in get_args(Asset)),
    *(f"state.{state}" for state in get_args(ScanState)),
    *(f"file.{kind}" for kind in get_args(EvidenceKind)),
    *(f"decision.{state}" for state in CASE_STATES),
    *(f"outcome.{outcome}" for outcome in get_args(RecheckOutcome)),
    *(f"mark.{kind}" for kind in STRONG_KINDS),
    *(f"{word}.{kind}" for word in ("kind", "about") for kind in EVENT_KINDS),
]


@pytest.mark.parametrize("key", [*VALUES, *COLUMNS])
def test_every_value_has_words(key: str) -> None:
    assert TABLE[key].zh
    assert TABLE[key].en


def test_templates_and_code_use_only_words_of_the_table() -> None:
    package = Path(reports.__file__).parent
    text = "".join(path.read_text() for path in [*package.rglob("*.j2"), *package.glob("*.py")])
    used = set(re.findall(r"""say\(\s*["']([a-z_.]+[a-z])["']""", text))
    assert len(used) > 20
    assert used <= set(TABLE) | set(CASE_TABLE)


@pytest.mark.parametrize("key", sorted(TABLE))
def test_both_languages_take_the_same_values(key: str) -> None:
    fields = [
        {name for _, name, _, _ in Formatter().parse(text) if name}
        for text in (TABLE[key].zh, TABLE[key].en)
    ]
    assert fields[0] == fields[1]


def test_no_item_of_the_law_stands_in_words_or_templates() -> None:
    package = Path(reports.__file__).parent
    for path in [*package.rglob("*.j2"), *package.rglob("*.py")]:
        assert not re.search(r"第[一二三四五六七八九十\d]+[条项]|银发|item \d", path.read_text()), (
            path
        )


@pytest.mark.parametrize(
    ("tag", "expected"),
    [("zh", "zh"), ("zh-CN", "zh"), ("ZH_tw", "zh"), ("en", "en"), ("de", "en")],
)
def test_a_language_tag_becomes_one_of_two(tag: str, expected: str) -> None:
    assert language(tag) == expected
    assert say("title", language(tag)) == TABLE["title"].text(expected)
