"""Fitting the points of the rules to labelled texts, so that they stay readable.

Regularised logistic regression with sign constraints: a rule for promotion never gets negative
points, a rule against never positive ones; the penalty pulls each towards the points its author
gave (`prior`), so that few texts cannot bend a rule far. A page is as bad as its worst passage, so
the fit alternates between choosing each text's worst passage and fitting. The points of phrases
(`learn_wording.py`) are learned first.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import structs

from classifiers.corpus import Example
from classifiers.gather import find_passages, page_of
from classifiers.learn_wording import LabelledText, labelled_text, learn_wording, wording_of
from classifiers.ruleset import CompiledRule, Ruleset
from classifiers.schema import WeightsFile, WordingFile
from classifiers.scoring import is_short, page_wording, passage_wording, readings
from core import StorageError
from core.strict_yaml import load_yaml

Vector = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float64]

ROUNDS = 6
STEPS = 1_500
PULL = 0.03
"""Strength of the pull towards the priors, in units of the mean log loss; chosen once by grouped
cross-validation from 0.003, 0.01, 0.03, 0.1 (docs/classifier.md)."""

READINGS = 2
"""How often the texts are read: what heaped rules give together depends on the points before."""

BIAS_PRIOR = -3.2
PROMOTING = 0.35
"""Share of promotion that the texts are weighed to: a corpus holds far more of it than the pages of
a platform do, and a false alarm costs minutes and trust."""

SILENT_PULL = 0.01
"""The same for the two numbers of short pages on which nothing speaks."""

WORDING_FOLDS = 5
_NO_PLAIN_KEYS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))


class Points(NamedTuple):
    """Fitted points by rule id, the bias, what a short page starts from on which nothing speaks and
    what a unit of its wording gives, and the learned wording."""

    bias: float
    short_silence: float
    short_wording: float
    points: dict[str, float]
    wording: WordingFile


class Passage(NamedTuple):
    """The rules that fired on a passage, as columns with their part (1, or less beside a lure)."""

    columns: tuple[int, ...]
    parts: tuple[float, ...]


class Seen(NamedTuple):
    """A passage before its wording is weighed: what the rules say of it, and how often each phrase
    stands in it. `speaks`: a rule speaks for promotion."""

    passage: Passage
    speaks: bool
    lured: bool
    topical: bool
    phrases: Mapping[str, int]


class Text(NamedTuple):
    """What is fitted to: the different passages of a text, its phrases, and whether it is short."""

    seen: tuple[Seen, ...]
    whole: LabelledText
    short: bool


def text_of(example: Example, ruleset: Ruleset) -> Text:
    """Read `example` once, for any number of fits."""
    order = {compiled.rule.id: i for i, compiled in enumerate(all_rules(ruleset))}
    passages = find_passages(example.document, ruleset)
    whole = labelled_text(example)
    found: dict[tuple[Passage, frozenset[tuple[str, int]]], Seen] = {}
    for unit, reading in readings(passages, example.document) if passages else ():
        fired = (*reading.speaks_for, *reading.against)
        if not passages or not (reading.speaks_for or reading.topical):
            continue
        parts = (
            *(reading.share,) * len(reading.speaks_for),
            *(1.0 if f.compiled.rule.mention else reading.part for f in reading.against),
        )
        passage = Passage(tuple(order[f.compiled.rule.id] for f in fired), parts)
        near, worded = passages.near(unit), passages.worded
        if passages.one_voice:
            phrases = Counter(whole.phrases)
        else:
            phrases = Counter(worded.phrases(near)) if worded else Counter()
        speaks = bool(reading.speaks_for)
        key = (passage, frozenset(phrases.items()))
        found[key] = Seen(passage, speaks, reading.lured, reading.topical, phrases)
    short = is_short(page_of(example.document), example.document)
    return Text(tuple(found.values()), whole, short)


def all_rules(ruleset: Ruleset) -> tuple[CompiledRule, ...]:
    """The rules in the order of the fit's columns, those that weigh wording last."""
    learned = (*ruleset.passage_wording, *ruleset.page_wording)
    return (*ruleset.rules_for, *ruleset.rules_against, *learned)


def fit(examples: Sequence[Example], ruleset: Ruleset, pull: float = PULL) -> Points:
    """Fit the points to `examples` (borderline ones are left out). Raises BadInput where
    scikit-learn is missing."""
    used = [e for e in examples if e.row.label != "borderline"]
    points = {compiled.rule.id: compiled.rule.prior for compiled in all_rules(ruleset)}
    for _ in range(READINGS):
        current = _with_points(ruleset, points)
        found = fit_texts([text_of(example, current) for example in used], current, pull)
        points = found.points
    return found


