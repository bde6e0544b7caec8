"""What a finding rests on, and whether a later one rests on something new. Pure.

A person who dismisses a case has seen its substance. A re-scan that sees the same again, however
often and whenever, changes nothing; one that sees something else reopens the case.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from core.fingerprint import verdict_marks
from core.text import one_line
from core.urls import registrable_domain, scheme_of, split_host
from core.verdict import Signal, SignalKind, Verdict

MATERIAL_POINTS = 1.0
"""Log-odds a rule must carry to be a reason of its own: weaker ones come and go with a word."""

_LINKS: frozenset[SignalKind] = frozenset(
    ("exchange_link", "mirror_host", "referral", "short_link", "messaging", "deep_link", "app_id")
)
_ORDINARY_LINKS = frozenset(("any_link", "forwarded"))
_NAMED = 4


class Substance(msgspec.Struct, frozen=True, kw_only=True):
    """Rules, and marks such as `code AB77CD21` or `link okx.com`, of one or more verdicts.

    `violation`: one of them said so. `rulesets` are the versions that judged.
    """

    rules: frozenset[str] = frozenset()
    marks: frozenset[str] = frozenset()
    violation: bool = False
    rulesets: frozenset[str] = frozenset()


def substance_of(verdicts: Iterable[Verdict]) -> Substance:
    """What `verdicts` rest on, all together."""
    seen = tuple(verdicts)
    return Substance(
        rules=frozenset(
            evidence.rule
            for verdict in seen
            for evidence in verdict.evidence
            if evidence.points >= MATERIAL_POINTS and not evidence.learned
        ),
        marks=frozenset(mark for verdict in seen for mark in _marks(verdict)),
        violation=any(verdict.label == "violation" for verdict in seen),
        rulesets=frozenset(verdict.ruleset_version for verdict in seen),
    )


def material_change(before: Substance, verdict: Verdict) -> str:
    """Why `verdict` rests on something that `before` did not know, in one line; "" if it does not.

    New is a code, handle or place linked to, or a rule of weight; or, under another rule set, that
    what was for review is now a violation. Times, counts and wording are not.
    """
    now = substance_of((verdict,))
    reasons = [*_told("", now.marks - before.marks), *_told("rule ", now.rules - before.rules)]
    changed_rules = not now.rulesets <= before.rulesets
    if changed_rules and now.violation and not before.violation:
        reasons.append(f"rule set {verdict.ruleset_version[:12]} says violation, it was review")
    return "new evidence: " + "; ".join(reasons) if reasons else ""


def _told(prefix: str, new: frozenset[str]) -> list[str]:
    shown = [f"{prefix}{one_line(one, 80)}" for one in sorted(new)[:_NAMED]]
    return [*shown, f"{len(new) - _NAMED} more"] if len(new) > _NAMED else shown


def _marks(verdict: Verdict) -> Iterable[str]:
    for mark in verdict_marks(verdict):
        if mark.kind != "qr":  # a payload may change with each visit; where it leads is a link
            yield f"{mark.kind} {mark.value}"
    for signal in verdict.signals:
        if signal.kind in _LINKS and signal.family not in _ORDINARY_LINKS:
            yield f"link {_place(signal)}"
        elif signal.kind == "chain_address":
            yield f"chain address {signal.normalised}"


def _place(signal: Signal) -> str:
    host = split_host(signal.normalised)
    return registrable_domain(host) if host else scheme_of(signal.normalised) or signal.normalised
