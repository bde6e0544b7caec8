"""Tabs between two pages. Opening and closing one costs as much as drawing an ordinary page in it.

A tab passes from a page to one that waits for its turn in the same context; when none waits it is
closed, so that nothing goes on in a page that has been read.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from playwright.async_api import Page

PAGES_PER_TAB = 20
"""Then it is closed, with what the browser has gathered for it."""


class SpareTabs:
    """Tabs that were used and wait for the next page; nothing here touches the browser."""

    def __init__(self) -> None:
        self._spare: dict[str, list[Page]] = {}
        self._drawn: WeakKeyDictionary[Page, int] = WeakKeyDictionary()

    def take(self, context: str) -> Page | None:
        """A tab of `context` for the next page, or None: then a new one has to be opened."""
        spare = self._spare.get(context)
        return spare.pop() if spare else None

    def keep(self, context: str, tab: Page, waiting: int) -> bool:
        """Keep `tab` of `context` for one of `waiting` pages. False when it has drawn enough, or
        there are tabs for all of them."""
        drawn = self._drawn[tab] = self._drawn.get(tab, 0) + 1
        if drawn >= PAGES_PER_TAB or tab.is_closed() or waiting <= self._count():
            return False
        self._spare.setdefault(context, []).append(tab)
        return True

    def drop(self, context: str = "") -> list[Page]:
        """The tabs of `context`, or all, which are no longer kept here."""
        names = [context] if context else list(self._spare)
        return [tab for name in names for tab in self._spare.pop(name, ())]

    def _count(self) -> int:
        return sum(map(len, self._spare.values()))
