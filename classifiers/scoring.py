"""From passages to points, and from points to a verdict."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_
from typing import NamedTuple

from classifiers.passages import Page, Passages
from classifiers.ruleset import CompiledRule, LearnedRules, Ruleset
from core import Document

REMEMBERED_PASSAGES = 20_000
"""Passages repeat from page to page of a site; each combination of signals is judged once."""


SHORT_PAGE = 2_000
"""Characters up to which a page on which nothing speaks is weighed by its wording alone: a chat
line names no coin and no exchange as often as not. A person looks at it; it is no violation."""


class Fired(NamedTuple):
    """A rule that fired, with the points it gives here."""

    compiled: CompiledRule
    points: float


class Weighed(NamedTuple):
    """A rule that weighs wording, and how much of it there is."""

    compiled: CompiledRule
    amount: float

    def fired(self) -> Fired:
        """The rule with the points that this gives."""
        return Fired(self.compiled, self.compiled.points * self.amount)


class Reading(NamedTuple):
    """What the rules say of a passage, its wording left out. `lured`: there is something to act on,
    and rules against count only `part` of their points; without it rules for promotion count
    `share` of theirs. `needs` are the signals that the rules ask for, `carries` those of the rules
    that mark blocks, `topical` whether wording may speak for promotion here."""

    speaks_for: tuple[Fired, ...]
    against: tuple[Fired, ...]
    share: float
    part: float
    lured: bool
    topical: bool
    needs: int
    carries: int

    def total(self) -> float:
        """Points of all rules that fired."""
        return sum(fired.points for fired in (*self.speaks_for, *self.against))


class Finding(NamedTuple):
    """A passage that may be promotion. `total` includes the bias."""

    unit: int
    total: float
    reading: Reading
    worded: tuple[Fired, ...]
    disguise: str

    @property
    def fired(self) -> tuple[Fired, ...]:
        """Everything that gives points here."""
        return (*self.reading.speaks_for, *self.worded, *self.reading.against)

    @property
    def silent(self) -> bool:
        """Whether nothing but the wording of the page says anything."""
        return not self.reading.speaks_for and not self.reading.topical

    @property
    def lured(self) -> bool:
        """Whether there is something to act on at once."""
        return self.reading.lured


def judge_passages(passages: Passages, document: Document) -> list[Finding]:
    """Every passage on which a rule or the wording speaks for promotion, worst first.

    The entry of a listing is the text of an interface for the most part, which is worded like an
    offer whatever it is for: there wording speaks for promotion only beside something to act on.
    """
    ruleset = passages.ruleset
    findings: list[Finding] = []
    for unit, reading in readings(passages, document):
        if not reading.speaks_for and not reading.topical:
            continue
        wording = passages.wording(unit)
        page = passages.page_wording()
        if document.entry is not None and not reading.lured:
            wording, page = min(wording, 0.0), min(page, 0.0)
        if not reading.speaks_for and wording <= 0:
            continue
        weighed = (
            passage_wording(ruleset, wording, topical=reading.topical, lured=reading.lured),
            page_wording(ruleset, page, lured=reading.lured),
        )
        worded = tuple(one.fired() for one in weighed if one is not None)
        total = ruleset.weights.bias + reading.total() + sum(fired.points for fired in worded)
        disguise = _disguise(passages, unit, reading.needs)
        total -= ruleset.weights.disguise_costs.get(disguise, 0.0)
        findings.append(Finding(unit, total, reading, worded, disguise))
    findings.sort(key=lambda finding: (-finding.total, finding.unit))
    return findings


def readings(passages: Passages, document: Document) -> Iterator[tuple[int, Reading]]:
    """What the rules say of each passage that was read closely, by the unit in its middle."""
    ruleset = passages.ruleset
    page_mask = passages.page_mask() & ruleset.page_scope
    entry = document.entry is not None
    known: dict[tuple[int, int, int, bool], Reading] = ruleset.judged
    for unit in passages.lit:
        found = passages.units.get(unit)
        if found is None or not found.bits:
            continue
        key = (passages.mask(unit), found.bits, page_mask, entry)
        reading = known.get(key)
        if reading is None:
            if len(known) >= REMEMBERED_PASSAGES:
                known.clear()
            reading = known[key] = _read(ruleset, *key)
        yield unit, reading


def passage_wording(
    ruleset: Ruleset, wording: float, *, topical: bool, lured: bool
) -> Weighed | None:
    """What the wording of a passage weighs: for promotion only where the passage is about virtual
    currency, against it only in part beside something to act on."""
    if wording > 0 and not topical:
        return None
    most = ruleset.weights.most_wording
    return _weighed(ruleset, ruleset.passage_wording, wording, most, lured=lured)


def is_short(page: Page, document: Document) -> bool:
    """Whether a page on which nothing speaks is weighed by its wording: entries of a listing have
    a form of their own."""
    return len(page.text) <= SHORT_PAGE and document.entry is None


def silent_finding(passages: Passages) -> Finding | None:
    """What the wording alone says of a short page on which nothing else speaks."""
    ruleset = passages.ruleset
    wording = passages.page_wording()
    most = ruleset.weights.most_wording
    weighed = _weighed(ruleset, ruleset.page_wording, wording, most, lured=False)
    if weighed is None:
        return None
    points = math.copysign(weighed.amount, wording) * ruleset.weights.short_wording
    total = ruleset.weights.short_silence + points
    return Finding(0, total, _SILENCE, (Fired(weighed.compiled, points),), "")


_SILENCE = Reading((), (), 1.0, 1.0, lured=False, topical=False, needs=0, carries=0)


def page_wording(ruleset: Ruleset, wording: float, *, lured: bool) -> Weighed | None:
    """What the wording of the page as a whole weighs."""
    most = ruleset.weights.most_page_wording
    return _weighed(ruleset, ruleset.page_wording, wording, most, lured=lured)


def _weighed(
    ruleset: Ruleset, rules: LearnedRules, wording: float, most: float, *, lured: bool
) -> Weighed | None:
    if not wording:
        return None
    compiled = rules.speaks_for if wording > 0 else rules.against
    part = ruleset.weights.wording_beside_lure if lured and wording < 0 else 1.0
    return Weighed(compiled, min(abs(wording), most) * part)


def _read(ruleset: Ruleset, mask: int, block: int, page: int, entry: bool) -> Reading:
    speaks_for = tuple(_fired(ruleset.rules_for, mask, block, page, entry))
    against = list(_fired(ruleset.rules_against, mask, block, page, entry))
    lured = any(f.compiled.rule.lure or f.compiled.rule.entry for f in speaks_for)
    share = _share(ruleset, speaks_for, lured=lured)
    speaks_for = tuple(f._replace(points=f.points * share) for f in speaks_for)
    part = _part(ruleset, against, lured=lured)
    against = [
        f if f.compiled.rule.mention else f._replace(points=f.points * part) for f in against
    ]
    needs = _union(need for f in (*speaks_for, *against) for need in f.compiled.needs)
    carries = _union(
        _union((*f.compiled.needs, f.compiled.of))
        for f in speaks_for
        if carries_blocks(f.compiled, lured=lured)
    )
    worded = ruleset.passage_wording.speaks_for
    topical = worded.met_by(mask)
    if topical and not speaks_for:
        carries = needs = _union(worded.needs)
    return Reading(speaks_for, tuple(against), share, part, lured, topical, needs, carries)


def _share(ruleset: Ruleset, speaks_for: tuple[Fired, ...], *, lured: bool) -> float:
    """Which part of the points for promotion counts: words of offers heaped up, as in a list of
    warning signs, say no more than a few of them."""
    weights = ruleset.weights
    most = weights.most_with_lure if lured else weights.most_without_lure
    total = sum(fired.points for fired in speaks_for)
    return min(1.0, most / total) if total > 0 else 1.0


def _part(ruleset: Ruleset, against: list[Fired], *, lured: bool) -> float:
    """Which part of the points against counts: all of them, or beside a lure only some."""
    total = -sum(fired.points for fired in against if not fired.compiled.rule.mention)
    if not lured or total <= 0:
        return 1.0
    weights = ruleset.weights
    return min(weights.beside_lure, weights.most_beside_lure / total)


def carries_blocks(compiled: CompiledRule, *, lured: bool) -> bool:
    """Whether a rule's words mark blocks: beside a lure only the lure's own do."""
    return compiled.rule.lure or compiled.rule.entry or not lured


def _union(masks: Iterable[int]) -> int:
    return reduce(or_, masks, 0)


def _fired(
    rules: Iterable[CompiledRule], mask: int, block: int, page: int, entry: bool
) -> Iterable[Fired]:
    for compiled in rules:
        rule = compiled.rule
        if rule.entry and not entry:
            continue
        seen = mask if rule.scope == "passage" else block if rule.scope == "block" else page
        if compiled.met_by(seen):
            yield Fired(compiled, compiled.points)


def _disguise(passages: Passages, unit: int, needs: int) -> str:
    """The dearest disguise among the words of `needs` in the passage around `unit`, or ""."""
    costs = passages.ruleset.weights.disguise_costs
    best = ""
    for near in passages.near(unit):
        there = passages.units.get(near)
        if there is None or not there.cost:
            continue
        for bit, disguise in there.cost.items():
            if disguise and bit & needs and costs.get(disguise, 0.0) > costs.get(best, -1.0):
                best = disguise
    return best


def probability(total: float) -> float:
    """The logistic of `total`, in [0, 1]."""
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, total))))
