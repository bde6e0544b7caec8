"""Blocks of a site's template: counted once per site, not once per page.

The crawler keeps one `SiteBlocks` per site, asks it for each page's repeated blocks and passes
them to `classify(..., boilerplate=...)`: what is found without them is the page's own. A footer
stands on most pages; the same advertisement posted in fifty threads of a forum stands on few of
its pages, and each of them is a matter of its own.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable
from hashlib import blake2b

from core import Document

SHORTEST = 12
"""Characters below which a repeated block (a menu item, a button) is left to be judged."""

FAMILIAR = 5
"""Other pages on which a block must have stood before it counts as boilerplate."""

SHARE = 0.6
"""Part of the site's pages seen so far that must carry it."""

REMEMBERED = 50_000


class SiteBlocks:
    """How often the blocks of one site were seen. Bounded: the longest unseen are forgotten."""

    def __init__(self, familiar: int = FAMILIAR) -> None:
        self._familiar = familiar
        self._seen: OrderedDict[int, int] = OrderedDict()
        self._pages: OrderedDict[str, None] = OrderedDict()
        self._earlier: Counter[bytes] = Counter()
        self._pages_earlier = 0

    def recall(self, pages: int, marks: Iterable[bytes]) -> None:
        """Count `pages` that another process has seen, and the `mark` of each block on them that
        may matter: those that carried a finding."""
        self._pages_earlier += pages
        self._earlier.update(marks)

    def repeated(self, document: Document) -> frozenset[int]:
        """Blocks of `document`, by index, that stood on enough other pages before; counts this
        page, once however often it is seen."""
        enough = max(self._familiar, SHARE * (len(self._pages) + self._pages_earlier))
        new = document.url not in self._pages
        self._pages[document.url] = None
        keys = {
            index: hash(block.text)
            for index, block in enumerate(document.blocks)
            if len(block.text) >= SHORTEST
        }
        found = frozenset(i for i, key in keys.items() if self._seen.get(key, 0) >= enough)
        if self._earlier:
            found = frozenset(
                index
                for index, key in keys.items()
                if self._seen.get(key, 0) + self._earlier[mark(document.blocks[index].text)]
                >= enough
            )
        for key in set(keys.values()) if new else ():
            self._seen[key] = self._seen.pop(key, 0) + 1
        for remembered in (self._seen, self._pages):
            while len(remembered) > REMEMBERED:
                remembered.popitem(last=False)
        return found


def mark(text: str) -> bytes:
    """What stands for the text of a block in every process: 8 bytes."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
