"""How a text is worded: learned points of words, short phrases, and marks.

Rules know what promotion is made of; wording knows how people write when they promote, and when
they report, warn, ask or explain. A phrase is a Latin word, two of them side by side, one to three
ideographs in a row, a number (`0`, whichever it is), one with what stands beside it (`0usdt`,
`$0`), or one mark. Each has points (`catalogue/wording.yaml`), fitted by `promowatch calibrate`, to
be read and edited; the wording of a text is their sum over the square root of how many of them it
holds, so that a long text is not worded more strongly than a short one, and `base`, what a text
says that merely goes on for a while.
"""

from __future__ import annotations

import math
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
Codes = npt.NDArray[np.uint32]

SHORTEST, LONGEST = 2, 24
"""Letters of a Latin word; others are no words. Beside another word one letter will do."""

SPREAD = 6.0
"""Added to the number of phrases, so that two or three of them alone decide nothing."""

_PHRASE = re.compile(
    rf"[a-z]{{{SHORTEST},{LONGEST}}}|[a-z]{{1,{LONGEST}}} [a-z]{{1,{LONGEST}}}"
    rf"|[\u3400-\u9fff]{{1,3}}|[\u3400-\u9fff$%]?0|0[\u3400-\u9fff$%]|0[a-z]{{1,{LONGEST}}}"
)
_RUN = re.compile(r"[a-z]+|[\u3400-\u9fff]+")
_NUMBER = re.compile(r"(?:([\u3400-\u9fff$%]) ?)?[0-9]+(?= ?([\u3400-\u9fff$%]|[a-z]+))?")
_BASE = np.uint64(1_099_511_628_211)
_SECOND = np.uint64(11_400_714_819_323_198_485)
"""What the key of the first of two words is multiplied by; also spreads keys over the sieve."""

_POWERS = np.array([pow(int(_BASE), i, 1 << 64) for i in range(LONGEST + 1)], dtype=np.uint64)
_LETTER_A, _LETTER_Z, _DIGIT_0, _DIGIT_9, _BLANK = 97, 122, 48, 57, 32
_NUMBER_BEFORE = np.uint64(_DIGIT_0 * int(_SECOND) % (1 << 64))
_EDGE: Codes = np.zeros(2, dtype=np.uint32)
_PLACE = np.uint64(24)
"""Bits of an ideograph in a key."""

_SIEVE_BITS = 18
_SIEVE_SHIFT = np.uint64(64 - _SIEVE_BITS)


class Occurrences(NamedTuple):
    """Known phrases of a text: number of the phrase, raw [`start`, `end`), and points of each."""

    term: Places
    start: Places
    end: Places
    points: Floats


