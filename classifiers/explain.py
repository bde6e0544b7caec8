"""A verdict laid out for a person: the text with its marked spans, cues for and against with their
points, and how each disguised word was read. Pure data; whoever shows it chooses colours."""

from __future__ import annotations

from typing import Literal

import msgspec

from classifiers.ruleset import Ruleset
from classifiers.verdict import FORBIDDEN_NAME
from core import Document, Verdict, Words

MarkSide = Literal["for", "against", "neutral"]


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A span [`start`, `end`) of a block's text (characters) that something was recognised in.

    `rules` are the ids of the evidence that cites it; `trace` the steps from what is written to
    what was matched.
    """

    start: int
    end: int
    side: MarkSide
    signal: str
    entry: str
    raw: str
    matched: str
    rules: tuple[str, ...] = ()
    trace: tuple[str, ...] = ()


class MarkedBlock(msgspec.Struct, frozen=True, kw_only=True):
    """A block with its marks, in order of the text and never overlapping."""

    index: int
    kind: str
    text: str
    carries_finding: bool
    marks: tuple[Mark, ...] = ()


class LinkNote(msgspec.Struct, frozen=True, kw_only=True):
    """A link, QR payload or deep link that something was recognised in; `target` is where it really
    leads when that stood inside it. `block` is -1 where it stands in none."""

    url: str
    target: str
    signal: str
    entry: str
    block: int
    rules: tuple[str, ...] = ()


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the sum: log-odds `points`, positive for promotion."""

    points: float
    rule: str
    title: Words
    quote: str
    block: int


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """`bias` and the points of `reasons` add up to the log-odds of `score`."""

    label: str
    score: float
    bias: float
    conflict: bool
    degraded: bool
    reasons: tuple[Reason, ...]
    blocks: tuple[MarkedBlock, ...]
    links: tuple[LinkNote, ...]
    ruleset_version: str


def explain(document: Document, verdict: Verdict, ruleset: Ruleset) -> Explanation:
    """Lay out `verdict` on `document`. Only blocks with marks, or that carry the finding, are
    given. Reasons come strongest first."""
    citing = _citing(verdict)
    marks: dict[int, list[Mark]] = {}
    links: dict[LinkNote, None] = {}
    for number, signal in enumerate(verdict.signals):
        name = signal.family if signal.kind != "term" else signal.entry.partition("/")[0]
        rules = citing.get(number, ())
        if signal.reference >= 0 or signal.start < 0:
            note = LinkNote(
                url=signal.raw,
                target=signal.normalised if signal.normalised != signal.raw else "",
                signal=signal.family,
                entry=signal.entry,
                block=signal.block,
                rules=rules,
            )
            links[note] = None
            continue
        marks.setdefault(signal.block, []).append(
            Mark(
                start=signal.start,
                end=signal.end,
                side=_side(number, verdict, rules),
                signal=name,
                entry=signal.entry,
                raw=signal.raw,
                matched=signal.normalised,
                rules=rules,
                trace=signal.trace,
            )
        )
    shown = sorted({*marks, *verdict.blocks})
    return Explanation(
        label=verdict.label,
        score=verdict.score,
        bias=_start(verdict, ruleset),
        conflict=verdict.conflict,
        degraded=verdict.degraded,
        reasons=tuple(
            Reason(points=e.points, rule=e.rule, title=e.title, quote=e.quote, block=e.block)
            for e in sorted(verdict.evidence, key=lambda e: -abs(e.points))
        ),
        blocks=tuple(
            MarkedBlock(
                index=index,
                kind=document.blocks[index].kind,
                text=document.blocks[index].text,
                carries_finding=index in verdict.blocks,
                marks=_apart(marks.get(index, [])),
            )
            for index in shown
            if 0 <= index < len(document.blocks)
        ),
        links=tuple(links),
        ruleset_version=verdict.ruleset_version,
    )


def _start(verdict: Verdict, ruleset: Ruleset) -> float:
    """What the points were added to: less where neither a rule nor the wording speaks."""
    page = {compiled.rule.id for compiled in ruleset.page_wording}
    spoke = any(evidence.rule not in (FORBIDDEN_NAME, *page) for evidence in verdict.evidence)
    if spoke:
        return ruleset.weights.bias
    worded = any(evidence.rule in page for evidence in verdict.evidence)
    return ruleset.weights.short_silence if worded else ruleset.weights.silence


def _citing(verdict: Verdict) -> dict[int, tuple[str, ...]]:
    """Rule ids by index of the signal they cite."""
    citing: dict[int, list[str]] = {}
    for evidence in verdict.evidence:
        for number in evidence.signals:
            citing.setdefault(number, []).append(evidence.rule)
    return {number: tuple(rules) for number, rules in citing.items()}


def _side(number: int, verdict: Verdict, rules: tuple[str, ...]) -> MarkSide:
    points = sum(e.points for e in verdict.evidence if number in e.signals)
    if not rules or points == 0:
        return "neutral"
    return "for" if points > 0 else "against"


def _apart(marks: list[Mark]) -> tuple[Mark, ...]:
    """Marks that do not overlap: of those that do, words of rules before words that tell only by
    their wording, then the longest, then the first."""
    kept: list[Mark] = []
    for mark in sorted(
        marks, key=lambda m: (m.signal == "wording", m.start - m.end, m.start, m.entry)
    ):
        if all(mark.end <= other.start or mark.start >= other.end for other in kept):
            kept.append(mark)
    return tuple(sorted(kept, key=lambda m: m.start))
