"""The wording of a page: weighed for any run of neighbouring units, and shown word by word."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from classifiers.matcher import Hit
from classifiers.normalise import Folded, fold
from classifiers.wording import SPREAD, Floats, Wording, merged, words_of


class PageWording:
    """The known words of one folded page, counted by unit. `near` is a run of unit indices."""

    def __init__(self, wording: Wording, folded: Folded, unit_starts: Sequence[int]) -> None:
        self._folded = folded
        self._starts = (*unit_starts, len(folded.raw))
        self._found = wording.occurrences(folded)
        places = folded.positions()[self._found.start]
        self._units = np.searchsorted(unit_starts, places, side="right") - 1
        size = len(unit_starts)
        sums = np.bincount(self._units, self._found.points, size)
        self._sums = _running(sums.astype(np.float64))
        self._counts = _running(np.bincount(self._units, minlength=size).astype(np.float64))

    def of(self, near: Sequence[int]) -> float:
        """Above zero where the units `near` are worded like promotion, below like other things."""
        first, last = near[0], near[-1] + 1
        count = float(self._counts[last] - self._counts[first])
        return float(self._sums[last] - self._sums[first]) / math.sqrt(count + SPREAD)

    def telling(self, near: Sequence[int], *, promoting: bool) -> list[Hit]:
        """The words that speak most for (`promoting`) or against promotion, strongest first, each
        once. Pairs of ideographs that overlap are one word."""
        inside = (self._units >= near[0]) & (self._units <= near[-1])
        inside &= (self._found.points > 0) == promoting
        words: dict[str, tuple[float, Hit]] = {}
        for first, last, points in merged(self._found, inside):
            word = self._folded.text[first:last]
            hit = Hit(*self._folded.raw_span(first, last), (), "", word)
            words.setdefault(word, (points, hit))
        return [hit for _, hit in sorted(words.values(), key=lambda pair: -abs(pair[0]))]

    def words(self, near: Sequence[int]) -> list[str]:
        """All words of the units `near`, known or not: what is learned from."""
        start, end = self._starts[near[0]], self._starts[near[-1] + 1]
        return list(words_of(fold(self._folded.raw[start:end])))


def _running(values: Floats) -> Floats:
    return np.concatenate(([0.0], np.cumsum(values)))
