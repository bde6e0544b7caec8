"""What evidence says it was made with."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def _software() -> str:
    try:
        return f"promowatch {version('promowatch')}"
    except PackageNotFoundError:  # started from a copy of the source that was never installed
        return "promowatch (not installed)"


SOFTWARE = _software()
"""Name and version of this program."""
