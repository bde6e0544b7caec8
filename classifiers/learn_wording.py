"""Learning `wording.yaml`: which words people use when they promote, and which when they do not.

Regularised logistic regression on the words of whole texts, each text's words weighed by how rare
they are and divided by the square root of their number, as `wording.py` does. Only words of several
sources are learned, so that no author, site or brand of one text gets points. scikit-learn, a
development extra, does the fitting.
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
from classifiers.wording import SPREAD, words_of
from core import BadInput

FEWEST_SOURCES = 3
"""Groups of sources in which a word must stand to be learned."""

MOST_WORDS = 5_000
"""The most telling ones are kept: more of them add nothing."""

STRENGTH = 0.1
"""Inverse of the penalty on the words' points; from 0.05 to 0.6 it makes little difference."""


class LabelledWords(NamedTuple):
    """The different words of one text, whether it promotes, the group of its source, and how much
    it counts."""

    words: frozenset[str]
    promotes: bool
    group: int
    weight: float = 1.0


def labelled_words(example: Example) -> LabelledWords:
    """What wording is learned from: the text of `example` without addresses."""
    text = blank_links(page_of(example.document).text)
    words = frozenset(words_of(fold(text)))
    return LabelledWords(words, example.promotes, example.group, example.row.weight)


def learn_wording(texts: Sequence[LabelledWords]) -> dict[str, float]:
    """Points of the most telling words, strongest for promotion first.

    Raises BadInput where scikit-learn is missing.
    """
    rarity = _rarity(texts)
    if not rarity or len({text.promotes for text in texts}) < 2:
        return {}
    column = {word: place for place, word in enumerate(rarity)}
    rows: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    for row, text in enumerate(texts):
        known = [word for word in text.words if word in column]
        size = math.sqrt(len(known) + SPREAD)
        rows += [row] * len(known)
        columns += [column[word] for word in known]
        values += [rarity[word] / size for word in known]
    sparse, linear_model = _scikit_learn()
    matrix = sparse.csr_matrix((values, (rows, columns)), shape=(len(texts), len(column)))
    model = linear_model.LogisticRegression(
        C=STRENGTH, fit_intercept=False, class_weight="balanced", max_iter=3_000
    )
    weights = [text.weight for text in texts]
    model.fit(matrix, [text.promotes for text in texts], sample_weight=weights)
    points = {w: float(c) * rarity[w] for w, c in zip(column, model.coef_[0], strict=True)}
    telling = sorted(points, key=lambda word: (-abs(points[word]), word))[:MOST_WORDS]
    rounded = {word: round(points[word], 2) for word in telling}
    return dict(sorted(((w, p) for w, p in rounded.items() if p), key=lambda item: -item[1]))


def wording_of(words: Mapping[str, int], points: Mapping[str, float]) -> float:
    """The wording of a passage with so many of each of `words`, under `points`."""
    known = [(points[word], count) for word, count in words.items() if word in points]
    total = sum(point * count for point, count in known)
    return total / math.sqrt(sum(count for _, count in known) + SPREAD)


def _rarity(texts: Collection[LabelledWords]) -> dict[str, float]:
    """For each word of enough sources, the logarithm of how rare it is."""
    groups: dict[str, set[int]] = defaultdict(set)
    counts: dict[str, int] = defaultdict(int)
    for text in texts:
        for word in text.words:
            groups[word].add(text.group)
            counts[word] += 1
    return {
        word: float(np.log(len(texts) / counts[word]))
        for word in sorted(groups)
        if len(groups[word]) >= FEWEST_SOURCES
    }


def _scikit_learn() -> tuple[Any, Any]:
    try:
        return import_module("scipy.sparse"), import_module("sklearn.linear_model")
    except ImportError as error:
        raise BadInput(
            "learning the wording needs scikit-learn", hint="install the development extra `dev`"
        ) from error
