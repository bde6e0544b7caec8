"""Which ordinary links are worth following: those that leave the site out of a block that reads
like a promotion. Within a budget a page and a scan, the most suspicious first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from core.document import Document
from core.gap import Gap, GapKind
from core.target import Limits
from core.text import one_line
from core.urls import registrable_domain, split_host, without_fragment
from crawler.frontier import Earlier, remember
from crawler.words import telling_words

_LEADS_AWAY = frozenset({"link", "form_action"})
_FEWEST_WORDS = 2
"""Different words of promotions in a block; one alone (`关注微信`) stands on every page."""
_CHARS = 2_000
"""What is read of a block to judge it."""


class SuspiciousLinks:
    """Chooses links of suspicious blocks; counts those that were left out or led nowhere."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._chosen: set[str] = set()
        self._unresolved: dict[str, GapKind] = {}

    def of(self, document: Document, asked: Callable[[str], bool]) -> list[str]:
        """Links of `document` that leave its site and may be `asked`, most suspicious block first;
        each once."""
        found = [url for url in self._rated(document) if asked(url)]
        most = self._limits.suspicious_links_per_page
        for url in found[most:]:
            self._no_room_for(without_fragment(url))
        return [url for url in found[:most] if self._within_budget(without_fragment(url))]

    def holds(self, address: str) -> bool:
        """Whether `address` (without fragment) was chosen here, and for nothing but its block."""
        return address in self._chosen

    def drop(self, address: str) -> None:
        """`address` is resolved for a better reason."""
        if address in self._chosen:
            self._chosen.discard(address)
            remember("suspicious_dropped", address)

    @property
    def count(self) -> int:
        """How many addresses were chosen."""
        return len(self._chosen)

    def missed(self, address: str, gap: Gap) -> None:
        """Where `address` leads is not known."""
        self._unresolved[address] = gap.kind
        remember("suspicious_missed", address, gap.kind.value)

    def recall(self, earlier: Earlier) -> None:
        """Know again what was chosen and missed before the scan was cut off."""
        self._chosen |= {address for (address,) in earlier.of("suspicious_chosen")}
        self._chosen -= {address for (address,) in earlier.of("suspicious_dropped")}
        for address, kind in earlier.of("suspicious_missed"):
            self._unresolved[address] = GapKind(kind)
        for (address,) in earlier.of("suspicious_no_room"):
            self._unresolved.setdefault(address, GapKind.BUDGET_REACHED)

    def closing_gap(self, target_id: str) -> Gap | None:
        """One gap for all that were not resolved, with the reasons counted."""
        left = {url: kind for url, kind in self._unresolved.items() if self._still_open(url, kind)}
        if not left:
            return None
        kinds = Counter(left.values()).most_common()
        counted = ", ".join(f"{kind.value} {count}" for kind, count in kinds)
        reason = f"{len(left)} links of suspicious blocks not resolved ({counted}), {min(left)}"
        return Gap(kinds[0][0], target_id, one_line(reason, 300))

    def _still_open(self, url: str, kind: GapKind) -> bool:
        """A link that one page had no room for may have been chosen on another."""
        return kind is not GapKind.BUDGET_REACHED or url not in self._chosen

    def _within_budget(self, address: str) -> bool:
        if address in self._chosen:
            return True
        if len(self._chosen) >= self._limits.max_suspicious_links:
            self._no_room_for(address)
            return False
        self._chosen.add(address)
        remember("suspicious_chosen", address)
        return True

    def _no_room_for(self, address: str) -> None:
        if self._unresolved.setdefault(address, GapKind.BUDGET_REACHED) is GapKind.BUDGET_REACHED:
            remember("suspicious_no_room", address)

    def _rated(self, document: Document) -> list[str]:
        words: dict[int, int] = {}
        rated: dict[str, int] = {}
        own, root = _site(document.url), "/".join(document.url.split("/", 3)[:3]) + "/"
        for reference in document.references:
            url, block = reference.url, reference.block
            if block < 0 or reference.kind not in _LEADS_AWAY or url.startswith(root):
                continue
            if url[:4].lower() != "http" or _site(url) == own:
                continue
            if block not in words:
                words[block] = telling_words(document.blocks[block].text[:_CHARS])
            if words[block] >= _FEWEST_WORDS:
                rated[url] = max(words[block], rated.get(url, 0))
        return sorted(rated, key=lambda url: -rated[url])


def _site(url: str) -> str:
    return registrable_domain(split_host(url))
