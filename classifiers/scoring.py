"""From passages to points, and from points to a verdict."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from classifiers.legal import legal_basis, needs_a_person
from classifiers.passages import Passages
from classifiers.ruleset import CompiledRule, Ruleset
from core import Document, Evidence, ServiceFinding, Signal, Verdict, Words
from core.text import one_line
from core.verdict import Asset, Label, Service

_WARNINGS = frozenset(
    ("warns_reader", "names_fraud", "enforcement_report", "safety_advice", "dm_warning")
)
MAX_SIGNALS = 200
MAX_CITED = 4
_QUOTE_CHARS = 160
REMEMBERED_PASSAGES = 20_000
"""Passages repeat from page to page of a site; each combination of signals is judged once."""
JudgedKey = tuple[int, int, int, bool]


class Fired(NamedTuple):
    """A rule that fired, with the points it gives here."""

    compiled: CompiledRule
    points: float


class Finding(NamedTuple):
    """A passage with everything that fired on it. `total` includes the bias."""

    unit: int
    total: float
    fired: tuple[Fired, ...]
    lured: bool
    disguise: str


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
            part = ruleset.weights.beside_lure if _lured(speaks_for) else 1.0
            against = _fired(ruleset.rules_against, *key, page_mask, entry)
            yield [(f.compiled, 1.0) for f in speaks_for] + [(f.compiled, part) for f in against]


def _lured(fired: Iterable[Fired]) -> bool:
    return any(f.compiled.rule.lure or f.compiled.rule.entry for f in fired)


def _judge(ruleset: Ruleset, mask: int, block: int, page: int, entry: bool) -> Finding | None:
    fired = list(_fired(ruleset.rules_for, mask, block, page, entry))
    if not fired:
        return None
    lured = _lured(fired)
    part = ruleset.weights.beside_lure if lured else 1.0
    against = _fired(ruleset.rules_against, mask, block, page, entry)
    fired += [f._replace(points=f.points * part) for f in against]
    total = ruleset.weights.bias + sum(f.points for f in fired)
    return Finding(-1, total, tuple(fired), lured, "")


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
    wanted = 0
    for fired in finding.fired:
        for need in fired.compiled.needs:
            wanted |= need
    best = ""
    for near in passages.near(unit):
        there = passages.units.get(near)
        if there is None:
            continue
        for bit, disguise in there.cost.items():
            if disguise and bit & wanted and costs.get(disguise, 0.0) > costs.get(best, -1.0):
                best = disguise
    return best


def probability(total: float) -> float:
    """The logistic of `total`, in [0, 1]."""
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, total))))


def verdict_of(
    document: Document,
    ruleset: Ruleset,
    on: date,
    findings: list[Finding],
    passages: Passages,
    name: tuple[int, str] | None = None,
) -> Verdict:
    """Put together the verdict of a document from its findings."""
    weights = ruleset.weights
    best = findings[0] if findings else None
    total = best.total if best else weights.bias
    legal = ruleset.catalogue.legal
    collected = _Collected()
    if best is not None:
        _collect(best, passages, collected, with_points=True)
        threshold = math.log(weights.review / (1 - weights.review))
        for finding in findings[1:]:
            if finding.total >= threshold and finding.lured >= best.lured:
                _collect(finding, passages, collected, with_points=False)
    assets = _assets(best)
    if name is not None:
        total += weights.names_word
        collected.evidence.append(_name_evidence(name, document, weights.names_word))
        if name[0] >= 0:
            collected.blocks.add(name[0])
    score = round(probability(total), 6)
    conflict = bool(
        best and best.lured and any(f.compiled.rule.id in _WARNINGS for f in best.fired)
    )
    label = _label(score, weights.violation, weights.review)
    if conflict and label == "clear":
        label = "review"
    if label == "violation" and name is None and needs_a_person(legal, on, assets):
        label = "review"
    degraded = bool(document.degraded)
    if label == "clear" and degraded and not passages.page.text.strip():
        label = "undetermined"
    name_word = name[1] if name else ""
    flagged = label in ("violation", "review")
    return Verdict(
        label=label,
        score=score,
        on=on,
        ruleset_version=ruleset.version,
        evidence=tuple(collected.evidence),
        signals=tuple(collected.signals[:MAX_SIGNALS]),
        blocks=tuple(sorted(collected.blocks)) if flagged else (),
        services=_services(best, document) if flagged and best else (),
        assets=assets if flagged else (),
        legal_basis=legal_basis(legal, on, assets, name_word=name_word) if flagged else (),
        conflict=conflict,
        degraded=degraded,
    )


def _label(score: float, violation: float, review: float) -> Label:
    return "violation" if score >= violation else "review" if score >= review else "clear"


class _Collected:
    """Evidence under construction."""

    def __init__(self) -> None:
        self.evidence: list[Evidence] = []
        self.signals: list[Signal] = []
        self.index: dict[Signal, int] = {}
        self.blocks: set[int] = set()

    def number(self, signal: Signal) -> int:
        """Index of `signal` among the verdict's signals."""
        if signal not in self.index:
            self.index[signal] = len(self.signals)
            self.signals.append(signal)
        return self.index[signal]


