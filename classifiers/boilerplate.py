"""Blocks that stand on many pages of a site: counted once per site, not once per page.

The crawler keeps one `SiteBlocks` per site, asks it for each page's repeated blocks and passes them
to `classify(..., boilerplate=...)`. The first pages that carry a footer are judged with it; from
then on it is known, and a page is judged by what is its own.
"""

from __future__ import annotations

import hashlib
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
        self._seen: OrderedDict[bytes, int] = OrderedDict()

    def repeated(self, document: Document) -> frozenset[int]:
        """Blocks of `document`, by index, that stood on enough pages before; counts this one."""
        found: set[int] = set()
        counted: set[bytes] = set()
        for index, block in enumerate(document.blocks):
            if len(block.text) < SHORTEST:
                continue
            key = hashlib.blake2b(block.text.encode("utf-8", "replace"), digest_size=12).digest()
            if self._seen.get(key, 0) >= self._familiar:
                found.add(index)
            if key not in counted:
                counted.add(key)
                self._seen[key] = self._seen.pop(key, 0) + 1
        while len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return frozenset(found)
