"""From passages to points, and from points to a verdict."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_
from typing import NamedTuple

from classifiers.passages import Passages
from classifiers.ruleset import CompiledRule, Ruleset
from core import Document

REMEMBERED_PASSAGES = 20_000
"""Passages repeat from page to page of a site; each combination of signals is judged once."""
JudgedKey = tuple[int, int, int, bool]


class Fired(NamedTuple):
    """A rule that fired, with the points it gives here."""

    compiled: CompiledRule
    points: float


class Finding(NamedTuple):
    """A passage with everything that fired on it. `total` includes the bias; `needs` are the
    signals that its rules ask for, `carries` those of the rules that mark blocks."""

    unit: int
    total: float
    fired: tuple[Fired, ...]
    lured: bool
    needs: int
    carries: int
    disguise: str = ""


def judge_passages(passages: Passages, document: Document) -> list[Finding]:
    """Every passage on which a rule for promotion fires, worst first."""
    ruleset = passages.ruleset
    page_mask = passages.page_mask() & ruleset.page_scope
    entry = document.entry is not None
    known: dict[JudgedKey, Finding | None] = ruleset.judged
    findings: list[Finding] = []
    for unit in passages.lit:
        found = passages.units.get(unit)
        block = found.bits if found else 0
        if not block:
            continue
        mask = passages.mask(unit)
        key = (mask, block, page_mask, entry)
        if key not in known:
            if len(known) >= REMEMBERED_PASSAGES:
                known.clear()
            known[key] = _judge(ruleset, mask, block, page_mask, entry)
        finding = known[key]
        if finding is not None:
            disguise = _disguise(passages, unit, finding)
            cost = ruleset.weights.disguise_costs.get(disguise, 0.0)
            findings.append(
                finding._replace(unit=unit, disguise=disguise, total=finding.total - cost)
            )
    findings.sort(key=lambda finding: (-finding.total, finding.unit))
    return findings


def fired_rules(
    passages: Passages, document: Document
) -> Iterator[list[tuple[CompiledRule, float]]]:
    """For each passage on which a rule for promotion fires: every rule that does, with the part
    of its points that counts there."""
    ruleset = passages.ruleset
    page_mask = passages.page_mask()
    entry = document.entry is not None
    seen: set[tuple[int, int]] = set()
    for index, unit in passages.units.items():
        key = (passages.mask(index), unit.bits)
        if not unit.bits or key in seen:
            continue
        seen.add(key)
        speaks_for = list(_fired(ruleset.rules_for, *key, page_mask, entry))
        if speaks_for:
            against = list(_fired(ruleset.rules_against, *key, page_mask, entry))
            part = _part(ruleset, against, lured=_lured(speaks_for))
            yield [(f.compiled, 1.0) for f in speaks_for] + [(f.compiled, part) for f in against]


def _lured(fired: Iterable[Fired]) -> bool:
    return any(f.compiled.rule.lure or f.compiled.rule.entry for f in fired)


def _part(ruleset: Ruleset, against: list[Fired], *, lured: bool) -> float:
    """Which part of the points against counts: all of them, or beside a lure only some."""
    total = -sum(fired.points for fired in against)
    if not lured or total <= 0:
        return 1.0
    weights = ruleset.weights
    return min(weights.beside_lure, weights.most_beside_lure / total)


def _judge(ruleset: Ruleset, mask: int, block: int, page: int, entry: bool) -> Finding | None:
    fired = list(_fired(ruleset.rules_for, mask, block, page, entry))
    if not fired:
        return None
    lured = _lured(fired)
    against = list(_fired(ruleset.rules_against, mask, block, page, entry))
    part = _part(ruleset, against, lured=lured)
    fired += [f._replace(points=f.points * part) for f in against]
    total = ruleset.weights.bias + sum(f.points for f in fired)
    needs = _union(mask for f in fired for mask in f.compiled.needs)
    carries = _union(
        _union((*f.compiled.needs, f.compiled.of))
        for f in fired
        if f.compiled.rule.side == "for" and carries_blocks(f.compiled, lured=lured)
    )
    return Finding(-1, total, tuple(fired), lured, needs, carries)


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


def _disguise(passages: Passages, unit: int, finding: Finding) -> str:
    """The dearest disguise among the words a finding rests on, or ""."""
    costs = passages.ruleset.weights.disguise_costs
    best = ""
    for near in passages.near(unit):
        there = passages.units.get(near)
        if there is None:
            continue
        for bit, disguise in there.cost.items():
            if (
                disguise
                and bit & finding.needs
                and costs.get(disguise, 0.0) > costs.get(best, -1.0)
            ):
                best = disguise
    return best


def probability(total: float) -> float:
    """The logistic of `total`, in [0, 1]."""
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, total))))
