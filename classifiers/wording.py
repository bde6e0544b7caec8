"""How a passage is worded: learned points of single words and of pairs of ideographs.

Rules know what promotion is made of; wording knows how people write when they promote, and when
they report, warn, ask or explain. Each word has points (`catalogue/wording.yaml`, fitted by
`promowatch calibrate`, readable and editable); a passage's wording is their sum over the square
root of how many of them it holds, so that a long passage is not worded more strongly than a short
one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from classifiers.fold_table import IDEOGRAPH
from classifiers.normalise import Folded

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

SHORTEST, LONGEST = 2, 24
"""Letters of a Latin word; others are no words."""

SPREAD = 6.0
"""Added to the number of words, so that two or three of them alone decide nothing."""

_WORD = re.compile(rf"[a-z]{{{SHORTEST},{LONGEST}}}|[\u3400-\u9fff]{{2}}")
_BASE = np.uint64(1_099_511_628_211)
_POWERS = np.array([pow(int(_BASE), i, 1 << 64) for i in range(LONGEST + 1)], dtype=np.uint64)
_LETTER_A, _LETTER_Z = 97, 122
_PAIR_SHIFT = np.uint64(24)


class Occurrences(NamedTuple):
    """Known words of a text in its order: folded [`start`, `end`), and points of each."""

    start: Places
    end: Places
    points: Floats


class Wording:
    """The learned words, indexed. Immutable."""

    def __init__(self, points: Mapping[str, float]) -> None:
        keys = np.array([key_of(word) for word in points], dtype=np.uint64)
        order = np.argsort(keys)
        self._keys = keys[order]
        self._points = np.array(list(points.values()), dtype=np.float64)[order]

    def occurrences(self, folded: Folded) -> Occurrences:
        """Where the known words stand in `folded`. Linear, without a loop over the text."""
        if not len(self._keys) or len(folded.kind) < SHORTEST:
            nowhere = np.empty(0, dtype=np.int64)
            return Occurrences(nowhere, nowhere, np.empty(0))
        keys, start, end = _words(folded)
        place = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        known = self._keys[place] == keys
        return Occurrences(start[known], end[known], self._points[place[known]])


def merged(found: Occurrences, chosen: npt.NDArray[np.bool_]) -> list[tuple[int, int, float]]:
    """(start, end, points) of the `chosen` occurrences, those that overlap put together."""
    spans: list[tuple[int, int, float]] = []
    for row in np.flatnonzero(chosen).tolist():
        start, end, points = int(found.start[row]), int(found.end[row]), float(found.points[row])
        if spans and start < spans[-1][1]:
            first, _, before = spans.pop()
            start, points = first, before + points
        spans.append((start, end, points))
    return spans


def words_of(folded: Folded) -> Iterator[str]:
    """The words of `folded` as this module counts them: what is learned from."""
    text = folded.text
    for match in re.finditer(r"[a-z]+|[\u3400-\u9fff]+", text):
        word = match[0]
        if word[0] <= "z":
            if SHORTEST <= len(word) <= LONGEST:
                yield word
        else:
            yield from (word[i : i + 2] for i in range(len(word) - 1))


def is_word(word: str) -> bool:
    """Whether `word` is of the form that can be learned and found again."""
    return _WORD.fullmatch(word) is not None


def key_of(word: str) -> int:
    """The number a word is looked up by: two code points side by side, or a polynomial hash."""
    if word[0] > "z":
        return ord(word[0]) << int(_PAIR_SHIFT) | ord(word[1])
    return sum(ord(c) * int(_POWERS[i]) for i, c in enumerate(word)) % (1 << 64)


def _words(folded: Folded) -> tuple[Keys, Places, Places]:
    code = np.frombuffer(folded.text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    latin = (code >= _LETTER_A) & (code <= _LETTER_Z)
    edges = np.flatnonzero(np.diff(latin, prepend=False, append=False))
    start, end = edges[0::2], edges[1::2]
    fits = (end - start >= SHORTEST) & (end - start <= LONGEST)
    keys = np.empty(0, dtype=np.uint64)
    start, end = start[fits], end[fits]
    if len(start):
        keys = _hashes(code, start, end)
    ideograph = (folded.kind == IDEOGRAPH) & (code >= 0x3400) & (code <= 0x9FFF)
    pair = np.flatnonzero(ideograph[1:] & ideograph[:-1])
    wide = code.astype(np.uint64)
    pairs = (wide[pair] << _PAIR_SHIFT) | wide[pair + 1]
    starts = np.concatenate((start, pair))
    order = np.argsort(starts, kind="stable")
    ends = np.concatenate((end, pair + 2))
    return np.concatenate((keys, pairs))[order], starts[order], ends[order]


def _hashes(code: npt.NDArray[np.uint32], start: Places, end: Places) -> Keys:
    """`key_of` for the Latin words at [`start`, `end`)."""
    sizes = end - start
    first = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    inside = np.arange(int(sizes.sum())) - np.repeat(first, sizes)
    letters = code[np.repeat(start, sizes) + inside].astype(np.uint64)
    hashes: Keys = np.add.reduceat(letters * _POWERS[inside], first)
    return hashes
