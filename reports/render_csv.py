"""The daily report as a table for Excel: one row a candidate."""

from __future__ import annotations

import csv
import io

from core.text import defang_text, one_line
from reports.facts import answer, basis_texts
from reports.links import defanged_url
from reports.report import DailyReport, Finding, Reason
from reports.words import Language, language, say
from storage import EVENT_KINDS

BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel reads UTF-8 as the system's own code page."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_CELL_LIMIT = 32_000
"""Excel cuts a cell at 32,767 characters."""

COLUMNS = (
    "date",
    "event",
    "number",
    "label",
    "score",
    "surface",
    "platform",
    "app_id",
    "page",
    "link",
    "target",
    "headline",
    "services",
    "assets",
    "legal_basis",
    "evidence_for",
    "evidence_against",
    "first_seen",
    "last_seen",
    "answered",
    "decision",
    "files",
    "key",
)


def render_csv(report: DailyReport, lang: str) -> str:
    """One row a candidate under a row of headings, after a byte order mark; lines end in CR LF.

    No cell begins like a formula (https://owasp.org/www-community/attacks/CSV_Injection): an
    apostrophe is put before one that would.
    """
    tongue = language(lang)
    out = io.StringIO()
    out.write(BYTE_ORDER_MARK)
    table = csv.writer(out)
    table.writerow(say(column, tongue) for column in COLUMNS)
    for kind in EVENT_KINDS:
        for finding in report.findings(kind):
            table.writerow(cell(text) for text in _row(report, finding, tongue))
    return out.getvalue()


def cell(text: str) -> str:
    """`text` as a cell that a spreadsheet shows and never calculates."""
    clean = one_line(text, _CELL_LIMIT)
    return f"'{clean}" if clean.startswith(_FORMULA_STARTS) else clean


def _row(report: DailyReport, finding: Finding, lang: Language) -> list[str]:
    return [
        report.day.isoformat(),
        say(f"kind.{finding.kind}", lang),
        str(finding.candidate_id),
        say(f"label.{finding.label}", lang),
        f"{finding.score:.3f}",
        say(f"surface.{finding.surface}", lang),
        finding.platform,
        finding.app_id,
        defang_text(finding.title),
        defanged_url(finding.url),
        finding.target_id,
        defang_text(finding.headline.text(lang)),
        "; ".join(say(f"service.{one.service}", lang) for one in finding.services),
        "; ".join(say(f"asset.{asset}", lang) for asset in finding.assets),
        "; ".join(basis_texts(finding, lang)),
        _reasons(finding.for_promotion, lang),
        _reasons(finding.against, lang),
        finding.first_seen.isoformat(timespec="seconds"),
        finding.last_seen.isoformat(timespec="seconds"),
        answer(finding, lang),
        say(f"decision.{finding.decision}", lang),
        "; ".join(f"{file.kind}:{file.sha256}" for file in finding.evidence_files),
        finding.key,
    ]


def _reasons(reasons: tuple[Reason, ...], lang: Language) -> str:
    return " | ".join(
        f"{one.title.text(lang)} ({one.points:+.1f})"
        + (f" “{defang_text(one.quote)}”" if one.quote else "")
        + "".join(f" [{say(f'payload.{code}', lang)}]" for code in one.codes)
        for one in reasons
    )
