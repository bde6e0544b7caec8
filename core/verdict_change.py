"""What another judgement of the same document says otherwise, and what makes the difference. Pure.

Used where stored documents are judged again (`promowatch replay`) and for shadow rules.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from core.verdict import CANDIDATE_LABELS, Evidence, Label, Verdict, Words

ChangeKind = Literal["gained", "lost", "changed"]
CHANGE_KINDS: tuple[ChangeKind, ...] = ("gained", "lost", "changed")
SCORE_CHANGE = 0.0005
"""Scores that differ by less are the same: tables show three places."""

MAX_REASONS = 12
"""Reasons told of a change, those whose points changed most."""

MAX_TERMS = 20


class ReasonChange(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that gave `before` points (log-odds) and gives `after`; 0 where it did not fire.

    `quote` is the raw text it rests on, where it fires the later one.
    """

    rule: str
    title: Words
    before: float
    after: float
    quote: str = ""


class VerdictChange(msgspec.Struct, frozen=True, kw_only=True):
    """One document judged twice, differently.

    `gained`: it became a finding, `lost`: it is none any more, `changed`: only label or score moved
    on the same side. `terms_new` and `terms_gone` are catalogue entries (`promo_reward/返佣`).
    """

    kind: ChangeKind
    label_before: Label
    label_after: Label
    score_before: float
    score_after: float
    reasons: tuple[ReasonChange, ...] = ()
    terms_new: tuple[str, ...] = ()
    terms_gone: tuple[str, ...] = ()


def verdict_change(before: Verdict, after: Verdict) -> VerdictChange | None:
    """What `after` says otherwise than `before`; None where label and score are the same."""
    if before.label == after.label and abs(before.score - after.score) < SCORE_CHANGE:
        return None
    terms_before, terms_after = _terms(before), _terms(after)
    return VerdictChange(
        kind=_kind(before, after),
        label_before=before.label,
        label_after=after.label,
        score_before=before.score,
        score_after=after.score,
        reasons=_reasons(before, after),
        terms_new=tuple(sorted(terms_after - terms_before)[:MAX_TERMS]),
        terms_gone=tuple(sorted(terms_before - terms_after)[:MAX_TERMS]),
    )


def _kind(before: Verdict, after: Verdict) -> ChangeKind:
    was, is_now = before.label in CANDIDATE_LABELS, after.label in CANDIDATE_LABELS
    if was == is_now:
        return "changed"
    return "gained" if is_now else "lost"


def _reasons(before: Verdict, after: Verdict) -> tuple[ReasonChange, ...]:
    old, new = _by_rule(before), _by_rule(after)
    changes = []
    for rule in (*old, *(name for name in new if name not in old)):
        shown = new.get(rule) or old[rule]
        points = [found[rule].points if rule in found else 0.0 for found in (old, new)]
        if abs(points[0] - points[1]) >= SCORE_CHANGE:
            change = ReasonChange(
                rule=rule,
                title=shown.title,
                before=points[0],
                after=points[1],
                quote=shown.quote,
            )
            changes.append(change)
    changes.sort(key=lambda one: -abs(one.after - one.before))
    return tuple(changes[:MAX_REASONS])


def _by_rule(verdict: Verdict) -> dict[str, Evidence]:
    return {one.rule: one for one in verdict.evidence}


def _terms(verdict: Verdict) -> set[str]:
    return {signal.entry for signal in verdict.signals if signal.family != "wording"}
