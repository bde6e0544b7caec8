"""How sure a share of few cases is. Pure."""

from __future__ import annotations

import math

import msgspec

ENOUGH = 10
"""Decisions below which a share says too little to act on."""

_Z = 1.959964
"""Two-sided 95 %."""


class Precision(msgspec.Struct, frozen=True, kw_only=True):
    """Of `confirmed` + `dismissed` decisions the share confirmed, with its 95 % Wilson interval."""

    confirmed: int
    dismissed: int
    share: float
    low: float
    high: float

    @property
    def enough(self) -> bool:
        """Whether there are decisions enough to tell."""
        return self.confirmed + self.dismissed >= ENOUGH


def precision(confirmed: int, dismissed: int) -> Precision:
    """The share with the score interval of Wilson (J. Am. Stat. Assoc. 22, 1927, 209-212):
    (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n). Nothing decided: 0 to 1."""
    n = confirmed + dismissed
    if n == 0:
        return Precision(confirmed=0, dismissed=0, share=0.0, low=0.0, high=1.0)
    p, square = confirmed / n, _Z * _Z
    middle = p + square / (2 * n)
    half = _Z * math.sqrt(p * (1 - p) / n + square / (4 * n * n))
    low, high = ((middle + sign * half) / (1 + square / n) for sign in (-1, 1))
    return Precision(
        confirmed=confirmed,
        dismissed=dismissed,
        share=p,
        low=max(0.0, low),
        high=min(1.0, high),
    )
