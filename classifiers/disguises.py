"""The ways a protected word is written to slip past word lists, worked out when the rules are
compiled: homophones, full and partial pinyin, initials, split characters, digits for letters.

What the folding table undoes (width, case, styled letters, traditional forms, invisible and
separating characters) needs no variants. Doubled characters are undone by the matcher.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product

from classifiers.schema import DisguisesFile, Protected

MAX_VARIANTS = 400
"""Bound per word and disguise; the words in the catalogue stay below it."""

_DIGIT_FOR = {"o": "0", "i": "1", "l": "1", "e": "3", "s": "5", "t": "7", "a": "4", "b": "8"}
_SIGN_FOR = {"s": "$", "a": "@"}
_SHORTEST_SPLIT = 5


def variants(word: Protected, file: DisguisesFile) -> Iterator[tuple[str, str]]:
    """(spelling, disguise) pairs for `word`, the proper spelling left out."""
    if word.latin:
        yield from _latin(word.word)
        return
    count = 0
    for spelling, disguise in _spoken(word, file):
        if spelling != word.word and count < MAX_VARIANTS:
            count += 1
            yield spelling, disguise
    for place, char in enumerate(word.word):
        for part in file.parts.get(char, ()):
            yield word.word[:place] + part + word.word[place + 1 :], "parts"
    for initials in word.initials:
        yield initials, "initials"


def accidental(file: DisguisesFile, words: Iterator[str]) -> Iterator[str]:
    """Phrases in which a word beginning with 币 is the end of another word: 人民币 + 安."""
    for word in words:
        if word.startswith("币"):
            for prefix in file.prefixes:
                yield prefix + word


def _spoken(word: Protected, file: DisguisesFile) -> Iterator[tuple[str, str]]:
    """Each character as itself, as a homophone or as its syllable in Latin letters."""
    size = len(word.sound)
    places = range(size)
    for changed in _some_of(places):
        homophones = [
            _homophones(word, place, file) if place in changed else [word.word[place]]
            for place in places
        ]
        for choice in product(*homophones):
            yield "".join(choice), "homophone"
    for changed in _some_of(places):
        spelled = [word.sound[p] if p in changed else word.word[p] for p in places]
        if len(changed) == size:
            if sum(map(len, word.sound)) >= 4:
                yield "".join(spelled), "pinyin"
                yield " ".join(spelled), "pinyin"
        else:
            yield "".join(spelled), "partial_pinyin"
            yield " ".join(spelled), "partial_pinyin"


def _homophones(word: Protected, place: int, file: DisguisesFile) -> list[str]:
    return [c for c in file.sounds.get(word.sound[place], "") if c != word.word[place]]


def _some_of(places: range) -> Iterator[tuple[int, ...]]:
    """Non-empty choices of places, small ones first."""
    for size in range(1, len(places) + 1):
        yield from combinations(places, size)


def _latin(word: str) -> Iterator[tuple[str, str]]:
    places = [i for i, char in enumerate(word) if char in _DIGIT_FOR]
    for size in (1, 2):
        for chosen in combinations(places, size):
            letters = list(word)
            for place in chosen:
                letters[place] = _DIGIT_FOR[word[place]]
            yield "".join(letters), "digits"
    for place, char in enumerate(word):
        if char in _SIGN_FOR:
            yield word[:place] + _SIGN_FOR[char] + word[place + 1 :], "digits"
    if len(word) >= _SHORTEST_SPLIT and " " not in word:
        for place in range(2, len(word) - 1):
            yield f"{word[:place]} {word[place:]}", "inserted_blank"
    if " " in word:
        yield word.replace(" ", ""), "inserted_blank"
