"""Blocks that stand on many pages of a site: counted once per site, not once per page.

The crawler keeps one `SiteBlocks` per site, asks it for each page's repeated blocks and passes them
to `classify(..., boilerplate=...)`: what is found without them is the page's own. The first pages
that carry a footer are judged with it.
"""

from __future__ import annotations

from collections import OrderedDict

from core import Document

SHORTEST = 12
"""Characters below which a repeated block (a menu item, a button) is left to be judged."""

FAMILIAR = 3
"""Pages on which a block must have stood before it counts as boilerplate."""

REMEMBERED = 50_000


class SiteBlocks:
    """How often the blocks of one site were seen. Bounded: the longest unseen are forgotten."""

    def __init__(self, familiar: int = FAMILIAR) -> None:
        self._familiar = familiar
        self._seen: OrderedDict[int, int] = OrderedDict()
        self._pages: OrderedDict[str, None] = OrderedDict()

    def repeated(self, document: Document) -> frozenset[int]:
        """Blocks of `document`, by index, that stood on enough other pages before; counts this
        page, once however often it is seen."""
        new = document.url not in self._pages
        self._pages[document.url] = None
        keys = {
            index: hash(block.text)
            for index, block in enumerate(document.blocks)
            if len(block.text) >= SHORTEST
        }
        found = frozenset(i for i, key in keys.items() if self._seen.get(key, 0) >= self._familiar)
        for key in set(keys.values()) if new else ():
            self._seen[key] = self._seen.pop(key, 0) + 1
        for remembered in (self._seen, self._pages):
            while len(remembered) > REMEMBERED:
                remembered.popitem(last=False)
        return found
