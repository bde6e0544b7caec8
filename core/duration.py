"""Spans of time as people write them in target files: `30m`, `6h`, `7d`."""

from __future__ import annotations

import re
from datetime import timedelta

_SPAN = re.compile(r"([1-9][0-9]{0,4})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def duration(text: str) -> timedelta:
    """`30m`, `6h` or `7d` as a time. Raises ValueError."""
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError(f"`{text}` is no time span: write 30m, 6h or 7d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
