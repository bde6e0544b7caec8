"""What shadow entries would have said of a document that was judged without them."""

from __future__ import annotations

from classifiers.judge import classify
from classifiers.ruleset import Ruleset
from core import Document, Verdict
from core.verdict import CANDIDATE_LABELS
from core.verdict_change import VerdictChange, verdict_change


def shadow_change(
    document: Document, verdict: Verdict, shadow: Ruleset | None
) -> VerdictChange | None:
    """How `shadow`, the rule set with the shadow entries switched on, would change `verdict`; None
    where it would not, or only the score of what is no finding either way.

    Without shadow entries there is no such rule set, and this costs nothing.
    """
    if shadow is None:
        return None
    change = verdict_change(verdict, classify(document, shadow, on=verdict.on, views=verdict.views))
    if change is None or change.kind != "changed" or change.label_after in CANDIDATE_LABELS:
        return change
    return None
