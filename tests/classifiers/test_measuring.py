"""Metrics by hand, wrong corpora, folds that keep networks together, fits that keep signs."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from shutil import copytree

import pytest
import yaml

from classifiers import Ruleset, evaluate, fit, load_catalogue, load_corpus, write_points
from classifiers.calibrate import grouped_folds
from classifiers.corpus import CorpusRow, Example
from classifiers.metrics import average_precision, calibration_error, measure, recall_at_precision
from classifiers.schema import WordingFile
from classifiers.text_document import document_from_text
from core import BadInput

TEXTS = Path(__file__).parent / "texts"
ON = date(2026, 7, 1)


def row(**fields: object) -> str:
    base = {"id": "a", "label": "promotion", "text": "收U", "source": "one/repo:a.md"}
    return json.dumps({**base, **fields}, ensure_ascii=False)


def corpus(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "corpus.jsonl"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def own() -> list[Example]:
    found: list[Example] = []
    for name, label in (("promotion", "promotion"), ("clear", "not_promotion")):
        sections = yaml.safe_load((TEXTS / f"{name}.yaml").read_text(encoding="utf-8"))
        for texts in sections.values():
            for text in texts:
                number = len(found)
                fields = CorpusRow(id=str(number), label=label, text=text)  # type: ignore[arg-type]
                document = document_from_text(text)
                found.append(Example(row=fields, document=document, group=number // 4))
    return found


def test_average_precision_by_hand() -> None:
    scores, labels = [0.9, 0.8, 0.7, 0.6], [True, False, True, False]
    assert average_precision(scores, labels) == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
    assert recall_at_precision(scores, labels, 0.95) == 0.5
    assert recall_at_precision(scores, labels, 0.6) == 1.0


def test_equal_scores_count_together() -> None:
    assert average_precision([0.5, 0.5], [True, False]) == pytest.approx(0.5)


def test_calibration_error_by_hand() -> None:
    assert calibration_error([0.05, 0.95], [False, True]) == pytest.approx(0.05)


def test_nothing_to_divide_by_is_none() -> None:
    figures = measure([0.1], [False], 0.5)
    assert (figures.precision, figures.recall, figures.average_precision) == (None, None, None)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["{"], r"corpus\.jsonl:1: "),
        ([row(), row(label="maybe")], r"corpus\.jsonl:2: "),
        ([""], "holds no rows"),
    ],
)
def test_wrong_corpus_is_one_line(
    lines: list[str], message: str, tmp_path: Path, ruleset: Ruleset
) -> None:
    with pytest.raises(BadInput, match=message):
        load_corpus(corpus(tmp_path, *lines), ruleset)


def test_missing_corpus_is_one_line(tmp_path: Path, ruleset: Ruleset) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        load_corpus(tmp_path / "none.jsonl", ruleset)


def test_one_network_stays_on_one_side(tmp_path: Path, ruleset: Ruleset) -> None:
    link = "https://www.okx.com/join/5566778"
    path = corpus(
        tmp_path,
        row(id="a", source="one/repo:a.md", text=f"开户 {link}", urls=[link]),
        row(id="b", source="one/repo:b.md"),
        row(id="c", source="two/repo:a.md", text="另一处", urls=[link]),
        row(id="d", source="three/repo:a.md"),
    )
    groups = [example.group for example in load_corpus(path, ruleset)]
    assert groups[0] == groups[1] == groups[2] != groups[3]


def test_folds_hold_out_every_text_once_and_split_no_group(own: list[Example]) -> None:
    folds = grouped_folds([example.group for example in own], 10)
    assert sorted(i for fold in folds for i in fold) == list(range(len(own)))
    where = {i: n for n, fold in enumerate(folds) for i in fold}
    for group in {example.group for example in own}:
        assert len({where[i] for i, example in enumerate(own) if example.group == group}) == 1


def test_fit_keeps_signs_and_is_deterministic(own: list[Example], ruleset: Ruleset) -> None:
    points = fit(own[::2], ruleset)
    assert points == fit(own[::2], ruleset)
    sides = {rule.id: rule.side for rule in ruleset.catalogue.rules}
    assert all(v >= 0 if sides[k] == "for" else v <= 0 for k, v in points.points.items())


def test_written_points_can_be_read_again(
    own: list[Example], ruleset: Ruleset, tmp_path: Path
) -> None:
    catalogue = tmp_path / "catalogue"
    copytree(Path(__file__).parents[2] / "catalogue", catalogue)
    points = fit(own[::3], ruleset)
    odd = {"no": -0.5, "0": 0.25, "0x": 0.5, "$0": -0.25, "币": 0.1, "sign up": 0.3, "#": 0.2}
    wording = WordingFile(base=-0.75, phrases={**points.wording.phrases, **odd})
    write_points(points._replace(wording=wording, short_silence=-1.5), catalogue)
    again = load_catalogue(catalogue)
    assert again.weights.points == points.points
    assert again.weights.bias == points.bias
    assert again.wording == wording
    assert again.weights.short_silence == -1.5
    heads = {"weights.yaml": "# Points of the rules", "wording.yaml": "# Wording:"}
    for name, head in heads.items():
        assert (catalogue / name).read_text(encoding="utf-8").startswith(head)


def test_evaluation_beats_its_baselines(own: list[Example], ruleset: Ruleset) -> None:
    report = evaluate(own[::2], ruleset, ON, baselines=True)
    crossed = report.cross_validated.average_precision
    assert crossed is not None
    assert crossed >= 0.97
    for name, figures in report.baselines.items():
        assert (figures.average_precision or 0) < crossed, name
    assert report.labels["promotion"]["violation"] > 0


def test_one_label_alone_cannot_be_evaluated(own: list[Example], ruleset: Ruleset) -> None:
    with pytest.raises(BadInput, match="both labels"):
        evaluate([example for example in own if example.promotes], ruleset, ON)
