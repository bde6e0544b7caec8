"""Shadow entries decide nothing until a person takes `shadow` away."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from classifiers import (
    Proposal,
    Ruleset,
    RulesetName,
    check_catalogue,
    classify,
    document_from_text,
    is_guarded,
    load_catalogue,
    load_ruleset,
    load_with_shadow,
    ruleset_named,
    shadow_entries,
    write_points,
)
from classifiers.calibrate import Points
from classifiers.schema import WordingFile
from core import BadInput, CatalogueError, Verdict
from core.verdict_change import verdict_change
from tests.classifiers.conftest import CATALOGUE
from tests.shadow_catalogue import TEXT, shadow_catalogue

DAY = date(2026, 3, 2)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shadow_catalogue(tmp_path / "catalogue")


def judged(ruleset: Ruleset, text: str = TEXT) -> Verdict:
    return classify(document_from_text(text), ruleset, on=DAY)


def test_the_shipped_catalogue_costs_nothing() -> None:
    ruleset, shadow = load_with_shadow(CATALOGUE)
    assert shadow is None
    assert shadow_entries(ruleset.catalogue) == ()


def test_shadow_entries_change_no_verdict(folder: Path, ruleset: Ruleset) -> None:
    live, shadow = load_with_shadow(folder)
    assert shadow is not None
    for text in (TEXT, "币安注册填邀请码：KX88T2", "比特币今日价格"):
        before, after = judged(ruleset, text), judged(live, text)
        assert (before.label, before.score) == (after.label, after.score)
        assert before.evidence == after.evidence
    assert shadow_entries(shadow.catalogue) == ("rule moon_phrase", "cue moon_word")


def test_what_they_would_change_is_told(folder: Path) -> None:
    live, shadow = load_with_shadow(folder)
    assert shadow is not None
    change = verdict_change(judged(live), judged(shadow))
    assert change is not None
    assert (change.kind, change.label_before, change.label_after) == (
        "gained",
        "clear",
        "violation",
    )
    assert [(one.rule, one.before) for one in change.reasons if one.rule == "moon_phrase"] == [
        ("moon_phrase", 0.0)
    ]
    assert change.terms_new == ("moon_word/月光社集合",)
    back = verdict_change(judged(shadow), judged(live))
    assert back is not None
    assert (back.kind, back.terms_gone) == ("lost", ("moon_word/月光社集合",))
    assert verdict_change(judged(live), judged(live)) is None


def test_examples_of_shadow_entries_are_tried_too(folder: Path) -> None:
    live, shadow = load_with_shadow(folder)
    assert shadow is not None
    assert check_catalogue(live) == []
    assert check_catalogue(shadow) == []


def test_a_shadow_word_of_a_live_cue(tmp_path: Path) -> None:
    folder = tmp_path / "catalogue"
    shutil.copytree(CATALOGUE, folder)
    path = folder / "lexicon" / "access.yaml"
    text = path.read_text(encoding="utf-8")
    words = "    words: [备用域名,"
    assert text.count(words) == 1
    path.write_text(text.replace(words, f"    shadow_words: [月亮入口]\n{words}"), "utf-8")
    live, shadow = load_with_shadow(folder)
    assert shadow is not None
    assert shadow_entries(shadow.catalogue) == ("word mirror_domain/月亮入口",)
    sentence = "欧易月亮入口"
    entries = [{one.entry for one in judged(r, sentence).signals} for r in (live, shadow)]
    assert "mirror_domain/月亮入口" not in entries[0]
    assert "mirror_domain/月亮入口" in entries[1]


def test_a_learned_rule_cannot_be_shadow(folder: Path) -> None:
    for path in (folder / "rules").glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("    learned: true", "    shadow: true\n    learned: true"))
    with pytest.raises(CatalogueError, match="cannot be shadow"):
        load_catalogue(folder)


def test_fitting_leaves_the_points_of_shadow_rules(folder: Path) -> None:
    live = load_ruleset(folder)
    wording = WordingFile(base=0.0, phrases={})
    points = Points(-4.0, -4.0, 1.0, points=dict(live.weights.points), wording=wording)
    del points.points["moon_phrase"]
    write_points(points, folder)
    assert load_catalogue(folder).weights.points["moon_phrase"] == 6.0


PROMOTION = "币安注册填邀请码：KX88T2"


def proposed(kind: str, subject: str, name: str) -> Ruleset:
    return ruleset_named(RulesetName(str(CATALOGUE), proposal=Proposal(kind, subject, name)))  # type: ignore[arg-type]


def test_a_rule_can_be_raised_retired_and_guarded_in_memory(ruleset: Ruleset) -> None:
    def points(of: Ruleset, text: str = PROMOTION) -> float:
        return sum(e.points for e in judged(of, text).evidence if e.rule == "code_beside_name")

    before = points(ruleset)
    assert before > 0
    assert points(proposed("raise", "rule", "code_beside_name")) == pytest.approx(before + 0.5)
    assert points(proposed("retire", "rule", "code_beside_name")) == 0
    guarded = proposed("guard", "rule", "code_beside_name")
    assert points(guarded) == pytest.approx(before)
    warned = f"警方通报：这是骗局。{PROMOTION}"
    assert points(ruleset, warned) > 0
    assert points(guarded, warned) == 0


def test_a_term_can_be_retired_and_guarded_in_memory(ruleset: Ruleset) -> None:
    entries = {one.entry for one in judged(ruleset, "欧易最新备用域名").signals}
    assert "mirror_domain/备用域名" in entries
    retired = proposed("retire", "term", "mirror_domain/备用域名")
    seen = {one.entry for one in judged(retired, "欧易最新备用域名").signals}
    assert "mirror_domain/备用域名" not in seen
    guarded = proposed("guard", "term", "okx").catalogue
    (okx,) = [one for one in guarded.exchanges.entities if one.id == "okx"]
    assert okx.names == ()
    assert is_guarded(guarded, "okx")
    assert not is_guarded(ruleset.catalogue, "okx")


@pytest.mark.parametrize("name", ["no_such_rule", "mirror_domain/没有", "nobody"])
def test_what_is_not_there_cannot_be_changed(name: str) -> None:
    subject = "rule" if name == "no_such_rule" else "term"
    with pytest.raises(BadInput, match=f"is called `{name}`"):
        proposed("retire", subject, name)
