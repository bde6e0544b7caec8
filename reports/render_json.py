"""The daily report for other programs: everything in it, both languages, addresses as they are."""

from __future__ import annotations

import msgspec

from reports.report import DailyReport

FORMAT = "promowatch-daily-report"
VERSION = 1


class _Envelope(msgspec.Struct, frozen=True):
    format: str
    version: int
    report: DailyReport


def render_json(report: DailyReport) -> bytes:
    """UTF-8 JSON: `{"format": ..., "version": 1, "report": {...}}`; times carry their offset.

    `version` grows when a field changes its meaning or goes; new fields may come without.
    """
    document = msgspec.json.encode(_Envelope(FORMAT, VERSION, report))
    return msgspec.json.format(document, indent=1) + b"\n"
