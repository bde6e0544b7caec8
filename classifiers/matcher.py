"""Words in folded text: one pass of the automaton, then the rules of reading on the few hits.

Latin words match on word borders. A hit inside a longer ordinary phrase (币安 in 人民币安全) is
silent. A hit whose raw span holds separators must hold them in a regular way; across a comma or a
full stop it does not count.
"""

from __future__ import annotations

import re
from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from classifiers.fold_table import IDEOGRAPH, SEPARATOR, WORD
from classifiers.normalise import Folded, fold_char_kind
from classifiers.ruleset import Ruleset, Use

Hits = npt.NDArray[np.int64]

MAX_HITS_PER_PATTERN = 40
"""Further hits of one pattern say nothing new; they are dropped evenly over the text."""

_DOUBLED_REACH = 12
MAX_DOUBLED = 200
_LONGEST_SPREAD = 64
_BRACKETS = frozenset("{}[]=;<>")
"""Between two Latin words these show code or markup, not a phrase."""

_STOPS = frozenset("。！？；，、,;!?\n")
_NEGATION = re.compile(
    r"(?:不要|切勿|请勿|勿|严禁|禁止|不得|不可|拒绝|不建议|停止|暂停|不再|避免|不提供|不支持|别去|别再|别点"
    r"|\b(?:never|don['’]?t|do not|avoid|cannot|stop|not to)\b)[^。！？；，,;!?\n]*$",
    re.IGNORECASE,
)
_ENCOURAGEMENT = re.compile("错过|犹豫|miss|hesitate", re.IGNORECASE)
_NEGATION_REACH = 18


class Hit(NamedTuple):
    """One word found: raw characters [`start`, `end`) of the text, what it may mean, and the
    catalogue's folded `word`."""

    start: int
    end: int
    uses: tuple[Use, ...]
    disguise: str
    word: str


def find_words(
    folded: Folded, ruleset: Ruleset, *, thinned: bool = True, doubled: bool = True
) -> list[Hit]:
    """All words of the lexicon in `folded`, in order of the text.

    `thinned` False: every hit of a pattern, however many there are. `doubled` False: without those
    in words whose characters are repeated (`repeated_places`).
    """
    hits = _matches(folded, ruleset)
    if thinned and len(hits) > MAX_HITS_PER_PATTERN:
        hits = _thinned(hits)
    found = _read_hits(folded, hits, ruleset) if len(hits) else []
    if doubled:
        found += _doubled(folded, ruleset)
    return found


def repeated_places(folded: Folded) -> list[int]:
    """Raw places of characters that stand doubled beside others that do (币币安安)."""
    places = _repeated(folded)[1]
    return folded.positions()[places].tolist() if len(places) else []


def _matches(folded: Folded, ruleset: Ruleset) -> Hits:
    """Matches as rows (pattern, start, end), word borders and ordinary phrases respected."""
    raw = ruleset.automaton.find_matches_as_indexes(folded.text, overlapping=True)
    if not raw:
        return np.empty((0, 3), dtype=np.int64)
    flat = np.fromiter(chain.from_iterable(raw), dtype=np.int64, count=3 * len(raw))
    hits = flat.reshape(-1, 3)
    pattern, start, end = hits[:, 0], hits[:, 1], hits[:, 2]
    word = np.zeros(len(folded.kind) + 2, dtype=np.bool_)
    word[1:-1] = folded.kind == WORD
    fits = ~(ruleset.border_before[pattern] & word[start])
    _allow_digits(folded.text, start, fits)
    fits &= ~(ruleset.border_after[pattern] & word[end + 1])
    hits = hits[fits]
    if not len(hits):
        return hits
    return _without_shorter_topics(_without_ordinary(hits, ruleset), ruleset)


def _allow_digits(text: str, start: npt.NDArray[np.int64], fits: npt.NDArray[np.bool_]) -> None:
    """A Latin word may follow a digit: 100USDT."""
    for row in np.flatnonzero(~fits).tolist():
        if text[int(start[row]) - 1].isdigit():
            fits[row] = True


def _without_ordinary(hits: Hits, ruleset: Ruleset) -> Hits:
    """Drop what lies inside an ordinary phrase, and the phrases themselves."""
    silent = ruleset.silent[hits[:, 0]]
    if not silent.any():
        return hits
    rest = hits[~silent]
    return rest[~_inside(rest, hits[silent])]


