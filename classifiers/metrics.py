"""Figures of a ranking against labels. Scores in [0, 1], labels True for promotion."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

BINS = 10


class Metrics(msgspec.Struct, frozen=True):
    """Precision and recall are at the threshold named; None where nothing is there to divide by."""

    texts: int
    promotions: int
    threshold: float
    precision: float | None
    recall: float | None
    average_precision: float | None
    recall_at_precision_95: float | None
    calibration_error: float


def measure(scores: Sequence[float], labels: Sequence[bool], threshold: float) -> Metrics:
    """The figures of `scores` for `labels`."""
    called = [label for score, label in zip(scores, labels, strict=True) if score >= threshold]
    positives = sum(labels)
    return Metrics(
        texts=len(labels),
        promotions=positives,
        threshold=threshold,
        precision=_ratio(sum(called), len(called)),
        recall=_ratio(sum(called), positives),
        average_precision=average_precision(scores, labels),
        recall_at_precision_95=recall_at_precision(scores, labels, 0.95),
        calibration_error=calibration_error(scores, labels),
    )


def average_precision(scores: Sequence[float], labels: Sequence[bool]) -> float | None:
    """Area under the precision-recall curve as a step function; equal scores count together."""
    positives = sum(labels)
    if not positives:
        return None
    total = 0.0
    recall = 0.0
    for precision, reached in _curve(scores, labels):
        total += precision * (reached - recall)
        recall = reached
    return total


def recall_at_precision(
    scores: Sequence[float], labels: Sequence[bool], precision: float
) -> float | None:
    """The highest recall of any threshold whose precision is at least `precision`."""
    if not sum(labels):
        return None
    return max((r for p, r in _curve(scores, labels) if p >= precision), default=0.0)


def calibration_error(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """Mean distance of score and share of promotion over ten bins of equal width, weighted."""
    error = 0.0
    for number in range(BINS):
        members = [
            (score, label)
            for score, label in zip(scores, labels, strict=True)
            if min(BINS - 1, int(score * BINS)) == number
        ]
        if members:
            mean = math.fsum(score for score, _ in members) / len(members)
            share = sum(label for _, label in members) / len(members)
            error += abs(mean - share) * len(members) / len(scores)
    return error


def _curve(scores: Sequence[float], labels: Sequence[bool]) -> list[tuple[float, float]]:
    """(precision, recall) at every distinct threshold, from the highest down."""
    ranked = sorted(zip(scores, labels, strict=True), key=lambda pair: -pair[0])
    positives = sum(labels)
    curve: list[tuple[float, float]] = []
    found = 0
    for place, (score, label) in enumerate(ranked, start=1):
        found += label
        if place == len(ranked) or ranked[place][0] != score:
            curve.append((found / place, found / positives))
    return curve


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
