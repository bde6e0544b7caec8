"""A page that attacks whoever reads about it: markup, formulas, control characters, bidi tricks."""

from __future__ import annotations

from datetime import UTC, date, datetime

from core import Evidence, Gap, GapKind, LegalBasis, ServiceFinding, Verdict, Words
from storage import Look, Store, surface_key

DAY = date(2026, 3, 3)
MARK = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7 * 7 }}{% raw %}\x1b[2J\u202e"
FORMULA = '=HYPERLINK("http://bad.example","click")'


def fill(store: Store, text: str) -> None:
    """One finding and one gap whose every crawled text is `text`."""
    noon = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)
    scan_id = store.begin_scan("hostile", text, started_at=noon, notes=[text])
    verdict = Verdict(
        label="violation",
        score=0.9,
        on=DAY,
        ruleset_version=text,
        evidence=(
            Evidence(rule="sample", points=2.0, title=Words(text, text), quote=text),
            Evidence(rule="sample", points=-1.0, title=Words(text, text), quote=text),
        ),
        services=(ServiceFinding("marketing", Words(text, text)),),
        legal_basis=(LegalBasis("sample", text, text),),
    )
    look = Look(
        key=surface_key("mini_program", "", text, text),
        surface="mini_program",
        url=f"https://pages.test/{text}",
        title=text,
        platform=text,
        app_id=text,
        seen_at=noon,
        status=None,
        content_sha256="0" * 64,
        verdict=verdict,
    )
    store.record(scan_id, [look], [(Gap(GapKind.BAD_ROW, text, text), noon)])
    store.finish_scan(scan_id, state="finished", finished_at=noon)
