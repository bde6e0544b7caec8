"""Looks and verdicts for the storage tests, with everything but the point of a test filled in."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from core import Evidence, LegalBasis, ServiceFinding, Verdict, Words
from core.verdict import Label
from storage import EvidenceFile, Look, surface_key

MORNING = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SCORES: dict[Label, float] = {
    "violation": 0.93,
    "review": 0.55,
    "undetermined": 0.3,
    "clear": 0.02,
}


def at(hours: float = 0.0) -> datetime:
    """`hours` after the morning on which these tests happen."""
    return MORNING + timedelta(hours=hours)


def verdict(label: Label, *, score: float | None = None, degraded: bool = False) -> Verdict:
    found = label in ("violation", "review")
    return Verdict(
        label=label,
        score=SCORES[label] if score is None else score,
        on=MORNING.date(),
        ruleset_version="sample",
        degraded=degraded,
        evidence=(
            Evidence(
                rule="referral_link",
                points=3.0,
                title=Words("推荐链接", "referral link"),
                quote="用我的链接开户",
            ),
        )
        if found
        else (),
        services=(ServiceFinding("marketing", Words("招揽开户", "asks to open an account")),)
        if found
        else (),
        legal_basis=(LegalBasis("sample-notice", "示例通知", "示发〔2026〕1号"),) if found else (),
    )


def look(
    path: str = "/offer",
    seen: Label | int = "violation",
    *,
    hours: float = 0.0,
    content: str = "",
    status: int | None = 200,
    score: float | None = None,
    degraded: bool = False,
    evidence: tuple[EvidenceFile, ...] = (),
    url: str = "",
) -> Look:
    """A look at a page of a host of ours; `seen` is a label, or 404 or 410."""
    url = url or f"https://pages.test{path}"
    gone = isinstance(seen, int)
    return Look(
        key=surface_key("marketing_page", url),
        surface="marketing_page",
        url=url,
        title=f"Page {path}",
        seen_at=at(hours),
        status=seen if isinstance(seen, int) else status,
        content_sha256=hashlib.sha256(f"{path}{seen}{content}".encode()).hexdigest(),
        verdict=None if isinstance(seen, int) else verdict(seen, score=score, degraded=degraded),
        evidence=() if gone else evidence,
    )
