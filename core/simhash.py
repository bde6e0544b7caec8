"""How alike two texts are: a 64-bit similarity hash over shingles of four characters.

Charikar, "Similarity estimation techniques from rounding algorithms" (STOC 2002); near-duplicate
web pages differ in about 3 of 64 bits (Manku et al., WWW 2007).
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter

BITS = 64
SHINGLE = 4
MOST_CHARACTERS = 20_000
"""What is read of a text: a page's first 20,000 letters tell it from others."""

_MIXED = re.compile(r"(?=[a-z]*\d)[a-z0-9]{3,}")
_NO_LETTER = re.compile(r"[\W\d_]+")


def stable_text(text: str) -> str:
    """`text` without what changes from one visit to the next: case, blanks, marks, digits, and
    words of Latin letters and digits mixed (session ids, codes)."""
    return _NO_LETTER.sub("", _MIXED.sub("", text.casefold()))


def simhash(text: str) -> int:
    """The hash of `text` in [0, 2**64): texts that share most of their shingles share most bits.

    0 for a text without a letter.
    """
    letters = stable_text(text[: 4 * MOST_CHARACTERS])[:MOST_CHARACTERS]
    if not letters:
        return 0
    last = max(1, len(letters) - SHINGLE + 1)
    counted = Counter(letters[start : start + SHINGLE] for start in range(last))
    sums = [0] * BITS
    for shingle, count in counted.items():
        digest = hashlib.blake2b(shingle.encode("utf-8", "replace"), digest_size=8).digest()
        bits = int.from_bytes(digest)
        for bit in range(BITS):
            sums[bit] += count if bits >> bit & 1 else -count
    return sum(1 << bit for bit, total in enumerate(sums) if total > 0)


def distance(one: int, other: int) -> int:
    """In how many bits two hashes differ."""
    return (one ^ other).bit_count()
