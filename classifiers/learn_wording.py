"""Learning `wording.yaml`: which phrases people use when they promote, and which when they do not.

Regularised logistic regression on the phrases of whole texts, weighed by how rare they are and
divided as `wording.py` does. Only phrases of several sources are learned, so that no author, site
or brand of one text gets points; the most telling ones are kept and their points learned anew.
scikit-learn, a development extra, does the fitting.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

from classifiers.bare_links import blank_links
from classifiers.corpus import Example
from classifiers.gather import page_of
from classifiers.normalise import fold
from classifiers.schema import WordingFile
from classifiers.wording import SPREAD, phrases_of, weigh
from core import BadInput

FEWEST_SOURCES = 2
"""Groups of sources in which a phrase must stand to be learned."""

MOST_PHRASES = 12_000
"""The most telling ones are kept: more of them add next to nothing."""

STRENGTH = 0.3
"""Inverse of the penalty on the points; from 0.1 to 3 it makes little difference."""

MOST_BALANCE = 4.0
"""The most that a text counts for more because its label is rare among its like."""

_BASE_WEIGHT = 2.0
"""Size of the column that `base` is learned in: large, so that the penalty hardly touches it."""


class LabelledText(NamedTuple):
    """The different phrases of one text, whether it promotes, the group of its source, and how much
    it counts."""

    phrases: frozenset[str]
    promotes: bool
    group: int
    weight: float = 1.0


def labelled_text(example: Example) -> LabelledText:
    """What wording is learned from: the text of `example` without addresses."""
    text = blank_links(page_of(example.document).text)
    phrases = frozenset(phrases_of(fold(text)))
    return LabelledText(phrases, example.promotes, example.group, example.row.weight)


def learn_wording(texts: Sequence[LabelledText]) -> WordingFile:
    """Points of the most telling phrases, strongest for promotion first.

    Raises BadInput where scikit-learn is missing.
    """
    rarity = _rarity(texts)
    if not rarity or len({text.promotes for text in texts}) < 2:
        return WordingFile(base=0.0, phrases={})
    _, points = _fit(texts, rarity)
    telling = sorted(points, key=lambda phrase: (-abs(points[phrase]), phrase))[:MOST_PHRASES]
    base, points = _fit(texts, {phrase: rarity[phrase] for phrase in sorted(telling)})
    rounded = {phrase: round(value, 2) for phrase, value in points.items()}
    ordered = sorted((one for one in rounded.items() if one[1]), key=lambda one: (-one[1], one[0]))
    return WordingFile(base=round(base, 2), phrases=dict(ordered))


def wording_of(counts: Mapping[str, int], wording: WordingFile) -> float:
    """The wording of a passage with so many of each phrase, under `wording`."""
    points = wording.phrases
    known = [(points[phrase], count) for phrase, count in counts.items() if phrase in points]
    total = sum(point * count for point, count in known)
    return weigh(wording.base, total, sum(count for _, count in known))


def _fit(
    texts: Sequence[LabelledText], rarity: Mapping[str, float]
) -> tuple[float, dict[str, float]]:
    """The base and the points of the phrases in `rarity`."""
    column = {phrase: place for place, phrase in enumerate(rarity)}
    rows: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    for row, text in enumerate(texts):
        known = [phrase for phrase in text.phrases if phrase in column]
        size = math.sqrt(len(known) + SPREAD)
        base = _BASE_WEIGHT * math.sqrt(len(known)) / size
        rows += [row] * (len(known) + 1)
        columns += [*(column[phrase] for phrase in known), len(column)]
        values += [*(rarity[phrase] / size for phrase in known), base]
    sparse, linear_model = _scikit_learn()
    matrix = sparse.csr_matrix((values, (rows, columns)), shape=(len(texts), len(column) + 1))
    model = linear_model.LogisticRegression(C=STRENGTH, fit_intercept=False, max_iter=3_000)
    model.fit(matrix, [text.promotes for text in texts], sample_weight=_balanced(texts))
    *found, last = model.coef_[0].tolist()
    points = {p: c * rarity[p] for p, c in zip(column, found, strict=True)}
    return last * _BASE_WEIGHT, points


def _balanced(texts: Sequence[LabelledText]) -> list[float]:
    """How much each text counts: both labels alike among texts of one script and size, so that
    neither a language nor shortness is taken for a sign of promotion."""
    kinds = [(_script(text), len(text.phrases).bit_length()) for text in texts]
    totals: dict[tuple[bool, int], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for kind, text in zip(kinds, texts, strict=True):
        totals[kind][text.promotes] += text.weight
    weights = []
    for kind, text in zip(kinds, texts, strict=True):
        total = totals[kind]
        share = total[text.promotes] / sum(total)
        weights.append(text.weight * min(0.5 / share, MOST_BALANCE))
    return weights


def _script(text: LabelledText) -> bool:
    """Whether a text is written in ideographs for the most part."""
    latin = sum(phrase[0] <= "z" for phrase in text.phrases)
    return 2 * latin < len(text.phrases)


def _rarity(texts: Collection[LabelledText]) -> dict[str, float]:
    """For each phrase of enough sources, the logarithm of how rare it is."""
    groups: dict[str, set[int]] = defaultdict(set)
    counts: dict[str, int] = defaultdict(int)
    for text in texts:
        for phrase in text.phrases:
            groups[phrase].add(text.group)
            counts[phrase] += 1
    return {
        phrase: float(np.log(len(texts) / counts[phrase]))
        for phrase in sorted(groups)
        if len(groups[phrase]) >= FEWEST_SOURCES
    }


def _scikit_learn() -> tuple[Any, Any]:
    try:
        return import_module("scipy.sparse"), import_module("sklearn.linear_model")
    except ImportError as error:
        raise BadInput(
            "learning the wording needs scikit-learn", hint="install the development extra `dev`"
        ) from error