def _collect(finding: Finding, passages: Passages, into: _Collected, *, with_points: bool) -> None:
    for fired in finding.fired:
        rule = fired.compiled.rule
        chosen = _signals_of(fired.compiled, finding.unit, passages)
        if rule.side == "for" and (rule.lure or rule.entry or not finding.lured):
            into.blocks.update(_carrying_blocks(fired.compiled, finding.unit, chosen, passages))
        signals = [s for s, _ in chosen]
        cited = dict.fromkeys((*signals, *_further_signals(fired.compiled, finding.unit, passages)))
        numbers = tuple(into.number(s) for s in cited if len(into.signals) < MAX_SIGNALS)
        if with_points:
            into.evidence.append(
                Evidence(
                    rule=rule.id,
                    points=round(fired.points, 4),
                    title=rule.title,
                    quote=_quote(signals),
                    block=signals[0].block if signals else -1,
                    signals=numbers,
                )
            )
    if with_points and finding.disguise:
        cost = passages.ruleset.weights.disguise_costs.get(finding.disguise, 0.0)
        into.evidence.append(
            Evidence(
                rule=f"disguise:{finding.disguise}",
                points=-cost,
                title=Words("经还原后识别的写法", "Recognised only after undoing a disguise"),
            )
        )


def _carrying_blocks(
    compiled: CompiledRule, center: int, chosen: list[tuple[Signal, int]], passages: Passages
) -> set[int]:
    """Blocks that carry what a rule rests on: topic words carry nothing unless they stand alone,
    and of a lure every link, code or handle of the passage counts."""
    neutral = passages.ruleset.neutral
    blocks = {signal.block for signal, bit in chosen if not bit & neutral}
    if not blocks:
        blocks = {signal.block for signal, _ in chosen}
    if compiled.rule.lure:
        wanted = passages.ruleset.lure_mask & _union((*compiled.needs, compiled.of))
        for near in passages.near(center):
            unit = passages.units.get(near)
            if unit is not None:
                for bit, signals in unit.signals.items():
                    if bit & wanted:
                        blocks.update(signal.block for signal in signals)
    return {block for block in blocks if block >= 0}


def _union(masks: Iterable[int]) -> int:
    total = 0
    for mask in masks:
        total |= mask
    return total


def _reach(compiled: CompiledRule, center: int, passages: Passages) -> list[int]:
    """The units a rule looks at around `center`, nearest first."""
    scope = compiled.rule.scope
    where: Iterable[int] = passages.near(center)
    if scope == "block":
        where = (center,)
    elif scope == "page":
        where = passages.units
    return sorted(where, key=lambda unit: (abs(unit - center), -unit))


def _further_signals(compiled: CompiledRule, center: int, passages: Passages) -> Iterator[Signal]:
    """What else there is of a rule's needs, a few of each."""
    wanted = _union((*compiled.needs, compiled.of))
    for index in _reach(compiled, center, passages):
        unit = passages.units.get(index)
        if unit is not None and unit.bits & wanted:
            for bit, signals in unit.signals.items():
                if bit & wanted and bit & unit.bits:
                    yield from signals[:MAX_CITED]


def _signals_of(
    compiled: CompiledRule, center: int, passages: Passages
) -> list[tuple[Signal, int]]:
    """For each line of a rule's needs, the signal nearest to the passage's unit."""
    ordered = _reach(compiled, center, passages)
    chosen: list[tuple[Signal, int]] = []
    for need in compiled.needs:
        found = _first_signal(need, ordered, passages)
        if found is not None:
            chosen.append(found)
    rest = compiled.of
    for _ in range(compiled.at_least):
        found = _first_signal(rest, ordered, passages)
        if found is None:
            break
        chosen.append(found)
        rest &= ~found[1]
    return chosen


def _first_signal(need: int, units: list[int], passages: Passages) -> tuple[Signal, int] | None:
    for index in units:
        unit = passages.units.get(index)
        if unit is None or not unit.bits & need:
            continue
        for bit, signals in unit.signals.items():
            if bit & need and unit.bits & bit and signals:
                return signals[0], bit
    return None


def _quote(signals: list[Signal]) -> str:
    seen = dict.fromkeys(one_line(signal.raw, 80) for signal in signals)
    return one_line(" … ".join(seen), _QUOTE_CHARS)


def _name_evidence(name: tuple[int, str], document: Document, points: float) -> Evidence:
    block, word = name
    text = document.blocks[block].text if block >= 0 else word
    return Evidence(
        rule="forbidden_name",
        points=points,
        title=Words("名称或经营范围含禁用字样", "Forbidden word in a name or business scope"),
        quote=one_line(text, _QUOTE_CHARS),
        block=block,
    )


def _assets(best: Finding | None) -> tuple[Asset, ...]:
    if best is None:
        return ()
    found = {
        f.compiled.rule.asset: f.points
        for f in sorted(best.fired, key=lambda f: f.points)
        if f.compiled.rule.asset is not None and f.points > 0
    }
    return tuple(sorted(found, key=lambda asset: -found[asset]))


def _services(best: Finding, document: Document) -> tuple[ServiceFinding, ...]:
    found: dict[Service, Words] = {}
    for fired in sorted(best.fired, key=lambda f: -f.points):
        rule = fired.compiled.rule
        if rule.service and fired.points > 0:
            found.setdefault(rule.service, rule.title)
    if document.entry is not None:
        found.setdefault("display", Words("在应用目录中展示", "Shown in an app directory"))
    elif found:
        found.setdefault("display", Words("页面展示推广内容", "The page displays the promotion"))
    return tuple(ServiceFinding(service, reason) for service, reason in found.items())
