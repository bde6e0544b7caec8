"""Where results are printed."""

from __future__ import annotations

import sys

from rich.console import Console

_PIPED_WIDTH = 140


def results() -> Console:
    """Standard output: as wide as the terminal, or wide enough for a table in a file."""
    width = None if sys.stdout.isatty() else _PIPED_WIDTH
    return Console(highlight=False, width=width)