def _with_points(ruleset: Ruleset, points: Mapping[str, float]) -> Ruleset:
    catalogue = ruleset.catalogue
    weights = catalogue.weights
    weights = structs.replace(weights, points={**weights.points, **points})
    return Ruleset(structs.replace(catalogue, weights=weights))


def fit_texts(texts: Sequence[Text], ruleset: Ruleset, pull: float = PULL) -> Points:
    """Like `fit`, on texts already read.

    The rules are fitted beside the wording that each text has under words learned from other
    sources, so that wording is trusted as far as it goes on texts it has not seen.
    """
    rows: list[list[Passage]] = [[] for _ in texts]
    pages = [0.0] * len(texts)
    for held_out in grouped_folds([text.whole.group for text in texts], WORDING_FOLDS):
        out = set(held_out)
        learned = learn_wording([t.whole for i, t in enumerate(texts) if i not in out])
        for index in held_out:
            rows[index] = worded(texts[index], learned, ruleset)
            pages[index] = _page_wording(texts[index], learned)
    speaking = [index for index, passages in enumerate(rows) if passages]
    silent = [index for index, text in enumerate(texts) if text.short and not rows[index]]
    labels = np.array([text.whole.promotes for text in texts], dtype=np.float64)
    balance = _balance(labels, np.array([text.whole.weight for text in texts], dtype=np.float64))
    spoken = [rows[index] for index in speaking]
    bias, points = _fit_rows(spoken, labels[speaking], balance[speaking], ruleset, pull)
    short = np.array([[1.0, pages[index]] for index in silent]).reshape(len(silent), 2)
    short_silence, short_wording = _fit_silent(short, labels[silent], balance[silent], ruleset)
    wording = learn_wording([text.whole for text in texts])
    return Points(bias, short_silence, short_wording, points, wording)


def worded(text: Text, wording: WordingFile, ruleset: Ruleset) -> list[Passage]:
    """The passages of `text` with their wording under `wording` as further columns."""
    order = {compiled.rule.id: i for i, compiled in enumerate(all_rules(ruleset))}
    page = _page_wording(text, wording)
    rows: dict[Passage, None] = {}
    for seen in text.seen:
        value = wording_of(seen.phrases, wording)
        if not seen.speaks and not (seen.topical and value > 0):
            continue
        weighed = (
            passage_wording(ruleset, value, topical=seen.topical, lured=seen.lured),
            page_wording(ruleset, page, lured=seen.lured),
        )
        more = [(order[w.compiled.rule.id], w.amount) for w in weighed if w is not None]
        columns, parts = seen.passage
        columns = (*columns, *(column for column, _ in more))
        rows[Passage(columns, (*parts, *(amount for _, amount in more)))] = None
    return list(rows)


def _page_wording(text: Text, wording: WordingFile) -> float:
    return wording_of(dict.fromkeys(text.whole.phrases, 1), wording)


def _fit_rows(
    rows: Sequence[Sequence[Passage]],
    labels: Vector,
    balance: Vector,
    ruleset: Ruleset,
    pull: float,
) -> tuple[float, dict[str, float]]:
    rules = all_rules(ruleset)
    prior = np.array([compiled.rule.prior for compiled in rules] + [BIAS_PRIOR])
    low = np.array([0.0 if c.rule.side == "for" else -np.inf for c in rules] + [-np.inf])
    high = np.array([np.inf if c.rule.side == "for" else 0.0 for c in rules] + [np.inf])
    weights = prior.copy()
    for _ in range(ROUNDS):
        matrix = np.array([_worst(passages, weights) for passages in rows])
        weights = _descend(matrix, labels, balance, weights, (prior, low, high, pull))
    points = {c.rule.id: round(float(w), 2) for c, w in zip(rules, weights[:-1], strict=True)}
    return round(float(weights[-1]), 2), points


def _balance(labels: Vector, counted: Vector) -> Vector:
    """How much each text counts, so that PROMOTING of all weight is promotion."""
    share = float(np.average(labels, weights=counted))
    promoting = PROMOTING / max(share, 1e-9)
    balance = np.where(labels > 0, promoting, (1 - PROMOTING) / max(1 - share, 1e-9))
    counts: Vector = balance * counted / counted.mean()
    return counts


def _fit_silent(
    matrix: Matrix, labels: Vector, balance: Vector, ruleset: Ruleset
) -> tuple[float, float]:
    """What a short page starts from on which nothing speaks, and the points of its wording."""
    prior = np.array([ruleset.weights.silence, 1.0])
    if not len(labels):
        return float(prior[0]), float(prior[1])
    most = ruleset.weights.most_wording
    bounds = (prior, np.array([-np.inf, 0.0]), np.array([np.inf, np.inf]), SILENT_PULL)
    found = _descend(np.clip(matrix, -most, most), labels, balance, prior.copy(), bounds)
    return round(float(found[0]), 2), round(float(found[1]), 2)


