"""Text as it is compared: folded, with invisible and separating characters taken out, and a map
from every folded character back to the raw text.

One numpy gather over the UTF-32 view folds character by character (`fold_table`); then blanks,
punctuation and pictures that touch an ideograph are taken out, so that 币-安, 比 特 币 and
`使用 OKX 注册` read as words, single Latin letters in a row (`U S D T`) are joined, and any other
run of separators becomes one blank. The map is kept as the kept positions and worked out only for
texts with hits. Linear in the text's length.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from classifiers.fold_table import (
    BREAK,
    EXPANDS,
    IDEOGRAPH,
    INVISIBLE,
    SEPARATOR,
    WORD,
    UInt8,
    UInt32,
    fold_table,
)

Positions = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

MAX_SKIPPED = 3
"""A longer run of separators is a rule or a frame, not a disguise: it stays a blank."""


class Folded:
    """The folded form of `raw`: `text`, the `kind` of each folded character, and the map back.

    The map is two lists of breakpoints, laid out only when somebody asks: `kept` (which characters
    stayed) and `lengths` (what each raw character expanded to).
    """

    __slots__ = ("_kept", "_lengths", "_map", "kind", "raw", "text")

    def __init__(
        self, raw: str, text: str, kind: UInt8, kept: Positions | None, lengths: Positions | None
    ) -> None:
        self.raw = raw
        self.text = text
        self.kind = kind
        self._kept = kept
        self._lengths = lengths
        self._map: Positions | None = None

    def positions(self) -> Positions:
        """For each folded character, the index of the raw character it came from (monotone)."""
        if self._map is None:
            kept = np.arange(len(self.kind), dtype=np.int64) if self._kept is None else self._kept
            if self._lengths is not None:
                source = np.repeat(np.arange(len(self._lengths), dtype=np.int64), self._lengths)
                kept = source[kept]
            self._map = kept
        return self._map

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """The raw characters that `text[start:end]` came from, trailing marks included.

        Raises IndexError outside the text; an empty span is an empty span before `start`.
        """
        positions = self.positions()
        if start >= end:
            place = int(positions[start]) if start < len(positions) else len(self.raw)
            return place, place
        first, last = int(positions[start]), int(positions[end - 1]) + 1
        while last < len(self.raw) and fold_char_kind(self.raw[last]) == INVISIBLE:
            last += 1
        return first, last


def fold_char_kind(char: str) -> int:
    """The kind of one raw character."""
    return int(fold_table().kind[ord(char)]) & ~EXPANDS


def fold(raw: str) -> Folded:
    """Fold `raw`. Total: any string, lone surrogates included."""
    table = fold_table()
    code = np.frombuffer(raw.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    kind: UInt8 = table.kind.take(code)
    out: UInt32 = table.fold.take(code)
    lengths: Positions | None = None
    if kind.size and int(kind.max()) >= EXPANDS:
        out, kind, lengths = _expand(code, out, kind)
    separator = (kind == SEPARATOR) | (kind == INVISIBLE)
    if not separator.any():
        return Folded(raw, _decode(out), kind, None, lengths)
    kept = np.flatnonzero(_keep(out, kind, separator))
    return Folded(raw, _decode(out.take(kept)), kind.take(kept), kept, lengths)


@lru_cache(maxsize=50_000)
def fold_word(word: str) -> str:
    """A catalogue word as it stands in folded text."""
    return fold(word).text.strip()


def _decode(code: UInt32) -> str:
    return code.tobytes().decode("utf-32-le", "replace")


def _expand(code: UInt32, out: UInt32, kind: UInt8) -> tuple[UInt32, UInt8, Positions]:
    """Lay out the characters that fold to several; the last value is each one's length."""
    table = fold_table()
    places = np.flatnonzero(kind >= EXPANDS)
    texts = [table.expansions[c] for c in code[places].tolist()]
    sizes = np.array([len(text) for text in texts], dtype=np.int64)
    lengths = np.ones(len(code), dtype=np.int64)
    lengths[places] = sizes
    rest = "".join(text[1:] for text in texts)
    letters = np.frombuffer(rest.encode("utf-32-le"), dtype=np.uint32)
    where = np.repeat(places + 1, sizes - 1)
    kind[places] &= np.uint8(~EXPANDS & 0xFF)
    out = np.insert(out, where, letters)
    kind = np.insert(kind, where, table.kind[letters] & np.uint8(~EXPANDS & 0xFF))
    return out, kind, lengths


def _keep(out: UInt32, kind: UInt8, separator: Mask) -> Mask:
    """Which characters stay. Writes a blank over the first of each run that stays one."""
    edges = np.flatnonzero(separator[1:] != separator[:-1]) + 1
    if separator[0]:
        edges = np.concatenate((np.zeros(1, dtype=edges.dtype), edges))
    if len(edges) % 2:
        edges = np.append(edges, len(separator))
    starts, ends = edges[0::2], edges[1::2]
    padded = np.empty(len(kind) + 4, dtype=np.uint8)
    padded[:2] = BREAK
    padded[-2:] = BREAK
    padded[2:-2] = kind
    before, after = padded[starts + 1], padded[ends + 2]
    beside_ideograph = (before == IDEOGRAPH) | (after == IDEOGRAPH)
    letter_before = (before == WORD) & (padded[starts] != WORD)
    letter_after = (after == WORD) & (padded[ends + 3] != WORD)
    touches_break = (before == BREAK) | (after == BREAK)
    weight = ends - starts
    if (kind == INVISIBLE).any():
        weight = np.add.reduceat(np.append(kind == SEPARATOR, False), edges)[0::2]
    skipped = (weight == 0) | (touches_break)
    skipped |= (beside_ideograph | (letter_before & letter_after)) & (weight <= MAX_SKIPPED)
    kept = ~separator
    blanks = starts[~skipped]
    kept[blanks] = True
    out[blanks] = 32
    kind[blanks] = SEPARATOR
    return kept
