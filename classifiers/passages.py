"""Where signals stand: the page as one text, cut into short units, each with the bits of what was
found in it. A passage is a unit with its near neighbours."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from functools import cached_property, reduce
from operator import or_
from typing import NamedTuple, cast

import numpy as np

from classifiers.matcher import Hit
from classifiers.normalise import Folded
from classifiers.page_wording import PageWording
from classifiers.ruleset import Ruleset, Use
from classifiers.trace import transform_trace
from core import Signal

LONG_UNIT = 320
"""Characters after which a paragraph is cut at its sentence ends."""

REACH_CHARS = 220
"""How far (raw characters) a passage reaches to either side of its unit."""

REACH_UNITS = 4
ONE_VOICE = 1_000
"""Characters up to which a page is taken to be written in one voice."""

MAX_SIGNALS_PER_UNIT = 24
ENOUGH_DISGUISED = 3
_ACCIDENTAL = ("initials", "stops")
"""Disguises that ordinary text shows by accident: they ask for more company."""

_SENTENCE_END = re.compile(r"[。！？!?；;\n]+|\.\s")


class Page:
    """The blocks of a document as one text, with unit borders. Offsets are raw characters."""

    def __init__(self, blocks: Iterable[str]) -> None:
        texts = list(blocks)
        self.text = "\n".join(texts)
        self.block_starts: list[int] = []
        place = 0
        for text in texts:
            self.block_starts.append(place)
            place += len(text) + 1
        self._unit_starts: list[int] | None = None

    def block_at(self, place: int) -> int:
        """Index of the block that holds raw position `place`."""
        return max(0, bisect_right(self.block_starts, place) - 1)

    def block_end(self, block: int) -> int:
        """Raw position behind the last character of `block`."""
        following = block + 1
        return (
            self.block_starts[following] - 1
            if following < len(self.block_starts)
            else len(self.text)
        )

    @property
    def unit_starts(self) -> list[int]:
        """Raw start of every unit: a block, a line, or a few sentences of a long paragraph."""
        if self._unit_starts is None:
            self._unit_starts = self._cut()
        return self._unit_starts

    def unit_at(self, place: int) -> int:
        """Index of the unit that holds raw position `place`."""
        return max(0, bisect_right(self.unit_starts, place) - 1)

    def unit_span(self, unit: int) -> tuple[int, int]:
        """Raw [start, end) of `unit`."""
        starts = self.unit_starts
        end = starts[unit + 1] if unit + 1 < len(starts) else len(self.text)
        return starts[unit], end

    def _cut(self) -> list[int]:
        starts = [0]
        place = 0
        for line in self.text.split("\n"):
            if place > starts[-1] and line.strip():
                starts.append(place)
            if len(line) > LONG_UNIT:
                starts += _sentence_cuts(line, place)
            place += len(line) + 1
        return starts


def _sentence_cuts(line: str, offset: int) -> list[int]:
    cuts: list[int] = []
    last = 0
    for match in _SENTENCE_END.finditer(line):
        if match.end() - last >= LONG_UNIT // 2 and match.end() < len(line):
            last = match.end()
            cuts.append(offset + last)
    while len(line) - last > 4 * LONG_UNIT:
        last += 2 * LONG_UNIT
        cuts.append(offset + last)
    return cuts


class Spotted(NamedTuple):
    """A word, shape or code where it stands; made a Signal only when somebody asks."""

    hit: Hit
    use: Use


class Unit:
    """What was found in one unit. `bits` counts; `guarded` waits for company."""

    __slots__ = ("bits", "cost", "found", "guarded", "guarded_hits")

    def __init__(self) -> None:
        self.bits = 0
        self.guarded = 0
        self.cost: dict[int, str] = {}
        self.found: dict[int, list[Signal | Spotted]] = {}
        self.guarded_hits: list[Spotted] = []

    def add(self, bit: int, found: Signal | Spotted) -> None:
        """Count `found` under `bit`."""
        self.bits |= bit
        kept = self.found.get(bit)
        if kept is None:
            self.found[bit] = [found]
        elif len(kept) < MAX_SIGNALS_PER_UNIT:
            kept.append(found)


_NOTHING = Unit()
"""Stands for a unit without signals; never added to."""


class Passages:
    """The units of a page that hold anything, and the masks of the passages around them."""

    def __init__(self, page: Page, ruleset: Ruleset) -> None:
        self.page = page
        self.ruleset = ruleset
        self.units: dict[int, Unit] = {}
        self._masks: dict[int, int] = {}
        self._near: dict[int, tuple[int, ...]] = {}
        self.lit: list[int] = []
        self._hits: Sequence[Hit] = ()
        self._hit_units: Sequence[Unit] = ()
        self._links: list[tuple[Callable[[], int], Callable[[int], Signal]]] = []
        self._promising: set[int] = set()
        self._folded: Folded | None = None
        self._any_link = ruleset.bit["any_link"]

    def unit(self, index: int) -> Unit:
        """The unit at `index`, made when first asked for."""
        found = self.units.get(index)
        if found is None:
            found = self.units[index] = Unit()
        return found

    def spot(self, index: int, hit: Hit, use: Use) -> None:
        """Count `hit` in unit `index` under the meaning `use`."""
        self.unit(index).add(use.bit, Spotted(hit, use))

    def count_hits(self, hits: Sequence[Hit]) -> None:
        """Put words into their units: what they mean counts at once, `sign` says where they stand.

        Most pages end here, for no rule could fire on what is on them.
        """
        self._hits = hits
        starts = [hit.start for hit in hits]
        places = np.searchsorted(self.page.unit_starts, starts, side="right") - 1
        self._hit_units = [self.unit(place) for place in places.tolist()]
        for hit, unit in zip(hits, self._hit_units, strict=True):
            for use in hit.uses:
                if use.guarded:
                    unit.guarded |= use.bit
                else:
                    unit.bits |= use.bit

    def count_link(self, place: Callable[[], int], link: Callable[[int], Signal]) -> None:
        """Note a link that says nothing but that it leads off the page. Where it stands is worked
        out in `sign`; until then it may stand anywhere."""
        self._links.append((place, link))

    def sign(self, *, everywhere: bool = False) -> None:
        """Make the signals of everything that was counted, and light the units to be read closely:
        those with signals, and beside them, in promising passages (or `everywhere`)."""
        for find, link in self._links:
            place = find()
            block = self.page.block_at(place) if self.page.block_starts else -1
            self.unit(self.page.unit_at(place)).add(self._any_link, link(block))
        for hit, unit in zip(self._hits, self._hit_units, strict=True):
            for use in hit.uses:
                if use.guarded:
                    if len(unit.guarded_hits) < 4 * MAX_SIGNALS_PER_UNIT:
                        unit.guarded_hits.append(Spotted(hit, use))
                else:
                    unit.add(use.bit, Spotted(hit, use))
        beside = self.beside_signals()
        self.lit = sorted(beside if everywhere else self._promising & beside)

    def signals(self, unit: Unit, bit: int) -> list[Signal]:
        """The signals of `unit` under `bit`."""
        found = unit.found.get(bit, [])
        if found and isinstance(found[-1], Spotted):
            found = [self.signal(one) if isinstance(one, Spotted) else one for one in found]
            unit.found[bit] = found
        return cast("list[Signal]", found)

    def signal(self, spotted: Spotted) -> Signal:
        """`spotted` with its place in its block and the steps that led to it."""
        hit, use = spotted
        block = self.page.block_at(hit.start)
        offset = self.page.block_starts[block]
        end = min(hit.end, self.page.block_end(block))
        raw = self.page.text[hit.start : end]
        return Signal(
            kind=use.kind,
            family=use.family,
            entry=use.entry,
            raw=raw,
            normalised=hit.word or raw,
            block=block,
            start=hit.start - offset,
            end=end - offset,
            trace=transform_trace(raw, hit.word or raw, hit.disguise),
        )

    def promising(self, accounts: Set[int], shapes: Mapping[int, int], *, entry: bool) -> bool:
        """Find the passages on which a rule for promotion could fire, whatever codes, accounts,
        text shapes and plain links are still to be found there. Only these are read more closely.

        `accounts` are the units where an account name may stand, `shapes` the text shapes that may
        stand in each unit.
        """
        links = self._any_link if self._links else 0
        held = {index: unit.bits | unit.guarded for index, unit in self.units.items()}
        page = reduce(or_, held.values(), links)
        for index, bits in held.items():
            if not bits & ~self._any_link:
                continue  # a link alone starts nothing; it is company for what stands near it
            mask = links
            likely = 0
            around = self.near(index)
            for near in around:
                if near in held:
                    mask |= held[near]
                if near in shapes:
                    likely |= shapes[near]
            account = not accounts.isdisjoint(around)
            if self.ruleset.could_fire(mask, page, likely, account=account, entry=entry):
                self._promising.update(around)
        return bool(self._promising)

    def beside_signals(self) -> set[int]:
        """Units with signals and their direct neighbours."""
        top = len(self.page.unit_starts)
        near = {i for index in self.units for i in (index - 1, index, index + 1)}
        return {i for i in near if 0 <= i < top}

    def admit_guarded(self) -> None:
        """Let disguised and ambiguous names count where they stand in company: of other signals, or
        of one another when three of them are disguised."""
        self.forget_masks()  # shapes and codes were added since
        admitted: list[tuple[Unit, Spotted]] = []
        for index in self.lit:
            unit = self.units.get(index)
            if unit is None or not unit.guarded_hits:
                continue
            together = self._disguised(index).bit_count() >= ENOUGH_DISGUISED
            for spotted in unit.guarded_hits:
                use = spotted.use
                company = self.ruleset.company if use.disguise else self.ruleset.name_company
                around = self.mask(index) & company & ~(0 if unit.bits & use.bit else use.bit)
                needed = 2 if use.disguise in _ACCIDENTAL else 1
                if around.bit_count() >= needed or (together and use.disguise):
                    admitted.append((unit, spotted))
        for unit, spotted in admitted:
            bit = spotted.use.bit
            if not unit.bits & bit:
                unit.cost[bit] = spotted.use.disguise
            unit.add(bit, spotted)
        if admitted:
            self._masks.clear()

    def _disguised(self, index: int) -> int:
        """Bits of the words in the passage around unit `index` that are seen only in disguise."""
        bits = 0
        for near in self.near(index):
            unit = self.units.get(near)
            if unit is not None:
                for spotted in unit.guarded_hits:
                    if spotted.use.disguise and spotted.use.disguise != "initials":
                        bits |= spotted.use.bit
        return bits

    def apply_guards(self) -> None:
        """Take out cues whose needs are not met in their passage."""
        guards, guard_mask = self.ruleset.guards, self.ruleset.guard_mask
        dropped: list[tuple[Unit, int]] = []
        for index in self.lit:
            unit = self.units.get(index, _NOTHING)
            present = unit.bits & guard_mask
            while present:
                bit = present & -present
                present ^= bit
                if not self.mask(index) & guards[bit] & ~bit:
                    dropped.append((unit, bit))
        for unit, bit in dropped:
            unit.bits &= ~bit
            unit.found.pop(bit, None)
        if dropped:
            self._masks.clear()

    def forget_masks(self) -> None:
        """Have the masks of passages worked out anew, after signals were added."""
        self._masks.clear()

    def near(self, index: int) -> tuple[int, ...]:
        """Indices of the units of the passage around `index`, itself included."""
        known = self._near.get(index)
        if known is None:
            known = self._near[index] = self._neighbours(index)
        return known

    def _neighbours(self, index: int) -> tuple[int, ...]:
        starts = self.page.unit_starts
        top = len(starts) - 1
        start = starts[index]
        end = starts[index + 1] if index < top else len(self.page.text)
        first = last = index
        lowest, highest = max(0, index - REACH_UNITS), min(top, index + REACH_UNITS)
        while first > lowest and start - starts[first - 1] <= REACH_CHARS:
            first -= 1
        while last < highest:
            following = starts[last + 2] if last + 1 < top else len(self.page.text)
            if following - end > REACH_CHARS:
                break
            last += 1
        if first == index > 0:
            first -= 1
        if last == index < top:
            last += 1
        return tuple(range(first, last + 1))

    def hold(self, folded: Folded) -> None:
        """Keep the folded text, so that its wording can be weighed when somebody asks."""
        self._folded = folded

    @cached_property
    def worded(self) -> PageWording | None:
        """The wording of the page; None where there is no text."""
        if self._folded is None:
            return None
        return PageWording(self.ruleset.wording, self._folded, self.page.unit_starts)

    def wording(self, index: int) -> float:
        """The wording of the passage around unit `index`, or of a page that is no longer than a few
        passages: above zero like promotion, below zero like something else."""
        if self.worded is None:
            return 0.0
        return self.worded.of_page if self.one_voice else self.worded.of(self.near(index))

    @property
    def one_voice(self) -> bool:
        """Whether the page is so short that its wording is weighed as a whole."""
        return len(self.page.text) <= ONE_VOICE

    def page_wording(self) -> float:
        """The same of the page as a whole."""
        return self.worded.of_page if self.worded else 0.0

    def hinted(self) -> bool:
        """Whether a word of the page hints that it may be about virtual currency."""
        return self._folded is not None and bool(self.ruleset.hint.search(self._folded.text))

    def mask(self, index: int) -> int:
        """Bits of the passage around unit `index`."""
        known = self._masks.get(index)
        if known is None:
            units = self.units
            known = 0
            for near in self.near(index):
                if near in units:
                    known |= units[near].bits
            self._masks[index] = known
        return known

    def page_mask(self) -> int:
        """Bits of the whole page."""
        return reduce(or_, (unit.bits for unit in self.units.values()), 0)