def _worst(passages: Sequence[Passage], weights: Vector) -> Vector:
    """The feature row of the passage with the most points."""
    best = np.zeros(len(weights))
    best[-1] = 1.0
    top = -np.inf
    for passage in passages:
        columns = list(passage.columns)
        total = float(np.dot(weights[columns], passage.parts))
        if total > top:
            top = total
            best[:-1] = 0.0
            best[columns] = passage.parts
    return best


def _descend(
    matrix: Matrix,
    labels: Vector,
    balance: Vector,
    weights: Vector,
    bounds: tuple[Vector, Vector, Vector, float],
) -> Vector:
    """Accelerated projected gradient descent on the penalised log loss."""
    prior, low, high, pull = bounds
    scale = 1.0 / (1.0 + np.abs(prior))
    rate = 1.0 / (0.25 * np.linalg.norm(matrix, 2) ** 2 * balance.max() / len(labels) + pull)
    ahead = weights.copy()
    momentum = 1.0
    for _ in range(STEPS):
        chance = 1.0 / (1.0 + np.exp(-np.clip(matrix @ ahead, -60, 60)))
        gradient = matrix.T @ ((chance - labels) * balance) / len(labels)
        gradient += pull * scale * (ahead - prior) / 2
        following = np.clip(ahead - rate * gradient, low, high)
        next_momentum = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = following + (momentum - 1) / next_momentum * (following - weights)
        weights, momentum = following, next_momentum
    return weights


def score_texts(texts: Sequence[Text], points: Points, ruleset: Ruleset) -> Vector:
    """Scores of texts under `points`."""
    rows = [worded(text, points.wording, ruleset) for text in texts]
    weights = np.array([points.points[c.rule.id] for c in all_rules(ruleset)] + [points.bias])
    totals = np.array(
        [
            float(_worst(passages, weights) @ weights)
            if passages
            else _silent(text, points, ruleset)
            for text, passages in zip(texts, rows, strict=True)
        ]
    )
    scores: Vector = 1.0 / (1.0 + np.exp(-np.clip(totals, -60, 60)))
    return scores


def _silent(text: Text, points: Points, ruleset: Ruleset) -> float:
    """Log-odds of a text on which nothing speaks."""
    wording = _page_wording(text, points.wording) if text.short else 0.0
    if not wording:
        return ruleset.weights.silence
    most = ruleset.weights.most_wording
    return points.short_silence + points.short_wording * max(-most, min(most, wording))


def grouped_folds(groups: Sequence[int], folds: int) -> list[list[int]]:
    """Held-out texts of each fold. Groups stay whole; the largest are dealt first, each
    to the fold that holds the fewest texts, so that the split is the same everywhere."""
    members: dict[int, list[int]] = {}
    for index, group in enumerate(groups):
        members.setdefault(group, []).append(index)
    dealt: list[list[int]] = [[] for _ in range(min(folds, len(members)))]
    for group in sorted(members, key=lambda g: (-len(members[g]), g)):
        min(dealt, key=len).extend(members[group])
    return [sorted(fold_members) for fold_members in dealt]


def write_points(points: Points, catalogue: Path) -> None:
    """Put `points` into `weights.yaml` and `wording.yaml` of the folder `catalogue`; the heads of
    the files, with their comments and thresholds, stay as they are, and so do the points of shadow
    rules, which nothing was fitted to.

    Raises StorageError when a file cannot be written.
    """
    weights, wording = catalogue / "weights.yaml", catalogue / "wording.yaml"
    head = weights.read_text(encoding="utf-8").partition("\npoints:")[0]
    for name in ("bias", "short_silence", "short_wording"):
        head = re.sub(rf"(?m)^{name}: .*$", f"{name}: {getattr(points, name)}", head)
    before = load_yaml(weights, WeightsFile).value.points
    shadow = {rule: value for rule, value in before.items() if rule not in points.points}
    _write(weights, f"{head}\npoints:", {**points.points, **shadow})
    head = wording.read_text(encoding="utf-8").partition("\nphrases:")[0]
    head = re.sub(r"(?m)^base: .*$", f"base: {points.wording.base}", head)
    _write(wording, f"{head}\nphrases:", points.wording.phrases)


def _write(path: Path, head: str, values: Mapping[str, float]) -> None:
    lines = [f"  {_key(name)}: {value}" for name, value in values.items()]
    text = head + ("\n" + "\n".join(lines) if lines else " {}") + "\n"
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error.strerror}") from error


def _key(name: str) -> str:
    """`name` as a YAML key: marks, and words such as `no`, would be read as something else."""
    plain = name.replace("_", "a").isalnum() and name not in _NO_PLAIN_KEYS and name[0] != "0"
    return name if plain else "'" + name.replace("'", "''") + "'"
