"""What a verdict rests on: evidence rows, the signals they cite, the blocks that carry them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from classifiers.passages import Passages, Spotted, Unit
from classifiers.ruleset import CompiledRule, Use
from classifiers.scoring import Finding, Fired, carries_blocks
from core import Evidence, Signal, Words
from core.text import one_line

MAX_SIGNALS = 200
MAX_CITED = 4
"""Signals of one kind cited from one unit."""

MAX_TELLING = 6
"""Words shown for a passage's wording."""

MAX_FURTHER = 40
"""Signals a rule cites beside those it fired on; a rule of the whole page would cite them all."""

QUOTE_CHARS = 160
_RESTORED = Words("经还原后识别的写法", "Recognised only after undoing a disguise")


class Collected:
    """Evidence under construction."""

    def __init__(self, passages: Passages) -> None:
        self.evidence: list[Evidence] = []
        self.signals: list[Signal] = []
        self.blocks: set[int] = set()
        self._passages = passages
        self._numbers: dict[Signal, int] = {}

    def add_finding(self, finding: Finding) -> None:
        """Rows for everything that fired on the worst passage, with points; its blocks."""
        for fired in finding.fired:
            rule = fired.compiled.rule
            if not fired.points:
                continue
            if rule.learned:
                self.add_wording(fired, finding)
                continue
            chosen = self._chosen(fired.compiled, finding.unit)
            signals = [signal for signal, _ in chosen]
            further = islice(self._further(fired.compiled, finding.unit), MAX_FURTHER)
            self._add_row(fired, signals, dict.fromkeys((*signals, *further)))
            if rule.side == "for" and carries_blocks(fired.compiled, lured=finding.lured):
                self._add_blocks(chosen)
        self._add_lures(finding)
        if finding.disguise:
            cost = self._passages.ruleset.weights.disguise_costs.get(finding.disguise, 0.0)
            self.evidence.append(
                Evidence(rule=f"disguise:{finding.disguise}", points=-cost, title=_RESTORED)
            )

    def add_wording(self, fired: Fired, finding: Finding | None = None) -> None:
        """A row for the wording of a finding or of the page, with the words that told most."""
        rule = fired.compiled.rule
        promoting = rule.side == "for"
        near = self._passages.near(finding.unit) if finding and rule.scope == "passage" else None
        worded = self._passages.worded
        words = worded.telling(MAX_TELLING, promoting=promoting, near=near) if worded else ()
        use = Use("wording", 0, "", "wording")
        signals = [
            self._passages.signal(Spotted(hit, use._replace(entry=f"wording/{hit.word}")))
            for hit in words
        ]
        self._add_row(fired, signals, signals)
        if finding and promoting and not finding.reading.speaks_for:
            self.blocks.update(signal.block for signal in signals[:1] if signal.block >= 0)

    def _add_row(self, fired: Fired, signals: list[Signal], cited: Iterable[Signal]) -> None:
        """A row that quotes `signals` and cites `cited`."""
        rule = fired.compiled.rule
        self.evidence.append(
            Evidence(
                rule=rule.id,
                points=round(fired.points, 4),
                title=rule.title,
                quote=quote(signal.raw for signal in signals),
                block=signals[0].block if signals else -1,
                signals=tuple(n for n in map(self._number, cited) if n >= 0),
                learned=rule.learned,
            )
        )

    def add_carriers(self, finding: Finding) -> None:
        """The blocks and lures of another passage above the line; its points are not counted."""
        own = self._passages.units.get(finding.unit)
        neutral = self._passages.ruleset.neutral
        wanted = finding.reading.carries & ~neutral
        if own is not None:
            self._cite_all(own, wanted & own.bits)
        self._add_lures(finding)

    def _add_lures(self, finding: Finding) -> None:
        """Of a lure every link, code and handle of the passage counts."""
        wanted = finding.reading.carries & self._passages.ruleset.lure_mask
        if not finding.lured or not wanted:
            return
        for near in self._passages.near(finding.unit):
            unit = self._passages.units.get(near)
            if unit is not None and unit.bits & wanted:
                self._cite_all(unit, wanted)

    def _cite_all(self, unit: Unit, wanted: int) -> None:
        for bit in unit.found:
            if bit & wanted:
                for signal in self._passages.signals(unit, bit):
                    self._number(signal)
                    if signal.block >= 0:
                        self.blocks.add(signal.block)

    def _number(self, signal: Signal) -> int:
        """Index of `signal` among the verdict's signals; -1 when there are too many already."""
        known = self._numbers.get(signal)
        if known is None:
            if len(self.signals) >= MAX_SIGNALS:
                return -1
            known = self._numbers[signal] = len(self.signals)
            self.signals.append(signal)
        return known

    def _add_blocks(self, chosen: list[tuple[Signal, int]]) -> None:
        """Topic words carry nothing unless they stand alone."""
        neutral = self._passages.ruleset.neutral
        telling = {signal.block for signal, bit in chosen if not bit & neutral}
        telling = telling or {signal.block for signal, _ in chosen}
        self.blocks.update(block for block in telling if block >= 0)

    def _reach(self, compiled: CompiledRule, center: int) -> list[int]:
        """The units a rule looks at around `center`, nearest first."""
        scope = compiled.rule.scope
        where: Iterable[int] = self._passages.near(center)
        if scope == "block":
            where = (center,)
        elif scope == "page":
            where = self._passages.units
        present = [unit for unit in where if unit in self._passages.units]
        return sorted(present, key=lambda unit: (abs(unit - center), -unit))

    def _further(self, compiled: CompiledRule, center: int) -> Iterator[Signal]:
        """What else there is of a rule's needs, a few of each."""
        wanted = _union((*compiled.needs, compiled.of))
        for index in self._reach(compiled, center):
            unit = self._passages.units[index]
            if unit.bits & wanted:
                for bit in unit.found:
                    if bit & wanted & unit.bits:
                        yield from self._passages.signals(unit, bit)[:MAX_CITED]

    def _chosen(self, compiled: CompiledRule, center: int) -> list[tuple[Signal, int]]:
        """For each line of a rule's needs, the nearest signal; then those it counts."""
        units = self._reach(compiled, center)
        chosen = [found for need in compiled.needs if (found := self._first(need, units))]
        rest = compiled.of
        for _ in range(compiled.at_least):
            found = self._first(rest, units)
            if found is None:
                break
            chosen.append(found)
            rest &= ~found[1]
        return chosen

    def _first(self, need: int, units: list[int]) -> tuple[Signal, int] | None:
        for index in units:
            unit = self._passages.units[index]
            if unit.bits & need:
                for bit in unit.found:
                    if bit & need & unit.bits:
                        return self._passages.signals(unit, bit)[0], bit
        return None


def quote(texts: Iterable[str]) -> str:
    """The raw words a reason rests on, as one harmless line."""
    seen = dict.fromkeys(one_line(text, 80) for text in texts)
    return one_line(" … ".join(seen), QUOTE_CHARS)


def _union(masks: Iterable[int]) -> int:
    total = 0
    for mask in masks:
        total |= mask
    return total
