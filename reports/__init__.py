"""The daily takedown report: built from storage, rendered as HTML, CSV and JSON."""

from reports.case_file import CaseFile, write_case_file
from reports.daily import build_daily
from reports.masking import masked
from reports.render_csv import render_csv
from reports.render_html import render_html
from reports.render_json import render_json
from reports.report import DailyReport, Finding
from reports.words import language, resembles_line, say
from reports.writing import write_daily

__all__ = [
    "CaseFile",
    "DailyReport",
    "Finding",
    "build_daily",
    "language",
    "masked",
    "render_csv",
    "render_html",
    "render_json",
    "resembles_line",
    "say",
    "write_case_file",
    "write_daily",
]
