"""How a text is worded: learned points of single words, pairs of ideographs, and marks.

Rules know what promotion is made of; wording knows how people write when they promote, and when
they report, warn, ask or explain. Each word has points (`catalogue/wording.yaml`, fitted by
`promowatch calibrate`, readable and editable); the wording of a text is their sum over the square
root of how many of them it holds, so that a long text is not worded more strongly than a short one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
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
    """Known words of a text: number of the word, raw [`start`, `end`), and points of each."""

    term: Places
    start: Places
    end: Places
    points: Floats


class Wording:
    """The learned words, indexed. Immutable."""

    def __init__(self, points: Mapping[str, float]) -> None:
        words = [word for word in points if not is_mark(word)]
        marks = [word for word in points if is_mark(word)]
        keys = np.array([key_of(word) for word in words], dtype=np.uint64)
        order = np.argsort(keys)
        self._keys = keys[order]
        self._names = (*(words[place] for place in order.tolist()), *marks)
        self._points = np.array([points[name] for name in self._names], dtype=np.float64)
        self._marks = np.full(max(map(ord, marks), default=0) + 1, -1, dtype=np.int64)
        for place, mark in enumerate(marks, start=len(words)):
            self._marks[ord(mark)] = place

    def __len__(self) -> int:
        return len(self._names)

    def occurrences(self, folded: Folded) -> Occurrences:
        """Where the known words stand in `folded`. Linear, without a loop over the text."""
        parts = [self._words(folded), self._marks_in(folded.raw)]
        term, start, end = (np.concatenate(column) for column in zip(*parts, strict=True))
        return Occurrences(term, start, end, self._points[term])

    def _words(self, folded: Folded) -> tuple[Places, Places, Places]:
        if not len(self._keys) or len(folded.kind) < SHORTEST:
            return _NOWHERE
        keys, start, end = _words(folded)
        place = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        known = self._keys[place] == keys
        positions = folded.positions()
        return place[known], positions[start[known]], positions[end[known] - 1] + 1

    def _marks_in(self, raw: str) -> tuple[Places, Places, Places]:
        code = np.frombuffer(raw.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        term = self._marks.take(np.minimum(code, len(self._marks) - 1))
        term[code >= len(self._marks)] = -1
        start = np.flatnonzero(term >= 0)
        return term[start], start, start + 1


_NOTHING: Places = np.empty(0, dtype=np.int64)
_NOWHERE = (_NOTHING, _NOTHING, _NOTHING)


def words_of(folded: Folded) -> Iterator[str]:
    """The words and marks of `folded` as this module counts them: what is learned from."""
    for match in re.finditer(r"[a-z]+|[\u3400-\u9fff]+", folded.text):
        word = match[0]
        if word[0] <= "z":
            if SHORTEST <= len(word) <= LONGEST:
                yield word
        else:
            yield from (word[i : i + 2] for i in range(len(word) - 1))
    yield from filter(is_mark, folded.raw)


def is_word(word: str) -> bool:
    """Whether `word` is of a form that can be learned and found again."""
    return _WORD.fullmatch(word) is not None or is_mark(word)


@lru_cache(maxsize=5_000)
def is_mark(word: str) -> bool:
    """Whether `word` is one punctuation mark, sign or picture."""
    return len(word) == 1 and unicodedata.category(word)[0] in "PS"


def key_of(word: str) -> int:
    """The number a word is looked up by: two code points side by side, or a polynomial hash."""
    if word[0] > "z":
        return ord(word[0]) << int(_PAIR_SHIFT) | ord(word[1])
    return sum(ord(c) * int(_POWERS[i]) for i, c in enumerate(word)) % (1 << 64)


def _words(folded: Folded) -> tuple[Keys, Places, Places]:
    """Key and folded [start, end) of every Latin word and every pair of ideographs."""
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
    return (
        np.concatenate((keys, pairs)),
        np.concatenate((start, pair)),
        np.concatenate((end, pair + 2)),
    )


def _hashes(code: npt.NDArray[np.uint32], start: Places, end: Places) -> Keys:
    """`key_of` for the Latin words at [`start`, `end`)."""
    sizes = end - start
    first = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    inside = np.arange(int(sizes.sum())) - np.repeat(first, sizes)
    letters = code[np.repeat(start, sizes) + inside].astype(np.uint64)
    hashes: Keys = np.add.reduceat(letters * _POWERS[inside], first)
    return hashes
