"""Crawler traps: calendars, session ids, query permutations, ever deeper paths, soft duplicates.

A trap is known by what it gives, not by what it looks like: `/article/1` to `/article/5000` and a
calendar have the same kind of addresses, but every article says something new. So each URL shape
(`crawler.url_shapes`) has credit for `limits.max_stale_pages` pages, and every page that shows a
text, a picture or an outside link which its host has not shown before adds four. What is beyond
the credit waits until such pages come; what waits at the end is one gap for the shape.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from hashlib import blake2b

from core.gap import Gap, GapKind
from core.target import Limits
from core.text import one_line
from core.urls import registrable_domain, split_host
from crawler.extractors import Extraction
from crawler.frontier import Earlier, count, remember
from crawler.url_shapes import most_repeated_segment, section_of, shape_of, spelling_of

_CREDIT = 4
"""Pages that one page with something new vouches for: one in four has to give something."""

_SECTION_FACTOR = 4
"""A folder may give nothing new for this many times as many pages in a row as one shape."""

_SAMPLE = 8
"""Of a shape that has proved itself, one page in so many is looked at."""

_MOST_REMEMBERED = 100_000
"""Texts known by their hash; beyond that it starts anew, and each trap gets its credit again."""

_GAPS_KEPT = 20
_MARK_BYTES = 8
_STALE, _FRESH, _NOT_LOOKED_AT = 0, 1, 2
_NUMBER = re.compile(r"(?<!\d)\d{1,4}(?!\d)")
"""Days, years and counters. A longer one may be a contact's number, and so is something new."""

_NOT_READ = ("script", "attribute")
"""Blocks that differ from page to page by tokens which nobody reads."""

Waiting = tuple[str, int]
"""An address that waits, and its depth."""


class _Shape:
    """What is known of the pages of one shape. `stale` counts those in a row without news, `late`
    links that found as many waiting as a scan may have pages."""

    __slots__ = ("admitted", "answered", "fresh", "late", "section", "stale", "waiting")

    def __init__(self, section: _Section) -> None:
        self.section = section
        self.admitted = self.answered = self.fresh = self.stale = 0
        self.waiting: deque[Waiting] = deque()
        self.late = 0


class _Section:
    __slots__ = ("stale",)

    def __init__(self) -> None:
        self.stale = 0


