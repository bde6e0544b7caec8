"""The wording of a page: weighed as a whole and for any run of units, shown phrase by phrase."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np

from classifiers.matcher import Hit
from classifiers.normalise import Folded, fold
from classifiers.wording import Floats, Occurrences, Places, Wording, phrases_of

_CHOSEN = 4
"""Occurrences looked at for each phrase shown: several may be of one phrase."""


class PageWording:
    """The known phrases of one folded page, each counted once a unit. `near` is a run of unit
    indices. Values are above zero where the text is worded like promotion, below like others."""

    def __init__(self, wording: Wording, folded: Folded, unit_starts: Sequence[int]) -> None:
        self._raw = folded.raw
        self._starts = (*unit_starts, len(folded.raw))
        self._wording = wording
        found = wording.occurrences(folded)
        units = np.searchsorted(unit_starts, found.start, side="right") - 1
        _, once = np.unique(units * len(wording) + found.term, return_index=True)
        once = np.sort(once)
        self._found = Occurrences(*(column[once] for column in found))
        self._units = units[once]
        size = len(unit_starts)
        sums = np.bincount(self._units, self._found.points, size)
        self._sums = _running(sums.astype(np.float64))
        self._counts = _running(np.bincount(self._units, minlength=size).astype(np.float64))

    def of(self, near: Sequence[int]) -> float:
        """The wording of the units `near`."""
        first, last = near[0], near[-1] + 1
        count = float(self._counts[last] - self._counts[first])
        return self._wording.weigh(float(self._sums[last] - self._sums[first]), count)

    @cached_property
    def of_page(self) -> float:
        """The wording of the page as a whole, each phrase counted once."""
        _, once = np.unique(self._found.term, return_index=True)
        return self._wording.weigh(float(self._found.points[once].sum()), len(once))

    def telling(
        self, limit: int, *, promoting: bool, near: Sequence[int] | None = None
    ) -> list[Hit]:
        """The `limit` phrases that speak most for (`promoting`) or against promotion in the units
        `near` or on the whole page, strongest first, each once. Strong ones that overlap are
        shown as one."""
        inside = (self._found.points > 0) == promoting
        if near is not None:
            inside &= (self._units >= near[0]) & (self._units <= near[-1])
        rows = np.flatnonzero(inside)
        many = _CHOSEN * limit
        if len(rows) > many:
            rows = rows[np.argpartition(-np.abs(self._found.points[rows]), many)[:many]]
        phrases: dict[str, tuple[float, int, int]] = {}
        for start, end, points in _merged(self._found, rows):
            phrases.setdefault(self._raw[start:end].casefold(), (abs(points), start, end))
        strongest = heapq.nlargest(limit, phrases.values())
        return [self._hit(start, end) for _, start, end in strongest]

    def _hit(self, start: int, end: int) -> Hit:
        raw = self._raw[start:end]
        return Hit(start, end, (), "", fold(raw).text or raw)

    def phrases(self, near: Sequence[int]) -> Iterator[str]:
        """All phrases of the units `near`, known or not, each once a unit: what is learned from."""
        for unit in near:
            yield from set(phrases_of(fold(self._raw[self._starts[unit] : self._starts[unit + 1]])))


def _merged(found: Occurrences, rows: Places) -> list[tuple[int, int, float]]:
    """(start, end, points) of the occurrences `rows`, those that overlap put together."""
    rows = rows[np.argsort(found.start[rows], kind="stable")]
    columns = (found.start[rows].tolist(), found.end[rows].tolist(), found.points[rows].tolist())
    spans: list[tuple[int, int, float]] = []
    for start, end, points in zip(*columns, strict=True):
        if spans and start < spans[-1][1]:
            first, last, before = spans[-1]
            spans[-1] = (first, max(last, end), before + points)
        else:
            spans.append((start, end, points))
    return spans


def _running(values: Floats) -> Floats:
    return np.concatenate(([0.0], np.cumsum(values)))
