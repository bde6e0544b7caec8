"""Which browser context a page is drawn in: one after the other, each for so many pages.

What a context gathers (caches, connections, storage, leaks) goes with it, so a long scan holds no
more memory than a short one, and a page finds nothing that was kept for long.
"""

from __future__ import annotations

from collections import Counter

PAGES_PER_CONTEXT = 50


class ContextTurns:
    """Names of contexts; nothing here touches the browser."""

    def __init__(self) -> None:
        self._number = 1
        self._drawn = 0
        self._open: Counter[str] = Counter()

    def take(self) -> str:
        """The context for the next page."""
        if self._drawn >= PAGES_PER_CONTEXT:
            self.retire()
        self._drawn += 1
        name = self._name()
        self._open[name] += 1
        return name

    def give_back(self, name: str) -> bool:
        """Its page is closed. True when `name` was retired and this was the last page of it."""
        self._open[name] -= 1
        if self._open[name] > 0 or name == self._name():
            return False
        del self._open[name]
        return True

    def retire(self) -> None:
        """Draw no further page in the context at hand."""
        self._number += 1
        self._drawn = 0

    def _name(self) -> str:
        return f"scan-{self._number}"
