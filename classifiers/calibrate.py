"""Fitting the points of the rules to labelled texts, so that they stay readable.

Regularised logistic regression with sign constraints: a rule for promotion never gets negative
points, a rule against never positive ones; the penalty pulls each towards the points its author
gave (`prior`), so that few texts cannot bend a rule far. A page is as bad as its worst passage, so
the fit alternates between choosing each text's worst passage and fitting.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from classifiers.corpus import Example
from classifiers.gather import find_passages
from classifiers.ruleset import CompiledRule, Ruleset
from classifiers.scoring import fired_rules
from core import StorageError

Vector = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float64]

ROUNDS = 6
STEPS = 1_500
PULL = 0.1
"""Strength of the pull towards the priors, in units of the mean log loss; chosen once by grouped
cross-validation from 0.01, 0.03, 0.1 (docs/classifier.md)."""

BIAS_PRIOR = -3.2


class Points(NamedTuple):
    """Fitted points by rule id, and the bias."""

    bias: float
    points: dict[str, float]


class Passage(NamedTuple):
    """The rules that fired on a passage, as columns with their part (1, or less beside a lure)."""

    columns: tuple[int, ...]
    parts: tuple[float, ...]


def passages_of(example: Example, ruleset: Ruleset) -> list[Passage]:
    """The different passages of a text, as feature rows."""
    order = {compiled.rule.id: i for i, compiled in enumerate(all_rules(ruleset))}
    passages = find_passages(example.document, ruleset)
    if passages is None:
        return []
    found: dict[Passage, None] = {}
    for fired in fired_rules(passages, example.document):
        columns = tuple(order[compiled.rule.id] for compiled, _ in fired)
        found[Passage(columns, tuple(part for _, part in fired))] = None
    return list(found)


def all_rules(ruleset: Ruleset) -> tuple[CompiledRule, ...]:
    """The rules in the order of the fit's columns."""
    return (*ruleset.rules_for, *ruleset.rules_against)


def fit(examples: Sequence[Example], ruleset: Ruleset, pull: float = PULL) -> Points:
    """Fit the points to `examples` (borderline ones are left out)."""
    used = [e for e in examples if e.row.label != "borderline"]
    rows = [passages_of(example, ruleset) for example in used]
    return fit_rows(rows, np.array([e.promotes for e in used], dtype=np.float64), ruleset, pull)


def fit_rows(
    rows: Sequence[Sequence[Passage]], labels: Vector, ruleset: Ruleset, pull: float = PULL
) -> Points:
    """Like `fit`, on passages already found."""
    rules = all_rules(ruleset)
    prior = np.array([compiled.rule.prior for compiled in rules] + [BIAS_PRIOR])
    low = np.array([0.0 if c.rule.side == "for" else -np.inf for c in rules] + [-np.inf])
    high = np.array([np.inf if c.rule.side == "for" else 0.0 for c in rules] + [np.inf])
    weights = prior.copy()
    balance = np.where(
        labels > 0, 0.5 / max(labels.mean(), 1e-9), 0.5 / max(1 - labels.mean(), 1e-9)
    )
    for _ in range(ROUNDS):
        matrix = np.array([_worst(passages, weights) for passages in rows])
        weights = _descend(matrix, labels, balance, weights, (prior, low, high, pull))
    points = {c.rule.id: round(float(w), 2) for c, w in zip(rules, weights[:-1], strict=True)}
    return Points(round(float(weights[-1]), 2), points)


def _worst(passages: Sequence[Passage], weights: Vector) -> Vector:
    """The feature row of the passage with the most points (the bias alone where there is none)."""
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


def score_rows(rows: Sequence[Sequence[Passage]], points: Points, ruleset: Ruleset) -> Vector:
    """Scores of texts under `points`."""
    weights = np.array([points.points[c.rule.id] for c in all_rules(ruleset)] + [points.bias])
    totals = np.array([float(_worst(passages, weights) @ weights) for passages in rows])
    scores: Vector = 1.0 / (1.0 + np.exp(-np.clip(totals, -60, 60)))
    return scores


def write_points(points: Points, path: Path) -> None:
    """Put `points` into the weights file at `path`, its comments and thresholds untouched.

    Raises StorageError when the file cannot be written.
    """
    head, _, _ = path.read_text(encoding="utf-8").partition("\npoints:\n")
    head = re.sub(r"(?m)^bias: .*$", f"bias: {points.bias}", head)
    lines = [f"  {name}: {value}" for name, value in points.points.items()]
    try:
        path.write_text(f"{head}\npoints:\n" + "\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error.strerror}") from error