def _without_shorter_topics(hits: Hits, ruleset: Ruleset) -> Hits:
    """Of topic words that lie in one another (以太 in 以太坊) the longest stays."""
    topic = ruleset.topic[hits[:, 0]]
    topics = hits[topic]
    if len(topics) < 2:
        return hits
    size = topics[:, 2] - topics[:, 1]
    shorter = np.zeros(len(topics), dtype=np.bool_)
    for length in np.unique(size)[:-1].tolist():
        rows = size == length
        shorter[rows] = _inside(topics[rows], topics[size > length])
    keep = ~topic
    keep[topic] = ~shorter
    return hits[keep]


def _inside(hits: Hits, containers: Hits) -> npt.NDArray[np.bool_]:
    """Which of `hits` lie inside one of `containers`."""
    order = np.argsort(containers[:, 1], kind="stable")
    starts = containers[order, 1]
    reach = np.maximum.accumulate(containers[order, 2])
    before = np.searchsorted(starts, hits[:, 1], side="right") - 1
    inside: npt.NDArray[np.bool_] = (before >= 0) & (hits[:, 2] <= reach[np.maximum(before, 0)])
    return inside


def _thinned(hits: Hits) -> Hits:
    """At most MAX_HITS_PER_PATTERN hits of each pattern, spread over the text."""
    counts = np.bincount(hits[:, 0])
    if counts.max() <= MAX_HITS_PER_PATTERN:
        return hits
    order = np.argsort(hits[:, 0], kind="stable")
    ranked = hits[order]
    first = np.concatenate(([0], np.cumsum(counts)[:-1]))
    rank = np.arange(len(ranked)) - first[ranked[:, 0]]
    step = np.maximum(1, -(-counts // MAX_HITS_PER_PATTERN))
    keep = rank % step[ranked[:, 0]] == 0
    kept: Hits = ranked[keep]
    return kept[np.argsort(kept[:, 1], kind="stable")]


def _read_hits(folded: Folded, hits: Hits, ruleset: Ruleset) -> list[Hit]:
    positions = folded.positions()
    first = positions[hits[:, 1]]
    last = positions[hits[:, 2] - 1] + 1
    spread = (last - first) != (hits[:, 2] - hits[:, 1])
    found: list[Hit] = []
    rows = zip(hits.tolist(), first.tolist(), last.tolist(), spread.tolist(), strict=True)
    for (pattern, _start, _end), raw_start, raw_end, is_spread in rows:
        uses = ruleset.uses[pattern]
        disguise = ""
        if is_spread:
            verdict = _separated(folded.raw[raw_start:raw_end], ruleset.patterns[pattern])
            if verdict is None:
                continue
            disguise = verdict
        if ruleset.negatable[pattern]:
            uses = _not_negated(folded.raw, raw_start, uses)
        if disguise == "stops":
            uses = _guarded(uses, "stops")
        if uses:
            word = ruleset.patterns[pattern]
            found.append(Hit(raw_start, raw_end, uses, disguise or uses[0].disguise, word))
    return found


def _separated(raw: str, pattern: str) -> str | None:
    """Whether separators inside a raw span are a disguise ("separators"; "stops" where a comma or
    full stop divides the word, which happens by accident too), nothing unusual (""), or show that
    the span is no word at all (None)."""
    if len(raw) > _LONGEST_SPREAD:
        return None
    gaps = _gaps(raw)
    if not gaps:
        return ""
    if " " in pattern:
        return None if any(not _BRACKETS.isdisjoint(gap) for gap in gaps) else ""
    if any(stop in gap for gap in gaps for stop in _STOPS):
        everywhere = len(gaps) == len(pattern) - 1
        if len(set(gaps)) > 1 or len(gaps[0]) > 1 or gaps[0] == "\n":
            return None
        if everywhere and len(pattern) >= 3:
            return "separators"
        return "stops" if everywhere or len(gaps) >= 2 else None
    mixed = any(c.isascii() and c.isalnum() for c in pattern) and not pattern.isascii()
    if mixed and len(gaps) == 1 and gaps[0].isspace():
        return ""
    return "separators"


def _gaps(raw: str) -> list[str]:
    """The runs of separators between the letters of `raw`, invisible characters left out."""
    gaps: list[str] = []
    run = ""
    for char in raw:
        kind = fold_char_kind(char)
        if kind in (WORD, IDEOGRAPH) or char in "+$@%":
            if run:
                gaps.append(run)
            run = ""
        elif kind == SEPARATOR or char == "\n":
            run += char
    return gaps


def _not_negated(raw: str, start: int, uses: tuple[Use, ...]) -> tuple[Use, ...]:
    """`uses` without those that a negation in front of them, in the same clause, turns around."""
    negation = _NEGATION.search(raw, max(0, start - _NEGATION_REACH), start)
    if negation is None or _ENCOURAGEMENT.search(raw, negation.start(), start):
        return uses
    return tuple(use for use in uses if not use.negatable)


def _doubled(folded: Folded, ruleset: Ruleset) -> list[Hit]:
    """Words whose characters are repeated (币币安安, biiinance), found in small windows."""
    same, places = _repeated(folded)
    if not len(places):
        return []
    code = np.frombuffer(folded.text.encode("utf-32-le"), dtype=np.uint32)
    found: list[Hit] = []
    repeated = np.concatenate(([False], same))
    for low, high in _windows(places, len(code)):
        kept = np.flatnonzero(~repeated[low:high]) + low
        text = code.take(kept).tobytes().decode("utf-32-le")
        matches = ruleset.automaton.find_matches_as_indexes(text, overlapping=True)
        for pattern, start, end in matches[:MAX_DOUBLED]:
            first, last = int(kept[start]), int(kept[end]) if end < len(kept) else high
            if last - first > end - start and _stands_alone(folded, first, last, pattern, ruleset):
                raw_start, raw_end = folded.raw_span(first, last)
                word = ruleset.patterns[pattern]
                uses = _guarded(ruleset.uses[pattern], "doubled")
                found.append(Hit(raw_start, raw_end, uses, "doubled", word))
    return found


def _repeated(folded: Folded) -> tuple[npt.NDArray[np.bool_], Hits]:
    """Which characters are the one before again, and where two such stand together."""
    kind = folded.kind
    none = np.zeros(0, dtype=np.bool_), np.zeros(0, dtype=np.int64)
    if len(kind) < 4:
        return none
    code = np.frombuffer(folded.text.encode("utf-32-le"), dtype=np.uint32)
    same = (code[1:] == code[:-1]) & ((kind[1:] == IDEOGRAPH) | (kind[1:] == WORD))
    same &= ~((code[1:] >= 48) & (code[1:] < 58))
    if not same.any():
        return none
    again = np.zeros(len(same), dtype=np.bool_)
    again[1:] |= same[1:] & same[:-1]
    again[2:] |= same[2:] & same[:-2]
    return same, np.flatnonzero(again)


def _guarded(uses: tuple[Use, ...], disguise: str) -> tuple[Use, ...]:
    """`uses` of a disguised word: they count only in company."""
    return tuple(use._replace(guarded=True, disguise=use.disguise or disguise) for use in uses)


def _stands_alone(folded: Folded, first: int, last: int, pattern: int, ruleset: Ruleset) -> bool:
    """Whether a match is a word of the lexicon with word borders where it needs them."""
    if not ruleset.uses[pattern] or ruleset.silent[pattern]:
        return False
    kind = folded.kind
    if ruleset.border_before[pattern] and first > 0 and kind[first - 1] == WORD:
        return False
    return not (ruleset.border_after[pattern] and last < len(kind) and kind[last] == WORD)


def _windows(places: Hits, size: int) -> list[tuple[int, int]]:
    """Merged windows of `_DOUBLED_REACH` characters around `places`, at most 200 of them."""
    windows: list[tuple[int, int]] = []
    breaks = np.flatnonzero(np.diff(places) > 2 * _DOUBLED_REACH) + 1
    bounds = [0, *breaks.tolist(), len(places)]
    for first, last in list(pairwise(bounds))[:200]:
        low = max(0, int(places[first]) - _DOUBLED_REACH)
        high = min(size, int(places[last - 1]) + _DOUBLED_REACH)
        windows.append((low, high))
    return windows