class TrapGuard:
    """Decides which new links are followed now, later, or not at all.

    Asked once per new link, at a cost of about 4 microseconds; a page of 40 KiB with 270 blocks
    (benchmarks/local_pages.py) is looked at in about 0.2 ms, one in eight once its
    shape has proved itself.
    """

    def __init__(self, limits: Limits, max_pages: int) -> None:
        self._limits = limits
        self._max_pages = max_pages
        self._shapes: dict[str, _Shape] = {}
        self._sections: dict[str, _Section] = {}
        self._spellings: set[str] = set()
        self._hosts: Counter[str] = Counter()
        self._remembered: dict[str, set[bytes]] = {}
        self._remembered_count = 0
        self._cut: Counter[tuple[str, str]] = Counter()
        self._waiting: set[str] = set()

    # -- links ------------------------------------------------------------------------------

    def admit(self, url: str, depth: int) -> bool:
        """Whether the new link `url` is to be followed now. If not, it waits or is a gap."""
        if url in self._waiting:
            return False
        if self._knows_spelling(url):
            return self._refuse(shape_of(url), _SAME_PAGE)
        bound = self._limits.max_segment_repeats
        if url.count("/") > bound + 2 and most_repeated_segment(url, bound):
            reason = f"a folder stands more than {bound} times in the path"
            return self._refuse(section_of(shape_of(url)), f"{reason} (limits.max_segment_repeats)")
        name = shape_of(url)
        shape = self._shapes.get(name) or self._new_shape(name)
        if self._is_open(shape):
            return self._counted(url, shape)
        if len(shape.waiting) >= self._max_pages:
            shape.late += 1
            count("trap_late", name)
            return False
        self._hold(url, depth, shape)
        remember("trap_held", url, depth)
        return False

    def _knows_spelling(self, url: str) -> bool:
        """Whether the same page was met under another address; from now on it is known."""
        if "?" not in url and ";" not in url and "/(" not in url:
            return False
        spelling = spelling_of(url)
        if spelling in self._spellings:
            return True
        self._spellings.add(spelling)
        return False

    def _hold(self, url: str, depth: int, shape: _Shape) -> None:
        shape.waiting.append((url, depth))
        self._waiting.add(url)

    def _counted(self, url: str, shape: _Shape) -> bool:
        """Count `url` as followed, unless its host has had its pages."""
        most = self._limits.max_pages_per_host
        if most is not None:
            host = split_host(url)
            if self._hosts[host] >= most:
                return self._refuse(host, f"limits.max_pages_per_host ({most}) reached")
            self._hosts[host] += 1
        shape.admitted += 1
        return True

    def _new_shape(self, name: str) -> _Shape:
        folder = section_of(name)
        section = self._sections.setdefault(folder, _Section())
        return self._shapes.setdefault(name, _Shape(section))

    def _is_open(self, shape: _Shape) -> bool:
        most = self._limits.max_stale_pages
        return (
            shape.admitted < most + _CREDIT * shape.fresh
            and shape.stale < most
            and shape.section.stale < most * _SECTION_FACTOR
        )

    def _refuse(self, shape: str, reason: str) -> bool:
        self._cut[shape, reason] += 1
        count("trap_cut", shape, reason)
        return False

    # -- pages ------------------------------------------------------------------------------

    def saw(self, url: str, extraction: Extraction) -> list[Waiting]:
        """Take note of what the page asked for as `url` gives; gives the links that may go now."""
        name = shape_of(url)
        shape = self._shapes.get(name)
        if shape is None:  # a seed, or the end of a redirect; what it shows is known from now on
            self._has_news(split_host(url), extraction)
            return []
        proven = shape.stale == 0 and shape.fresh >= self._limits.max_stale_pages
        if proven and (shape.answered + 1) % _SAMPLE:
            outcome = _NOT_LOOKED_AT
        else:
            outcome = _FRESH if self._has_news(split_host(url), extraction) else _STALE
        self._answered(shape, outcome)
        remember("trap_saw", name, outcome)
        return self._released(shape) if shape.waiting else []

    @staticmethod
    def _answered(shape: _Shape, outcome: int) -> None:
        shape.answered += 1
        if outcome == _STALE:
            shape.stale += 1
            shape.section.stale += 1
            return
        shape.fresh += 1
        if outcome == _FRESH:
            shape.stale = shape.section.stale = 0

    def _released(self, shape: _Shape) -> list[Waiting]:
        released: list[Waiting] = []
        while shape.waiting and self._is_open(shape):
            url, depth = shape.waiting.popleft()
            self._waiting.discard(url)
            if self._counted(url, shape):
                released.append((url, depth))
            else:
                remember("trap_dropped", url)
        return released

    def _has_news(self, host: str, extraction: Extraction) -> bool:
        """Whether the page shows anything that no page of `host` has shown; remembers all of it."""
        blocks = extraction.document.blocks
        text = "\n".join([block.text for block in blocks if block.kind not in _NOT_READ])
        shown = set(map(_mark, _NUMBER.sub("#", text).split("\n")))
        for picture in extraction.pictures:
            shown.add(_mark(picture.data or picture.url.partition("?")[0]))
        home = registrable_domain(host)
        for reference in extraction.document.references:
            there = split_host(reference.url)
            if there != host and registrable_domain(there) != home:
                shown.add(_mark(reference.url.partition("?")[0]))
        news = shown - self._remembered.setdefault(host, set())
        self._know(host, news)
        if news:
            remember("trap_news", host, b"".join(news))
        return bool(news)

    def _know(self, host: str, marks: set[bytes]) -> None:
        if self._remembered_count > _MOST_REMEMBERED:
            self._remembered.clear()
            self._remembered_count = 0
        self._remembered.setdefault(host, set()).update(marks)
        self._remembered_count += len(marks)

    # -- taken up again ---------------------------------------------------------------------

    def recall(self, earlier: Earlier) -> None:
        """Know again what a scan knew before it was cut off."""
        for host, marks in earlier.of("trap_news"):
            size = _MARK_BYTES
            self._know(host, {marks[at : at + size] for at in range(0, len(marks), size)})
        for name, outcome in earlier.of("trap_saw"):
            self._answered(self._shapes.get(name) or self._new_shape(name), outcome)
        for shape, reason, times in earlier.of("trap_cut"):
            self._cut[shape, reason] += times
        for name, times in earlier.of("trap_late"):
            (self._shapes.get(name) or self._new_shape(name)).late += times
        followed = {*earlier.followed, *(url for (url,) in earlier.of("trap_released"))}
        for url in followed:
            self._knows_spelling(url)
            self._counted(url, self._shape_of(url))
        gone = followed.union(url for (url,) in earlier.of("trap_dropped"))
        for url, depth in earlier.of("trap_held"):
            self._knows_spelling(url)
            if url not in gone:
                self._hold(url, depth, self._shape_of(url))

    def _shape_of(self, url: str) -> _Shape:
        name = shape_of(url)
        return self._shapes.get(name) or self._new_shape(name)

    # -- the end ----------------------------------------------------------------------------

    def closing_gaps(self) -> list[Gap]:
        """One gap for each shape that was cut, the largest first; beyond twenty, one for all."""
        cut = self._cut.copy()
        for name, shape in self._shapes.items():
            if shape.waiting:
                cut[name, self._nothing_new()] += len(shape.waiting) + shape.late
        ranked = cut.most_common()
        gaps = [_gap(shape, f"{count} links not followed: {why}") for (shape, why), count in ranked]
        if len(gaps) <= _GAPS_KEPT:
            return gaps
        rest = ranked[_GAPS_KEPT:]
        links = sum(count for _, count in rest)
        reason = f"{links} links not followed: {len(rest)} more shapes of links were cut"
        return [*gaps[:_GAPS_KEPT], _gap(rest[0][0][0], reason)]

    @property
    def over_budget(self) -> int:
        """Links that more than scope.max_pages others were before; no trap, just a large site."""
        return sum(shape.late for shape in self._shapes.values() if not shape.waiting)

    def _nothing_new(self) -> str:
        most = self._limits.max_stale_pages
        return f"too few pages like this gave anything new (limits.max_stale_pages: {most})"


_SAME_PAGE = "the same page with another session id or order of parameters"


def _mark(shown: str | bytes) -> bytes:
    """What is remembered of a text or picture: the same in every process, and hard to forge."""
    data = shown if isinstance(shown, bytes) else shown.encode("utf-8", "surrogatepass")
    return blake2b(data, digest_size=_MARK_BYTES).digest()


def _gap(shape: str, reason: str) -> Gap:
    return Gap(GapKind.BUDGET_REACHED, one_line(shape, 300), reason)
