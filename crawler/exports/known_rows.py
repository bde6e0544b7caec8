"""Rows that an earlier scan saw: told by a fingerprint of their text, 500 at once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from storage import Fingerprints

DIGEST_BYTES = 16
"""128 bits: nobody can make a row that is taken for another."""

_Halves = npt.NDArray[np.uint64]
_SNAPSHOT_TIME = re.compile(
    rb'"(?:snapshot_time|snapshotTime|snapshot-time|Snapshot Time|'
    + "快照时间".encode()
    + rb')"\s*:\s*"[0-9T:.+Z -]{0,40}"'
)
"""When the row was written, which changes every day and says nothing. Only what looks like a time:
no text can hide in it."""
_TELLING = ((b"napshot", 2), ("快照时间".encode(), 1))
"""Pieces of those names, and how far behind the name's quote they stand: finding them is many times
as fast as the pattern."""


def fingerprint(row: bytes) -> bytes:
    """Of a row's JSON text, its snapshot time left out."""
    for piece, behind in _TELLING:
        at = row.find(piece)
        while at >= 0:
            match = _SNAPSHOT_TIME.match(row, max(0, at - behind))
            if match is not None:
                row = row[: match.start()] + row[match.end() :]
            at = row.find(piece, at + 1)
    return hashlib.blake2b(row, digest_size=DIGEST_BYTES).digest()


class KnownRows:
    """Fingerprints to look up: 16 bytes for each quiet row, some 150 for each candidate's."""

    def __init__(self, known: Fingerprints) -> None:
        halves = np.frombuffer(known.quiet, dtype=np.uint64).reshape(-1, 2)
        order = np.argsort(halves[:, 0], kind="stable")
        self._first: _Halves = halves[order, 0]
        self._second: _Halves = halves[order, 1]
        size = 2 * DIGEST_BYTES
        pieces = (known.hits[at : at + size] for at in range(0, len(known.hits), size))
        self._hits = {one[:DIGEST_BYTES]: one[DIGEST_BYTES:] for one in pieces}

    def are_quiet(self, fingerprints: Sequence[bytes]) -> list[bool]:
        """For each whether the row was judged clear."""
        if not len(self._first) or not fingerprints:
            return [False] * len(fingerprints)
        asked = np.frombuffer(b"".join(fingerprints), dtype=np.uint64).reshape(-1, 2)
        place = np.searchsorted(self._first, asked[:, 0])
        found = np.zeros(len(asked), dtype=np.bool_)
        while True:
            inside = np.minimum(place, len(self._first) - 1)
            same = (place < len(self._first)) & (self._first[inside] == asked[:, 0])
            if not same.any():
                return [bool(one) for one in found.tolist()]
            found |= same & (self._second[inside] == asked[:, 1])
            place = np.where(same, place + 1, len(self._first))

    def hit(self, fingerprint: bytes) -> bytes | None:
        """The key (16 bytes) of the candidate that the row was, or None."""
        return self._hits.get(fingerprint)
