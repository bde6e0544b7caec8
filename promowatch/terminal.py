"""Where results are printed."""

from __future__ import annotations

import sys
from typing import Protocol

from rich.console import Console

from core.text import one_line
from core.verdict import Words

_PIPED_WIDTH = 140


class Reasoned(Protocol):
    """A reason with its points and what it rests on."""

    @property
    def points(self) -> float: ...
    @property
    def title(self) -> Words: ...
    @property
    def quote(self) -> str: ...


def reason_line(reason: Reasoned, lang: str) -> str:
    """A reason as one harmless line: `+3.10  referral link  “okx.com/join/8848”`."""
    quote = f"  “{one_line(reason.quote, 120)}”" if reason.quote else ""
    return f"{reason.points:+6.2f}  {one_line(reason.title.text(lang))}{quote}"


def results() -> Console:
    """Standard output: as wide as the terminal, or wide enough for a table in a file."""
    width = None if sys.stdout.isatty() else _PIPED_WIDTH
    return Console(highlight=False, width=width)