class Wording:
    """The learned phrases, indexed. Immutable."""

    def __init__(self, points: Mapping[str, float], base: float = 0.0) -> None:
        phrases = [phrase for phrase in points if not is_mark(phrase)]
        marks = [phrase for phrase in points if is_mark(phrase)]
        keys = np.array([key_of(phrase) for phrase in phrases], dtype=np.uint64)
        order = np.argsort(keys)
        self.base = base
        self._keys = keys[order]
        self._sieve = np.zeros(1 << _SIEVE_BITS, dtype=np.bool_)
        self._sieve[_sieved(self._keys)] = True
        self._names = (*(phrases[place] for place in order.tolist()), *marks)
        self._points = np.array([points[name] for name in self._names], dtype=np.float64)
        self._marks = np.full(max(map(ord, marks), default=0) + 1, -1, dtype=np.int64)
        for place, mark in enumerate(marks, start=len(phrases)):
            self._marks[ord(mark)] = place

    def __len__(self) -> int:
        return len(self._names)

    def weigh(self, total: float, count: float) -> float:
        """The wording of a text that holds `count` known phrases of `total` points together."""
        return weigh(self.base, total, count)

    def occurrences(self, folded: Folded) -> Occurrences:
        """Where the known phrases stand in `folded`. Linear, without a loop over the text."""
        parts = [self._phrases(folded), self._marks_in(folded.raw)]
        term, start, end = (np.concatenate(column) for column in zip(*parts, strict=True))
        return Occurrences(term, start, end, self._points[term])

    def _phrases(self, folded: Folded) -> tuple[Places, Places, Places]:
        if not len(self._keys) or not len(folded.kind):
            return _NOWHERE
        keys, start, end = _phrases(folded)
        likely = np.flatnonzero(self._sieve[_sieved(keys)])
        keys = keys[likely]
        place = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        known = self._keys[place] == keys
        likely = likely[known]
        positions = folded.positions()
        return place[known], positions[start[likely]], positions[end[likely] - 1] + 1

    def _marks_in(self, raw: str) -> tuple[Places, Places, Places]:
        code = np.frombuffer(raw.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        term = self._marks.take(np.minimum(code, len(self._marks) - 1))
        term[code >= len(self._marks)] = -1
        start = np.flatnonzero(term >= 0)
        return term[start], start, start + 1


def weigh(base: float, total: float, count: float) -> float:
    """The wording of a text that holds `count` known phrases of `total` points together."""
    return (total + base * math.sqrt(count)) / math.sqrt(count + SPREAD)


_NOTHING: Places = np.empty(0, dtype=np.int64)
_NOWHERE = (_NOTHING, _NOTHING, _NOTHING)


def phrases_of(folded: Folded) -> Iterator[str]:
    """The phrases of `folded` as this module counts them: what is learned from."""
    before = ""
    behind = 0
    text = folded.text
    for match in _RUN.finditer(text):
        run = match[0]
        if run[0] > "z":
            yield from run
            yield from (run[i : i + 2] for i in range(len(run) - 1))
            yield from (run[i : i + 3] for i in range(len(run) - 2))
            before = ""
            continue
        if SHORTEST <= len(run) <= LONGEST:
            yield run
        beside = match.start() == behind + 1 and text[behind] == " "
        if before and beside and len(run) <= LONGEST:
            yield f"{before} {run}"
        before, behind = (run if len(run) <= LONGEST else ""), match.end()
    for match in _NUMBER.finditer(text):
        yield "0"
        if match[1]:
            yield f"{match[1]}0"
        if match[2] and len(match[2]) <= LONGEST:
            yield f"0{match[2]}"
    yield from filter(is_mark, folded.raw)


def is_phrase(phrase: str) -> bool:
    """Whether `phrase` is of a form that can be learned and found again."""
    return _PHRASE.fullmatch(phrase) is not None or is_mark(phrase)


@lru_cache(maxsize=5_000)
def is_mark(phrase: str) -> bool:
    """Whether `phrase` is one punctuation mark, sign or picture."""
    return len(phrase) == 1 and unicodedata.category(phrase)[0] in "PS"


def key_of(phrase: str) -> int:
    """The number a phrase is looked up by: its code points side by side, or a polynomial hash."""
    if phrase[0] > "z" or phrase[0] in "$%" or not phrase[-1].islower():
        return sum(ord(c) << int(_PLACE) * i for i, c in enumerate(reversed(phrase)))
    first, _, second = phrase.replace("0", "0 ", 1).partition(" ")
    if second:
        return (key_of(first) * int(_SECOND) + key_of(second)) % (1 << 64)
    return sum(ord(c) * int(_POWERS[i]) for i, c in enumerate(first)) % (1 << 64)


def _sieved(keys: Keys) -> Keys:
    return (keys * _SECOND) >> _SIEVE_SHIFT


def _phrases(folded: Folded) -> tuple[Keys, Places, Places]:
    """Key and folded [start, end) of every phrase but marks."""
    code = np.frombuffer(folded.text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    latin = (code >= _LETTER_A) & (code <= _LETTER_Z)
    edges = np.flatnonzero(np.diff(latin, prepend=False, append=False))
    words = _Words(code, edges[0::2], edges[1::2])
    parts = [*words.phrases(), *_ideographs(code, folded), *_numbers(code, words)]
    keys, start, end = (np.concatenate(column) for column in zip(*parts, strict=True))
    return keys, start, end


class _Words:
    """The Latin words of a text that are no longer than LONGEST, with their keys."""

    def __init__(self, code: Codes, start: Places, end: Places) -> None:
        fits = end - start <= LONGEST
        self.code, self.start, self.end = code, start[fits], end[fits]
        self.keys = _hashes(code, self.start, self.end)

    def phrases(self) -> Iterator[tuple[Keys, Places, Places]]:
        """Words, then pairs of them with one blank in between."""
        keys, start, end = self.keys, self.start, self.end
        words = end - start >= SHORTEST
        yield keys[words], start[words], end[words]
        beside = np.flatnonzero(start[1:] == end[:-1] + 1)
        beside = beside[self.code[end[beside]] == _BLANK]
        yield keys[beside] * _SECOND + keys[beside + 1], start[beside], end[beside + 1]

    def behind(self, places: Places) -> tuple[Places, Places]:
        """Which of `places` a word starts at, and the number of that word."""
        word = np.minimum(np.searchsorted(self.start, places), max(len(self.start) - 1, 0))
        found = np.flatnonzero(self.start[word] == places) if len(self.start) else _NOTHING
        return found, word[found]


def _ideographs(code: Codes, folded: Folded) -> Iterator[tuple[Keys, Places, Places]]:
    """One to three ideographs in a row."""
    ideograph = (folded.kind == IDEOGRAPH) & (code >= 0x3400) & (code <= 0x9FFF)
    wide = code.astype(np.uint64)
    one = np.flatnonzero(ideograph)
    yield wide[one], one, one + 1
    two = ideograph[1:] & ideograph[:-1]
    pair = np.flatnonzero(two)
    yield (wide[pair] << _PLACE) | wide[pair + 1], pair, pair + 2
    triple = np.flatnonzero(two[1:] & two[:-1])
    keys = (wide[triple] << _PLACE | wide[triple + 1]) << _PLACE | wide[triple + 2]
    yield keys, triple, triple + 3


def _numbers(code: Codes, words: _Words) -> Iterator[tuple[Keys, Places, Places]]:
    """Numbers, alone and with the sign, ideograph or word beside them."""
    digit = (code >= _DIGIT_0) & (code <= _DIGIT_9)
    edges = np.flatnonzero(np.diff(digit, prepend=False, append=False))
    start, end = edges[0::2], edges[1::2]
    yield np.full(len(start), _DIGIT_0, dtype=np.uint64), start, end
    padded = np.concatenate((_EDGE, code, _EDGE)).astype(np.uint64)
    first = start - (padded[start + 1] == _BLANK)
    beside = padded[first + 1]
    found = np.flatnonzero(_tells(beside))
    yield (beside[found] << _PLACE) | np.uint64(_DIGIT_0), first[found] - 1, end[found]
    last = end + (padded[end + 2] == _BLANK)
    beside = padded[last + 2]
    found = np.flatnonzero(_tells(beside))
    yield np.uint64(_DIGIT_0 << int(_PLACE)) | beside[found], start[found], last[found] + 1
    found, word = words.behind(last)
    yield _NUMBER_BEFORE + words.keys[word], start[found], words.end[word]


def _tells(beside: Keys) -> npt.NDArray[np.bool_]:
    """Which characters say something of the number beside them."""
    ideograph = (beside >= 0x3400) & (beside <= 0x9FFF)
    tells: npt.NDArray[np.bool_] = ideograph | (beside == ord("$")) | (beside == ord("%"))
    return tells


def _hashes(code: Codes, start: Places, end: Places) -> Keys:
    """`key_of` for the Latin words at [`start`, `end`)."""
    if not len(start):
        return np.empty(0, dtype=np.uint64)
    sizes = end - start
    first = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    inside = np.arange(int(sizes.sum())) - np.repeat(first, sizes)
    letters = code[np.repeat(start, sizes) + inside].astype(np.uint64)
    hashes: Keys = np.add.reduceat(letters * _POWERS[inside], first)
    return hashes
